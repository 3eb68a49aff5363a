# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""POST /v1/messages: one raw message in, the format's own acknowledgement out.

The body is read with a limit and a time limit before anything is accepted, and handed on as it came: intake
decompresses, within its own limits.
"""

from typing import Protocol

from aiohttp import web

from gateway.config import IntakeLimits
from gateway.exchange.intake import Busy
from gateway.fairness import Places
from gateway.finding import finding
from gateway.web.access import SUBMITTER
from gateway.web.body import read_body
from gateway.web.problems import problem

ENCODINGS = {"": "", "identity": "", "gzip": "gzip", "zstd": "zstd"}


class Submission(Protocol):
    """What intake answers."""

    @property
    def id(self) -> int:
        """The id under which the message is kept."""

    @property
    def outcome(self) -> str:
        """Accepted, partial, refused or repeated."""

    @property
    def documents(self) -> int:
        """How many documents the message holds."""

    @property
    def accepted(self) -> int:
        """How many documents were accepted."""

    @property
    def acknowledgement(self) -> bytes:
        """The format's own acknowledgement."""

    @property
    def content_type(self) -> str:
        """The media type of the acknowledgement."""


class Intake(Protocol):
    """The first step of the way (`exchange.intake`)."""

    async def submit(
        self, raw: bytes, *, source: str, submitter: str, adapter: str = "", encoding: str = ""
    ) -> Submission:
        """Take one message; the same bytes again get the same answer."""


class Messages:
    """The intake route; `body_seconds` bounds a whole body, `pause_seconds` a gap in it."""

    def __init__(
        self, intake: Intake, limits: IntakeLimits, *, body_seconds: float = 60.0, pause_seconds: float = 10.0
    ) -> None:
        self._intake = intake
        self._limits = limits
        self._body_seconds = body_seconds
        self._pause_seconds = pause_seconds
        self._places = Places(limits.max_in_flight)

    async def post(self, request: web.Request) -> web.Response:
        """Read, submit, answer."""
        encoding = ENCODINGS.get(request.headers.get("Content-Encoding", "").strip().lower())
        if encoding is None:
            answer = problem(
                415, (finding("INTAKE-ENCODING", path="Content-Encoding", expected="gzip, zstd"),), close=True
            )
            answer.headers["Accept-Encoding"] = "gzip, zstd"
            return answer
        party = request[SUBMITTER]
        if not self._places.take(party):
            raise Busy(self._places.pause(party))
        try:
            body = await read_body(
                request,
                self._limits.max_compressed_bytes if encoding else self._limits.max_bytes,
                body_seconds=self._body_seconds,
                pause_seconds=self._pause_seconds,
            )
            if isinstance(body, web.Response):
                return body
            done = await self._intake.submit(
                body,
                source="http",
                submitter=party,
                adapter=request.query.get("adapter", ""),
                encoding=encoding,
            )
        finally:
            self._places.give(party)
        refused = done.outcome == "refused" or (done.outcome == "repeated" and not done.accepted)
        return web.Response(
            status=422 if refused else 200,
            body=done.acknowledgement,
            headers={
                "Content-Type": done.content_type,
                "X-Gateway-Outcome": done.outcome,
                "X-Gateway-Message": str(done.id),
                "X-Gateway-Documents": str(done.documents),
                "X-Gateway-Accepted": str(done.accepted),
            },
        )
