# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Items for operators: search, the timeline of one, its persons, and the proof of its records.

What may name a person is masked, but where an entry in the log says who saw it.
"""

import asyncio
import re
from collections.abc import Sequence
from typing import Any, Protocol

import msgspec
from aiohttp import web

from gateway.errors import InputError
from gateway.evidence import Bundle, write_bundle
from gateway.finding import finding
from gateway.trade.masking import mask_timeline
from gateway.trade.timeline import Timeline
from gateway.web.access import SUBMITTER
from gateway.web.boards import json_answer, paging
from gateway.web.body import read_body

LARGEST = 16 * 1024
BODY_SECONDS, PAUSE_SECONDS = 60.0, 10.0
_NUMBER = re.compile(r"[1-9][0-9]{0,3}", re.ASCII)


class Search(Protocol):
    """The search (`exchange.search`)."""

    async def search(self, words: str, *, after: str, limit: int) -> Any:
        """Return a page of what bears the words."""


class Timelines(Protocol):
    """The timelines (`trade.timeline`)."""

    async def timeline(self, number: str) -> Timeline | None:
        """Return everything about a number."""


class Bundles(Protocol):
    """The proofs (`exchange.evidence`)."""

    async def of(self, tracking_number: str) -> Sequence[Bundle]:
        """Return a bundle for every record of an item."""


class Reveals(Protocol):
    """Where it is entered that persons are shown (`admission.reveal`)."""

    async def show(self, about: str, reason: str, *, actor: str) -> int:
        """Enter that somebody sees the persons of a record."""

    async def hand_out(self, about: str, *, actor: str) -> int:
        """Enter that somebody fetches a proof."""


class _Why(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why somebody must see the persons of an item."""

    reason: str


class ItemPages:
    """The routes of items."""

    def __init__(
        self,
        search: Search | None,
        timelines: Timelines | None,
        bundles: Bundles | None,
        reveals: Reveals | None,
    ) -> None:
        """Take the doors; a node without them finds nothing, and shows nobody where it cannot be entered."""
        self._search = search
        self._timelines = timelines
        self._bundles = bundles
        self._reveals = reveals

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [
            web.get("/v1/items", self.search),
            web.get("/v1/items/{tracking}/trace", self.trace),
            web.post("/v1/items/{tracking}/reveal", self.reveal),
            web.get("/v1/items/{tracking}/bundle", self.bundle),
        ]

    async def search(self, request: web.Request) -> web.Response:
        """Return a page of what bears the words."""
        if self._search is None:
            raise web.HTTPNotFound
        return json_answer(await self._search.search(request.query.get("q", ""), **paging(request)))

    async def trace(self, request: web.Request) -> web.Response:
        """Return everything that happened to an item, persons masked."""
        return json_answer(mask_timeline(await self._timeline(request)))

    async def reveal(self, request: web.Request) -> web.Response:
        """Return everything that happened to an item, with its persons, once that is entered in the log.

        Raises:
            InputError: the body gives no reason.
        """
        body = await read_body(request, LARGEST, body_seconds=BODY_SECONDS, pause_seconds=PAUSE_SECONDS)
        if isinstance(body, web.Response):
            return body
        try:
            why = msgspec.json.decode(body, type=_Why)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            found = finding("ACCESS-REASON", path="reason", expected='{"reason": "..."}')
            raise InputError("no reason", (found,)) from None
        timeline = await self._timeline(request)
        await self._enters().show(_named(timeline), why.reason, actor=request[SUBMITTER])
        return json_answer(timeline)

    async def bundle(self, request: web.Request) -> web.Response:
        """Return the proof of one record of an item, the newest one if none is asked for, and enter that.

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
        origin = chosen.log.checkpoint.partition("\n")[0]
        await self._enters().hand_out(f"{origin} {chosen.log.index}", actor=request[SUBMITTER])
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

    async def _timeline(self, request: web.Request) -> Timeline:
        """Return everything about the number that is asked for."""
        found = await self._timelines.timeline(request.match_info["tracking"]) if self._timelines else None
        if found is None:
            raise web.HTTPNotFound
        return found

    def _enters(self) -> Reveals:
        """Return where it is entered."""
        if self._reveals is None:
            raise web.HTTPNotFound
        return self._reveals


def _named(timeline: Timeline) -> str:
    """Name a timeline by our number of its item, or by the places of what partners sent."""
    if timeline.trace is not None:
        return f"item {timeline.trace.item_id}"
    return "received " + " ".join(f"{one.channel}/{one.sequence}/{one.position}" for one in timeline.received)
