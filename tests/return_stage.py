# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Invented exports and returns, and the returns of a gateway on a real store with a real log."""

import asyncio
from datetime import UTC, date, datetime
from decimal import Decimal

import msgspec

from gateway.agreement import AgreementSet
from gateway.clock import milliseconds
from gateway.exchange.effects import apply, check_and_judge
from gateway.exchange.journal import Journal
from gateway.exchange.rows import MessageRow
from gateway.exchange.rows import PackedMessage as _Packed
from gateway.exchange.touched import Arrival
from gateway.model import ContentPiece, Event, Item, Party, Quantity
from gateway.store import TimeIds, open_store
from gateway.trade.return_account import account
from gateway.trade.return_case import Amount, Claim, ClaimLine
from gateway.trade.return_desk import Announcement, Desk
from gateway.trade.return_look import case_of
from gateway.trade.return_rules import PACKAGED, load_return_rules
from gateway.trade.returns import Arrived, Returns
from tests.partner_messages import message, said, tracking

NOW = datetime(2026, 6, 1, 4, tzinfo=UTC)
EXPORTED = date(2026, 3, 20)
OFFICE, OTHER = "5165", "2900"
EXPORTER = "4403961234"


def list_number(number):
    """Return the number of an export list."""
    return f"{OFFICE}2026E{number:09d}"


def piece(line=1, quantity="10", legal="10", second="1.8", **fields):
    """Return a goods line with three quantities."""
    chosen = {
        "number": line,
        "commodity_code": "6109100010",
        "quantity": Quantity(value=Decimal(quantity), unit="H87"),
        "legal_quantity": Quantity(value=Decimal(legal), unit="H87"),
        "second_quantity": Quantity(value=Decimal(second), unit="KGM") if second else None,
    }
    return ContentPiece(**chosen | fields)


def export(number=1, mode="9610", function="new", lines=None, **fields):
    """Return an export list about one parcel."""
    chosen = {
        "tracking_number": tracking(number),
        "list_number": list_number(number),
        "order_number": f"SO{number}",
        "direction": "export",
        "trade_mode": mode,
        "declaration_office": OFFICE,
        "border_date": EXPORTED,
        "destination_country": "DE",
        "platform": Party(identifier="3301960001"),
        "sender": Party(identifier=EXPORTER),
        "content": tuple(lines or (piece(),)),
    } | fields
    keys = (
        f"trk:{chosen['tracking_number']}",
        f"ord:3301960001|{chosen['order_number']}",
        f"inv:{chosen['list_number']}",
    )
    return said("list", function, f"L-{number}", keys, **chosen)


def application(number=1, own="R1", function="new", lines=None, **fields):
    """Return an application to return goods by list, as the adapter reads it."""
    chosen = {
        "tracking_number": f"BACK{number}",
        "list_number": list_number(number),
        "direction": "import",
        "trade_mode": "9661",
        "nature_of_transaction": "21",
        "declaration_office": OFFICE,
        "departure_country": "DE",
        "sender": Party(identifier=EXPORTER),
        "event": Event(code="CEB213", scheme="gacc_ceb", at=NOW, note="refused"),
        "content": tuple(lines or (piece(quantity="1", legal="1", second="0.18"),)),
    } | fields
    keys = (f"trk:{chosen['tracking_number']}", f"inv:{chosen['list_number']}")
    return said("event", function, f"CEB213|{own}", keys, **chosen)


def released(number=1, at=NOW, message="CEB604"):
    """Return what a receipt says that releases a list, as the adapter reads it."""
    listed = list_number(number)
    event = Event(scheme="gacc_ceb", code=message, at=at)
    keys = (f"inv:{listed}",)
    return said(
        "event", "new", f"{message}|{listed}", keys, direction="export", list_number=listed, event=event
    )


def amount(value, unit="H87"):
    """Return a quantity."""
    return Amount(value=Decimal(value), unit=unit)


def claim(number=1, quantity="1", legal="1", second="0.18", line=1, **fields):
    """Return a return of one line, at the office of the export."""
    one = ClaimLine(
        line=line,
        quantity=amount(quantity),
        legal=amount(legal) if legal else None,
        second=amount(second, "KGM") if second else None,
    )
    chosen = {
        "lines": (one,),
        "day": date(2026, 6, 1),
        "office": OFFICE,
        "list_number": list_number(number),
        "exporter": EXPORTER,
    }
    return Claim(**chosen | fields)


