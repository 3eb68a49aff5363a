# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from adapters.gacc_ceb.catalogue import MESSAGES
from adapters.gacc_ceb.rules import check
from gateway.sdk import Charge, ContentPiece, Item, Mass, Money, Quantity

NOW = datetime(2026, 11, 2, tzinfo=UTC)


def _codes(item: Item, name: str = "CEB603") -> list[str]:
    return [one.code for one in check(MESSAGES[name], item, NOW, "document 1")]


def _piece(quantity="1", price="1", total="1", number=1, currency="CNY") -> ContentPiece:
    return ContentPiece(
        number=number,
        quantity=Quantity(value=Decimal(quantity), unit="C62"),
        unit_price=Money(amount=Decimal(price), currency=currency),
        value=Money(amount=Decimal(total), currency=currency),
    )


@pytest.mark.parametrize(
    ("quantity", "price", "total", "good"),
    [
        ("3", "33.33333", "100", True),
        ("3", "33.33", "100", True),
        ("3", "33.32", "100", False),
        ("1000000", "0.33333", "333333.33", True),
        ("2", "28", "56.01", True),
        ("2", "28", "56.02", False),
        ("2", "28", "5.6", False),
    ],
)
def test_the_total_is_price_times_quantity(quantity, price, total, good) -> None:
    """A cent, or the rounding of a price to five decimals, is tolerated and nothing more."""
    assert ("CEB-TOTAL-PRICE" not in _codes(Item(content=(_piece(quantity, price, total),)))) is good


@pytest.mark.parametrize(
    ("quantity", "price", "total", "code"),
    [
        ("-1", "1", "-1", "CEB-AMOUNT-NEGATIVE"),
        ("1", "-1", "-1", "CEB-AMOUNT-NEGATIVE"),
        ("0", "1", "0", "CEB-AMOUNT-ZERO"),
        ("1", "0", "0", "CEB-VALUE-ZERO"),
        ("1", "1000000001", "1000000001", "CEB-AMOUNT-IMPLAUSIBLE"),
    ],
)
def test_amounts_of_a_line_are_plausible(quantity, price, total, code) -> None:
    """Negative, zero and absurd amounts have a code each."""
    assert code in _codes(Item(content=(_piece(quantity, price, total),)))


@pytest.mark.parametrize(
    ("gross", "net", "codes"),
    [
        ("1", "1", []),
        ("1", "1.00001", ["CEB-MASS-ORDER"]),
        ("0", "0", ["CEB-AMOUNT-ZERO"]),
        ("-1", "-2", ["CEB-AMOUNT-NEGATIVE", "CEB-AMOUNT-NEGATIVE"]),
        ("10000", "1", []),
        ("10000.1", "1", ["CEB-AMOUNT-IMPLAUSIBLE"]),
    ],
)
def test_masses_are_plausible(gross, net, codes) -> None:
    """Net is at most gross, gross is above zero, and neither is above ten tonnes."""
    item = Item(
        gross_mass=Mass(value=Decimal(gross), unit="KGM"), net_mass=Mass(value=Decimal(net), unit="KGM")
    )
    assert _codes(item) == codes


@pytest.mark.parametrize(
    ("numbers", "codes"),
    [
        ((1, 2, 3), []),
        ((1, 3), ["CEB-LINE-SEQUENCE"]),
        ((2, 1), ["CEB-LINE-SEQUENCE", "CEB-LINE-SEQUENCE"]),
        ((1, 1), ["CEB-LINE-REPEATED"]),
    ],
)
def test_lines_are_numbered(numbers, codes) -> None:
    """A gap warns; a repeated number refuses."""
    assert _codes(Item(content=tuple(_piece(number=one) for one in numbers))) == codes


@pytest.mark.parametrize(
    ("number", "good"),
    [
        ("LX473124829CN", True),
        ("LX473124820CN", False),
        ("YT2026110200001", True),
        ("lx473124820cn", True),
    ],
)
def test_an_s10_number_has_its_check_digit(number, good) -> None:
    """Only what has the form of S10 is held to its check digit."""
    assert ("CEB-S10-CHECK-DIGIT" not in _codes(Item(tracking_number=number))) is good


@pytest.mark.parametrize(
    ("day", "good"),
    [
        (date(2026, 11, 3), True),
        (date(2027, 11, 3), True),
        (date(2027, 11, 4), False),
        (date(2025, 1, 1), False),
    ],
)
def test_dates_lie_within_a_year_of_the_application(day, good) -> None:
    """Without a clock of its own the adapter compares dates with each other."""
    assert ("CEB-DATE-IMPLAUSIBLE" not in _codes(Item(border_date=day))) is good


def test_an_application_older_than_the_system_is_implausible() -> None:
    """Nothing was declared before 2014."""
    found = check(MESSAGES["CEB603"], Item(), datetime(2013, 1, 1, tzinfo=UTC), "document 1")
    assert [one.path for one in found] == ["InventoryHead/appTime"]


def test_import_lists_are_in_cny() -> None:
    """Head and lines of CEB621 know one currency; CEB603 is free."""
    item = Item(freight=Charge(amount=Decimal(1), currency="USD"), content=(_piece(currency="USD"),))
    assert _codes(item, "CEB621") == ["CEB-CURRENCY-IMPORT", "CEB-CURRENCY-IMPORT"]
    assert _codes(item) == []


@pytest.mark.parametrize(("count", "good"), [(1, True), (0, False), (-1, False)])
def test_there_is_at_least_one_package(count, good) -> None:
    """The field packNo counts from one."""
    assert ("CEB-PACKAGE-COUNT" not in _codes(Item(package_count=count))) is good


def test_charges_are_not_negative() -> None:
    """Freight and insurance may be zero, not less."""
    item = Item(freight=Charge(amount=Decimal(0)), insurance=Charge(amount=Decimal(-1)))
    assert [one.path for one in check(MESSAGES["CEB505"], item, NOW, "")] == ["insuredFee"]
