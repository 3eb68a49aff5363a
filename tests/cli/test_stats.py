# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""`gateway stats` writes tables, CSV, JSON, Parquet and a page, and names the rates behind them."""

import builtins
import csv
import io
import json
import re
from decimal import Decimal

import pytest
from lxml import etree
from typer.testing import CliRunner

from gateway.cli.application import application
from gateway.store import open_store

HEAD = (20261103, "export", "9610")
CELLS = {
    ("total", *HEAD, "", "USD"): [3, 12_345_000, 3, 250_000],
    ("total", 20251103, "export", "9610", "", "USD"): [2, 10_000_000, 2, 100_000],
    ("chapter", *HEAD, "61", "USD"): [3, 12_345_000, 3, 250_000],
    ("country", *HEAD, "<b>", "USD"): [3, 12_345_000, 3, 250_000],
    ("coverage", 20261103, "", "", "no list", ""): [5, 0, 0, 0],
}


@pytest.fixture(name="run")
def _run(tmp_path):
    """Run the command against a store with a few cells."""
    (tmp_path / "gateway.toml").write_text('[node]\norganisation = "customs-cn"\n', "utf-8")
    store = open_store(f"sqlite:///{tmp_path / 'data' / 'gateway.sqlite'}")
    store.run(lambda tx: tx.add_cells(CELLS))
    store.shut()

    def run(*words):
        place = ["--config", str(tmp_path / "gateway.toml"), "--from", "2026", "--to", "2026"]
        return CliRunner().invoke(application, ["stats", *place, *words])

    return run


def test_a_table_has_its_lines_its_total_and_its_notes(run) -> None:
    """Growth, rates with their mark, and what is not counted stand below the figures."""
    done = run("--by", "month,mode")
    assert done.exit_code == 0
    lines = done.output.splitlines()
    assert lines[1].split()[:3] == ["2026-11", "9610", "3"]
    assert "+50.0%" in lines[1]
    assert lines[2].startswith("total")
    assert "SAMPLE" in done.output
    assert "records that came in these days, no list: 5" in done.output


def test_chapters_have_their_titles(run) -> None:
    """A chapter is named for people."""
    assert "61 Clothing, knitted or crocheted" in run("--by", "chapter").output


def test_csv_is_unrounded_and_names_the_rates(run) -> None:
    """Every line has currency, table and status of the conversion."""
    (row,) = csv.DictReader(io.StringIO(run("--by", "month", "--format", "csv").output))
    assert (row["month"], row["items"], row["value"]) == ("2026-11", "3", "USD:123.45000")
    assert (row["converted"], row["currency"], row["rates_status"]) == ("866.62", "CNY", "sample")


def test_json_holds_the_whole_answer(run) -> None:
    """Decimals are texts, so that no reader rounds them."""
    found = json.loads(run("--by", "month", "--format", "json").output)
    assert found["rows"][0]["value"] == {"USD": "123.45000"}
    assert found["rates"]["status"] == "sample"
    assert found["coverage"]["classes"] == {"no list": 5}


def test_parquet_reads_back_exactly(run, tmp_path) -> None:
    """Decimals stay decimals, and the rates stand in the metadata."""
    pq = pytest.importorskip("pyarrow.parquet", reason="pyarrow is the optional extra parquet")
    out = tmp_path / "figures.parquet"
    assert run("--by", "month,direction", "--format", "parquet", "--out", str(out)).exit_code == 0
    found = pq.read_table(out)
    (row,) = found.to_pylist()
    assert (row["month"], row["direction"], row["items"]) == ("2026-11", "export", 3)
    assert (row["converted"], row["mass_kg"]) == (Decimal("866.62"), Decimal("2.5"))
    assert row["value"] == [("USD", Decimal("123.45"))]
    assert b"SAMPLE" in found.schema.metadata[b"rates"]


def test_without_pyarrow_the_extra_is_named(run, monkeypatch) -> None:
    """Whoever asks for Parquet is told what to install."""
    real = builtins.__import__

    def refuse(name, *rest):
        if name.partition(".")[0] == "pyarrow":
            raise ModuleNotFoundError(name="pyarrow")
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", refuse)
    assert "ead-gateway[parquet]" in str(run("--by", "month", "--format", "parquet").exception)


def test_a_page_holds_its_plots_and_escapes_what_came(run) -> None:
    """Five plots inline, nothing from elsewhere, no text of a record as markup."""
    page = run("--by", "country", "--format", "html").output
    assert page.count("<svg") == 5
    assert "<b>" not in page
    assert "&lt;b&gt;" in page
    assert "http-equiv" in page
    assert "<script" not in page


def test_a_page_is_well_formed_and_can_be_read_aloud(run) -> None:
    """Ids are told apart, references stay within the page, plots have names, and the table has headings."""
    page = run("--by", "month,country", "--format", "html").output
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'(?:href="#|url\(#)([^")]+)', page)) <= set(ids)
    assert re.findall(r'(?:src|href)="(?!#)[^"]*"', page) == []
    root = etree.fromstring(page.encode(), etree.HTMLParser(recover=False, encoding="utf-8"))
    plots = [one.get("aria-label") for one in root.iter("svg")]
    assert plots[0] == "Exports by month and mode, million CNY"
    assert len(set(plots)) == 5
    assert [one.get("scope") for one in root.find(".//tbody/tr").iter("th")] == ["row", "row"]
    assert root.get("lang") == "en"
    assert root.findtext(".//caption").startswith("By month, country")


def test_a_wrong_question_is_refused_before_anything_is_opened(run) -> None:
    """The answer names what is known."""
    done = run("--by", "planet")
    assert done.exit_code == 2
    assert "country" in done.output
