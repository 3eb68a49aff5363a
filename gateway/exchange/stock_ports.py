# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The doors to the stock of overseas warehouses."""

from collections.abc import Sequence
from typing import Protocol

from gateway.exchange.stock_rows import StockRow


class StockTables(Protocol):
    """The part of a transaction about stock."""

    def add_stock(self, row: StockRow) -> None:
        """Insert a report."""

    def stock_of(self, order_key: str) -> Sequence[StockRow]:
        """Return the reports about a stocking order, oldest first."""

    def stock_report(self, reference: str) -> StockRow | None:
        """Return the report with a reference."""

    def any_orders(self, after: str, limit: int) -> list[str]:
        """Return the keys of orders with items or reports above a key, as the database orders them."""
