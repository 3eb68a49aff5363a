# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The bench of the archive runs on a real store and prints what it costs."""

import re

import pytest

from bench.archive import main


@pytest.mark.long
def test_the_bench_archives_and_restores_a_day(capsys):
    """A day made by the stages is archived whole, takes less space than live, and is restored."""
    assert main(["--items", "256", "--part-rows", "500"]) == 0
    told = capsys.readouterr().out
    (live, archived, stays) = (
        int(one.replace(",", ""))
        for one in re.search(r"│ sum +│ ([\d,]+) +│ ([\d,]+) +│ ([\d,]+)", told).groups()
    )
    assert archived + stays < live
    assert "restored:" in told
    assert "one trace:" in told
