# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Ask the public HTTP interface of this node, with the credentials of whoever looks.

The questions go to the very address at which the page was asked for, so that a page shows what its reader may
see and nothing else.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from aiohttp import ClientResponse, ClientSession, ClientTimeout, web

from gateway.console.kept import kept

SECONDS = 30.0
MOST_BYTES = 32 * 1024 * 1024
REFUSED = 400


@dataclass(frozen=True, slots=True)
class Reply:
    """What the interface answered; `body` is read JSON, `raw` the bytes."""

    status: int
    body: Any
    raw: bytes
    headers: Mapping[str, str]

    @property
    def good(self) -> bool:
        """Say whether it is an answer rather than a problem."""
        return self.status < REFUSED


class Api:
    """The interface of this node; `close` once."""

    def __init__(self, tell: Callable[[web.Request], Mapping[str, str]] = lambda _: {}) -> None:
        """Take what tells the interface for whom it is asked, in headers."""
        self._tell = tell
        self._session: ClientSession | None = None

    async def get(self, request: web.Request, path: str, **query: str) -> Reply:
        """Ask for what stands at a path, as the reader of the page."""
        given = {name: value for name, value in query.items() if value}
        return await self._ask(request, "GET", path, params=given)

    async def post(
        self, request: web.Request, path: str, body: object = None, *, token: str = "", **query: str
    ) -> Reply:
        """Act, as the reader of the page, or as who holds a token."""
        raw = msgspec.json.encode(body)
        return await self._ask(request, "POST", path, token=token, data=raw, params=query)

    async def close(self) -> None:
        """End the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _ask(
        self, request: web.Request, method: str, path: str, *, token: str = "", **given: Any
    ) -> Reply:
        """Ask at the address at which the request came in."""
        if self._session is None:
            self._session = ClientSession(timeout=ClientTimeout(total=SECONDS))
        where = request.transport.get_extra_info("sockname") if request.transport is not None else None
        if where is None:
            raise web.HTTPBadRequest
        host = f"[{where[0]}]" if ":" in where[0] else where[0]
        answer = await self._session.request(
            method,
            f"http://{host}:{where[1]}{path}",
            headers={**credentials(request, token), **self._tell(request)},
            allow_redirects=False,
            **given,
        )
        async with answer:
            raw = await _whole(answer)
            body = msgspec.json.decode(raw) if "json" in answer.content_type and raw else None
            return Reply(answer.status, body, raw, answer.headers)


async def _whole(answer: ClientResponse) -> bytes:
    """Return the whole body of an answer, however many pieces it comes in.

    Raises:
        HTTPBadGateway: it is larger than any page can be.
    """
    raw = bytearray()
    async for piece in answer.content.iter_any():
        raw += piece
        if len(raw) > MOST_BYTES:
            raise web.HTTPBadGateway
    return bytes(raw)


def credentials(request: web.Request, token: str = "") -> dict[str, str]:
    """Return the headers that say who asks: a token, what the browser sent, or the session in its cookie."""
    headers = {"Host": request.headers.get("Host", ""), "Content-Type": "application/json"}
    held = token or kept(request)
    said = request.headers.get("Authorization", "") if not token else ""
    said = said or (f"Bearer {held}" if held else "")
    return headers | ({"Authorization": said} if said else {})
