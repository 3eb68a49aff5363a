# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""/v1/stock: goods in overseas warehouses. Operators and auditors read, reporters report."""

from collections.abc import Collection
from typing import Any, Protocol

import msgspec
from aiohttp import web

from gateway.errors import InputError, PolicyRefusal
from gateway.finding import finding
from gateway.trade.stock import Orders, Recorded, Report, Stock, as_report
from gateway.web.access import SUBMITTER
from gateway.web.body import read_body

LARGEST = 16 * 1024


class Stocks(Protocol):
    """The stock (`trade.stock`)."""

    async def record(self, platform: str, order: str, report: Report, *, actor: str) -> Recorded:
        """Keep a report."""

    async def show(self, platform: str, order: str) -> Stock | None:
        """Return the stock of an order."""

    async def orders(self, after: str = "") -> Orders:
        """Return a page of the orders with stock or reports."""


class StockPages:
    """The routes of stock; times in seconds."""

    def __init__(
        self,
        stocks: Stocks | None,
        reporters: Collection[str],
        *,
        body_seconds: float,
        pause_seconds: float,
    ) -> None:
        """Take the stock, if there is one, and the submitters that may report."""
        self._stocks = stocks
        self._reporters = reporters
        self._times = {"body_seconds": body_seconds, "pause_seconds": pause_seconds}

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        place = "/v1/stock/{platform}/{order}"
        return [
            web.get("/v1/stock", self.orders),
            web.get(place, self.show),
            web.post(place, self.record),
        ]

    async def orders(self, request: web.Request) -> web.Response:
        """Return a page of orders; `after` is `next` of the page before."""
        return _json(await self._there().orders(request.query.get("after", "")))

    async def show(self, request: web.Request) -> web.Response:
        """Return lines and reports of an order."""
        place = request.match_info
        found = await self._there().show(place["platform"], place["order"])
        if found is None:
            raise web.HTTPNotFound
        return _json(found)

    async def record(self, request: web.Request) -> web.Response:
        """Keep a report."""
        submitter: str = request[SUBMITTER]
        if submitter not in self._reporters:
            raise PolicyRefusal(f"{submitter} may not report stock", (finding("STOCK-NOT-ALLOWED"),))
        body = await read_body(request, LARGEST, **self._times)
        if isinstance(body, web.Response):
            return body
        try:
            fields = msgspec.json.decode(body)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            raise InputError("not JSON", (finding("STOCK-FORM", expected="JSON"),)) from None
        place = request.match_info
        report = as_report(fields)
        return _json(
            await self._there().record(place["platform"], place["order"], report, actor=submitter), 201
        )

    def _there(self) -> Stocks:
        """Return the stock."""
        if self._stocks is None:
            raise web.HTTPNotFound
        return self._stocks


def _json(answer: Any, status: int = 200) -> web.Response:
    """Return passive records as JSON."""
    return web.Response(status=status, body=msgspec.json.encode(answer), content_type="application/json")
