# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Shared by the tests of EDIFACT."""

import pytest

from gateway.formats.edifact import own_guides


@pytest.fixture(scope="session")
def guides():
    """Return the guides of the package."""
    return own_guides()
