# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Measure everything once: `python -m bench`, or `--quick` for a rough look.

Prints tables and writes `bench/out/bench.json`. Exit 1 if an equation between the two ends does not hold.
"""

import argparse
import json
import logging
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import structlog
from rich.console import Console

from bench import (
    adapters,
    audit,
    databases,
    edifact,
    peers,
    primitives,
    publishing,
    stages,
    statistics,
    table,
)
from bench.data import lists_alone
from bench.way import RATE, Sizes, Way
from gateway.demo.stage import Party, make_parties, packaged_agreements, running

OUT = Path(__file__).parent / "out" / "bench.json"
FULL = Sizes(items=12_000, rounds=3, latency_seconds=20.0)
QUICK = Sizes(items=1_500, rounds=2, latency_seconds=4.0)
STAGE_ITEMS = 1_024


@dataclass(frozen=True, slots=True)
class Options:
    """What to measure and where to write it."""

    sizes: Sizes
    stage_items: int
    audit: audit.Sizes
    large: bool
    out: Path


def options(arguments: Sequence[str]) -> Options:
    """Read the command line; single sizes can be overridden."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes, under 40 seconds")
    parser.add_argument("--items", type=int, help="items of each round")
    parser.add_argument("--rounds", type=int, help="rounds, at least 2")
    parser.add_argument("--latency-seconds", type=float, help="seconds of each latency run")
    parser.add_argument("--stage-items", type=int, default=STAGE_ITEMS, help="items in one process")
    parser.add_argument("--log-leaves", type=int, help="leaves of the log that is audited")
    parser.add_argument("--out", type=Path, default=OUT, help="where the figures go")
    given = parser.parse_args(arguments)
    base = QUICK if given.quick else FULL
    sizes = Sizes(
        items=given.items or base.items,
        rounds=max(2, given.rounds or base.rounds),
        latency_seconds=given.latency_seconds or base.latency_seconds,
    )
    log = audit.QUICK if given.quick else audit.FULL
    if given.log_leaves:
        log = replace(log, leaves=given.log_leaves)
    return Options(sizes, given.stage_items, log, not given.quick, given.out)


def measure(chosen: Options) -> dict[str, Any]:
    """Measure everything and return the figures."""
    figures: dict[str, Any] = {}
    packaged = packaged_agreements()
    with tempfile.TemporaryDirectory(prefix="ead-bench-") as name:
        folder = Path(name)
        with running(make_parties(folder / "way", packaged)) as parties:
            figures |= _way(folder, parties, chosen.sizes)
        with running(make_parties(folder / "alone", [lists_alone(one) for one in packaged])) as parties:
            figures["lists_alone"] = _alone(folder / "alone-load", parties, chosen.sizes)
        apart = make_parties(folder / "stages", packaged)
        measured = stages.measure(folder, apart, chosen.stage_items)
        figures["stages_us"] = measured.stages
        figures["primitives_us"] = primitives.measure(measured.samples)
        figures["audit"] = audit.measure(folder / "audit", apart, chosen.audit)
    figures["peers_us"] = peers.measure(measured.samples, figures["primitives_us"])
    if chosen.large:
        figures["databases"] = databases.measure(chosen.sizes.items // 2, chosen.sizes.rounds)
    spent = figures["end_to_end"]["cpu_us"]
    figures["audit"]["publishing"] = publishing.shares(measured.publishing, measured.stages, spent)
    with tempfile.TemporaryDirectory(prefix="ead-bench-") as name:
        figures["statistics"] = statistics.measure(Path(name), large=chosen.large)
    figures["edifact"] = edifact.measure(large=chosen.large)
    figures["adapters"] = adapters.by_adapter(quick=not chosen.large)
    _roofline(figures["end_to_end"], figures["primitives_us"])
    figures["calibration_ms"] = primitives.calibration()
    return figures


def _alone(folder: Path, parties: Sequence[Party], sizes: Sizes) -> dict[str, Any]:
    """Measure the throughput of lists that come by themselves: every list is a complete item."""
    folder.mkdir()
    way = Way(folder, parties, alone=True)
    try:
        return {**way.throughput(sizes), "faults": way.faults()}
    finally:
        way.close()


def _way(folder: Path, parties: Sequence[Party], sizes: Sizes) -> dict[str, Any]:
    """Measure the running gateways."""
    way = Way(folder, parties)
    try:
        throughput = way.throughput(sizes)
        memory = [sum(one.values()) for one in throughput["memory_rounds_mb"]]
        half = len(memory) // 2
        growth = {
            "n": sizes.items * half,
            "after_n": round(memory[half - 1], 1),
            "after_2n": round(memory[2 * half - 1], 1),
        }
        latency = way.latency(sizes.latency_seconds, 10)
        latency["one_document"] = way.latency(sizes.latency_seconds, 1)
        latency["peak"] = way.latency(sizes.latency_seconds, 100, 10 * RATE)
        peak = way.memory()
        return {
            "end_to_end": throughput,
            "latency_ms": latency,
            "rss_mb": {**peak, "peak": peak, "growth": growth},
            "items_total": way.items,
            "faults": way.faults(),
        }
    finally:
        way.close()


def _roofline(way: dict[str, Any], costs: dict[str, float]) -> None:
    """Compare the rate with what the cores could do if there were nothing but primitives."""
    way["cores"] = len(os.sched_getaffinity(0))
    way["roofline_items_per_s"] = round(way["cores"] * 1e6 / sum(costs.values()), 1)
    way["roofline_ratio"] = round(way["items_per_s"] / way["roofline_items_per_s"], 3)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, write, show; return the exit code."""
    begun = time.monotonic()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    chosen = options(sys.argv[1:] if arguments is None else arguments)
    figures = table.rounded(measure(chosen))
    figures["seconds"] = round(time.monotonic() - begun, 1)
    chosen.out.parent.mkdir(parents=True, exist_ok=True)
    chosen.out.write_text(json.dumps(figures, indent=2) + "\n", "utf-8")
    console = Console()
    table.show(figures, console)
    console.print(f"{figures['seconds']} s; figures in {chosen.out}")
    return 1 if figures["faults"] or figures["lists_alone"]["faults"] else 0


if __name__ == "__main__":
    sys.exit(main())
