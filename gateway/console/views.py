# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The pages that look: board, lists behind its numbers, search, what is known of an item, statistics."""

import json
from collections.abc import Collection
from typing import Any
from urllib.parse import quote

from aiohttp import web

from gateway.console.api import Api, Reply
from gateway.console.guard import Refused
from gateway.console.rendering import Pages

BY = (
    "month,direction,mode",
    "day",
    "month",
    "direction",
    "mode",
    "currency",
    "country",
    "office",
    "chapter",
    "band",
)


class Views:
    """Pages that change nothing; one of them has an entry made in the log."""

    def __init__(self, api: Api, pages: Pages) -> None:
        """Take the interface and the templates."""
        self._api = api
        self._pages = pages

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [
            web.get("/board", self.board),
            web.get("/partners/{partner}/items", self.items),
            web.get("/waiting", self.waiting),
            web.get("/waiting/items", self.waiting_items),
            web.get("/search", self.search),
            web.get("/items/{tracking}", self.item),
            web.post("/items/{tracking}", self.reveal),
            web.get("/items/{tracking}/proof", self.proof),
            web.get("/statistics", self.statistics),
        ]

    async def board(self, request: web.Request) -> web.Response:
        """Show how it stands with every partner."""
        return self._pages.show(request, "board", board=needed(await self._api.get(request, "/v1/board")))

    async def items(self, request: web.Request) -> web.Response:
        """Show the list behind a number of the board."""
        partner, state = request.match_info["partner"], request.query.get("state", "waiting")
        path = f"/v1/partners/{quote(partner, safe='')}/items"
        found = needed(await self._api.get(request, path, state=state, after=request.query.get("after", "")))
        return self._pages.show(request, "items", found=found, partner=partner, state=state)

    async def waiting(self, request: web.Request) -> web.Response:
        """Show what waits, grouped by what is missing."""
        return self._pages.show(
            request, "waiting", groups=needed(await self._api.get(request, "/v1/waiting"))
        )

    async def waiting_items(self, request: web.Request) -> web.Response:
        """Show the items of one group."""
        given = {name: request.query.get(name, "") for name in ("channel", "missing", "after")}
        found = needed(await self._api.get(request, "/v1/waiting/items", **given))
        return self._pages.show(request, "items", found=found, partner=given["channel"], state="waiting")

    async def search(self, request: web.Request) -> web.Response:
        """Show what the words of the reader lead to."""
        words, after = request.query.get("q", "").strip(), request.query.get("after", "")
        if not words:
            return self._pages.show(request, "search", words="", found=None, told=())
        reply = await self._api.get(request, "/v1/items", q=words, after=after)
        found, told = (reply.body, ()) if reply.good else (None, needed_findings(reply))
        return self._pages.show(request, "search", words=words, found=found, told=told)

    async def item(self, request: web.Request) -> web.Response:
        """Show everything that is known of a number, persons masked."""
        return await self._item(request, told=())

    async def reveal(self, request: web.Request) -> web.Response:
        """Show it with its persons this once, for the reason that the reader gives."""
        reason = str((await request.post()).get("reason", ""))
        reply = await self._api.post(request, f"/v1/items/{tracking_of(request)}/reveal", {"reason": reason})
        if not reply.good:
            return await self._item(request, told=needed_findings(reply, also=(403,)))
        return self._pages.show(request, "item", found=reply.body, told=())

    async def _item(self, request: web.Request, *, told: Any) -> web.Response:
        """Show a number with what was said of the last act."""
        found = needed(await self._api.get(request, f"/v1/items/{tracking_of(request)}/trace"))
        return self._pages.show(request, "item", found=found, told=told)

    async def proof(self, request: web.Request) -> web.Response:
        """Hand out the proof of a record, as the interface gives it."""
        record = request.query.get("record", "")
        reply = await self._api.get(request, f"/v1/items/{tracking_of(request)}/bundle", record=record)
        needed(reply)
        headers = {"Content-Disposition": reply.headers.get("Content-Disposition", "attachment")}
        return web.Response(body=reply.raw, content_type="application/json", headers=headers)

    async def statistics(self, request: web.Request) -> web.Response:
        """Show the figures of the statistics, and draw those of days and months."""
        given = {name: request.query.get(name, "") for name in ("by", "from", "to", "direction")}
        given["by"] = given["by"] if given["by"] in BY else BY[0]
        reply = await self._api.get(request, "/v1/statistics", **given)
        found = reply.body if reply.good else {}
        told = () if reply.good else needed_findings(reply)
        return self._pages.show(
            request, "statistics", found=found, told=told, choices=BY, given=given, plot=plot_of(found)
        )


def tracking_of(request: web.Request) -> str:
    """Return the number that a path names, as a part of another path."""
    return quote(request.match_info["tracking"], safe="")


def needed(reply: Reply) -> Any:
    """Return what was answered.

    Raises:
        Refused: it is a problem.
    """
    if not reply.good:
        raise Refused(reply)
    return reply.body


def needed_findings(reply: Reply, also: Collection[int] = ()) -> list[dict[str, Any]]:
    """Return the findings of a refusal that the page itself shows, those of the states in `also` too.

    Raises:
        Refused: it is one that no other question would mend.
    """
    found = reply.body.get("findings", []) if isinstance(reply.body, dict) else []
    if reply.status in {401, 403, 404} - {*also} or not found:
        raise Refused(reply)
    return list(found)


def plot_of(found: dict[str, Any]) -> str:
    """Return rows as data of a drawing: a label, items and value for each row."""
    rows = [one for one in found.get("rows", ()) if one["by"]]
    return json.dumps(
        {
            "labels": [" ".join(str(value) for value in one["by"].values()) for one in rows],
            "items": [one["items"] for one in rows],
            "value": [float(one["converted"]) for one in rows],
        }
    )
