# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The only file that knows which database it is: engines, settings, and the words that differ.

SQLite (https://www.sqlite.org/pragma.html) is the embedded default, PostgreSQL (`postgres`) the shared store.
"""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Column, Connection, Engine, Insert, Table, create_engine, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.sql import ColumnElement

from gateway.errors import ConfigError
from gateway.store import postgres
from gateway.store.driver import run

_PAGE = 8192  # bytes; fits a compressed contribution, and halves the overflow chains of payloads
_CACHE = 64 * 1024  # KiB
_MAPPED = 256 * 1024 * 1024
_CHECKPOINT = 4000  # pages of the write-ahead log


def parse_url(url: str) -> URL:
    """Return the parts of a database address.

    Raises:
        ConfigError: it is not an address of SQLite in a file or of PostgreSQL.
    """
    try:
        parts = make_url(url)
    except ArgumentError as error:
        raise ConfigError("the database address cannot be read") from error
    if parts.get_backend_name() == "postgresql":
        return parts.set(drivername="postgresql+psycopg")
    if parts.get_backend_name() != "sqlite":
        raise ConfigError(f"database {parts.get_backend_name()} is not supported")
    if parts.database in {None, "", ":memory:"}:
        raise ConfigError("SQLite must be in a file: sqlite:///path")
    return parts


def prepare_place(url: URL, *, create: bool) -> None:
    """Make the file and folder of SQLite, readable by their owner only; PostgreSQL needs no place.

    Raises:
        ConfigError: there is no file and none may be made, or it cannot be made.
    """
    if url.get_backend_name() != "sqlite":
        return
    path = Path(str(url.database))
    if path.exists():
        return
    if not create:
        raise ConfigError(f"there is no database {path}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise ConfigError(f"cannot make database {path}: {error.strerror}") from error


def make_engine(
    url: URL,
    *,
    writes: bool,
    busy_seconds: float,
    idle_seconds: float = postgres.IDLE_SECONDS,
    turn: bool = True,
) -> Engine:
    """Return an engine with one connection, for one thread; `idle_seconds` and `turn` are for PostgreSQL.

    Raises:
        ConfigError: the driver of the database is not installed.
    """
    try:
        if url.get_backend_name() == "sqlite":
            return _sqlite_engine(url, writes=writes, busy_seconds=busy_seconds)
        return postgres.make_engine(
            url, writes=writes, busy_seconds=busy_seconds, idle_seconds=idle_seconds, turn=turn
        )
    except ModuleNotFoundError as error:
        raise ConfigError(f"the database driver {error.name} is not installed") from error


def _sqlite_engine(url: URL, *, writes: bool, busy_seconds: float) -> Engine:
    engine = create_engine(
        url,
        hide_parameters=True,
        pool_size=1,
        max_overflow=0,
        connect_args={"cached_statements": 512, "timeout": busy_seconds},
    )

    def settle(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        # The driver must not begin transactions on its own: it would begin deferred ones.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            f"page_size = {_PAGE}",
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
            f"cache_size = -{_CACHE}",
            f"mmap_size = {_MAPPED}",
            f"wal_autocheckpoint = {_CHECKPOINT}",
            f"journal_size_limit = {_CHECKPOINT * _PAGE * 4}",
            "temp_store = MEMORY",
            f"query_only = {'OFF' if writes else 'ON'}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    def begin(connection: Connection) -> None:
        # A deferred transaction that turns to writing later can fail at once with "locked".
        run(connection, "BEGIN IMMEDIATE" if writes else "BEGIN")

    event.listen(engine, "connect", settle)
    event.listen(engine, "begin", begin)
    return engine


def insert_for(table: Table, backend: str) -> sqlite.Insert | postgresql.Insert:
    """Return an insert that can say what becomes of a row whose key exists."""
    return postgresql.insert(table) if backend == "postgresql" else sqlite.insert(table)


def upsert(
    table: Table,
    backend: str,
    only_if: Callable[[Any], ColumnElement[bool]] | None = None,
    fixed: Sequence[Column[Any]] = (),
) -> Insert:
    """Return an insert of whole rows that replaces the row with the same primary key.

    `fixed` are columns that never change: naming them would write their indexes anew. `only_if` makes the
    condition on the replacement from the row that was offered.
    """
    insert = insert_for(table, backend)
    offered, kept = insert.excluded, frozenset(fixed)
    return insert.on_conflict_do_update(
        index_elements=list(table.primary_key.columns),
        set_={
            column.name: offered[column.name]
            for column in table.columns
            if not column.primary_key and column not in kept
        },
        where=None if only_if is None else only_if(offered),
    )


def add_on_conflict(table: Table, backend: str, *amounts: Column[int]) -> Insert:
    """Return an insert that adds the amounts to the row with the same primary key."""
    insert = insert_for(table, backend)
    return insert.on_conflict_do_update(
        index_elements=list(table.primary_key.columns),
        set_={one.name: one + insert.excluded[one.name] for one in amounts},
    )
