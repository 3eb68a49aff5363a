# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""A partner without a gateway on a real port: takes posts, grants tokens, and does wrong what it is told to.

`script` holds what it does with the next posts, one entry each; without one it takes the post.
"""

import asyncio
import base64
import contextlib
import hashlib
import hmac
import json
import ssl
import time
import urllib.error
import urllib.request
from dataclasses import dataclass

from aiohttp import web

SECRET = bytes(range(32))
SECRET_TEXT = "whsec_" + base64.b64encode(SECRET).decode()
CLIENT, CLIENT_SECRET, SCOPE = "gateway-cn", "not a real secret %&", "ead.write"
HUGE = 1 << 20


@dataclass
class Posted:
    """One post as it came."""

    headers: dict
    body: bytes
    peer: str


class Partner:
    """The server of the partner; an async context."""

    def __init__(self, *, tls: ssl.SSLContext | None = None, oauth: bool = False):
        self.posts: list[Posted] = []
        self.script: list[str] = []
        self.tokens: list[str] = []
        self.forms: list[dict] = []
        self.token_faults: list[str] = []
        self.elsewhere = 0
        self._tls = tls
        self._oauth = oauth

    async def __aenter__(self):
        application = web.Application(client_max_size=1 << 24)
        application.router.add_post("/ead", self._take)
        application.router.add_post("/token", self._grant)
        application.router.add_route("*", "/elsewhere", self._elsewhere)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=self._tls)
        await site.start()
        self.port = site._server.sockets[0].getsockname()[1]
        scheme, host = ("https", "localhost") if self._tls else ("http", "127.0.0.1")
        self.base = f"{scheme}://{host}:{self.port}"
        self.url, self.token_url = f"{self.base}/ead", f"{self.base}/token"
        return self

    async def __aexit__(self, *_):
        await self._runner.cleanup()

    @property
    def keys(self):
        """The idempotency keys that came, in order."""
        return [one.headers["Idempotency-Key"] for one in self.posts]

    async def _take(self, request):
        body = await request.read()
        names = request.transport.get_extra_info("peercert") if self._tls else None
        subject = dict(one[0] for one in names["subject"]) if names else {}
        self.posts.append(Posted(dict(request.headers), body, subject.get("organizationName", "")))
        if self._oauth:
            given = request.headers.get("Authorization", "")
            if not self.tokens or given != f"Bearer {self.tokens[-1]}":
                return web.Response(status=401, text="no such token")
        fault = self.script.pop(0) if self.script else ""
        return await self._answer(fault, body)

    async def _answer(self, fault, body):
        name, _, detail = fault.partition(" ")
        taken = json.dumps({"taken": hashlib.sha256(body).hexdigest()})
        match name:
            case "status":
                number, _, later = detail.partition(" ")
                headers = {"Retry-After": later} if later else {}
                return web.Response(status=int(number), text="so it is", headers=headers)
            case "redirect":
                return web.Response(status=302, headers={"Location": f"{self.base}/elsewhere"})
            case "slow":
                await asyncio.sleep(float(detail))
            case "huge":
                return web.Response(body=b"x" * HUGE)
            case "digest":
                wrong = base64.b64encode(bytes(32)).decode()
                return web.Response(text=taken, headers={"Content-Digest": f"sha-256=:{wrong}:"})
            case "cookie":
                return web.Response(text=taken, headers={"Set-Cookie": "who=you"})
            case "forget":
                self.tokens.append("another")
        right = base64.b64encode(hashlib.sha256(taken.encode()).digest()).decode()
        return web.Response(
            status=202,
            text=taken,
            content_type="application/json",
            headers={"Content-Digest": f"sha-256=:{right}:", "X-Request-Id": "r-17"},
        )

    async def _grant(self, request):
        self.forms.append({"authorization": request.headers["Authorization"], **await request.post()})
        fault = self.token_faults.pop(0) if self.token_faults else ""
        if fault == "refused":
            return web.json_response({"error": "invalid_client"}, status=401)
        if fault == "form":
            return web.json_response({"token": "in the wrong place"})
        self.tokens.append(f"token-{len(self.tokens)}")
        return web.json_response(
            {"access_token": self.tokens[-1], "token_type": "Bearer", "expires_in": 3600}
        )

    async def _elsewhere(self, _request):
        self.elsewhere += 1
        return web.Response()


def signed(key, body, *, at=None, secret=SECRET, signed_key=None):
    """Return the headers of a post signed with a shared secret."""
    stamp = str(int(time.time() if at is None else at))
    words = f"{key if signed_key is None else signed_key}.{stamp}.".encode() + body
    value = base64.b64encode(hmac.digest(secret, words, "sha256")).decode()
    return {"webhook-id": key, "webhook-timestamp": stamp, "webhook-signature": f"v1,{value}"}


def post(url, body, headers):
    """Post and return status, headers and body, whatever the status."""
    request = urllib.request.Request(url, data=body, headers=headers, method="POST")
    with contextlib.ExitStack() as stack:
        try:
            reply = stack.enter_context(urllib.request.urlopen(request, timeout=20))
        except urllib.error.HTTPError as error:
            reply = stack.enter_context(error)
        return reply.status, reply.headers, reply.read()


def message(*records, number="m1"):
    """Return an ead_json message of items."""
    frame = {"ead_json": 1, "sender": "Customs of Northmark", "message_id": number}
    return json.dumps({**frame, "records": [{"kind": "item", **one} for one in records]}).encode()


def item(number, destination, **more):
    """Return a record about an item."""
    data = {
        "tracking_number": f"RX{number:08d}{check_digit(number)}CN",
        "destination_country": destination,
        "addressee": {"name": "A. Example"},
    }
    return {"data": {**data, **more}}


def check_digit(number):
    """Return the check digit of a serial number (UPU S10)."""
    total = sum(
        int(one) * weight for one, weight in zip(f"{number:08d}", (8, 6, 4, 2, 3, 5, 9, 7), strict=True)
    )
    rest = 11 - total % 11
    return {10: 0, 11: 5}.get(rest, rest)


def tracking(number):
    """Return the tracking number of an item."""
    return f"RX{number:08d}{check_digit(number)}CN"
