# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Draw how waiting grows with the load, and what a cluster carries with each node more."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib import rcParams
from matplotlib.figure import Figure

from bench.scale.plan import LIMIT, MEAN, Point


def draw(path: Path, curves: Sequence[Sequence[Point]], capacities: Sequence[float]) -> None:
    """Write the drawing as SVG; the same figures give the same bytes."""
    rcParams["svg.hashsalt"] = "scale"
    figure = Figure(figsize=(9, 3.6), layout="constrained")
    waits, nodes = figure.subplots(1, 2)
    for one in curves:
        shown = [point for point in one if point.p99 <= 10 * LIMIT]
        waits.plot(
            [point.items_per_second for point in shown],
            [point.p99 * 1000 for point in shown],
            marker=".",
            label=f"{one[0].nodes} node{'s' if one[0].nodes > 1 else ''}",
        )
    waits.set_yscale("log")
    waits.set_xlabel("items a second into one cluster")
    waits.set_ylabel("arrival to receipt, p99, ms")
    waits.axvline(MEAN, linestyle=":", color="grey")
    waits.axvline(10 * MEAN, linestyle=":", color="grey")
    waits.legend(fontsize="small")
    nodes.bar(range(1, len(capacities) + 1), capacities, color="#4477aa")
    nodes.set_xlabel("nodes of one cluster, 2 cores each")
    nodes.set_ylabel(f"items a second with p99 within {LIMIT:.0f} s")
    figure.savefig(path, format="svg", metadata={"Date": None})
