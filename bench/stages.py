# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What each step of the way costs, in one process: the gateway's own functions on real messages and stores.

Two node folders with keys, agreements and SQLite stores of their own, but no faces and no worker processes;
every step is called in turn and timed, first without the clock to warm it. CPU time of the process in
microseconds per item, with the garbage collector set as in a node. A stage named `a: b` is a part of `a`,
measured by itself. What is not here (HTTP, gRPC, queues, wake-ups, processes that compete for a cache) is the
difference to the CPU time of the real run.
"""

import asyncio
import gc
import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from bench.clock import Clock
from bench.data import write_load
from bench.publishing import TimedGate, TimedSigner
from gateway.agreement import check_release, compile_treatment
from gateway.bootstrap import Steps, Trust
from gateway.clock import milliseconds, system_clock
from gateway.config import load_config
from gateway.demo.stage import Party
from gateway.exchange import movement, refer
from gateway.exchange.answering import taken, with_answer
from gateway.exchange.assemble import Judged, assemble
from gateway.exchange.effects import check_and_judge
from gateway.exchange.ports import Transaction
from gateway.exchange.route import route
from gateway.exchange.rows import (
    MessageRow,
    OpenedTransfer,
    PackedDocument,
    PackedMessage,
    PreparedBatch,
    ReadyShare,
    ToRelease,
)
from gateway.exchange.sealing import BATCH_TYPE
from gateway.exchange.stock import Stock
from gateway.exchange.touched import Arrival
from gateway.exchange.trust import prove
from gateway.exchange.webhook_rows import WrittenBatch
from gateway.jobs import NodeJobs, pack_message, pseudonym_key
from gateway.model import Release, unpack_item
from gateway.registry import load_adapters
from gateway.sdk import Limits
from gateway.store import SqlStore, TimeIds, open_store
from gateway.wire.convert import pack_release, unpack_envelope, unpack_payload, unpack_release

LIMITS = Limits()
BATCH = 256
NODE_NUMBER = 62
NODE_THRESHOLDS = (50_000, 20, 20)
_encoder = msgspec.msgpack.Encoder()


@dataclass(frozen=True, slots=True)
class Samples:
    """Real bytes on which the primitives are measured."""

    message: bytes
    contribution: bytes
    item: bytes
    payload: bytes
    records: int


@dataclass(frozen=True, slots=True)
class Measured:
    """Microseconds per item by stage, those of publishing within them, and the bytes that were worked on."""

    stages: dict[str, float]
    publishing: dict[str, float]
    samples: Samples


class Here:
    """Workers without processes (`exchange.ports.Workers`); their time is counted apart."""

    def __init__(self, jobs: NodeJobs, clock: Clock) -> None:
        """Call these jobs."""
        self.jobs = jobs
        self._clock = clock

    async def decode(self, adapter: str, raw: bytes, now: int = 0) -> PackedMessage:
        """Read a message."""
        return self.jobs.decode(adapter, raw, now)

    async def decode_under(self, adapter: str, raw: bytes, agreement: str, now: int) -> PackedMessage:
        """Read a partner's message."""
        return self.jobs.decode_under(adapter, raw, agreement, now)

    async def write(self, adapter: str, types: Mapping[str, str], payload: bytes, now: int) -> WrittenBatch:
        """Write a payload in a partner's format."""
        return self.jobs.write(adapter, types, payload, now)

    async def prepare(self, agreement: str, shares: Sequence[ToRelease], now: int) -> PreparedBatch:
        """Make the payload of a batch."""
        return self.jobs.prepare(agreement, shares, now)

    async def restate(
        self, payload: bytes, record: str, rejected: Sequence[int]
    ) -> tuple[PackedDocument, ...]:
        """Return received records as documents of our own."""
        return self.jobs.restate(payload, record, rejected)

    async def open(self, partner: str, envelope: bytes, payload: bytes, now: int) -> OpenedTransfer:
        """Check a received transfer."""
        return self._clock.timed("open", lambda: self.jobs.open(partner, envelope, payload, now))

    def renew_trust(self) -> None:
        """Read the bundles of partners anew."""
        self.jobs.renew_trust()


class End:
    """One gateway without faces."""

    def __init__(self, party: Party, clock: Clock, publishing: Clock, name: str) -> None:
        """Open everything a node opens, in this process; time what publishes its logs."""
        self.config = load_config(party.config)
        self.trust = Trust(self.config)
        self.store: SqlStore = open_store(self.config.database.url)
        self.workers = Here(NodeJobs(self.config), clock)
        self.steps = Steps(self.config, self.trust, self.store, self.workers, self.config.node.number)
        journal = self.steps.logs.journal
        journal._signer = TimedSigner(journal._signer, publishing)  # noqa: SLF001 - a bench looks inside
        self.gate = TimedGate(self.steps.logs.publisher, name, publishing)
        self.steps.receiver._gate = self.gate  # noqa: SLF001 - the same


