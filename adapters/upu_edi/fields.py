# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The tables made ready, and the converters that they name."""

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

TABLES = ("item", "assessment", "answer", "event", "dispatch")
EDITION = "1"
LISTS_AS_OF = date(2026, 1, 1)
OUTCOMES = (
    *("registered", "complete", "incomplete", "rfi", "rfs", "dnl", "amend"),
    *("intervene", "release", "hold", "return", "seize", "reject"),
)
_DAY = re.compile(r"\d{8}", re.ASCII)
_MOMENT = re.compile(r"\d{14}", re.ASCII)
_TRACKING = re.compile(r"[0-9A-Za-z./_-]+")


@functools.cache
def tables() -> Mapping[str, Table]:
    """Return the tables by name."""
    lists: dict[str, Converter] = {name: _listed(name) for name in ("iso_country", "iso_currency")}
    own: tuple[Converter, ...] = (
        Plain("day", date, _read_day, lambda value: value.strftime("%Y%m%d")),
        Plain("moment", datetime, _read_moment, _write_moment),
        Plain("tracking", str, _read_tracking, _read_tracking),
        code_map("outcome", tuple((one.upper(), one) for one in OUTCOMES)),
        code_map("answer_kind", (("DATA", "data"), ("AMENDMENT", "amendment"), ("SCREENING", "screening"))),
    )
    known = lists | {one.name: one for one in own}
    return {name: load_table(Path(__file__).parent / f"{name}.toml", known) for name in TABLES}


@functools.cache
def compiled(name: str) -> CompiledTable:
    """Return a table ready for work."""
    return compile_table(tables()[name], EDITION)


def _listed(name: str) -> CodeMap:
    """Return a map that sends every code of a list to itself and knows no other."""
    codes = {code: code for code in load_codelist(name, on=LISTS_AS_OF).rows}
    return CodeMap(name, codes, codes)


def _read_day(text: str) -> date:
    if not _DAY.fullmatch(text):
        raise ValueError("a date CCYYMMDD, form 102")
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        raise ValueError("a date of the calendar") from None


def _read_moment(text: str) -> datetime:
    """Read a time in UTC, which the profile demands."""
    if not _MOMENT.fullmatch(text):
        raise ValueError("a time CCYYMMDDHHMMSS in UTC, form 204")
    try:
        return datetime(
            *(int(text[:4]), int(text[4:6]), int(text[6:8])),
            *(int(text[8:10]), int(text[10:12]), int(text[12:])),
            tzinfo=UTC,
        )
    except ValueError:
        raise ValueError("a time of the calendar and clock") from None


def _write_moment(value: datetime) -> str:
    if value.tzinfo is None:
        raise ValueError("a time with its zone")
    return value.astimezone(UTC).strftime("%Y%m%d%H%M%S")


def _read_tracking(text: str) -> str:
    if not _TRACKING.fullmatch(text):
        raise ValueError("Latin letters, digits and the marks . / _ - without blanks")
    return text
