# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Time-ordered ids: 39 bits of time, 6 bits of node, 18 bits of counter, 63 in all.

Time counts ticks of 4 ms since 2025-01-01 UTC and lasts until 2094. All ids of one `take` share a tick, so
the range is consecutive and can never run into the bits of another node; a node has 262,144 ids in a tick.
When the clock steps back, or a tick is used up, the source runs ahead of the clock.

Two sources with one node number must not live at the same time.
"""

import threading

from gateway.clock import Clock, milliseconds

EPOCH = 1_735_689_600_000
TICK = 4
NODE_BITS = 6
COUNTER_BITS = 18
LARGEST_TAKE = 1 << COUNTER_BITS


class TimeIds:
    """A source of ids; safe to use from several threads."""

    def __init__(self, node: int, clock: Clock, above: int = 0) -> None:
        """Give ids later than `above`, the highest id that the store held at start.

        Raises:
            ValueError: the node number does not fit.
        """
        if not 0 <= node < 1 << NODE_BITS:
            raise ValueError(f"node number must be 0 to {(1 << NODE_BITS) - 1}")
        self._clock = clock
        self._node = node << COUNTER_BITS
        self._lock = threading.Lock()  # guards _tick and _used
        self._tick = above >> (NODE_BITS + COUNTER_BITS)
        self._used = LARGEST_TAKE

    def take(self, count: int) -> range:
        """Return `count` consecutive ids, above every id given before.

        Raises:
            ValueError: `count` is negative or larger than a tick holds.
        """
        if not 0 <= count <= LARGEST_TAKE:
            raise ValueError(f"count must be 0 to {LARGEST_TAKE}")
        tick = (milliseconds(self._clock()) - EPOCH) // TICK
        with self._lock:
            if tick > self._tick:
                self._tick, self._used = tick, 0
            elif self._used + count > LARGEST_TAKE:
                self._tick, self._used = self._tick + 1, 0
            first = (self._tick << (NODE_BITS + COUNTER_BITS)) | self._node | self._used
            self._used += count
        return range(first, first + count)
