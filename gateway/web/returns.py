# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""/v1/returns: returns of goods, for the submitters that the operator names, reading too."""

from collections.abc import Collection
from typing import Any, Protocol, TypeVar

import msgspec
from aiohttp import web

from gateway.errors import PolicyRefusal
from gateway.finding import finding
from gateway.trade.masking_acts import mask_case
from gateway.trade.return_account import AccountLine
from gateway.trade.return_case import Case, Claim
from gateway.trade.return_form import (
    LONGEST_NOTE,
    LONGEST_NUMBER,
    Application,
    Decision,
    bad,
    case_number,
    check_text,
    read,
)
from gateway.trade.returns import PAGE, Arrived
from gateway.web.access import SUBMITTER
from gateway.web.body import read_body

LARGEST_ACT = 256 * 1024
T = TypeVar("T")


class Desk(Protocol):
    """Returns (`trade.returns`)."""

    async def announce(self, claim: Claim, *, number: str, actor: str) -> Case:
        """Announce a return."""

    async def match(self, key: int, arrived: Arrived, *, actor: str) -> Case:
        """Settle a case at an office."""

    async def decide(self, key: int, *, accept: bool, note: str, actor: str) -> Case:
        """Accept or refuse a case."""

    async def case(self, key: int) -> Case | None:
        """Return a case."""

    async def page(self, state: str = "", after: int = 0, limit: int = PAGE) -> list[Case]:
        """Return cases."""

    async def account(self, list_number: str) -> list[AccountLine]:
        """Return the account of a list."""


class ReturnPages:
    """The routes of returns; times in seconds."""

    def __init__(
        self, returns: Desk | None, deciders: Collection[str], *, body_seconds: float, pause_seconds: float
    ) -> None:
        """Take the returns, if the node has rules for them, and the submitters that may use them."""
        self._returns = returns
        self._deciders = deciders
        self._times = {"body_seconds": body_seconds, "pause_seconds": pause_seconds}

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [
            web.get("/v1/returns", self.page),
            web.post("/v1/returns", self.announce),
            web.get("/v1/returns/accounts/{list}", self.account),
            web.get("/v1/returns/{case}", self.case),
            web.post("/v1/returns/{case}/match", self.match),
            web.post("/v1/returns/{case}/decision", self.decide),
        ]

    async def page(self, request: web.Request) -> web.Response:
        """Return a page of cases; `after` is the number of the last one of the page before.

        Raises:
            InputError: the state is empty, or the number is none.
        """
        returns, _ = self._there(request)
        after = case_number(request.query.get("after", "0"))
        state = request.query.get("state")
        if state == "":
            raise bad("state", "a state of a case, or nothing said of it", "")
        return _json([mask_case(one) for one in await returns.page(state or "", after)])

    async def case(self, request: web.Request) -> web.Response:
        """Return one case."""
        returns, _ = self._there(request)
        found = await returns.case(case_number(request.match_info["case"]))
        if found is None:
            raise web.HTTPNotFound
        return _json(mask_case(found))

    async def account(self, request: web.Request) -> web.Response:
        """Return the account of a list, line by line."""
        returns, _ = self._there(request)
        return _json(await returns.account(request.match_info["list"]))

    async def announce(self, request: web.Request) -> web.Response:
        """Announce a return."""
        returns, actor = self._there(request)
        said = await self._read(request, Application)
        if isinstance(said, web.Response):
            return said
        number = check_text("number", said.number, LONGEST_NUMBER)
        case = await returns.announce(said.claim, number=number, actor=actor)
        return _json(mask_case(case), 201)

    async def match(self, request: web.Request) -> web.Response:
        """Settle a case at an office."""
        returns, actor = self._there(request)
        said = await self._read(request, Arrived)
        if isinstance(said, web.Response):
            return said
        check_text("office", said.office, LONGEST_NUMBER)
        key = case_number(request.match_info["case"])
        return _json(mask_case(await returns.match(key, said, actor=actor)))

    async def decide(self, request: web.Request) -> web.Response:
        """Accept a waiting case, or refuse a case."""
        returns, actor = self._there(request)
        said = await self._read(request, Decision)
        if isinstance(said, web.Response):
            return said
        note = check_text("note", said.note, LONGEST_NOTE)
        key = case_number(request.match_info["case"])
        return _json(mask_case(await returns.decide(key, accept=said.accept, note=note, actor=actor)))

    def _there(self, request: web.Request) -> tuple[Desk, str]:
        """Return the returns and who asks.

        Raises:
            PolicyRefusal: the operator has not named the submitter.
        """
        if self._returns is None:
            raise web.HTTPNotFound
        submitter: str = request[SUBMITTER]
        if submitter not in self._deciders:
            raise PolicyRefusal(f"{submitter} has no returns", (finding("RETURN-NOT-ALLOWED"),))
        return self._returns, submitter

    async def _read(self, request: web.Request, kind: type[T]) -> T | web.Response:
        """Return the body as a record, or the problem with its size."""
        body = await read_body(request, LARGEST_ACT, **self._times)
        return body if isinstance(body, web.Response) else read(body, kind)


def _json(answer: Any, status: int = 200) -> web.Response:
    """Return passive records as JSON."""
    return web.Response(status=status, body=msgspec.json.encode(answer), content_type="application/json")
