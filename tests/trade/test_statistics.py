# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Answers from cells: rates that change within a month, growth, totals, and the label of a sample."""

from datetime import date
from decimal import Decimal

import pytest

from gateway.store import open_store
from gateway.trade.exchange_rates import Period, RateFile, Rates
from gateway.trade.statistics import answer
from gateway.trade.statistics_question import ask

TODAY = date(2026, 12, 31)


def rates(*periods):
    """Return a table of rates of the dollar."""
    rows = tuple(
        Period(currency="USD", first=first, until=until, rate=Decimal(rate)) for first, until, rate in periods
    )
    return Rates(RateFile(title="t", source="s", status="unverified", currency="CNY", rates=rows), "")


@pytest.fixture(name="store")
def _store(tmp_path):
    """A store with three days of dollars, and one of the year before."""
    store = open_store(f"sqlite:///{tmp_path / 'gateway.sqlite'}")
    cells = {
        ("total", day, "export", "9610", "", "USD"): [items, items * 1_000_000, items, items * 100_000]
        for day, items in ((20261101, 1), (20261115, 2), (20261201, 4), (20251120, 2))
    }
    store.run(lambda tx: tx.add_cells(cells))
    yield store
    store.shut()


def told(store, table, by="month", begin="2026", end="2026", **filters):
    """Return an answer."""
    question = ask(by, begin, end, today=TODAY, **filters)
    return store.run_read(lambda tx: answer(tx, question, table))


def test_a_rate_that_changes_within_a_month_converts_day_by_day(store) -> None:
    """November is added up by days, December by the month, and each day has its own rate."""
    table = rates((date(2026, 11, 1), date(2026, 11, 14), "7"), (date(2026, 11, 15), date(2026, 12, 31), "8"))
    found = {one.by["month"]: one.converted for one in told(store, table).rows}
    assert found["2026-11"] == 1 * 10 * 7 + 2 * 10 * 8
    assert found["2026-12"] == 4 * 10 * 8


def test_a_day_without_a_rate_is_not_converted(store) -> None:
    """Its value stays in its own currency, and its items are counted as not converted."""
    found = told(store, rates((date(2026, 11, 1), date(2026, 11, 14), "7"))).total
    assert found.value == {"USD": Decimal(70)}
    assert (found.converted, found.not_converted) == (Decimal(70), 6)


def test_growth_is_against_the_same_month_of_the_year_before(store) -> None:
    """A month without anything before has no growth, and is not said to have grown."""
    rows = {one.by["month"]: one for one in told(store, rates()).rows}
    assert (rows["2026-11"].items, rows["2026-11"].items_before) == (3, 2)
    assert rows["2026-11"].growth_items == 0.5
    assert rows["2026-12"].growth_items is None


def test_a_line_of_the_year_before_alone_is_shown(store) -> None:
    """What has vanished is a fall of everything, not an absent line."""
    (row,) = told(store, rates(), "day", "2026-11-20", "2026-11-20").rows
    assert (row.by["day"], row.items, row.growth_items) == ("2026-11-20", 0, -1.0)


def test_half_a_cent_goes_to_the_even_one(store) -> None:
    """Sums are exact until the end, and rounded once."""
    found = told(
        store, rates((date(2026, 11, 1), date(2026, 11, 1), "0.0005")), "", "2026-11-01", "2026-11-01"
    )
    assert str(found.total.converted) == "0.00"
    found = told(
        store, rates((date(2026, 11, 1), date(2026, 11, 1), "0.0015")), "", "2026-11-01", "2026-11-01"
    )
    assert str(found.total.converted) == "0.02"


def test_nothing_is_an_answer_too(store) -> None:
    """A span without anything has no lines, and a total of zero."""
    found = told(store, rates(), "month", "2020", "2020")
    assert found.rows == ()
    assert (found.total.items, found.total.value, found.total.growth_items) == (0, {}, None)
