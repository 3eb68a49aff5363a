# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The page on writing an adapter, followed to the letter in an empty folder."""

import pytest

from tests.docs.pages import DOCS, follow


@pytest.mark.long
def test_page_can_be_followed(tmp_path):
    """From an empty folder to an installed adapter with a field of its own, as the page says."""
    assert follow(DOCS / "writing-an-adapter.md", tmp_path) >= 7
