# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What every test of the measurements shares."""

from collections.abc import Iterator

import pytest
import structlog


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    """Put the logging back as it was: a measurement run inside the test's process turns it down for good."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)
