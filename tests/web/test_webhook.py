# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Posts of a partner without a gateway over real HTTP: who may post, how often, and what is kept."""

import asyncio
import base64
import contextlib
import hashlib
import json
import time

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.config import Http, IntakeLimits
from gateway.exchange.fsck import SelfAudit
from gateway.exchange.query import Query
from gateway.web.serve import HttpServer
from gateway.wire.convert import parse_delivery_receipt, unpack_envelope
from gateway.wire.statement import WEBHOOK_DELIVERY_RECEIPT_TYPE
from gateway.wire.v1 import envelope_pb2
from tests.webhook_partner import item, message, post, signed, tracking
from tests.webhook_stage import HERE, THERE, Stage, agreements, make_node

LOG = f"{HERE}/{THERE}"


@contextlib.asynccontextmanager
async def face(party):
    """Serve the HTTP face of a gateway whose steps are real; yield stage and address of the posts."""
    async with Stage(party) as stage:
        steps = stage.steps
        server = HttpServer(
            Http(listen="127.0.0.1:0"),
            IntakeLimits(),
            intake=steps.intake,
            query=steps.query,
            ready=lambda: True,
            webhooks=steps.webhooks,
        )
        port = await server.start()
        try:
            yield stage, f"http://127.0.0.1:{port}/v1/webhook/{THERE}"
        finally:
            await server.stop()


async def send(url, body, headers):
    """Post in a thread."""
    return await asyncio.to_thread(post, url, body, headers)


def codes(answer):
    """Return the codes of a problem body."""
    return [one["code"] for one in json.loads(answer[2])["findings"]]


def receipt(answer):
    """Return the receipt in the headers of an answer, and its envelope."""
    pieces = [answer[1][name] for name in sorted(answer[1]) if name.lower().startswith("gateway-receipt-")]
    envelope = unpack_envelope(base64.b64decode("".join(pieces)))
    return parse_delivery_receipt(envelope.statement), envelope


async def entries(stage):
    """Return the events of the log about the partner."""
    return [one.event for one in await stage.store.read(lambda tx: tx.log_entries(LOG, 0, 100))]


async def test_signed_post_is_taken_logged_and_receipted(tmp_path) -> None:
    """A good post becomes an item in the partner's name, two log entries, and an answer with our receipt."""
    body = message(item(1, "DE"))
    async with face(make_node(tmp_path, "")) as (stage, url):
        answer = await send(url, body, signed("k-1", body))
        said, envelope = receipt(answer)
        assert (answer[0], json.loads(answer[2])["accepted"]) == (200, 1)
        assert envelope.payload_type == WEBHOOK_DELIVERY_RECEIPT_TYPE
        assert {one.key_id for one in envelope.signatures} == {one.key_id for one in stage.trust.own.receipt}
        assert (said.delivery.sender, said.delivery.message_id, said.accepted) == (THERE, "k-1", 1)
        assert said.delivery.body_digest == hashlib.sha256(body).digest()
        assert said.delivery.agreement_id == f"{THERE}-{HERE}"
        assert await entries(stage) == ["received", "receipt-sent"]
        (kept,) = await stage.store.read(lambda tx: tx.messages([int(answer[1]["X-Gateway-Message"])]))
        assert (kept.raw, kept.submitter) == (body, f"partner:{THERE}|{THERE}-{HERE}")
        assert (await Query(stage.store).trace(tracking(1))).state == "open"
        audit = await stage.store.read(SelfAudit(HERE, stage.trust.keyring).run)
        assert audit.good, audit


async def test_words_of_the_partner_do_not_go_back_to_it(tmp_path) -> None:
    """An item that a partner posted matches the agreement towards it and still makes no share."""
    body = message(item(1, "NL"))
    async with face(make_node(tmp_path, "")) as (stage, url):
        assert (await send(url, body, signed("k-1", body)))[0] == 200
        assert (await Query(stage.store).trace(tracking(1))).shares == ()


