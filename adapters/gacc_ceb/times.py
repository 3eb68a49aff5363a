# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Times of CEB messages: digits in China time, without a zone of their own."""

import functools
from datetime import UTC, datetime, timedelta, timezone

CHINA = timezone(timedelta(hours=8), "UTC+08:00")
DIGITS = 14
DIGITS_OF_RECEIPT = 17


@functools.lru_cache(maxsize=4096)
def moment(text: str) -> datetime | None:
    """Return the aware moment of fourteen digits YYYYMMDDhhmmss, None if they are none."""
    if len(text) != DIGITS or not text.isascii() or not text.isdigit():
        return None
    try:
        return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=CHINA).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def thousandth(text: str) -> datetime:
    """Return the aware moment of seventeen digits YYYYMMDDhhmmssSSS.

    Raises:
        ValueError: they are none.
    """
    whole = moment(text[:DIGITS]) if len(text) == DIGITS_OF_RECEIPT and text.isascii() else None
    if whole is None or not text.isdigit():
        raise ValueError("a time YYYYMMDDhhmmssSSS of the calendar and clock")
    return whole.replace(microsecond=int(text[DIGITS:]) * 1000)


@functools.lru_cache(maxsize=16)  # a message is written at one moment, and messages at few
def seconds(when: datetime) -> str:
    """Return fourteen digits YYYYMMDDhhmmss of an aware moment."""
    return when.astimezone(CHINA).strftime("%Y%m%d%H%M%S")


@functools.lru_cache(maxsize=4)  # every document of a receipt has the same time
def milliseconds(when: datetime) -> str:
    """Return seventeen digits YYYYMMDDhhmmssSSS of an aware moment, as receipts have them.

    Raises:
        ValueError: the moment has no zone.
    """
    if when.tzinfo is None:
        raise ValueError("a time with its zone")
    return f"{seconds(when)}{when.microsecond // 1000:03d}"
