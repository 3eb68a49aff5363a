# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The page on partners without a gateway, followed to the letter on this machine."""

import pytest

from tests.docs.pages import DOCS, follow


@pytest.mark.long
def test_page_can_be_followed(tmp_path):
    """Every block of the page does what the page says, out and in."""
    assert follow(DOCS / "webhooks.md", tmp_path) > 10
