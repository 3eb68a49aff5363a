# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The store: one thread that writes, one that reads."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Engine, func, select
from sqlalchemy.exc import DBAPIError

from gateway.errors import ConfigError
from gateway.exchange.ports import Store, Transaction
from gateway.store.dialect import make_engine, parse_url, prepare_place
from gateway.store.errors import translate
from gateway.store.migration import NEWEST, stored_version, upgrade
from gateway.store.schema import metadata
from gateway.store.worker import Worker

T = TypeVar("T")


class SqlStore(Store):
    """Where everything durable lives; made by `open_store`."""

    def __init__(self, writer: Worker, reader: Worker, highest_id: int) -> None:
        """Use two running threads; `highest_id` is the highest id of any row when the store was opened."""
        self._writer = writer
        self._reader = reader
        self.highest_id = highest_id

    async def transact(self, work: Callable[[Transaction], T]) -> T:
        """Run work in the next group commit; return its result once that commit is durable."""
        return await self._writer.call(work)

    async def read(self, work: Callable[[Transaction], T]) -> T:
        """Run read-only work on another connection; sees committed data only."""
        return await self._reader.call(work)

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
        self._writer.close()
        self._reader.close()


def open_store(url: str, *, create: bool = True, busy_seconds: float = 10.0) -> SqlStore:
    """Open a database; with `create`, make it and bring it to the newest version first.

    `busy_seconds` is how long a work waits for another process before it fails with `StoreBusy`.

    Raises:
        ConfigError: the address is wrong, there is no database, or its version is not that of this program.
    """
    parts = parse_url(url)
    prepare_place(parts, create=create)
    engine = make_engine(parts, writes=True, busy_seconds=busy_seconds)
    try:
        _check_version(engine, create=create)
        highest = _highest_id(engine)
    except BaseException as error:
        engine.dispose()
        if isinstance(error, DBAPIError):
            raise translate(error) from None
        raise
    reading = make_engine(parts, writes=False, busy_seconds=busy_seconds)
    return SqlStore(
        Worker(engine, "store-writer", writes=True), Worker(reading, "store-reader", writes=False), highest
    )


def _check_version(engine: Engine, *, create: bool) -> None:
    """Refuse a database of another version, or bring it to this one."""
    version = stored_version(engine)
    if version != NEWEST and create:
        upgrade(engine)
    elif version != NEWEST:
        raise ConfigError(f"the database has version {version or 'none'}, this program needs {NEWEST}")


def _highest_id(engine: Engine) -> int:
    """Return the highest id of any row, 0 if there is none."""
    with engine.connect() as connection:
        highest = [
            connection.execute(select(func.max(one.c.id))).scalar_one() or 0
            for one in metadata.sorted_tables
            if "id" in one.c
        ]
    return max(highest)
