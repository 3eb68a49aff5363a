# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Run a mock partner on a node folder, and make the folders of three parties to play among."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import partial
from pathlib import Path

from gateway.agreement.template import Terms, template
from gateway.bootstrap import Steps
from gateway.clock import system_clock
from gateway.config import Config
from gateway.demo.stage import Party, make_parties, set_up
from gateway.errors import ConfigError
from gateway.mock.player import ADAPTER, Player
from gateway.mock.switches import Switches
from gateway.mock.wire import FaultyPeer
from gateway.node import Runs, run_node
from gateway.registry import load_adapters

ORIGIN_POST, DESTINATION_POST, CUSTOMS = "post-cn", "post-nl", "customs-nl"
POSTAL_ADAPTERS = ("upu_edi", "upu_cds", "post_xml", "ead_json", "supplement")


def run_mock(config: Config, role: str, switches: Switches, ready_file: Path | None) -> None:
    """Run the node of a configuration as a mock partner until it is told to stop.

    Raises:
        ConfigError: the adapter that it speaks through is not enabled.
    """
    if ADAPTER not in config.adapters:
        raise ConfigError(f"a mock speaks through the adapter {ADAPTER}: add it to `adapters`")
    adapter = load_adapters(config.adapters)[ADAPTER]

    def loops(steps: Steps) -> Sequence[Runs]:
        return [Player(role, steps, adapter, system_clock, switches)]

    run_node(config, ready_file, loops=loops, peer=partial(_faulty, switches))


def postal_agreements(
    origin: str, destination: str, customs: str, country: str, *, since: date, until: date
) -> list[bytes]:
    """Return the agreements of an origin post, a destination post and its customs for the referral loop.

    Items, events and dispatches go from the origin to the destination post and on to its customs;
    assessments come back the same way, and answers follow them.
    """
    rows = [(record, origin, destination, [customs]) for record in ("item", "event", "dispatch", "answer")]
    rows += [(record, destination, customs, []) for record in ("item", "event", "dispatch", "answer")]
    rows += [("assessment", customs, destination, [origin]), ("assessment", destination, origin, [])]
    rows += [("event", destination, origin, [])]
    return [
        template(
            Terms(
                record=record,
                sender=sender,
                recipient=recipient,
                effective_from=since,
                effective_until=until,
                destinations=[country],
                onward=onward,
            )
        ).encode()
        for record, sender, recipient, onward in rows
    ]


def make_postal_parties(folder: Path, now: datetime) -> list[Party]:
    """Make the folders of two posts and a customs, introduced to each other, with signed agreements."""
    names = (ORIGIN_POST, DESTINATION_POST, CUSTOMS)
    since, until = date(now.year, 1, 1), date(now.year + 3, 1, 1)
    agreements = postal_agreements(*names, "NL", since=since, until=until)
    parties = make_parties(folder, agreements, now, names)
    for party in parties:
        role = "customs" if party.organisation == CUSTOMS else "post"
        set_up(party, {"node": {"role": role}, "": {"adapters": list(POSTAL_ADAPTERS)}})
    return parties


def _faulty(switches: Switches, bundle: object, own: object, *, organisation: str) -> FaultyPeer:
    """Return the way to a partner, with the faults that the switches draw."""
    peer = FaultyPeer(bundle, own, organisation=organisation)  # type: ignore[arg-type]  # as `bootstrap` gives them
    peer.switches = switches
    peer.signers = own.seal  # type: ignore[attr-defined]  # the same
    return peer
