# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Rules of business that neither a schema nor a table can hold: sums, masses, dates, numbers.

Each rule is a finding; none repairs anything. The schema of E-Port enforces no plausibility, so the limits
here are our own and stand in the texts of the findings; amounts are those of one parcel.
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

from adapters.gacc_ceb import b2b, enterprises, returns
from adapters.gacc_ceb.message_type import MessageType
from gateway.sdk import ContentPiece, Finding, Item, finding, s10

CENT = Decimal("0.01")
FIFTH_DECIMAL = Decimal("0.00001")
MAX_MASS = Decimal(10_000)
MAX_VALUE = Decimal(1_000_000_000)
ZERO = Decimal(0)
OPENED = date(2014, 1, 1)
YEAR = 366
S10_LENGTH = 13
_OWN_NAMES = {"CEB411": {"charge": "amountPaid"}, "CEB511": {"grossWeight": "weight"}}
_S10_SHAPE = re.compile(r"[A-Z]{2}[0-9]{9}[A-Z]{2}")


def check(message: MessageType, item: Item, issued_at: datetime | None, position: str) -> list[Finding]:
    """Return every broken rule of one item, in the terms of its document."""
    found: list[Finding] = []
    in_order = True
    for index, piece in enumerate(item.content, 1):
        if _line_is_suspect(piece):
            found += _check_line(f"{message.lines}[{index}]/", piece, position)
        in_order = in_order and piece.number == index
    if not in_order:
        found += _check_numbers(message, item, position)
    if _head_is_suspect(item):
        found += _check_head(message, item, position)
    found += enterprises.check(message, item, position)
    number = item.tracking_number
    if (
        number is not None
        and len(number) == S10_LENGTH
        and _S10_SHAPE.fullmatch(number)
        and not s10.is_valid(number)
    ):
        found.append(
            finding("CEB-S10-CHECK-DIGIT", path=f"{_tracking(message)}logisticsNo", position=position)
        )
    if message.name == "CEB621":
        found += _check_currency(message, item, position)
    if message.returns:
        found += returns.check(message, item, position)
    if issued_at is not None:
        found += _check_dates(message.prefix, item, issued_at, position)
    found += b2b.check(message, item, issued_at, position)
    return found


def _tracking(message: MessageType) -> str:
    """Return where the tracking number stands: in the line where each line is another item."""
    return f"{message.lines}/" if message.per_line else message.prefix


def _line_is_suspect(piece: ContentPiece) -> bool:
    """Say quickly whether a line may break a rule, so that sound lines cost little."""
    quantity = piece.quantity.value if piece.quantity else None
    price = piece.unit_price.amount if piece.unit_price else None
    total = piece.value.amount if piece.value else None
    legal = piece.legal_quantity.value if piece.legal_quantity else Decimal(1)
    if quantity is None or price is None or total is None or legal is None:
        return True
    second = piece.second_quantity.value if piece.second_quantity else None
    positive = quantity > ZERO and price > ZERO and total > ZERO and legal > ZERO
    return (
        not positive
        or total > MAX_VALUE
        or price * quantity != total
        or (second is not None and second <= ZERO)
    )


def _head_is_suspect(item: Item) -> bool:
    """Say quickly whether masses, charges, values or packages may break a rule."""
    gross = item.gross_mass.value if item.gross_mass else None
    net = item.net_mass.value if item.net_mass else None
    if gross is not None and not ZERO < gross <= MAX_MASS:
        return True
    if net is not None and (not ZERO <= net <= MAX_MASS or (gross is not None and net > gross)):
        return True
    if item.package_count is not None and item.package_count < 1:
        return True
    for money in (item.freight, item.insurance, item.goods_value, item.payment):
        if money is not None and money.amount is not None and not ZERO <= money.amount <= MAX_VALUE:
            return True
    return False


def _check_line(path: str, piece: ContentPiece, position: str) -> Iterator[Finding]:
    """Check one goods line."""
    quantities = (("qty", piece.quantity), ("qty1", piece.legal_quantity), ("qty2", piece.second_quantity))
    for name, one in quantities:
        yield from _sign(path + name, one.value if one else None, position, zero="CEB-AMOUNT-ZERO")
    price = piece.unit_price.amount if piece.unit_price else None
    total = piece.value.amount if piece.value else None
    yield from _sign(f"{path}price", price, position, zero="CEB-VALUE-ZERO")
    yield from _sign(f"{path}totalPrice", total, position, zero="CEB-VALUE-ZERO")
    yield from _limit(f"{path}totalPrice", total, MAX_VALUE, position)
    quantity = piece.quantity.value if piece.quantity else None
    if quantity is not None and price is not None and total is not None:
        product = price * quantity
        if abs(product - total) > max(CENT, FIFTH_DECIMAL * abs(quantity)):
            yield finding(
                "CEB-TOTAL-PRICE",
                path=f"{path}totalPrice",
                position=position,
                expected=f"{product:f}",
                actual=f"{total:f}",
            )


