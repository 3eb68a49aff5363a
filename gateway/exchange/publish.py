# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Publish the logs: nothing that an entry is about leaves before a checkpoint that includes it is published.

The order, for all entries of a log that were committed since the last time:

1. They are committed in the database, with the tree over them and a checkpoint that is signed but not out.
2. Their tiles are staged: immutable files that have reached the disk before the next step.
3. The signed checkpoint is swapped in the small store apart, if the one before still stands there. From here
   on it is what we have said; a crash before it has said nothing.
4. The `checkpoint` file is replaced, for readers of tiles.
5. Who waited is told, and answers leave.

A start goes on from what was swapped (`recover`). A log in the database that contradicts it is refused: it is
not signed, the channels of its partner stop, all others go on. Tiles that are missing are made again from the
database, which is compared with the swapped root first.
"""

import asyncio
import enum
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import structlog

from gateway.audit import checkpoint as checkpoints
from gateway.audit.note import read_note
from gateway.clock import Clock, milliseconds
from gateway.errors import CouldNotCheck, GatewayError
from gateway.exchange.alarm import stop_channels
from gateway.exchange.continuity import refused
from gateway.exchange.edge import Edge, outdated
from gateway.exchange.log_ports import Checkpoints, Tiles
from gateway.exchange.log_rows import PublishedRow
from gateway.exchange.ports import Store, Transaction
from gateway.exchange.recovery import recover_log
from gateway.exchange.rows import LogEntryRow, LogState
from gateway.finding import Finding, finding

INTERVAL_SECONDS = 1.0
LARGEST_ROUND = 8192
THREADS = 4
T = TypeVar("T")
_log = structlog.get_logger()


class Step(enum.StrEnum):
    """The boundaries between the steps of one publication."""

    COMMITTED = "committed"
    STAGED = "staged"
    SWAPPED = "swapped"
    APPLIED = "applied"


class Publisher:
    """The publication of all logs of one gateway (`ports.Gate`)."""

    def __init__(
        self,
        organisation: str,
        *,
        store: Store,
        checkpoints: Checkpoints,
        tiles: Tiles,
        clock: Clock,
        refuse: Callable[[Finding], None],
        boundary: Callable[[Step], None] = lambda _: None,
    ) -> None:
        """Take the doors; `refuse` tells the journal of a log that must not be signed any more.

        `boundary` is called after each step, which lets a test end the process there.
        """
        self._organisation = organisation
        self._store = store
        self._checkpoints = checkpoints
        self._tiles = tiles
        self._clock = clock
        self._refuse = refuse
        self._boundary = boundary
        self._told: set[str] = set()  # refused logs whose channels were stopped
        self._lines: dict[str, _Line] = {}
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="publisher")

    async def recover(self) -> Mapping[str, Finding]:
        """Go on from what was published; return why which logs are refused, after stopping their channels."""
        states = await self._store.read(lambda tx: {one.name: one for one in tx.log_states()})
        loop = asyncio.get_running_loop()
        newest = await loop.run_in_executor(self._threads, self._checkpoints.all_newest)
        for name in sorted({*states, *(one.origin for one in newest)}):
            await self._line(name).recover()
        return await self._stop_refused()

    async def published(self, partner: str, size: int) -> None:
        """Wait until a checkpoint of the log about a partner with at least `size` entries is published.

        Raises:
            CouldNotCheck: the log contradicts what was published, so it cannot be signed.
            GatewayError: the store or the disk does not take it now.
        """
        await self._line(f"{self._organisation}/{partner}").reach(size)

    async def run(self) -> None:
        """Publish entries that nobody waits for, until cancelled."""
        while True:
            try:
                await self.publish_all()
            except GatewayError as error:
                _log.error("publish.failed", error=str(error))
            await asyncio.sleep(INTERVAL_SECONDS)

    async def publish_all(self) -> None:
        """Publish every log as far as it is committed; a refused one stays as it is."""
        states = await self._store.read(lambda tx: tx.log_states())
        for state in states:
            line = self._line(state.name)
            try:
                if line.refusal is None:
                    await line.reach(state.size)
            except CouldNotCheck:
                await self._stop_refused()

    def newest(self, log: str) -> PublishedRow | None:
        """Return the last published checkpoint of a log."""
        return self._checkpoints.newest(log)

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown()

    def _line(self, name: str) -> "_Line":
        """Return the line of a log."""
        if name not in self._lines:
            self._lines[name] = _Line(
                name,
                store=self._store,
                checkpoints=self._checkpoints,
                tiles=self._tiles,
                clock=self._clock,
                boundary=self._boundary,
                threads=self._threads,
            )
        return self._lines[name]

    async def _stop_refused(self) -> Mapping[str, Finding]:
        """Stop the channels of partners whose log is newly refused; return why."""
        refusals = {
            name: line.refusal
            for name, line in self._lines.items()
            if line.refusal is not None and name not in self._told
        }
        if refusals:
            await self._store.transact(lambda tx: _stop(tx, refusals))
        for name, found in refusals.items():
            self._told.add(name)
            self._refuse(found)
            partner = name.partition("/")[2]
            _log.error("alarm", partner=partner, codes=[found.code], remedy=found.remedy)
        return refusals


def _stop(tx: Transaction, refusals: Mapping[str, Finding]) -> None:
    """Stop the channels of partners whose log is refused."""
    for name, found in refusals.items():
        stop_channels(tx, name.partition("/")[2], found.code)


class _Line:
    """The publication of one log: one round at a time takes everything committed."""

    def __init__(
        self,
        name: str,
        *,
        store: Store,
        checkpoints: Checkpoints,
        tiles: Tiles,
        clock: Clock,
        boundary: Callable[[Step], None],
        threads: ThreadPoolExecutor,
    ) -> None:
        """Take the doors of the publisher."""
        self._name = name
        self._store = store
        self._checkpoints = checkpoints
        self._tiles = tiles
        self._clock = clock
        self._boundary = boundary
        self._threads = threads
        self._turn = asyncio.Lock()  # guards what follows
        self._edge: Edge | None = None
        self._newest: PublishedRow | None = None
        self.refusal: Finding | None = None

    async def reach(self, size: int) -> None:
        """Wait until so many entries are published."""
        while self._size < size:
            async with self._turn:
                edge = self._edge or await self._load()
                if self._size < size:
                    await self._round(edge)

    async def recover(self) -> None:
        """Go on from what was published, with all its files, then publish what is committed."""
        async with self._turn:
            try:
                await self._load(whole=True)
            except CouldNotCheck:
                return
        state = await self._store.read(lambda tx: tx.log_state(self._name))
        await self.reach(state.size)

    @property
    def _size(self) -> int:
        """The number of entries that are published."""
        if self.refusal is not None:
            raise refused(self.refusal)
        return 0 if self._newest is None else self._newest.size

    async def _load(self, *, whole: bool = False) -> Edge:
        """Compare database, published checkpoint and tiles; remember the right edge."""
        newest = await self._threaded(lambda: self._checkpoints.newest(self._name))
        found = await self._store.read(
            lambda tx: recover_log(tx, self._name, newest, self._tiles, whole=whole)
        )
        if isinstance(found, Finding):
            self.refusal = found
            raise refused(found)
        if newest is not None and (found.files or found.unpublished):
            await self._threaded(lambda: self._tiles.stage(self._name, found.files))
            await self._threaded(lambda: self._tiles.apply(self._name, newest.note, ()))
            _log.warning("publish.files-rebuilt", log=self._name, files=len(found.files))
        self._newest, self._edge = newest, found.edge
        return found.edge

    async def _round(self, edge: Edge) -> None:
        """Publish what is committed; called with the turn held."""

        def read(tx: Transaction) -> tuple[LogState, list[LogEntryRow]]:
            state = tx.log_state(self._name)
            return state, tx.log_entries(self._name, edge.size, min(state.size, edge.size + LARGEST_ROUND))

        state, entries = await self._store.read(read)
        self._edge = None  # stands again only if the round succeeds
        if not entries:
            raise GatewayError(f"{self._name} has fewer entries than were committed")
        if await self._threaded(lambda: self._advance(edge, state, entries)):
            self._edge = edge

    def _advance(self, edge: Edge, state: LogState, entries: list[LogEntryRow]) -> bool:
        """Stage, swap, apply; the body of a thread. False if another process published meanwhile."""
        before = self._newest
        self._boundary(Step.COMMITTED)
        self._tiles.stage(self._name, edge.grow([one.leaf for one in entries]))
        self._boundary(Step.STAGED)
        if edge.size < state.size:
            return True  # a long log is staged in several rounds and swapped in the last
        signed = checkpoints.parse(read_note(state.checkpoint).text)
        if edge.frontier != state.frontier or (signed.size, signed.root) != (edge.size, edge.root):
            self.refusal = finding("LOG-DIFFERENT", path=self._name, actual="entries do not lead to the tree")
            raise refused(self.refusal)
        row = PublishedRow(
            origin=self._name,
            size=edge.size,
            root=edge.root,
            note=state.checkpoint,
            published_at=milliseconds(self._clock()),
        )
        if not self._checkpoints.swap(before, row):
            return False
        self._boundary(Step.SWAPPED)
        self._newest = row
        self._tiles.apply(self._name, row.note, outdated(before.size if before else 0, row.size))
        self._boundary(Step.APPLIED)
        return True

    async def _threaded(self, work: Callable[[], T]) -> T:
        """Run blocking work in a thread."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)
