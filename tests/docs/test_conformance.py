# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The page on testing an implementation, followed to the letter, and the list of cases beside it."""

import pytest

from tests.docs.pages import DOCS, follow


@pytest.mark.long
def test_page_can_be_followed(tmp_path):
    """Every block of the page does what the page says, from a new gateway to a green report."""
    assert follow(DOCS / "conformance.md", tmp_path) >= 8


def test_list_of_cases_is_what_the_code_says(generate):
    """Every case stands in the list; `python docs/generate.py` repairs it."""
    assert (DOCS / "conformance-cases.md").read_text("utf-8") == generate.conformance_cases()
