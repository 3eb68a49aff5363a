# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Whose work this is, a queue that serves everybody by turns, and places nobody can have all of.

Start-time fair queueing (Goyal, Vin and Cheng, 1997): work is served in the order in which it would begin if
all parties were served side by side at the same pace. One party's thousand works put its own later ones off,
and nobody else's.
"""

import contextlib
import heapq
import queue
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Generic, TypeVar

from gateway.errors import GatewayError

T = TypeVar("T")

_party: ContextVar[str] = ContextVar("party", default="")


@contextlib.contextmanager
def working_for(party: str) -> Iterator[None]:
    """Say for whom the work is that is asked for in here, and in tasks that begin in here."""
    before = _party.set(party)
    try:
        yield
    finally:
        _party.reset(before)


class FairQueue(Generic[T]):
    """A queue between threads; works of one party keep their order, parties take turns."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, float, T]] = []
        self._filled = threading.Condition()
        self._number = 0
        self._now = 0.0
        self._ends: dict[str, float] = {}
        self._closed = False

    def put(self, work: T, cost: float = 1.0) -> None:
        """Queue work of the party that the context names; `cost` is its size in a measure of the caller.

        Raises:
            GatewayError: the queue is closed.
        """
        party = _party.get()
        with self._filled:
            if self._closed:
                raise GatewayError("the queue is closed")
            start = max(self._now, self._ends.get(party, 0.0))
            self._ends[party] = start + cost
            self._number += 1
            heapq.heappush(self._heap, (start, self._number, cost, work))
            self._filled.notify()

    def get(self) -> T | None:
        """Wait for the work whose turn it is; None once the queue is closed and empty."""
        with self._filled:
            while not self._heap and not self._closed:
                self._filled.wait()
            return self._next() if self._heap else None

    def get_nowait(self) -> T:
        """Return the work whose turn it is.

        Raises:
            queue.Empty: there is none.
        """
        with self._filled:
            if not self._heap:
                raise queue.Empty
            return self._next()

    def close(self) -> None:
        """Take no more; what is queued is still served."""
        with self._filled:
            self._closed = True
            self._filled.notify_all()

    def _next(self) -> T:
        self._now, _, _, work = heapq.heappop(self._heap)
        if not self._heap:
            self._ends.clear()  # nobody waits: nobody is ahead of anybody
            self._now = 0.0
        return work


@dataclass(slots=True)
class Pause:
    """After how many seconds a party may come again, and how often it found a place or none since `begun`."""

    begun: float
    seconds: int = 1
    found: int = 0
    refused: int = 0


class Places:
    """Places for what is in work at a time, of which nobody can have all.

    A party may have at most `SHARE` times as many as are free (Choudhury and Hahne, 1998): alone it gets four
    fifths, two get four ninths each, and whoever has none finds one.

    Whoever is refused may come again after a pause. It doubles while a party finds no place more than twice
    for each that it finds, and halves while it finds two for each refusal, so that saying no does not become
    the work. It stays short enough that who waits longest is not forgotten once there is room.
    """

    SHARE = 4
    LONGEST_PAUSE = 4

    def __init__(self, count: int, clock: Callable[[], float] = time.monotonic) -> None:
        """Have so many places; `clock` tells seconds."""
        self._free = count
        self._taken: Counter[str] = Counter()
        self._clock = clock
        self._pauses: dict[str, Pause] = {}

    def take(self, party: str) -> bool:
        """Take a place for a party; say whether there was one for it."""
        if self._taken[party] >= self.SHARE * self._free:
            self._pauses.setdefault(party, Pause(self._clock())).refused += 1
            return False
        if party in self._pauses:
            self._pauses[party].found += 1
            self.pause(party)
        self._free -= 1
        self._taken[party] += 1
        return True

    def pause(self, party: str) -> int:
        """Return after how many whole seconds a party may come again."""
        one = self._pauses.get(party)
        if one is None:
            return 1
        if self._clock() - one.begun >= one.seconds:
            if one.refused > 2 * one.found:
                one.seconds = min(2 * one.seconds, self.LONGEST_PAUSE)
            elif one.found >= 2 * one.refused:
                one.seconds = one.seconds // 2
            one.begun, one.found, one.refused = self._clock(), 0, 0
        if not one.seconds:
            del self._pauses[party]  # it finds places again; nothing is kept of it
        return max(1, one.seconds)

    def give(self, party: str) -> None:
        """Give a place back."""
        self._free += 1
        self._taken[party] -= 1
        if not self._taken[party]:
            del self._taken[party]
