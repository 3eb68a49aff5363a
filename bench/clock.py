# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""A clock that adds up processor time by stage."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")


class Clock:
    """Sums of time by stage; what is done while it is off only warms up."""

    def __init__(self) -> None:
        """Start with nothing."""
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self.running = False

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Add the time of a block to a stage."""
        begun = time.process_time()
        yield
        if self.running:
            self.seconds[name] += time.process_time() - begun

    def timed(self, name: str, work: Callable[[], T]) -> T:
        """Do work and add its time to a stage."""
        with self.stage(name):
            return work()

    def per_item(self, items: int) -> dict[str, float]:
        """Return microseconds per item by stage."""
        return {name: one / items * 1e6 for name, one in self.seconds.items()}
