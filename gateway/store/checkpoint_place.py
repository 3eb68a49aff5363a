# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Where published checkpoints lie: a small SQLite file of one node, or a schema of PostgreSQL for several."""

import contextlib
import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import URL, Connection, create_engine
from sqlalchemy.exc import DBAPIError

from gateway.errors import ConfigError
from gateway.store import postgres
from gateway.store.errors import StoreBusy, StoreError, StoreFull, translate

SCHEMA = "gateway_published"  # apart from the tables, so that a dump of these does not hold it
_CHECKPOINTS = """
CREATE TABLE IF NOT EXISTS {schema}checkpoint (
    origin TEXT NOT NULL,
    size {number} NOT NULL,
    root {bytes} NOT NULL,
    note {bytes} NOT NULL,
    published_at {number} NOT NULL,
    PRIMARY KEY (origin, size)
)
"""
_STAMPS = """
CREATE TABLE IF NOT EXISTS {schema}stamp (
    origin TEXT NOT NULL,
    size {number} NOT NULL,
    reply {bytes} NOT NULL,
    stamped_at {number} NOT NULL,
    received_at {number} NOT NULL,
    PRIMARY KEY (origin, size),
    FOREIGN KEY (origin, size) REFERENCES {schema}checkpoint (origin, size)
)
"""

Rows = Sequence[Sequence[Any]]


class Turn(Protocol):
    """One transaction in which nobody else publishes the same log."""

    def rows(self, words: str, values: Sequence[Any]) -> Rows:
        """Return the rows of a query."""

    def change(self, words: str, values: Sequence[Any]) -> int:
        """Run a change; return how many rows it touched."""


class Place(Protocol):
    """Where the rows are; thread-safe. Words have `?` for values."""

    def turn(self, origin: str) -> contextlib.AbstractContextManager[Turn]:
        """Give a transaction, which is committed at the end."""

    def look(self) -> contextlib.AbstractContextManager[Turn]:
        """Give a way to read."""

    def close(self) -> None:
        """End the connections; safe to repeat."""


class FilePlace:
    """A file of SQLite; one connection, any thread."""

    def __init__(self, path: Path, *, busy_seconds: float = 10.0) -> None:
        """Open the file, making it if it is absent.

        Raises:
            ConfigError: it cannot be made or is not such a file.
        """
        self._lock = threading.Lock()  # guards _connection
        kinds = {"schema": "", "number": "INTEGER", "bytes": "BLOB"}
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            self._connection = sqlite3.connect(
                path, timeout=busy_seconds, isolation_level=None, check_same_thread=False
            )
            for words in (
                "PRAGMA journal_mode = WAL",
                "PRAGMA synchronous = FULL",
                "PRAGMA foreign_keys = ON",
                _CHECKPOINTS.format(**kinds) + " WITHOUT ROWID",
                _STAMPS.format(**kinds) + " WITHOUT ROWID",
            ):
                self._connection.execute(words)
        except (OSError, sqlite3.Error) as error:
            raise ConfigError(f"cannot open {path}: {error}") from error

    @contextlib.contextmanager
    def turn(self, origin: str) -> Iterator[Turn]:  # noqa: ARG002  # a file has one writer for all logs
        """Give a transaction, which is committed at the end."""
        with self.look() as looking:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield looking
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    @contextlib.contextmanager
    def look(self) -> Iterator[Turn]:
        """Hold the connection, and say what went wrong in the words of this room."""
        with self._lock:
            try:
                yield self
            except sqlite3.Error as error:
                name = getattr(error, "sqlite_errorname", "")
                if name == "SQLITE_FULL":
                    raise StoreFull("no space is left for checkpoints") from None
                if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
                    raise StoreBusy("the checkpoints are held by another process") from None
                raise StoreError(f"the checkpoints failed: {name or type(error).__name__}") from None

    def rows(self, words: str, values: Sequence[Any]) -> Rows:
        """Return the rows of a query; the connection must be held."""
        return self._connection.execute(words, values).fetchall()

    def change(self, words: str, values: Sequence[Any]) -> int:
        """Run a change; the connection must be held."""
        return self._connection.execute(words, values).rowcount

    def close(self) -> None:
        """Close the file; safe to repeat."""
        with self._lock:
            self._connection.close()


class SharedPlace:
    """A schema of PostgreSQL that all nodes share; any thread."""

    def __init__(self, url: URL, *, busy_seconds: float = 10.0) -> None:
        """Open the schema, making it if it is absent.

        Raises:
            StoreError: the database cannot be reached or does not let us.
        """
        self._engine = create_engine(
            url,
            hide_parameters=True,
            pool_size=2,
            pool_pre_ping=True,
            connect_args=postgres.connect_args(busy_seconds, idle_seconds=postgres.IDLE_SECONDS, writes=True),
        )
        kinds = {"schema": f"{SCHEMA}.", "number": "BIGINT", "bytes": "BYTEA"}
        with self.turn(SCHEMA) as turn:
            turn.change(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}", ())
            turn.change(_CHECKPOINTS.format(**kinds), ())
            turn.change(_STAMPS.format(**kinds), ())

    @contextlib.contextmanager
    def turn(self, origin: str) -> Iterator[Turn]:
        """Give a transaction in which no other node publishes the same log."""
        with self.look() as looking:
            looking.rows("SELECT pg_advisory_xact_lock(hashtextextended(?, 0))", (origin,))
            yield looking

    @contextlib.contextmanager
    def look(self) -> Iterator[Turn]:
        """Give a transaction."""
        try:
            with self._engine.begin() as connection:
                connection.exec_driver_sql(f"SET LOCAL search_path TO {SCHEMA}")
                yield _SharedTurn(connection)
        except DBAPIError as error:
            raise translate(error) from None

    def close(self) -> None:
        """End the connections; safe to repeat."""
        self._engine.dispose()


class _SharedTurn:
    """One transaction on PostgreSQL."""

    def __init__(self, connection: Connection) -> None:
        """Use a connection whose transaction has begun."""
        self._connection = connection

    def rows(self, words: str, values: Sequence[Any]) -> Rows:
        """Return the rows of a query."""
        found = self._connection.exec_driver_sql(words.replace("?", "%s"), tuple(values))
        return [tuple(one) for one in found]

    def change(self, words: str, values: Sequence[Any]) -> int:
        """Run a change; return how many rows it touched."""
        return self._connection.exec_driver_sql(words.replace("?", "%s"), tuple(values) or None).rowcount
