# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Referrals, movements and what is to be restated, on the real store."""

from msgspec.structs import replace

from gateway.exchange.postal_rows import MovementRow, ReferralRow

NUMBER, OTHER = "RX000000001CN", "RX000000002CN"


def referral(key, number=NUMBER, **fields):
    """Make a referral."""
    row = {"authority": "BB", "referral": f"R-{key}", "kind": "rfi", "state": "open", "raised_at": 1}
    return ReferralRow(**{"id": key, "tracking_number": number, "posting_date": "2026-11-01"} | row | fields)


def movement(key, record=1, number=NUMBER, **fields):
    """Make a movement."""
    row = {"posting_date": "2026-11-01", "stage": "closed", "receptacle": "", "at": 5}
    return MovementRow(**{"id": key, "record": record, "tracking_number": number} | row | fields)


def put(store, *rows):
    """Store referrals."""
    store.run(lambda tx: tx.put_referrals(rows))


def counts(store):
    """Return how many referrals are counted in each state."""
    return {
        name: count
        for name, count in store.run_read(lambda tx: tx.counts()).items()
        if name.startswith("referrals.") and count
    }


def test_referrals_come_back_as_they_were(store):
    """Every field of a referral is stored, and those of an item come in id order."""
    full = referral(
        3, answer_by=9, answered_at=8, settled_at=7, escalated_at=6, loaded_at=5, answers=4, partner="bb"
    )
    put(store, full, referral(1), referral(2, OTHER))
    assert store.run_read(lambda tx: tx.referrals_of([NUMBER])) == [referral(1), full]
    assert store.run_read(lambda tx: tx.referrals_of([NUMBER, OTHER, "none"])) == [
        referral(1),
        referral(2, OTHER),
        full,
    ]


def test_replaced_referrals_are_counted_in_their_new_state(store):
    """A referral that is put again replaces itself, and the counts by state follow."""
    put(store, referral(1), referral(2))
    put(store, replace(referral(1), state="answered", answers=1))
    assert [one.state for one in store.run_read(lambda tx: tx.referrals_of([NUMBER]))] == ["answered", "open"]
    assert counts(store) == {"referrals.answered": 1, "referrals.open": 1}


def test_overdue_are_open_due_and_not_escalated(store):
    """Exactly those are overdue, in order of their time, as many as asked for."""
    put(
        store,
        referral(1, answer_by=30),
        referral(2, answer_by=10),
        referral(3, answer_by=20, escalated_at=21),
        referral(4, answer_by=20, state="answered"),
        referral(5, answer_by=0),
        referral(6, answer_by=31),
    )
    due = store.run_read(lambda tx: [tx.overdue_referrals(now, 9) for now in (9, 10, 30)])
    assert [[one.id for one in rows] for rows in due] == [[], [2], [2, 1]]
    assert [one.id for one in store.run_read(lambda tx: tx.overdue_referrals(99, 1))] == [2]


def test_states_are_read_page_by_page(store):
    """Referrals in a state are walked in id order, from any id."""
    put(store, *(referral(key, state="blocked" if key % 2 else "open") for key in range(1, 8)))
    first = store.run_read(lambda tx: tx.referrals_in_state("blocked", 0, 2))
    rest = store.run_read(lambda tx: tx.referrals_in_state("blocked", first[-1].id, 9))
    assert [one.id for one in (*first, *rest)] == [1, 3, 5, 7]


def test_movements_are_replaced_by_record(store):
    """What one record says replaces what it said before, and nothing of another record."""
    store.run(lambda tx: tx.put_movements(1, [movement(1), movement(2, number=OTHER)]))
    store.run(lambda tx: tx.put_movements(2, [movement(3, 2)]))
    store.run(lambda tx: tx.put_movements(1, [movement(4, stage="carried")]))
    assert store.run_read(lambda tx: tx.movements_of([NUMBER, OTHER])) == [
        movement(3, 2),
        movement(4, stage="carried"),
    ]


def test_movements_are_forgotten_by_posting(store):
    """An item's movements are removed, of one posting if its date is given; those without date go as well."""
    rows = [movement(1), movement(2, posting_date=""), movement(3, posting_date="2025-01-01")]
    store.run(lambda tx: tx.put_movements(1, [*rows, movement(4, number=OTHER)]))
    store.run(lambda tx: tx.forget_movements(NUMBER, "2026-11-01"))
    assert [one.id for one in store.run_read(lambda tx: tx.movements_of([NUMBER, OTHER]))] == [3, 4]
    store.run(lambda tx: tx.forget_movements(NUMBER, ""))
    assert [one.id for one in store.run_read(lambda tx: tx.movements_of([NUMBER, OTHER]))] == [4]


def test_batches_are_restated_once_in_order(store, rows):
    """Received batches that are to be restated come in id order until they are marked."""
    for key, done in ((3, False), (1, True), (2, False)):
        row = rows.inbound(key, sequence=key, restated=done)
        store.run(lambda tx, row=row: tx.add_inbound(row, []))
    assert [one.id for one in store.run_read(lambda tx: tx.inbound_to_restate(9))] == [2, 3]
    assert [one.id for one in store.run_read(lambda tx: tx.inbound_to_restate(1))] == [2]
    store.run(lambda tx: tx.mark_restated(2))
    assert [one.id for one in store.run_read(lambda tx: tx.inbound_to_restate(9))] == [3]
    assert [one.restated for one in store.run_read(lambda tx: tx.inbound_after(0, 9))] == [True, True, False]


def test_partners_are_told_apart_by_what_they_sent(store, rows):
    """Who sent a number is answered by kind of record; a rejected record does not count."""
    sent = [("XA", "item", "accepted"), ("XB", "event", "accepted"), ("XC", "item", "rejected")]
    sent += [("XD", "item", "forwarded"), ("XA", "assessment", "accepted")]
    for key, (partner, record, state) in enumerate(sent, 1):
        batch = rows.inbound(key, partner=partner, channel=f"{partner}/CN/{record}")
        place = rows.record(key, key, tracking_number=NUMBER, state=state)
        store.run(lambda tx, batch=batch, place=place: tx.add_inbound(batch, [place]))

    def of(record):
        """Ask for one kind."""
        return store.run_read(lambda tx: tx.inbound_partners(NUMBER, record))

    assert [of(one) for one in ("item", "event", "assessment", "answer")] == [
        {"XA", "XD"},
        {"XB"},
        {"XA"},
        set(),
    ]
    assert store.run_read(lambda tx: tx.inbound_partners(OTHER, "item")) == set()
