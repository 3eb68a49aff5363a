# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Processes that take whole messages off the event loop; only bytes cross the border.

Each worker is a spawned process started before any gRPC object exists, served by one thread of the parent.
Jobs of different parties take turns, by their size in bytes.
A worker that dies is replaced and its job is tried once more, so one poisonous message cannot stop the line.
The child ends when the parent's end of the pipe closes, however the parent ended.
"""

import asyncio
import contextlib
import gc
import multiprocessing
import signal
import threading
from collections.abc import Callable, Mapping, Sequence
from multiprocessing.connection import Connection
from typing import Any, Protocol, TypeVar

import msgspec
import structlog

from gateway.errors import GatewayError
from gateway.exchange.rows import (
    OpenedTransfer,
    PackedDocument,
    PackedMessage,
    PreparedBatch,
    ToRelease,
)
from gateway.exchange.webhook_rows import WrittenBatch
from gateway.fairness import FairQueue

logger = structlog.get_logger()
R = TypeVar("R")


class Jobs(Protocol):
    """What a worker can do; made in the child by a factory, so that nothing but bytes is inherited."""

    def decode(self, adapter: str, raw: bytes, now: int = 0) -> PackedMessage:
        """Read a message; with a time, foresee the answer."""

    def decode_under(self, adapter: str, raw: bytes, agreement: str, now: int) -> PackedMessage:
        """Read a partner's message and compare it with the agreement."""

    def write(self, adapter: str, types: Mapping[str, str], payload: bytes, now: int) -> WrittenBatch:
        """Write the records of a payload in a partner's format."""

    def prepare(self, agreement: str, shares: Sequence[ToRelease], now: int) -> PreparedBatch:
        """Make the payload of a batch."""

    def restate(self, payload: bytes, record: str, rejected: Sequence[int]) -> tuple[PackedDocument, ...]:
        """Return the records of a received payload as documents of our own."""

    def open(self, partner: str, envelope: bytes, payload: bytes, now: int) -> OpenedTransfer:
        """Check a received transfer."""

    def renew_trust(self) -> None:
        """Read the bundles of partners anew."""


class DecodeJob(msgspec.Struct, frozen=True, tag="decode"):
    """Ask for `Jobs.decode`."""

    adapter: str
    raw: bytes
    now: int = 0


class DecodeUnderJob(msgspec.Struct, frozen=True, tag="decode-under"):
    """Ask for `Jobs.decode_under`."""

    adapter: str
    raw: bytes
    agreement: str
    now: int


class WriteJob(msgspec.Struct, frozen=True, tag="write"):
    """Ask for `Jobs.write`."""

    adapter: str
    types: dict[str, str]
    payload: bytes
    now: int


class PrepareJob(msgspec.Struct, frozen=True, tag="prepare"):
    """Ask for `Jobs.prepare`."""

    agreement: str
    shares: tuple[ToRelease, ...]
    now: int


class RestateJob(msgspec.Struct, frozen=True, tag="restate"):
    """Ask for `Jobs.restate`."""

    payload: bytes
    record: str
    rejected: tuple[int, ...]


class OpenJob(msgspec.Struct, frozen=True, tag="open"):
    """Ask for `Jobs.open`; `trust` counts the renewals of trust, and a worker that is behind follows."""

    partner: str
    envelope: bytes
    payload: bytes
    now: int
    trust: int = 0


class Failed(msgspec.Struct, frozen=True):
    """A job that raised; the text holds no data of the message."""

    error: str


Job = DecodeJob | DecodeUnderJob | WriteJob | PrepareJob | RestateJob | OpenJob
_encoder = msgspec.msgpack.Encoder()
_message = msgspec.msgpack.Decoder(PackedMessage)
_batch = msgspec.msgpack.Decoder(PreparedBatch)
_documents = msgspec.msgpack.Decoder(tuple[PackedDocument, ...])
_written = msgspec.msgpack.Decoder(WrittenBatch)
_transfer = msgspec.msgpack.Decoder(OpenedTransfer)


class WorkerLost(GatewayError):
    """A worker process died twice over the same job."""


