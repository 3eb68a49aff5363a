# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""How long one record takes; the best of a few short rounds, since other work only ever makes it longer."""

import time
from collections.abc import Callable

_ROUND_SECONDS = 0.002
_ROUNDS = 5


def microseconds(work: Callable[[], object], records: int) -> float:
    """Return the microseconds for one of the records that `work` does at once."""
    started = time.perf_counter()
    work()
    once = max(time.perf_counter() - started, 1e-7)
    count = max(1, int(_ROUND_SECONDS / once))
    best = min(_timed(work, count) for _ in range(_ROUNDS))
    return best / count / max(records, 1) * 1e6


def _timed(work: Callable[[], object], count: int) -> float:
    started = time.perf_counter()
    for _ in range(count):
        work()
    return time.perf_counter() - started
