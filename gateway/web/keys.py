# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""/v1/access/keys: administrators make and revoke keys; auditors see which there are."""

from typing import Any, Protocol

import msgspec
from aiohttp import web

from gateway.admission.keys import PAGE, USUAL_DAYS, Key, Made
from gateway.errors import InputError
from gateway.finding import finding
from gateway.web.access import SUBMITTER
from gateway.web.body import read_body

LARGEST = 16 * 1024
_DIGITS = 19


class Keys(Protocol):
    """The keys (`admission.keys`)."""

    async def make(self, name: str, roles: list[str], days: int = USUAL_DAYS, *, actor: str) -> Made:
        """Make a key."""

    async def revoke(self, number: str, *, actor: str) -> Key:
        """Revoke a key."""

    async def page(self, after: int = 0, limit: int = PAGE) -> list[Key]:
        """Return keys."""


class _Wish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The key that somebody wants made."""

    name: str
    roles: list[str]
    days: int = USUAL_DAYS


class KeyPages:
    """The routes of keys; times in seconds."""

    def __init__(self, keys: Keys | None, *, body_seconds: float, pause_seconds: float) -> None:
        """Take the keys, if there are any."""
        self._keys = keys
        self._times = {"body_seconds": body_seconds, "pause_seconds": pause_seconds}

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [
            web.get("/v1/access/keys", self.page),
            web.post("/v1/access/keys", self.make),
            web.post("/v1/access/keys/{number}/revocation", self.revoke),
        ]

    async def page(self, request: web.Request) -> web.Response:
        """Return a page of keys; `after` is the number of the last one of the page before.

        Raises:
            InputError: `after` is no number.
        """
        after = request.query.get("after", "0")
        if not (after.isascii() and after.isdecimal() and len(after) < _DIGITS):
            raise InputError("no number", (finding("ACCESS-FORM", path="after", expected="a number"),))
        return _json(await self._there().page(int(after)))

    async def make(self, request: web.Request) -> web.Response:
        """Make a key; the answer is the only place where it is told.

        Raises:
            InputError: the body is no wish for a key, or it cannot be had.
        """
        keys, actor = self._there(), request[SUBMITTER]
        body = await read_body(request, LARGEST, **self._times)
        if isinstance(body, web.Response):
            return body
        try:
            wish = msgspec.json.decode(body, type=_Wish)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            found = finding("ACCESS-FORM", expected='{"name": "...", "roles": ["..."], "days": 365}')
            raise InputError("no wish for a key", (found,)) from None
        return _json(await keys.make(wish.name, wish.roles, wish.days, actor=actor), 201)

    async def revoke(self, request: web.Request) -> web.Response:
        """Revoke a key."""
        return _json(await self._there().revoke(request.match_info["number"], actor=request[SUBMITTER]))

    def _there(self) -> Keys:
        """Return the keys."""
        if self._keys is None:
            raise web.HTTPNotFound
        return self._keys


def _json(answer: Any, status: int = 200) -> web.Response:
    """Return passive records as JSON."""
    return web.Response(status=status, body=msgspec.json.encode(answer), content_type="application/json")
