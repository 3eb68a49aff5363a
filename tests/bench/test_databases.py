# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The comparison of database systems runs the whole way on each, and leaves nothing on the server."""

import os

import psycopg
import pytest

from bench.databases import VARIABLE, measure


@pytest.mark.long
def test_every_case_is_measured(postgres, monkeypatch):
    """SQLite, PostgreSQL and two nodes on it each have a rate, and the databases are gone afterwards."""
    server = os.environ["GATEWAY_TEST_POSTGRES"]
    monkeypatch.setenv(VARIABLE, server)
    found = measure(items=200, rounds=1)
    assert list(found) == ["SQLite, 1 node", "PostgreSQL, 1 node", "PostgreSQL, 2 nodes"]
    assert all(rate > 0 for rates in found.values() for rate in rates)
    with psycopg.connect(server.replace("+psycopg", ""), autocommit=True) as connection:
        query = "select count(*) from pg_database where datname like %s"
        assert connection.execute(query, (f"gateway\\_bench\\_{os.getpid()}\\_%",)).fetchone() == (0,)
