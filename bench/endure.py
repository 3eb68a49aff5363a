# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""How the whole way holds out: `python -m bench.endure --seconds 600`, round after round on two gateways.

Lists by themselves, as fast as they are taken. Messages of a round are written before its clock starts, so
the gateways rest between rounds; only the time of the rounds counts. Memory is what the processes hold
themselves. Exit 1 if an equation between the ends does not hold or a process holds more than its limit.
"""

import argparse
import json
import shutil
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.data import lists_alone
from bench.way import Way
from gateway.demo.stage import make_parties, packaged_agreements, running

OUT = Path(__file__).parent / "out" / "endure.json"
LIMIT_MB = 400.0
PARTS = 10


def measure(seconds: float, items: int) -> dict[str, Any]:
    """Run rounds until they have lasted so long; return them with the faults at the end."""
    with tempfile.TemporaryDirectory(prefix="ead-bench-") as name:
        folder, rounds, spent = Path(name), [], 0.0
        agreements = [lists_alone(one) for one in packaged_agreements()]
        with running(make_parties(folder / "parties", agreements)) as parties:
            way = Way(folder, parties, alone=True)
            try:
                while spent < seconds:
                    load = folder / "load"
                    rounds.append(way.round(items, load))
                    spent += rounds[-1]["seconds"]
                    shutil.rmtree(load)
                return {"rounds": rounds, "items": way.items, "faults": way.faults(), "peak_mb": way.memory()}
            finally:
                way.close()


def parts(rounds: Sequence[dict[str, Any]]) -> list[dict[str, float]]:
    """Return rate and memory of each tenth of the rounds."""
    size = max(1, len(rounds) // PARTS)
    return [
        {
            "items_per_s": statistics.median(one["items_per_s"] for one in some),
            **{f"{name}_mb": value for name, value in some[-1]["memory_mb"].items()},
        }
        for some in (rounds[start : start + size] for start in range(0, len(rounds), size))
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, write, show."""
    parser = argparse.ArgumentParser(prog="python -m bench.endure", description=__doc__)
    parser.add_argument("--seconds", type=float, default=600.0, help="seconds of all rounds together")
    parser.add_argument("--items", type=int, default=20_000, help="items of each round")
    given = parser.parse_args(arguments)
    figures = measure(given.seconds, given.items)
    shown = parts(figures["rounds"])
    table = Table(*shown[0], title=f"{figures['items']} items, tenth by tenth")
    for one in shown:
        table.add_row(*(f"{value:.0f}" for value in one.values()))
    console = Console()
    console.print(table)
    console.print(f"peak MiB: {figures['peak_mb']}; equations: {figures['faults'] or 'hold'}")
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps({**figures, "parts": shown}, indent=2) + "\n", "utf-8")
    held = all(value <= LIMIT_MB for name, value in shown[-1].items() if name.endswith("_mb"))
    return 0 if held and not figures["faults"] else 1


if __name__ == "__main__":
    sys.exit(main())
