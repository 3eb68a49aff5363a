# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Ask a provider who somebody is: authorization code flow with PKCE (OpenID Connect Core 1.0, RFC 7636).

It is asked by TLS, no redirect is followed, answers are short and soon, and what it publishes is believed for
an hour. Neither codes, tokens nor the secret are ever logged or put into an error.
"""

import asyncio
import ssl
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote_plus, urlencode, urlsplit

import aiohttp
import msgspec
from joserfc.jwk import KeySet

from gateway.client.address import is_safe
from gateway.client.id_token import UnknownKey, read_keys, refused, verify
from gateway.config import Oidc
from gateway.errors import ConfigError, TryLater
from gateway.finding import finding

OK, FAULT = 200, 500
FRESH_SECONDS: Final = 3600.0
REFETCH_SECONDS: Final = 60.0
MOST_AT_ONCE: Final = 8
RETURN: Final = "/console/provider/return"


class Away(TryLater):
    """The provider does not answer as it should."""

    def __init__(self, actual: str) -> None:
        """Say what came instead, in a few words that hold no secret."""
        super().__init__("the identity provider does not answer")
        self.findings = (finding("ACCESS-OIDC-AWAY", actual=actual),)


class _Described(msgspec.Struct, frozen=True):
    """What is read of a provider's description (OpenID Connect Discovery 1.0, section 3)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)


class _Answered(msgspec.Struct, frozen=True):
    """What is read of an answer of the token endpoint; the access token is not used."""

    id_token: str


