# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The four tables made ready, and the converters that they name."""

import functools
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

from gateway.sdk import (
    CodeMap,
    CompiledTable,
    Converter,
    Plain,
    Table,
    code_map,
    compile_table,
    load_codelist,
    load_table,
)

TYPES = ("DECLARATION", "RESPONSE", "ANSWER", "EVENT")
EDITION = "1"
LISTS_AS_OF = date(2026, 1, 1)
DAY = 10
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
CLOCK = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?(Z|[+-]\d\d:\d\d)?", re.ASCII)
ZONED = re.compile(CLOCK.pattern.removesuffix("?"), re.ASCII)
_TRACKING = re.compile(r"[0-9A-Za-z./_-]+")


@functools.cache
def tables() -> Mapping[str, Table]:
    """Return the tables by message type."""
    lists: dict[str, Converter] = {name: _listed(name) for name in ("iso_country", "iso_currency")}
    own: tuple[Converter, ...] = (
        Plain("posting_date", date, read_posting, _write_posting),
        Plain("moment", datetime, read_moment, write_moment),
        Plain("tracking", str, _read_tracking, _read_tracking),
        code_map("boolean", (("true", "yes"), ("false", "no"), ("1", "yes"), ("0", "no"))),
    )
    known = lists | {one.name: one for one in own}
    return {name: load_table(Path(__file__).parent / f"{name.lower()}.toml", known) for name in TYPES}


@functools.cache
def compiled(message_type: str) -> CompiledTable:
    """Return a table ready for work."""
    return compile_table(tables()[message_type], EDITION)


def read_posting(text: str) -> date:
    """Return the day of a posting date, written with or without a time of day."""
    if not (_DAY.fullmatch(text) or CLOCK.fullmatch(text)):
        raise ValueError("a date YYYY-MM-DD or a time YYYY-MM-DDThh:mm:ss")
    try:
        return date.fromisoformat(text[:DAY])
    except ValueError:
        raise ValueError("a date YYYY-MM-DD of the calendar") from None


def _write_posting(value: date) -> str:
    return f"{value.isoformat()}T00:00:00"


def read_moment(text: str) -> datetime:
    """Return a time written as RFC 3339 has it, in UTC."""
    if not ZONED.fullmatch(text):
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


def _read_tracking(text: str) -> str:
    if not _TRACKING.fullmatch(text):
        raise ValueError("Latin letters, digits and the marks . / _ - without blanks")
    return text
