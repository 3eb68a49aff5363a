# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The page of figures, the alert rules and the dashboard speak of figures that exist."""

import json
import re

import pytest

from gateway.metrics import BY_NAME
from tests.docs.pages import DOCS

RULES = (DOCS / "monitoring" / "alerts.yml").read_text("utf-8")
ALERTS = re.findall(r"^      - alert: (\w+)$", RULES, re.MULTILINE)
_NAME = re.compile(r"\b(?:gateway|process)_\w+")
_OF_HISTOGRAMS = re.compile(r"_(?:bucket|sum|count)$")
PROCESS = {"process_resident_memory_bytes"}


def asked(expressions):
    """Return the figures that expressions ask for."""
    return {_OF_HISTOGRAMS.sub("", name) for one in expressions for name in _NAME.findall(one)}


def test_table_is_what_the_code_says(generate) -> None:
    """Every figure stands on the page; `python docs/generate.py` repairs it."""
    text = (DOCS / "metrics.md").read_text("utf-8")
    assert generate.metrics(text) == text


def test_rules_ask_for_figures_that_exist() -> None:
    """Every alert has an expression, and its figures are declared."""
    expressions = re.findall(r"^        expr: (.+)$", RULES, re.MULTILINE)
    assert len(expressions) == len(ALERTS) > 10
    assert asked(expressions) <= set(BY_NAME)


def test_the_dashboard_asks_for_figures_that_exist() -> None:
    """Every panel has an expression, and its figures are declared."""
    panels = json.loads((DOCS / "monitoring" / "grafana.json").read_text("utf-8"))["panels"]
    assert len({one["id"] for one in panels}) == len(panels)
    for one in panels:
        found = asked(target["expr"] for target in one["targets"])
        assert found, one["title"]
        assert found <= set(BY_NAME) | PROCESS, one["title"]


@pytest.mark.parametrize("alert", ALERTS)
def test_every_alert_says_what_to_do(alert) -> None:
    """An alert links to its section on the operations page, and the section is there with some words."""
    page = (DOCS / "operations.md").read_text("utf-8")
    assert f"runbook_url: docs/operations.md#{alert.lower()}\n" in RULES
    section = re.search(rf"^### {alert}\n\n(.+?)\n\n(?:#|\Z)", page, re.MULTILINE | re.DOTALL)
    assert section is not None
    assert len(section[1].split()) > 10
