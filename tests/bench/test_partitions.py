# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The bench of partitions finds every row in both tables and prints the ratio."""

import re

import pytest

from bench.partitions import main


def test_both_tables_are_looked_into(capsys, monkeypatch, postgres):
    """With a server both tables are filled and searched, and a line for each size is printed."""
    monkeypatch.setenv("GATEWAY_TEST_POSTGRES", postgres.url("postgres"))
    assert main(["--days", "4", "--rows", "2000"]) == 0
    assert len(re.findall(r"4 partitions [\d,]+ µs, \d+\.\d times", capsys.readouterr().out)) == 2


def test_without_a_server_nothing_is_measured(monkeypatch):
    """Without a server the bench says so and ends with 2."""
    monkeypatch.delenv("GATEWAY_TEST_POSTGRES", raising=False)
    with pytest.raises(SystemExit) as ended:
        main([])
    assert ended.value.code == 2
