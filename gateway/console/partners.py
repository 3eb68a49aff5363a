# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Partners with certificates, agreements and the way to them; logs and whether they hold; quality of data."""

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from aiohttp import web

from gateway.console.api import Api
from gateway.console.rendering import Pages, go_to
from gateway.console.views import needed, needed_findings

ENTRIES = 50
LONGEST_INDEX = 15


class Partners:
    """Pages of partners, logs and quality."""

    def __init__(self, api: Api, pages: Pages) -> None:
        """Take the interface and the templates."""
        self._api = api
        self._pages = pages

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [
            web.get("/partners", self.partners),
            web.get("/partners/{partner}", self.partner),
            web.post("/partners/{partner}/test", self.test),
            web.get("/logs", self.logs),
            web.get("/logs/{partner}", self.log),
            web.get("/quality", self.quality),
        ]

    async def partners(self, request: web.Request) -> web.Response:
        """Show all partners, and our own certificates."""
        found = needed(await self._api.get(request, "/v1/partners"))
        rows = [(one, soonest(one["certificates"]["keys"])) for one in found["partners"]]
        return self._pages.show(request, "partners", found=found, rows=rows)

    async def partner(self, request: web.Request) -> web.Response:
        """Show what is known of one partner."""
        return await self._partner(request, told=())

    async def test(self, request: web.Request) -> web.Response:
        """Test the way to a partner, layer by layer."""
        reply = await self._api.post(request, f"/v1/partners/{named(request)}/test")
        if not reply.good:
            return await self._partner(request, told=needed_findings(reply, also=(403,)))
        return go_to(f"/console/partners/{named(request)}#test")

    async def logs(self, request: web.Request) -> web.Response:
        """Show how every log stands."""
        return self._pages.show(request, "logs", rows=needed(await self._api.get(request, "/v1/log")))

    async def log(self, request: web.Request) -> web.Response:
        """Show whether a log of ours holds, its signed checkpoint, and its entries."""
        path = f"/v1/log/{named(request)}"
        start = request.query.get("start", "")
        first = int(start) if start.isascii() and start.isdigit() and len(start) < LONGEST_INDEX else 0
        check = needed(await self._api.get(request, f"{path}/verify"))
        rows = needed(await self._api.get(request, f"{path}/entries", start=str(first), limit=str(ENTRIES)))
        following = first + ENTRIES if len(rows) == ENTRIES else 0
        return self._pages.show(request, "log", check=check, rows=rows, following=following)

    async def quality(self, request: web.Request) -> web.Response:
        """Show the figures of a month of postal data of a partner."""
        given = {name: request.query.get(name, "") for name in ("partner", "month", "direction")}
        known = needed(await self._api.get(request, "/v1/partners"))
        names = [one["partner"] for one in known["partners"]]
        given["month"] = given["month"] or datetime.now(UTC).strftime("%Y-%m")
        found, told, plot = None, [], ""
        if given["partner"]:
            reply = await self._api.get(request, "/v1/quality", **given)
            told = [] if reply.good else needed_findings(reply)
            found = reply.body if reply.good else None
            plot = plot_of(found) if found else ""
        return self._pages.show(
            request, "quality", found=found, told=told, given=given, names=names, plot=plot
        )

    async def _partner(self, request: web.Request, *, told: Any) -> web.Response:
        """Show a partner with what was said of the last act."""
        one = needed(await self._api.get(request, f"/v1/partners/{named(request)}"))
        return self._pages.show(request, "partner", one=one, told=told)


def named(request: web.Request) -> str:
    """Return the partner that a path names, as a part of another path."""
    return quote(request.match_info["partner"], safe="")


def soonest(keys: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the key that ends first of those that are good; nothing if none is."""
    return min((one for one in keys if one["state"] == "good"), key=lambda one: one["days_left"], default={})


def plot_of(found: dict[str, Any]) -> str:
    """Return the days of a month as data of a drawing: announced and moved."""
    days = sorted(found["days"].items())
    return json.dumps(
        {
            "labels": [day for day, _ in days],
            "items": [both[0] for _, both in days],
            "value": [both[1] for _, both in days],
        }
    )
