# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Batches posted to a partner without a gateway: what is attested, what stops, what is tried again."""

import base64
import json

import pytest

from gateway.clock import moment
from gateway.exchange.query import Query
from gateway.exchange.report import Report
from gateway.trace_text import ATTESTED, trace_lines
from gateway.wire.convert import parse_batch_statement, unpack_envelope
from gateway.wire.receipts import is_attested, read_receipt
from gateway.wire.v1 import envelope_pb2
from tests.webhook_partner import Partner, item, message, tracking
from tests.webhook_stage import HERE, OUT, THERE, Stage, make_node

_Receipt = envelope_pb2.ReceiptStatement


async def test_taken_batch_is_attested_and_settled(tmp_path) -> None:
    """A post answered with 202 accepts its records; the answer is kept verbatim under our own seal."""
    async with Partner() as partner, Stage(make_node(tmp_path, partner.url)) as stage, stage.running():
        withheld = {"name": "B. Example"}
        await stage.submit(message(item(1, "NL", sender=withheld), item(2, "NL", sender=withheld)))
        (row,) = await stage.settled()
        (posted,) = partner.posts
        said = read_receipt(unpack_envelope(row.receipt))
        assert is_attested(unpack_envelope(row.receipt))
        assert (row.state, row.accepted, row.rejected) == ("receipted", 2, 0)
        assert (said.attester, said.partner, said.outcome) == (HERE, THERE, _Receipt.OUTCOME_ACCEPTED)
        (kept,) = said.exchanges
        assert json.loads(kept.body)["taken"] == kept.request_digest.hex()
        assert ({one.name: one.value for one in kept.headers}["X-Request-Id"], kept.status) == (b"r-17", 202)
        assert (await stage.channel()).confirmed == row.sequence
        assert {one["data"]["tracking_number"] for one in json.loads(posted.body)["records"]} == {
            tracking(1),
            tracking(2),
        }
        assert "B. Example" not in posted.body.decode()


async def test_post_names_its_batch(tmp_path) -> None:
    """A post bears the batch id as its key, the digest of its body and the sealed statement."""
    async with Partner() as partner, Stage(make_node(tmp_path, partner.url)) as stage, stage.running():
        await stage.submit(message(item(1, "NL")))
        (row,) = await stage.settled()
        headers = partner.posts[0].headers
        pieces = [headers[name] for name in sorted(headers) if name.startswith("Gateway-Statement-")]
        assert base64.b64decode("".join(pieces)) == row.envelope
        assert headers["Idempotency-Key"] == row.batch_id
        said = parse_batch_statement(unpack_envelope(row.envelope).statement)
        assert (headers["Gateway-Batch"], headers["Gateway-Sequence"]) == (said.batch_id, str(said.sequence))
        digest = read_receipt(unpack_envelope(row.receipt)).exchanges[0].request_digest
        assert headers["Content-Digest"] == f"sha-256=:{base64.b64encode(digest).decode()}:"


@pytest.mark.parametrize("fault", ["status 500", "status 503 0", "status 429", "status 408", "digest"])
async def test_retryable_answers_repeat_the_same_post(tmp_path, fault) -> None:
    """After 5xx, 408, 429 or a damaged answer, the same bytes are posted again under the same key."""
    async with Partner() as partner, Stage(make_node(tmp_path, partner.url)) as stage:
        partner.script = [fault, fault]
        async with stage.running():
            await stage.submit(message(item(1, "NL")))
            (row,) = await stage.settled()
        assert (row.state, len(partner.posts)) == ("receipted", 3)
        assert len(set(partner.keys)) == len({one.body for one in partner.posts}) == 1


async def test_retry_after_is_waited_for(tmp_path) -> None:
    """A partner that asks for a second is not called before it is over."""
    async with Partner() as partner, Stage(make_node(tmp_path, partner.url)) as stage:
        partner.script = ["status 429 2"]
        async with stage.running():
            await stage.submit(message(item(1, "NL")))
            await stage.until(lambda _: len(partner.posts) == 1)
            with pytest.raises(TimeoutError):
                await stage.until(lambda _: len(partner.posts) > 1, seconds=1.0)
            await stage.settled()
        assert len(partner.posts) == 2


async def test_slow_partner_is_called_again(tmp_path) -> None:
    """An answer that does not come in time is no answer."""
    async with Partner() as partner:
        party = make_node(tmp_path, partner.url, "timeout_seconds = 0.2")
        partner.script = ["slow 2"]
        async with Stage(party) as stage, stage.running():
            await stage.submit(message(item(1, "NL")))
            (row,) = await stage.settled()
        assert (row.state, len(set(partner.keys)), len(partner.posts)) == ("receipted", 1, 2)


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("status 400", "WEBHOOK-REFUSED"),
        ("status 422", "WEBHOOK-REFUSED"),
        ("redirect", "WEBHOOK-REDIRECT"),
        ("huge", "WEBHOOK-REPLY-SIZE"),
    ],
)
async def test_other_answers_stop_the_channel(tmp_path, fault, code) -> None:
    """A refusal, a redirect and an endless answer stop the channel with their code, and are attested."""
    async with Partner() as partner, Stage(make_node(tmp_path, partner.url)) as stage:
        partner.script = [fault]
        async with stage.running():
            await stage.submit(message(item(1, "NL")))
            (row,) = await stage.settled()
        said = read_receipt(unpack_envelope(row.receipt))
        assert ((await stage.channel()).stopped, row.state) == (code, "refused")
        assert [one.code for one in said.findings] == [code]
        assert (said.outcome, len(partner.posts), partner.elsewhere) == (_Receipt.OUTCOME_REFUSED, 1, 0)
        assert len(said.exchanges[0].body) <= 65_536


