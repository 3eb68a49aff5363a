# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""POST /v1/webhook/{organisation}: a partner without a gateway posts a message in its own format.

No bearer token: the signature is the proof of who posts (`envelope.posted` has the scheme). Answers the
format's own acknowledgement, with our signed receipt in the header `Gateway-Receipt-1`, `-2` ...
"""

from base64 import b64encode
from typing import Protocol

from aiohttp import web

from gateway.config import IntakeLimits
from gateway.envelope.posted import unauthorised
from gateway.errors import InputError, VerificationError
from gateway.exchange.intake import RETRY_SECONDS, Busy
from gateway.exchange.webhook import Answer, Post, TooOften
from gateway.finding import finding
from gateway.web.body import read_body
from gateway.web.problems import problem

PATH = "/v1/webhook/"
# A receipt with its signatures is longer than many clients let one header be.
PIECE = 4000
REFUSED_BYTES = 4 * 1024 * 1024


class Taker(Protocol):
    """The step that takes posts (`exchange.webhook`)."""

    def max_bytes(self, partner: str) -> int:
        """Return how large a post may be."""

    async def take(self, partner: str, post: Post) -> Answer:
        """Take one post."""


class NoPartners:
    """The step of a node that has no partner without a gateway."""

    def max_bytes(self, _partner: str) -> int:
        """Return how much of a post is read before it is refused."""
        return REFUSED_BYTES

    async def take(self, _partner: str, _post: Post) -> Answer:
        """Refuse."""
        raise unauthorised()


class WebhookPosts:
    """The route of these partners; `body_seconds` bounds a whole body, `pause_seconds` a gap in it."""

    def __init__(
        self, taker: Taker, limits: IntakeLimits, *, body_seconds: float, pause_seconds: float
    ) -> None:
        """Take the step; as many posts as messages may be read at one time."""
        self._taker = taker
        self._limits = limits
        self._body_seconds = body_seconds
        self._pause_seconds = pause_seconds
        self._open = 0

    def routes(self) -> list[web.RouteDef]:
        """Return the route."""
        return [web.post(f"{PATH}{{organisation}}", self.post)]

    async def post(self, request: web.Request) -> web.Response:
        """Read, take, answer."""
        if request.headers.get("Content-Encoding", "identity").lower() != "identity":
            return problem(415, (finding("WEBHOOK-ENCODING", path="Content-Encoding"),), close=True)
        if self._open >= self._limits.max_in_flight:
            raise Busy(RETRY_SECONDS)
        self._open += 1
        try:
            return await self._taken(request)
        finally:
            self._open -= 1

    async def _taken(self, request: web.Request) -> web.Response:
        """Return the answer to one post."""
        partner = request.match_info["organisation"]
        body = await read_body(
            request,
            self._taker.max_bytes(partner),
            body_seconds=self._body_seconds,
            pause_seconds=self._pause_seconds,
        )
        if isinstance(body, web.Response):
            return body
        headers = request.headers
        post = Post(
            key=headers.get("webhook-id", ""),
            timestamp=headers.get("webhook-timestamp", ""),
            signature=headers.get("webhook-signature", ""),
            body=body,
        )
        try:
            answer = await self._taker.take(partner, post)
        except VerificationError as error:
            refused = problem(401, error.findings, close=True)
            refused.headers["WWW-Authenticate"] = "Webhook-Signature"
            return refused
        except TooOften as error:
            refused = problem(429, error.findings)
            refused.headers["Retry-After"] = str(error.retry_seconds)
            return refused
        except InputError as error:
            return problem(409, error.findings)
        status = 200 if answer.accepted else 422
        response = web.Response(
            status=status, body=answer.body, headers={"Content-Type": answer.content_type}
        )
        response.headers["X-Gateway-Message"] = str(answer.message)
        text = b64encode(answer.receipt).decode()
        for number, start in enumerate(range(0, len(text), PIECE), 1):
            response.headers[f"Gateway-Receipt-{number}"] = text[start : start + PIECE]
        return response
