# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What has been published of each log, in a small SQLite file of its own (`checkpoints.sqlite`).

The last step before anything leaves is one compare-and-swap here. The file is apart from the database because
it must not be restored together with it: a database older than this file is recognised by it. Every
checkpoint that was ever published is kept.
"""

import contextlib
import os
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

from gateway.errors import ConfigError
from gateway.exchange.log_rows import PublishedRow
from gateway.store.errors import StoreBusy, StoreError, StoreFull

_TABLE = """
CREATE TABLE IF NOT EXISTS checkpoint (
    origin TEXT NOT NULL,
    size INTEGER NOT NULL,
    root BLOB NOT NULL,
    note BLOB NOT NULL,
    published_at INTEGER NOT NULL,
    PRIMARY KEY (origin, size)
) WITHOUT ROWID
"""
_COLUMNS = "SELECT origin, size, root, note, published_at FROM checkpoint"
_NEWEST = f"{_COLUMNS} WHERE origin = ? ORDER BY size DESC LIMIT 1"
_HISTORY = f"{_COLUMNS} WHERE origin = ? ORDER BY size DESC LIMIT ?"
_AT = f"{_COLUMNS} WHERE origin = ? AND size = ?"
_ORIGINS = "SELECT DISTINCT origin FROM checkpoint ORDER BY origin"
_ADD = "INSERT INTO checkpoint (origin, size, root, note, published_at) VALUES (?, ?, ?, ?, ?)"


class CheckpointStore:
    """The published checkpoints; one connection, any thread."""

    def __init__(self, path: Path, *, busy_seconds: float = 10.0) -> None:
        """Open the file, making it if it is absent.

        Raises:
            ConfigError: it cannot be made or is not such a file.
        """
        self._lock = threading.Lock()  # guards _connection
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            self._connection = sqlite3.connect(
                path, timeout=busy_seconds, isolation_level=None, check_same_thread=False
            )
            for words in ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", _TABLE):
                self._connection.execute(words)
        except (OSError, sqlite3.Error) as error:
            raise ConfigError(f"cannot open {path}: {error}") from error

    def newest(self, origin: str) -> PublishedRow | None:
        """Return the last published checkpoint of a log."""
        with self._errors():
            return _row(self._connection.execute(_NEWEST, (origin,)).fetchone())

    def at(self, origin: str, size: int) -> PublishedRow | None:
        """Return the checkpoint of a log that was published at a size."""
        with self._errors():
            return _row(self._connection.execute(_AT, (origin, size)).fetchone())

    def all_newest(self) -> list[PublishedRow]:
        """Return the last published checkpoint of every log, by name."""
        with self._errors():
            names = [one for (one,) in self._connection.execute(_ORIGINS).fetchall()]
        return [row for name in names if (row := self.newest(name)) is not None]

    def history(self, origin: str, limit: int) -> list[PublishedRow]:
        """Return what was published of a log, latest first."""
        with self._errors():
            found = self._connection.execute(_HISTORY, (origin, limit)).fetchall()
        return [row for one in found if (row := _row(one)) is not None]

    def swap(self, before: PublishedRow | None, after: PublishedRow) -> bool:
        """Publish `after` durably if `before` is still the newest; false if it is not."""
        with self._errors():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                if _row(self._connection.execute(_NEWEST, (after.origin,)).fetchone()) != before:
                    self._connection.execute("ROLLBACK")
                    return False
                self._connection.execute(
                    _ADD, (after.origin, after.size, after.root, after.note, after.published_at)
                )
                self._connection.execute("COMMIT")
            except sqlite3.Error:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
            return True

    def close(self) -> None:
        """Close the file; safe to repeat."""
        with self._lock:
            self._connection.close()

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        """Hold the connection, and say what went wrong in the words of this room."""
        with self._lock:
            try:
                yield
            except sqlite3.Error as error:
                name = getattr(error, "sqlite_errorname", "")
                if name == "SQLITE_FULL":
                    raise StoreFull("no space is left for checkpoints") from None
                if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
                    raise StoreBusy("the checkpoints are held by another process") from None
                raise StoreError(f"the checkpoints failed: {name or type(error).__name__}") from None


def _row(values: tuple[str, int, bytes, bytes, int] | None) -> PublishedRow | None:
    """Read a published checkpoint."""
    if values is None:
        return None
    return PublishedRow(**dict(zip(PublishedRow.__struct_fields__, values, strict=True)))  # type: ignore[arg-type]  # the columns are in the order of the fields