async def test_resumed_channel_posts_again_under_the_same_key(tmp_path) -> None:
    """What the operator lets go on is posted again, and its answer replaces the refusal."""
    async with Partner() as partner, Stage(make_node(tmp_path, partner.url)) as stage:
        partner.script = ["status 403"]
        async with stage.running():
            await stage.submit(message(item(1, "NL")))
            await stage.settled()
            await stage.steps.logs.channels.resume(OUT, "the partner has mended its list")
            await stage.until(lambda rows: rows[0].state == "receipted")
        assert len(partner.posts) == 2
        assert len(set(partner.keys)) == 1


async def test_absent_partner_opens_the_circuit(tmp_path) -> None:
    """Where nobody listens, the circuit opens, and the batch stays as it is."""
    async with Partner() as partner:
        url = partner.url
    async with Stage(make_node(tmp_path, url)) as stage, stage.running():
        await stage.submit(message(item(1, "NL")))
        courier = stage.steps.couriers[0]
        await stage.until(lambda _: courier.state == "open-circuit")
        assert [one.state for one in await stage.batches()] == ["pending"]


async def test_record_that_cannot_be_written_is_rejected_alone(tmp_path) -> None:
    """A record that the partner's format cannot hold is rejected with its finding; the others go."""
    wide = item(2, "NL", addressee={"name": "A" * 71})
    form = ("supplement", "SUPPLEMENT")
    async with Partner() as partner, Stage(make_node(tmp_path, partner.url, form=form)) as stage:
        await stage.submit(message(item(1, "NL"), wide, item(3, "NL")))
        async with stage.running():
            rows = await stage.settled()
        said = read_receipt(unpack_envelope(rows[0].receipt))
        assert (rows[0].accepted, rows[0].rejected) == (2, 1)
        assert said.outcome == _Receipt.OUTCOME_PARTIAL
        assert [(one.index, one.findings[0].path) for one in said.records] == [(1, "/items/0/addressee/name")]
        assert len(json.loads(partner.posts[0].body)["items"]) == 2
        ledger = await Query(stage.store).ledger()
        assert (ledger.counts.shares, ledger.faults) == ({"accepted": 2, "rejected": 1}, ())


async def test_function_without_message_type_is_rejected(tmp_path) -> None:
    """A change that the format has no configured message for is rejected, and nothing is posted of it."""
    async with Partner() as partner, Stage(make_node(tmp_path, partner.url)) as stage, stage.running():
        await stage.submit(message({"reference": "r1", **item(1, "NL")}))
        await stage.settled()
        changed = {"reference": "r1", "function": "change", **item(1, "NL", package_count=2)}
        await stage.submit(message(changed, number="m2"))
        rows = await stage.settled(2)
        said = read_receipt(unpack_envelope(rows[1].receipt))
        assert [one.findings[0].code for one in said.records] == ["WEBHOOK-FUNCTION"]
        assert (len(said.exchanges), len(partner.posts)) == (0, 1)


async def test_amendment_goes_with_its_own_message_type(tmp_path) -> None:
    """A change is posted where the settings name a message type for it."""
    async with Partner() as partner:
        party = make_node(tmp_path, partner.url, 'amendment_type = "EAD"')
        async with Stage(party) as stage, stage.running():
            await stage.submit(message({"reference": "r1", **item(1, "NL")}))
            await stage.settled()
            changed = {"reference": "r1", "function": "change", **item(1, "NL", package_count=2)}
            await stage.submit(message(changed, number="m2"))
            await stage.settled(2)
        assert [one.headers["Gateway-Function"] for one in partner.posts] == ["original", "amendment"]


async def test_attestation_is_shown_for_what_it_is(tmp_path) -> None:
    """Trace and report say that the sender attests and the partner has not signed."""
    async with Partner() as partner, Stage(make_node(tmp_path, partner.url)) as stage:
        async with stage.running():
            await stage.submit(message(item(1, "NL")))
            (row,) = await stage.settled()
        found = await Query(stage.store).trace(tracking(1))
        assert found.shares[0].attested
        assert any(ATTESTED in line for line in trace_lines(found))
        report = Report(HERE, stage.store, stage.trust.agreements)
        span = (moment(row.created_at - 1000), moment(row.created_at + 1000))
        lines = [one async for one in report.lines(THERE, *span)]
        assert [(one.attested, one.proved) for one in lines] == [(True, True)]
