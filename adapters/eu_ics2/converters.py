# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""How ICS2 writes letters, codes and times (stypes.xsd)."""

import functools
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from adapters.eu_ics2.dialogue import request_types, screening_results
from gateway.sdk import Converter, Plain, code_map

_SECONDS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_OFFSET = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)", re.ASCII)


def write_second(value: datetime) -> str:
    """Return a moment in UTC to the second; a fraction is cut, which the caller tells as a loss."""
    if value.tzinfo is None:
        raise ValueError("a time with its zone")
    try:
        return value.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"
    except OverflowError:
        raise ValueError("a time within the years 1 to 9999") from None


def read_second(text: str) -> datetime:
    """Return the moment of a text in UTC to the second."""
    return _moment(_SECONDS, text, "a time YYYY-MM-DDThh:mm:ssZ")


def _read_offset(text: str) -> datetime:
    return _moment(_OFFSET, text, "a time YYYY-MM-DDThh:mm:ss with Z or an offset")


def _moment(form: re.Pattern[str], text: str, expected: str) -> datetime:
    if not form.fullmatch(text):
        raise ValueError(expected)
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"{expected} of the calendar and clock") from None


def _matching(form: str, expected: str) -> Callable[[str], str]:
    """Return a function that hands a text through if it has the form."""
    matches = re.compile(form).fullmatch

    def check(text: str) -> str:
        if not matches(text):
            raise ValueError(expected)
        return text

    return check


def _checked(name: str, form: str, expected: str) -> Plain:
    check = _matching(form, expected)
    return Plain(name, str, check, check)


@functools.cache
def converters() -> Mapping[str, Converter]:
    """Return the converters that the tables of this adapter name."""
    several: tuple[Converter, ...] = (
        Plain("utc", datetime, read_second, write_second),
        Plain("offset_time", datetime, _read_offset, write_second),
        _checked("upper_letters", "[A-Z]+", "capital letters A to Z"),
        _checked("letters", "[A-Za-z]+", "letters A to Z"),
        _checked("digits", "[0-9]+", "digits"),
        _checked("endpoint", "[A-Za-z0-9.-]+", "letters, digits, full stop and hyphen"),
        _checked("token", r"\S+(?: \S+)*", "words with single blanks between them"),
        code_map("request_type", request_types()),
        code_map("screening_result", screening_results()),
    )
    return {one.name: one for one in several}
