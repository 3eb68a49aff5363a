# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Postal quality as a table, JSON, CSV and a printable page with plots; no item numbers, no persons."""

import csv
import html
import io
import json
from collections.abc import Mapping
from dataclasses import asdict

from gateway.trade.postal_quality import Quality

NAMES = {
    "announced": "items with data",
    "dispatched": "items in dispatches",
    "moved": "items that left",
    "coverage": "of items that left, with data",
    "data_in_dispatches": "of item data, found in dispatches",
    "dispatches_in_data": "of dispatched items, found in item data",
    "lead_median": "hours from data to leaving, median",
    "lead_tenth": "hours from data to leaving, shortest tenth",
    "late": "of matched items, data came after leaving",
    "duplicates": "item data sent twice under other references",
    "reused": "numbers used for another posting",
    "turnaround_median": "hours from referral to answer, median",
    "turnaround_ninetieth": "hours from referral to answer, 90 %",
    "unanswered": "referrals still open",
}
SHARES = ("coverage", "data_in_dispatches", "dispatches_in_data", "late")
_STYLE = (
    "body{font:14px sans-serif;margin:2em;max-width:60em}table{border-collapse:collapse}"
    "td,th{border:1px solid #999;padding:.2em .6em;text-align:left}svg{max-width:100%;height:auto}"
)


def rows(figures: Quality) -> list[tuple[str, str]]:
    """Return every figure with its name, for people."""
    found = [(name, _value(key, getattr(figures, key))) for key, name in NAMES.items()]
    found += [(f"referrals {kind}", str(count)) for kind, count in sorted(figures.referrals.items())]
    share = figures.announced or 1
    found += [
        (f"missing {path}", f"{count} ({count / share:.1%})") for path, count in figures.missing.items()
    ]
    return found


def table(question: Mapping[str, str], figures: Quality) -> str:
    """Return an aligned table."""
    lines = [(name, value) for name, value in (*question.items(), *rows(figures))]
    width = max(len(name) for name, _ in lines)
    return "".join(f"{name.ljust(width)}  {value}\n" for name, value in lines)


def as_json(question: Mapping[str, str], figures: Quality) -> str:
    """Return the figures unrounded."""
    return json.dumps({"question": question, "quality": asdict(figures)}, indent=2) + "\n"


def as_csv(question: Mapping[str, str], figures: Quality) -> str:
    """Return name and value, a row each, unrounded."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(("name", "value"))
    writer.writerows(question.items())
    plain = asdict(figures)
    for key, value in plain.items():
        if isinstance(value, dict):
            for name, count in value.items():
                writer.writerow(
                    (f"{key}.{name}", " ".join(map(str, count)) if isinstance(count, tuple) else count)
                )
        else:
            writer.writerow((key, "" if value is None else value))
    return text.getvalue()


def as_html(question: Mapping[str, str], figures: Quality) -> str:
    """Return a page to print, with plots inside."""
    asked = ", ".join(f"{name} {value}" for name, value in question.items())
    cells = "".join(
        f"<tr><td>{html.escape(name)}</td><td>{html.escape(value)}</td></tr>" for name, value in rows(figures)
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\';'
        " style-src 'unsafe-inline'\">"
        f"<title>Postal data quality</title><style>{_STYLE}</style></head><body>"
        f"<h1>Postal data quality</h1><p>{html.escape(asked)}</p><table>{cells}</table>"
        f"{_daily(figures)}{_missing(figures)}</body></html>\n"
    )


def _daily(figures: Quality) -> str:
    """Return the plot of items by day."""
    if not figures.days:
        return ""
    from matplotlib.figure import Figure

    days = list(figures.days)
    late = [count for _, count in figures.days.values()]
    timely = [announced - count for announced, count in figures.days.values()]
    figure = Figure(figsize=(9, 3), layout="constrained")
    axes = figure.subplots()
    axes.bar(days, timely, label="in time or not moved yet", color="#4477aa")
    axes.bar(days, late, bottom=timely, label="late", color="#ee6677")
    axes.set_title("Item data by day")
    axes.tick_params(axis="x", rotation=60, labelsize=7)
    axes.legend()
    return _svg(figure)


def _missing(figures: Quality) -> str:
    """Return the plot of absent fields."""
    if not figures.missing or not figures.announced:
        return ""
    from matplotlib.figure import Figure

    paths = list(figures.missing)[::-1]
    shares = [100 * figures.missing[path] / figures.announced for path in paths]
    figure = Figure(figsize=(9, 1 + 0.3 * len(paths)), layout="constrained")
    axes = figure.subplots()
    axes.barh(paths, shares, color="#ccbb44")
    axes.set_title("Items without a field, per cent")
    axes.set_xlim(0, 100)
    return _svg(figure)


def _svg(figure: object) -> str:
    """Return a figure as inline SVG, the same for the same figures."""
    import matplotlib as mpl

    mpl.rcParams["svg.hashsalt"] = "postal-quality"
    drawn = io.StringIO()
    figure.savefig(drawn, format="svg", metadata={"Date": None})  # type: ignore[attr-defined]  # a matplotlib figure
    text = drawn.getvalue()
    return text[text.index("<svg") :]


def _value(key: str, value: int | float | None) -> str:  # noqa: PYI041 - counts are told apart from shares
    """Return a figure for people; a dash where there is nothing to tell."""
    if value is None:
        return "-"
    if key in SHARES:
        return f"{value:.1%}"
    return f"{value:.1f}" if isinstance(value, float) else str(value)
