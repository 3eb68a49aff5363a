# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Reports about the stock of overseas warehouses."""

from typing import Any

import msgspec
from sqlalchemy import Column, Select, Table, bindparam, insert, select, union

from gateway.exchange.stock_rows import StockRow
from gateway.store.columns import is_filled
from gateway.store.schema import item
from gateway.store.session import Session, Values
from gateway.store.statement import Statement
from gateway.store.stock_schema import stock_report

_ADD = Statement(lambda _: insert(stock_report))
_OF = Statement(
    lambda _: (
        select(stock_report)
        .where(stock_report.c.order_key == bindparam("order_key"))
        .order_by(stock_report.c.id)
    )
)
_REPORT = Statement(lambda _: select(stock_report).where(stock_report.c.reference == bindparam("reference")))


def _orders(table: Table) -> Select[Any]:
    """Return the statement for a page of the orders that a table names."""
    order: Column[str] = table.c.order_key
    return (
        select(order)
        .where(is_filled(order), order > bindparam("after"))
        .distinct()
        .order_by(order)
        .limit(bindparam("limit"))
    )


# Both parts are cut before they are joined: neither table is read to its end for one page.
_ANY_ORDERS = Statement(
    lambda _: (
        union(*(select(_orders(one).subquery().c.order_key) for one in (item, stock_report)))
        .order_by("order_key")
        .limit(bindparam("limit"))
    )
)


class Stocks(Session):
    """The part of a transaction about stock."""

    def add_stock(self, row: StockRow) -> None:
        """Insert a report."""
        self._change_many(_ADD, [msgspec.structs.astuple(row)])

    def stock_of(self, order_key: str) -> list[StockRow]:
        """Return the reports about a stocking order, oldest first."""
        return [_row(one) for one in self._rows(_OF, order_key=order_key)]

    def stock_report(self, reference: str) -> StockRow | None:
        """Return the report with a reference."""
        found = self._row(_REPORT, reference=reference)
        return None if found is None else _row(found)

    def any_orders(self, after: str, limit: int) -> list[str]:
        """Return the keys of orders with items or reports above a key, as the database orders them."""
        return [one[0] for one in self._rows(_ANY_ORDERS, after=after, limit=limit)]


def _row(values: Values) -> StockRow:
    """Return a report."""
    return StockRow(**dict(zip(StockRow.__struct_fields__, values, strict=True)))
