# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Ask a time-stamp authority over HTTP (RFC 3161 section 3.4); blind to what is asked and answered.

HTTPS, or plain HTTP on this machine only. No redirects, no compression, no cookies, no
proxies of the environment.
"""

import asyncio

import aiohttp

from gateway.client.address import is_safe
from gateway.errors import ConfigError, DeliveryError
from gateway.finding import Finding, finding

QUERY, REPLY = "application/timestamp-query", "application/timestamp-reply"
OK = 200


class AuthorityError(DeliveryError):
    """The authority could not be asked, or has not answered as HTTP should."""

    def __init__(self, message: str, found: Finding) -> None:
        """Keep the finding."""
        super().__init__(message)
        self.findings = (found,)


class HttpAuthority:
    """One authority; a connection for each question, of which there are few."""

    def __init__(self, url: str, *, timeout_seconds: float, max_reply_bytes: int) -> None:
        """Take the address and the limits of an answer.

        Raises:
            ConfigError: the address is neither HTTPS nor HTTP on this machine.
        """
        if not is_safe(url):
            raise ConfigError("timestamp.url must be https, or http on this machine")
        self._url = url
        self._seconds = timeout_seconds
        self._most = max_reply_bytes

    async def ask(self, query: bytes) -> bytes:
        """Return the reply to a query.

        Raises:
            AuthorityError: there is none; the finding says why.
        """
        try:
            async with (
                asyncio.timeout(self._seconds),
                aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False) as session,
                session.post(
                    self._url,
                    data=query,
                    headers={"Content-Type": QUERY, "Accept": REPLY, "Accept-Encoding": "identity"},
                    allow_redirects=False,
                ) as response,
            ):
                return await self._read(response)
        except TimeoutError as error:
            found = finding("STAMP-SILENT", expected=f"within {self._seconds} s")
            raise AuthorityError("the authority is silent", found) from error
        except (aiohttp.ClientError, OSError) as error:
            found = finding("STAMP-UNREACHABLE", actual=type(error).__name__)
            raise AuthorityError("the authority cannot be reached", found) from error

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        """Return a body of the right kind that is not too large."""
        if response.status != OK or response.content_type != REPLY:
            found = finding(
                "STAMP-HTTP",
                expected=f"{OK} {REPLY}",
                actual=f"{response.status} {response.content_type[:80]}",
            )
            raise AuthorityError("not an answer of an authority", found)
        body = bytearray()
        async for chunk in response.content.iter_chunked(4096):
            body += chunk
            if len(body) > self._most:
                found = finding("STAMP-SIZE", expected=f"at most {self._most} bytes")
                raise AuthorityError("the answer is too large", found)
        return bytes(body)
