# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Items for operators: search, the timeline of one, and the proof of its records."""

import asyncio
import re
from collections.abc import Sequence
from typing import Any, Protocol

from aiohttp import web

from gateway.errors import InputError
from gateway.evidence import Bundle, write_bundle
from gateway.finding import finding
from gateway.web.boards import json_answer, paging

_NUMBER = re.compile(r"[1-9][0-9]{0,3}", re.ASCII)


class Search(Protocol):
    """The search (`exchange.search`)."""

    async def search(self, words: str, *, after: str, limit: int) -> Any:
        """Return a page of what bears the words."""


class Timelines(Protocol):
    """The timelines (`trade.timeline`)."""

    async def timeline(self, number: str) -> Any:
        """Return everything about a number."""


class Bundles(Protocol):
    """The proofs (`exchange.evidence`)."""

    async def of(self, tracking_number: str) -> Sequence[Bundle]:
        """Return a bundle for every record of an item."""


class ItemPages:
    """The routes of items."""

    def __init__(self, search: Search | None, timelines: Timelines | None, bundles: Bundles | None) -> None:
        """Take the doors; a node without them finds nothing."""
        self._search = search
        self._timelines = timelines
        self._bundles = bundles

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [
            web.get("/v1/items", self.search),
            web.get("/v1/items/{tracking}/trace", self.trace),
            web.get("/v1/items/{tracking}/bundle", self.bundle),
        ]

    async def search(self, request: web.Request) -> web.Response:
        """Return a page of what bears the words."""
        if self._search is None:
            raise web.HTTPNotFound
        return json_answer(await self._search.search(request.query.get("q", ""), **paging(request)))

    async def trace(self, request: web.Request) -> web.Response:
        """Return everything that happened to an item."""
        found = await self._timelines.timeline(request.match_info["tracking"]) if self._timelines else None
        if found is None:
            raise web.HTTPNotFound
        return json_answer(found)

    async def bundle(self, request: web.Request) -> web.Response:
        """Return the proof of one record of an item, the newest one if none is asked for.

        Raises:
            InputError: the record asked for is no number.
        """
        wanted = request.query.get("record")
        if wanted is not None and not _NUMBER.fullmatch(wanted):
            found = finding("BOARD-QUESTION", path="record", expected="1, 2 ...")
            raise InputError("no number of a record", (found,))
        made = await self._bundles.of(request.match_info["tracking"]) if self._bundles else ()
        number = int(wanted or len(made))
        if not 0 < number <= len(made):
            raise web.HTTPNotFound
        chosen = made[number - 1]
        body = await asyncio.to_thread(write_bundle, chosen)
        # A tracking number is personal data, so it names no file.
        name = f"evidence-{chosen.log.index}.json"
        return web.Response(
            body=body,
            content_type="application/json",
            headers={
                "Content-Disposition": f'attachment; filename="{name}"',
                "X-Gateway-Records": str(len(made)),
            },
        )
