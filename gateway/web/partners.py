# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""/v1/partners, /v1/log and /v1/quality. Reading is for every submitter, a test of a way for operators."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Collection
from datetime import UTC, datetime
from typing import Any, Protocol

from aiohttp import web

from gateway.errors import ConfigError, InputError, TryLater
from gateway.finding import finding
from gateway.web.boards import json_answer, operator, paging

QUALITY_SECONDS = 60.0
# The calendar begins with the year 1, and the month after the one that is judged must be in it too.
_MONTH = re.compile(r"(?!0000|9999-12)[0-9]{4}-(0[1-9]|1[0-2])", re.ASCII)
_INDEX = re.compile(r"[0-9]{1,15}", re.ASCII)
_DECEMBER = 12


class Partners(Protocol):
    """What is known of partners (`exchange.partner_view`)."""

    async def partners(self) -> Any:
        """Return all partners."""

    async def partner(self, name: str) -> Any:
        """Return one partner."""

    async def test(self, name: str) -> Any:
        """Test the way to a partner."""


class Logs(Protocol):
    """How the logs stand (`exchange.log_view`)."""

    async def logs(self) -> Any:
        """Return every log."""

    async def entries(self, log: str, start: int, limit: int) -> Any:
        """Return entries of a log of ours."""

    async def verify(self, log: str) -> Any:
        """Hold a log against every signed state of it."""


Judge = Callable[[str, datetime, datetime, bool], Awaitable[Any]]


class PartnerPages:
    """The routes of partners, logs and the quality of data; `judge` works out the figures of a month."""

    def __init__(
        self, partners: Partners | None, logs: Logs | None, judge: Judge | None, operators: Collection[str]
    ) -> None:
        """Take the doors."""
        self._partners = partners
        self._logs = logs
        self._judge = judge
        self._operators = operators
        self._judging = asyncio.Lock()

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [
            web.get("/v1/partners", self.partners),
            web.get("/v1/partners/{partner}", self.partner),
            web.post("/v1/partners/{partner}/test", self.test),
            web.get("/v1/log", self.logs),
            web.get("/v1/log/{partner}/entries", self.entries),
            web.get("/v1/log/{partner}/verify", self.verify),
            web.get("/v1/quality", self.quality),
        ]

    async def partners(self, _request: web.Request) -> web.Response:
        """Return all partners, and our own certificates."""
        return json_answer(await _there(self._partners).partners())

    async def partner(self, request: web.Request) -> web.Response:
        """Return one partner."""
        return json_answer(_found(await _there(self._partners).partner(request.match_info["partner"])))

    async def test(self, request: web.Request) -> web.Response:
        """Test the way to a partner, layer by layer."""
        there = _there(self._partners)
        operator(request, self._operators)
        try:
            return json_answer(await there.test(request.match_info["partner"]))
        except ConfigError:
            raise web.HTTPNotFound from None

    async def logs(self, _request: web.Request) -> web.Response:
        """Return how every log stands."""
        return json_answer(await _there(self._logs).logs())

    async def entries(self, request: web.Request) -> web.Response:
        """Return entries of a log of ours from an index on.

        Raises:
            InputError: the index is no number.
        """
        start = request.query.get("start", "0")
        if not _INDEX.fullmatch(start):
            raise InputError("no index", (finding("BOARD-QUESTION", path="start", expected="0, 1 ..."),))
        limit = paging(request)["limit"]
        return json_answer(await _there(self._logs).entries(request.match_info["partner"], int(start), limit))

    async def verify(self, request: web.Request) -> web.Response:
        """Hold a log of ours against every signed state of it."""
        return json_answer(_found(await _there(self._logs).verify(request.match_info["partner"])))

    async def quality(self, request: web.Request) -> web.Response:
        """Judge the postal data of a partner over a month; one month at a time.

        Raises:
            InputError: partner, month or direction is none.
            TryLater: another month is being judged, or this one takes too long.
        """
        judge, given = _there(self._judge), request.query
        if "partner" not in given:
            found = finding("BOARD-QUESTION", path="partner", expected="an organisation id")
            raise InputError("no partner", (found,))
        month, direction = given.get("month", ""), given.get("direction", "received")
        if not _MONTH.fullmatch(month):
            raise InputError("no month", (finding("BOARD-QUESTION", path="month", expected="YYYY-MM"),))
        if direction not in ("received", "sent"):
            found = finding("BOARD-QUESTION", path="direction", expected="received or sent")
            raise InputError("no direction", (found,))
        begin = datetime.strptime(month, "%Y-%m").replace(tzinfo=UTC)
        if self._judging.locked():
            raise TryLater("a month is being judged", (finding("BOARD-BUSY"),))
        async with self._judging:
            try:
                async with asyncio.timeout(QUALITY_SECONDS):
                    found = await judge(given.get("partner", ""), begin, _next(begin), direction == "sent")
            except TimeoutError:
                raise TryLater("takes too long", (finding("BOARD-BUSY", path="month"),)) from None
        return json_answer(found)


def _next(begin: datetime) -> datetime:
    """Return the first moment of the next month."""
    last = begin.month == _DECEMBER
    return begin.replace(year=begin.year + last, month=1 if last else begin.month + 1)


def _there(step: Any) -> Any:
    """Return what stands behind a route."""
    if step is None:
        raise web.HTTPNotFound
    return step


def _found(answer: Any) -> Any:
    """Return what was found, or not found."""
    if answer is None:
        raise web.HTTPNotFound
    return answer
