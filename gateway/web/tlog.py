# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The logs as static files (C2SP tlog-tiles), and the witness (C2SP tlog-witness), over plain HTTP.

`GET /tlog/<us>/<partner>/checkpoint` and `GET /tlog/<us>/<partner>/tile/...`; `POST /tlog/add-checkpoint`.
A log about a partner is read by that partner, with its own token, and by this node's own side; for everybody
else it does not exist. Full tiles never change and may be kept for ever, by private caches only.
"""

import asyncio
import re
from typing import Protocol

from aiohttp import web

from gateway.audit.note import MAX_NOTE_BYTES
from gateway.audit.tiles import TILE_WIDTH, parse_path
from gateway.audit.witness import Outcome
from gateway.errors import VerificationError
from gateway.exchange.log_ports import Tiles
from gateway.exchange.witness import Answer
from gateway.finding import finding
from gateway.web.access import READER
from gateway.web.body import read_body
from gateway.web.problems import problem

CHECKPOINT = "checkpoint"
SIZE_TYPE = "text/x.tlog.size"
BODY_SECONDS, PAUSE_SECONDS = 20.0, 10.0
_LONG = "private, max-age=31536000, immutable"
_SHORT = "private, max-age=60"
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]|\.(?!\.))*", re.ASCII)
_REFUSALS = {
    Outcome.BAD_REQUEST: 400,
    Outcome.BAD_SIGNATURE: 403,
    Outcome.UNKNOWN_LOG: 404,
    Outcome.BAD_PROOF: 422,
}


class Witness(Protocol):
    """What cosigns (`exchange.witness`)."""

    async def add_checkpoint(self, partner: str, raw: bytes) -> Answer:
        """Answer an add-checkpoint request."""


class LogFiles:
    """The routes of the logs of one organisation."""

    def __init__(self, organisation: str, tiles: Tiles, witness: Witness) -> None:
        """Take the doors."""
        self._organisation = organisation
        self._tiles = tiles
        self._witness = witness

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [
            web.get("/tlog/{us}/{partner}/{path:.+}", self.file),
            web.post("/tlog/add-checkpoint", self.add_checkpoint),
        ]

    async def file(self, request: web.Request) -> web.Response:
        """Return the checkpoint or a tile; what may not be read is not found."""
        us, partner, path = (request.match_info[name] for name in ("us", "partner", "path"))
        reader = request.get(READER, "")
        if us != self._organisation or not _NAME.fullmatch(partner) or reader not in ("", partner):
            raise web.HTTPNotFound
        try:
            full = path != CHECKPOINT and parse_path(path).width == TILE_WIDTH
            content = await asyncio.to_thread(self._tiles.read, f"{us}/{partner}", path)
        except VerificationError as error:
            raise web.HTTPNotFound from error
        if content is None:
            raise web.HTTPNotFound
        if path == CHECKPOINT:
            return web.Response(body=content, content_type="text/plain", charset="utf-8")
        headers = {"Cache-Control": _LONG if full else _SHORT}
        return web.Response(body=content, content_type="application/octet-stream", headers=headers)

    async def add_checkpoint(self, request: web.Request) -> web.Response:
        """Cosign a checkpoint of the reader's own log, if it is proved to continue the last one."""
        partner = request.get(READER, "")
        if not partner:
            raise web.HTTPNotFound
        raw = await read_body(
            request, 2 * MAX_NOTE_BYTES, body_seconds=BODY_SECONDS, pause_seconds=PAUSE_SECONDS
        )
        if isinstance(raw, web.Response):
            return raw
        answer = await self._witness.add_checkpoint(partner, raw)
        if answer.line:
            return web.Response(body=answer.line, content_type="text/plain", charset="utf-8")
        if answer.outcome in _REFUSALS:
            return problem(_REFUSALS[answer.outcome], answer.findings or (finding("WEB-REQUEST"),))
        return web.Response(status=409, body=f"{answer.size}\n".encode(), content_type=SIZE_TYPE)