async def test_same_key_and_body_gets_the_stored_answer(tmp_path) -> None:
    """A repetition, also after a restart, gets the same answer and receipt and has no effect."""
    body, party = message(item(1, "DE")), make_node(tmp_path, "")
    async with face(party) as (stage, url):
        first = await send(url, body, signed("k-1", body))
        again = await send(url, body, signed("k-1", body, at=time.time() - 20))
        assert (again[0], again[2], receipt(again)[1]) == (first[0], first[2], receipt(first)[1])
    async with face(party) as (stage, url):
        later = await send(url, body, signed("k-1", body))
        assert receipt(later)[1] == receipt(first)[1]
        assert await entries(stage) == ["received", "receipt-sent"]


async def test_twenty_copies_at_once_have_one_effect(tmp_path) -> None:
    """The same post many times at one moment is one delivery."""
    body = message(item(1, "DE"))
    async with face(make_node(tmp_path, "")) as (stage, url):
        answers = await asyncio.gather(*(send(url, body, signed("k-1", body)) for _ in range(20)))
        assert {one[0] for one in answers} == {200}
        assert len({receipt(one)[0].SerializeToString() for one in answers}) == 1
        assert await entries(stage) == ["received", "receipt-sent"]


async def test_other_body_under_a_key_is_a_conflict(tmp_path) -> None:
    """Another body under a known key is refused, and that is logged and kept."""
    body, other = message(item(1, "DE")), message(item(2, "DE"))
    async with face(make_node(tmp_path, "")) as (stage, url):
        await send(url, body, signed("k-1", body))
        answer = await send(url, other, signed("k-1", other))
        assert (answer[0], codes(answer)) == (409, ["WEBHOOK-CONFLICT"])
        assert await entries(stage) == ["received", "receipt-sent", "refused"]
        (refused,) = await stage.store.read(lambda tx: tx.refusals(10))
        assert (refused.codes, refused.partner) == (("WEBHOOK-CONFLICT",), THERE)
        assert await Query(stage.store).trace(tracking(2)) is None


async def test_same_body_under_a_new_key_has_no_second_effect(tmp_path) -> None:
    """The same bytes under another key are another delivery of the same message."""
    body = message(item(1, "DE"))
    async with face(make_node(tmp_path, "")) as (stage, url):
        first = await send(url, body, signed("k-1", body))
        second = await send(url, body, signed("k-2", body))
        assert first[1]["X-Gateway-Message"] == second[1]["X-Gateway-Message"]
        assert receipt(second)[0].delivery.message_id == "k-2"
        assert len(await entries(stage)) == 4


FORGED = {
    "no headers": lambda body: {},
    "other secret": lambda body: signed("k-1", body, secret=b"x" * 32),
    "other body": lambda body: signed("k-1", body + b" "),
    "other key": lambda body: signed("k-1", body, signed_key="k-2"),
    "other time": lambda body: {**signed("k-1", body), "webhook-timestamp": str(int(time.time()) + 1)},
    "asymmetric name": lambda body: {
        **signed("k-1", body),
        "webhook-signature": signed("k-1", body)["webhook-signature"].replace("v1,", "v1a,"),
    },
    "no base64": lambda body: {**signed("k-1", body), "webhook-signature": "v1,***"},
    "key with a dot path": lambda body: signed("../k", body),
}


@pytest.mark.parametrize("forgery", FORGED)
async def test_what_is_not_signed_leaves_no_trace(tmp_path, forgery) -> None:
    """A post that the partner has not signed is refused like one of a stranger, and nothing is kept."""
    body = message(item(1, "DE"))
    async with face(make_node(tmp_path, "")) as (stage, url):
        answer = await send(url, body, FORGED[forgery](body))
        stranger = await send(url.replace(THERE, "customs-xx"), body, signed("k-1", body))
        assert (answer[0], codes(answer)) == (401, ["WEBHOOK-UNAUTHORISED"])
        assert (stranger[0], stranger[2]) == (answer[0], answer[2])
        assert await entries(stage) == []
        assert (await Query(stage.store).ledger()).counts.messages == 0


@pytest.mark.parametrize("shift", [-400, 400])
async def test_stale_post_is_refused(tmp_path, shift) -> None:
    """A signed time beyond the tolerance is refused, kept and logged; no item comes of it."""
    body = message(item(1, "DE"))
    async with face(make_node(tmp_path, "")) as (stage, url):
        answer = await send(url, body, signed("k-1", body, at=time.time() + shift))
        assert (answer[0], codes(answer)) == (403, ["WEBHOOK-STALE"])
        assert await entries(stage) == ["refused"]


