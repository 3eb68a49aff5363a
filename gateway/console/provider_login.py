# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Log in through a provider: the way there, and the way back.

The cookie of a login must come along when the provider sends the browser back, so it is `SameSite=Lax`; it is
good for this login alone. The session is kept `Strict`, which a browser does not send where another site has
led it: the way back is therefore a page of our own that goes on by itself.
"""

from typing import Final

from aiohttp import web

from gateway.console.api import Api, Reply
from gateway.console.guard import MISSING
from gateway.console.kept import keep
from gateway.console.login import START
from gateway.console.rendering import Pages, go_to

PLAIN: Final = "gateway_login"
SECURE: Final = f"__Host-{PLAIN}"
SECONDS: Final = 600
LONGEST: Final = 4096
REASONS: Final = {
    "ACCESS-OIDC-ROLE": "role",
    "ACCESS-OIDC-AWAY": "away",
    "ACCESS-OIDC-BUSY": "busy",
    "ACCESS-LOCKED": "busy",
}


class ProviderLogin:
    """The pages of a login through a provider; `by_tls` says how browsers reach this console."""

    def __init__(self, api: Api, pages: Pages, *, by_tls: bool) -> None:
        """Take the interface that knows the provider."""
        self._api = api
        self._pages = pages
        self._by_tls = by_tls

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [web.get("/provider", self.go), web.get("/provider/return", self.come_back)]

    async def go(self, request: web.Request) -> web.Response:
        """Send the browser to the provider."""
        reply = await self._api.post(request, "/v1/access/logins")
        if not reply.good:
            return self._failed(request, reply)
        response = go_to(reply.body["address"])
        response.set_cookie(
            self._cookie(),
            reply.body["secret"],
            path="/" if self._by_tls else "/console",
            max_age=SECONDS,
            httponly=True,
            samesite="Lax",
            secure=self._by_tls,
        )
        return response

    async def come_back(self, request: web.Request) -> web.Response:
        """Begin the session of who comes from the provider; what the browser kept is used up."""
        given = {name: request.query.get(name, "")[:LONGEST] for name in ("state", "code")}
        kept = request.cookies.get(self._cookie(), "")[:LONGEST]
        reply = await self._api.post(request, "/v1/access/logins/use", {"secret": kept, **given})
        if reply.good:
            response = self._pages.show(request, "entered", start=START)
            response.headers["Refresh"] = f"0; url={START}"
            keep(request, response, reply.body["secret"], by_tls=self._by_tls)
        else:
            response = self._failed(request, reply)
        path = "/" if self._by_tls else "/console"
        response.del_cookie(self._cookie(), path=path, secure=self._by_tls, httponly=True, samesite="Lax")
        return response

    def _cookie(self) -> str:
        """Return the name of the cookie."""
        return SECURE if self._by_tls else PLAIN

    def _failed(self, request: web.Request, reply: Reply) -> web.Response:
        """Say why nobody is let in, and show the other ways."""
        if reply.status == MISSING:
            raise web.HTTPNotFound
        findings = reply.body.get("findings", ()) if isinstance(reply.body, dict) else ()
        codes = [one["code"] for one in findings]
        reason = next((REASONS[one] for one in codes if one in REASONS), "refused")
        return self._pages.show(request, "login", reply.status, failed=False, provider_failed=reason)
