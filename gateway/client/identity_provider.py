# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Ask a provider who somebody is: authorization code flow with PKCE (OpenID Connect Core 1.0, RFC 7636).

It is asked as `provider_questions` has it, and what it publishes is believed for an hour. Neither codes,
tokens nor the secret are ever logged or put into an error.
"""

import ssl
from base64 import b64encode
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote_plus, urlencode, urlsplit

import msgspec
from joserfc.jwk import KeySet

from gateway.client.address import is_safe
from gateway.client.id_token import UnknownKey, read_keys, refused, verify
from gateway.client.provider_questions import OK, Away, Layer, Questions, Turn
from gateway.config import Oidc
from gateway.errors import ConfigError

FAULT: Final = 500
FRESH_SECONDS: Final = 3600.0
REFETCH_SECONDS: Final = 60.0
RETURN: Final = "/console/provider/return"
LEFT: Final = "/console/login"


class _Described(msgspec.Struct, frozen=True):
    """What is read of a provider's description (OpenID Connect Discovery 1.0, section 3).

    `end_session_endpoint` is of RP-Initiated Logout 1.0, section 2.1; many have none.
    """

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    end_session_endpoint: str = ""
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
        self._questions = Questions(
            seconds=settings.timeout_seconds, most_bytes=settings.max_reply_bytes, trust=trust
        )
        self._described: tuple[float, _Described] | None = None
        self._keys: tuple[float, KeySet] | None = None
        self._return = settings.console.rstrip("/") + RETURN
        self._left = settings.console.rstrip("/") + LEFT

    async def address(self, *, state: str, nonce: str, challenge: str) -> str:
        """Return where a browser goes to log in.

        Raises:
            TryLater: the provider does not answer.
        """
        async with self._questions.turn() as turn:
            described = await self._description(turn)
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
        return _with(described.authorization_endpoint, wish)

    async def farewell(self) -> str:
        """Return where a browser goes to log out there too, empty if the provider offers no such place.

        It says for which client and where to come back, and not who leaves: that would need an ID token to be
        kept. The provider asks the person instead (OpenID Connect RP-Initiated Logout 1.0, section 2).

        Raises:
            TryLater: the provider does not answer.
        """
        async with self._questions.turn() as turn:
            described = await self._description(turn)
        if not described.end_session_endpoint:
            return ""
        back = {"client_id": self._settings.client_id, "post_logout_redirect_uri": self._left}
        return _with(described.end_session_endpoint, back)

    async def claims(self, code: str, *, verifier: str, nonce: str) -> Mapping[str, Any]:
        """Return the verified claims about who came back with a code.

        Raises:
            VerificationError: the provider refuses the code, or its token is not good.
            TryLater: the provider does not answer.
        """
        async with self._questions.turn() as turn:
            described = await self._description(turn)
            token = await self._exchange(turn, described, code, verifier)
            try:
                return self._verified(token, await self._key_set(turn, described, FRESH_SECONDS), nonce)
            except UnknownKey:
                keys = await self._key_set(turn, described, REFETCH_SECONDS)
                return self._verified(token, keys, nonce)

    async def describe(self) -> None:
        """Ask for the description of the provider.

        Raises:
            TryLater: the provider does not answer, or with something else.
        """
        async with self._questions.turn() as turn:
            await self._description(turn)

    async def count_keys(self) -> int:
        """Return how many keys the provider publishes by which a login can be verified.

        Raises:
            VerificationError: there is none.
            TryLater: the provider does not answer.
        """
        async with self._questions.turn() as turn:
            described = await self._description(turn)
            return len((await self._key_set(turn, described, FRESH_SECONDS)).keys)

    async def _description(self, turn: Turn) -> _Described:
        """Return the provider's description, which must be its own and name addresses that may be asked."""
        now = self._clock().timestamp()
        if self._described is not None and 0 <= now - self._described[0] < FRESH_SECONDS:
            return self._described[1]
        issuer = self._settings.issuer
        raw = await turn.get(issuer.rstrip("/") + "/.well-known/openid-configuration")
        try:
            found = msgspec.json.decode(raw, type=_Described)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise Away("no description") from error
        if found.issuer != issuer:
            raise Away("a description of another issuer", Layer.ISSUER)
        addresses = [found.authorization_endpoint, found.token_endpoint, found.jwks_uri]
        addresses += [found.end_session_endpoint] if found.end_session_endpoint else []
        if not all(_may(one, loopback=self._settings.loopback) for one in addresses):
            raise Away("a description with addresses that are not https", Layer.ISSUER)
        self._described = (now, found)
        return found

    async def _key_set(self, turn: Turn, described: _Described, fresh: float) -> KeySet:
        """Return the provider's keys, not older than so many seconds."""
        now = self._clock().timestamp()
        if self._keys is None or not 0 <= now - self._keys[0] < fresh:
            self._keys = (now, read_keys(await turn.get(described.jwks_uri)))
        return self._keys[1]

    async def _exchange(self, turn: Turn, described: _Described, code: str, verifier: str) -> str:
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
        status, raw = await turn.post(described.token_endpoint, form, headers)
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


def _with(url: str, query: Mapping[str, str]) -> str:
    """Return an address with what is said there."""
    return url + ("&" if urlsplit(url).query else "?") + urlencode(query)


def _may(url: str, *, loopback: bool) -> bool:
    """Say whether an address may be asked."""
    return is_safe(url) and (loopback or urlsplit(url).scheme == "https")
