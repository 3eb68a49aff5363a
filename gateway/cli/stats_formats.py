# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Statistics as a table, CSV, JSON and Parquet; every form names the rates that stand behind it."""

import csv
import io
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import msgspec

from gateway.errors import ConfigError
from gateway.trade.statistics import Answer, Figures
from gateway.trade.statistics_tables import chapters

MEASURES = (
    "items",
    "converted",
    "not_converted",
    "no_value",
    "mass_kg",
    "no_mass",
    "items_before",
    "converted_before",
    "growth_items",
    "growth_converted",
)
_WHOLE = ("items", "not_converted", "no_value", "no_mass", "items_before")
_DECIMALS = ("converted", "mass_kg", "converted_before")
_PRECISION = 38


def headings(answer: Answer) -> list[str]:
    """Return the names of the columns for people."""
    money = answer.rates.currency
    return [
        *answer.by,
        "items",
        money,
        "not converted",
        "no value",
        "kg",
        "no mass",
        "items before",
        f"{money} before",
        "growth items",
        f"growth {money}",
        "original values",
    ]


def rows(answer: Answer) -> list[list[str]]:
    """Return every line and the total for people."""
    lines = [_line([_label(*one) for one in each.by.items()], each) for each in answer.rows]
    if answer.by:
        lines.append(_line(["total", *[""] * (len(answer.by) - 1)], answer.total))
    return lines


def notes(answer: Answer) -> list[str]:
    """Return what the figures rest on, and what they cover."""
    rates, covered = answer.rates, answer.coverage
    found = [f"days {answer.first} to {answer.last}"]
    found += [
        f"{name} {value}" for name, value in (("direction", answer.direction), ("mode", answer.mode)) if value
    ]
    found.append(f"rates: {rates.title} ({rates.status}); {rates.source}; sha256 {rates.sha256}")
    found += [f"table: {one.title} ({one.status}); {one.source}" for one in answer.tables]
    found += [f"records that came in these days, {name}: {count}" for name, count in covered.classes.items()]
    found += [
        f"of everything: {covered.documents} documents, {covered.refused_documents} refused; messages "
        + (", ".join(f"{name} {count}" for name, count in covered.messages.items()) or "none")
        + f"; {covered.waiting_to_be_shared} shares waiting for data"
    ]
    return [*found, *covered.statement]


def table(answer: Answer) -> bytes:
    """Return an aligned table with its notes."""
    lines = [headings(answer), *rows(answer)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(lines[0]))]
    first = len(answer.by)
    last = len(widths) - 1
    text = [
        "  ".join(
            cell.ljust(width) if place < first or place == last else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    ]
    return "".join(f"{line}\n" for line in (*text, "", *notes(answer))).encode()


def as_json(answer: Answer) -> bytes:
    """Return the answer unrounded; decimals are texts."""
    return msgspec.json.format(msgspec.json.encode(answer), indent=2) + b"\n"


def as_csv(answer: Answer) -> bytes:
    """Return a row for each line, unrounded, without total and notes; the last columns name the rates."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow((*answer.by, *MEASURES, "value", "currency", "rates", "rates_status"))
    rates = answer.rates
    for one in answer.rows:
        measures = [_plain(getattr(one, name)) for name in MEASURES]
        values = " ".join(f"{name}:{_plain(value)}" for name, value in one.value.items())
        writer.writerow((*one.by.values(), *measures, values, rates.currency, rates.title, rates.status))
    return text.getvalue().encode()


def as_parquet(answer: Answer) -> bytes:
    """Return one row for each line, decimals exact; the notes stand in the metadata of the schema.

    Raises:
        ConfigError: pyarrow is not installed.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ModuleNotFoundError as error:
        raise ConfigError("Parquet needs pyarrow: pip install 'ead-gateway[parquet]'") from error
    columns: dict[str, Any] = {
        name: pa.array([one.by[name] for one in answer.rows], pa.string()) for name in answer.by
    }
    for name in MEASURES:
        if name in _WHOLE:
            kind = pa.int64()
        else:
            kind = pa.decimal128(_PRECISION, 5) if name in _DECIMALS else pa.float64()
        columns[name] = pa.array([getattr(one, name) for one in answer.rows], kind)
    amounts = pa.map_(pa.string(), pa.decimal128(_PRECISION, 5))
    columns["value"] = pa.array([list(one.value.items()) for one in answer.rows], amounts)
    rates = answer.rates
    described = {
        "rates": f"{rates.title} ({rates.status}); {rates.source}; sha256 {rates.sha256}",
        "currency": rates.currency,
        "notes": "\n".join(notes(answer)),
    }
    written = io.BytesIO()
    pq.write_table(pa.table(columns).replace_schema_metadata(described), written, compression="zstd")
    return written.getvalue()


def _label(name: str, value: str) -> str:
    """Return a member for people, a chapter with its title."""
    if name != "chapter" or not value:
        return value or "-"
    title = chapters().edition[-1].chapters.get(value)
    return f"{value} {title}" if title else value


def _line(first: Sequence[str], one: Figures) -> list[str]:
    """Return the cells of a line."""
    return [
        *first,
        str(one.items),
        f"{one.converted:,.2f}",
        str(one.not_converted),
        str(one.no_value),
        f"{one.mass_kg:,.3f}",
        str(one.no_mass),
        str(one.items_before),
        f"{one.converted_before:,.2f}",
        _per_cent(one.growth_items),
        _per_cent(one.growth_converted),
        " ".join(f"{name} {value:,.2f}" for name, value in one.value.items()),
    ]


def _per_cent(growth: float | None) -> str:
    """Return a growth for people; a dash where there was nothing before."""
    return "-" if growth is None else f"{growth:+.1%}"


def _plain(value: Decimal | float | None) -> str:
    """Return a figure as a program reads it."""
    if value is None:
        return ""
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
