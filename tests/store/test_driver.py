# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Statements that go past Core fail, and lose their connection, as those of Core do."""

import sqlite3

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError, PendingRollbackError

from gateway.store.driver import driver_of, run
from gateway.store.postgres import is_lost


@pytest.fixture(name="engine")
def _engine(postgres_url):
    """Give an engine on a server that can end connections."""
    made = create_engine(postgres_url)
    yield made
    made.dispose()


def test_error_of_the_driver_becomes_one_of_core_without_values():
    """Who catches errors of Core catches this one too, and values that are persons' stay out of its text."""
    engine = create_engine("sqlite://")
    statement = "INSERT INTO parcel VALUES (?)"
    with engine.connect() as connection:
        run(connection, "CREATE TABLE parcel (id TEXT PRIMARY KEY)")
        with pytest.raises(IntegrityError) as caught, driver_of(connection, statement) as driver:
            driver.executemany(statement, [("Invented Person",), ("Invented Person",)])
    assert isinstance(caught.value.orig, sqlite3.IntegrityError)
    assert statement in str(caught.value)
    assert "Invented Person" not in str(caught.value)


def test_error_that_is_not_the_drivers_passes():
    """What a work itself raises between two rows is not dressed up as a fault of the database."""
    connection = create_engine("sqlite://").connect()
    with connection, pytest.raises(LookupError), driver_of(connection, ""):
        raise LookupError


def test_connection_that_was_ended_is_gone_for_core_too(engine):
    """The error says so, the rest of the transaction is refused, and the next one has a new connection."""
    with engine.connect() as connection, engine.connect() as other:
        (process,) = connection.execute(text("SELECT pg_backend_pid()")).one()
        other.execute(text("SELECT pg_terminate_backend(:process, 5000)"), {"process": process})
        with pytest.raises(DBAPIError) as caught:
            run(connection, "SELECT 1")
        assert caught.value.connection_invalidated
        assert is_lost(caught.value)
        with pytest.raises(PendingRollbackError):
            run(connection, "SELECT 1")
        connection.rollback()
        run(connection, "SELECT 1")
        assert connection.execute(text("SELECT pg_backend_pid()")).scalar_one() != process
