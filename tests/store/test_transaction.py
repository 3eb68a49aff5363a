# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The methods of the port keep what their docstrings promise."""

import os
import sqlite3

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from gateway.exchange.rows import LogState, SeenRow
from gateway.model import ShareState
from gateway.store import StoreConflict


def test_messages_come_back_verbatim(store, rows):
    """A message is found by its digest and by id, byte for byte, empty and incompressible ones too."""
    sent = [
        rows.message(key, raw=raw) for key, raw in enumerate([b"", os.urandom(5000), b"<a/>" * 9000], start=1)
    ]
    for row in sent:
        store.run(lambda tx, row=row: tx.add_message(row))
    assert store.run_read(lambda tx: tx.messages([3, 1, 2, 1])) == sent
    assert store.run_read(lambda tx: tx.message_by_digest(sent[1].digest)) == sent[1]
    assert store.run_read(lambda tx: tx.message_by_digest(b"x")) is None


def test_verbatim_bytes_are_stored_compressed(sqlite_store, rows, tmp_path):
    """A repetitive message takes a fraction of its size on disk."""
    sqlite_store.run(lambda tx: tx.add_message(rows.message(raw=b"<a/>" * 9000)))
    direct = sqlite3.connect(tmp_path / "deep" / "gateway.sqlite")
    assert direct.execute("SELECT length(raw) FROM message").fetchone()[0] < 200
    direct.close()


def test_the_same_message_is_refused_without_naming_its_content(store, rows):
    """A second message with the same digest is a conflict whose text names the column only."""
    store.run(lambda tx: tx.add_message(rows.message(1)))
    with pytest.raises(StoreConflict, match=r"^the store refuses a row: (message.digest|ix_message_digest)$"):
        store.run(lambda tx: tx.add_message(rows.message(2)))


def test_contributions_are_found_by_key_and_reference(store, rows):
    """Contributions come in id order; retired ones stay, marked."""
    sent = [rows.contribution(key) for key in range(1, 700)]

    def work(tx):
        tx.add_message(rows.message())
        tx.add_contributions(sent)
        tx.retire_contributions([2])

    store.run(work)
    kept = [replace(one, retired=one.id == 2) for one in sent]
    keys = [one.join_key for one in reversed(sent)]
    assert store.run_read(lambda tx: tx.contributions([*keys, *keys, "trk:none"])) == kept
    assert store.run_read(lambda tx: tx.contributions_by_reference(["ref-2", "ref-5"])) == [kept[1], kept[4]]
    assert store.run_read(lambda tx: tx.contributions_of_item(rows.item(7))) == [kept[6]]
    assert store.run_read(lambda tx: tx.contributions([])) == []


def test_contribution_needs_its_message(store, rows):
    """Foreign keys are enforced."""
    with pytest.raises(StoreConflict):
        store.run(lambda tx: tx.add_contributions([rows.contribution(1, message_row=99)]))


def test_items_are_replaced_by_id_and_found_by_every_key(store, rows):
    """An item is found by tracking number, order and list; an empty key finds nothing."""
    first, second = rows.item(1), rows.item(2, list_key="inv:9", tracking_number="1")
    store.run(lambda tx: tx.put_items([first, second]))
    changed = replace(first, state="cancelled", version=2, body=b"", secret=b"")
    store.run(lambda tx: tx.put_items([changed]))
    assert store.run_read(lambda tx: tx.items_by_tracking(["1"])) == [changed, second]
    assert store.run_read(lambda tx: tx.items_by_order(["ord:p|2", ""])) == [second]
    assert store.run_read(lambda tx: tx.items_by_list(["inv:9", ""])) == [second]


