# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What an item adds to the cells, what it takes back, and in which class it is."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.exchange.rollup_rows import add_cells
from gateway.exchange.rows import ContributionRow
from gateway.model import (
    ContentPiece,
    ContributionKind,
    Event,
    Function,
    Item,
    Mass,
    Money,
    Quantity,
)
from gateway.trade.census import CensusTables
from gateway.trade.exchange_rates import load_rates

CAME = 1_795_392_000_000  # 2026-11-23 00:00 UTC
TABLES = CensusTables(load_rates())


def said(*kinds, reference="own|x", function=Function.NEW):
    """Return contributions of some kinds."""
    return [
        ContributionRow(
            id=1,
            message_row=1,
            position=1,
            kind=kind,
            function=function,
            reference=reference,
            join_key="trk:1",
            keys=("trk:1",),
            body=b"",
        )
        for kind in kinds
    ]


def line(hs="610910", amount="10", currency="CNY"):
    """Return one goods line."""
    money = Money(amount=Decimal(amount), currency=currency) if amount else None
    return ContentPiece(hs=hs, value=money, quantity=Quantity(value=Decimal(1)))


def item(*lines, **fields):
    """Return an exported item."""
    given = {
        "direction": "export",
        "trade_mode": "9610",
        "border_date": date(2026, 11, 3),
        "destination_country": "DE",
        "declaration_office": "5165",
        "gross_mass": Mass(value=Decimal("0.85"), unit="KGM"),
        "content": lines or (line(),),
    }
    return Item(**given | fields)


def counted(one, rows=None, state="open"):
    """Return the cells of one item, without the class, and its class."""
    census = TABLES.census()
    census.item(one, state, said(ContributionKind.LIST) if rows is None else rows, CAME, "")
    cells = census.cells()
    ((_, _, _, _, group, _),) = [key for key in cells if key[0] == "coverage"]
    return {key: amounts for key, amounts in cells.items() if key[0] != "coverage"}, group


def test_an_item_is_in_one_cell_of_every_cube() -> None:
    """Total, country, office, chapter and band each hold the item, its value and its mass."""
    cells, group = counted(item())
    head = (20261103, "export", "9610")
    assert group == "counted"
    assert cells == {
        (cube, *head, member, "CNY"): [1, 1_000_000, 1, 85_000]
        for cube, member in (
            ("total", ""),
            ("country", "DE"),
            ("office", "5165"),
            ("chapter", "61"),
            ("band", "00000-50"),
        )
    }


def test_several_chapters_share_an_item_but_not_its_mass() -> None:
    """The item counts in both with the value of its lines there; the mass counts in the total alone."""
    cells, _ = counted(item(line("610910", "10"), line("732393", "5"), line("610990", "1")))
    head = (20261103, "export", "9610")
    assert cells["chapter", *head, "61", "CNY"] == [1, 1_100_000, 0, 0]
    assert cells["chapter", *head, "73", "CNY"] == [1, 500_000, 0, 0]
    assert cells["total", *head, "", "CNY"] == [1, 1_600_000, 1, 85_000]


def test_several_currencies_share_an_item() -> None:
    """The item and its mass count with the first currency, each value with its own."""
    cells, _ = counted(item(line(amount="10", currency="USD"), line(amount="5")))
    head = (20261103, "export", "9610")
    assert cells["total", *head, "", "USD"] == [1, 1_000_000, 1, 85_000]
    assert cells["total", *head, "", "CNY"] == [0, 500_000, 0, 0]
    assert cells["band", *head, "00050-100", "USD"][0] == 1


@pytest.mark.parametrize(
    ("lines", "band"),
    [
        ([line(amount="49.99999")], "00000-50"),
        ([line(amount="50")], "00050-100"),
        ([line(amount="60000")], "50000+"),
        ([line(amount="10", currency="CHF")], "not converted"),
        ([line(amount="10"), line(amount="10", currency="CHF")], "not converted"),
        ([line(amount="")], "no value"),
        ([line(amount="1000000001")], "no value"),
        ([line(amount="-1")], "no value"),
    ],
)
def test_the_band_is_that_of_the_converted_value(lines, band) -> None:
    """Lower bounds belong to their band; what has no rate or no lawful value is said, not guessed."""
    cells, _ = counted(item(*lines))
    assert {key[4] for key in cells if key[0] == "band"} == {band}


@pytest.mark.parametrize(
    ("fields", "rows", "state", "group"),
    [
        ({}, said(ContributionKind.ORDER, ContributionKind.WAYBILL), "open", "no list"),
        ({}, said(ContributionKind.FILING), "open", "other declaration"),
        ({}, said(ContributionKind.LIST, reference="partner:b|a|x"), "open", "from a partner"),
        ({"trade_mode": "0110"}, None, "open", "unknown mode"),
        ({"border_date": None}, None, "open", "no day"),
        ({}, None, "cancelled", "cancelled"),
        ({}, None, "deleted", "deleted"),
    ],
)
def test_what_is_not_counted_is_in_a_class(fields, rows, state, group) -> None:
    """An item that is not counted has no cell but that of its class."""
    assert counted(item(**fields), rows, state) == ({}, group)


