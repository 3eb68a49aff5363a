# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Databases of PostgreSQL for tests: one is migrated, others are copies of it or used anew, all are dropped.

The server is named by `GATEWAY_TEST_POSTGRES`, an address of any database on it whose user may make others.
"""

import contextlib
import itertools
import os
import secrets

import psycopg
import pytest

from gateway.store import NEWEST, migrate
from gateway.store.checkpoint_place import SCHEMA

VARIABLE = "GATEWAY_TEST_POSTGRES"


class Server:
    """A server of PostgreSQL on which tests make databases of their own."""

    def __init__(self, url):
        """Connect, or skip the test that asks."""
        if not url:
            pytest.skip(f"{VARIABLE} names no server of PostgreSQL")
        self._url = url.replace("postgresql+psycopg://", "postgresql://")
        self._connection = psycopg.connect(self._url, autocommit=True)
        self._name = f"gateway_test_{os.getpid()}_{secrets.token_hex(3)}"
        self._numbers = itertools.count(1)
        self._made = []
        self._template = ""
        self._free = []

    def url(self, name):
        """Return the address of a database of this server."""
        return psycopg_url(self._url, name)

    def empty(self, encoding="UTF8"):
        """Make a database without tables; return its address."""
        name = f"{self._name}_{next(self._numbers)}"
        self._connection.execute(
            f"CREATE DATABASE {name} TEMPLATE template0 ENCODING '{encoding}' LOCALE 'C'"
        )
        self._made.append(name)
        return self.url(name)

    def migrated(self):
        """Give a database of the newest version without rows; return its address."""
        if self._free:
            return self._free.pop()
        if not self._template:
            made = self.empty()
            migrate(made)
            self._template = made.rpartition("/")[2]
        name = f"{self._name}_{next(self._numbers)}"
        self._connection.execute(f"CREATE DATABASE {name} TEMPLATE {self._template}")
        self._made.append(name)
        return self.url(name)

    def give_back(self, url):
        """Empty a database for the next who asks; whoever is connected to it is cut off."""
        self.disconnect(url)
        with connect(url) as connection, connection.transaction():
            (version,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            connection.execute("SET session_replication_role = replica")
            tables = connection.execute(
                "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                " WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition"
                " AND c.relname NOT IN ('alembic_version', 'schema_range')"
            ).fetchall()
            connection.execute("; ".join(f'DELETE FROM "{name}"' for (name,) in tables))
            connection.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
        if version == NEWEST:
            self._free.append(url)
        else:
            self.drop(url)

    def drop(self, url):
        """Drop a database and end whoever is connected to it."""
        name = url.rpartition("/")[2]
        self._made.remove(name)
        self._connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def disconnect(self, url):
        """End every connection to a database, as a failover does."""
        self._connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
            (url.rpartition("/")[2],),
        )

    def close(self):
        """Drop whatever is left."""
        for name in reversed(self._made):
            with contextlib.suppress(psycopg.Error):
                self._connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        self._connection.close()


def psycopg_url(url, name):
    """Return the address of another database beside the one of an address."""
    return f"{url.rpartition('/')[0]}/{name}".replace("postgresql://", "postgresql+psycopg://")


def connect(url):
    """Open a connection of the plain driver, for looking from outside."""
    return psycopg.connect(url.replace("postgresql+psycopg://", "postgresql://"), autocommit=True)