@pytest.mark.parametrize(
    "changes",
    [
        {"body": b"other"},
        {"order_key": "ord:p|new"},
        {"list_key": "inv:new", "mrn": "26NLNEW"},
        {"order_key": ""},
        {"tracking_number": "new"},
        {"tracking_number": "new", "order_key": "ord:p|new", "ucr": "UCR-new"},
    ],
)
def test_a_replaced_item_is_found_by_what_it_says_now(store, rows, changes):
    """Whichever keys of an item change, the new ones find it and the old ones do not."""
    first = replace(rows.item(1), list_key="inv:old", mrn="26NLOLD")
    others = [rows.item(2), rows.item(3)]
    store.run(lambda tx: tx.put_items([first, others[0]]))
    changed = replace(first, version=2, **changes)
    again = replace(others[0], version=2, body=b"again")
    store.run(lambda tx: tx.put_items([changed, again, others[1]]))

    def found(tx, row):
        """Return how each key of a row finds what."""
        return [
            [one.id for one in tx.items_by_tracking([row.tracking_number])],
            [one.id for one in tx.items_by_order([row.order_key])],
            [one.id for one in tx.items_by_list([row.list_key])],
            [one.id for one in tx.items_by_mrn([row.mrn])],
        ]

    def held(old, new):
        return [1] if old == new and new else []

    now, before = (store.run_read(lambda tx, row=row: found(tx, row)) for row in (changed, first))
    assert now == [[1], held(changed.order_key, changed.order_key), [1], [1]]
    keys = ("tracking_number", "order_key", "list_key", "mrn")
    assert before == [held(getattr(first, one), getattr(changed, one)) for one in keys]
    assert store.run_read(lambda tx: tx.items([1, 2, 3])) == [changed, again, others[1]]


def test_an_item_given_twice_is_the_last(store, rows):
    """Of two rows with one id in one call the last stands, whatever keys they have."""
    first, last = rows.item(1), replace(rows.item(1), tracking_number="last", version=2)
    store.run(lambda tx: tx.put_items([rows.item(1)]))
    store.run(lambda tx: tx.put_items([last, first, last]))
    assert store.run_read(lambda tx: tx.items_by_tracking(["last", first.tracking_number])) == [last]


def test_share_goes_from_ready_to_settled(store, rows):
    """Ready shares are batched in the order given and settled by position."""

    def prepare(tx):
        tx.put_items([rows.item(1)])
        tx.put_shares([rows.share(key, missing=("mass",)) for key in range(10, 14)])
        tx.put_shares([rows.share(20, channel="CN/XB/item"), rows.share(21, state=ShareState.WAITING)])

    store.run(prepare)
    name = rows.share(10).agreement
    heads = store.run_read(lambda tx: tx.ready_heads("CN/XA/item", 10, 2))
    assert heads == [(11, name), (12, name)]
    ready = store.run_read(lambda tx: tx.ready_shares([12, 11, 21, 99]))
    assert [one.share.id for one in ready] == [11, 12]
    assert (ready[0].tracking_number, ready[0].secret, ready[0].body) == ("1", b"s" * 32, b"item")
    store.run(lambda tx: tx.batch_shares([13, 10, 11], 77, 50))
    batched = store.run_read(lambda tx: tx.shares_in_batch(77))
    assert [(one.id, one.position, one.updated_at) for one in batched] == [
        (13, 0, 50),
        (10, 1, 50),
        (11, 2, 50),
    ]
    store.run(lambda tx: tx.settle_shares(77, [1], 60))
    store.run(lambda tx: tx.settle_shares(78, [0], 61))
    assert [one.state for one in store.run_read(lambda tx: tx.shares_in_batch(77))] == [
        ShareState.ACCEPTED,
        ShareState.REJECTED,
        ShareState.ACCEPTED,
    ]
    assert [one.id for one in store.run_read(lambda tx: tx.shares_of([1]))] == [10, 11, 12, 13, 20, 21]
    assert [one.id for one in store.run_read(lambda tx: tx.shares([20, 12]))] == [12, 20]


def test_waiting_shares_come_due(store, rows):
    """A share is due at its deadline, one without a deadline never."""

    def prepare(tx):
        tx.put_items([rows.item(1)])
        waits = [(10, 300), (11, 200), (12, 0), (13, 201)]
        tx.put_shares([rows.share(key, state=ShareState.WAITING, deadline=when) for key, when in waits])

    store.run(prepare)
    assert [one.id for one in store.run_read(lambda tx: tx.due_shares(300, 2))] == [10, 11]
    assert [one.id for one in store.run_read(lambda tx: tx.due_shares(200, 9))] == [11]
    listed = store.run_read(lambda tx: tx.waiting(3))
    assert [(one.id, number) for one, number in listed] == [(12, "1"), (11, "1"), (13, "1")]


