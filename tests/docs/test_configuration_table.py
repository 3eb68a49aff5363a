# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The settings on the operations page are those of the code."""

from tests.docs.pages import DOCS


def test_table_is_what_the_code_says(generate):
    """Every setting stands on the page with its default; `python docs/generate.py` repairs it."""
    text = (DOCS / "operations.md").read_text("utf-8")
    assert generate.operations(text) == text


def test_no_meaning_is_left_over(generate):
    """A setting that is gone has no meaning any more."""
    table = generate.settings_table()
    assert [key for key in generate.MEANING if f"`{key}`" not in table] == []
