# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Plan for 7 billion items a year: `python -m bench` first, then `python -m bench.scale [--picture FILE]`.

Reads the measured costs of that run, measures bytes for each item on a store of its own, simulates, prints
tables and draws how waiting and nodes grow. The same run and seed give the same figures.
"""

import argparse
import asyncio
import logging
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

import structlog
from rich.console import Console
from rich.table import Table

from bench import stages
from bench.__main__ import OUT
from bench.scale import plan, storage
from bench.scale.costs import Costs, read_costs
from bench.scale.picture import draw
from gateway.demo.stage import make_parties, packaged_agreements
from gateway.exchange.ports import Transaction
from gateway.exchange.rows import RefusalRow
from gateway.store import SqlStore, open_store

NODES = (1, 2, 3, 4, 6, 8)
TIMES = (1.0, 10.0, 100.0)
DAY, YEAR = 20_000_000, 7_000_000_000
ITEMS = 2_048
COMMITS = 300
ENVELOPE_BYTES = 12_000  # signatures, statement, receipt and frames of one batch, both ways together
BATCH = 256


def main(arguments: Sequence[str]) -> int:
    """Measure, simulate, print, draw."""
    parser = argparse.ArgumentParser(prog="python -m bench.scale", description=__doc__)
    parser.add_argument("--figures", type=Path, default=OUT, help="what `python -m bench` wrote")
    parser.add_argument("--picture", type=Path, help="where the drawing (SVG) goes")
    given = parser.parse_args(arguments)
    if not given.figures.is_file():
        sys.stderr.write("run python -m bench first: there are no measured costs\n")
        return 2
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    console = Console()
    with tempfile.TemporaryDirectory(prefix="ead-scale-") as name:
        kept, payload, commit = _measured(Path(name))
    costs = read_costs(given.figures, commit)
    _show_costs(console, costs)
    _show_storage(console, kept, payload)
    capacities = [plan.capacity(costs, nodes) for nodes in range(1, max(NODES) + 1)]
    curves = [plan.curve(costs, nodes, capacities[nodes - 1]) for nodes in NODES]
    _show_clusters(console, curves, capacities)
    needs = [plan.need(times, capacities) for times in TIMES]
    _show_needs(console, needs)
    if given.picture:
        draw(given.picture, curves, capacities)
        console.print(f"drawn: {given.picture}")
    return 0


def _measured(folder: Path) -> tuple[list[storage.Table], float, float]:
    """Return tables and payload in bytes for each item, and microseconds of an empty commit."""
    parties = make_parties(folder, packaged_agreements())
    measured = stages.measure(folder, parties, ITEMS)
    database = parties[0].folder / "data" / "gateway.sqlite"
    payload = len(measured.samples.payload) / measured.samples.records
    return storage.tables(database, ITEMS + stages.BATCH), payload, _commit(f"sqlite:///{database}")


def _commit(url: str) -> float:
    """Return the microseconds of a commit that writes one small row, waiting for the disk included."""

    async def run(store: SqlStore) -> float:
        begun = time.perf_counter()
        for number in range(COMMITS):
            await store.transact(partial(_refuse, number))
        spent = time.perf_counter() - begun
        await store.close()
        return spent / COMMITS * 1e6

    return asyncio.run(run(open_store(url)))


def _refuse(number: int, tx: Transaction) -> None:
    """Write one small row."""
    row = RefusalRow(
        id=number + 1,
        partner="bench",
        channel="bench",
        received_at=0,
        codes=(),
        envelope=b"",
        receipt=b"",
        log_index=0,
    )
    tx.add_refusal(row)


def _show_costs(console: Console, costs: Costs) -> None:
    """Print what the simulation is fed with."""
    table = Table("place", "CPU µs per item", title="Measured costs, laid on the places of the simulation")
    for name, value in asdict(costs).items():
        table.add_row(name if name != "commit" else "commit, each transaction, wall", f"{value:.1f}")
    console.print(table)


def _show_storage(console: Console, kept: Sequence[storage.Table], payload: float) -> None:
    """Print bytes by table, and what they come to in a day and a year."""
    table = Table("table", "rows", "live bytes", "as Parquet", title="For each item, at the sender")
    for one in kept:
        table.add_row(one.name, f"{one.rows:.2f}", f"{one.live:.0f}", f"{one.archived:.0f}")
    live, archived = sum(one.live for one in kept), sum(one.archived for one in kept)
    table.add_row("sum", "", f"{live:.0f}", f"{archived:.0f}", style="bold")
    console.print(table)
    wire = payload + ENVELOPE_BYTES / BATCH
    console.print(
        f"live: {live * DAY / 1e9:.0f} GB a day, {live * YEAR / 1e12:.1f} TB a year; "
        f"archived: {archived * DAY / 1e9:.0f} GB a day, {archived * YEAR / 1e12:.1f} TB a year"
    )
    console.print(
        f"wire: {wire:.0f} bytes for each item; at the mean {wire * plan.MEAN * 8 / 1e6:.1f} Mbit/s, "
        f"at a hundred times {wire * plan.MEAN * 800 / 1e6:.0f} Mbit/s"
    )


def _show_clusters(
    console: Console, curves: Sequence[Sequence[plan.Point]], capacities: Sequence[float]
) -> None:
    """Print how waiting grows with the load of a cluster."""
    table = Table("nodes", "items/s", "p50 ms", "p99 ms", "writer busy", title="One cluster, 2 cores a node")
    for one in curves:
        for point in one[2::3]:
            table.add_row(
                str(point.nodes),
                f"{point.items_per_second:.0f}",
                f"{point.p50 * 1000:.0f}",
                f"{point.p99 * 1000:.0f}",
                f"{point.writer_busy:.0%}",
            )
    console.print(table)
    said = ", ".join(f"{number}: {rate:.0f}" for number, rate in enumerate(capacities, 1))
    console.print(f"items/s with p99 within {plan.LIMIT:.0f} s, by nodes of one cluster: {said}")


def _show_needs(console: Console, needs: Sequence[plan.Need]) -> None:
    """Print clusters and nodes."""
    table = Table("load", "items/s", "clusters", "nodes, one spare in each", title="What the load needs")
    for one in needs:
        table.add_row(f"{one.times:g}×", f"{plan.MEAN * one.times:.0f}", str(one.clusters), str(one.nodes))
    console.print(table)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
