# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What the statistics cost stays below its limits."""

import pytest

from bench import statistics

pytestmark = pytest.mark.long


def test_counting_an_item_stays_below_its_limit(tmp_path):
    """Counting holds its limit at the pace at which the same items were made, in one of three rounds."""
    rounds = [statistics.measure(tmp_path / str(number), large=False) for number in range(3)]
    assert [] in [statistics.missed(one) for one in rounds], [one["count_us"] for one in rounds]


def test_what_is_over_its_limit_at_the_pace_of_the_machine_is_named():
    """Twice the pace allows twice the limit, and not more."""
    figures = {
        "limits": {"count_us": 5.0, "answer_ms": 200.0},
        "count_us": 9.0,
        "making_us": 2 * statistics.MAKING_US,
        "answers_ms": {"held": 390.0, "missed": 410.0},
        "paces": {"held": 2.0, "missed": 2.0},
    }
    assert statistics.missed(figures) == ["missed"]
    assert statistics.missed(figures | {"count_us": 11.0}) == [statistics.COUNT, "missed"]
