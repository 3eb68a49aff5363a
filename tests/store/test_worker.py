# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Group commit: what succeeds is durable, what fails undoes only itself, and the queue goes on."""

import asyncio
import sqlite3
import subprocess
import sys
import textwrap
import threading
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from gateway.store import StoreBusy, StoreClosed, StoreError, StoreFull, open_store, worker


def _names(tx):
    return {row.name for row in tx.channels()}


def _hold(gate):
    """Make a work that keeps the thread until the gate opens, so that others queue up behind it."""
    return lambda _: gate.wait(10)


@pytest.fixture(name="group_seconds")
def _group_seconds(store, monkeypatch):
    """Give every group of the writer exactly so many seconds."""

    def give(seconds):
        monkeypatch.setattr(worker, "SHORTEST_GROUP", seconds)
        monkeypatch.setattr(worker, "LONGEST_GROUP", seconds)
        store._writer._patience = seconds

    return give


async def test_queued_works_share_one_commit(store, rows, group_seconds):
    """Works that queue behind another are committed together."""
    group_seconds(60)
    gate, commits = threading.Event(), []
    event.listen(store._writer._engine, "commit", lambda _: commits.append(1))
    first = asyncio.create_task(store.transact(_hold(gate)))
    others = [
        asyncio.create_task(store.transact(lambda tx, name=str(name): tx.put_channel(rows.channel(name))))
        for name in range(50)
    ]
    await asyncio.sleep(0.05)
    gate.set()
    await asyncio.gather(first, *others)
    assert len(commits) <= 2
    assert len(await store.read(_names)) == 50


async def test_threads_keep_their_connection_until_something_fails(store):
    """Neither groups nor reads take a connection anew; after one that failed the next has one again."""

    def fail(_):
        raise LookupError

    taken = []
    for worker_of in (store._writer, store._reader):
        event.listen(worker_of._engine, "checkout", lambda *_: taken.append(1))
    await store.read(_names)
    await store.transact(_names)
    before = len(taken)
    for _ in range(3):
        await store.transact(_names)
        await store.read(_names)
    assert len(taken) == before
    with pytest.raises(LookupError):
        await store.read(fail)
    assert await store.read(_names) == set()
    assert len(taken) == before + 1


async def test_a_group_is_limited(store, rows, group_seconds):
    """More works than a group takes need more commits."""
    group_seconds(60)
    gate, commits = threading.Event(), []
    event.listen(store._writer._engine, "commit", lambda _: commits.append(1))
    works = [store.transact(_hold(gate)) if not number else store.transact(_names) for number in range(150)]
    tasks = [asyncio.create_task(work) for work in works]
    await asyncio.sleep(0.02)
    gate.set()
    await asyncio.gather(*tasks)
    assert len(commits) == 3


async def test_a_group_ends_when_its_time_is_over(store, group_seconds):
    """Works that take long are committed a few at a time, so that who comes meanwhile waits for few."""
    group_seconds(0.03)
    commits = []
    event.listen(store._writer._engine, "commit", lambda _: commits.append(1))
    await asyncio.gather(*(store.transact(lambda _: time.sleep(0.01)) for _ in range(20)))
    assert 20 / 4 <= len(commits) <= 20


@pytest.mark.parametrize(
    ("committing", "seconds"), [(0.0, 0.02), (0.001, 0.02), (0.004, 0.04), (0.01, 0.1), (3.0, 0.1)]
)
def test_a_group_works_ten_times_as_long_as_a_commit_takes(committing, seconds):
    """A slow disk is asked seldom and a fast one often, between bounds."""
    assert worker._patience(committing) == pytest.approx(seconds)


def test_a_slow_commit_lengthens_the_next_group(sqlite_store):
    """How long a group may take follows from the commit before it."""
    event.listen(sqlite_store._writer._engine, "commit", lambda _: time.sleep(0.02))
    sqlite_store.run(lambda _: None)
    assert sqlite_store._writer._patience == worker.LONGEST_GROUP


fates = st.sampled_from(["ok", "fails", "conflict", "cancelled"])
operations = st.lists(st.tuples(st.integers(0, 4), fates), max_size=25)


