# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""/v1/dead-letters: what stopped on its way. Reading is for every submitter, replay for those named."""

from collections.abc import Collection
from typing import Any, Protocol

import msgspec
from aiohttp import web

from gateway.errors import InputError
from gateway.finding import finding
from gateway.web.boards import json_answer, operator, paging
from gateway.web.body import read_body

LARGEST = 16 * 1024
BODY_SECONDS, PAUSE_SECONDS = 60.0, 10.0


class DeadLetters(Protocol):
    """The dead letters (`exchange.dead_letters`)."""

    async def groups(self) -> Any:
        """Return the newest dead letters by what stopped them."""

    async def letters(self, kind: str, code: str, partner: str, *, after: str, limit: int) -> Any:
        """Return a page of the dead letters of a kind."""

    async def replay(self, letter: str, reason: str, *, actor: str) -> Any:
        """Try again what a dead letter is about."""


class _Why(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why something is tried again."""

    reason: str


class LetterPages:
    """The routes of dead letters; `operators` are the submitters that may replay."""

    def __init__(self, letters: DeadLetters | None, operators: Collection[str]) -> None:
        """Take the dead letters, if there are any."""
        self._letters = letters
        self._operators = operators

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [
            web.get("/v1/dead-letters", self.groups),
            web.get("/v1/dead-letters/items", self.page),
            web.post("/v1/dead-letters/{id}/replay", self.replay),
        ]

    async def groups(self, _request: web.Request) -> web.Response:
        """Return the newest dead letters by what stopped them."""
        return json_answer(await self._there().groups())

    async def page(self, request: web.Request) -> web.Response:
        """Return a page of the dead letters of a kind."""
        kind, code, partner = (request.query.get(name, "") for name in ("kind", "code", "partner"))
        return json_answer(await self._there().letters(kind, code, partner, **paging(request)))

    async def replay(self, request: web.Request) -> web.Response:
        """Try again what a dead letter is about.

        Raises:
            PolicyRefusal: the operator has not named the submitter.
            InputError: the body gives no reason.
        """
        letters, actor = self._there(), operator(request, self._operators)
        body = await read_body(request, LARGEST, body_seconds=BODY_SECONDS, pause_seconds=PAUSE_SECONDS)
        if isinstance(body, web.Response):
            return body
        try:
            why = msgspec.json.decode(body, type=_Why)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            found = finding("DEAD-LETTER-REASON", path="reason", expected='{"reason": "..."}')
            raise InputError("no reason", (found,)) from None
        return json_answer(await letters.replay(request.match_info["id"], why.reason, actor=actor))

    def _there(self) -> DeadLetters:
        """Return the dead letters."""
        if self._letters is None:
            raise web.HTTPNotFound
        return self._letters
