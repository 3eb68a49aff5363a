# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The rules of recognition: read, dated, first come first served, and samples that can be drawn again."""

import hashlib
from datetime import date

import msgspec
import pytest

from gateway.errors import ConfigError
from gateway.exchange.control_rows import RecognitionRow
from gateway.trade.recognition_rules import PLACES, load_rules
from tests.control_stage import RULES

ROW = RecognitionRow(
    id=1,
    side="theirs",
    partner="alpha",
    agreement="a",
    tracking_number="RX000000001CN",
    posting_date="",
    reference="C-1",
    version=1,
    office="2244",
    at=1,
    method="scan",
    stage="before_consolidation",
    result="satisfactory",
    chapters="",
    decision="",
    rule="",
    rules="",
    draw=-1,
    decided_at=1,
    inbound=1,
    record=1,
    log_index=0,
)
DAY = date(2026, 11, 20)


def write(folder, text=RULES, key=b"k" * 32, mode=0o600):
    """Write rules and key; return their paths."""
    rules, place = folder / "rules.toml", folder / "sample.key"
    rules.write_text(text)
    place.write_bytes(key)
    place.chmod(mode)
    return str(rules), str(place)


@pytest.fixture(name="rules")
def _rules(tmp_path):
    """The rules of the tests."""
    return load_rules(*write(tmp_path))


@pytest.mark.parametrize(
    ("changes", "day", "decision", "rule"),
    [
        ({}, DAY, "accept", "SCANS"),
        ({}, DAY.replace(year=2025), "ignore", "NO-RULE"),
        ({}, DAY.replace(year=2020), "ignore", "OLD"),
        ({"office": "5301"}, DAY, "ignore", "NO-RULE"),
        ({"partner": "gamma"}, DAY, "ignore", "NO-RULE"),
        ({"result": "discrepancy"}, DAY, "ignore", "NO-RULE"),
        ({"result": ""}, DAY, "ignore", "NO-RULE"),
        ({"method": "physical", "chapters": "61 95"}, DAY, "sample", "TEXTILES"),
        ({"method": "physical", "chapters": "61 62"}, DAY, "ignore", "NO-RULE"),
        ({"method": "physical"}, DAY, "ignore", "NO-RULE"),
    ],
)
def test_first_rule_in_force_that_holds_decides(rules, changes, day, decision, rule):
    """Each condition and each date is asked; what no rule speaks of is ignored."""
    ruling = rules.judge(msgspec.structs.replace(ROW, **changes), day)
    assert (ruling.decision, ruling.rule) == (decision, rule)


def test_sample_is_drawn_again_alike_and_close_to_its_share(rules, tmp_path):
    """The same control draws the same place; about half of many are drawn; another key draws others."""
    rows = [msgspec.structs.replace(ROW, method="weighing", reference=f"C-{one}") for one in range(1000)]
    drawn = [rules.judge(one, DAY) for one in rows]
    assert drawn == [rules.judge(msgspec.structs.replace(one, version=2, id=9), DAY) for one in rows]
    assert all(0 <= one.draw < PLACES and one.rule == "HALF" for one in drawn)
    sampled = sum(one.decision == "sample" for one in drawn)
    assert 420 < sampled < 580
    assert all((one.draw < 5000) == (one.decision == "sample") for one in drawn)
    other = load_rules(*write(tmp_path, key=b"q" * 32))
    assert [other.judge(one, DAY).draw for one in rows] != [one.draw for one in drawn]
    assert rules.sha256 == hashlib.sha256(RULES.encode()).hexdigest()


@pytest.mark.parametrize(
    ("text", "key", "mode", "why"),
    [
        (RULES.replace("OLD", "SCANS"), b"k" * 32, 0o600, "stands twice"),
        (RULES.replace("until = 2020-12-31", "until = 2019-12-31"), b"k" * 32, 0o600, "ends before"),
        (RULES.replace("per_cent = 50", "per_cent = 0"), b"k" * 32, 0o600, "above 0"),
        (RULES.replace("per_cent = 50", "per_cent = 100.5"), b"k" * 32, 0o600, "at most 100"),
        (RULES.replace("per_cent = 50", "per_cent = 0.125"), b"k" * 32, 0o600, "two decimals"),
        (RULES.replace("per_cent = 50\n", ""), b"k" * 32, 0o600, "per_cent belongs"),
        (
            RULES.replace('decision = "accept"', 'decision = "accept"\nper_cent = 5'),
            b"k" * 32,
            0o600,
            "belongs",
        ),
        (RULES.replace('results = ["satisfactory"]', "results = []"), b"k" * 32, 0o600, "length >= 1"),
        (RULES + "colour = 1\n", b"k" * 32, 0o600, "colour"),
        (RULES, b"short", 0o600, "sample_key"),
        (RULES, b"k" * 32, 0o644, "open to others"),
        ("[", b"k" * 32, 0o600, "rules.toml"),
    ],
)
def test_rules_that_cannot_hold_are_refused(tmp_path, text, key, mode, why):
    """A wrong file, rule or key stops the node before it decides anything."""
    with pytest.raises(ConfigError, match=why):
        load_rules(*write(tmp_path, text, key, mode))


def test_absent_files_are_named(tmp_path):
    """Without a path there are no rules; a path that leads nowhere is an error."""
    assert load_rules("", "") is None
    with pytest.raises(ConfigError, match="cannot read the recognition rules"):
        load_rules(str(tmp_path / "none.toml"), "")
    with pytest.raises(ConfigError, match="cannot read the key"):
        load_rules(write(tmp_path)[0], str(tmp_path / "none.key"))
