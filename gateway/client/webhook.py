# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The way to a partner without a gateway: post its batches, in its own format (`exchange.ports.PeerClient`).

One batch at a time, in the order of the channel. What may be tried again (no connection, 5xx, 408, 429) ends
the stream with a `DeliveryError`; every other answer is handed on as it came, in the place of a receipt, and
what it means is decided there. No redirects, no compression, no cookies, no proxies of the environment.
"""

import asyncio
import hashlib
import ssl
from base64 import b64decode, b64encode
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Protocol, TypeAlias

import aiohttp
import structlog

from gateway.client.address import is_safe
from gateway.client.oauth import TokenError, TokenSource
from gateway.clock import Clock, milliseconds
from gateway.config import Webhook
from gateway.envelope.keys import read_private_file
from gateway.errors import ConfigError, DeliveryError
from gateway.finding import Finding, finding
from gateway.wire.convert import parse_batch_statement, unpack_envelope
from gateway.wire.findings import wire_finding
from gateway.wire.v1 import envelope_pb2

# Headers of an answer that are kept with it.
KEPT = ("Date", "Content-Type", "Content-Digest", "Digest", "Location", "ETag", "X-Request-Id", "Retry-After")
KEPT_BYTES = 1000
AGAIN = frozenset({408, 429})
UNAUTHORISED, SERVER_ERRORS = 401, 500
LONGEST_PAUSE = 3600.0
# A statement with its signatures is longer than many servers let one header be; its pieces are a list.
PIECE = 4000
CHUNK = 4096
_log = structlog.get_logger()


class Document(Protocol):
    """A document in the partner's format, and the positions of its records in the batch."""

    @property
    def function(self) -> str:
        """What the records do: original, amendment or cancellation."""

    @property
    def body(self) -> bytes:
        """The exact bytes to post."""

    @property
    def content_type(self) -> str:
        """Their media type."""

    @property
    def indexes(self) -> Sequence[int]:
        """The positions of the records in it."""

    @property
    def findings(self) -> Sequence[Finding]:
        """What the format could not hold or changed."""


class Written(Protocol):
    """A batch in the partner's format."""

    @property
    def documents(self) -> Sequence[Document]:
        """What is to be posted, in order."""

    @property
    def rejected(self) -> Sequence[tuple[int, Sequence[Finding]]]:
        """The records that the format cannot hold, by position."""


Write: TypeAlias = Callable[[bytes, int], Awaitable[Written]]


class WebhookError(DeliveryError):
    """The partner was not reached, or asks to be called again; the finding says which."""

    def __init__(self, found: Finding, *, retry_after: float = 0.0) -> None:
        """Keep the finding."""
        super().__init__(f"webhook: {found.code}", retry_after=retry_after)
        self.findings = (found,)


class WebhookPeer:
    """One partner; every `deliver` makes a session of its own."""

    def __init__(
        self,
        settings: Webhook,
        *,
        write: Write,
        confirmed: Callable[[str], Awaitable[int]],
        clock: Clock,
    ) -> None:
        """`write` puts a payload made at a time into the partner's format; `confirmed` says what we hold.

        Raises:
            ConfigError: an address is not safe, or a file is absent, wrong or open to others.
        """
        if not is_safe(settings.url):
            raise ConfigError(
                f"webhook of {settings.organisation}: url must be https, or http on this machine"
            )
        self.settings = settings
        self.write = write
        self.clock = clock
        self.tls = _tls(settings)
        self.tokens = _tokens(settings)
        self._confirmed = confirmed

    async def deliver(self, channel: str) -> "WebhookStream":
        """Open a channel; such a partner confirms nothing by itself, so sending resumes where we are."""
        return WebhookStream(self, await self._confirmed(channel))


