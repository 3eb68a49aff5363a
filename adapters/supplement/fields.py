# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The fields of the form: the table made ready, and the converters that it names."""

import functools
import re
from datetime import UTC, date, datetime
from pathlib import Path

from gateway.sdk import (
    CodeMap,
    CompiledTable,
    Converter,
    Plain,
    Table,
    compile_table,
    hs,
    load_codelist,
    load_table,
)

MESSAGE_TYPE = "SUPPLEMENT"
EDITION = "1"
CONTENT = "content"
MAX_ITEMS = 1000
MAX_ITEM_BYTES = 1024 * 1024
LISTS_AS_OF = date(2026, 1, 1)
# RFC 3339, section 5.6; a zone is demanded because a time without one is a guess.
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TRACKING = re.compile(r"[0-9A-Za-z./_-]+")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


@functools.cache
def table() -> Table:
    """Return the table of the form."""
    lists: dict[str, Converter] = {name: _listed(name) for name in ("iso_country", "iso_currency")}
    own = (
        Plain("iso_date", date, read_day, date.isoformat),
        Plain("iso_datetime", datetime, read_moment, write_moment),
        Plain("hs", str, _read_hs, _read_hs),
        Plain("tracking", str, _read_tracking, _read_tracking),
        Plain("email", str, _read_email, _read_email),
    )
    return load_table(Path(__file__).parent / "supplement.toml", {**lists, **{one.name: one for one in own}})


@functools.cache
def compiled() -> CompiledTable:
    """Return the table ready for work."""
    return compile_table(table(), EDITION)


def read_day(text: str) -> date:
    """Return a date written YYYY-MM-DD."""
    if not _DAY.fullmatch(text):
        raise ValueError("a date YYYY-MM-DD")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError("a date YYYY-MM-DD of the calendar") from None


def read_moment(text: str) -> datetime:
    """Return a time written as RFC 3339 has it, in UTC."""
    if not _MOMENT.fullmatch(text):
        raise ValueError("a time YYYY-MM-DDThh:mm:ss with its zone (RFC 3339)")
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("a time of the calendar and clock (RFC 3339)") from None


def write_moment(value: datetime) -> str:
    """Return an aware time in UTC as RFC 3339 has it."""
    if value.tzinfo is None:
        raise ValueError("a time with its zone")
    return value.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def _listed(name: str) -> CodeMap:
    """Return a map that sends every code of a list to itself and knows no other."""
    codes = {code: code for code in load_codelist(name, on=LISTS_AS_OF).rows}
    return CodeMap(name, codes, codes)


def _read_hs(text: str) -> str:
    if not hs.is_valid(text):
        raise ValueError("4, 6 or 8 to 12 digits of the Harmonized System, without points")
    return text


def _read_tracking(text: str) -> str:
    if not _TRACKING.fullmatch(text):
        raise ValueError("Latin letters, digits and the marks . / _ - without blanks")
    return text


def _read_email(text: str) -> str:
    if not _EMAIL.fullmatch(text):
        raise ValueError("an address with one @ and no blanks")
    return text