async def test_rate_is_limited_and_says_when_to_come_again(tmp_path) -> None:
    """Beyond its rate a partner gets 429 with Retry-After; a stranger's posts do not use the rate up."""
    body = message(item(1, "DE"))
    async with face(make_node(tmp_path, "", take="per_minute = 3")) as (_, url):
        for _ in range(5):
            assert (await send(url, body, {}))[0] == 401
        answers = [await send(url, body, signed("k-1", body)) for _ in range(4)]
        assert [one[0] for one in answers] == [200, 200, 200, 429]
        assert 1 <= int(answers[3][1]["Retry-After"]) <= 20
        assert codes(answers[3]) == ["WEBHOOK-RATE"]


async def test_size_is_limited_exactly(tmp_path) -> None:
    """A body at the partner's limit is read, one byte more is not."""
    body = message(item(1, "DE"))
    async with face(make_node(tmp_path, "", take=f"max_bytes = {len(body)}")) as (_, url):
        assert (await send(url, body, signed("k-1", body)))[0] == 200
        answer = await send(url, body + b" ", signed("k-2", body + b" "))
        assert (answer[0], codes(answer)) == (413, ["INTAKE-TOO-LARGE"])


async def test_field_beyond_the_agreement_is_refused_alone(tmp_path) -> None:
    """A record with a field that the agreement does not name is refused; the other one is taken."""
    body = message(item(1, "DE"), item(2, "DE", goods_summary="not agreed"))
    async with face(make_node(tmp_path, "")) as (stage, url):
        answer = await send(url, body, signed("k-1", body))
        said, _ = receipt(answer)
        assert (answer[0], said.documents, said.accepted) == (200, 2, 1)
        assert [one.code for one in said.findings] == ["AGREEMENT-FORBIDDEN-FIELD"]
        assert await Query(stage.store).trace(tracking(2)) is None


async def test_agreement_not_in_force_refuses_the_post(tmp_path) -> None:
    """Without an agreement in force from the partner nothing is taken."""
    party = make_node(tmp_path, "", texts=agreements()[:1])
    body = message(item(1, "DE"))
    async with face(party) as (stage, url):
        answer = await send(url, body, signed("k-1", body))
        assert (answer[0], codes(answer)) == (403, ["WEBHOOK-AGREEMENT"])
        assert await entries(stage) == ["refused"]


async def test_post_signed_with_ed25519_is_taken(tmp_path) -> None:
    """A partner with a key of its own signs by it, and no shared secret opens that door."""
    party, body = make_node(tmp_path, "", take='scheme = "ed25519"'), message(item(1, "DE"))
    private = Ed25519PrivateKey.generate()
    public = base64.b64encode(private.public_key().public_bytes_raw()).decode()
    (party.folder / "partner.secret").write_text(f"whpk_{public}\n")
    stamp = str(int(time.time()))
    value = base64.b64encode(private.sign(f"k-1.{stamp}.".encode() + body)).decode()
    headers = {"webhook-id": "k-1", "webhook-timestamp": stamp, "webhook-signature": f"v1a,{value}"}
    async with face(party) as (_, url):
        assert (await send(url, body, signed("k-1", body)))[0] == 401
        answer = await send(url, body, headers)
        assert answer[0] == 200
        assert receipt(answer)[0].delivery.scheme == "ed25519"


async def test_unreadable_body_is_kept_and_answered(tmp_path) -> None:
    """What the partner has signed and the adapter cannot read is kept, logged and answered as refused."""
    body = b'{"ead_json": 1, "records": 17}'
    async with face(make_node(tmp_path, "")) as (stage, url):
        answer = await send(url, body, signed("k-1", body))
        said, _ = receipt(answer)
        assert (answer[0], said.outcome, said.accepted) == (
            422,
            envelope_pb2.ReceiptStatement.OUTCOME_REFUSED,
            0,
        )
        assert said.findings
        assert await entries(stage) == ["received", "receipt-sent"]