def test_channels_and_batches(store, rows):
    """Batches are found by id and sequence; a receipt changes only what belongs to it."""
    first, second = rows.batch(5, 1), rows.batch(6, 2)

    def work(tx):
        tx.put_channel(rows.channel("b"))
        tx.put_channel(rows.channel("a"))
        tx.put_channel(rows.channel("a", sequence=2, stopped="why"))
        tx.add_batch(second)
        tx.add_batch(first)

    store.run(work)
    assert [one.name for one in store.run_read(lambda tx: tx.channels())] == ["a", "b"]
    assert store.run_read(lambda tx: tx.channel("a")) == rows.channel("a", sequence=2, stopped="why")
    assert store.run_read(lambda tx: tx.channel("c")) is None
    assert store.run_read(lambda tx: tx.batches_after("CN/XA/item", 0, 5)) == [first, second]
    assert store.run_read(lambda tx: tx.batches_after("CN/XA/item", 1, 5)) == [second]
    assert store.run_read(lambda tx: tx.batch_by_sequence("CN/XA/item", 2)) == second
    outcome = {"state": "receipted", "receipt": b"r", "accepted": 1, "rejected": 1}
    store.run(lambda tx: tx.put_receipt(5, at=9, log_index=4, **outcome))
    settled = replace(first, receipted_at=9, receipt_log_index=4, **outcome)
    assert store.run_read(lambda tx: tx.batch(5)) == settled
    assert store.run_read(lambda tx: tx.batch(7)) is None
    assert store.run_read(lambda tx: tx.batches([6, 5])) == [settled, second]


def test_a_sequence_number_is_used_once(store, rows):
    """A second batch with the sequence number of a channel is a conflict."""
    store.run(lambda tx: tx.add_batch(rows.batch(5, 1)))
    with pytest.raises(StoreConflict):
        store.run(lambda tx: tx.add_batch(rows.batch(6, 1)))


def test_received_batches_and_their_records(store, rows):
    """A received batch is found by partner and batch id, its records by tracking number, until forwarded."""
    first, second = rows.inbound(5, 1), rows.inbound(6, 2)
    records = [rows.record(50, 5), rows.record(51, 5, 1, state="rejected"), rows.record(60, 6)]
    store.run(lambda tx: tx.add_inbound(first, records[:2]))
    store.run(lambda tx: tx.add_inbound(second, records[2:]))
    assert store.run_read(lambda tx: tx.inbound_by_batch("XA", "i-5")) == first
    assert store.run_read(lambda tx: tx.inbound_by_batch("XB", "i-5")) is None
    assert store.run_read(lambda tx: tx.inbound(6)) == second
    assert store.run_read(lambda tx: tx.inbound(7)) is None
    assert store.run_read(lambda tx: tx.inbound_to_forward(0, 9)) == [first, second]
    store.run(lambda tx: tx.mark_forwarded(5))
    assert store.run_read(lambda tx: tx.inbound_to_forward(0, 9)) == [second]
    found = store.run_read(lambda tx: tx.inbound_records("EE1"))
    assert [(one.id, one.state, of.id) for one, of in found] == [
        (50, "forwarded", 5),
        (51, "rejected", 5),
        (60, "accepted", 6),
    ]


def test_refusals_come_latest_first(store, rows):
    """The evidence of a refusal is kept whole."""
    for key in (1, 2, 3):
        store.run(lambda tx, key=key: tx.add_refusal(rows.refusal(key)))
    assert store.run_read(lambda tx: tx.refusals(2)) == [rows.refusal(3), rows.refusal(2)]


def test_log_grows_only_from_its_size(store, rows):
    """Entries continue the log; a state made from another size keeps nothing."""
    empty = store.run(lambda tx: tx.log_state("XA"))
    assert empty == LogState(name="XA", size=0, frontier=())
    two = LogState(name="XA", size=2, frontier=(b"h" * 32,), checkpoint=b"c")
    store.run(lambda tx: tx.append_log(two, [rows.entry(0), rows.entry(1)], [(0, 0, b"a"), (1, 0, b"b")]))
    assert store.run_read(lambda tx: tx.log_state("XA")) == two
    assert store.run_read(lambda tx: tx.log_entries("XA", 1, 9)) == [rows.entry(1)]
    assert store.run_read(lambda tx: tx.log_hash("XA", 1, 0)) == b"b"
    with pytest.raises(KeyError):
        store.run_read(lambda tx: tx.log_hash("XA", 1, 1))
    for state, entries in (
        (LogState(name="XA", size=1, frontier=()), [rows.entry(0)]),
        (LogState(name="XA", size=4, frontier=()), [rows.entry(3)]),
        (LogState(name="XA", size=3, frontier=()), [rows.entry(7)]),
        (LogState(name="XA", size=3, frontier=()), [rows.entry(2, log="XB")]),
    ):
        with pytest.raises(StoreConflict):
            store.run(lambda tx, state=state, entries=entries: tx.append_log(state, entries, []))
    assert store.run_read(lambda tx: tx.log_state("XA")) == two
    assert store.run_read(lambda tx: len(tx.log_entries("XA", 0, 9))) == 2


