# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Lists go along their index, page by page, on both databases."""

import importlib

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import create_engine

from gateway.exchange.dead_letters import letter_groups
from gateway.exchange.listing import STATES, list_state
from gateway.exchange.rows import ChannelRow
from gateway.exchange.search import search
from gateway.model import ShareState

LANE = "CN/XA/item"
WAITING, REJECTED = ShareState.WAITING, ShareState.REJECTED


def put(store, rows, shares):
    """Store one item per share."""

    def work(tx):
        tx.put_items([rows.item(one.item) for one in shares])
        tx.put_shares(shares)

    store.run(work)


def test_waiting_shares_fall_into_groups(store, rows):
    """Each set of missing fields of a channel is one group; groups follow each other and end."""
    lacks = [("a",), ("a", "b"), (), ("a",), ("z",)]
    shares = [rows.share(10 + n, of=n, state=WAITING, missing=one) for n, one in enumerate(lacks, 1)]
    put(store, rows, [*shares, rows.share(20, of=6, state=WAITING, missing=("q",), channel="CN/XB/item")])

    def groups(tx):
        found, missing = {}, tx.waiting_group_after(LANE, None)
        while missing is not None:
            found[missing] = tx.count_waiting(LANE, missing, 100)
            missing = tx.waiting_group_after(LANE, missing)
        return found

    assert store.run_read(groups) == {("a",): 2, ("a", "b"): 1, (): 1, ("z",): 1}
    assert store.run_read(lambda tx: tx.count_waiting(LANE, ("a",), 1)) == 1
    page = store.run_read(lambda tx: tx.list_waiting(LANE, ("a",), 11, 5))
    assert [(one.share, one.tracking_number, one.missing) for one in page] == [(14, "4", ("a",))]


def test_rejected_shares_come_newest_first(store, rows):
    """A page ends above the id that the next one begins below."""
    put(store, rows, [rows.share(n, of=n, state=REJECTED) for n in (1, 2, 3)])
    pages = [store.run_read(lambda tx, at=at: tx.list_rejected(LANE, at, 2)) for at in (9, 2)]
    assert [[one.share for one in page] for page in pages] == [[3, 2], [1]]


def test_received_records_are_counted_by_channel(store, rows):
    """Forwarding and erasing move the counts of the channel on which the batch came."""

    def work(tx):
        tx.add_inbound(rows.inbound(7), [rows.record(8, 7), rows.record(9, 7, 1)])
        tx.add_inbound(rows.inbound(17, 2), [rows.record(18, 17, state="rejected")])
        tx.mark_forwarded(7)
        tx.put_inbound_payload(7, b"", [1])

    store.run(work)
    counts = store.run_read(lambda tx: tx.counts())
    found = {name: one for name, one in counts.items() if name.startswith("inbound_records.") and one}
    lane = "XA/CN/item"
    assert found == {
        f"inbound_records.forwarded:{lane}": 1,
        f"inbound_records.erased:{lane}": 1,
        f"inbound_records.rejected:{lane}": 1,
    }
    batches = store.run_read(lambda tx: tx.list_received(lane, 2, 9))
    assert [(one.sequence, one.count, one.rejected) for one in batches] == [(1, 2, 1)]


def test_order_keys_are_found_by_how_they_begin(store, rows):
    """Only keys with the beginning are listed, in order, above the last one of the page before."""
    keys = {1: "ord:A|1", 2: "ord:A|2", 3: "ord:AB|1", 4: "ord:B|1"}
    store.run(lambda tx: tx.put_items([rows.item(n, order_key=key) for n, key in keys.items()]))
    found = store.run_read(lambda tx: tx.list_under_orders("ord:A|", ("", 0), 9))
    assert found == [("ord:A|1", 1), ("ord:A|2", 2)]
    assert store.run_read(lambda tx: tx.list_under_orders("ord:A|", found[0], 9)) == found[1:]


def test_an_older_store_has_its_received_records_counted_by_channel(store, url, rows):
    """The version that counts by channel takes the counts from the rows, whatever was counted before."""
    store.run(lambda tx: tx.add_inbound(rows.inbound(7), [rows.record(8, 7), rows.record(9, 7, 1)]))
    engine = create_engine(url)
    script = importlib.import_module("gateway.store.migrations.versions.0014_listings")
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM counter")
        connection.exec_driver_sql(
            "INSERT INTO counter VALUES ('inbound_records.accepted', 2), ('inbound', 1)"
        )
        with Operations.context(MigrationContext.configure(connection)):
            script.downgrade()
            script.upgrade()
    engine.dispose()
    counts = store.run_read(lambda tx: tx.counts())
    assert counts == {"inbound": 1, "inbound_records.accepted:XA/CN/item": 2}
    assert store.run_read(lambda tx: tx.ledger()).inbound_records == {"accepted": 2}


def test_every_list_can_be_read_of_a_store_with_something_in_it(store, rows):
    """Board, lists, search and dead letters read the same rows on both databases."""

    def fill(tx):
        tx.put_channel(rows.channel(sequence=1, confirmed=1))
        tx.add_message(rows.message(1))
        tx.add_message(rows.message(2, raw=b"other", outcome="refused", accepted=0, message_id="m-2"))
        tx.add_contributions([rows.contribution(3)])
        tx.put_items([rows.item(n) for n in (4, 5, 6)])
        tx.add_batch(rows.batch(10))
        tx.put_shares(
            [
                rows.share(7, of=4, state=WAITING, missing=("a",)),
                rows.share(8, of=5, state=REJECTED),
                rows.share(9, of=6, state=ShareState.BATCHED, batch=10),
            ]
        )
        tx.add_inbound(rows.inbound(11), [rows.record(12, 11)])
        tx.put_channel(ChannelRow(name="XA/CN/item", partner="XA", direction="in", sequence=1))
        tx.add_refusal(rows.refusal(13))

    store.run(fill)

    def listed(tx):
        pages = {state: list_state(tx, "XA", state, after="", limit=10).rows for state in STATES}
        return {state: [one.tracking_number for one in page] for state, page in pages.items()}

    assert store.run_read(listed) == {
        "waiting": ["4"],
        "ready": [],
        "out": ["6"],
        "accepted": [],
        "rejected": ["5"],
        "in": ["EE1"],
    }
    for words, found_by in {"4": "tracking_number", "m-1": "message_id", "p|5": "order"}.items():
        (hit,) = store.run_read(lambda tx, words=words: search(tx, words, after="", limit=9)).rows
        assert hit.found_by == found_by
    found = store.run_read(letter_groups)
    assert [(one.kind, one.code) for one in found] == [
        ("record", "DEAD-LETTER-UNTREATED"),
        ("message", "WEB-REQUEST"),
        ("envelope", "TRUST-SIGNATURE"),
    ]
    assert store.run_read(lambda tx: tx.recent("out", LANE, 5)) == [(2, 3)]