class WorkerPool:
    """N processes behind one fair queue; implements `exchange.ports.Workers`."""

    def __init__(self, factory: Callable[[], Jobs], count: int) -> None:
        """Start `count` processes; `factory` must be picklable and is called once in each."""
        self._trust = 0
        self._jobs: FairQueue[tuple[bytes, asyncio.Future[bytes]]] = FairQueue()
        self._threads = [
            threading.Thread(target=self._serve, args=(factory,), name=f"worker-{number}", daemon=True)
            for number in range(count)
        ]
        for thread in self._threads:
            thread.start()

    async def decode(self, adapter: str, raw: bytes, now: int = 0) -> PackedMessage:
        """Read a message with the named adapter, or the one that recognises it if the name is empty."""
        return await self._ask(DecodeJob(adapter, raw, now), _message)

    async def decode_under(self, adapter: str, raw: bytes, agreement: str, now: int) -> PackedMessage:
        """Read a partner's message; documents that depart from the agreement have findings."""
        return await self._ask(DecodeUnderJob(adapter, raw, agreement, now), _message)

    async def write(self, adapter: str, types: Mapping[str, str], payload: bytes, now: int) -> WrittenBatch:
        """Write the records of a payload in a partner's format; `types` are message types by function."""
        return await self._ask(WriteJob(adapter, dict(types), payload, now), _written)

    async def prepare(self, agreement: str, shares: Sequence[ToRelease], now: int) -> PreparedBatch:
        """Treat, write, salt and commit the releases of a batch."""
        return await self._ask(PrepareJob(agreement, tuple(shares), now), _batch)

    async def restate(
        self, payload: bytes, record: str, rejected: Sequence[int]
    ) -> tuple[PackedDocument, ...]:
        """Return the records of a received payload, without the rejected ones, as documents of our own."""
        return await self._ask(RestateJob(payload, record, tuple(rejected)), _documents)

    async def open(self, partner: str, envelope: bytes, payload: bytes, now: int) -> OpenedTransfer:
        """Check everything about a received transfer that needs no database."""
        return await self._ask(OpenJob(partner, envelope, payload, now, self._trust), _transfer)

    def renew_trust(self) -> None:
        """Let what is opened from now on be checked with the bundles as they are now."""
        self._trust += 1

    def close(self) -> None:
        """Let the running jobs end, then end the processes."""
        self._jobs.close()
        for thread in self._threads:
            thread.join(timeout=10)

    async def _ask(self, job: Job, answer: msgspec.msgpack.Decoder[R]) -> R:
        """Send a job to the next free worker and decode its answer."""
        future: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        request = _encoder.encode(job)
        self._jobs.put((request, future), cost=len(request))
        raw = await future
        if raw[:1] == b"\x01":
            raise GatewayError(msgspec.msgpack.decode(raw[1:], type=Failed).error)
        return answer.decode(memoryview(raw)[1:])

    def _serve(self, factory: Callable[[], Jobs]) -> None:
        """Feed one process until told to stop; the body of a parent thread."""
        process, pipe = _start(factory)
        while (job := self._jobs.get()) is not None:
            request, future = job
            for attempt in (1, 2):
                try:
                    pipe.send_bytes(request)
                    _settle(future, pipe.recv_bytes())
                    break
                except (EOFError, OSError):
                    logger.warning("worker.lost", pid=process.pid, attempt=attempt)
                    pipe.close()
                    process.join(timeout=5)
                    process, pipe = _start(factory)
            else:
                _settle(future, WorkerLost("a worker died twice over the same job"))
        pipe.close()
        process.join(timeout=5)


def _settle(future: asyncio.Future[bytes], result: bytes | Exception) -> None:
    """Hand a result to the loop that waits for it, unless it has gone."""

    def settle() -> None:
        if not future.done():
            if isinstance(result, Exception):
                future.set_exception(result)
            else:
                future.set_result(result)

    with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
        future.get_loop().call_soon_threadsafe(settle)


def _start(factory: Callable[[], Jobs]) -> tuple[Any, Connection]:
    """Spawn one process; return it with the parent's end of its pipe."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_work, args=(theirs, factory), daemon=True)
    process.start()
    theirs.close()
    return process, ours


def _work(pipe: Connection, factory: Callable[[], Jobs]) -> None:
    """Answer jobs until the parent goes away; the body of a worker process."""
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, signal.SIG_IGN)  # the parent drains first, then closes the pipe
    jobs = factory()
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)  # a job makes thousands of objects, and none of them in circles
    decoder = msgspec.msgpack.Decoder(Job)
    trust = 0
    while True:
        try:
            job = decoder.decode(pipe.recv_bytes())
            if isinstance(job, OpenJob) and job.trust != trust:
                jobs.renew_trust()
                trust = job.trust
            pipe.send_bytes(_answer(jobs, job))
        except (EOFError, OSError):  # the parent has gone; nobody is left to be told
            return


def _answer(jobs: Jobs, job: Job) -> bytes:
    """Do one job; an error becomes an answer that names its type and nothing of the data."""
    try:
        match job:
            case DecodeJob():
                result: Any = jobs.decode(job.adapter, job.raw, job.now)
            case DecodeUnderJob():
                result = jobs.decode_under(job.adapter, job.raw, job.agreement, job.now)
            case WriteJob():
                result = jobs.write(job.adapter, job.types, job.payload, job.now)
            case PrepareJob():
                result = jobs.prepare(job.agreement, job.shares, job.now)
            case RestateJob():
                result = jobs.restate(job.payload, job.record, job.rejected)
            case OpenJob():
                result = jobs.open(job.partner, job.envelope, job.payload, job.now)
    except Exception as error:  # noqa: BLE001 - the process must answer whatever a job does
        where = error.__traceback__
        while where is not None and where.tb_next is not None:
            where = where.tb_next
        line = f"{where.tb_frame.f_code.co_qualname}:{where.tb_lineno}" if where else "unknown"
        return b"\x01" + _encoder.encode(Failed(f"{type(error).__name__} in {line}"))
    return b"\x00" + _encoder.encode(result)