def _write(rows, keys, fate):
    """Make a work that adds refusals, then meets its fate."""

    def work(tx):
        for key in keys:
            tx.add_refusal(rows.refusal(key))
        if fate == "fails":
            raise LookupError
        if fate == "conflict":
            tx.add_refusal(rows.refusal(keys[0] + 90))
            tx.add_refusal(rows.refusal(keys[0] + 90))

    return work


async def _submit(store, works, pause):
    """Submit works, some at once and some after a turn of the loop, and leave those to be cancelled."""
    tasks = []
    for number, (work, fate) in enumerate(works):
        tasks.append(asyncio.create_task(store.transact(work)))
        if pause and number % pause == 0:
            await asyncio.sleep(0)
        if fate == "cancelled":
            tasks[-1].cancel()
    return await asyncio.gather(*tasks, return_exceptions=True)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(operations, st.integers(0, 3))
def test_exactly_the_succeeded_works_have_effect(store, rows, works, pause):
    """However works and failures interleave, the rows are those of the works whose callers saw success."""
    start = max((row.id for row in store.run_read(lambda tx: tx.refusals(1))), default=0) + 1000
    keys = [
        [start + number * 100 + place for place in range(size + 1)] for number, (size, _) in enumerate(works)
    ]
    made = [(_write(rows, own, fate), fate) for own, (_, fate) in zip(keys, works, strict=True)]
    results = asyncio.run(_submit(store, made, pause))
    kept = {row.id for row in store.run_read(lambda tx: tx.refusals(1_000)) if row.id >= start}
    errors = {"ok": type(None), "fails": LookupError, "conflict": StoreError}
    for own, (_, fate), result in zip(keys, works, results, strict=True):
        found = kept & set(range(own[0], own[0] + 100))
        if fate == "cancelled":
            assert found in (set(), set(own))
        else:
            assert isinstance(result, errors[fate])
            assert found == (set(own) if fate == "ok" else set())


async def test_cancelled_caller_does_not_stop_the_thread(store, rows):
    """A caller that leaves before its work begins has no effect; one that leaves during it has."""
    gate, begun = threading.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def slow(tx):
        loop.call_soon_threadsafe(begun.set)
        gate.wait(10)
        tx.put_channel(rows.channel("during"))

    running = asyncio.create_task(store.transact(slow))
    await begun.wait()
    waiting = asyncio.create_task(store.transact(lambda tx: tx.put_channel(rows.channel("before"))))
    await asyncio.sleep(0)
    running.cancel()
    waiting.cancel()
    await asyncio.gather(running, waiting, return_exceptions=True)
    gate.set()
    assert await store.transact(_names) == {"during"}


async def test_failed_commit_fails_the_whole_group(store, rows):
    """If the commit does not happen, no caller of the group sees success and nothing is kept."""
    gate = threading.Event()
    tasks = [asyncio.create_task(store.transact(_hold(gate)))]
    tasks += [
        asyncio.create_task(store.transact(lambda tx, name=str(name): tx.put_channel(rows.channel(name))))
        for name in range(5)
    ]
    await asyncio.sleep(0.05)

    def fail(_):
        raise StoreError("power cut")

    event.listen(store._writer._engine, "commit", fail)
    gate.set()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    event.remove(store._writer._engine, "commit", fail)
    assert [str(result) for result in results] == ["power cut"] * 6
    assert await store.transact(_names) == set()


def test_full_disk_is_named_and_the_queue_goes_on(sqlite_store, rows):
    """A store without space says so, keeps nothing of the work, and works again when there is space."""
    store, writer = sqlite_store, sqlite_store._writer

    def limit(tx):
        pages = tx._connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        tx._connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 2}")

    store.run(limit)
    big = rows.batch(1, envelope=bytes(range(256)) * 4000)
    with pytest.raises(StoreFull):
        store.run(lambda tx: tx.add_batch(big))
    store.run(lambda tx: tx.put_channel(rows.channel("small")))
    store.run(lambda tx: tx._connection.exec_driver_sql("PRAGMA max_page_count = 1000000") and None)
    store.run(lambda tx: tx.add_batch(big))
    assert store.run_read(lambda tx: tx.batch(1)) == big
    assert writer._thread.is_alive()


