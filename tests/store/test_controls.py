# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Controls before shipment in a real database: found by item, reference, bill and period."""

import msgspec

from gateway.exchange.control_rows import ConsolidationRow, ControlRow, RecognitionCount, RecognitionRow

CONTROL = ControlRow(
    id=1,
    tracking_number="A",
    posting_date="",
    reference="C-1",
    version=1,
    office="2244",
    at=5,
    result="satisfactory",
    recorded_at=6,
    log_index=0,
    body=b"{}",
    salt=b"s",
)
DECISION = RecognitionRow(
    id=1,
    side="theirs",
    partner="alpha",
    agreement="a",
    tracking_number="A",
    posting_date="",
    reference="C-1",
    version=1,
    office="2244",
    at=5,
    method="scan",
    stage="",
    result="satisfactory",
    chapters="",
    decision="accept",
    rule="R",
    rules="d",
    draw=-1,
    decided_at=100,
    inbound=1,
    record=1,
    log_index=0,
)


def bill(key, number, name):
    """Return what a manifest says of an item."""
    return ConsolidationRow(
        id=key, tracking_number=number, posting_date="", bill=name, manifest="m", office="5165", at=0
    )


def test_results_are_found_by_item_and_reference(store):
    """Versions come in order, by number, by reference and page by page; a row can be emptied."""
    rows = [
        CONTROL,
        msgspec.structs.replace(CONTROL, id=2, version=2),
        msgspec.structs.replace(CONTROL, id=3, tracking_number="B", reference="C-2"),
    ]
    store.run(lambda tx: tx.put_controls(rows))
    assert store.run_read(lambda tx: tx.controls_of(["A"])) == rows[:2]
    assert store.run_read(lambda tx: tx.controls_of(["B", "A"])) == rows
    assert store.run_read(lambda tx: tx.controls_by_reference("C-1")) == rows[:2]
    assert store.run_read(lambda tx: tx.controls_after(1, 1)) == rows[1:2]
    gone = msgspec.structs.replace(CONTROL, tracking_number="-", reference="-", body=b"", salt=b"")
    store.run(lambda tx: tx.put_controls([gone]))
    assert store.run_read(lambda tx: tx.controls_after(0, 9)) == [gone, *rows[1:]]


def test_manifests_are_replaced_item_by_item(store):
    """What is put for one item takes the place of what was there of it, and of nothing else."""
    store.run(lambda tx: tx.put_consolidations("A", [bill(1, "A", "784-1"), bill(2, "A", "784-2")]))
    store.run(lambda tx: tx.put_consolidations("B", [bill(3, "B", "784-1")]))
    assert [one.id for one in store.run_read(lambda tx: tx.consolidated_under("784-1"))] == [1, 3]
    store.run(lambda tx: tx.put_consolidations("A", [bill(4, "A", "784-3")]))
    assert store.run_read(lambda tx: tx.consolidations_of(["A", "B"])) == [
        bill(3, "B", "784-1"),
        bill(4, "A", "784-3"),
    ]
    store.run(lambda tx: tx.put_consolidations("A", []))
    assert store.run_read(lambda tx: tx.consolidations_of(["A"])) == []


def test_decisions_are_counted_in_their_period(store):
    """Counts are of one side, of one partner or all, from the first moment on and before the last."""
    rows = [
        DECISION,
        msgspec.structs.replace(DECISION, id=2, decided_at=199),
        msgspec.structs.replace(DECISION, id=3, decided_at=200),
        msgspec.structs.replace(DECISION, id=4, partner="gamma", outcome="agreed", own="O"),
        msgspec.structs.replace(DECISION, id=5, side="ours"),
    ]
    store.run(lambda tx: tx.put_recognitions(rows))

    def counts(*asked):
        return store.run_read(lambda tx: tx.recognition_counts(*asked))

    one = RecognitionCount(
        partner="alpha", office="2244", method="scan", rule="R", decision="accept", outcome="", count=2
    )
    other = msgspec.structs.replace(one, partner="gamma", outcome="agreed", count=1)
    assert counts("theirs", "alpha", 100, 200) == [one]
    assert counts("theirs", "", 100, 200) == [one, other]
    assert [each.count for each in counts("ours", "", 0, 1000)] == [1]
    assert counts("theirs", "", 201, 1000) == []
    assert store.run_read(lambda tx: tx.recognitions_after(3, 9)) == rows[3:]
    store.run(lambda tx: tx.put_recognitions([msgspec.structs.replace(DECISION, decision="replaced")]))
    first, *_ = store.run_read(lambda tx: tx.recognitions_of(["A"]))
    assert first.decision == "replaced"
