# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What only PostgreSQL has: one writer among nodes, bulk rows, lost connections, migration by several."""

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from gateway.errors import ConfigError
from gateway.store import StoreBusy, StoreError, open_store
from gateway.store.columns import metadata
from gateway.store.errors import StoreUnreachable
from gateway.store.migration import NEWEST, database_version
from tests.postgres import connect


@pytest.fixture(name="store")
def _store(postgres_url):
    """Give an open store on PostgreSQL."""
    opened = open_store(postgres_url)
    yield opened
    opened.shut()


@pytest.fixture(name="empty")
def _empty(postgres):
    """Give the address of a database without tables."""
    url = postgres.empty()
    yield url
    postgres.drop(url)


def test_migrated_database_equals_the_tables(postgres_url):
    """Migrations and metadata give the same tables and indexes on PostgreSQL too."""
    engine = create_engine(postgres_url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_several_nodes_may_migrate_at_once(empty):
    """Nodes that start together on an empty database all find the newest version."""
    with ThreadPoolExecutor(4) as threads:
        stores = list(threads.map(open_store, [empty] * 4))
    for store in stores:
        assert database_version(empty) == NEWEST
        store.shut()


def test_database_of_another_encoding_is_refused(postgres):
    """Text that the database could not hold is not found out row by row."""
    url = postgres.empty("SQL_ASCII")
    with pytest.raises(ConfigError, match="UTF8"):
        open_store(url)
    postgres.drop(url)


def test_bulk_rows_are_copied_and_come_back_the_same(store, rows):
    """Many rows go by COPY, few by statements, and both come back as they were given."""
    commands = []

    def put(tx):
        tx.add_message(rows.message(1))
        tx.add_contributions([rows.contribution(one) for one in range(1, 101)])
        tx.add_contributions([rows.contribution(one, reference="a\tb\\N\n") for one in range(101, 104)])
        commands.append(tx._connection.exec_driver_sql("SELECT 1").scalar_one())

    store.run(put)
    keys = [f"trk:{one}" for one in range(1, 104)]
    found = store.run_read(lambda tx: tx.contributions(keys))
    assert found[:100] == [rows.contribution(one) for one in range(1, 101)]
    assert {one.reference for one in found[100:]} == {"a\tb\\N\n"}


def test_row_refused_in_bulk_undoes_its_work_only(store, rows):
    """A conflict inside COPY is named like any other, and the works around it stay."""
    store.run(lambda tx: tx.add_message(rows.message(1)))
    store.run(lambda tx: tx.add_contributions([rows.contribution(50)]))
    with pytest.raises(StoreError, match="pk_contribution"):
        store.run(lambda tx: tx.add_contributions([rows.contribution(one) for one in range(1, 101)]))
    assert len(store.run_read(lambda tx: tx.contributions(["trk:1", "trk:50"]))) == 1


def test_text_with_a_null_character_is_kept_with_a_sign_in_its_place(store, rows):
    """PostgreSQL cannot hold it; a partner who sends one must not stop a channel."""
    record = rows.record(2, 1, reference="a\0b")
    store.run(lambda tx: tx.add_inbound(rows.inbound(1), [record]))
    many = [rows.record(one, 3, reference="a\0b") for one in range(10, 30)]
    store.run(lambda tx: tx.add_inbound(rows.inbound(3, 2), many))
    found = store.run_read(lambda tx: tx.inbound_records("EE1"))
    assert {one.reference for one, _ in found} == {"a␀b"}
    assert len(found) == 21


def test_sums_are_whole_numbers(store):
    """Sums come back as int, as they do from SQLite."""
    assert type(store.run_read(lambda tx: tx.keys_asked("XA", "a/1", 0))) is int
    cell = ("total", 20261123, "export", "9610", "", "CNY")
    store.run(lambda tx: tx.add_cells({cell: [1, 1234567, 1, 85000]}))
    (row,) = store.run_read(lambda tx: [*tx.figures("total", (20261101, 20261130), frozenset(), {})])
    assert {type(amount) for amount in row[5:]} == {int}


async def test_two_nodes_write_one_after_the_other(postgres_url, store, rows):
    """A group sees everything that the groups before it committed, whichever node they ran on."""
    other = open_store(postgres_url)

    def add(tx):
        row = tx.channel("c") or rows.channel("c", sequence=0)
        time.sleep(0.001)
        tx.put_channel(rows.channel("c", sequence=row.sequence + 1))

    store.run(lambda tx: tx.put_channel(rows.channel("c", sequence=0)))
    await asyncio.gather(*(one.transact(add) for _ in range(40) for one in (store, other)))
    assert (await store.read(lambda tx: tx.channel("c"))).sequence == 80
    other.shut()


def test_node_that_stands_still_holds_nobody_up(postgres_url, rows):
    """The server ends a group whose process stands still; others go on, and the late one has failed."""
    slow = open_store(postgres_url, idle_seconds=0.5)
    other = open_store(postgres_url)

    def stand(tx):
        tx.put_channel(rows.channel("late"))
        time.sleep(3)
        tx.put_channel(rows.channel("later"))

    with ThreadPoolExecutor(1) as threads:
        late = threads.submit(slow.run, stand)
        time.sleep(0.1)
        begun = time.monotonic()
        other.run(lambda tx: tx.put_channel(rows.channel("x")))
        assert time.monotonic() - begun < 2.5
        with pytest.raises(StoreUnreachable):
            late.result()
    slow.run(lambda tx: tx.put_channel(rows.channel("again")))
    assert {one.name for one in other.run_read(lambda tx: tx.channels())} == {"x", "again"}
    slow.shut()
    other.shut()


def test_lost_connection_fails_its_group_and_the_next_goes_on(postgres, postgres_url, store, rows):
    """What was running when the connection broke has failed whole; what comes next finds a new connection."""
    inside, broken = threading.Event(), threading.Event()

    def work(tx):
        tx.put_channel(rows.channel("lost"))
        inside.set()
        broken.wait(10)
        tx.put_channel(rows.channel("lost too"))

    with ThreadPoolExecutor(1) as threads:
        running = threads.submit(store.run, work)
        inside.wait(10)
        postgres.disconnect(postgres_url)
        broken.set()
        with pytest.raises(StoreUnreachable):
            running.result()
    store.run(lambda tx: tx.put_channel(rows.channel("next")))
    assert {one.name for one in store.run_read(lambda tx: tx.channels())} == {"next"}


def test_all_of_a_group_that_lost_its_connection_hear_the_same(postgres, postgres_url, store, rows):
    """A work that was done already fails as the one does during which the connection broke."""
    inside, queued = threading.Event(), threading.Event()

    def done(tx):
        tx.put_channel(rows.channel("done"))
        inside.set()
        queued.wait(10)

    def breaks(tx):
        postgres.disconnect(postgres_url)
        tx.put_channel(rows.channel("broken"))

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(store.run, done)
        inside.wait(10)
        second = threads.submit(store.run, breaks)
        time.sleep(0.02)  # until it stands in the queue, and less than the longest group
        queued.set()
        for one in (first, second):
            with pytest.raises(StoreUnreachable):
                one.result()
    assert store.run_read(lambda tx: tx.channels()) == []


def test_idle_connections_are_made_again_unnoticed(postgres, postgres_url, store, rows):
    """A failover between works is seen by nobody."""
    store.run(lambda tx: tx.put_channel(rows.channel("before")))
    store.run_read(lambda tx: tx.channels())
    postgres.disconnect(postgres_url)
    store.run(lambda tx: tx.put_channel(rows.channel("after")))
    postgres.disconnect(postgres_url)
    assert {one.name for one in store.run_read(lambda tx: tx.channels())} == {"before", "after"}


def test_writer_that_waits_too_long_says_so(postgres_url, rows):
    """Waiting for another node ends after the time that was set."""
    store = open_store(postgres_url, busy_seconds=0.2)
    with connect(postgres_url) as other, other.transaction():
        other.execute("SELECT pg_advisory_xact_lock(%s)", (0x6561_6467_7772_6974,))
        with pytest.raises(StoreBusy):
            store.run(lambda tx: tx.put_channel(rows.channel()))
    store.run(lambda tx: tx.put_channel(rows.channel("x")))
    store.shut()


def test_server_that_is_not_there_is_named(postgres_url):
    """An address without a server fails with a reason that names it."""
    with pytest.raises(StoreUnreachable, match="refused"):
        open_store("postgresql+psycopg://nobody@127.0.0.1:9/none")
