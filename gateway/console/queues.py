# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The queues: what authorities ask, and goods that come back, with the acts that settle them."""

from typing import Any
from urllib.parse import quote

from aiohttp import web

from gateway.console.api import Api
from gateway.console.guard import Refused
from gateway.console.rendering import Pages, go_to
from gateway.console.views import needed, needed_findings

MISSING = 404
REFERRAL_STATES = ("open", "answered", "released", "blocked")
RETURN_STATES = ("", "announced", "waiting", "drawn", "refused", "withdrawn")


class Queues:
    """Pages of what waits for a person."""

    def __init__(self, api: Api, pages: Pages) -> None:
        """Take the interface and the templates."""
        self._api = api
        self._pages = pages

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [
            web.get("/referrals", self.referrals),
            web.get("/returns", self.returns),
            web.get("/returns/{case}", self.case),
            web.post("/returns/{case}", self.decide),
        ]

    async def referrals(self, request: web.Request) -> web.Response:
        """Show the referrals in a state."""
        state = request.query.get("state", "open")
        found = needed(
            await self._api.get(request, "/v1/referrals", state=state, after=request.query.get("after", ""))
        )
        return self._pages.show(request, "referrals", rows=found, state=state, states=REFERRAL_STATES)

    async def returns(self, request: web.Request) -> web.Response:
        """Show cases of returns; a node without rules for them says so."""
        state = request.query.get("state", "")
        reply = await self._api.get(request, "/v1/returns", state=state, after=request.query.get("after", ""))
        if reply.status != MISSING and not reply.good:
            raise Refused(reply)
        rows = reply.body if reply.good else None
        return self._pages.show(request, "returns", rows=rows, state=state, states=RETURN_STATES)

    async def case(self, request: web.Request) -> web.Response:
        """Show one case."""
        return await self._case(request, told=())

    async def decide(self, request: web.Request) -> web.Response:
        """Accept or refuse a case, for the reason that the reader gives."""
        form = await request.post()
        said = {"accept": form.get("accept") == "yes", "note": str(form.get("note", ""))}
        path = f"/v1/returns/{quote(request.match_info['case'], safe='')}/decision"
        reply = await self._api.post(request, path, said)
        if reply.good:
            return go_to(request.path)
        return await self._case(request, told=needed_findings(reply))

    async def _case(self, request: web.Request, *, told: Any) -> web.Response:
        """Show a case with what was said of the last act."""
        path = f"/v1/returns/{quote(request.match_info['case'], safe='')}"
        return self._pages.show(request, "case", case=needed(await self._api.get(request, path)), told=told)
