# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""How often each name may ask one node."""

from gateway.clock import Clock, system_clock
from gateway.exchange.rate import Rate


class Turns:
    """The turns of names that got in, so that their number is bounded; 0 a minute is without limit."""

    def __init__(self, per_minute: int = 0, clock: Clock = system_clock) -> None:
        """Begin with all turns of a minute for everybody."""
        self._per_minute = per_minute
        self._clock = clock
        self._rates: dict[str, Rate] = {}

    def late(self, name: str) -> int:
        """Take a turn of a name and return 0, or return after how many seconds there will be one."""
        if not self._per_minute:
            return 0
        rate = self._rates.get(name)
        if rate is None:
            rate = self._rates[name] = Rate(self._per_minute)
        return rate.take(self._clock())
