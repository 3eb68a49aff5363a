# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Times of the format: YYMMDD with HHMM, and twelve digits YYYYMMDDHHMM, both without a zone; JSON has UTC.

The zone is a declared rule. A local time that the clock shows twice, or never, is told beside its value.
"""

import functools
from datetime import UTC, date, datetime, time

from adapters.gb_ens.rules import rules

JSON_LENGTH = 24
_LOCAL_LENGTH = 12


def read_local(text: str) -> datetime:
    """Return the moment of twelve digits in the declared zone."""
    return moment(text)[0]


@functools.lru_cache(maxsize=4096)
def moment(text: str) -> tuple[datetime, bool]:
    """Return the moment of twelve digits, and whether the clock shows this time twice or never."""
    if len(text) != _LOCAL_LENGTH or not text.isascii() or not text.isdigit():
        raise ValueError("a time YYYYMMDDHHMM")
    try:
        naive = datetime.fromisoformat(f"{text[:8]}T{text[8:]}")
        rule = rules(naive.date())
        local = naive.replace(tzinfo=rule.zone, fold=rule.fold)
        return local.astimezone(UTC), local.utcoffset() != local.replace(fold=1 - rule.fold).utcoffset()
    except (ValueError, OverflowError):
        raise ValueError("a time YYYYMMDDHHMM of the calendar and clock") from None


def read_preparation(day: str, clock: str) -> datetime | None:
    """Return the moment of YYMMDD and HHMM in the declared zone, `None` if it is none."""
    try:
        return read_local(f"{rules().century:02d}{day}{clock}")
    except ValueError:
        return None


@functools.lru_cache(maxsize=4096)
def write_local(value: datetime) -> str:
    """Return twelve digits of an aware moment in the declared zone; seconds are dropped."""
    if value.tzinfo is None:
        raise ValueError("a time with its zone")
    try:
        return value.astimezone(rules(value.date()).zone).strftime("%Y%m%d%H%M").rjust(_LOCAL_LENGTH, "0")
    except OverflowError:
        raise ValueError("a time within the years 1 to 9999") from None


def is_other_hour(value: datetime) -> bool:
    """Say whether the local time of a moment is shown twice and would be read back as the other moment."""
    try:
        return read_local(write_local(value)) != value.replace(second=0, microsecond=0)
    except ValueError:
        return False


@functools.lru_cache(maxsize=4096)
def exact_local(value: datetime) -> str:
    """Return twelve digits that read back as this very moment, empty if there are none."""
    try:
        text = write_local(value)
        return text if read_local(text) == value else ""
    except ValueError:
        return ""


def drops(value: datetime, form: str) -> bool:
    """Say whether writing a moment in a form loses a part of it."""
    return bool(value.second or value.microsecond) if form == "xml" else bool(value.microsecond % 1000)


def read_utc(text: str) -> datetime:
    """Return the moment of a JSON time, UTC with milliseconds."""
    if len(text) != JSON_LENGTH or not text.endswith("Z") or not text.isascii():
        raise ValueError("a time YYYY-MM-DDThh:mm:ss.sssZ")
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("a time YYYY-MM-DDThh:mm:ss.sssZ of the calendar and clock") from None


def write_utc(value: datetime) -> str:
    """Return an aware moment as JSON has it; what is below a millisecond is dropped."""
    if value.tzinfo is None:
        raise ValueError("a time with its zone")
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def is_day(text: str) -> bool:
    """Say whether six digits are a day of the calendar."""
    try:
        date.fromisoformat(f"{rules().century:02d}{text}")
    except ValueError:
        return False
    return len(text) == 6  # noqa: PLR2004 - YYMMDD


def is_clock(text: str) -> bool:
    """Say whether four digits are a time of day."""
    try:
        time.fromisoformat(text)
    except ValueError:
        return False
    return len(text) == 4  # noqa: PLR2004 - HHMM
