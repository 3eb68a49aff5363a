# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Posting to a partner without a gateway: certificates, tokens, limits, and what never happens."""

import asyncio
import base64
import hashlib
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from structlog.testing import capture_logs

from gateway.client.oauth import TokenError
from gateway.client.webhook import WebhookError, WebhookPeer
from gateway.config import Webhook
from gateway.envelope import issue
from gateway.errors import ConfigError, DeliveryError
from gateway.wire.convert import parse_webhook_receipt
from gateway.wire.v1 import envelope_pb2
from tests.webhook_partner import CLIENT, CLIENT_SECRET, SCOPE, Partner

NOW = datetime.now(UTC)
STATEMENT = envelope_pb2.BatchStatement(batch_id="b1", channel="a/b/item", sequence=1, created_at_ms=17)
ENVELOPE = envelope_pb2.Envelope(statement=STATEMENT.SerializeToString()).SerializeToString()


@dataclass(frozen=True)
class Document:
    """A document as the workers write it."""

    body: bytes = b"one document"
    function: str = "original"
    content_type: str = "text/plain"
    indexes: tuple[int, ...] = (0,)
    findings: tuple = ()


@dataclass(frozen=True)
class Written:
    """A batch in the partner's format."""

    documents: tuple = (Document(),)
    rejected: tuple = ()


def peer(url, written=None, **settings):
    """Return the way to a partner."""

    async def write(_payload, _created):
        return written or Written()

    async def confirmed(_channel):
        return 0

    chosen = {"organisation": "b", "url": url, "adapter": "x", "message_type": "X", **settings}
    return WebhookPeer(Webhook(**chosen), write=write, confirmed=confirmed, clock=lambda: NOW)


async def deliver(client):
    """Post one batch and return what came back."""
    stream = await client.deliver("a/b/item")
    try:
        await stream.send(ENVELOPE, b"payload")
        return parse_webhook_receipt(await stream.receipt())
    finally:
        await stream.close()


@pytest.fixture(scope="module", name="keys")
def _keys(tmp_path_factory):
    """Keys and authorities of three organisations; the third is unknown to the first two."""
    folder = tmp_path_factory.mktemp("webhook-keys")
    for name in ("aa-customs", "bb-customs", "cc-customs"):
        issue.write_keys(folder / name, name, NOW)
    return folder


def server_tls(keys, name="bb-customs", clients="aa-customs"):
    """Return the TLS of a partner that asks for a certificate of ours."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=keys / clients / "ca.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_cert_chain(keys / name / "tls.pem", keys / name / "tls.key")
    return context


def client_files(keys, name="aa-customs", server="bb-customs"):
    """Return the settings of mutual TLS."""
    return {
        "authorities": str(keys / server / "ca.pem"),
        "client_certificate": str(keys / name / "tls.pem"),
        "client_key": str(keys / name / "tls.key"),
    }


async def test_both_sides_show_certificates(keys) -> None:
    """With mutual TLS the partner knows who posts."""
    async with Partner(tls=server_tls(keys)) as partner:
        said = await deliver(peer(partner.url, **client_files(keys)))
        assert said.exchanges[0].status == 202
        assert partner.posts[0].peer == "aa-customs"


@pytest.mark.parametrize(
    "files",
    [
        {"name": "cc-customs"},
        {"server": "cc-customs"},
        {"server": "aa-customs"},
    ],
)
async def test_wrong_certificates_post_nothing(keys, files) -> None:
    """A certificate of ours that the partner does not know, or an authority that is not its own, ends it."""
    async with Partner(tls=server_tls(keys)) as partner:
        with pytest.raises(WebhookError) as caught:
            await deliver(peer(partner.url, **client_files(keys, **files)))
        assert (caught.value.findings[0].code, partner.posts) == ("WEBHOOK-UNREACHABLE", [])


def oauth(partner, folder):
    """Return the settings of client credentials."""
    (folder / "secret").write_text(CLIENT_SECRET + "\n")
    (folder / "secret").chmod(0o600)
    return {
        "token_url": partner.token_url,
        "client_id": CLIENT,
        "client_secret_file": str(folder / "secret"),
        "scope": SCOPE,
    }


async def test_token_is_asked_once_and_sent(tmp_path) -> None:
    """Client credentials get one token that serves several posts."""
    async with Partner(oauth=True) as partner:
        client = peer(partner.url, **oauth(partner, tmp_path))
        for _ in range(3):
            assert (await deliver(client)).exchanges[0].status == 202
        (form,) = partner.forms
        name, _, secret = base64.b64decode(form["authorization"].split()[1]).decode().partition(":")
        assert (name, form["grant_type"], form["scope"]) == (CLIENT, "client_credentials", SCOPE)
        assert secret == "not+a+real+secret+%25%26"


async def test_token_that_is_not_taken_is_renewed_once(tmp_path) -> None:
    """A 401 gets a new token and one more attempt; another 401 is the partner's answer."""
    async with Partner(oauth=True) as partner:
        client = peer(partner.url, **oauth(partner, tmp_path))
        partner.script = ["forget"]
        await deliver(client)
        assert (await deliver(client)).exchanges[0].status == 202
        assert len(partner.forms) == 2
        partner.tokens.append("revoked by the partner")
        partner.script = ["status 401"]
        assert (await deliver(client)).exchanges[0].status == 401