class Office:
    """The returns of one gateway on a store; `returns` and `desk` are real."""

    def __init__(self, url, keys, *, agreements=(), pilots=(), releasers=(), number=1, now=NOW):
        self.store = open_store(url)
        self.now = now
        self.agreements = AgreementSet(agreements)
        log = keys.log_ed25519
        journal = Journal("alpha", log, log.public_key.public_bytes_raw(), bytes)
        self.ids = TimeIds(number, lambda: self.now, self.store.highest_id)
        rules = load_return_rules(PACKAGED, tuple(pilots), tuple(releasers))
        self.desk = Desk(organisation="alpha", rules=rules, ids=self.ids, journal=journal, random=bytes)
        self.returns = Returns(
            organisation="alpha",
            store=self.store,
            ids=self.ids,
            clock=lambda: self.now,
            agreements=self.agreements,
            desk=self.desk,
            wake=lambda _: None,
        )
        self._messages = 0

    def say(self, *contributions, scope="local|s"):
        """Give a message of our own side its effect; return the outcomes of its documents."""
        self._messages += 1
        documents = msgspec.msgpack.decode(message(*contributions), type=_Packed).documents

        def work(tx):
            number = self.ids.take(1)[0]
            arrival = Arrival(number, scope, milliseconds(self.now), self.ids, bytes, returns=self.returns)
            judged = check_and_judge(tx, documents, arrival)
            tx.add_message(_row(number, self._messages))
            apply(tx, judged, arrival, agreements=self.agreements, organisation="alpha")
            return judged.outcomes

        return self.store.run(work)

    def announce(self, said_claim, number="R1"):
        """Announce over a face."""
        return asyncio.run(self.returns.announce(said_claim, number=number, actor="test"))

    def partner(self, said_claim, reference="P1", partner="beta"):
        """Announce as a partner does, with item data; return the case."""
        one = Announcement(
            reference=reference, claim=said_claim, source="item", actor=partner, partner=partner
        )
        done = self.store.run(lambda tx: self.desk.take(tx, one, milliseconds(self.now)))
        return None if done is None else done.case

    def match(self, key, office=OFFICE, **fields):
        """Have a parcel at an office."""
        return asyncio.run(self.returns.match(key, Arrived(office=office, **fields), actor="clerk"))

    def decide(self, key, *, accept):
        """Decide on a case."""
        return asyncio.run(self.returns.decide(key, accept=accept, note="seen", actor="clerk"))

    def cases(self):
        """Return every case, by number."""
        return self.store.run_read(lambda tx: [case_of(one) for one in tx.return_cases("", 0, 10_000)])

    def drawn(self, number=1, line=1):
        """Return what is drawn of a line, as three texts; none if there is no account."""
        lines = self.store.run_read(lambda tx: account(tx, list_number(number)))
        found = (one for one in lines if one.line == line)
        return next(((one.quantity.drawn, one.legal.drawn, one.second.drawn) for one in found), None)

    def told(self, number):
        """Return what is told about a tracking number: outcome and state."""
        rows = self.store.run_read(lambda tx: tx.items_by_tracking([number]))
        return [
            (one.outcome, one.decision_code)
            for row in rows
            if row.record == "assessment"
            for one in [msgspec.msgpack.decode(row.body, type=Item).assessment]
        ]

    def log_size(self):
        """Return how many acts are logged."""
        return self.store.run_read(lambda tx: tx.log_state("alpha/returns").size)


def codes(case):
    """Return the codes of a case that are no mere information."""
    return [one.code for one in case.problems if one.severity != "info"]


def _row(number, serial):
    return MessageRow(
        id=number,
        digest=number.to_bytes(32, "big"),
        source="test",
        submitter="local",
        adapter="plain",
        message_type="TEST",
        message_id=str(serial),
        received_at=0,
        outcome="accepted",
        documents=1,
        accepted=1,
        raw=b"",
        acknowledgement=b"",
        content_type="",
        findings=b"\x90",
    )
