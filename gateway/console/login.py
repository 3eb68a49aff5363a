# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Log in with a key, a token or a link; the browser keeps a session, where no script can read it."""

from aiohttp import web

from gateway.console.api import Api, Reply
from gateway.console.guard import UNAUTHORISED
from gateway.console.kept import forget, keep, kept
from gateway.console.rendering import Pages, go_to

START = "/console/board"
LONGEST = 512
# The answer to the end of a session that says where to log out too.
TOLD = 200


class Login:
    """The pages that take a key or a link, and the way out."""

    def __init__(self, api: Api, pages: Pages) -> None:
        """Take the interface that knows whether a key is good."""
        self._api = api
        self._pages = pages

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [
            web.get("/login", self.show),
            web.post("/login", self.login),
            web.get("/enter", self.ask),
            web.post("/enter", self.enter),
            web.post("/logout", self.leave),
        ]

    async def show(self, request: web.Request) -> web.Response:
        """Ask for the key."""
        return self._pages.show(request, "login", failed=False)

    async def login(self, request: web.Request) -> web.Response:
        """Begin the session of a key that the interface takes."""
        token = str((await request.post()).get("token", "")).strip()
        if not 0 < len(token) <= LONGEST or not (token.isascii() and token.isprintable()):
            return self._pages.show(request, "login", UNAUTHORISED, failed=True)
        reply = await self._api.post(request, "/v1/access/sessions", token=token)
        return self._begun(request, reply, "login")

    async def ask(self, request: web.Request) -> web.Response:
        """Ask whether to use a link: what looks ahead at addresses must not use it up."""
        return self._pages.show(request, "enter", failed=False, link=request.query.get("link", ""))

    async def enter(self, request: web.Request) -> web.Response:
        """Begin the session of a link, which is used up."""
        link = str((await request.post()).get("link", ""))[:LONGEST]
        reply = await self._api.post(request, "/v1/access/links/use", {"link": link})
        return self._begun(request, reply, "enter", link="")

    async def leave(self, request: web.Request) -> web.Response:
        """End the session, here and in the browser."""
        reply = await self._api.post(request, "/v1/access/sessions/end") if kept(request) else None
        if reply is not None and reply.status == TOLD:
            # A form may not lead to another site (`form-action`), so a page of our own goes on by itself.
            where = reply.body["address"]
            response = self._pages.show(request, "left", address=where, form_token="")
            response.headers["Refresh"] = f"0; url={where}"
        else:
            response = go_to("/console/login")
        forget(response)
        return response

    def _begun(self, request: web.Request, reply: Reply, page: str, **values: str) -> web.Response:
        """Let the browser keep a session that was begun, or say that there is none."""
        if not reply.good:
            return self._pages.show(request, page, UNAUTHORISED, failed=True, **values)
        response = go_to(START)
        keep(request, response, reply.body["secret"])
        return response
