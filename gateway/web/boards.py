# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""/v1/board, the lists behind its numbers, and /v1/waiting."""

import re
from collections.abc import Collection, Sequence
from typing import Any, Protocol

import msgspec
from aiohttp import web

from gateway.access import Role
from gateway.errors import InputError, PolicyRefusal
from gateway.exchange.page import LARGEST_PAGE, PAGE
from gateway.finding import finding
from gateway.web.access import CALLER, SUBMITTER

_LIMIT = re.compile(r"[0-9]{1,4}", re.ASCII)


class Boards(Protocol):
    """How it stands with partners (`exchange.board`)."""

    async def board(self) -> Any:
        """Return how it stands with every partner."""

    async def items(self, partner: str, state: str, *, after: str, limit: int) -> Any:
        """Return a page of the list behind a number."""

    async def waiting(self) -> Any:
        """Return what waits, grouped."""

    async def waiting_items(self, channel: str, missing: Sequence[str], *, after: str, limit: int) -> Any:
        """Return a page of one group."""


class BoardPages:
    """The routes of the board."""

    def __init__(self, boards: Boards | None) -> None:
        """Take the board, if there is one."""
        self._boards = boards

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [
            web.get("/v1/board", self.board),
            web.get("/v1/partners/{partner}/items", self.items),
            web.get("/v1/waiting", self.waiting),
            web.get("/v1/waiting/items", self.waiting_items),
        ]

    async def board(self, _request: web.Request) -> web.Response:
        """Return how it stands with every partner."""
        return json_answer(await self._there().board())

    async def items(self, request: web.Request) -> web.Response:
        """Return a page of the list behind a number."""
        state = request.query.get("state", "waiting")
        partner = request.match_info["partner"]
        return json_answer(await self._there().items(partner, state, **paging(request)))

    async def waiting(self, _request: web.Request) -> web.Response:
        """Return what waits, grouped by channel and missing fields."""
        return json_answer(await self._there().waiting())

    async def waiting_items(self, request: web.Request) -> web.Response:
        """Return a page of one group.

        Raises:
            InputError: no group is named.
        """
        given = request.query
        if "channel" not in given:
            found = finding("BOARD-QUESTION", path="channel", expected="as the groups have it")
            raise InputError("no group", (found,))
        missing = tuple(one for one in given.get("missing", "").split(",") if one)
        there = self._there()
        return json_answer(await there.waiting_items(given.get("channel", ""), missing, **paging(request)))

    def _there(self) -> Boards:
        """Return the board."""
        if self._boards is None:
            raise web.HTTPNotFound
        return self._boards


def operator(request: web.Request, operators: Collection[str]) -> str:
    """Return who acts for the operator.

    Raises:
        PolicyRefusal: the operator has not named the submitter.
    """
    submitter: str = request[SUBMITTER]
    if request[CALLER].role == Role.LOCAL and submitter not in operators:
        raise PolicyRefusal(f"{submitter} is no operator", (finding("BOARD-NOT-ALLOWED"),))
    return submitter


def paging(request: web.Request) -> dict[str, Any]:
    """Return cursor and size of the page that a request asks for.

    Raises:
        InputError: the size is no number.
    """
    limit = request.query.get("limit", str(PAGE))
    if not _LIMIT.fullmatch(limit):
        found = finding("BOARD-QUESTION", path="limit", expected=f"1 to {LARGEST_PAGE}")
        raise InputError("no size of a page", (found,))
    return {"after": request.query.get("after", ""), "limit": int(limit)}


def json_answer(answer: Any, status: int = 200) -> web.Response:
    """Return passive records as JSON."""
    return web.Response(status=status, body=msgspec.json.encode(answer), content_type="application/json")
