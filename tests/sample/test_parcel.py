# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
import random
from datetime import date
from decimal import Decimal

from gateway import codelists
from gateway.identifiers import s10
from gateway.sample.parcel import ParcelMaker, tables
from gateway.sample.parcel import s10 as made_s10


def test_tracking_numbers_have_their_check_digit() -> None:
    """The generator's own arithmetic agrees with the identifier room's."""
    for serial in range(0, 100_000_000, 1_234_567):
        assert s10.is_valid(made_s10("LX", serial, "CN"))
    assert made_s10("RR", 47312482, "CN") == "RR473124829CN"


def test_countries_have_the_codes_of_the_code_list() -> None:
    """At least sixty destinations, each with its CEB code."""
    listed = codelists.load("ceb_country", on=date(2026, 1, 1))
    rows = tables()["destinations"]
    assert len({row["country"] for row in rows}) == len(rows) >= 60
    assert all(listed.get(row["code"]) == row["country"] for row in rows)
    assert all(row["people"] in tables()["surnames"] for row in rows)


def test_goods_are_whole() -> None:
    """Codes have ten digits, units are in the code list, mass and price are above zero."""
    units = codelists.load("ceb_unit", on=date(2026, 1, 1))
    rows = tables()["goods"]
    assert len({row["code"] for row in rows}) == len(rows) >= 50
    for row in rows:
        assert len(row["code"]) == 10
        assert row["code"].isdigit()
        assert units.get(row["unit"])
        assert Decimal(row["mass"]) > 0
        assert Decimal(row["price"]) > 0


def test_a_parcel_agrees_with_itself() -> None:
    """Totals and masses add up, and the packing weighs something."""
    maker = ParcelMaker(random.Random(9), [], date(2026, 11, 2))
    for number in range(200):
        parcel = maker.make(number)
        assert 1 <= len(parcel.lines) <= 5
        assert [line.number for line in parcel.lines] == list(range(1, len(parcel.lines) + 1))
        assert parcel.value == sum(line.price * line.quantity for line in parcel.lines)
        assert parcel.gross > parcel.net > 0
