# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Reports about the stock of overseas warehouses."""

import msgspec
from sqlalchemy import bindparam, insert, select

from gateway.exchange.stock_rows import StockRow
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
_ORDERS = Statement(
    lambda _: (
        select(stock_report.c.order_key)
        .where(stock_report.c.order_key > bindparam("after"))
        .distinct()
        .order_by(stock_report.c.order_key)
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

    def stock_orders(self, after: str, limit: int) -> list[str]:
        """Return the keys of orders with reports above a key, in order."""
        return [one[0] for one in self._rows(_ORDERS, after=after, limit=limit)]


def _row(values: Values) -> StockRow:
    """Return a report."""
    return StockRow(**dict(zip(StockRow.__struct_fields__, values, strict=True)))
