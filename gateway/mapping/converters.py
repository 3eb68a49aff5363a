# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Named converters between the text of a field and its canonical value; pure, and exact both ways."""

import functools
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, Protocol

from gateway.codelists.table import CodeList

_CHINA = timezone(timedelta(hours=8))
_DIGITS = re.compile("[0-9]+")
_LONGEST = 64  # of a number with all its idle zeros


class Converter(Protocol):
    """One way to read and write a field.

    `decode` gets text without surrounding white space and within the limits of its row. Both raise
    `ValueError` whose text says what was expected, never what was found; `UnknownCode` for a code not listed.
    """

    @property
    def name(self) -> str:
        """The name by which rows ask for it."""

    @property
    def yields(self) -> type:
        """The type of the canonical value."""

    def decode(self, text: str) -> Any:
        """Return the canonical value of a text."""

    def encode(self, value: Any) -> str:
        """Return the text of a canonical value."""


class UnknownCode(ValueError):
    """A code is in neither column of the code map."""


@dataclass(frozen=True, slots=True)
class Plain:
    """A converter made of two functions."""

    name: str
    yields: type
    decode: Callable[[str], Any]
    encode: Callable[[Any], str]


@dataclass(frozen=True, slots=True)
class CodeMap:
    """A converter between the codes of a message and canonical codes.

    `forward` may send several codes to one canonical code; `backward` says which of them is written.
    """

    name: str
    forward: Mapping[str, str]
    backward: Mapping[str, str]
    yields: type = str

    def decode(self, text: str) -> str:
        """Return the canonical code."""
        try:
            return self.forward[text]
        except KeyError:
            raise UnknownCode(f"a code of {self.name}") from None

    def encode(self, value: str) -> str:
        """Return the code of the message."""
        try:
            return self.backward[value]
        except KeyError:
            raise UnknownCode(f"a code that {self.name} can express") from None


def code_map(name: str, pairs: Mapping[str, str] | Iterable[tuple[str, str]]) -> CodeMap:
    """Make a code map from pairs (code of the message, canonical code).

    Where several codes mean the same, the first one is written.

    Raises:
        ValueError: a code of the message stands twice, or a code is empty.
    """
    forward: dict[str, str] = {}
    backward: dict[str, str] = {}
    for outside, canonical in pairs.items() if isinstance(pairs, Mapping) else pairs:
        if not outside or not canonical or outside in forward:
            raise ValueError(f"code map {name} has an empty or repeated code")
        forward[outside] = canonical
        backward.setdefault(canonical, outside)
    return CodeMap(name, forward, backward)


def code_list_map(code_list: CodeList) -> CodeMap:
    """Make a code map of a code list as loaded for one day."""
    return CodeMap(code_list.name, code_list.forward, code_list.backward)


def number_fits(text: str, total: int, fraction: int, *, signed: bool) -> bool:
    """Say whether a text is a plain number within its digits; zeros that carry no value are not counted.

    Follows `totalDigits` and `fractionDigits` of XML Schema Part 2, §4.3.11 and §4.3.12.
    """
    whole, point, places = text.removeprefix("-" if signed else "").partition(".")
    digits = whole + places
    if len(text) > _LONGEST or not digits.isascii() or not digits.isdigit() or (point and not fraction):
        return False
    places = places.rstrip("0")
    return len(places) <= fraction and len(whole.lstrip("0")) + len(places) <= total


@functools.lru_cache(maxsize=4096)
def _read_date8(text: str) -> date:
    if len(text) != 8 or not _DIGITS.fullmatch(text):  # noqa: PLR2004 - YYYYMMDD
        raise ValueError("a date YYYYMMDD")
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        raise ValueError("a date YYYYMMDD of the calendar") from None


@functools.lru_cache(maxsize=4096)
def _read_datetime14(text: str) -> datetime:
    if len(text) != 14 or not _DIGITS.fullmatch(text):  # noqa: PLR2004 - YYYYMMDDhhmmss
        raise ValueError("a time YYYYMMDDhhmmss")
    try:
        return datetime.fromisoformat(f"{text[:8]}T{text[8:]}+08:00").astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("a time YYYYMMDDhhmmss of the calendar and clock") from None


def _write_datetime14(value: datetime) -> str:
    if value.tzinfo is None:
        raise ValueError("a time with its zone")
    try:
        local = value.astimezone(_CHINA)
    except OverflowError:
        raise ValueError("a time within the years 1 to 9999") from None
    return local.replace(microsecond=0, tzinfo=None).isoformat().translate({45: None, 58: None, 84: None})


def _write_decimal(value: Decimal) -> str:
    if not value.is_finite():
        raise ValueError("a finite number")
    return format(value, "f")


BUILT_IN: Mapping[str, Converter] = {
    one.name: one
    for one in (
        Plain("text", str, str, str),
        Plain("upper", str, str.upper, str.upper),
        Plain("decimal", Decimal, Decimal, _write_decimal),
        Plain("integer", int, int, str),
        Plain("date8", date, _read_date8, lambda value: str(value.isoformat()).replace("-", "")),
        Plain("datetime14", datetime, _read_datetime14, _write_datetime14),
    )
}

DEFAULTS: Mapping[str, str] = {
    "C": "text",
    "N": "decimal",
    "I": "integer",
    "D8": "date8",
    "T14": "datetime14",
}
