# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The page on submitting, followed to the letter on one node."""

import pytest

from tests.docs.pages import DOCS, follow


@pytest.mark.long
def test_page_can_be_followed(tmp_path):
    """Each of the four ways in answers as the page says."""
    assert follow(DOCS / "submitting.md", tmp_path) > 8