def test_log_state_can_change_without_entries(store, rows):
    """A checkpoint is stored on a log of the same size."""
    one = LogState(name="XA", size=1, frontier=(b"h",))
    store.run(lambda tx: tx.append_log(one, [rows.entry(0)], []))
    signed = replace(one, checkpoint=b"signed")
    store.run(lambda tx: tx.append_log(signed, [], []))
    assert store.run_read(lambda tx: tx.log_state("XA")) == signed


def test_last_checkpoint_of_a_partner_is_kept(store):
    """A later checkpoint replaces the one before."""
    seen = SeenRow(partner="XA", origin="o", size=3, root=b"r" * 32, seen_at=1)
    store.run(lambda tx: tx.put_seen_checkpoint(replace(seen, size=2)))
    store.run(lambda tx: tx.put_seen_checkpoint(seen))
    assert store.run_read(lambda tx: tx.seen_checkpoint("XA")) == seen
    assert store.run_read(lambda tx: tx.seen_checkpoint("XB")) is None


states = st.sampled_from(list(ShareState))
puts = st.lists(st.tuples(st.integers(1, 6), states, st.sampled_from(["x", "y"])), max_size=8)


def _recount(tx):
    """Count shares and items the slow way."""
    connection = tx._connection
    numbers = {
        f"shares.{state}:{channel}": count
        for state, channel, count in connection.exec_driver_sql(
            "SELECT state, channel, count(*) FROM share GROUP BY 1, 2"
        )
    }
    found = connection.exec_driver_sql("SELECT state, count(*) FROM item GROUP BY 1")
    return numbers | {f"items.{state}": count for state, count in found}


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.tuples(puts, st.sets(st.integers(1, 6)), st.booleans()), max_size=6))
def test_counts_equal_a_recount(store, rows, works):
    """Whatever is put, batched, settled or undone, the stored numbers are those of the rows."""
    for number, (shares, batched, fails) in enumerate(works):

        def work(tx, number=number, shares=shares, batched=batched, fails=fails):
            tx.put_items([rows.item(1, state="open" if number % 2 else "cancelled")])
            tx.put_shares([rows.share(key, state=state, channel=name) for key, state, name in shares])
            tx.batch_shares(sorted(batched), 100 + number, 5)
            tx.settle_shares(100 + number, [0], 6)
            if fails:
                raise LookupError

        try:
            store.run(work)
        except LookupError:
            assert fails
    counted = dict(store.run_read(lambda tx: tx.counts()))
    assert counted == store.run_read(_recount)


def test_ledger_counts_everything(store, rows):
    """The ledger sums over channels and outcomes; the counts keep them apart."""

    def work(tx):
        tx.add_message(rows.message(1))
        tx.add_message(rows.message(2, raw=b"other", outcome="refused", accepted=0))
        tx.put_items([rows.item(1)])
        tx.put_shares([rows.share(1), rows.share(2, channel="CN/XB/item")])
        tx.add_batch(rows.batch(5, 1))
        tx.add_batch(rows.batch(6, 2))
        tx.put_receipt(5, state="receipted", receipt=b"", at=1, log_index=0, accepted=1, rejected=1)
        tx.put_receipt(99, state="receipted", receipt=b"", at=1, log_index=0, accepted=1, rejected=1)
        tx.add_inbound(rows.inbound(7), [rows.record(8, 7), rows.record(9, 7, 1)])
        tx.mark_forwarded(7)
        tx.add_refusal(rows.refusal(3))
        tx.append_log(LogState(name="XA", size=1, frontier=()), [rows.entry(0)], [])

    store.run(work)
    ledger = store.run_read(lambda tx: tx.ledger())
    assert (ledger.messages, ledger.documents, ledger.accepted) == (2, 4, 1)
    assert (ledger.items, ledger.shares) == ({"open": 1}, {"ready": 2})
    assert ledger.batches == {"pending": 1, "receipted": 1}
    assert (ledger.batch_records, ledger.confirmed, ledger.rejected) == (4, 1, 1)
    assert (ledger.inbound, ledger.inbound_records, ledger.refusals) == (1, {"forwarded": 2}, 1)
    counts = store.run_read(lambda tx: tx.counts())
    assert (counts["messages.refused"], counts["shares.ready:CN/XB/item"], counts["log:XA"]) == (1, 1, 1)
