# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Gateways on real stores that make partners' records their own, and agreements about all records."""

import asyncio
from types import SimpleNamespace

from gateway.agreement import parse
from gateway.exchange.restate import Restater, documents_of
from gateway.model import Answer, Assessment, Event
from gateway.store import open_store
from tests.care import Care
from tests.fakes import FakeIds
from tests.partner_messages import said, tracking
from tests.partner_simulator import Gateway, sealed

TEXT = """
id = "{sender}-{recipient}-{record}"
version = 1
sender = "{sender}"
recipient = "{recipient}"
purpose = "risk analysis"
legal_basis = "Article 4"
effective_from = 2026-01-01
effective_until = 2027-01-01
record = "{record}"
trigger = "push"
retention_days = {days}
onward = "{onward}"
onward_agencies = {agencies}
policy = "p256+mldsa65"

[match]
{match}

[wait]
required = []
limit_seconds = 3600
then = "send"

[[field]]
paths = ["tracking_number", "posting_date"{more}]
treatment = "pass"
article = "5"
"""
COMMITS = """
[[field]]
paths = ["sender.name"]
treatment = "commit"
article = "6"
"""


def about(sender, recipient, record, condition="either", *, to=(), onward="", days=30):
    """Return an agreement about records; those about items match by what was exchanged."""
    return parse(text(sender, recipient, record, condition, to=to, onward=onward, days=days))


def text(sender, recipient, record, condition="either", *, to=(), onward="", days=30):
    """Return the text of such an agreement."""
    is_item = record == "item"
    passed = ', "destination_country", "addressee.name", "note"' if is_item else f', "{record}.*"'
    filled = TEXT.format(
        sender=sender,
        recipient=recipient,
        record=record,
        onward=onward or ("named" if to else "none"),
        agencies=list(to),
        match='destinations = ["AU"]' if is_item else f'about = "{condition}"',
        more=passed,
        days=days,
    )
    return (filled + (COMMITS if is_item else "")).encode()


def three_parties():
    """Return the agreements by which gamma posts to beta, and beta declares to alpha, which is customs."""
    return [
        about("gamma", "beta", "item", to=["alpha"]),
        about("beta", "alpha", "item"),
        about("gamma", "beta", "event", to=["alpha"]),
        about("beta", "alpha", "event"),
        about("alpha", "beta", "assessment", "received", to=["gamma"]),
        about("beta", "gamma", "assessment", "received"),
        about("gamma", "beta", "answer", "received", to=["alpha"]),
        about("beta", "alpha", "answer", "received"),
    ]


class Party(Gateway):
    """A gateway on a real store that restates; a post restates items too."""

    def __init__(self, name, keys, agreements, url, *, post=False, clock=None, seed=7):
        super().__init__(
            name, keys, agreements, store=open_store(url), clock=clock, ids=FakeIds(first=1000), seed=seed
        )
        self.workers.restate = _restate
        self.receiver._restates = lambda record: post or record != "item"
        self.woken = set()
        self.care = Care(self)
        self.restater = Restater(
            organisation=name,
            store=self.store,
            workers=self.workers,
            ids=self.ids,
            clock=self.clock,
            random=self.random,
            agreements=self.agreements,
            wake=self.woken.update,
        )

    def rows(self, number, record="item"):
        """Return what is stored of a kind of record about a parcel."""
        found = self.store.run_read(lambda tx: tx.items_by_tracking([tracking(number)]))
        return [row for row in found if row.record == record]

    def referrals(self, number):
        """Return kind, number and state of the referrals about a parcel."""
        rows = self.store.run_read(lambda tx: tx.referrals_of([tracking(number)]))
        return [(one.kind, one.referral, one.state) for one in rows]


async def _restate(payload, record, rejected):
    """Do the work of the worker here."""
    await asyncio.sleep(0)
    return documents_of(payload, record, rejected)


async def carry(sender, receiver, record, *, restate=True):
    """Seal what is ready of a channel, bring every batch without receipt, and let the receiver restate."""
    channel = f"{sender.name}/{receiver.name}/{record}"
    if sender.store.run_read(lambda tx: tx.ready_heads(channel, 0, 1)):
        state = sender.store.run_read(lambda tx: tx.channel(channel))
        await sealed(sender, channel, 1 + (state.sequence if state else 0))
    moved = 0
    for row in sender.store.run_read(lambda tx: tx.batches_after(channel, 0, 100)):
        if not row.receipt:
            moved += row.count
            receipt = await receiver.receiver.receive(sender.name, row.envelope, row.payload)
            await sender.acknowledger.acknowledge(receiver.name, receipt)
    if restate:
        await receiver.restater.restate()
    return moved


def parcel(number, function="new", **fields):
    """Return a post's words about a parcel."""
    chosen = {"tracking_number": tracking(number), "destination_country": "AU"}
    return said("postal", function, f"P-{number}", **chosen | fields)


def assess(number, outcome, referral, function="new", **more):
    """Return what customs says of a parcel."""
    group = Assessment(outcome=outcome, referral=referral, authority="alpha", **more)
    return said("assessment", function, f"A-{referral}", tracking_number=tracking(number), assessment=group)


def answer(number, referral, kind="data", **more):
    """Return an answer about a parcel."""
    group = Answer(referral=referral, kind=kind, **more)
    return said("answer", reference=f"{referral}-{kind}", tracking_number=tracking(number), answer=group)


def event(number, code="EMA", function="new"):
    """Return an event of a parcel."""
    group = Event(code=code, scheme="EMSEVT")
    return said("event", function, f"E-{number}", tracking_number=tracking(number), event=group)


async def parties(keys, folder):
    """Give gamma, the post of origin, beta, that of destination, and alpha, its customs; close them after."""
    agreements = three_parties()
    urls = {name: f"sqlite:///{folder / name}.sqlite" for name in ("alpha", "beta", "gamma")}
    made = {
        name: Party(name, keys, agreements, url, post=name != "alpha", seed=seed)
        for seed, (name, url) in enumerate(urls.items())
    }
    yield SimpleNamespace(**made, keys=keys, urls=urls, agreements=agreements)
    for one in made.values():
        await one.store.close()


async def declared(way, number=1, **fields):
    """Bring a parcel from its origin to customs."""
    await way.gamma.submit(parcel(number, **fields), number=f"p{number}")
    await carry(way.gamma, way.beta, "item")
    await carry(way.beta, way.alpha, "item")


async def asked(way, *assessments, number="a1"):
    """Bring what customs says to the post of origin."""
    await way.alpha.submit(*assessments, number=number)
    await carry(way.alpha, way.beta, "assessment")
    await carry(way.beta, way.gamma, "assessment")
