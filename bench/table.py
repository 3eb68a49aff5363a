# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Show the figures of a run to people."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

# What each stage stands on: the primitives that no way of doing it can avoid.
# A primitive of both ends or of several steps stands once, at the step that has most of it.
STANDS_ON: Mapping[str, tuple[str, ...]] = {
    "decode": ("xml_parse_walk",),
    "answer and store message": ("zstd",),
    "assemble and merge": ("item_msgpack", "sqlite_full_rows"),
    "prepare": ("salts_commitments", "protobuf_both_ends"),
    "seal, in its transaction": ("signatures",),
    "open": ("sha256_both_ends",),
}


def show(figures: Mapping[str, Any], console: Console) -> None:
    """Print the tables of a run."""
    way, primitives = figures["end_to_end"], figures["primitives_us"]
    head = Table(title="End to end: both gateways and the submitter on this machine", show_header=False)
    for name, text in _summary(figures):
        head.add_row(name, text)
    console.print(head)
    cpu = Table("process", "CPU µs per item", title="Where the CPU time goes")
    cpu.columns[1].justify = "right"
    for name, value in way["cpu_us"].items():
        cpu.add_row(name.replace("_", " "), f"{value:.0f}")
    cpu.add_row("sum", f"{sum(way['cpu_us'].values()):.0f}", style="bold")
    console.print(cpu)
    stages = Table("stage", "µs per item", "stands on", "µs", title="Stages, each by itself in one process")
    for column in (1, 3):
        stages.columns[column].justify = "right"
    for name, value in figures["stages_us"].items():
        under = STANDS_ON.get(name, ())
        floor = f"{sum(primitives[one] for one in under):.1f}" if under else ""
        part = ": " in name
        stages.add_row(f"  {name}" if part else name, f"{value:.1f}", ", ".join(under), floor)
    console.print(stages)
    roof = Table("primitive", "µs per item", title="Primitives: the roofline")
    roof.columns[1].justify = "right"
    for name, value in primitives.items():
        roof.add_row(name, f"{value:.1f}")
    roof.add_row("sum", f"{sum(primitives.values()):.1f}", style="bold")
    console.print(roof)


def _alone(one: Mapping[str, Any]) -> str:
    """Return the rate of lists by themselves."""
    rounds = ", ".join(f"{rate:.0f}" for rate in one["items_per_s_rounds"])
    return f"{one['items_per_s']:.0f}   (rounds: {rounds}){'; FAULTS' if one['faults'] else ''}"


def _summary(figures: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
    """Return the figures that matter most."""
    way = figures["end_to_end"]
    rounds = ", ".join(f"{one:.0f}" for one in way["items_per_s_rounds"])
    rows = [
        ("items per second, each joined of four messages", f"{way['items_per_s']:.0f}   (rounds: {rounds})"),
        ("items per second, lists by themselves", _alone(figures["lists_alone"])),
        (
            "share of the roofline",
            f"{way['roofline_ratio']:.2f} of {way['roofline_items_per_s']:.0f} items/s",
        ),
        (
            "cores busy",
            f"{way['cores_busy']:.2f} of {way['cores']}; everything else {way['cores_of_others']:.2f}",
        ),
        ("calibration loop", f"{way['calibration_ms']:.1f} ms (13-15 quiet)"),
        ("items, all with a verified receipt", f"{figures['items_total']}"),
    ]
    for name in ("", "one_document"):
        one = figures["latency_ms"] if not name else figures["latency_ms"].get(name)
        if one:
            rows.append(
                (
                    f"latency at 231 items/s, {one['documents_per_message']} per message",
                    f"p50 {one['p50']:.0f} ms, p99 {one['p99']:.0f} ms, {one['cores_used']:.2f} cores",
                )
            )
    peaks = ", ".join(f"{name} {one:.0f}" for name, one in figures["rss_mb"]["peak"].items())
    rows.append(("peak memory, MiB", peaks))
    growth = figures["rss_mb"]["growth"]
    first = f"{growth['after_n']:.0f} after {growth['n']} items"
    twice = f"{growth['after_2n']:.0f} after {2 * growth['n']}"
    rows.append(("memory of all processes, MiB", f"{first}, {twice}"))
    faults = figures["faults"]
    rows.append(("equations at both ends", "hold" if not faults else "; ".join(faults)))
    return rows
