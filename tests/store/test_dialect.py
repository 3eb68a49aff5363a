# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Addresses, places and settings of databases."""

import importlib.util
from datetime import UTC, datetime

import pytest

from gateway.errors import ConfigError
from gateway.store import StoreError, TimeIds, open_store
from gateway.store.dialect import parse_url


def test_settings_of_sqlite(sqlite_store):
    """Commits are durable, foreign keys hold, readers do not block, and the reader cannot write."""

    def read(tx):
        names = ("journal_mode", "synchronous", "foreign_keys", "page_size", "query_only")
        return [tx._connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in names]

    assert sqlite_store.run(read) == ["wal", 2, 1, 8192, 0]
    assert sqlite_store.run_read(read) == ["wal", 2, 1, 8192, 1]


def test_postgresql_is_reached_through_psycopg():
    """The driver is chosen here, whatever the address says."""
    assert parse_url("postgresql://u@h/d").drivername == "postgresql+psycopg"


@pytest.mark.skipif(importlib.util.find_spec("psycopg") is not None, reason="the driver is installed")
def test_missing_driver_is_a_configuration_error():
    """Without psycopg the operator is told what is missing."""
    with pytest.raises(ConfigError, match="driver psycopg is not installed"):
        open_store("postgresql://u@h/d")


def test_place_that_cannot_be_made_is_a_configuration_error(tmp_path):
    """A folder whose parent is a file is refused with the reason of the system."""
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="cannot make database"):
        open_store(f"sqlite:///{tmp_path / 'file' / 'gateway.sqlite'}")


def test_file_that_is_no_database_is_refused(tmp_path):
    """A file of something else is left alone and named as a failure of the store."""
    path = tmp_path / "text.sqlite"
    path.write_text("not a database, but long enough to be read as the head of one " * 20)
    with pytest.raises(StoreError):
        open_store(f"sqlite:///{path}")
    assert path.read_text().startswith("not a database")


def test_highest_id_is_known_after_a_restart(url, rows):
    """A store knows the highest id it holds, so that new ids start above it."""
    store = open_store(url)
    assert store.highest_id == 0
    store.run(lambda tx: tx.put_items([rows.item(1 << 60)]))
    store.shut()
    store = open_store(url, create=False)
    assert TimeIds(0, _start_of_time, store.highest_id).take(1)[0] > 1 << 60
    store.shut()


def _start_of_time():
    """Read a clock that was never set."""
    return datetime(1970, 1, 1, tzinfo=UTC)
