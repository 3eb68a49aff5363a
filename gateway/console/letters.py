# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Dead letters: what stopped on its way, by what stopped it, and the act that tries it again."""

from typing import Any
from urllib.parse import quote, urlencode

from aiohttp import web

from gateway.console.api import Api
from gateway.console.rendering import Pages, go_to
from gateway.console.views import needed, needed_findings

GROUP = ("kind", "code", "partner")


class Letters:
    """The pages of dead letters."""

    def __init__(self, api: Api, pages: Pages) -> None:
        """Take the interface and the templates."""
        self._api = api
        self._pages = pages

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [
            web.get("/dead-letters", self.groups),
            web.get("/dead-letters/items", self.items),
            web.post("/dead-letters/{letter}/replay", self.replay),
        ]

    async def groups(self, request: web.Request) -> web.Response:
        """Show what stopped, grouped."""
        return self._pages.show(
            request, "dead", groups=needed(await self._api.get(request, "/v1/dead-letters"))
        )

    async def items(self, request: web.Request) -> web.Response:
        """Show the dead letters of a group."""
        return await self._items(request, told=())

    async def replay(self, request: web.Request) -> web.Response:
        """Try a dead letter again, for the reason that the reader gives."""
        form = await request.post()
        path = f"/v1/dead-letters/{quote(request.match_info['letter'], safe='')}/replay"
        reply = await self._api.post(request, path, {"reason": str(form.get("reason", ""))})
        if not reply.good:
            return await self._items(request, told=needed_findings(reply, also=(403, 404)))
        done = {"done": str(reply.body.get("code", ""))}
        group = {name: request.query.get(name, "") for name in GROUP}
        return go_to(f"/console/dead-letters/items?{urlencode(group | done)}")

    async def _items(self, request: web.Request, *, told: Any) -> web.Response:
        """Show a group with what was said of the last act."""
        given = {name: request.query.get(name, "") for name in (*GROUP, "after")}
        found = needed(await self._api.get(request, "/v1/dead-letters/items", **given))
        return self._pages.show(request, "letters", found=found, told=told, group=given)
