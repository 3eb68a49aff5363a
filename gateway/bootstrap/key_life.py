# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Join the steps of changing keys: taken from partners, told to partners, followed on every node."""

import functools
from collections.abc import Callable
from pathlib import Path

from gateway.bootstrap.trust import Trust
from gateway.client.questions import announce
from gateway.clock import system_clock
from gateway.config import Config
from gateway.exchange.announcement import AnnouncementTaker
from gateway.exchange.announcer import Announcer
from gateway.exchange.key_change import KeyChange
from gateway.exchange.key_follower import KeyFollower
from gateway.exchange.log_ports import Gate
from gateway.exchange.rotation import Rotation
from gateway.exchange.sealing import Sealer
from gateway.store import SqlStore, TimeIds

ANNOUNCE_SECONDS = 30.0


class KeySteps:
    """The steps of changing keys."""

    def __init__(
        self,
        config: Config,
        trust: Trust,
        store: SqlStore,
        *,
        ids: TimeIds,
        sealer: Sealer,
        gate: Gate,
        trust_changed: Callable[[], None],
    ) -> None:
        """Build every step with explicit doors; `trust_changed` tells the workers."""
        organisation = config.node.organisation
        self._trust, self._sealer = trust, sealer
        self.change = KeyChange(
            lambda: trust.own,
            store=store,
            journal=sealer.journal,
            clock=system_clock,
            folder=Path(config.data) / "key-sets",
        )
        self.follower = KeyFollower(
            trust, store=store, trust_changed=trust_changed, keys_changed=self._keys_changed
        )
        self.taker = AnnouncementTaker(
            organisation=organisation,
            store=store,
            ids=ids,
            clock=system_clock,
            keyring=trust.keyring,
            agreements=trust.agreements,
            sealer=sealer,
            gate=gate,
            folder=Path(config.partners),
            follow=self.follower.look,
        )
        self.rotation = Rotation(
            store=store,
            ids=ids,
            clock=system_clock,
            announcer=Announcer(
                organisation=organisation,
                store=store,
                ids=ids,
                clock=system_clock,
                keyring=trust.keyring,
                agreements=trust.agreements,
                sealer=sealer,
                peers={
                    name: functools.partial(announce, bundle, trust.present, timeout=ANNOUNCE_SECONDS)
                    for name, bundle in trust.bundles.items()
                    if not bundle.collect_only
                },
            ),
            own=lambda: trust.own,
            partners=lambda: sorted(trust.bundles),
        )

    async def _keys_changed(self) -> None:
        """Sign with the present keys, and say in every log that they are others."""
        own = self._trust.own
        self._sealer.renew(own.seal, own.receipt)
        await self.change.record()
