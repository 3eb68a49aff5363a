# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Statistics as a page to print: plots and tables in one file, without anything from elsewhere."""

import html
import io
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from gateway.cli.stats_formats import headings, notes, rows
from gateway.trade.statistics import Answer, Figures
from gateway.trade.statistics_question import Question

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_TOP = 15
_MILLION = 1e6
_STYLE = (
    "body{font:14px sans-serif;margin:2em;color:#222}figure{margin:1em 0}svg{max-width:100%;height:auto}"
    "div{overflow-x:auto}table{border-collapse:collapse}caption{text-align:left;padding:.4em 0}"
    "td,th{border:1px solid #999;padding:.2em .6em;text-align:right;white-space:nowrap}"
    "tbody th,td:last-child{text-align:left;font-weight:normal}"
    "@media print{div{overflow:visible}td,th{white-space:normal;font-size:8pt}}"
)
_REFERENCE = re.compile(r'\bid="|href="#|url\(#')
_COLOURS = ("#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377", "#bbbbbb")


def questions(asked: Question) -> list[Question]:
    """Return what the plots show, over the same span and under the same conditions."""
    return [
        Question(by, asked.first, asked.last, asked.direction, asked.mode)
        for by in (("month", "direction", "mode"), ("country",))
    ]


def page(organisation: str, asked: Answer, months: Answer, partners: Answer) -> str:
    """Return the page."""
    named = len(asked.by)
    lines = "".join(f"<tr>{_cells(line, named)}</tr>" for line in rows(asked))
    head = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in headings(asked))
    said = "".join(f"<li>{html.escape(one)}</li>" for one in notes(asked))
    drawn = (*_flows(months), _growth(months), _partners(partners), _returns(months))
    plots = "".join(f"<figure>{_svg(one, f'plot{place}')}</figure>" for place, one in enumerate(drawn, 1))
    span = f"{asked.first} to {asked.last}"
    by = f"By {', '.join(asked.by)}" if asked.by else "In all"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\';'
        " style-src 'unsafe-inline'\">"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Cross-border e-commerce, {span}</title><style>{_STYLE}</style></head><body><main>"
        f"<h1>Cross-border e-commerce</h1><p>{html.escape(organisation)}, {span}</p>"
        f"<h2>Plots</h2>{plots}<h2>Figures</h2><div><table><caption>{by}, {span}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table></div>"
        f"<h2>What the figures rest on and cover</h2><ul>{said}</ul></main></body></html>\n"
    )


def _cells(line: Sequence[str], named: int) -> str:
    """Return the cells of a line, the first ones as what names it."""
    cells = [html.escape(cell) for cell in line]
    return "".join(
        [f'<th scope="row">{cell}</th>' for cell in cells[:named]]
        + [f"<td>{cell}</td>" for cell in cells[named:]]
    )


def _flows(answer: Answer) -> list["Figure"]:
    """Return the plots of exports and imports by month and mode."""
    found = []
    known = sorted({one.by["mode"] for one in answer.rows})
    colours = {mode: _COLOURS[place % len(_COLOURS)] for place, mode in enumerate(known)}
    for direction in ("export", "import"):
        figure, axes = _axes(f"{direction}s by month and mode, million {answer.rates.currency}")
        lines = [one for one in answer.rows if one.by["direction"] == direction]
        months = sorted({one.by["month"] for one in answer.rows})
        floor = [0.0] * len(months)
        for mode in sorted({one.by["mode"] for one in lines if one.converted}):
            heights = [
                sum(
                    float(one.converted)
                    for one in lines
                    if (one.by["month"], one.by["mode"]) == (month, mode)
                )
                / _MILLION
                for month in months
            ]
            axes.bar(months, heights, bottom=floor, label=mode, color=colours[mode])
            floor = [low + height for low, height in zip(floor, heights, strict=True)]
        _legend(axes)
        found.append(figure)
    return found


def _growth(answer: Answer) -> "Figure":
    """Return the plot of growth against the same month of the year before."""
    figure, axes = _axes("Growth of items against the year before, per cent")
    months = sorted({one.by["month"] for one in answer.rows})
    for direction, colour in zip(("export", "import"), _COLOURS, strict=False):
        points = []
        for month in months:
            wanted = (month, direction)
            chosen = [one for one in answer.rows if (one.by["month"], one.by["direction"]) == wanted]
            now, before = _items(chosen), sum(one.items_before for one in chosen)
            points.append(100 * (now - before) / before if before else float("nan"))
        axes.plot(months, points, marker="o", label=direction, color=colour)
    axes.axhline(0, color="#999999", linewidth=0.8)
    _legend(axes)
    return figure


def _partners(answer: Answer) -> "Figure":
    """Return the plot of the largest partner countries."""
    top = sorted(answer.rows, key=lambda one: (one.converted, one.items))[-_TOP:]
    figure, axes = _axes(f"Partner countries, million {answer.rates.currency}")
    axes.barh(
        [one.by["country"] or "-" for one in top],
        [float(one.converted) / _MILLION for one in top],
        color=_COLOURS[0],
    )
    return figure


def _returns(answer: Answer) -> "Figure":
    """Return the plot of returns against the items of the direction that they undo."""
    figure, axes = _axes("Returns announced per hundred items of the month")
    months = sorted({one.by["month"] for one in answer.rows})
    for place, direction in enumerate(("export", "import")):
        mode = f"{direction}-returns"
        points = []
        for month in months:
            lines = [one for one in answer.rows if one.by["month"] == month]
            whole = _items([one for one in lines if one.by["direction"] == direction and not _is_return(one)])
            back = _items([one for one in lines if one.by["mode"] == mode])
            points.append(100 * back / whole if whole else float("nan"))
        axes.plot(months, points, marker="o", label=mode, color=_COLOURS[place])
    _legend(axes)
    return figure


def _is_return(one: Figures) -> bool:
    """Say whether a line is one of returns."""
    return one.by["mode"].endswith("-returns")


def _items(lines: Sequence[Figures]) -> int:
    """Return how many items there are in lines."""
    return sum(one.items for one in lines)


def _axes(title: str) -> "tuple[Figure, Axes]":
    """Return an empty plot."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 3.2), layout="constrained")
    axes = figure.subplots()
    axes.set_title(title[:1].upper() + title[1:])
    axes.tick_params(axis="x", rotation=45, labelsize=7)
    return figure, axes


def _legend(axes: "Axes") -> None:
    """Name the lines, if there are any."""
    if axes.get_legend_handles_labels()[0]:
        axes.legend(fontsize=7, loc="upper left", bbox_to_anchor=(1, 1))


def _svg(figure: "Figure", name: str) -> str:
    """Return a figure as inline SVG, the same for the same figures; `name` keeps its ids apart."""
    import matplotlib as mpl

    drawn = io.StringIO()
    nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    with mpl.rc_context({"svg.hashsalt": "statistics", "svg.fonttype": "none"}):
        figure.savefig(drawn, format="svg", metadata=nothing)
    text = drawn.getvalue()
    text = _REFERENCE.sub(rf"\g<0>{name}-", text[text.index("<svg") :])
    title = html.escape(figure.axes[0].get_title())
    return text.replace("<svg ", f'<svg role="img" aria-label="{title}" ', 1)
