# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""/v1/access/sessions: what the console asks to let a person in and out."""

from typing import Protocol

import msgspec
from aiohttp import web

from gateway.access import Caller
from gateway.admission.sessions import Opened
from gateway.errors import InputError, PolicyRefusal
from gateway.finding import finding
from gateway.web.access import CALLER, bearer
from gateway.web.body import read_body
from gateway.web.problems import problem
from gateway.web.provider_login import ProviderLogin

LARGEST = 1024
BODY_SECONDS, PAUSE_SECONDS = 20.0, 10.0


class Sessions(Protocol):
    """The sessions (`admission.sessions`)."""

    async def begin(self, caller: Caller, token: str) -> Opened:
        """Begin a session of who holds a key or a token."""

    async def end(self, token: str) -> bool:
        """End a session; say whether it began with the word of a provider."""

    async def use(self, link: str) -> Opened:
        """Begin the session of a link."""


class _Ended(msgspec.Struct, frozen=True):
    """Where the browser goes to log out at the provider too."""

    address: str


class _Link(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The link that somebody has."""

    link: str


class SessionPages:
    """The routes of sessions."""

    def __init__(self, sessions: Sessions | None, logins: ProviderLogin | None = None) -> None:
        """Take the sessions and the provider of logins, if there are any."""
        self._sessions = sessions
        self._logins = logins

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [
            web.post("/v1/access/sessions", self.begin),
            web.post("/v1/access/sessions/end", self.end),
            web.post("/v1/access/links/use", self.use),
        ]

    async def begin(self, request: web.Request) -> web.Response:
        """Begin a session of the caller."""
        return _json(await self._there().begin(request[CALLER], bearer(request)))

    async def end(self, request: web.Request) -> web.Response:
        """End the session whose token this is; another token ends nothing."""
        vouched = await self._there().end(bearer(request))
        address = await self._logins.farewell() if vouched and self._logins is not None else ""
        return _json(_Ended(address), 200) if address else web.Response(status=204)

    async def use(self, request: web.Request) -> web.Response:
        """Begin the session of a link.

        Raises:
            InputError: the body names no link.
        """
        sessions = self._there()
        body = await read_body(request, LARGEST, body_seconds=BODY_SECONDS, pause_seconds=PAUSE_SECONDS)
        if isinstance(body, web.Response):
            return body
        try:
            given = msgspec.json.decode(body, type=_Link)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            found = finding("ACCESS-FORM", expected='{"link": "..."}')
            raise InputError("no link", (found,)) from None
        try:
            return _json(await sessions.use(given.link))
        except PolicyRefusal as error:
            return problem(401, error.findings, close=True)

    def _there(self) -> Sessions:
        """Return the sessions."""
        if self._sessions is None:
            raise web.HTTPNotFound
        return self._sessions


def _json(told: Opened | _Ended, status: int = 201) -> web.Response:
    """Return what was opened or ended as JSON."""
    return web.Response(status=status, body=msgspec.json.encode(told), content_type="application/json")
