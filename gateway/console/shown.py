# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""How values of the interface are shown: times, ages, counts, long digests. UTC, as the interface has it."""

from datetime import UTC, datetime

MINUTE, HOUR, DAY = 60, 3600, 86400
LONGEST_DIGEST = 16


def show_time(milliseconds: object) -> str:
    """Return a moment in UTC; nothing for a moment that has not come."""
    if not isinstance(milliseconds, int | float) or not milliseconds:
        return ""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")


def show_age(seconds: object) -> str:
    """Return how long something takes or took, in its largest unit."""
    if not isinstance(seconds, int | float) or not seconds:
        return ""
    for unit, name in ((DAY, "d"), (HOUR, "h"), (MINUTE, "min")):
        if seconds >= unit:
            return f"{seconds / unit:.1f} {name}"
    return f"{seconds:.0f} s"


def show_count(number: object) -> str:
    """Return a count with its thousands apart."""
    return f"{number:,}" if isinstance(number, int) else str(number)


def show_short(text: object) -> str:
    """Return the beginning of a long digest."""
    whole = str(text)
    return whole if len(whole) <= LONGEST_DIGEST else f"{whole[:LONGEST_DIGEST]}…"
