# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Get access tokens by client credentials (OAuth 2.0, RFC 6749 section 4.4), and hold them while they last.

The secret goes to the token address alone, in the Authorization header, and neither it nor a token is ever
logged or put into an error.
"""

import time
from base64 import b64encode
from collections.abc import Callable
from urllib.parse import quote_plus

import aiohttp
import msgspec

from gateway.client.address import is_safe
from gateway.errors import ConfigError, DeliveryError
from gateway.finding import finding

OK = 200
EARLY_SECONDS = 30.0
DEFAULT_SECONDS = 300.0
MAX_BYTES = 65_536


class TokenError(DeliveryError):
    """There is no token; the finding says why."""

    def __init__(self, actual: str) -> None:
        """Say what came instead, in a few words that hold no secret."""
        super().__init__("the token address gives no token")
        self.findings = (finding("WEBHOOK-TOKEN", actual=actual),)


class _Grant(msgspec.Struct, frozen=True):
    """What is read of an answer of the token address."""

    access_token: str
    token_type: str
    expires_in: float = DEFAULT_SECONDS


class TokenSource:
    """The tokens of one client."""

    def __init__(
        self,
        url: str,
        *,
        client_id: str,
        secret: str,
        scope: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take address and credentials.

        Raises:
            ConfigError: the address is neither HTTPS nor HTTP on this machine.
        """
        if not is_safe(url):
            raise ConfigError("webhook.token_url must be https, or http on this machine")
        named = b64encode(f"{quote_plus(client_id)}:{quote_plus(secret)}".encode()).decode()
        self._url = url
        self._authorization = f"Basic {named}"
        self._scope = scope
        self._clock = clock
        self._token = ""
        self._until = 0.0

    async def token(self, session: aiohttp.ClientSession) -> str:
        """Return a token that still holds.

        Raises:
            TokenError: there is none.
        """
        if not self._token or self._clock() >= self._until:
            grant = await self._ask(session)
            self._token, self._until = grant.access_token, self._clock() + grant.expires_in - EARLY_SECONDS
        return self._token

    def forget(self) -> None:
        """Use the present token no more."""
        self._token = ""

    async def _ask(self, session: aiohttp.ClientSession) -> _Grant:
        """Ask for a token."""
        form = {"grant_type": "client_credentials", **({"scope": self._scope} if self._scope else {})}
        headers = {"Authorization": self._authorization, "Accept": "application/json"}
        async with session.post(self._url, data=form, headers=headers, allow_redirects=False) as answer:
            if answer.status != OK:
                raise TokenError(f"status {answer.status}")
            body = bytearray()
            async for piece in answer.content.iter_any():
                body += piece
                if len(body) > MAX_BYTES:
                    raise TokenError("no grant, too long")
        try:
            grant = msgspec.json.decode(body, type=_Grant)
        except msgspec.MsgspecError as error:
            raise TokenError("no grant") from error
        printable = grant.access_token.isascii() and grant.access_token.isprintable()
        if grant.token_type.lower() != "bearer" or not grant.access_token or not printable:
            raise TokenError("no bearer token")
        return grant
