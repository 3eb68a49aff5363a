# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""An identity provider on this machine whose every word a test can twist."""

import asyncio
import base64
import hashlib
import itertools
import ssl
import threading
import time
from contextlib import contextmanager
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

from aiohttp import web
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from gateway.clock import system_clock
from gateway.config import Oidc
from gateway.envelope.issue import write_keys

CLIENT = "console"


def directory_keys(folder):
    """Make keys of a directory that have authorities of their own: good, for another host, and ended."""
    now = system_clock()
    write_keys(folder / "good", "directory", now, hosts=("localhost",))
    write_keys(folder / "other", "directory", now, hosts=("id.example",))
    write_keys(folder / "ended", "directory", now - timedelta(days=500), hosts=("localhost",))
    return folder


def shown(folder):
    """Return how a server shows the TLS certificate of a folder of keys."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "tls.pem", folder / "tls.key")
    return context


@contextmanager
def beside(provider):
    """Run a provider beside a test that has no loop of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(provider.__aenter__(), loop).result(10)
        yield provider
    finally:
        asyncio.run_coroutine_threadsafe(_end(provider), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _end(provider):
    """Stop a provider, with what it has not answered."""
    await provider.__aexit__()
    rest = [one for one in asyncio.all_tasks() if one is not asyncio.current_task()]
    for one in rest:
        one.cancel()
    await asyncio.gather(*rest, return_exceptions=True)
    await asyncio.sleep(0.02)  # connections that are being closed are let go of by the loop, a turn later


class HostileProvider:
    """A provider that does all that is right until it is told otherwise."""

    def __init__(self, tls=None, host="127.0.0.1"):
        self.tls = tls  # how it shows itself by TLS, under a name
        self.host = host
        self.scheme = "http"  # of its address where it has no TLS
        self.ending = ""  # of the issuer in the description
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
        site = web.TCPSite(self.runner, "127.0.0.1", 0, ssl_context=self.tls)
        await site.start()
        self.url = f"{'https' if self.tls else self.scheme}://{self.host}:{site.port}"
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
            "issuer": self.url + self.ending,
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
