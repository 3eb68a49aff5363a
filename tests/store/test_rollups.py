# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Cells of statistics are added to with the works that count them, and sums over them are exact."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.dialects import sqlite

from gateway.exchange.rollup_rows import FigureRow
from gateway.store import open_store
from gateway.store.dialect import make_engine, parse_url
from gateway.store.rollup_schema import rollup
from gateway.store.rollups import _sums

DAY = ("total", 20261123, "export", "9610", "", "CNY")
MONTHS = (202601, 202612)


def total(store, span=(20260101, 20261231), by=frozenset(), where=None):
    """Return the sums over the total cube."""
    rows = store.run_read(lambda tx: list(tx.figures("total", span, by, where or {})))
    return [FigureRow(*row) for row in rows]


def test_cells_are_added_to_by_day_and_by_month(store) -> None:
    """Two works that count the same cell add up, in the cell of the day and in that of the month."""
    for _ in range(2):
        store.run(lambda tx: tx.add_cells({DAY: [1, 1234567, 1, 85000]}))
    for span in ((20261123, 20261123), MONTHS):
        (row,) = total(store, span)
        assert (row.items, row.value, row.weighed, row.mass) == (2, 2469134, 2, 170000)


def test_a_work_that_fails_counts_nothing(store) -> None:
    """Cells belong to the savepoint of their work."""

    def fail(tx):
        tx.add_cells({DAY: [1, 1, 1, 1]})
        raise ValueError

    with pytest.raises(ValueError):
        store.run(fail)
    store.run(lambda tx: tx.add_cells({DAY: [1, 5, 0, 0]}))
    (row,) = total(store)
    assert (row.items, row.value) == (1, 5)


def test_sums_are_told_apart_by_what_was_asked_for(store) -> None:
    """Fields that were not asked for come back empty, and conditions leave rows out."""
    other = ("total", 20261124, "import", "1210", "", "CNY")
    store.run(lambda tx: tx.add_cells({DAY: [1, 2, 0, 0], other: [4, 8, 0, 0]}))
    rows = total(store, by=frozenset({"mode", "period"}))
    assert sorted((row.period, row.mode, row.direction, row.items) for row in rows) == [
        (20261123, "9610", "", 1),
        (20261124, "1210", "", 4),
    ]
    (row,) = total(store, where={"direction": "import"})
    assert row.items == 4
    assert total(store, span=(20270101, 20271231)) == []


CELLS = {
    ("chapter", 20261123, "export", "9610", "61", "USD"): [1, 1234567, 1, 85000],
    ("chapter", 20261123, "import", "1210", "61", "USD"): [2, 700000, 0, 0],
    ("chapter", 20261123, "export", "9610", '6,"2', "USD"): [3, 10**13 + 1, 0, 0],
    ("chapter", 20261124, "export", "9610", "61", "EUR"): [4, 5, 0, 0],
    ("chapter", 20261124, "export", "9610", "61", "CNY"): [5, 6, 0, 0],
    ("chapter", 20261124, "export", "9610", "61", ""): [6, 0, 0, 0],
}


def days(store, cube, by=frozenset(), where=None):
    """Return the values of November besides those in yuan, by day."""
    return store.run_read(
        lambda tx: {
            day: sorted(rows)
            for day, rows in tx.day_values(cube, (20261101, 20261130), by, where or {}, "CNY")
        }
    )


@pytest.mark.parametrize("cube", ["chapter", "chapter alone"])
def test_values_of_days_leave_out_one_currency(store, cube) -> None:
    """Directions and modes are added up unless asked for; a member may be any text, a value any size."""
    store.run(lambda tx: tx.add_cells(CELLS))
    first, second = 20261123, 20261124
    assert days(store, cube) == {
        first: [
            (first, "", "", '6,"2', "USD", 3, 10**8, 1),
            (first, "", "", "61", "USD", 3, 12 + 7, 34567),
        ],
        second: [(second, "", "", "61", "EUR", 4, 0, 5)],
    }


def test_values_of_days_are_told_apart_by_what_was_asked_for(store) -> None:
    """A mode of its own each, and a condition leaves days out."""
    store.run(lambda tx: tx.add_cells(CELLS))
    day = 20261123
    assert days(store, "chapter", frozenset({"mode"}), {"direction": "import"}) == {
        day: [(day, "", "1210", "61", "USD", 2, 7, 0)]
    }


def test_a_member_alone_is_kept_by_day_and_by_month(store) -> None:
    """What moves from one mode to another changes nothing there, and what ends leaves nothing."""
    moved = {
        ("chapter", 20261123, "export", mode, "61", "CNY"): [sign, sign * 5, 0, 0]
        for mode, sign in (("9610", -1), ("9710", 1))
    }
    store.run(lambda tx: tx.add_cells({("chapter", 20261123, "export", "9610", "61", "CNY"): [1, 5, 1, 2]}))
    store.run(lambda tx: tx.add_cells(moved))
    for span in ((20261123, 20261123), MONTHS):
        rows = store.run_read(lambda tx, one=span: list(tx.figures("chapter alone", one, frozenset(), {})))
        assert rows == [(0, "", "", "61", "", 1, 0, 5, 1, 2)]


def test_members_alone_are_made_from_what_was_counted_before(url) -> None:
    """The migration adds up the cells that a program before it wrote."""
    open_store(url).shut()
    engine = make_engine(parse_url(url), writes=True, busy_seconds=5)
    with engine.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '0018'"))
        for key, (items, value, weighed, mass) in CELLS.items():
            amounts = (items, *divmod(value, 10**5), weighed, mass)
            connection.execute(rollup.insert().values((*key, *amounts)))
    engine.dispose()
    store = open_store(url)
    try:
        assert days(store, "chapter alone") == days(store, "chapter")
    finally:
        store.shut()


@pytest.mark.parametrize(
    "by", [("member",), ("period", "member", "currency"), ("member", "mode", "direction")]
)
def test_sums_are_read_from_the_key_alone(sqlite_store, by) -> None:
    """A question searches the cells of its cube and periods, whatever it tells apart."""
    dialect = sqlite.dialect()
    query = _sums(by, ("mode",)).compiled(dialect).text

    def plan(tx):
        return tx._connection.exec_driver_sql(
            f"EXPLAIN QUERY PLAN {query}", ("total", 1, 2, "9610")
        ).fetchall()

    steps = [step[-1] for step in sqlite_store.run_read(plan)]
    assert "SEARCH rollup USING PRIMARY KEY (cube=? AND period>? AND period<?)" in steps


@settings(max_examples=20, deadline=None)
@given(values=st.lists(st.integers(-(10**14), 10**14), min_size=1, max_size=30))
def test_values_of_any_size_and_sign_add_up_exactly(tmp_path_factory, values) -> None:
    """Parts and units of a value carry over, also below zero and above 64 bits of parts."""
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('sums') / 'gateway.sqlite'}")
    try:
        for value in values:
            store.run(lambda tx, one=value: tx.add_cells({DAY: [1, one * 1000, 0, 0]}))
        (row,) = total(store, MONTHS)
        assert row.value == sum(values) * 1000
    finally:
        store.shut()
