# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Answers from cells: rates that change within a month, growth, totals, and the label of a sample."""

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

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


def exact(rows, by):
    """Return what lines convert, and what they do not, by month and mode."""
    found = Counter()
    for row in rows:
        when = row.by.get("month") or row.by["day"][:7]
        for name in ("items", "not_converted", "converted", "items_before", "converted_before"):
            found[when, row.by.get(by), name] += getattr(row, name)
    return {key: value for key, value in found.items() if value}


CHANGING = Rates(
    RateFile(
        title="t",
        source="s",
        status="sample",
        currency="CNY",
        rates=tuple(
            Period(currency=currency, first=date(year, 1, 1), until=until, rate=Decimal(rate))
            for year in (2025, 2026)
            for currency, until, rate in (
                ("USD", date(year, 10, 25), "7.25"),
                ("EUR", date(year, 11, 30), "8"),
            )
        )
        + tuple(
            Period(currency="USD", first=date(year, 11, 5), until=date(year, 12, 31), rate=Decimal(7))
            for year in (2025, 2026)
        ),
    ),
    "",
)


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


days = st.dates(date(2025, 10, 20), date(2025, 12, 10)) | st.dates(date(2026, 10, 20), date(2026, 12, 10))
counted = st.dictionaries(
    st.tuples(days, st.sampled_from(["9610", "1210"]), st.sampled_from(["", "CNY", "USD", "EUR"])),
    st.tuples(st.integers(1, 9), st.integers(1, 10**7).map(lambda units: units * 10**5)),
    max_size=12,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    counted,
    st.dates(date(2026, 10, 15), date(2026, 11, 20)),
    st.integers(0, 30),
    st.sampled_from(["", "mode"]),
)
def test_what_months_convert_by_day_is_what_their_days_convert(store, cells, first, length, by) -> None:
    """Months and parts of them in which one rate changes and another does not are the sum of their days."""
    made = {
        ("total", int(f"{day:%Y%m%d}"), "export", mode, "", currency): [items, value, 0, 0]
        for (day, mode, currency), (items, value) in cells.items()
    }

    def count(tx):
        tx.clear_cells()
        tx.add_cells(made)

    store.run(count)
    asked = partial(told, store, CHANGING, begin=str(first), end=str(first + timedelta(days=length)))
    assert exact(asked(f"month,{by}").rows, by) == exact(asked(f"day,{by}").rows, by)


@pytest.mark.parametrize("when", [("2026", "2026"), ("2026-11-02", "2026-12-20")])
def test_members_alone_answer_as_all_their_cells_do(store, when) -> None:
    """A question about chapters alone gives what its answers by direction and mode add up to."""
    kinds = product(
        (20251115, 20261101, 20261107, 20261219, 20261231),
        ("import", "export"),
        ("9610", "1210"),
        ("61", "62"),
        ("CNY", "USD", "EUR", ""),
    )
    cells = {
        ("chapter", *kind): [items, items * 300_000, items, items * 7] for items, kind in enumerate(kinds, 1)
    }
    store.run(lambda tx: tx.add_cells(cells))
    begin, end = when
    alone = told(store, CHANGING, "month,chapter", begin, end).rows
    whole = told(store, CHANGING, "month,chapter,mode,direction", begin, end).rows
    for name in ("items", "converted", "not_converted", "no_value", "mass_kg", "no_mass", "converted_before"):
        assert [getattr(one, name) for one in alone] == [
            sum(getattr(part, name) for part in whole if one.by.items() <= part.by.items()) for one in alone
        ]


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
