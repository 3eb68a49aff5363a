# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Gateways on real stores whose offices control before shipment, or that rely on controls of partners."""

import dataclasses

from gateway.agreement import parse
from gateway.exchange.rollup_ports import Uncounted
from gateway.model import Party as Person
from gateway.model import Transport
from gateway.trade.control import as_result
from gateway.trade.control_acts import Offices
from gateway.trade.controls import Controls
from gateway.trade.inspection import Inspection
from gateway.trade.inspection_data import load_pilot
from gateway.trade.own_records import Speaker
from gateway.trade.recognition import Recogniser
from gateway.trade.recognition_answers import Answers
from gateway.trade.recognition_rules import load_rules
from gateway.trade.recognitions import Recognitions
from tests.control_stage import RULES, result_of, terms
from tests.partner_messages import said, tracking
from tests.restating import Party, carry

MATCH = 'destinations = ["AU"]'


def two_sides():
    """Return the agreements by which alpha tells beta of items and controls, and beta answers."""
    return [
        parse(terms("alpha", "beta", "item", MATCH)),
        parse(terms("alpha", "beta", "control", MATCH)),
        parse(terms("beta", "alpha", "assessment", 'about = "received"')),
        parse(terms("beta", "alpha", "control", 'about = "received"')),
    ]


class Inspecting(Party):
    """A party with offices, rules or both."""

    def __init__(
        self, name, keys, agreements, folder, *, offices=(), rules="", pilot="", recorders=("local",)
    ):
        super().__init__(name, keys, agreements, f"sqlite:///{folder / name}.sqlite", seed=len(name))
        self.folder = folder
        self._offices, self._pilot, self._recorders = offices, pilot, recorders
        self.set_rules(rules)

    def set_rules(self, text, key=b"k" * 32):
        """Build all steps with these rules, as a node does at start."""
        file, secret = self.folder / f"{self.name}-rules.toml", self.folder / f"{self.name}.key"
        file.write_text(text)
        secret.write_bytes(key)
        secret.chmod(0o600)
        speaker = Speaker(ids=self.ids, random=self.random, census=Uncounted)
        self.rules = load_rules(str(file) if text else "", str(secret))
        recogniser = Recogniser(
            organisation=self.name, ids=self.ids, journal=self.journal, speaker=speaker, rules=self.rules
        )
        doors = {
            "organisation": self.name,
            "store": self.store,
            "ids": self.ids,
            "clock": self.clock,
            "agreements": self.agreements,
            "wake": self.woken.update,
        }
        self.controls = Controls(
            random=self.random,
            journal=self.journal,
            speaker=speaker,
            offices=Offices(self._offices, load_pilot(self._pilot)),
            **doors,
        )
        self.recognitions = Recognitions(recogniser=recogniser, **doors)
        follows = Inspection(
            ids=self.ids,
            speaker=speaker,
            recogniser=recogniser,
            answers=Answers(organisation=self.name, ids=self.ids),
            recorders=self._recorders,
            controls=bool(self._offices),
        )
        self.intake._follows = self.restater._follows = follows

    async def control(self, number, place=1, **fields):
        """Record the result of a control."""
        chosen = {"at": f"2026-11-20T0{place}:00:00Z"} | fields
        return await self.controls.record(
            as_result(result_of(tracking(number), place, **chosen)), actor="test"
        )

    def held(self, method, *arguments):
        """Ask the store."""
        return self.store.run_read(lambda tx: getattr(tx, method)(*arguments))

    def decisions(self, number):
        """Return the decisions that are kept about an item, in order."""
        return self.held("recognitions_of", [tracking(number)])


@dataclasses.dataclass
class Pair:
    """Two sides: alpha controls before shipment, beta relies on it."""

    alpha: Inspecting
    beta: Inspecting


async def pair(keys, folder, *, rules=RULES):
    """Give the two sides; close them after."""
    agreements = two_sides()
    made = Pair(
        Inspecting("alpha", keys, agreements, folder, offices=("2244", "5165")),
        Inspecting("beta", keys, agreements, folder, offices=("AU",), rules=rules),
    )
    yield made
    for one in (made.alpha, made.beta):
        await one.store.close()


def listed(number, function="new", **fields):
    """Return a list about a parcel."""
    chosen = {"tracking_number": tracking(number), "destination_country": "AU", "sender": Person(name="S")}
    return said("list", function, f"L-{number}", **chosen | fields)


def under(number, bill, issued_at, function="new"):
    """Return a manifest that puts a parcel under a master bill."""
    fields = {"tracking_number": tracking(number), "transport": Transport(bill_number=bill)}
    return said("manifest", function, f"M|{number}", issued_at=issued_at, **fields)


def departed(number, at):
    """Return a departure document of a parcel."""
    fields = {"tracking_number": tracking(number), "transport": Transport(departed_at=at)}
    return said("departure", "new", f"D|{number}", **fields)


async def told(sides, number=1, **fields):
    """Declare and control a parcel, and bring both to beta, which restates and answers."""
    await sides.alpha.submit(listed(number), number=f"l{number}")
    await carry(sides.alpha, sides.beta, "item")
    await sides.alpha.control(number, **fields)
    await carry(sides.alpha, sides.beta, "control")
    await carry(sides.beta, sides.alpha, "assessment")
