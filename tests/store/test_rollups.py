# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Cells of statistics are added to with the works that count them, and sums over them are exact."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite

from gateway.exchange.rollup_rows import FigureRow
from gateway.store import open_store
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


@pytest.mark.parametrize(
    "by", [("member",), ("period", "member", "currency"), ("member", "mode", "direction")]
)
def test_sums_are_read_from_the_key_alone(sqlite_store, by) -> None:
    """A question searches the cells of its cube and periods, whatever it tells apart."""
    dialect = sqlite.dialect()
    text = _sums(by, ("mode",)).compiled(dialect).text

    def plan(tx):
        return tx._connection.exec_driver_sql(
            f"EXPLAIN QUERY PLAN {text}", ("total", 1, 2, "9610")
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
