# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""GET /v1/events: that something has changed, as server-sent events (WHATWG HTML 9.2), or once as JSON.

An event says that and not what: who is told asks again for what it shows. A stream lives for a bounded time,
and one whose reader does not read is ended.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any, Protocol

import msgspec
from aiohttp import web

from gateway.web.boards import json_answer

STREAM_SECONDS = 900.0
WRITE_SECONDS = 10.0
AGAIN_MS = 2000


class Changes(Protocol):
    """What has changed (`exchange.changes`)."""

    async def now(self) -> Any:
        """Return the state of this moment."""

    def require_room(self) -> None:
        """Refuse another listener if as many listen as may."""

    def listen(self, known: str = "") -> AsyncIterator[Any]:
        """Yield the state whenever it changes."""


class EventPages:
    """The route of events."""

    def __init__(
        self,
        changes: Changes | None,
        *,
        stream_seconds: float = STREAM_SECONDS,
        write_seconds: float = WRITE_SECONDS,
    ) -> None:
        """Take what has changed; times in seconds."""
        self._changes = changes
        self._stream_seconds = stream_seconds
        self._write_seconds = write_seconds

    def routes(self) -> list[web.RouteDef]:
        """Return the route."""
        return [web.get("/v1/events", self.events)]

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Return the state once, or as a stream to who accepts one."""
        if self._changes is None:
            raise web.HTTPNotFound
        if "text/event-stream" not in request.headers.get("Accept", ""):
            return json_answer(await self._changes.now())
        self._changes.require_room()
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        listening: Any = self._changes.listen(request.headers.get("Last-Event-ID", "")[:64])
        async with aclosing(listening):
            try:
                async with asyncio.timeout(self._stream_seconds):
                    await self._write(response, f"retry: {AGAIN_MS}\n\n")
                    async for change in listening:
                        await self._write(response, _event(change))
            except (TimeoutError, ConnectionError):
                response.force_close()
        return response

    async def _write(self, response: web.StreamResponse, text: str) -> None:
        """Write, and give up on who does not read."""
        async with asyncio.timeout(self._write_seconds):
            await response.write(text.encode())


def _event(change: Any) -> str:
    """Return a change as an event, what is none as a comment that keeps the connection open."""
    if not change.changed:
        return ": quiet\n\n"
    return f"id: {change.state}\nevent: change\ndata: {msgspec.json.encode(change).decode()}\n\n"