class IdentityProvider:
    """One provider, and this gateway as its client."""

    def __init__(
        self,
        settings: Oidc,
        *,
        secret: str,
        clock: Callable[[], datetime],
        trust: ssl.SSLContext | None = None,
    ) -> None:
        """Take settings and the secret, empty for a public client; `trust` for authorities of one's own.

        Raises:
            ConfigError: an address may not be asked.
        """
        for name, url in (("issuer", settings.issuer), ("console", settings.console)):
            if not _may(url, loopback=settings.loopback):
                raise ConfigError(
                    f"http.oidc.{name} must be https, or on this machine with http.oidc.loopback"
                )
        if not settings.client_id:
            raise ConfigError("http.oidc.client_id is empty")
        self._settings = settings
        self._secret = secret
        self._clock = clock
        self._trust: ssl.SSLContext | bool = trust if trust is not None else True
        self._described: tuple[float, _Described] | None = None
        self._keys: tuple[float, KeySet] | None = None
        self._turns = asyncio.Semaphore(MOST_AT_ONCE)
        self._return = settings.console.rstrip("/") + RETURN

    async def address(self, *, state: str, nonce: str, challenge: str) -> str:
        """Return where a browser goes to log in.

        Raises:
            TryLater: the provider does not answer.
        """
        async with self._turn() as session:
            described = await self._description(session)
        wish = {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "redirect_uri": self._return,
            "scope": self._settings.scope,
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        joint = "&" if urlsplit(described.authorization_endpoint).query else "?"
        return described.authorization_endpoint + joint + urlencode(wish)

    async def claims(self, code: str, *, verifier: str, nonce: str) -> Mapping[str, Any]:
        """Return the verified claims about who came back with a code.

        Raises:
            VerificationError: the provider refuses the code, or its token is not good.
            TryLater: the provider does not answer.
        """
        async with self._turn() as session:
            described = await self._description(session)
            token = await self._exchange(session, described, code, verifier)
            try:
                return self._verified(token, await self._key_set(session, described, FRESH_SECONDS), nonce)
            except UnknownKey:
                keys = await self._key_set(session, described, REFETCH_SECONDS)
                return self._verified(token, keys, nonce)

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[aiohttp.ClientSession]:
        """Give a connection for all that one login asks; of too many at one time the last come again."""
        if self._turns.locked():
            raise Away("too many logins at one time")
        session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=self._trust),
            headers={"Accept": "application/json", "Accept-Encoding": "identity"},
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
        )
        try:
            async with self._turns, session, asyncio.timeout(self._settings.timeout_seconds):
                yield session
        except TimeoutError as error:
            raise Away("no answer") from error

    async def _description(self, session: aiohttp.ClientSession) -> _Described:
        """Return the provider's description, which must be its own and name addresses that may be asked."""
        now = self._clock().timestamp()
        if self._described is not None and 0 <= now - self._described[0] < FRESH_SECONDS:
            return self._described[1]
        issuer = self._settings.issuer
        raw = await self._get(session, issuer.rstrip("/") + "/.well-known/openid-configuration")
        try:
            found = msgspec.json.decode(raw, type=_Described)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise Away("no description") from error
        addresses = (found.authorization_endpoint, found.token_endpoint, found.jwks_uri)
        if found.issuer != issuer or not all(
            _may(one, loopback=self._settings.loopback) for one in addresses
        ):
            raise Away("a description of another provider, or without TLS")
        self._described = (now, found)
        return found

    async def _key_set(self, session: aiohttp.ClientSession, described: _Described, fresh: float) -> KeySet:
        """Return the provider's keys, not older than so many seconds."""
        now = self._clock().timestamp()
        if self._keys is None or not 0 <= now - self._keys[0] < fresh:
            self._keys = (now, read_keys(await self._get(session, described.jwks_uri)))
        return self._keys[1]

    async def _exchange(
        self, session: aiohttp.ClientSession, described: _Described, code: str, verifier: str
    ) -> str:
        """Return the ID token that the provider gives for a code."""
        settings = self._settings
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._return,
            "code_verifier": verifier,
        }
        headers = {}
        if self._secret and "client_secret_basic" in described.token_endpoint_auth_methods_supported:
            named = f"{quote_plus(settings.client_id)}:{quote_plus(self._secret)}".encode()
            headers["Authorization"] = f"Basic {b64encode(named).decode()}"
        else:
            form |= {"client_id": settings.client_id} | (
                {"client_secret": self._secret} if self._secret else {}
            )
        status, raw = await self._ask(session, "POST", described.token_endpoint, data=form, headers=headers)
        if status >= FAULT:
            raise Away(f"status {status}")
        try:
            if status != OK:
                raise refused("code")
            return msgspec.json.decode(raw, type=_Answered).id_token
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise refused("no token") from error

    def _verified(self, token: str, keys: KeySet, nonce: str) -> Mapping[str, Any]:
        """Return the claims of a token."""
        settings, now = self._settings, int(self._clock().timestamp())
        return verify(token, keys, issuer=settings.issuer, client_id=settings.client_id, nonce=nonce, now=now)

    async def _get(self, session: aiohttp.ClientSession, url: str) -> bytes:
        """Return what stands at an address."""
        status, raw = await self._ask(session, "GET", url)
        if status != OK:
            raise Away(f"status {status}")
        return raw

    async def _ask(
        self, session: aiohttp.ClientSession, method: str, url: str, **given: Any
    ) -> tuple[int, bytes]:
        """Return status and body of an answer that is not too long."""
        raw = bytearray()
        try:
            async with session.request(method, url, allow_redirects=False, **given) as answer:
                async for piece in answer.content.iter_chunked(65_536):
                    raw += piece
                    if len(raw) > self._settings.max_reply_bytes:
                        raise Away("too long an answer")
                return answer.status, bytes(raw)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Away("no answer") from error


def trusted(authorities: str) -> ssl.SSLContext | None:
    """Return how TLS is checked against authorities in a file; none leaves it to those of the system.

    Raises:
        ConfigError: the file is absent or holds no certificate.
    """
    if not authorities:
        return None
    try:
        return ssl.create_default_context(cafile=authorities)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError("http.oidc.authorities holds no certificate") from error


def _may(url: str, *, loopback: bool) -> bool:
    """Say whether an address may be asked."""
    return is_safe(url) and (loopback or urlsplit(url).scheme == "https")