def test_a_list_of_returned_goods_is_a_return() -> None:
    """The nature of the transaction goes before the mode."""
    cells, _ = counted(item(nature_of_transaction="21", direction="import", departure_country="US"))
    assert {(key[2], key[3]) for key in cells} == {("import", "export-returns")}
    assert ("country", 20261103, "import", "export-returns", "US", "CNY") in cells


def test_a_correction_takes_back_exactly_what_was_counted() -> None:
    """The differences of a change and of a cancellation leave nothing of what was counted before."""
    census = TABLES.census()
    rows = said(ContributionKind.LIST)
    first = census.item(item(line("610910", "10"), line("732393", "5", "USD")), "open", rows, CAME, "")
    second = census.item(item(line("850440", "7"), trade_mode="9710"), "open", rows, CAME, first)
    assert second != first
    last = census.item(item(), "cancelled", rows, CAME, second)
    left = {key: amounts for key, amounts in census.cells().items() if any(amounts)}
    assert left == {("coverage", 20261123, "", "", "cancelled", ""): [1, 0, 0, 0]}
    assert census.item(item(), "cancelled", rows, CAME, last) == last


goods = st.builds(
    line,
    st.sampled_from(["610910", "610990", "732393", "00", ""]),
    st.sampled_from(["", "0.01", "49", "700"]),
    st.sampled_from(["CNY", "USD", "CHF"]),
)
parcels = st.builds(
    lambda lines, **fields: item(*lines, **fields),
    st.lists(goods, min_size=1, max_size=4),
    border_date=st.sampled_from([date(2024, 12, 31), date(2026, 11, 3), None]),
    trade_mode=st.sampled_from(["9610", "9710", "0110"]),
    gross_mass=st.sampled_from([None, Mass(value=Decimal(2), unit="KGM")]),
    destination_country=st.sampled_from(["DE", "NL", None]),
    declaration_office=st.sampled_from(["5165", "5166"]),
)


@given(st.lists(parcels, max_size=12))
def test_items_of_one_message_count_as_if_each_came_alone(items) -> None:
    """What a census keeps from one item to the next, day, rate and bands, changes no cell of any."""
    rows = said(ContributionKind.LIST)
    together, apart = TABLES.census(), {}
    for one in items:
        alone = TABLES.census()
        kept = alone.item(one, "open", rows, CAME, "")
        assert together.item(one, "open", rows, CAME, "") == kept
        add_cells(apart, alone.cells())
    assert together.cells() == apart


def test_the_same_words_again_change_nothing() -> None:
    """What was counted is compared whole."""
    census = TABLES.census()
    kept = census.item(item(), "open", said(ContributionKind.LIST), CAME, "")
    again = TABLES.census()
    assert again.item(item(), "open", said(ContributionKind.LIST), CAME, kept) == kept
    assert again.cells() == {}


@pytest.mark.parametrize(("code", "mode"), [("CEB213", "export-returns"), ("CEB625", "import-returns")])
def test_an_announced_return_counts_on_the_day_of_china(code, mode) -> None:
    """Half past five in the afternoon of UTC is the next day there; no mass and no value is made up."""
    event = Event(scheme="gacc_ceb", code=code, at=datetime(2026, 11, 2, 17, 30, tzinfo=UTC))
    one = Item(direction="import", departure_country="DE", event=event, content=(line(amount=""),))
    census = TABLES.census()
    kept = census.record(one, "event", "open", CAME, "")
    assert census.cells()["total", 20261103, "import", mode, "", ""] == [1, 0, 0, 0]
    census.record(one, "event", "deleted", CAME, kept)
    assert census.cells()["total", 20261103, "import", mode, "", ""] == [0, 0, 0, 0]


def test_the_tally_of_a_return_is_not_a_second_one() -> None:
    """CEB215 and events of other kinds leave no cell, and nothing to take back."""
    census = TABLES.census()
    for scheme, code in (("gacc_ceb", "CEB215"), ("EMSEVT", "EMA")):
        event = Item(event=Event(scheme=scheme, code=code, at=datetime(2026, 11, 2, tzinfo=UTC)))
        assert census.record(event, "event", "open", CAME, "") == ""
    assert census.record(item(), "control", "open", CAME, "") == ""
    assert census.cells() == {}


@pytest.mark.parametrize(
    ("value", "unit", "amounts"),
    [
        ("850", "GRM", [1, 1_000_000, 1, 85_000]),
        ("0.85", "LBR", [1, 1_000_000, 0, 0]),
        ("99999999", "KGM", [1, 1_000_000, 0, 0]),
    ],
)
def test_a_mass_counts_if_its_unit_is_known_and_its_size_lawful(value, unit, amounts) -> None:
    """Other items count as items without a mass."""
    cells, _ = counted(item(gross_mass=Mass(value=Decimal(value), unit=unit)))
    assert cells["total", 20261103, "export", "9610", "", "CNY"] == amounts