class WebhookStream:
    """An open channel to a partner (`exchange.ports.PeerStream`)."""

    def __init__(self, peer: WebhookPeer, confirmed: int) -> None:
        """Begin after the last confirmed batch."""
        self.confirmed = confirmed
        self._peer = peer
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=peer.tls, limit=2),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(total=None, connect=peer.settings.connect_seconds),
            headers={"User-Agent": "ead-gateway", "Accept-Encoding": "identity"},
        )
        self._answers: asyncio.Queue[bytes] = asyncio.Queue()
        self._free = asyncio.Event()
        self._free.set()

    async def send(self, envelope: bytes, payload: bytes) -> None:
        """Post one batch and queue the answer, once the answer before it has had its effect.

        Raises:
            DeliveryError: the partner was not reached, or asks to be called again.
        """
        await self._free.wait()
        said = parse_batch_statement(unpack_envelope(envelope).statement)
        answer = envelope_pb2.WebhookReceipt(
            batch_id=said.batch_id,
            channel=said.channel,
            sequence=said.sequence,
            statement_digest=hashlib.sha256(unpack_envelope(envelope).statement).digest(),
            adapter=self._peer.settings.adapter,
        )
        written = await self._peer.write(payload, said.created_at_ms)
        for index, problems in written.rejected:
            answer.records.add(index=index, findings=[wire_finding(one) for one in problems])
        try:
            async with asyncio.timeout(self._peer.settings.timeout_seconds):
                for number, document in enumerate(written.documents, 1):
                    key = said.batch_id if number == 1 else f"{said.batch_id}-{number}"
                    headers = _headers(
                        document, key, said, envelope if self._peer.settings.statement else b""
                    )
                    answer.exchanges.append(await self._post(document, key, headers))
        except (TokenError, WebhookError) as error:
            self._tell(error.findings[0])
            raise
        except TimeoutError as error:
            found = finding("WEBHOOK-SILENT", expected=f"within {self._peer.settings.timeout_seconds} s")
            self._tell(found)
            raise WebhookError(found) from error
        except (aiohttp.ClientError, OSError) as error:
            found = finding("WEBHOOK-UNREACHABLE", actual=type(error).__name__)
            self._tell(found)
            raise WebhookError(found) from error
        self._free.clear()
        self._answers.put_nowait(answer.SerializeToString())

    async def receipt(self) -> bytes:
        """Wait for the answers about a batch, an unsigned `WebhookReceipt`; this sets the next post free."""
        self._free.set()
        return await self._answers.get()

    async def close(self) -> None:
        """End the session."""
        await self._session.close()

    async def _post(self, document: Document, key: str, headers: dict[str, str]) -> envelope_pb2.HttpExchange:
        """Post one document; a token that is not taken any more is renewed once.

        Raises:
            DeliveryError: the answer asks to be called again.
        """
        tokens, renewed = self._peer.tokens, False
        while True:
            bearer = f"Bearer {await tokens.token(self._session)}" if tokens else ""
            async with self._session.post(
                self._peer.settings.url,
                data=document.body,
                headers={**headers, **({"Authorization": bearer} if bearer else {})},
                allow_redirects=False,
            ) as response:
                if tokens is None or response.status != UNAUTHORISED or renewed:
                    return await self._answer(response, document, key)
            tokens.forget()
            renewed = True

    async def _answer(
        self, response: aiohttp.ClientResponse, document: Document, key: str
    ) -> envelope_pb2.HttpExchange:
        """Return an answer as it came."""
        if response.status in AGAIN or response.status >= SERVER_ERRORS:
            later = _retry_after(response.headers.get("Retry-After", ""), self._peer.clock())
            raise WebhookError(
                finding("WEBHOOK-AGAIN", path=key, actual=str(response.status)), retry_after=later
            )
        most, body = self._peer.settings.max_reply_bytes, bytearray()
        async for chunk in response.content.iter_chunked(CHUNK):
            body += chunk
            if len(body) > most:
                break
        kept = bytes(body[:most])
        digest = hashlib.sha256(kept).digest()
        if len(body) <= most and not _digest_holds(response.headers, digest):
            raise WebhookError(finding("WEBHOOK-DIGEST", path=key))
        return envelope_pb2.HttpExchange(
            function=document.function,
            idempotency_key=key,
            content_type=document.content_type,
            request_digest=hashlib.sha256(document.body).digest(),
            indexes=document.indexes,
            status=response.status,
            headers=[
                envelope_pb2.HttpHeader(
                    name=name, value=value.encode("utf-8", "surrogateescape")[:KEPT_BYTES]
                )
                for name in KEPT
                for value in response.headers.getall(name, [])
            ],
            body=kept,
            body_digest=digest,
            cut=len(body) > most,
            answered_at_ms=milliseconds(self._peer.clock()),
            findings=[wire_finding(one) for one in document.findings],
        )

    def _tell(self, found: Finding) -> None:
        """Tell the operator why a post did not succeed."""
        partner = self._peer.settings.organisation
        _log.warning("webhook.failed", partner=partner, code=found.code, actual=found.actual)


