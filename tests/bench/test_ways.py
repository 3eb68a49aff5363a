# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
import pytest

from bench import ways


@pytest.fixture(name="compared", scope="module")
def _compared():
    """Return every comparison on a small load."""
    return ways.measure(50, rounds=2)


def test_both_ways_are_measured(compared) -> None:
    """Each comparison has a time for both ways and their ratio."""
    assert compared
    assert all(min(one.full, one.short, one.ratio) > 0 for one in compared)