def test_database_held_by_another_process_is_named(sqlite_url, rows, tmp_path):
    """Work waits for another process only so long, then says so, and succeeds later."""
    store = open_store(sqlite_url, busy_seconds=0.1)
    other = sqlite3.connect(tmp_path / "deep" / "gateway.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreBusy):
        store.run(lambda tx: tx.put_channel(rows.channel()))
    assert store.run_read(_names) == set()
    other.execute("ROLLBACK")
    other.close()
    store.run(lambda tx: tx.put_channel(rows.channel("x")))
    assert store.run_read(_names) == {"x"}
    store.shut()


async def test_reads_cannot_write(store, rows):
    """The reading connection refuses changes."""
    with pytest.raises(StoreError):
        await store.read(lambda tx: tx.put_channel(rows.channel()))


async def test_reads_see_what_was_acknowledged(store, rows):
    """A read after an acknowledged work sees it; a read during a work sees the state before."""
    seen = []

    def work(tx):
        tx.put_channel(rows.channel("new"))
        seen.append(store.run_read(_names))

    await store.transact(work)
    assert seen == [set()]
    assert await store.read(_names) == {"new"}


def test_a_work_cannot_wait_for_its_own_thread(store):
    """Waiting for the thread inside the thread is refused instead of standing still for ever."""
    with pytest.raises(StoreError, match="same thread"):
        store.run(lambda _: store.run(_names))


def test_any_exception_reaches_the_caller(store):
    """Even an exception that a future cannot carry ends the wait."""

    def stop(_):
        raise StopIteration

    with pytest.raises(RuntimeError, match="StopIteration"):
        store.run(stop)


async def test_close_finishes_what_is_queued(store, rows):
    """Works queued before the end are done; later ones are refused; closing twice is harmless."""
    gate = threading.Event()
    tasks = [asyncio.create_task(store.transact(_hold(gate)))]
    tasks += [
        asyncio.create_task(store.transact(lambda tx, name=str(name): tx.put_channel(rows.channel(name))))
        for name in range(20)
    ]
    await asyncio.sleep(0)
    closing = asyncio.create_task(store.close())
    await asyncio.sleep(0.01)
    gate.set()
    await asyncio.gather(closing, *tasks)
    with pytest.raises(StoreClosed):
        await store.transact(_names)
    with pytest.raises(StoreClosed):
        store.run_read(_names)
    await store.close()


def test_caller_whose_loop_has_closed_does_not_stop_the_thread(store, rows):
    """A result that nobody can receive any more is dropped."""
    gate = threading.Event()

    async def leave():
        task = asyncio.create_task(store.transact(_hold(gate)))
        await asyncio.sleep(0.01)
        task.cancel()

    asyncio.run(leave())
    gate.set()
    store.run(lambda tx: tx.put_channel(rows.channel("x")))
    assert store.run_read(_names) == {"x"}


WRITER = textwrap.dedent(
    """
    import asyncio, sys
    from gateway.exchange.rows import ChannelRow
    from gateway.store import open_store

    store = open_store(sys.argv[1])

    async def one(worker):
        for number in range(100000):
            name = f"{worker}-{number}"
            row = ChannelRow(name=name, partner="XA", direction="out")
            await store.transact(lambda tx: tx.put_channel(row))
            print(name, flush=True)

    async def main():
        await asyncio.gather(*[one(worker) for worker in range(8)])

    asyncio.run(main())
    """
)


@pytest.mark.parametrize("lines", [1, 60, 300])
def test_killed_process_loses_nothing_acknowledged(url, lines):
    """After SIGKILL in the middle of commits, every acknowledged work is there."""
    writer = subprocess.Popen([sys.executable, "-c", WRITER, url], stdout=subprocess.PIPE, text=True)
    acknowledged = [writer.stdout.readline().strip() for _ in range(lines)]
    time.sleep(0.005)
    writer.kill()
    # The last line may have been cut short by the kill.
    rest, _ = writer.communicate()
    acknowledged += rest.splitlines()[:-1] if not rest.endswith("\n") else rest.splitlines()
    store = open_store(url, create=False)
    assert set(acknowledged) <= store.run_read(_names)
    store.shut()
