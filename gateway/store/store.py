# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The store: a thread that writes, one that reads, and on PostgreSQL one for leases and one that listens."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from sqlalchemy import URL, Engine, func, select
from sqlalchemy.exc import DBAPIError

from gateway.exchange.ports import Store, Transaction
from gateway.store.archived import ArchivedTransaction, ArchiveFiles, Rehearsed, rehearse_writing
from gateway.store.columns import metadata
from gateway.store.dialect import make_engine, parse_url, prepare_place
from gateway.store.errors import translate
from gateway.store.listener import Listener
from gateway.store.migration import NEWEST, check_version, stored_version, upgrade
from gateway.store.postgres import IDLE_SECONDS
from gateway.store.transaction import SqlTransaction
from gateway.store.worker import Begin, Worker

T = TypeVar("T")


class SqlStore(Store):
    """Where everything durable lives; made by `open_store`."""

    def __init__(
        self,
        writer: Worker,
        reader: Worker,
        highest_id: int,
        *,
        leaser: Worker | None = None,
        searcher: Worker | None = None,
        files: ArchiveFiles | None = None,
        url: URL,
    ) -> None:
        """Use running threads; `highest_id` is the highest id of any row when the store was opened."""
        self._searcher = searcher
        self._files = files  # of the writing thread
        self._writer = writer
        self._reader = reader
        self._leaser = leaser
        self._url = url
        self._listener: Listener | None = None
        self.highest_id = highest_id

    async def transact(self, work: Callable[[Transaction], T]) -> T:
        """Run work in the next group commit; return its result once that commit is durable."""
        return await self._writer.call(work)

    async def read(self, work: Callable[[Transaction], T]) -> T:
        """Run read-only work on another connection; sees committed data only."""
        return await self._reader.call(work)

    async def search(self, work: Callable[[Transaction], T]) -> T:
        """Like `read`, in the archive too, if the store was opened with one."""
        return await (self._searcher or self._reader).call(work)

    async def rehearse(self, work: Callable[[Transaction], object]) -> dict[str, set[int]]:
        """Run work without changing anything; return the ids by table of what it read from the archive.

        First it only reads, so that nobody waits. If that shows nothing it writes and is undone: what it
        changes may lead it further.
        """
        if self._searcher is None or self._files is None:
            return {}
        files = self._files

        def run(tx: Transaction) -> dict[str, set[int]]:
            if not isinstance(tx, ArchivedTransaction):
                return {}
            tx.rehearse()
            work(tx)
            return tx.touched

        touched = await self._searcher.call(run)
        if any(touched.values()):
            return touched
        try:
            await self._writer.call(lambda tx: rehearse_writing(tx, files, work))
        except Rehearsed as done:
            touched = done.touched
        return touched

    async def lease(self, work: Callable[[Transaction], T]) -> T:
        """Run work on leases; on PostgreSQL it does not wait for group commits, here or elsewhere."""
        return await (self._leaser or self._writer).call(work)

    def listen(self, heard: Callable[[Sequence[str]], None]) -> None:
        """Call from a thread with the channels and leases that any node woke, without names if it may be all.

        On SQLite nothing is ever heard.
        """
        if self._leaser is not None and self._listener is None:
            self._listener = Listener(self._url, heard)

    def run(self, work: Callable[[Transaction], T]) -> T:
        """Like `transact` for callers without a loop; blocks."""
        return self._writer.run(work)

    def run_read(self, work: Callable[[Transaction], T]) -> T:
        """Like `read` for callers without a loop; blocks."""
        return self._reader.run(work)

    async def close(self) -> None:
        """Finish what is queued and end both threads; safe to repeat."""
        await asyncio.to_thread(self.shut)

    def shut(self) -> None:
        """Like `close` for callers without a loop; blocks."""
        if self._listener is not None:
            self._listener.close()
        for one in (self._leaser, self._writer, self._searcher, self._reader):
            if one is not None:
                one.close()


def open_store(
    url: str,
    *,
    create: bool = True,
    busy_seconds: float = 10.0,
    idle_seconds: float = IDLE_SECONDS,
    archive: str = "",
    searching: bool = True,
) -> SqlStore:
    """Open a database; with `create`, make it and bring it to the newest version first.

    `archive` is the folder of archived days. They are read by every `read`, or without `searching` only by
    `search`, since looking into files takes its time.

    `busy_seconds` is how long a work waits for another process before it fails with `StoreBusy`,
    `idle_seconds` after what time PostgreSQL ends a group whose process stands still.

    Raises:
        ConfigError: the address is wrong, there is no database, or its version is not that of this program.
    """
    parts = parse_url(url)
    prepare_place(parts, create=create)
    engine = make_engine(parts, writes=True, busy_seconds=busy_seconds, idle_seconds=idle_seconds)
    try:
        _check_version(engine, create=create)
        highest = _highest_id(engine)
    except BaseException as error:
        engine.dispose()
        if isinstance(error, DBAPIError):
            raise translate(error) from None
        raise
    reading = make_engine(parts, writes=False, busy_seconds=busy_seconds)
    leaser = None
    if parts.get_backend_name() == "postgresql":
        leasing = make_engine(
            parts, writes=True, busy_seconds=busy_seconds, idle_seconds=idle_seconds, turn=False
        )
        leaser = Worker(leasing, "store-leases", writes=True)
    begin: Begin = (
        partial(ArchivedTransaction, files=ArchiveFiles(Path(archive))) if archive else SqlTransaction
    )
    searcher = None
    if archive and not searching:
        engine_of_search = make_engine(parts, writes=False, busy_seconds=busy_seconds)
        searcher = Worker(engine_of_search, "store-archive", writes=False, begin=begin)
        begin = SqlTransaction
    writer = Worker(engine, "store-writer", writes=True)
    reader = Worker(reading, "store-reader", writes=False, begin=begin)
    return SqlStore(
        writer,
        reader,
        highest,
        leaser=leaser,
        searcher=searcher or (reader if archive else None),
        files=ArchiveFiles(Path(archive)) if archive else None,
        url=parts,
    )


def _check_version(engine: Engine, *, create: bool) -> None:
    """Refuse a database of another version, or bring it to this one."""
    if create and stored_version(engine) < NEWEST:
        upgrade(engine)
    check_version(engine)


def _highest_id(engine: Engine) -> int:
    """Return the highest id of any row, 0 if there is none."""
    with engine.connect() as connection:
        highest = [
            connection.execute(select(func.max(one.c.id))).scalar_one() or 0
            for one in metadata.sorted_tables
            if "id" in one.c
        ]
    return max(highest)
