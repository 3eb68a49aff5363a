# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The forms of `gateway audit report`: CSV (RFC 4180), JSON and an HTML page to print.

Each writer takes one batch at a time. CSV cells that a spreadsheet would take for a formula get an apostrophe
before them. The page holds no script and loads nothing; every text in it is escaped.
"""

import csv
import html
import io
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Protocol

from gateway.clock import moment
from gateway.exchange.report import BatchLine, RecordLine
from gateway.trace_text import ATTESTED

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_COLUMNS = (
    "channel",
    "sequence",
    "batch",
    "sent_at",
    "agreement",
    "version",
    "legal_basis",
    "position",
    "reference",
    "record_version",
    "function",
    "outcome",
    "codes",
    "articles",
    "treatments",
    "committed",
    "withheld",
    "receipted_at",
    "log",
    "log_index",
    "receipt_log_index",
    "proved",
    "receipt_by",
)
_PERSONAL = ("tracking_number", "persons")
_STYLE = """
body{font:10pt/1.35 sans-serif;margin:2em;color:#111}
h1{font-size:15pt}h2{font-size:11pt;margin:1.6em 0 .3em}
table{border-collapse:collapse;width:100%;font-size:8.5pt}
th,td{border:1px solid #999;padding:.2em .4em;text-align:left;vertical-align:top;overflow-wrap:anywhere}
th{background:#eee}dl{display:grid;grid-template-columns:max-content auto;gap:.1em 1em;margin:.3em 0}
dt{color:#555}dd{margin:0}.no{color:#a00;font-weight:bold}
@media print{body{margin:0}h2{break-after:avoid}tr{break-inside:avoid}thead{display:table-header-group}}
"""


class Writer(Protocol):
    """One form of the report, text by text."""

    def begin(self) -> str:
        """Return what stands before the first batch."""

    def batch(self, line: BatchLine) -> str:
        """Return one batch."""

    def end(self) -> str:
        """Return what stands after the last batch."""


class CsvWriter:
    """One row for each record."""

    def __init__(self, *, personal: bool) -> None:
        """With `personal`, columns for numbers and names follow."""
        self._personal = personal

    def begin(self) -> str:
        """Return the head row."""
        return _row((*_COLUMNS, *_PERSONAL) if self._personal else _COLUMNS)

    def batch(self, line: BatchLine) -> str:
        """Return the rows of a batch."""
        return "".join(_row(self._cells(line, one)) for one in line.records)

    def end(self) -> str:
        """Return nothing."""
        return ""

    def _cells(self, line: BatchLine, one: RecordLine) -> tuple[object, ...]:
        """Return the cells of a record."""
        cells: tuple[object, ...] = (
            line.channel,
            line.sequence,
            line.batch_id,
            _time(line.created_at),
            line.agreement,
            line.agreement_version,
            line.legal_basis,
            one.position,
            one.reference,
            one.version,
            one.function,
            one.outcome,
            " ".join(one.codes),
            _pairs(one.articles),
            _pairs(one.treatments),
            " ".join(one.committed),
            " ".join(line.withheld),
            _time(line.receipted_at),
            line.log,
            line.log_index,
            line.receipt_log_index,
            "yes" if line.proved else "no",
            _receipt_by(line),
        )
        return (*cells, one.tracking_number, _pairs(one.persons or {})) if self._personal else cells


class JsonWriter:
    """One object with the question and a list of batches."""

    def __init__(self, question: Mapping[str, str]) -> None:
        """Take what was asked."""
        self._question = question
        self._first = True

    def begin(self) -> str:
        """Return the question and the beginning of the list."""
        return json.dumps({"question": self._question}, ensure_ascii=False)[:-1] + ', "batches": ['

    def batch(self, line: BatchLine) -> str:
        """Return a batch."""
        before, self._first = ("\n" if self._first else ",\n"), False
        return before + json.dumps(asdict(line), ensure_ascii=False)

    def end(self) -> str:
        """Return the end of the list."""
        return "\n]}\n"


class HtmlWriter:
    """A page to print, one table for each batch."""

    def __init__(self, question: Mapping[str, str], *, personal: bool) -> None:
        """Take what was asked; with `personal`, columns for numbers and names follow."""
        self._question = question
        self._personal = personal
        self._batches = self._records = self._unproved = 0

    def begin(self) -> str:
        """Return the head of the page."""
        asked = _list(self._question)
        return (
            '<!doctype html><html lang="en"><head><meta charset="utf-8">'
            '<meta http-equiv="Content-Security-Policy" content="default-src \'none\';'
            " style-src 'unsafe-inline'\">"
            f"<title>What left</title><style>{_STYLE}</style></head><body>"
            f"<h1>What left, to whom, under which article</h1>{asked}"
        )

    def batch(self, line: BatchLine) -> str:
        """Return a batch."""
        self._batches += 1
        self._records += len(line.records)
        self._unproved += not line.proved
        head = ["#", "reference", "version", "outcome", "fields that left, with article", "treatments"]
        head.append("withheld, can be opened")
        if self._personal:
            head += ["tracking number", "persons"]
        cells = "".join(f"<th>{_text(one)}</th>" for one in head)
        rows = "".join(self._row(one) for one in line.records)
        proved = "yes" if line.proved else '<span class="no">NO</span>'
        about = {
            "sent": _time(line.created_at),
            "agreement": f"{line.agreement} version {line.agreement_version}",
            "legal basis": line.legal_basis,
            "held back by the agreement": ", ".join(line.withheld) or "what it does not name",
            "receipt": f"{line.state} {_time(line.receipted_at)}: {line.accepted} accepted,"
            f" {line.rejected} rejected{ATTESTED if line.attested else ''}",
            "log": f"{line.log}, entry {line.log_index}, receipt entry {line.receipt_log_index}",
        }
        return (
            f"<h2>{_text(line.channel)} no. {line.sequence}</h2>"
            f"{_list(about)[:-5]}<dt>proved</dt><dd>{proved}</dd></dl>"
            f"<table><thead><tr>{cells}</tr></thead><tbody>{rows}</tbody></table>\n"
        )

    def end(self) -> str:
        """Return the sums and the end of the page."""
        return (
            f"<h2>Sum</h2><p>{self._batches} batches, {self._records} records,"
            f" {self._unproved} batches not proved.</p></body></html>\n"
        )

    def _row(self, one: RecordLine) -> str:
        """Return the row of a record."""
        outcome = " ".join((one.outcome, *one.codes))
        cells: tuple[object, ...] = (
            one.position,
            one.reference,
            f"{one.version} {one.function}".strip(),
            outcome,
            _pairs(one.articles),
            _pairs(one.treatments),
            " ".join(one.committed),
        )
        if self._personal:
            cells = (*cells, one.tracking_number, _pairs(one.persons or {}))
        return "<tr>" + "".join(f"<td>{_text(cell)}</td>" for cell in cells) + "</tr>"


def _receipt_by(line: BatchLine) -> str:
    """Say who vouches for the outcome of a batch."""
    if line.state == "pending":
        return ""
    return "attested by the sender" if line.attested else "signed by the partner"


def _row(cells: tuple[object, ...]) -> str:
    """Write one row of CSV."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow([_safe(one) for one in cells])
    return text.getvalue()


def _safe(cell: object) -> object:
    """Keep a text from being a formula; numbers of ours are left alone."""
    if isinstance(cell, str) and cell.startswith(_FORMULA):
        return f"'{cell}"
    return cell


def _pairs(values: Mapping[str, object]) -> str:
    """Write names with values on one line."""
    return "; ".join(f"{name}: {value}" for name, value in values.items())


def _list(values: Mapping[str, str]) -> str:
    """Write names with values as an HTML list."""
    return "<dl>" + "".join(f"<dt>{_text(k)}</dt><dd>{_text(v)}</dd>" for k, v in values.items()) + "</dl>"


def _text(value: object) -> str:
    """Escape a text for HTML."""
    return html.escape(str(value))


def _time(at: int) -> str:
    """Write a moment, nothing for none."""
    return moment(at).isoformat(timespec="seconds") if at else ""
