# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Leases and nodes: one holder at a time, tokens that never go back, and who lives."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest

from gateway.exchange.lease_rows import NodeRow
from gateway.store import open_store

LIFE = 1000  # milliseconds; long enough for what a busy machine does between two looks


@pytest.fixture(name="later")
def _later(url):
    """Give a way to let time pass: on SQLite it is an argument, on PostgreSQL it must really pass."""
    now = 1_000

    def pass_(milliseconds=0):
        nonlocal now
        now += milliseconds
        if milliseconds and url.startswith("postgresql"):
            time.sleep(milliseconds / 1000)
        return now

    return pass_


def test_lease_has_one_holder_until_it_ends(store, later):
    """A lease is renewed by its token, refused to others, and taken over with a new one when it has ended."""

    def take(holder, token=0):
        return store.run(lambda tx: tx.take_lease("lane", holder, token, later(), LIFE))

    assert take("a") == 1
    assert take("b") == 0
    assert take("a", 1) == 1
    later(LIFE + 100)
    assert take("b") == 2
    assert take("a", 1) == 0
    assert store.run(lambda tx: (tx.holds_lease("lane", 1), tx.holds_lease("lane", 2))) == (False, True)
    store.run(lambda tx: tx.drop_lease("lane", 1))
    assert take("a") == 0
    store.run(lambda tx: tx.drop_lease("lane", 2))
    assert take("a") == 3


def test_restarted_holder_does_not_wait_but_has_a_new_token(store, later):
    """A process that comes back under its name takes its lease at once; what it was before has lost it."""
    first = store.run(lambda tx: tx.take_lease("lane", "a", 0, later(), 60_000))
    second = store.run(lambda tx: tx.take_lease("lane", "a", 0, later(), 60_000))
    assert (first, second) == (1, 2)
    assert not store.run(lambda tx: tx.holds_lease("lane", first))


def test_nodes_are_counted_while_they_are_seen(store, later):
    """A node counts until it leaves or is not seen for too long; its number is its own meanwhile."""
    one = NodeRow(number=1, holder="a", schema="9", serves=True, started_at=5)
    other = NodeRow(number=2, holder="b", schema="9", serves=True, started_at=6)
    tool = NodeRow(number=63, holder="c", schema="9", serves=False, started_at=6)

    def see(row):
        return store.run(lambda tx: tx.see_node(row, later(), LIFE))

    assert [see(one), see(other), see(tool), see(one)] == [1, 2, 2, 2]
    taken = msgspec.structs.replace(one, holder="x")
    assert see(taken) == 0
    store.run(lambda tx: tx.leave_node(2, "a"))
    assert [row.number for row in store.run_read(lambda tx: tx.nodes())] == [1, 2, 63]
    store.run(lambda tx: tx.leave_node(2, "b"))
    assert see(one) == 1
    later(LIFE + 100)
    assert see(taken) == 1
    assert store.run_read(lambda tx: tx.nodes())[0].holder == "x"


async def test_lease_in_use_cannot_be_taken_and_is_not_waited_for(postgres_url):
    """While a work relies on a lease, others pass it over at once, even when its time is up."""
    ours, theirs = open_store(postgres_url), open_store(postgres_url)
    token = await ours.lease(lambda tx: tx.take_lease("lane", "a", 0, 0, 50))

    def rely(tx):
        held = tx.holds_lease("lane", token)
        time.sleep(1.5)
        return held

    relying = asyncio.create_task(ours.transact(rely))
    await asyncio.sleep(0.2)
    begun = time.monotonic()
    assert await theirs.lease(lambda tx: tx.take_lease("lane", "b", 0, 0, 50)) == 0
    assert time.monotonic() - begun < 1
    assert await relying
    assert await theirs.lease(lambda tx: tx.take_lease("lane", "b", 0, 0, 50)) == token + 1
    ours.shut()
    theirs.shut()


def test_many_claim_and_one_gets_it(postgres_url):
    """However many nodes claim a lease at one moment, one has it."""
    stores = [open_store(postgres_url) for _ in range(4)]

    def claim(number):
        return asyncio.run(
            stores[number].lease(lambda tx: tx.take_lease("lane", f"node-{number}", 0, 0, 60_000))
        )

    with ThreadPoolExecutor(4) as threads:
        tokens = list(threads.map(claim, range(4)))
    assert sorted(tokens) == [0, 0, 0, 1]
    for one in stores:
        one.shut()


def test_other_nodes_hear_what_became_ready(postgres, postgres_url, rows):
    """A commit that makes a share ready, or gives up a lease, is heard on every node, also after a cut."""
    ours, theirs, heard = open_store(postgres_url), open_store(postgres_url), []
    theirs.listen(heard.extend)

    def until(name):
        end = time.monotonic() + 10
        while name not in heard:
            assert time.monotonic() < end, heard
            ours.run(lambda tx: (tx.put_items([rows.item(1)]), tx.put_shares([rows.share(1)])))
            time.sleep(0.02)

    until("CN/XA/item")
    token = ours.run(lambda tx: tx.take_lease("lane", "a", 0, 0, 60_000))
    ours.run(lambda tx: tx.drop_lease("lane", token))
    until("lane")
    postgres.disconnect(postgres_url)
    heard.clear()
    until("CN/XA/item")
    ours.shut()
    theirs.shut()
