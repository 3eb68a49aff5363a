# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Run every examination, from the configuration up to what partners answer.

What stands on something that failed is not examined: the first layer that is named is the one at fault.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gateway.client.probe import probe
from gateway.clock import Clock
from gateway.config import Config, load_config
from gateway.doctor import place, trust
from gateway.doctor.database import database
from gateway.doctor.diagnosis import Diagnosis, State
from gateway.doctor.provider import provider
from gateway.envelope.bundle import PartnerBundle
from gateway.envelope.identity import KeySet
from gateway.errors import ConfigError

_STATES = {"good": State.OK, "warning": State.WARN, "failed": State.FAIL}
_FIXES = {
    "endpoint": "nothing is wrong, if it is agreed that the partner collects",
    "dns": "ask the partner whether the name changed, then look at the resolver of this machine",
    "tcp": "ask the partner whether its gateway runs, and both sides' network whether the port is open",
    "tls": "exchange bundles anew: one side does not trust the other's authority, or has no such key",
    "certificate": "ask the partner for its present bundle, and import it",
    "echo": "ask the partner to run gateway doctor",
    "clock": "set both clocks by NTP: what is signed in the future is refused",
    "agreements": "send the partner the agreement that both have signed",
}


@dataclass(frozen=True, slots=True)
class Calls:
    """Which partners are called: all, one, or with `offline` none; `timeout` in seconds, for each layer."""

    timeout: float
    partner: str | None = None
    offline: bool = False

    def reach(self, name: str) -> bool:
        """Say whether a partner is called."""
        return not self.offline and self.partner in {None, name}


def examine(path: Path, calls: Calls, clock: Clock) -> Iterator[Diagnosis]:
    """Yield what was found, layer by layer."""
    try:
        config = load_config(path)
    except ConfigError as error:
        yield Diagnosis("configuration", str(path), State.FAIL, str(error), "mend the line that is named")
        return
    yield Diagnosis("configuration", str(path), State.OK, config.node.organisation)
    now = clock()
    yield from place.private_files(config)
    yield from place.disk(config)
    yield from place.adapters(config)
    yield from place.rates(config, now)
    yield from asyncio.run(database(config))
    ask = not calls.offline and calls.partner is None
    yield from provider(config.http.oidc, calls.timeout, clock, ask=ask)
    keys, found = trust.own_keys(config)
    yield from found
    if keys is not None:
        yield from trust.certificates(keys.organisation, keys.material(), now)
        yield from _dealings(config, keys, calls, clock)


def _dealings(config: Config, keys: KeySet, calls: Calls, clock: Clock) -> Iterator[Diagnosis]:
    """Examine bundles, agreements and the ways to partners."""
    now = clock()
    bundles, found = trust.partners(config, now)
    yield from found
    for name, bundle in sorted(bundles.items()):
        yield from trust.certificates(name, bundle.material(), now)
    yield from trust.agreements(config, keys, bundles, now)
    for name, bundle in sorted(bundles.items()):
        if calls.reach(name):
            yield from _way(name, bundle, keys, calls.timeout, clock)


def _way(name: str, bundle: PartnerBundle, keys: KeySet, timeout: float, clock: Clock) -> Iterator[Diagnosis]:
    """Examine the way to one partner; nothing follows a layer that fails."""
    for one in probe(bundle, keys, clock=clock, timeout=timeout):
        state = _STATES[one.state]
        yield Diagnosis(one.name, name, state, one.detail, "" if state is State.OK else _FIXES[one.name])
