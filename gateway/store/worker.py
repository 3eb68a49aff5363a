# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""One thread, one connection: takes everything queued into one transaction.

Rules of a group:
1. It takes works until the queue is empty, `LARGEST_GROUP` works are in it or its time is over: `WORTH` times
   as long as it took to end the last group (sums and commit), at least `SHORTEST_GROUP`, at most
   `LONGEST_GROUP`. Who comes meanwhile waits for all of it; where the disk is fast everybody waits less.
2. Each work runs behind its own savepoint; one that fails undoes only itself, and only its caller sees why.
3. Nobody hears of success before the commit is durable.
4. If the commit fails, or a savepoint cannot be undone, every work of the group has failed.
5. A work whose caller has gone before it began does not run; one that has begun is kept.
6. Works of different parties take turns (`gateway.fairness`); those of one keep their order.
7. A database that cannot be reached is tried again for `REACH_SECONDS` before a group fails, while none of
   its works has run. One that is lost later fails the group.
"""

import asyncio
import concurrent.futures
import contextlib
import queue
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, PendingRollbackError

from gateway.exchange.rollup_rows import Cells, add_cells
from gateway.fairness import FairQueue
from gateway.store.driver import run
from gateway.store.errors import StoreClosed, StoreError, StoreUnreachable, translate
from gateway.store.form import Compression
from gateway.store.listener import tell
from gateway.store.postgres import is_lost
from gateway.store.transaction import SqlTransaction

T = TypeVar("T")

LARGEST_GROUP = 64
SHORTEST_GROUP, LONGEST_GROUP = 0.02, 0.1  # seconds
WORTH = 10
REACH_SECONDS = 10.0
RETRY_SECONDS = 0.2

Work = Callable[[SqlTransaction], Any]
Begin = Callable[..., SqlTransaction]
Future = asyncio.Future[Any] | concurrent.futures.Future[Any]


@dataclass(slots=True)
class Job:
    """A work and who waits for it; after it ran, exactly one of `result` and `error` counts."""

    work: Work
    future: Future
    loop: asyncio.AbstractEventLoop | None
    result: Any = None
    error: BaseException | None = None

    def settle(self) -> None:
        """Tell the caller; for asyncio this runs in the loop of the caller."""
        if self.future.done():
            return
        if self.error is None:
            self.future.set_result(self.result)
        else:
            self.future.set_exception(self.error)


@dataclass(slots=True)
class Sums:
    """What the works of a group that succeeded come to."""

    differences: Counter[str] = field(default_factory=Counter)
    cells: Cells = field(default_factory=dict)
    woken: set[str] = field(default_factory=set)


class Worker:
    """A database thread; `writes` decides between group commit and reading one by one."""

    def __init__(self, engine: Engine, name: str, *, writes: bool, begin: Begin = SqlTransaction) -> None:
        """Start the thread; it owns the engine. `begin` makes the transaction that works are given."""
        self._begin = begin
        self._engine = engine
        self._held: Connection | None = None  # of the thread; taking one anew costs more than a small read
        self._writes = writes
        self._queue: FairQueue[Job] = FairQueue()
        self._patience = LONGEST_GROUP
        self._lock = threading.Lock()  # guards _closed, so that nothing is queued behind the end
        self._closed = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    async def call(self, work: Callable[[SqlTransaction], T]) -> T:
        """Run work in the thread; return its result."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._put(Job(work, future, loop))
        return await future

    def run(self, work: Callable[[SqlTransaction], T]) -> T:
        """Run work in the thread and block until it is done."""
        if threading.current_thread() is self._thread:
            raise StoreError("a work may not wait for another work of the same thread")
        future: concurrent.futures.Future[T] = concurrent.futures.Future()
        self._put(Job(work, future, None))
        return future.result()

    def close(self) -> None:
        """Finish what is queued, then end the thread and its connection; safe to repeat."""
        with self._lock:
            self._closed = True
            self._queue.close()
        self._thread.join()

    def _put(self, job: Job) -> None:
        with self._lock:
            if self._closed:
                raise StoreClosed("the store is closed")
            self._queue.put(job)

    def _run(self) -> None:
        compression = Compression()
        while (first := self._queue.get()) is not None:
            group = [first]
            try:
                self._work_through(group, compression)
            except Exception as error:  # noqa: BLE001  # the queue goes on whatever became of this group
                for job in group:
                    job.error = job.error or _explain(error)
            _deliver(group)
            del first, group  # results may be large and the next job may be far
        self._let_go()
        self._engine.dispose()

    def _work_through(self, group: list[Job], compression: Compression) -> None:
        """Run the first job and those that follow in one transaction."""
        sums = Sums()
        latest = time.monotonic() + self._patience
        with self._begun() as connection:
            self._one(group[0], connection, compression, sums)
            while self._writes and len(group) < LARGEST_GROUP and time.monotonic() < latest:
                try:
                    job = self._queue.get_nowait()
                except queue.Empty:
                    break
                group.append(job)
                self._one(job, connection, compression, sums)
            worked = time.monotonic()
            counting = SqlTransaction(connection, compression, writes=True)
            if sums.differences:
                counting.add_counts(sums.differences)
            if sums.cells:
                counting.write_cells(sums.cells)
            if sums.woken and connection.dialect.name == "postgresql":
                tell(connection, sums.woken)
        self._patience = _patience(time.monotonic() - worked)

    @contextlib.contextmanager
    def _begun(self) -> Iterator[Connection]:
        """Give the connection inside a transaction, committed at the end; what fails lets go of it."""
        latest = time.monotonic() + REACH_SECONDS
        try:
            while True:
                try:
                    connection = self._held = self._held or self._engine.connect()
                    transaction = connection.begin()
                    break
                except DBAPIError as error:
                    if not is_lost(error) or time.monotonic() >= latest:
                        raise
                    self._let_go()
                    time.sleep(RETRY_SECONDS)
            with transaction:
                yield connection
        except BaseException:
            self._let_go()
            raise

    def _let_go(self) -> None:
        """Give the connection back, if there is one; what it left undone is rolled back."""
        held, self._held = self._held, None
        if held is not None:
            held.close()

    def _one(self, job: Job, connection: Connection, compression: Compression, sums: Sums) -> None:
        """Run one job behind its own savepoint; a read is alone in its transaction and needs none."""
        if job.future.cancelled():
            return
        transaction = self._begin(connection, compression, writes=self._writes)
        if not self._writes:
            job.result = job.work(transaction)
            return
        # Plain words: the nested transactions of Core cost 40 microseconds more.
        run(connection, "SAVEPOINT work")
        try:
            job.result = job.work(transaction)
            run(connection, "RELEASE SAVEPOINT work")
        except BaseException as error:  # noqa: BLE001  # whatever it is, it belongs to the caller
            job.error = _explain(error)
            _undo(connection, job.error)
        else:
            sums.differences.update(transaction.differences)
            add_cells(sums.cells, transaction.cells)
            sums.woken.update(transaction.woken)


