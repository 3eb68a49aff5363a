# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""GET /v1/statistics: the figures of the trade statistics as JSON."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

import msgspec
from aiohttp import web

from gateway.trade.statistics import Answer
from gateway.trade.statistics_question import Question, QuestionError, ask
from gateway.trade.statistics_tables import modes
from gateway.web.problems import problem

FILTERS = ("by", "from", "to", "direction", "mode")


class Answers(Protocol):
    """What answers questions of statistics (`trade.statistics`)."""

    async def answer(self, question: Question, /) -> Answer:
        """Answer a question."""


class NoStatistics:
    """The answers of a node that keeps no statistics."""

    async def answer(self, _question: Question) -> Answer:
        """Say that there is nothing."""
        raise web.HTTPNotFound


class StatisticsPages:
    """The route of statistics."""

    def __init__(self, statistics: Answers, clock: Callable[[], datetime]) -> None:
        """Take what answers, and the clock that says which day is today."""
        self._statistics = statistics
        self._clock = clock

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [web.get("/v1/statistics", self.get)]

    async def get(self, request: web.Request) -> web.Response:
        """Return figures with everything that they rest on."""
        given = request.query
        unknown = sorted(set(given) - set(FILTERS))
        if unknown:
            error = QuestionError("query", f"known are {', '.join(FILTERS)}")
            return problem(400, error.findings)
        today = (self._clock() + timedelta(hours=modes().zone_hours)).date()
        try:
            question = ask(
                given.get("by", "month,direction,mode"),
                given.get("from", ""),
                given.get("to", ""),
                today=today,
                direction=given.get("direction", ""),
                mode=given.get("mode", ""),
            )
        except QuestionError as error:
            return problem(400, error.findings)
        found = await self._statistics.answer(question)
        return web.Response(body=msgspec.json.encode(found), content_type="application/json")
