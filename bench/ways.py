# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Short ways beside the full ones they stand for: `python -m bench.ways`.

Both are run in turn in one process on the same messages, many times, so that whatever disturbs the machine
disturbs both. Printed are the least processor time of each in microseconds per item, and the median of the
ratios of neighbouring runs.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from adapters.gacc_ceb import CebAdapter, skeleton
from bench.data import write_load
from gateway.sdk import Limits

ITEMS = 1_000
ROUNDS = 15
LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Compared:
    """Microseconds per item on the full way and on the short one, and how much less the short one takes."""

    name: str
    full: float
    short: float
    ratio: float


def compare(
    name: str, full: Callable[[], object], short: Callable[[], object], items: int, rounds: int
) -> Compared:
    """Run both ways in turn."""
    times = [(_seconds(full), _seconds(short)) for _ in range(rounds + 1)][1:]
    ratio = statistics.median(long / brief for long, brief in times)
    return Compared(
        name,
        min(one for one, _ in times) / items * 1e6,
        min(one for _, one in times) / items * 1e6,
        ratio,
    )


def _seconds(work: Callable[[], object]) -> float:
    """Return the processor time of a piece of work."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def reading(messages: Sequence[bytes], items: int, rounds: int) -> Compared:
    """Compare reading messages as text with reading them as a tree."""
    full, short = CebAdapter(), CebAdapter(skeleton.Memory())
    return compare(
        "read a CEB603 message of 100 lists",
        lambda: [full.decode(one, LIMITS) for one in messages],
        lambda: [short.decode(one, LIMITS) for one in messages],
        items,
        rounds,
    )


def measure(items: int = ITEMS, rounds: int = ROUNDS) -> list[Compared]:
    """Compare every short way with its full one."""
    with tempfile.TemporaryDirectory(prefix="ead-bench-") as name:
        load = write_load(Path(name) / "load", 1, items)
        lists = [one.read_bytes() for one in load.lists]
    return [reading(lists, items, rounds)]


def main() -> int:
    """Compare and show."""
    table = Table(title="Short ways, µs per item")
    for title in ("way", "full", "short", "ratio"):
        table.add_column(title, justify="left" if title == "way" else "right")
    for one in measure():
        table.add_row(one.name, f"{one.full:.1f}", f"{one.short:.1f}", f"{one.ratio:.2f}")
    Console().print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
