# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The three tables made ready, and the converters that they name."""

import functools
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec

from gateway.sdk import (
    CodeMap,
    CompiledTable,
    ContentPiece,
    Converter,
    Item,
    Plain,
    Table,
    compile_table,
    hs,
    load_codelist,
    load_table,
)

LISTS_AS_OF = date(2026, 1, 1)
_SUBHEADING = 6
GIFT = "31"  # UPU code list 136
CLOCK = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d)?", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)", re.ASCII)
_TRACKING = re.compile(r"[0-9A-Za-z./_-]+")


@functools.cache
def tables() -> Mapping[str, Table]:
    """Return the tables by message type."""
    lists: dict[str, Converter] = {name: _listed(name) for name in ("iso_country", "iso_currency")}
    own: tuple[Converter, ...] = (
        Plain("gift", str, _read_gift, lambda value: "true" if value == GIFT else "false"),
        Plain("hs", str, _read_hs, _read_hs),
        Plain("moment", datetime, _read_moment, _write_moment),
        Plain("tracking", str, _read_tracking, _read_tracking),
    )
    known = {**lists, **{one.name: one for one in own}}
    folder = Path(__file__).parent
    return {
        name: load_table(folder / f"{name.lower()}.toml", known) for name in ("ITEM", "RECEPTACLE", "PREDES")
    }


@functools.cache
def compiled(message_type: str) -> CompiledTable:
    """Return a table ready for work."""
    return compile_table(tables()[message_type], "1")


def with_hs(item: Item) -> Item:
    """Add the heading or subheading of every commodity code."""
    return _pieces(item, lambda one: (one.commodity_code, (one.commodity_code or "")[:_SUBHEADING] or None))


def without_hs(item: Item) -> Item:
    """Leave out what the commodity code says by itself; a heading alone becomes the code."""

    def split(one: ContentPiece) -> tuple[str | None, str | None]:
        code = one.commodity_code or one.hs
        return code, None if (code or "").startswith(one.hs or "") else one.hs

    return _pieces(item, split)


def _pieces(item: Item, codes: Callable[[ContentPiece], tuple[str | None, str | None]]) -> Item:
    pairs = [(one, *codes(one)) for one in item.content]
    pieces = [msgspec.structs.replace(one, commodity_code=code, hs=short) for one, code, short in pairs]
    return msgspec.structs.replace(item, content=tuple(pieces)) if pieces else item


def _listed(name: str) -> CodeMap:
    codes = {code: code for code in load_codelist(name, on=LISTS_AS_OF).rows}
    return CodeMap(name, codes, codes)


def _read_gift(text: str) -> str | None:
    if text not in ("true", "false", "1", "0"):
        raise ValueError("true or false")
    return GIFT if text in ("true", "1") else None


def _read_hs(text: str) -> str:
    if not hs.is_valid(text):
        raise ValueError("4, 6 or 8 to 12 digits of the Harmonized System, without points")
    return text


def _read_moment(text: str) -> datetime:
    if not _MOMENT.fullmatch(text):
        raise ValueError("a date, or a time YYYY-MM-DDThh:mm:ss")
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("a date and time of the calendar and clock") from None


def _write_moment(value: datetime) -> str:
    if value.tzinfo is None:
        raise ValueError("a time with its zone")
    return value.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def _read_tracking(text: str) -> str:
    if not _TRACKING.fullmatch(text):
        raise ValueError("Latin letters, digits and the marks . / _ - without blanks")
    return text
