# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Postal quality as people and programs read it."""

import csv
import io
import json

import pytest

from gateway.cli import postal_formats as formats
from gateway.trade.postal_quality import Quality

QUESTION = {"gateway": "post-nl", "partner": "post-cn", "month": "2026-11", "direction": "received"}
FIGURES = Quality(
    announced=8,
    dispatched=4,
    moved=5,
    coverage=0.8,
    data_in_dispatches=0.5,
    dispatches_in_data=1.0,
    lead_median=4.25,
    lead_tenth=-1.0,
    late=0.25,
    missing={"content[].hs": 2},
    duplicates=1,
    reused=0,
    referrals={"rfi": 2},
    turnaround_median=None,
    turnaround_ninetieth=None,
    unanswered=2,
    days={"2026-11-03": (5, 1), "2026-11-04": (3, 0)},
)


def test_table_shows_shares_in_per_cent_and_dashes_for_nothing() -> None:
    """Shares are per cent, times have one decimal, and what cannot be told is a dash."""
    lines = dict(line.split("  ", 1) for line in formats.table(QUESTION, FIGURES).splitlines())
    told = {name.strip(): value.strip() for name, value in lines.items()}
    assert told["of items that left, with data"] == "80.0%"
    assert told["hours from data to leaving, median"] == "4.2"
    assert told["hours from referral to answer, median"] == "-"
    assert told["missing content[].hs"] == "2 (25.0%)"


def test_json_and_csv_hold_the_same_figures() -> None:
    """Both give every figure unrounded."""
    said = json.loads(formats.as_json(QUESTION, FIGURES))["quality"]
    rows = dict(list(csv.reader(io.StringIO(formats.as_csv(QUESTION, FIGURES))))[1:])
    assert rows["partner"] == "post-cn"
    assert float(rows["lead_median"]) == pytest.approx(said["lead_median"])
    assert rows["missing.content[].hs"] == "2"
    assert rows["days.2026-11-03"] == "5 1"
    assert rows["turnaround_median"] == ""
    assert said["turnaround_median"] is None


def test_page_has_a_plot_of_days_and_one_of_missing_fields() -> None:
    """The page holds two pictures, needs nothing from outside, and is the same for the same figures."""
    page = formats.as_html(QUESTION, FIGURES)
    assert page.count("<svg") == 2
    assert "<script" not in page
    assert page == formats.as_html(QUESTION, FIGURES)
