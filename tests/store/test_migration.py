# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The migrations make the tables that the statements expect."""

import contextlib
import re
import sqlite3
import stat
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

import gateway.store
from gateway.errors import ConfigError
from gateway.store import migrate, open_store
from gateway.store.columns import metadata
from gateway.store.dialect import parse_url
from gateway.store.migration import NEWEST


def _sql(engine):
    """Return what the database remembers of its tables and indexes, without layout."""
    with engine.connect() as connection:
        found = connection.execute(
            text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name != 'alembic_version'")
        )
        return {name: re.sub(r"\s+", " ", sql).replace("( ", "(").replace(" )", ")") for name, sql in found}


def test_migrated_database_equals_the_tables(sqlite_url, tmp_path):
    """Migrations and metadata give the same database, to the word, and alembic sees no difference."""
    migrate(sqlite_url)
    migrated, made = create_engine(sqlite_url), create_engine(f"sqlite:///{tmp_path / 'made.sqlite'}")
    metadata.create_all(made)
    assert _sql(migrated) == _sql(made)
    with migrated.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    migrated.dispose()
    made.dispose()


def test_newest_migration_is_the_one_that_stores_are_checked_against():
    """The constant is the head of the migration scripts."""
    config = Config()
    config.set_main_option("script_location", str(Path(gateway.store.__file__).parent / "migrations"))
    assert ScriptDirectory.from_config(config).get_current_head() == NEWEST


def test_migrating_twice_changes_nothing(sqlite_url):
    """A database that is up to date is left alone."""
    migrate(sqlite_url)
    place = parse_url(sqlite_url).database
    with contextlib.closing(sqlite3.connect(place)) as connection:
        before = connection.execute("select sql from sqlite_master order by name").fetchall()
        migrate(sqlite_url)
        assert connection.execute("select sql from sqlite_master order by name").fetchall() == before
    open_store(sqlite_url, create=False).shut()


def test_file_and_folder_belong_to_their_owner_only(sqlite_url, tmp_path):
    """The database, its log files and its folder are closed to others."""
    store = open_store(sqlite_url)
    folder = tmp_path / "deep"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}
    store.shut()


def test_absent_database_is_not_made_unasked(sqlite_url):
    """Without `create` a missing file is a configuration error."""
    with pytest.raises(ConfigError, match="no database"):
        open_store(sqlite_url, create=False)


def test_database_of_another_version_is_refused(tmp_path):
    """Without `create` an empty file is a configuration error that names both versions."""
    (tmp_path / "empty.sqlite").touch()
    with pytest.raises(ConfigError, match=f"version none.*{NEWEST}"):
        open_store(f"sqlite:///{tmp_path / 'empty.sqlite'}", create=False)


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://h/d", "nonsense"])
def test_other_databases_are_refused(url):
    """Only SQLite in a file and PostgreSQL are supported."""
    with pytest.raises(ConfigError):
        open_store(url)
