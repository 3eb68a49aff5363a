# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""How single values stand in the form: texts, whole numbers, decimals, dates and times, by their model type.

Decimals are texts, because JSON numbers lose decimals on the way; times carry their zone (RFC 3339).
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

MAX_TEXT = 4000
MAX_WHOLE = 2**53 - 1  # the largest whole number that every JSON reader keeps exactly (RFC 8259, section 6)
DIGITS, PLACES = 24, 12
DECIMAL_PATTERN = rf"-?[0-9]{{1,{DIGITS}}}(\.[0-9]{{1,{PLACES}}})?"
# What XML 1.0 cannot carry would fail later, on its way to a partner; lone surrogates have no UTF-8.
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_DECIMAL = re.compile(DECIMAL_PATTERN, re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)", re.ASCII)


class WrongType(ValueError):
    """The JSON type of a value is not the one the form says."""


def read_text(value: Any) -> str:
    """Return a text; it may be empty, which is not the same as absent."""
    if type(value) is not str:
        raise WrongType("a text")
    if len(value) > MAX_TEXT:
        raise ValueError(f"at most {MAX_TEXT} characters")
    if CONTROL.search(value):
        raise ValueError("text without control characters")
    return value


def read_whole(value: Any) -> int:
    """Return a whole number."""
    if type(value) is not int:
        raise WrongType("a whole number")
    if not -MAX_WHOLE <= value <= MAX_WHOLE:
        raise ValueError(f"a whole number of at most {MAX_WHOLE}")
    return value


def read_decimal(value: Any) -> Decimal:
    """Return an exact decimal of a text."""
    if type(value) is not str:
        raise WrongType("a decimal number in quotation marks")
    if not _DECIMAL.fullmatch(value):
        raise ValueError(f"up to {DIGITS} digits, a point and up to {PLACES} decimal places")
    return Decimal(value)


def read_day(value: Any) -> date:
    """Return a date written YYYY-MM-DD."""
    if type(value) is not str:
        raise WrongType("a date YYYY-MM-DD in quotation marks")
    if not _DAY.fullmatch(value):
        raise ValueError("a date YYYY-MM-DD")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError("a date YYYY-MM-DD of the calendar") from None


def read_moment(value: Any) -> datetime:
    """Return a time written as RFC 3339 has it, in UTC."""
    if type(value) is not str:
        raise WrongType("a time in quotation marks")
    if not _MOMENT.fullmatch(value):
        raise ValueError("a time YYYY-MM-DDThh:mm:ss with its zone (RFC 3339)")
    try:
        return datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("a time of the calendar and clock (RFC 3339)") from None


def write_decimal(value: Decimal) -> str:
    """Return a decimal in plain digits."""
    text = format(value, "f") if value.is_finite() else ""
    if not _DECIMAL.fullmatch(text):
        raise ValueError(f"up to {DIGITS} digits, a point and up to {PLACES} decimal places")
    return text


def write_moment(value: datetime) -> str:
    """Return an aware time in UTC as RFC 3339 has it."""
    if value.tzinfo is None:
        raise ValueError("a time with its zone")
    try:
        return value.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
    except OverflowError:
        raise ValueError("a time within the years 1 to 9999") from None


READ: Mapping[type, Callable[[Any], Any]] = {
    str: read_text,
    int: read_whole,
    Decimal: read_decimal,
    date: read_day,
    datetime: read_moment,
}
WRITE: Mapping[type, Callable[[Any], Any]] = {
    str: read_text,
    int: read_whole,
    Decimal: write_decimal,
    date: date.isoformat,
    datetime: write_moment,
}