def measure(folder: Path, parties: Sequence[Party], items: int, seed: int = 1) -> Measured:
    """Measure every stage; both stores are closed afterwards and hold what was exchanged.

    Another `seed`, odd, is for stores that hold what was exchanged under this one.
    """
    thresholds = gc.get_threshold()
    gc.set_threshold(*NODE_THRESHOLDS)
    try:
        return asyncio.run(_Stages(folder, parties).run(items, seed))
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()


class _Stages:
    """One measurement."""

    def __init__(self, folder: Path, parties: Sequence[Party]) -> None:
        """Open both ends."""
        self._folder = folder
        self._clock = Clock()
        self._publishing = Clock()
        sender, receiver = parties
        self._sender = End(sender, self._clock, self._publishing, "sender")
        self._receiver = End(receiver, self._clock, self._publishing, "recipient")
        self._ids = TimeIds(NODE_NUMBER, system_clock)
        self._adapter = load_adapters(["gacc_ceb"])["gacc_ceb"]
        self._channel = self._sender.steps.batchers[0]._lane.channel  # noqa: SLF001 - a bench looks inside

    async def run(self, items: int, first: int) -> Measured:
        """Warm up with a first load, then measure a second one."""
        for seed, count in ((first, BATCH), (first + 1, items)):
            load = write_load(self._folder / f"stages-{seed}", seed, count)
            for file in load.known:
                adapter = "supplement" if file.suffix == ".json" else "gacc_ceb"
                await self._sender.steps.intake.submit(
                    file.read_bytes(), source="bench", submitter="bench", adapter=adapter
                )
            gc.collect()
            gc.freeze()
            self._clock.running = self._publishing.running = seed > first
            for file in load.lists:
                await self._take(file.read_bytes())
            while group := await self._sender.store.read(self._ready):
                payload = await self._send(group)
        samples = await self._sender.store.read(lambda tx: _samples(tx, load.lists[0].read_bytes(), payload))
        for end in (self._sender, self._receiver):
            await end.store.close()
            end.steps.logs.close()
        return Measured(self._clock.per_item(items), self._publishing.per_item(items), samples)

    async def _take(self, raw: bytes) -> None:
        """Read, join, route, answer and store one list message."""
        clock = self._clock
        decoded = clock.timed("decode", lambda: self._adapter.decode(raw, LIMITS))
        handed = clock.timed("border pack message", lambda: pack_message(decoded))
        now = system_clock()
        answered = clock.timed("answer", lambda: with_answer(self._adapter, handed, now))
        packed = clock.timed("border pack message", lambda: _encoder.encode(answered))
        message = clock.timed(
            "border unpack message", lambda: msgspec.msgpack.decode(packed, type=PackedMessage)
        )
        begun = time.process_time()
        inside = await self._sender.store.transact(lambda tx: self._work(tx, message, raw, now))
        if clock.running:
            clock.seconds["intake commit"] += time.process_time() - begun - inside

    def _work(self, tx: Transaction, message: PackedMessage, raw: bytes, at: datetime) -> float:
        """Do what intake does in its transaction; return how long it took."""
        begun = time.process_time()
        now = milliseconds(at)
        number = self._ids.take(1)[0]
        ids = Stock(self._ids)
        intake = self._sender.steps.intake
        census, facilitates = intake._census(), intake._facilitates  # noqa: SLF001 - a bench looks inside
        arrival = Arrival(number, "bench|bench", now, ids, _zeros, census, facilitates)
        with self._clock.stage("judge"):
            judged = check_and_judge(tx, message.documents, arrival)
        with self._clock.stage("store message"):
            tx.add_message(self._row(number, message, judged, raw, at))
        with self._clock.stage("assemble and merge"):
            touched = assemble(tx, judged, arrival)
        with self._clock.stage("settle and note"):
            refer.settle(tx, touched, ids=ids, now=now, organisation=self._sender.config.node.organisation)
            movement.note(tx, touched, ids, now)
        with self._clock.stage("route"):
            route(
                tx,
                touched,
                self._sender.trust.agreements,
                sender=self._sender.config.node.organisation,
                ids=ids,
                now=now,
            )
        return time.process_time() - begun

    def _row(
        self, number: int, message: PackedMessage, judged: Judged, raw: bytes, at: datetime
    ) -> MessageRow:
        """Return a message with its answer, as intake stores it."""
        answer = taken(self._adapter, message, judged.outcomes, at)
        return MessageRow(
            id=number,
            digest=hashlib.sha256(raw).digest(),
            source="bench",
            submitter="bench",
            adapter=message.adapter,
            message_type=message.message_type,
            message_id=message.message_id,
            received_at=milliseconds(at),
            outcome="accepted",
            documents=len(judged.outcomes),
            accepted=len(judged.outcomes),
            raw=raw,
            acknowledgement=answer.body,
            content_type=answer.content_type,
            findings=b"\x90",
        )

    def _ready(self, tx: Transaction) -> list[ReadyShare]:
        """Return what is ready, as the batcher reads it."""

        def read() -> list[ReadyShare]:
            heads = tx.ready_heads(self._channel, 0, BATCH)
            return tx.ready_shares([key for key, _ in heads])

        return self._clock.timed("read what is ready", read)

    async def _send(self, group: Sequence[ReadyShare]) -> bytes:
        """Prepare, seal, receive and acknowledge one batch; return its payload."""
        clock, sender, receiver = self._clock, self._sender, self._receiver
        batcher = sender.steps.batchers[0]
        if not await batcher._lane.held():  # noqa: SLF001 - a bench looks inside
            raise RuntimeError("the lane is another's")
        self._parts_of_prepare(group)
        with clock.stage("prepare"):
            prepared = (await batcher._prepare(group))[0]  # noqa: SLF001 - a bench looks inside
        with clock.stage("seal, in its transaction"):
            await batcher._seal(group, prepared)  # noqa: SLF001 - the same
        with clock.stage("read batch to send"):
            after = await sender.store.read(lambda tx: tx.channel(self._channel))
            sequence = after.sequence if after else 0
            batch = (await sender.store.read(lambda tx: tx.batches_after(self._channel, sequence - 1, 1)))[0]
        self._parts_of_open(batch.envelope, batch.payload, group[0].share.agreement)
        with clock.stage("publish"):
            await sender.gate.published(receiver.config.node.organisation, batch.log_index + 1)
        partner = sender.config.node.organisation
        with clock.stage("receive"):
            receipt = await receiver.steps.receiver.receive(partner, batch.envelope, batch.payload)
        with clock.stage("acknowledge"):
            await sender.steps.outbox.acknowledge(receiver.config.node.organisation, receipt)
        return batch.payload

    def _parts_of_prepare(self, group: Sequence[ReadyShare]) -> None:
        """Time unpacking, treatment and writing by themselves."""
        agreement = self._sender.trust.agreements.get(group[0].share.agreement)
        if agreement is None:
            raise RuntimeError("the agreement is gone")
        treat = compile_treatment(agreement, pseudonym_key(Path(self._sender.config.keys), agreement.id))
        treat(unpack_item(group[0].body), group[0].secret)
        with self._clock.stage("prepare: unpack item"):
            items = [unpack_item(one.body) for one in group]
        with self._clock.stage("prepare: treatment"):
            treated = [treat(item, one.secret) for item, one in zip(items, group, strict=True)]
        releases = [
            Release(
                reference=one.tracking_number,
                version=one.share.version,
                function=one.share.function,
                item=result.item,
                commitments=result.commitments,
            )
            for one, result in zip(group, treated, strict=True)
        ]
        with self._clock.stage("prepare: wire pack"):
            for one in releases:
                pack_release(one)

    def _parts_of_open(self, envelope: bytes, payload: bytes, name: str) -> None:
        """Time verification, parsing and checking by themselves."""
        trust, owner = self._receiver.trust, self._sender.config.node.organisation
        agreement = trust.agreements.get(name)
        if agreement is None:
            raise RuntimeError("the agreement is gone")
        with self._clock.stage("open: verify seal"):
            prove(
                unpack_envelope(envelope),
                payload_type=BATCH_TYPE,
                keyring=trust.keyring,
                owner=owner,
                purpose="seal",
                agreements=[agreement],
                at=system_clock(),
            )
        records = [record for _, record in unpack_payload(payload)]
        with self._clock.stage("open: parse records"):
            releases = [unpack_release(one) for one in records]
        with self._clock.stage("open: check records"):
            for one in releases:
                check_release(agreement, one)


def _samples(tx: Transaction, message: bytes, payload: bytes) -> Samples:
    """Return real bytes of a stored item and of what it was merged from."""
    release = unpack_release(unpack_payload(payload)[0][1])
    item = tx.items_by_tracking([release.item.tracking_number or ""])[0]
    listed = next(one for one in tx.contributions_of_item(item) if one.kind.value == "list")
    return Samples(message, listed.body, item.body, payload, len(unpack_payload(payload)))


def _zeros(count: int) -> bytes:
    """Return bytes that need not be secret here."""
    return bytes(count)
