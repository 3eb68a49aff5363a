# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""An identity provider on this machine whose every word a test can twist."""

import asyncio
import base64
import hashlib
import itertools
import time
from urllib.parse import parse_qs, urlsplit

from aiohttp import web
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from gateway.config import Oidc

CLIENT = "console"


class HostileProvider:
    """A provider that does all that is right until it is told otherwise."""

    def __init__(self):
        self.key = ECKey.generate_key("P-256", {"kid": "first"})
        self.published = [self.key]
        self.header = {"alg": "ES256", "kid": "first"}
        self.claims = {"groups": ["duty"]}
        self.without = ()
        self.forge = None  # makes the token of header and claims
        self.description = {}
        self.padding = 0
        self.status = 200
        self.seconds = 0.0
        self.compress = False
        self.asked = []
        self.came = asyncio.Semaphore(0)  # one for each question
        self.codes = {}
        self.numbers = itertools.count()
        self.runner = None
        self.url = ""

    async def __aenter__(self):
        application = web.Application(middlewares=[self._note])
        application.add_routes(
            [
                web.get("/.well-known/openid-configuration", self._describe),
                web.get("/keys", self._keys),
                web.post("/token", self._token),
                web.get("/elsewhere", self._describe),
            ]
        )
        self.runner = web.AppRunner(application, shutdown_timeout=0.1)
        await self.runner.setup()
        site = web.TCPSite(self.runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{site.port}"
        return self

    async def __aexit__(self, *_error):
        await self.runner.cleanup()

    def settings(self, **changes):
        """Return the settings of a gateway that trusts this provider."""
        usual = {
            "issuer": self.url,
            "client_id": CLIENT,
            "console": "http://127.0.0.1:7480",
            "roles": {"operator": ("duty",), "auditor": ("audit",)},
            "loopback": True,
            "timeout_seconds": 2.0,
        }
        return Oidc(**(usual | changes))

    def agree(self, address):
        """Let the person agree at the address to which a browser was sent; return state and code."""
        wish = {name: one for name, (one,) in parse_qs(urlsplit(address).query).items()}
        assert (wish["response_type"], wish["code_challenge_method"]) == ("code", "S256")
        code = f"code-{next(self.numbers)}"
        self.codes[code] = wish
        return wish["state"], code

    @web.middleware
    async def _note(self, request, handler):
        self.asked.append(request.path)
        self.came.release()
        await asyncio.sleep(self.seconds)
        answer = await handler(request)
        if self.compress:
            answer.enable_compression(web.ContentCoding.gzip)
        return answer

    async def _describe(self, request):
        if self.status == 302 and request.path != "/elsewhere":
            raise web.HTTPFound("/elsewhere")
        usual = {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "padding": "x" * self.padding,
        }
        return web.json_response(usual | self.description, status=200 if self.status == 302 else self.status)

    async def _keys(self, _request):
        return web.json_response(KeySet(self.published).as_dict(private=False))

    async def _token(self, request):
        form = await request.post()
        wish = self.codes.pop(str(form["code"]), None)
        proof = base64.urlsafe_b64encode(hashlib.sha256(str(form["code_verifier"]).encode()).digest())
        if wish is None or proof.rstrip(b"=").decode() != wish["code_challenge"]:
            return web.json_response({"error": "invalid_grant"}, status=400)
        assert form["redirect_uri"] == wish["redirect_uri"]
        now = int(time.time())
        usual = {
            "iss": self.url,
            "sub": "wang.li",
            "aud": CLIENT,
            "exp": now + 300,
            "iat": now,
            "nonce": wish["nonce"],
        }
        claims = {name: one for name, one in (usual | self.claims).items() if name not in self.without}
        token = self.forge(self.header, claims) if self.forge else jwt.encode(self.header, claims, self.key)
        return web.json_response({"access_token": "unused", "token_type": "Bearer", "id_token": token})
