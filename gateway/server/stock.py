# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The Stock service: goods in overseas warehouses, for this organisation's own side, as over HTTP."""

from collections.abc import Mapping
from typing import Any, Protocol

import grpc
import msgspec

from gateway.errors import PolicyRefusal
from gateway.finding import finding
from gateway.server.enterprises import GRPC
from gateway.server.peer import parse
from gateway.server.status import Context
from gateway.server.stream import finish
from gateway.trade.stock import Orders, Recorded, Report, Stock, as_report
from gateway.wire.v1 import stock_pb2 as wire


class Stocks(Protocol):
    """The stock (`trade.stock`)."""

    async def record(self, platform: str, order: str, report: Report, *, actor: str) -> Recorded:
        """Keep a report."""

    async def show(self, platform: str, order: str) -> Stock | None:
        """Return the stock of an order."""

    async def orders(self, after: str = "") -> Orders:
        """Return a page of the orders with stock or reports."""


class StockService:
    """Reading, and reports where `reports` allows them."""

    name = "customs.ead.v1.Stock"

    def __init__(self, stocks: Stocks, *, reports: bool) -> None:
        self._stocks = stocks
        self._reports = reports

    def handlers(self) -> Mapping[str, "grpc.RpcMethodHandler[Any, Any]"]:
        """Return the methods, all on raw bytes."""
        methods = {"Record": self.record, "Show": self.show, "List": self.orders}
        return {name: grpc.unary_unary_rpc_method_handler(one) for name, one in methods.items()}

    async def record(self, raw: bytes, _context: Context) -> bytes:
        """Keep a report.

        Raises:
            PolicyRefusal: `grpc` is no reporter.
        """
        if not self._reports:
            raise PolicyRefusal("grpc may not report stock", (finding("STOCK-NOT-ALLOWED"),))
        said = parse(wire.RecordStockRequest, raw)
        fields = {one.name: getattr(said.report, one.name) for one in msgspec.structs.fields(Report)}
        done = self._stocks.record(said.platform, said.order, as_report(fields), actor=GRPC)
        return wire.RecordedStock(**_fields(await finish(done))).SerializeToString()

    async def show(self, raw: bytes, _context: Context) -> bytes:
        """Return lines and reports of an order; nothing in it if nothing is known."""
        said = parse(wire.ShowStockRequest, raw)
        found = await self._stocks.show(said.platform, said.order)
        return wire.StockOrder(**({} if found is None else _fields(found))).SerializeToString()

    async def orders(self, raw: bytes, _context: Context) -> bytes:
        """Return a page of the keys of orders."""
        found = await self._stocks.orders(parse(wire.ListStockRequest, raw).after)
        return wire.StockOrders(orders=found.orders, next=found.next).SerializeToString()


def _fields(one: Recorded | Stock) -> dict[str, Any]:
    """Return a record as a message takes it: decimals and days as texts."""
    fields: dict[str, Any] = msgspec.to_builtins(one)
    return fields
