# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The lexical types of the schemas (simple types v10-0 and v11-2) as named converters of the tables."""

import functools
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from adapters.gb_ens.times import is_clock, is_day, read_local, read_utc, write_local, write_utc
from gateway.sdk import Converter, Plain

PATTERNS = {
    "digits": ("[0-9]+", "digits"),
    "letters": ("[a-zA-Z]+", "letters"),
    "capitals": ("[A-Z]+", "capital letters"),
    "capital_digits": ("[A-Z0-9]*", "capital letters and digits"),
    "office": ("[a-zA-Z]{2}[a-zA-Z0-9]{6}", "two letters and six letters or digits (customs office)"),
    "place": (r"[a-zA-Z]{2}.{1,33}", "two letters and 1 to 33 characters (place)"),
    "tin": (r"[A-Z]{2}[\x00-\x09\x0b\x0c\x0e-\x7f]{1,15}", "two letters and 1 to 15 ASCII characters (TIN)"),
    "mrn": ("[0-9]{2}[A-Z]{2}[A-Z0-9]{13}[0-9]", "18 characters as an MRN has them"),
}
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")


def fitting(name: str) -> Callable[[str], Any] | None:
    """Return the test of a pattern by the name of its converter."""
    return re.compile(PATTERNS[name][0]).fullmatch if name in PATTERNS else None


def _matching(name: str) -> Plain:
    """Return a converter that keeps the text of one pattern."""
    pattern, words = PATTERNS[name]
    fits = re.compile(pattern).fullmatch

    def same(text: str) -> str:
        if fits(text) is None:
            raise ValueError(words)
        return text

    return Plain(name, str, same, same)


def _checked(name: str, words: str, fits: Callable[[str], bool]) -> Plain:
    def same(text: str) -> str:
        if not fits(text):
            raise ValueError(words)
        return text

    return Plain(name, str, same, same)


@functools.lru_cache(maxsize=4096)  # masses repeat
def read_number(text: str, total: int, fraction: int) -> Decimal:
    """Return a number in any form of xs:decimal, within its digits (XML Schema Part 2, 3.2.3, 4.3.11)."""
    if not _DECIMAL.fullmatch(text):
        raise ValueError("a decimal number")
    whole, _, places = text.lstrip("+-").partition(".")
    digits, places = whole.lstrip("0"), places.rstrip("0")
    if len(places) > fraction or len(digits) + len(places) > total:
        raise ValueError(f"at most {total} digits, at most {fraction} of them decimal places")
    return Decimal(text)


def read_whole(text: str, total: int) -> int:
    """Return a whole number of plain digits."""
    if not text.isascii() or not text.isdigit() or len(text) > total:
        raise ValueError(f"at most {total} digits")
    return int(text)


def converters(form: str) -> Mapping[str, Converter]:
    """Return the converters of a form, xml or json; only times differ."""
    reading, writing = (read_local, write_local) if form == "xml" else (read_utc, write_utc)
    own = (
        *(_matching(name) for name in PATTERNS),
        _checked("date6", "a day YYMMDD", is_day),
        _checked("time4", "a time HHMM", is_clock),
        Plain("local_time", datetime, reading, writing),
    )
    return {one.name: one for one in own}
