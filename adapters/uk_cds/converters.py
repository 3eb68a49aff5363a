# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The converters that the tables of DEC and RES name: codes of a fixed form, and moments of format 304.

Forms are those of the XSDs; whether a country or currency exists is for others to judge. Code maps are used
for forms because a look-up is the quickest test there is.
"""

import functools
import itertools
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from string import ascii_uppercase, digits

from gateway.sdk import CodeMap, Converter, Plain

_FORM_304 = re.compile(r"(20[0-9]{6})([0-9]{6})(Z|([-+])([0-9]{2}))")
_LETTERS_3 = re.compile("[A-Za-z]{3}")


@functools.cache
def converters() -> Mapping[str, Converter]:
    """Return the converters of this adapter by name."""
    letters2 = _same("".join(one) for one in itertools.product(ascii_uppercase, repeat=2))
    letters3 = _same("".join(one) for one in itertools.product(ascii_uppercase, repeat=3))
    one_or_two = _same([*digits, *("".join(one) for one in itertools.product(digits, repeat=2))])
    return {
        "alpha2": CodeMap("alpha2", _any_case_2(), letters2),
        "alpha3": CodeMap("alpha3", letters3, letters3),
        "letters3": Plain("letters3", str, _letters3, _letters3),
        "digit": CodeMap("digit", _same(digits), _same(digits)),
        "nature": CodeMap("nature", one_or_two, one_or_two),
        "two_digits": CodeMap("two_digits", {**one_or_two, **{one: f"0{one}" for one in digits}}, one_or_two),
        "moment304": Plain("moment304", datetime, read_moment, write_moment),
    }


def _same(codes: Iterable[str]) -> dict[str, str]:
    return {one: one for one in codes}


def _any_case_2() -> dict[str, str]:
    """Return two letters of either case with what they mean in capitals."""
    both = ascii_uppercase + ascii_uppercase.lower()
    return {code: code.upper() for code in map("".join, itertools.product(both, repeat=2))}


def _letters3(text: str) -> str:
    if not _LETTERS_3.fullmatch(text):
        raise ValueError("three letters")
    return text.upper()


@functools.lru_cache(maxsize=4096)
def read_moment(text: str) -> datetime:
    """Return the moment of YYYYMMDDhhmmss with Z or ±hh, in UTC."""
    match = _FORM_304.fullmatch(text)
    if match is None:
        raise ValueError("YYYYMMDDhhmmss with Z or an offset in hours (format 304)")
    hours = int(match[5] or 0)
    zone = timezone(timedelta(hours=-hours if match[4] == "-" else hours)) if hours < 24 else None  # noqa: PLR2004
    if zone is None:
        raise ValueError("an offset of less than 24 hours")
    try:
        return datetime.strptime(match[1] + match[2], "%Y%m%d%H%M%S").replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("a moment of the calendar and clock (format 304)") from None


@functools.lru_cache(maxsize=4096)
def write_moment(value: datetime) -> str:
    """Return a moment in UTC, to the second."""
    if value.tzinfo is None:
        raise ValueError("a time with its zone")
    moment = value.astimezone(UTC)
    if not 2000 <= moment.year <= 2099:  # noqa: PLR2004 - the schema's pattern begins with 20
        raise ValueError("a moment of the years 2000 to 2099")
    return moment.strftime("%Y%m%d%H%M%SZ")
