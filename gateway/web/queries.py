# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""GET routes: what became of an item, what came in, how the node is, what a finding code means."""

import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

import msgspec
from aiohttp import web

from gateway.errors import InputError
from gateway.exchange.query import ReceivedRecord, Trace
from gateway.finding import catalogue, finding
from gateway.trade.masking import mask_received, mask_trace
from gateway.web.access import CALLER
from gateway.web.description import description

REFERRAL_STATES = ("open", "answered", "released", "blocked", "erased")
PAGE = 1000
_NUMBER = re.compile(r"[0-9]{1,18}", re.ASCII)


class Query(Protocol):
    """The read side of the way (`exchange.query`)."""

    async def trace(self, tracking_number: str) -> Trace | None:
        """Return everything known of an item, or nothing."""

    async def trace_for(self, tracking_number: str, submitter: str) -> Any:
        """Return what the messages of a submitter did, or nothing."""

    async def received(self, tracking_number: str) -> Sequence[ReceivedRecord]:
        """Return what partners sent about an item, or nothing."""

    async def referrals(self, tracking_number: str) -> Any:
        """Return the referrals about an item."""

    async def referrals_in(self, state: str, after: int, limit: int) -> Any:
        """Return the referrals in a state with an id above `after`."""

    async def status(self) -> Any:
        """Return channels and their state."""

    async def ledger(self) -> Any:
        """Return the counts that must add up."""


class Queries:
    """The reading routes; `ready` says whether the node takes work, `metrics` renders its figures."""

    def __init__(
        self, query: Query, *, ready: Callable[[], bool], metrics: Callable[[], Awaitable[bytes]]
    ) -> None:
        self._query = query
        self._ready = ready
        self._metrics = metrics

    async def item(self, request: web.Request) -> web.Response:
        """Trace an item, persons masked; a submitter sees only what its own messages did."""
        caller, number = request[CALLER], request.match_info["tracking"]
        if caller.may("items.read"):
            found = await self._query.trace(number)
            return _found(found and mask_trace(found))
        return _found(await self._query.trace_for(number, caller.name))

    async def received(self, request: web.Request) -> web.Response:
        """Return what partners sent about an item, persons masked."""
        found = await self._query.received(request.match_info["tracking"])
        return _found([mask_received(one) for one in found])

    async def item_referrals(self, request: web.Request) -> web.Response:
        """Return what authorities ask about an item, an empty list if nothing."""
        return _json(await self._query.referrals(request.match_info["tracking"]))

    async def referrals(self, request: web.Request) -> web.Response:
        """Return a page of the referrals in a state; `after` is the id of the last one of the page before.

        Raises:
            InputError: there is no such state, or the id is no number.
        """
        state, after = request.query.get("state", "open"), request.query.get("after", "0")
        for path, fits, expected in (
            ("state", state in REFERRAL_STATES, ", ".join(REFERRAL_STATES)),
            ("after", bool(_NUMBER.fullmatch(after)), "the id of the last one of the page before"),
        ):
            if not fits:
                raise InputError("no such page", (finding("BOARD-QUESTION", path=path, expected=expected),))
        return _json(await self._query.referrals_in(state, int(after), PAGE))

    async def status(self, _request: web.Request) -> web.Response:
        """Return the state of the node."""
        return _json(await self._query.status())

    async def ledger(self, _request: web.Request) -> web.Response:
        """Return the ledger."""
        return _json(await self._query.ledger())

    async def error(self, request: web.Request) -> web.Response:
        """Explain a finding code."""
        return _found(catalogue().get(request.match_info["code"]))

    async def openapi(self, _request: web.Request) -> web.Response:
        """Return the description of this interface."""
        return web.Response(body=description(), content_type="application/json")

    async def healthz(self, _request: web.Request) -> web.Response:
        """Say that the process answers."""
        return _json({"status": "alive"})

    async def readyz(self, _request: web.Request) -> web.Response:
        """Say whether the node takes work."""
        ready = self._ready()
        return _json({"status": "ready" if ready else "not ready"}, status=200 if ready else 503)

    async def metrics(self, _request: web.Request) -> web.Response:
        """Return figures in the Prometheus text format."""
        return web.Response(
            body=await self._metrics(), headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"}
        )


def _found(answer: Any) -> web.Response:
    """Return what was found, or not found."""
    if not answer:
        raise web.HTTPNotFound
    return _json(answer)


def _json(answer: Any, status: int = 200) -> web.Response:
    """Return any passive record as JSON."""
    return web.Response(status=status, body=msgspec.json.encode(answer), content_type="application/json")
