# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Draw the figures of a run: `python -m bench.picture docs/bench.svg`, from what `make bench` has written."""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib import rcParams
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from bench.account import account

FIGURES = Path(__file__).parent / "out" / "bench.json"
MEASURED, UNDER, OTHER = "#bbcce0", "#4477aa", "#cc6677"


def draw(path: Path, figures: Mapping[str, Any]) -> None:
    """Write the drawing as SVG; the same figures give the same bytes."""
    rcParams["svg.hashsalt"] = "bench"
    figure = Figure(figsize=(11, 7), layout="constrained")
    (where, rates), (waits, peers) = figure.subplots(2, 2)
    _where(where, figures)
    _rates(rates, figures)
    _waits(waits, figures["latency_ms"])
    _peers(peers, figures["peers_us"])
    figure.savefig(path, format="svg", metadata={"Date": None})


def _where(axes: Axes, figures: Mapping[str, Any]) -> None:
    """Draw the processor time of each process and the primitives under it."""
    lines = account(figures["end_to_end"]["cpu_us"], figures["stages_us"], figures["primitives_us"])[:-1]
    names = [one.process.replace("_", " ") for one in lines]
    axes.barh(names, [one.measured for one in lines], color=MEASURED, label="measured")
    axes.barh(names, [one.primitives for one in lines], color=UNDER, height=0.4, label="primitives under it")
    axes.invert_yaxis()
    axes.set_xlabel("CPU µs per item, joined of four messages")
    axes.legend(fontsize="small")


def _rates(axes: Axes, figures: Mapping[str, Any]) -> None:
    """Draw items per second of the whole way; lists by themselves on each database system."""
    rates = {"joined of four, SQLite": figures["end_to_end"]["items_per_s"]}
    for name, rounds in figures.get("databases", {}).items():
        rates[f"lists alone, {name}"] = sorted(rounds)[(len(rounds) - 1) // 2]
    axes.barh(list(rates), list(rates.values()), color=UNDER)
    axes.invert_yaxis()
    axes.set_xlabel("items per second, both ends on two cores")


def _waits(axes: Axes, latency: Mapping[str, Any]) -> None:
    """Draw the time from due to receipt at each rate."""
    shown = [latency, *(one for one in latency.values() if isinstance(one, dict))]
    names = [f"{one['rate']:.0f}/s, {one['documents_per_message']} a message" for one in shown]
    axes.barh(names, [one["p99"] for one in shown], color=MEASURED, label="p99")
    axes.barh(names, [one["p50"] for one in shown], color=UNDER, height=0.4, label="p50")
    axes.axvline(250, linestyle=":", color="grey")
    axes.invert_yaxis()
    _decades(axes, 10)
    axes.set_xlabel("due to receipt, ms")
    axes.legend(fontsize="small")


def _peers(axes: Axes, found: Mapping[str, float]) -> None:
    """Draw our way of a duty beside the ways of others."""
    names = [name.replace(": ", ":\n") for name in found]
    colours = [UNDER if "256" in name else OTHER for name in found]
    axes.barh(names, list(found.values()), color=colours)
    axes.tick_params(axis="y", labelsize="small")
    axes.invert_yaxis()
    _decades(axes, 10)
    axes.set_xlabel("µs per item")


def _decades(axes: Axes, least: float) -> None:
    """Let the horizontal axis grow by factors of ten."""
    axes.set_xscale("log")
    axes.set_xlim(left=least)
    axes.xaxis.set_minor_formatter(NullFormatter())


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the figures and draw them."""
    parser = argparse.ArgumentParser(prog="python -m bench.picture", description=__doc__)
    parser.add_argument("path", type=Path)
    parser.add_argument("--figures", type=Path, default=FIGURES)
    given = parser.parse_args(arguments)
    draw(given.path, json.loads(given.figures.read_text("utf-8")))
    return 0


if __name__ == "__main__":
    sys.exit(main())
