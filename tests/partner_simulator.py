# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Gateways in memory that speak to each other through real envelopes, agreements and logs.

`Gateway` is one organisation with its own store and keys. `Link` is the way from one to another: it fits the
client port, and a test bends it (down, lossy, altering) with one line.
"""

import asyncio
import contextlib
import functools

import msgspec

from gateway.agreement import AgreementSet, compile_treatment
from gateway.audit import Outcome
from gateway.config import Delivery
from gateway.envelope.trust import Keyring
from gateway.errors import DeliveryError
from gateway.exchange.acknowledge import Acknowledger
from gateway.exchange.alarm import Alarm
from gateway.exchange.batch import Batcher, Deadlines
from gateway.exchange.cosigners import anchor_second, witness_cosigners
from gateway.exchange.deliver import Courier, Outbox
from gateway.exchange.gossip import Gossip
from gateway.exchange.intake import Intake, Sizes
from gateway.exchange.journal import Journal
from gateway.exchange.lane import Lane, Lanes
from gateway.exchange.opening import open_transfer
from gateway.exchange.publish import Publisher
from gateway.exchange.query import Query
from gateway.exchange.receive import Receiver
from gateway.exchange.release import prepare
from gateway.exchange.sealing import Sealer
from gateway.exchange.witness import NoteKeys, Witness
from gateway.model import (
    Acknowledgement,
)
from gateway.server.logs import PartnerLogs
from tests.fake_logs import MemoryCheckpoints, MemoryTiles
from tests.fakes import FakeClock, FakeIds, LocalWorkers, MemoryStore, decode_packed, repeating
from tests.partner_messages import message

PSEUDONYM_KEY = b"p" * 32
QUICK = Delivery(
    window=4,
    backoff_first_seconds=0.001,
    backoff_max_seconds=0.002,
    receipt_timeout_seconds=5.0,
    circuit_open_after=3,
)


async def sealed(gateway, channel, count):
    """Let a gateway seal what is ready; return the batches of the channel once there are so many."""

    async def rows():
        return await gateway.store.read(lambda tx: tx.batches_after(channel, 0, count + 1))

    async def enough():
        return len(await rows()) >= count

    async with Running(gateway.batcher(channel)):
        await until(enough)
    return await rows()


class PlainAdapter:
    """Answers with the outcome of each document as JSON."""

    def acknowledge(self, message, outcomes, now):
        """Write the receipt."""
        body = [[one.position, one.accepted, [each.code for each in one.findings]] for one in outcomes]
        return Acknowledgement(body=msgspec.json.encode(body), content_type="application/json")


class Gateway:
    """One organisation."""

    def __init__(self, name, keys, agreements, *, store=None, clock=None, ids=None, ring=None, seed=7):
        self.name = name
        self.store = store or MemoryStore()
        self.clock = clock or FakeClock()
        self.ids = ids or FakeIds()
        self.own = keys[name]
        self.keyring = ring or Keyring([one.material() for one in keys.values()], now=self.clock.now)
        self.agreements = AgreementSet(agreements)
        self.random = repeating(seed)
        log = self.own.log_ed25519
        self.checkpoints, self.tiles = MemoryCheckpoints(), MemoryTiles()
        self.journal = Journal(
            name,
            log,
            log.public_key.public_bytes_raw(),
            self.random,
            published=self.checkpoints.newest,
            second=anchor_second(self.own),
        )
        self.publisher = Publisher(
            name,
            store=self.store,
            checkpoints=self.checkpoints,
            tiles=self.tiles,
            clock=self.clock,
            refuse=self.journal.refuse,
        )
        self.alarm = Alarm(organisation=name, ids=self.ids, journal=self.journal, agreements=self.agreements)
        note_keys = NoteKeys(name, self.keyring)
        self.witness = Witness(
            store=self.store,
            clock=self.clock,
            keys=note_keys,
            cosigners=witness_cosigners(self.own),
            alarm=self.alarm,
        )
        self.logs = PartnerLogs(
            self.store, name, checkpoints=self.checkpoints, tiles=self.tiles, witness=self.witness
        )
        self.note_keys = note_keys
        self.gossips = {}
        self.sealer = Sealer(
            name, seal_signers=self.own.seal, receipt_signers=self.own.receipt, journal=self.journal
        )
        self.workers = LocalWorkers(
            decode_packed,
            self._prepare,
            functools.partial(
                open_transfer, organisation=name, keyring=self.keyring, agreements=self.agreements
            ),
        )
        doors = {"store": self.store, "ids": self.ids, "clock": self.clock}
        self.lanes = Lanes(
            Lane(channel, recipient, store=self.store, clock=self.clock, holder=name)
            for channel, recipient in sorted(
                {(one.channel, one.recipient) for one in agreements if one.sender == name}
            )
        )
        self.intake = Intake(
            organisation=name,
            workers=self.workers,
            random=self.random,
            adapters={"plain": PlainAdapter()},
            agreements=self.agreements,
            wake=self.lanes.wake,
            sizes=Sizes(),
            **doors,
        )
        self.receiver = Receiver(
            organisation=name,
            workers=self.workers,
            keyring=self.keyring,
            agreements=self.agreements,
            sealer=self.sealer,
            gate=self.publisher,
            alarm=self.alarm,
            **doors,
        )
        self.acknowledger = Acknowledger(
            organisation=name,
            keyring=self.keyring,
            agreements=self.agreements,
            journal=self.journal,
            alarm=self.alarm,
            heard=self._heard,
            **doors,
        )
        self.outbox = Outbox(
            organisation=name,
            store=self.store,
            clock=self.clock,
            agreements=self.agreements,
            acknowledger=self.acknowledger,
            gate=self.publisher,
        )
        self.query = Query(self.store)

    def _prepare(self, name, shares, now):
        found = self.agreements.get(name)
        return prepare(found, compile_treatment(found, PSEUDONYM_KEY), shares)

    def batcher(self, channel, size=256):
        """Return the batcher of a channel."""
        return Batcher(
            lane=self.lanes.by_name[channel],
            store=self.store,
            workers=self.workers,
            ids=self.ids,
            clock=self.clock,
            agreements=self.agreements,
            sealer=self.sealer,
            size=size,
            linger_ms=1,
        )

    def deadlines(self):
        """Return what ends the waiting."""
        return Deadlines(store=self.store, clock=self.clock, agreements=self.agreements, lanes=self.lanes)

    def courier(self, channel, client):
        """Return the courier of a channel."""
        return Courier(
            lane=self.lanes.by_name[channel],
            client=client,
            store=self.store,
            acknowledger=self.acknowledger,
            settings=QUICK,
            random=lambda: 0.5,
            gate=self.publisher,
        )

    def _heard(self, partner, claim):
        if partner in self.gossips:
            self.gossips[partner].heard(claim)

    def gossip(self, other):
        """Return the comparing with another gateway, and let it hear of claims from now on."""
        self.gossips[other.name] = Gossip(
            other.name,
            organisation=self.name,
            store=self.store,
            clock=self.clock,
            checkpoints=self.checkpoints,
            client=LogLink(self.name, other),
            witness=self.witness,
            keys=self.note_keys,
            alarm=self.alarm,
            seconds=0.01,
        )
        return self.gossips[other.name]

    async def submit(self, *documents, **fields):
        """Take in a message."""
        return await self.intake.submit(message(*documents, **fields), source="test", submitter="tester")


class LogLink:
    """The way from one gateway to the logs of another; it is its own session."""

    def __init__(self, asker, other):
        self.asker = asker
        self.other = other

    @contextlib.asynccontextmanager
    async def session(self):
        """Connect."""
        yield self

    async def checkpoint(self, log):
        """Return the newest checkpoint."""
        return await self.other.logs.checkpoint(self.asker, log)

    async def consistency(self, log, old, new):
        """Return a proof."""
        return await self.other.logs.consistency(self.asker, log, old, new)

    async def tile(self, log, path):
        """Return a static file."""
        return await self.other.logs.tile(self.asker, log, path)

    async def witness(self, request):
        """Bring a checkpoint."""
        answer = await self.other.logs.witness(self.asker, request)
        return answer.line, answer.size if answer.outcome is Outcome.STALE else None


class Link:
    """The way from one gateway to another."""

    def __init__(self, sender, receiver):
        self.sender = sender
        self.receiver = receiver
        self.down = False
        self.lose_receipts = False
        self.alter = lambda envelope, payload: (envelope, payload)
        self.alter_receipt = lambda receipt: receipt
        self.sent = []
        self.receipts = []

    async def deliver(self, channel):
        """Open a channel."""
        if self.down:
            raise DeliveryError("down")
        confirmed = await self.receiver.receiver.hello(self.sender.name, channel)
        return LinkStream(self, confirmed)


class LinkStream:
    """One open channel."""

    def __init__(self, link, confirmed):
        self.link = link
        self.confirmed = confirmed
        self._receipts = asyncio.Queue()

    async def send(self, envelope, payload):
        """Hand a transfer to the receiver."""
        if self.link.down:
            raise DeliveryError("down")
        self.link.sent.append((envelope, payload))
        receipt = await self.link.receiver.receiver.receive(
            self.link.sender.name, *self.link.alter(envelope, payload)
        )
        self.link.receipts.append(receipt)
        if self.link.lose_receipts:
            raise DeliveryError("lost")
        await self._receipts.put(self.link.alter_receipt(receipt))

    async def receipt(self):
        """Wait for a receipt."""
        return await self._receipts.get()

    async def close(self):
        """Nothing to release."""


async def until(condition, seconds=10.0):
    """Wait until a condition holds."""
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110 - what is waited for is a state of the store
            await asyncio.sleep(0.001)


class Running:
    """Steps that run while a test waits."""

    def __init__(self, *steps):
        self._steps = steps

    async def __aenter__(self):
        self._tasks = [asyncio.create_task(step.run()) for step in self._steps]
        return self

    async def __aexit__(self, *_):
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