@pytest.mark.parametrize("fault", ["refused", "form"])
async def test_no_token_no_post(tmp_path, fault) -> None:
    """Where no token is granted nothing is posted, and neither log nor error holds the secret."""
    async with Partner(oauth=True) as partner:
        partner.token_faults = [fault]
        with capture_logs() as logs, pytest.raises(TokenError) as caught:
            await deliver(peer(partner.url, **oauth(partner, tmp_path)))
        assert partner.posts == []
        assert [one["code"] for one in logs] == ["WEBHOOK-TOKEN"]
        assert CLIENT_SECRET not in f"{logs}{caught.value!r}{caught.value.findings}"


async def test_cookies_are_not_kept() -> None:
    """What the partner would have us remember is forgotten."""
    async with Partner() as partner:
        partner.script = ["cookie"]
        stream = await peer(partner.url).deliver("a/b/item")
        for _ in range(2):
            await stream.send(ENVELOPE, b"payload")
            await stream.receipt()
        await stream.close()
        assert ["Cookie" in one.headers for one in partner.posts] == [False, False]


async def test_next_batch_waits_for_the_answer_before_it() -> None:
    """A batch is posted only after the answer before it was taken, so order holds and nothing is lost."""
    async with Partner() as partner:
        stream = await peer(partner.url).deliver("a/b/item")
        await stream.send(ENVELOPE, b"payload")
        second = asyncio.create_task(stream.send(ENVELOPE, b"payload"))
        await asyncio.sleep(0.1)
        assert (len(partner.posts), second.done()) == (1, False)
        await stream.receipt()
        waiting = asyncio.create_task(stream.receipt())
        await second
        await waiting
        assert len(partner.posts) == 2
        await stream.close()


async def test_documents_of_a_batch_have_keys_of_their_own() -> None:
    """Several documents are several posts, in order, each with a key made of the batch id."""
    several = Written(documents=(Document(), Document(b"two", "cancellation", indexes=(1,))))
    async with Partner() as partner:
        said = await deliver(peer(partner.url, several))
        assert partner.keys == ["b1", "b1-2"] == [one.idempotency_key for one in said.exchanges]
        assert said.exchanges[1].request_digest == hashlib.sha256(b"two").digest()


async def test_large_answer_is_cut_at_the_limit() -> None:
    """Of an endless answer the beginning is kept, and that it was cut."""
    async with Partner() as partner:
        partner.script = ["huge"]
        (kept,) = (await deliver(peer(partner.url, max_reply_bytes=1000))).exchanges
        assert (kept.cut, len(kept.body)) == (True, 1000)


@pytest.mark.parametrize(
    ("later", "seconds"),
    [("7", 7.0), ("999999", 3600.0), ("soon", 0.0), ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0)],
)
async def test_retry_after_is_bounded(later, seconds) -> None:
    """A wish to be called later is kept within an hour, and one that cannot be read counts as none."""
    async with Partner() as partner:
        partner.script = [f"status 503 {later}"]
        with pytest.raises(DeliveryError) as caught:
            await deliver(peer(partner.url))
        assert caught.value.retry_after == seconds


@pytest.mark.parametrize(
    "url", ["http://192.0.2.1/x", "http://b.example/", "ftp://127.0.0.1/", "https:///x", ""]
)
def test_plain_http_leaves_this_machine_never(url) -> None:
    """Only https, or http on this machine, is taken as an address."""
    with pytest.raises(ConfigError):
        peer(url)


def test_secrets_open_to_others_are_refused(keys, tmp_path) -> None:
    """A client key or secret that others can read keeps the node from starting."""
    (tmp_path / "secret").write_text("s")
    (tmp_path / "secret").chmod(0o644)
    given = {"token_url": "https://b.example/token", "client_secret_file": str(tmp_path / "secret")}
    with pytest.raises(ConfigError, match="open to others"):
        peer("https://b.example/", **given)
    (tmp_path / "tls.key").write_bytes((keys / "aa-customs" / "tls.key").read_bytes())
    (tmp_path / "tls.key").chmod(0o640)
    with pytest.raises(ConfigError, match="open to others"):
        peer("https://b.example/", **{**client_files(keys), "client_key": str(tmp_path / "tls.key")})
