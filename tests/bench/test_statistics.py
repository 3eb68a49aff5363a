# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What the statistics cost stays below its limits."""

import pytest

from bench import statistics

pytestmark = pytest.mark.long

MAKING_US = 10.0
"""What making one of these items takes on a quiet core of the machines whose figures the documents hold.

Beside neighbours it and counting slow down alike, within a tenth; a loop of sums slows down less than both.
"""


def test_counting_an_item_stays_below_its_limit(tmp_path):
    """Counting holds its limit at the pace at which the same items were made, in one of three rounds."""
    rounds = []
    for number in range(3):
        figures = statistics.measure(tmp_path / str(number), large=False)
        rounds.append(figures["count_us"] / max(1.0, figures["making_us"] / MAKING_US))
    assert min(rounds) < statistics.COUNT_LIMIT_US, rounds