def _patience(ending: float) -> float:
    """Return how long a group may take so that so many seconds for ending it are worth it."""
    return min(max(WORTH * ending, SHORTEST_GROUP), LONGEST_GROUP)


def _undo(connection: Connection, cause: BaseException) -> None:
    """Go back to the savepoint.

    Raises:
        StoreError: the database has undone the whole transaction by itself, as SQLite does when it is full,
            or the connection is gone, and the transaction with it.
    """
    try:
        run(connection, "ROLLBACK TO SAVEPOINT work")
        run(connection, "RELEASE SAVEPOINT work")
    except PendingRollbackError:
        gone = StoreUnreachable("the connection to the database is gone")
        raise (cause if isinstance(cause, StoreError) else gone) from None
    except DBAPIError as broken:
        raise (cause if isinstance(cause, StoreError) else translate(broken)) from None


def _explain(error: BaseException) -> BaseException:
    """Return what the caller sees of an error."""
    if isinstance(error, DBAPIError):
        return translate(error)
    if isinstance(error, StopIteration):
        return RuntimeError("a work raised StopIteration")  # a future cannot carry it
    return error


def _deliver(group: Iterable[Job]) -> None:
    """Tell every caller, with one wake-up per loop."""
    by_loop: defaultdict[asyncio.AbstractEventLoop, list[Job]] = defaultdict(list)
    for job in group:
        if job.loop is None:
            job.settle()
        else:
            by_loop[job.loop].append(job)
    for loop, jobs in by_loop.items():
        # A loop that has closed meanwhile has nobody left who waits.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(_settle_all, jobs)


def _settle_all(jobs: Iterable[Job]) -> None:
    for job in jobs:
        job.settle()
