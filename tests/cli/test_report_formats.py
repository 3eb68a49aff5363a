# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The forms of the report: escaped, guarded, self-contained."""

import csv
import html.parser
import io
import json

import pytest

from gateway.cli.report_formats import CsvWriter, HtmlWriter, JsonWriter
from gateway.exchange.report import BatchLine, RecordLine

EVIL = "=HYPERLINK(1)<script>alert('x')</script>\"&"


def _line(text=EVIL, *, proved=True):
    record = RecordLine(
        position=0,
        reference=text,
        version=1,
        function="original",
        outcome="accepted",
        codes=(text,),
        articles={"addressee.name": text},
        treatments={"pass": 1},
        committed=("sender.name",),
        tracking_number=text,
        persons={"addressee": text},
    )
    return BatchLine(
        channel="a/b/item",
        partner="b",
        sequence=7,
        batch_id="b7",
        created_at=1_700_000_000_000,
        agreement="a-b",
        agreement_version=1,
        legal_basis=text,
        withheld=("order_number",),
        state="receipted",
        receipted_at=1_700_000_001_000,
        accepted=1,
        rejected=0,
        log="a/b",
        log_index=3,
        receipt_log_index=4,
        proved=proved,
        records=(record,),
    )


def _whole(writer, *lines):
    return writer.begin() + "".join(writer.batch(one) for one in lines) + writer.end()


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_csv_cells_are_never_formulas(start):
    """Text that a spreadsheet would run gets an apostrophe before it."""
    rows = list(csv.reader(io.StringIO(_whole(CsvWriter(personal=True), _line(start + "1+1")), newline="")))
    assert len(rows) == 2
    assert not any(cell.startswith(("=", "+", "@", "-", "\t", "\r", "\n")) for cell in rows[1])
    assert rows[1].count("'" + start + "1+1") >= 3


def test_html_escapes_everything_and_loads_nothing():
    """No text becomes markup, and the page names no other resource."""
    page = _whole(HtmlWriter({"partner": EVIL}, personal=True), _line(), _line(proved=False))
    seen = []

    class Reader(html.parser.HTMLParser):
        def handle_starttag(self, tag, attrs):
            seen.append(tag)
            assert not {"src", "href", "onload", "onclick"} & {name for name, _ in attrs}

    Reader().feed(page)
    assert not {"script", "img", "link", "iframe", "a"} & set(seen)
    assert seen.count("table") == 2
    assert "1 batches not proved" in page


def test_json_is_one_document_with_the_question():
    """Batches are written one by one and make a whole."""
    for lines in ((), (_line(),), (_line(), _line())):
        read = json.loads(_whole(JsonWriter({"partner": "b"}), *lines))
        assert read["question"] == {"partner": "b"}
        assert len(read["batches"]) == len(lines)


def test_names_have_columns_only_when_asked_for():
    """Without the flag no column for numbers or persons is there."""
    assert "tracking_number" not in CsvWriter(personal=False).begin()
    assert "<th>persons</th>" not in _whole(HtmlWriter({}, personal=False), _line())
