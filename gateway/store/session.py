# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""One connection inside one transaction, and the four ways to use it."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection

from gateway.exchange.rollup_rows import Cells
from gateway.store.driver import driver_of
from gateway.store.form import Compression
from gateway.store.postgres import COPY_ROWS, copy_rows
from gateway.store.statement import KeyedStatement, Statement

Values = tuple[Any, ...]
_SOME = 256


class Session:
    """What all groups of port methods work with; lives as long as one unit of work."""

    def __init__(self, connection: Connection, compression: Compression, *, writes: bool) -> None:
        """Use a connection whose transaction has begun; `writes` makes reads lock what they must."""
        self._connection = connection
        self._compression = compression
        self._writes = writes
        self.differences: Counter[str] = Counter()
        self.cells: Cells = {}
        self.woken: set[str] = set()  # channels and leases of which other nodes should know

    def _rows(self, statement: Statement, **values: Any) -> Sequence[Values]:
        """Return all rows of a query."""
        compiled = statement.compiled(self._connection.dialect)
        parameters = compiled.values(values)
        return self._fetch(compiled.text, parameters)

    def _each(self, statement: Statement, **values: Any) -> Iterator[Values]:
        """Yield the rows of a query some at a time: thousands cost less than as one list."""
        compiled = statement.compiled(self._connection.dialect)
        with driver_of(self._connection, compiled.text) as driver:
            cursor = driver.execute(compiled.text, compiled.values(values))
            try:
                while rows := cursor.fetchmany(_SOME):
                    yield from rows
            finally:
                cursor.close()

    def _row(self, statement: Statement, **values: Any) -> Values | None:
        """Return the first row of a query."""
        rows = self._rows(statement, **values)
        return rows[0] if rows else None

    def _rows_by_key(self, statement: KeyedStatement, keys: Sequence[Any]) -> list[Values]:
        """Return the rows of a query over keys, in the order of their first column."""
        rows: list[Values] = []
        chunks = 0
        for text, parameters in statement.chunks(self._connection.dialect, keys):
            rows.extend(self._fetch(text, parameters))
            chunks += 1
        if chunks > 1:
            rows.sort(key=_first)
        return rows

    def _change(self, statement: Statement, **values: Any) -> int:
        """Run one change; return how many rows it touched."""
        compiled = statement.compiled(self._connection.dialect)
        parameters = compiled.values(values)
        with driver_of(self._connection, compiled.text) as driver:
            touched: int = driver.execute(compiled.text, parameters).rowcount
            return touched

    def _change_many(self, statement: Statement, rows: Sequence[Values]) -> None:
        """Run one change per tuple, whose values stand in the order of the statement's parameters."""
        if not rows:
            return
        compiled = statement.compiled(self._connection.dialect)
        if compiled.copy is not None and len(rows) >= COPY_ROWS:
            copy_rows(self._connection, *compiled.copy, rows)
            return
        with driver_of(self._connection, compiled.text) as driver:
            if len(rows) == 1:
                driver.execute(compiled.text, rows[0])
            else:
                driver.cursor().executemany(compiled.text, rows)

    def _fetch(self, text: str, parameters: Values) -> Sequence[Values]:
        with driver_of(self._connection, text) as driver:
            rows: Sequence[Values] = driver.execute(text, parameters).fetchall()
            return rows


def _first(values: Values) -> Any:
    return values[0]
