# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Programs of two versions on one database: what adds is no obstacle, what takes away waits."""

import shutil
import textwrap
import time
from pathlib import Path

import pytest

import gateway.store
from gateway.errors import ConfigError
from gateway.exchange.lease_rows import NodeRow
from gateway.store import migration, open_store
from gateway.store.migration import NEWEST, database_version

ADDS, TAKES = "9001", "9002"


@pytest.fixture(name="later_program")
def _later_program(tmp_path, monkeypatch):
    """Give a way to be the program of a later version, which brings two more migrations."""

    def become(newest=TAKES, needed=ADDS):
        place = tmp_path / "package" / "migrations"
        if not place.exists():
            shutil.copytree(Path(gateway.store.__file__).parent / "migrations", place)
            write_migration(place, ADDS, NEWEST, "op.create_table('extra', sa.Column('id', sa.Integer()))")
            write_migration(place, TAKES, ADDS, "op.drop_table('extra')\n    ", contracts=True)
        monkeypatch.setattr(migration, "__file__", str(place.parent / "migration.py"))
        monkeypatch.setattr(migration, "NEWEST", newest)
        monkeypatch.setattr(migration, "NEEDED", needed)
        monkeypatch.setattr("gateway.store.store.NEWEST", newest)

    return become


def write_migration(folder, revision, before, words, *, contracts=False):
    """Write a migration file."""
    lines = f"""
        import sqlalchemy as sa
        from alembic import op

        revision = "{revision}"
        down_revision = "{before}"
        CONTRACTS = {contracts}


        def upgrade():
            {words}
        """
    (folder / "versions" / f"{revision}_later.py").write_text(textwrap.dedent(lines))


def living(store, number, schema):
    """Note a node that lives and knows a version."""
    now = int(time.time() * 1000)
    row = NodeRow(number=number, holder=f"h{number}", schema=schema, serves=True, started_at=now)
    store.run(lambda tx: tx.see_node(row, now, 60_000))


def reach_back(store, oldest):
    """Write into the database which version can still use it."""
    store.run(lambda tx: tx._connection.exec_driver_sql(f"UPDATE schema_range SET oldest = '{oldest}'"))


def test_what_takes_away_waits_for_the_last_old_node(url, later_program):
    """While a node of the version before lives, only what adds is run; once it has left, the rest is."""
    old = open_store(url)
    living(old, 1, NEWEST)
    later_program()
    new = open_store(url)
    assert database_version(url) == ADDS
    living(new, 2, TAKES)
    old.run(lambda tx: tx.leave_node(1, "h1"))
    again = open_store(url)
    assert database_version(url) == TAKES
    for one in (old, new, again):
        one.shut()


def test_old_program_uses_a_newer_database_until_something_was_taken_away(url, later_program, monkeypatch):
    """A node of the version before can be restarted between the two steps; after the second it is refused."""
    open_store(url).shut()
    with monkeypatch.context():
        later_program()
        old = open_store(url)
    monkeypatch.undo()
    assert database_version(url) == TAKES
    reach_back(old, NEWEST)
    restarted = open_store(url)
    assert restarted.run_read(lambda tx: tx.channels()) == []
    restarted.shut()
    reach_back(old, TAKES)
    with pytest.raises(ConfigError, match=f"version {TAKES}, this program needs {NEWEST}"):
        open_store(url)
    old.shut()


def test_program_that_cannot_do_without_says_which_nodes_hold_it_up(url, later_program):
    """If what takes away is needed at once, the start is refused and nothing is changed."""
    old = open_store(url)
    living(old, 1, NEWEST)
    later_program(needed=TAKES)
    with pytest.raises(ConfigError, match="stop them first"):
        open_store(url)
    assert database_version(url) == NEWEST
    old.shut()
