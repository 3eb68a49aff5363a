# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""/v1/access/logins: what the console asks to let in a person for whom a provider vouches."""

from typing import Protocol

import msgspec
from aiohttp import web

from gateway.admission import Begun, Opened
from gateway.errors import InputError, PolicyRefusal, VerificationError
from gateway.finding import finding
from gateway.web.access import ADDRESS
from gateway.web.body import read_body
from gateway.web.problems import problem

LARGEST = 16_384
BODY_SECONDS, PAUSE_SECONDS = 20.0, 10.0


class ProviderLogin(Protocol):
    """The logins (`admission.provider_login`)."""

    async def begin(self, address: str) -> Begun:
        """Begin a login from an address."""

    async def finish(self, kept: str, state: str, code: str, address: str) -> Opened:
        """Begin the session of who comes back from the provider."""

    async def farewell(self) -> str:
        """Return where a browser goes to log out there too, empty if there is no such place."""


class _Return(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the browser kept, and what it brings from the provider."""

    secret: str
    state: str
    code: str


class ProviderLoginPages:
    """The routes of logins through a provider."""

    def __init__(self, logins: ProviderLogin | None) -> None:
        """Take the logins, if there are any."""
        self._logins = logins

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [
            web.post("/v1/access/logins", self.begin),
            web.post("/v1/access/logins/use", self.finish),
        ]

    async def begin(self, request: web.Request) -> web.Response:
        """Begin a login."""
        return _json(await self._there().begin(request[ADDRESS]))

    async def finish(self, request: web.Request) -> web.Response:
        """Begin the session of who comes back.

        Raises:
            InputError: the body is not what a browser brings.
        """
        logins = self._there()
        body = await read_body(request, LARGEST, body_seconds=BODY_SECONDS, pause_seconds=PAUSE_SECONDS)
        if isinstance(body, web.Response):
            return body
        try:
            given = msgspec.json.decode(body, type=_Return)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            found = finding("ACCESS-FORM", expected='{"secret": "...", "state": "...", "code": "..."}')
            raise InputError("no login", (found,)) from None
        try:
            return _json(await logins.finish(given.secret, given.state, given.code, request[ADDRESS]))
        except (PolicyRefusal, VerificationError) as error:
            return problem(401, error.findings, close=True)

    def _there(self) -> ProviderLogin:
        """Return the logins."""
        if self._logins is None:
            raise web.HTTPNotFound
        return self._logins


def _json(made: Begun | Opened) -> web.Response:
    """Return what was made as JSON."""
    return web.Response(status=201, body=msgspec.json.encode(made), content_type="application/json")