def _headers(
    document: Document, key: str, said: envelope_pb2.BatchStatement, envelope: bytes
) -> dict[str, str]:
    """Return the headers of a post."""
    digest = b64encode(hashlib.sha256(document.body).digest()).decode()
    headers = {
        "Content-Type": document.content_type,
        "Idempotency-Key": key,
        "Content-Digest": f"sha-256=:{digest}:",
        "Digest": f"SHA-256={digest}",
        "Gateway-Sender": said.sender,
        "Gateway-Batch": said.batch_id,
        "Gateway-Sequence": str(said.sequence),
        "Gateway-Agreement": f"{said.agreement_id} {said.agreement_version}",
        "Gateway-Function": document.function,
    }
    for number, piece in enumerate(_pieces(envelope), 1):
        headers[f"Gateway-Statement-{number}"] = piece
    return headers


def _pieces(envelope: bytes) -> Iterator[str]:
    """Yield an envelope in base64, in pieces that headers can hold."""
    text = b64encode(envelope).decode()
    yield from (text[start : start + PIECE] for start in range(0, len(text), PIECE))


def _retry_after(text: str, now: datetime) -> float:
    """Return how long a Retry-After (RFC 9110 section 10.2.3) asks to wait, 0 if it cannot be read."""
    if text.strip().isdecimal():
        return min(float(text), LONGEST_PAUSE)
    try:
        wait = (parsedate_to_datetime(text) - now).total_seconds()
    except (TypeError, ValueError):
        return 0.0
    return min(max(wait, 0.0), LONGEST_PAUSE)


def _digest_holds(headers: Mapping[str, str], digest: bytes) -> bool:
    """Say whether a SHA-256 in the headers of an answer (RFC 9530, RFC 3230), if there is one, is its own."""
    for name, prefix, suffix in (("Content-Digest", "sha-256=:", ":"), ("Digest", "sha-256=", "")):
        for one in headers.get(name, "").split(","):
            text = one.strip()
            if text.lower().startswith(prefix):
                try:
                    held = b64decode(text[len(prefix) :].removesuffix(suffix), validate=True)
                except ValueError:
                    return False
                if held != digest:
                    return False
    return True


def _tls(settings: Webhook) -> ssl.SSLContext:
    """Return the TLS context: trusted authorities, and our certificate if one is configured.

    Raises:
        ConfigError: a file is absent or wrong, or the key is open to others.
    """
    if bool(settings.client_certificate) != bool(settings.client_key):
        raise ConfigError(f"webhook of {settings.organisation}: a client certificate needs its key")
    try:
        context = ssl.create_default_context(cafile=settings.authorities or None)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if settings.client_key:
            read_private_file(Path(settings.client_key))
            context.load_cert_chain(settings.client_certificate, settings.client_key)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(f"webhook of {settings.organisation}: a certificate cannot be used") from error
    return context


def _tokens(settings: Webhook) -> TokenSource | None:
    """Return the source of tokens, if one is configured.

    Raises:
        ConfigError: the address is not safe, or the secret is absent or open to others.
    """
    if not settings.token_url:
        return None
    secret = read_private_file(Path(settings.client_secret_file)).decode("utf-8").strip()
    if not secret:
        raise ConfigError(f"webhook of {settings.organisation}: the client secret is empty")
    return TokenSource(settings.token_url, client_id=settings.client_id, secret=secret, scope=settings.scope)
