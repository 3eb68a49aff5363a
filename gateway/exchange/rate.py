# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""How often somebody may come: a bucket that fills evenly, in the memory of one process."""

import math
from datetime import datetime


class Rate:
    """At most `per_minute` at once and on average."""

    def __init__(self, per_minute: int) -> None:
        """Begin with a full bucket."""
        self._most = float(per_minute)
        self._held = float(per_minute)
        self._at: datetime | None = None

    def take(self, now: datetime) -> int:
        """Take one turn and return 0; if there is none, return after how many seconds there will be."""
        if self._at is not None:
            passed = max(0.0, (now - self._at).total_seconds())
            self._held = min(self._most, self._held + passed * self._most / 60)
        self._at = now
        if self._held >= 1:
            self._held -= 1
            return 0
        return max(1, math.ceil((1 - self._held) * 60 / self._most))
