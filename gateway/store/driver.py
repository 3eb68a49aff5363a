# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Statements given to the driver itself: what Core does around a small one costs several times the statement.

Core keeps what happens once for many statements: connections, transactions, and their text (`statement.py`).
Whoever sees an error sees one of Core's all the same, and a connection that is gone is gone for Core too.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError


@contextmanager
def driver_of(connection: Connection, text: str) -> Iterator[Any]:
    """Give the connection of the driver for the statement `text`; its errors become those of Core.

    Raises:
        DBAPIError: the database refuses the statement, or is gone.
        PendingRollbackError: it was gone before; the transaction can only be rolled back.
    """
    dialect = connection.dialect
    module: Any = dialect.loaded_dbapi
    driver: Any = connection.connection.driver_connection
    try:
        yield driver
    except module.Error as error:
        gone = dialect.is_disconnect(error, driver, None)
        wrapped = DBAPIError.instance(
            text,
            (),
            error,
            module.Error,
            hide_parameters=True,
            connection_invalidated=gone,
            dialect=dialect,
        )
        if gone:
            connection.invalidate()
        raise wrapped from None


def run(connection: Connection, text: str) -> None:
    """Run a statement that has no values and no rows.

    Raises:
        DBAPIError: the database refuses it, or is gone.
    """
    with driver_of(connection, text) as driver:
        driver.execute(text)
