# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The page on agreements: its commands run, and it names every key."""

from dataclasses import fields

from gateway.agreement import Agreement
from gateway.agreement.agreement import Match, TreatmentKind, ValueBand
from tests.docs.pages import DOCS, follow

PAGE = DOCS / "writing-an-agreement.md"
WRITTEN = {"wait_limit": "wait.limit_seconds", "wait_then": "wait.then", "required": "wait.required"}
NOT_KEYS = {"digest", "match", "fields", "batch", "asking"}


def test_page_can_be_followed(tmp_path):
    """Every command of the page does what the page says."""
    assert follow(PAGE, tmp_path) > 3


def test_every_key_and_treatment_is_explained():
    """Each key that an agreement has, and each treatment, stands on the page."""
    text = PAGE.read_text("utf-8")
    keys = {WRITTEN.get(one.name, one.name) for one in fields(Agreement)} - NOT_KEYS
    keys |= {f"match.{one.name}" for one in fields(Match)} - {"match.values"}
    keys |= {one.name for one in fields(ValueBand)} | set(TreatmentKind)
    assert sorted(key for key in keys if f"`{key}`" not in text) == []
