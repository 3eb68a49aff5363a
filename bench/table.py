# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Show the figures of a run to people."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from bench import statistics
from bench.account import STANDS_ON, account
from bench.adapters import DECODE_LIMIT_US, ENCODE_LIMIT_US

_EVIDENCE: Mapping[str, str] = {
    "bundle_verify_ms": "verify a bundle of {bundle_verify[bytes]} bytes, ms",
    "append_us_per_item": "append, µs per item of a batch of 256",
    "inclusion_proof_ms": "inclusion proof at {inclusion_proof[leaves]} leaves, ms",
    "fsck_leaves_per_s": "self-audit, leaves per second of a core (tree alone {fsck[tree]:.0f})",
}


def show(figures: Mapping[str, Any], console: Console) -> None:
    """Print the tables of a run."""
    primitives = figures["primitives_us"]
    head = Table(title="End to end: both gateways and the submitter on this machine", show_header=False)
    for name, text in _summary(figures):
        head.add_row(name, text)
    console.print(head)
    console.print(_account(figures))
    stages = Table("stage", "µs per item", "stands on", "µs", title="Stages, each by itself in one process")
    for column in (1, 3):
        stages.columns[column].justify = "right"
    for name, value in figures["stages_us"].items():
        under = STANDS_ON.get(name, ())
        floor = f"{sum(primitives[one] for one in under):.1f}" if under else ""
        part = ": " in name
        stages.add_row(f"  {name}" if part else name, f"{value:.1f}", ", ".join(under), floor)
    console.print(stages)
    show_audit(figures["audit"], console)
    statistics.show(figures["statistics"], console)
    edifact = Table("EDIFACT", "", title="EDIFACT: a 30-segment message, pydifact on the same bytes")
    edifact.columns[1].justify = "right"
    for name, value in figures["edifact"].items():
        edifact.add_row(name.replace("_", " "), f"{value:.1f}")
    console.print(edifact)
    _show_adapters(figures["adapters"], console)
    peers = Table("what", "µs per item", title="The same duties by what one would otherwise take")
    peers.columns[1].justify = "right"
    for name, value in figures["peers_us"].items():
        peers.add_row(name, f"{value:.0f}")
    console.print(peers)
    if "databases" in figures:
        _show_databases(figures["databases"], console)
    roof = Table("primitive", "µs per item", title="Primitives: the roofline")
    roof.columns[1].justify = "right"
    for name, value in primitives.items():
        roof.add_row(name, f"{value:.1f}")
    roof.add_row("sum", f"{sum(primitives.values()):.1f}", style="bold")
    console.print(roof)


def _show_adapters(found: Mapping[str, Mapping[str, float]], console: Console) -> None:
    """Print what each adapter needs for a record, beside a plain parse of the same bytes."""
    shown = Table(
        "adapter", "write", "read", "lxml alone", "pieces", title="Adapters, µs of CPU time for each record"
    )
    for place in range(1, 5):
        shown.columns[place].justify = "right"
    for name, one in found.items():
        shown.add_row(
            name,
            _within(one["encode_us"], ENCODE_LIMIT_US),
            _within(one["decode_us"], DECODE_LIMIT_US),
            f"{one['lxml_us']:.0f}" if "lxml_us" in one else "",
            f"{one['content_pieces']:.0f}",
        )
    console.print(shown)


def _show_databases(found: Mapping[str, Sequence[float]], console: Console) -> None:
    """Print what the whole way carries on each database system."""
    shown = Table("database", "items/s", "rounds", title="Lists by themselves, the whole way")
    shown.columns[1].justify = "right"
    for name, rates in found.items():
        middle = sorted(rates)[(len(rates) - 1) // 2]
        shown.add_row(name, f"{middle:.0f}", ", ".join(f"{one:.0f}" for one in rates))
    console.print(shown)


def _within(value: float, limit: float) -> str:
    """Return a figure, marked if it is over its limit."""
    return f"{value:.0f}" if value <= limit else f"{value:.0f} NOT REACHED, limit {limit:.0f}"


def _account(figures: Mapping[str, Any]) -> Table:
    """Return where every microsecond of the real run goes."""
    rows = Table(
        "process",
        "measured",
        "its stages, alone",
        "what they stand on",
        "in no stage",
        title="Where every microsecond goes: CPU µs per item",
    )
    for column in rows.columns[1:]:
        column.justify = "right"
    for one in account(figures["end_to_end"]["cpu_us"], figures["stages_us"], figures["primitives_us"]):
        rows.add_row(
            one.process.replace("_", " "),
            f"{one.measured:.0f}",
            f"{one.stages:.0f}",
            f"{one.primitives:.0f}",
            f"{one.unexplained:.0f}",
            style="bold" if one.process == "sum" else "",
        )
    return rows


def show_audit(audit: Mapping[str, Any], console: Console) -> None:
    """Print what evidence costs, and the share of publishing."""
    rows = Table("evidence", "measured", "limit", "", title="Audit logs and evidence")
    for column in (1, 2):
        rows.columns[column].justify = "right"
    for name, limit in audit["limits"].items():
        value, least = audit[name], name.endswith("_per_s")
        held = value >= limit if least else value <= limit
        rows.add_row(
            _EVIDENCE[name].format(**audit),
            f"{value:.0f}" if least else f"{value:.2f}",
            f"{limit:.0f}",
            "" if held else "NOT REACHED",
        )
    share = audit["publishing"]
    for name, whole in (("of_end_to_end", "all processes"), ("of_stages", "all stages")):
        if name in share:
            held = share[name] <= share["limit"]
            rows.add_row(
                f"publishing, part of the CPU time of {whole}",
                f"{share[name]:.3f}",
                f"{share['limit']:.2f}",
                "" if held else "NOT REACHED",
            )
    console.print(rows)
    parts = Table("part", "CPU µs per item", title="Appending and publishing, in batches of 256")
    parts.columns[1].justify = "right"
    for name, value in audit["append"]["us"].items():
        parts.add_row(f"append: {name}", f"{value:.2f}")
    for name, value in share["us"].items():
        parts.add_row(f"on the way: {name}", f"{value:.2f}")
    console.print(parts)


def rounded(value: Any) -> Any:
    """Return figures with at most three places."""
    if isinstance(value, float):
        return round(value, 3)
    if isinstance(value, dict):
        return {name: rounded(one) for name, one in value.items()}
    return [rounded(one) for one in value] if isinstance(value, list) else value


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
    for name in ("", "one_document", "peak"):
        one = figures["latency_ms"] if not name else figures["latency_ms"].get(name)
        if one:
            rows.append(
                (
                    f"latency at {one['rate']:.0f} items/s, {one['documents_per_message']} per message",
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