def _check_numbers(message: MessageType, item: Item, position: str) -> Iterator[Finding]:
    """Check that lines are numbered 1 to n; a repeated number refuses, a gap warns.

    A return repeats the numbers of the original lines, so it has gaps.
    """
    seen: set[int] = set()
    for index, piece in enumerate(item.content, 1):
        if piece.number is None:
            continue
        code = "CEB-LINE-REPEATED" if piece.number in seen else "CEB-LINE-SEQUENCE"
        if piece.number in seen or (piece.number != index and not message.returns):
            yield finding(
                code,
                path=f"{message.lines}[{index}]/gnum",
                position=position,
                expected=str(index),
                actual=str(piece.number),
            )
        seen.add(piece.number)


def _check_head(message: MessageType, item: Item, position: str) -> Iterator[Finding]:
    """Check masses, charges, values and the number of packages."""
    head, own = message.prefix, _OWN_NAMES.get(message.name, {})
    mass = own.get("grossWeight", "grossWeight")
    gross = item.gross_mass.value if item.gross_mass else None
    net = item.net_mass.value if item.net_mass else None
    if gross is not None and not ZERO < gross <= MAX_MASS:
        yield from _sign(head + mass, gross, position, zero="CEB-AMOUNT-ZERO")
        yield from _limit(head + mass, gross, MAX_MASS, position)
    if net is not None:
        if not ZERO <= net <= MAX_MASS:
            yield from _sign(f"{head}netWeight", net, position)
            yield from _limit(f"{head}netWeight", net, MAX_MASS, position)
        if gross is not None and net > gross:
            yield finding(
                "CEB-MASS-ORDER",
                path=f"{head}netWeight",
                position=position,
                expected=f"at most {gross:f}",
                actual=f"{net:f}",
            )
    for name, money in (
        ("freight", item.freight),
        ("insuredFee", item.insurance),
        ("goodsValue", item.goods_value),
        (own.get("charge", "charge"), item.payment),
    ):
        if money is not None and money.amount is not None and not ZERO <= money.amount <= MAX_VALUE:
            yield from _sign(head + name, money.amount, position)
            yield from _limit(head + name, money.amount, MAX_VALUE, position)
    if item.package_count is not None and item.package_count < 1:
        yield finding(
            "CEB-PACKAGE-COUNT",
            path=f"{head}packNo",
            position=position,
            expected="at least 1",
            actual=str(item.package_count),
        )


def _check_currency(message: MessageType, item: Item, position: str) -> Iterator[Finding]:
    """Check that an import list speaks of CNY only."""
    if item.freight is not None and item.freight.currency not in (None, "CNY"):
        yield finding(
            "CEB-CURRENCY-IMPORT", path=f"{message.head}/currency", position=position, expected="142"
        )
    for index, piece in enumerate(item.content, 1):
        if piece.value is not None and piece.value.currency not in (None, "CNY"):
            path = f"{message.lines}[{index}]/currency"
            yield finding("CEB-CURRENCY-IMPORT", path=path, position=position, expected="142")


def _check_dates(head: str, item: Item, issued_at: datetime, position: str) -> Iterator[Finding]:
    """Check dates against the opening of the system and against the time of the application."""
    issued = issued_at.date()
    if issued < OPENED:
        yield finding("CEB-DATE-IMPLAUSIBLE", path=f"{head}appTime", position=position)
        return
    departed = item.transport.departed_at if item.transport else None
    for name, day in (
        ("ieDate", item.border_date),
        ("declTime", item.declared_on),
        ("accountingDate", item.payment_date),
        ("leaveTime", departed.astimezone(UTC).date() if departed else None),
    ):
        if day is not None and abs((day - issued).days) > YEAR:
            yield finding(
                "CEB-DATE-IMPLAUSIBLE",
                path=head + name,
                position=position,
                expected=f"within a year of {issued}",
                actual=str(day),
            )


def _sign(path: str, value: Decimal | None, position: str, zero: str = "") -> Iterator[Finding]:
    """Check that a value is not negative and, where a code for it is given, not zero."""
    if value is not None and value < ZERO:
        yield finding("CEB-AMOUNT-NEGATIVE", path=path, position=position, actual=f"{value:f}")
    elif zero and value is not None and not value:
        yield finding(zero, path=path, position=position, actual="0")


def _limit(path: str, value: Decimal | None, most: Decimal, position: str) -> Iterator[Finding]:
    """Check that a value can belong to one parcel."""
    if value is not None and value > most:
        yield finding(
            "CEB-AMOUNT-IMPLAUSIBLE",
            path=path,
            position=position,
            expected=f"at most {most:f}",
            actual=f"{value:f}",
        )
