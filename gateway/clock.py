# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Time as an argument: the only place that reads the wall clock.

Every function that needs the time takes an aware `datetime`; the outermost loops take a `Clock`.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeAlias

Clock: TypeAlias = Callable[[], datetime]


def system_clock() -> datetime:
    """Return the wall-clock time, aware, in UTC."""
    return datetime.now(UTC)


def milliseconds(moment: datetime) -> int:
    """Return the milliseconds since 1970-01-01 UTC of an aware moment."""
    return int(moment.timestamp() * 1000)


def moment(milliseconds_since_epoch: int) -> datetime:
    """Return the aware UTC moment of milliseconds since 1970-01-01."""
    return datetime.fromtimestamp(milliseconds_since_epoch / 1000, UTC)
