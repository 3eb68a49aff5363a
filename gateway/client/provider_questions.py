# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Ask a provider over HTTP: by TLS, without following redirects, for short answers that come soon.

It refuses to know what is asked. Nothing that is sent or answered is ever logged or put into an error.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from enum import StrEnum
from typing import Final

import aiohttp

from gateway.errors import ConfigError, TryLater
from gateway.finding import finding

OK: Final = 200
MOST_AT_ONCE: Final = 8
# Codes of OpenSSL for what is wrong with a certificate (x509_vfy.h): of names of hosts, and of its end.
OTHER_NAME: Final = frozenset({62, 64})
ENDED: Final = 10


class Layer(StrEnum):
    """Where the way to a provider ends, from the bottom up."""

    WAY = "way"
    TLS = "tls"
    ANSWER = "answer"
    ISSUER = "issuer"


class Away(TryLater):
    """The provider does not answer as it should."""

    def __init__(self, actual: str, layer: Layer = Layer.ANSWER) -> None:
        """Say what came instead, in a few words that hold no secret."""
        super().__init__("the identity provider does not answer")
        self.actual, self.layer = actual, layer
        self.findings = (finding("ACCESS-OIDC-AWAY", actual=actual),)


class Turn:
    """The questions of one login."""

    def __init__(self, session: aiohttp.ClientSession, most_bytes: int) -> None:
        """Take the connection."""
        self._session = session
        self._most = most_bytes

    async def get(self, url: str) -> bytes:
        """Return what stands at an address.

        Raises:
            Away: nothing that can be read.
        """
        status, raw = await self._ask("GET", url)
        if status != OK:
            raise Away(f"status {status}")
        return raw

    async def post(self, url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> tuple[int, bytes]:
        """Return status and body of the answer to a form.

        Raises:
            Away: there is none that can be read.
        """
        return await self._ask("POST", url, form, headers)

    async def _ask(
        self,
        method: str,
        url: str,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, bytes]:
        """Return status and body of an answer that is not too long."""
        raw = bytearray()
        try:
            asked = self._session.request(method, url, allow_redirects=False, data=form, headers=headers)
            async with asked as answer:
                async for piece in answer.content.iter_chunked(65_536):
                    raw += piece
                    if len(raw) > self._most:
                        raise Away("too long an answer")
                return answer.status, bytes(raw)
        except aiohttp.ClientConnectorCertificateError as error:
            raise Away(_distrust(error.certificate_error), Layer.TLS) from error
        except aiohttp.ClientSSLError as error:
            raise Away("no TLS", Layer.TLS) from error
        except aiohttp.ClientConnectorError as error:
            raise Away("no connection", Layer.WAY) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Away("no answer", Layer.WAY) from error


class Questions:
    """The way to one provider."""

    def __init__(self, *, seconds: float, most_bytes: int, trust: ssl.SSLContext | None) -> None:
        """Take what one login may cost; without `trust` the system's authorities count."""
        self._seconds = seconds
        self._most_bytes = most_bytes
        self._trust: ssl.SSLContext | bool = trust if trust is not None else True
        self._turns = asyncio.Semaphore(MOST_AT_ONCE)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[Turn]:
        """Give a connection for all that one login asks; of too many at one time the last come again.

        Raises:
            Away: there are too many, or the time is over.
        """
        if self._turns.locked():
            raise Away("too many logins at one time")
        session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=self._trust),
            headers={"Accept": "application/json", "Accept-Encoding": "identity"},
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
        )
        try:
            async with self._turns, session, asyncio.timeout(self._seconds):
                yield Turn(session, self._most_bytes)
        except TimeoutError as error:
            raise Away("no answer in time", Layer.WAY) from error


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


def _distrust(error: Exception) -> str:
    """Say what is wrong with the certificate of a provider."""
    code = getattr(error, "verify_code", None)
    if code in OTHER_NAME:
        return "a certificate for another host"
    return "a certificate that has ended" if code == ENDED else "a certificate that is not trusted here"
