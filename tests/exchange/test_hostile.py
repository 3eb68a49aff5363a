# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What a hostile or broken peer may send, and what it gets: a signed refusal, an audit entry, no effect."""

import asyncio
import dataclasses
import hashlib

import pytest

from gateway.audit.commitment import batch_root, commit
from gateway.clock import milliseconds
from gateway.envelope.dsse import Signature
from gateway.envelope.seal import seal
from gateway.errors import PolicyRefusal
from gateway.exchange.sealing import BATCH_TYPE, RECEIPT_TYPE
from gateway.exchange.trust import prove
from gateway.wire.convert import (
    pack_envelope,
    pack_payload,
    parse_batch_statement,
    parse_receipt_statement,
    unpack_envelope,
    unpack_payload,
)
from gateway.wire.v1 import envelope_pb2, records_pb2
from tests.partner_messages import agreement, contribution
from tests.partner_simulator import Gateway, sealed

REFUSED = envelope_pb2.ReceiptStatement.OUTCOME_REFUSED


@pytest.fixture(name="transfer")
async def _transfer(pair):
    """One good envelope and payload of two records, sealed by alpha and not yet sent."""
    await pair.alpha.submit(contribution(1), contribution(2))
    (row,) = await sealed(pair.alpha, pair.channel, 1)
    return row.envelope, row.payload


def read_receipt(pair, receipt, recipient="alpha"):
    """Return a receipt of beta's after checking its seal as the recipient would."""
    proved = prove(
        unpack_envelope(receipt),
        payload_type=RECEIPT_TYPE,
        keyring=pair.alpha.keyring,
        owner="beta",
        purpose="receipt",
        agreements=[agreement()],
        at=pair.beta.clock.now,
    )
    parsed = parse_receipt_statement(proved.statement)
    assert (parsed.issuer, parsed.recipient) == ("beta", recipient)
    return parsed


async def refusal(pair, envelope, payload, partner="alpha"):
    """Send something to beta that must be refused; return the codes of the signed refusal."""
    tables = pair.beta.store.tables
    before = len(tables.inbound), len(tables.refusals)
    receipt = await pair.beta.receiver.receive(partner, envelope, payload)
    parsed = read_receipt(pair, receipt, partner)
    assert parsed.outcome == REFUSED
    assert (len(tables.inbound), len(tables.refusals)) == (before[0], before[1] + 1)
    evidence = list(tables.refusals.values())[-1]
    assert (evidence.envelope, evidence.receipt) == (envelope, receipt)
    assert tables.entries[f"beta/{partner}", evidence.log_index].event == "refused"
    codes = [one.code for one in parsed.findings]
    assert list(evidence.codes) == list(dict.fromkeys(codes))
    return codes


def resealed(pair, envelope, signers=None, kind=BATCH_TYPE, **changes):
    """Return an envelope whose statement was changed and sealed again by alpha."""
    statement = parse_batch_statement(unpack_envelope(envelope).statement)
    for name, value in changes.items():
        if name == "key_ids":
            statement.key_ids[:] = value
        else:
            setattr(statement, name, value)
    return pack_envelope(seal(kind, statement.SerializeToString(), signers or pair.alpha.own.seal))


async def test_good_transfer_is_accepted(pair, transfer):
    """The transfer that the other tests bend is good."""
    parsed = read_receipt(pair, await pair.beta.receiver.receive("alpha", *transfer))
    assert parsed.outcome == envelope_pb2.ReceiptStatement.OUTCOME_ACCEPTED
    assert (parsed.count, len(parsed.records)) == (2, 0)


def _unsigned(pair, one):
    return dataclasses.replace(one, signatures=())


def _empty(pair, one):
    return dataclasses.replace(one, signatures=(one.signatures[0], Signature(one.signatures[1].key_id, b"")))


def _half(pair, one):
    return dataclasses.replace(one, signatures=one.signatures[:1])


def _other_half(pair, one):
    return dataclasses.replace(one, signatures=one.signatures[1:])


def _twice(pair, one):
    return dataclasses.replace(one, signatures=(one.signatures[0], one.signatures[0]))


def _damaged(pair, one):
    first, second = one.signatures
    broken = Signature(second.key_id, bytes([second.value[0] ^ 1]) + second.value[1:])
    return dataclasses.replace(one, signatures=(first, broken))


def _altered(pair, one):
    return dataclasses.replace(one, statement=one.statement.replace(b"alpha-beta", b"alpha-bet4"))


def _other_type(pair, one):
    return dataclasses.replace(one, payload_type=RECEIPT_TYPE)


def _stranger(pair, one):
    return seal(BATCH_TYPE, one.statement, pair.keys["gamma"].seal)


def _receipt_keys(pair, one):
    return seal(BATCH_TYPE, one.statement, pair.keys["alpha"].receipt)


@pytest.mark.parametrize(
    ("bend", "code"),
    [
        (_unsigned, "TRUST-UNSIGNED"),
        (_empty, "TRUST-SIGNATURE-EMPTY"),
        (_half, "TRUST-ALGORITHM-MISSING"),
        (_other_half, "TRUST-ALGORITHM-MISSING"),
        (_twice, "TRUST-ALGORITHM-MISSING"),
        (_damaged, "TRUST-SIGNATURE"),
        (_altered, "TRUST-SIGNATURE"),
        (_other_type, "TRUST-PAYLOAD-TYPE"),
        (_stranger, "TRUST-KEY-OWNER"),
        (_receipt_keys, "TRUST-KEY-PURPOSE"),
    ],
)
async def test_bad_seals_are_refused(pair, transfer, bend, code):
    """An envelope that is unsigned, half signed, wrongly signed or altered is refused."""
    envelope, payload = transfer
    bent = pack_envelope(bend(pair, unpack_envelope(envelope)))
    assert any(one.startswith(code) for one in await refusal(pair, bent, payload))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"sender": "gamma"}, "RECEIVE-SENDER"),
        ({"recipient": "gamma"}, "RECEIVE-RECIPIENT"),
        ({"version": 2}, "RECEIVE-VERSION"),
        ({"tree_version": 2}, "RECEIVE-VERSION"),
        ({"agreement_id": "other"}, "RECEIVE-AGREEMENT"),
        ({"agreement_version": 2}, "RECEIVE-AGREEMENT"),
        ({"agreement_digest": b"x" * 32}, "RECEIVE-AGREEMENT"),
        ({"channel": "beta/alpha/item"}, "RECEIVE-CHANNEL"),
        ({"record_type": "event"}, "RECEIVE-CHANNEL"),
        ({"signature_policy": "p256"}, "RECEIVE-KEYS"),
        ({"key_ids": ["a", "b"]}, "RECEIVE-KEYS"),
        ({"key_ids": []}, "RECEIVE-KEYS"),
        ({"count": 1}, "RECEIVE-COUNT"),
        ({"payload_digest": b"x" * 32}, "RECEIVE-PAYLOAD"),
        ({"commitment_root": b"x" * 32}, "RECEIVE-COMMITMENT"),
        ({"batch_id": "../../x"}, "RECEIVE-MALFORMED"),
        ({"batch_id": ""}, "RECEIVE-MALFORMED"),
        ({"sequence": 0}, "RECEIVE-MALFORMED"),
        ({"sequence": 2}, "TRUST-SEQUENCE-GAP"),
        ({"previous_digest": b"x" * 32}, "TRUST-SEQUENCE-GAP"),
        ({"created_at_ms": 0}, "RECEIVE-CLOCK"),
        ({"created_at_ms": 1 << 62}, "RECEIVE-CLOCK"),
    ],
)
async def test_false_statements_are_refused(pair, transfer, changes, code):
    """A statement that is well sealed but says what is not so is refused."""
    envelope, payload = transfer
    assert code in await refusal(pair, resealed(pair, envelope, **changes), payload)


async def test_unknown_statement_field_is_refused(pair, transfer):
    """A sealed statement with a field outside the contract is refused."""
    envelope, payload = transfer
    statement = unpack_envelope(envelope).statement + b"\x82\x7d\x04evil"
    bent = pack_envelope(seal(BATCH_TYPE, statement, pair.alpha.own.seal))
    assert await refusal(pair, bent, payload) == ["WIRE-UNKNOWN-FIELD"]


@pytest.mark.parametrize("bent", [b"", b"\x00" * 50, b"<xml/>", b"\xff" * 1000])
async def test_garbage_is_refused(pair, bent):
    """Bytes that are no envelope get a signed refusal too."""
    assert await refusal(pair, bent, bent)


async def test_altered_payload_is_refused(pair, transfer):
    """A payload changed after sealing is refused, also when the batch was taken before."""
    envelope, payload = transfer
    bent = payload[:-1] + bytes([payload[-1] ^ 1])
    assert "RECEIVE-PAYLOAD" in await refusal(pair, envelope, bent)
    await pair.beta.receiver.receive("alpha", envelope, payload)
    assert "RECEIVE-PAYLOAD" in await refusal(pair, envelope, bent)


async def test_swapped_records_are_refused(pair, transfer):
    """Records under each other's salts do not have the root that was signed, even with a new digest."""
    envelope, payload = transfer
    (salt1, record1), (salt2, record2) = unpack_payload(payload)
    bent = pack_payload([(salt2, record1), (salt1, record2)])
    envelope = resealed(pair, envelope, payload_digest=hashlib.sha256(bent).digest())
    assert "RECEIVE-COMMITMENT" in await refusal(pair, envelope, bent)


async def test_late_batch_is_refused(pair, transfer):
    """A batch older than a month is refused."""
    pair.beta.clock.advance(days=32)
    assert "RECEIVE-CLOCK" in await refusal(pair, *transfer)


async def test_expired_keys_are_refused(pair, transfer):
    """A seal is judged by the keys of today."""
    pair.beta.clock.advance(days=365 * 6)
    before = len(pair.beta.store.tables.inbound)
    await pair.beta.receiver.receive("alpha", *transfer)
    assert len(pair.beta.store.tables.inbound) == before
    (evidence,) = pair.beta.store.tables.refusals.values()
    assert any(one.startswith("TRUST-") for one in evidence.codes)


async def test_expired_agreement_is_refused(keys, pair):
    """A batch under an agreement that has ended at the recipient is refused."""
    terms = [agreement(until="2026-11-21T00:00:00Z")]
    alpha, beta = Gateway("alpha", keys, terms), Gateway("beta", keys, terms)
    await alpha.submit(contribution(1))
    (row,) = await sealed(alpha, pair.channel, 1)
    beta.clock.advance(days=1)
    pair.beta = beta
    assert "RECEIVE-AGREEMENT" in await refusal(pair, row.envelope, row.payload)


async def test_stranger_gets_no_receipt_but_an_entry(pair, transfer):
    """An organisation that is no partner is turned away, and that is in the log."""
    for name in ("delta", "beta", "../x"):
        with pytest.raises(PolicyRefusal):
            await pair.beta.receiver.receive(name, *transfer)
    assert [one.event for one in pair.beta.store.tables.entries.values()] == ["refused"] * 3
    assert {one.log for one in pair.beta.store.tables.entries.values()} == {"beta/unknown"}


async def test_partner_cannot_pass_on_another_partners_batch(pair, transfer):
    """A partner that sends what another one sealed is refused."""
    assert await refusal(pair, *transfer, partner="gamma")


async def test_hello_needs_an_agreement(pair):
    """A channel without agreement in that direction is refused at once."""
    assert await pair.beta.receiver.hello("alpha", pair.channel) == 0
    for partner, channel in (
        ("gamma", "gamma/beta/item"),
        ("alpha", "beta/alpha/item"),
        ("gamma", pair.channel),
        ("delta", pair.channel),
    ):
        with pytest.raises(PolicyRefusal):
            await pair.beta.receiver.hello(partner, channel)


async def test_replay_gets_the_stored_receipt(pair, transfer):
    """The same batch again gets the same receipt bytes and has no second effect."""
    first = await pair.beta.receiver.receive("alpha", *transfer)
    pair.beta.clock.advance(days=3)
    assert await pair.beta.receiver.receive("alpha", *transfer) == first
    tables = pair.beta.store.tables
    assert (len(tables.inbound), len(tables.records), len(tables.entries)) == (1, 2, 2)


async def test_fifty_copies_at_once_have_one_effect(pair, transfer):
    """Copies that arrive at the same moment get one and the same receipt."""
    receipts = await asyncio.gather(*(pair.beta.receiver.receive("alpha", *transfer) for _ in range(50)))
    assert len(set(receipts)) == 1
    assert len(pair.beta.store.tables.inbound) == 1


async def test_same_id_with_other_bytes_is_a_conflict(pair, transfer):
    """A batch id or a number used again for another statement is refused as a conflict."""
    envelope, payload = transfer
    await pair.beta.receiver.receive("alpha", envelope, payload)
    now = milliseconds(pair.alpha.clock.now) + 1
    assert "RECEIVE-CONFLICT" in await refusal(pair, resealed(pair, envelope, created_at_ms=now), payload)
    assert "RECEIVE-CONFLICT" in await refusal(pair, resealed(pair, envelope, batch_id="other"), payload)


async def test_reordered_batches_name_the_gap(pair):
    """A batch that comes before its predecessor is refused with the number that is expected."""
    await pair.alpha.submit(contribution(1))
    await sealed(pair.alpha, pair.channel, 1)
    await pair.alpha.submit(contribution(2), number="m2")
    first, second = await sealed(pair.alpha, pair.channel, 2)
    parsed = read_receipt(pair, await pair.beta.receiver.receive("alpha", second.envelope, second.payload))
    assert (parsed.outcome, parsed.expected_sequence) == (REFUSED, 1)
    for row in (first, second):
        parsed = read_receipt(pair, await pair.beta.receiver.receive("alpha", row.envelope, row.payload))
        assert parsed.outcome != REFUSED


def _with_forbidden_field(record):
    message = records_pb2.Release.FromString(record)
    message.item.payer.name = "leak"
    return message.SerializeToString()


def _with_unknown_field(record):
    return record + b"\x82\x7d\x04evil"


def _without_reference(record):
    message = records_pb2.Release.FromString(record)
    message.reference = ""
    return message.SerializeToString()


@pytest.mark.parametrize(
    ("bend", "code"),
    [
        (_with_forbidden_field, "AGREEMENT-"),
        (_with_unknown_field, "WIRE-UNKNOWN-FIELD"),
        (_without_reference, "RECEIVE-REFERENCE"),
        (lambda record: b"\xff\xff", "WIRE-PARSE"),
    ],
)
async def test_one_bad_record_never_voids_the_others(pair, transfer, bend, code):
    """A record that breaks the agreement or the contract is rejected; its neighbour is accepted."""
    envelope, payload = transfer
    (salt1, record1), (salt2, record2) = unpack_payload(payload)
    entries = [(salt1, bend(record1)), (salt2, record2)]
    payload = pack_payload(entries)
    envelope = resealed(
        pair,
        envelope,
        payload_digest=hashlib.sha256(payload).digest(),
        commitment_root=batch_root([commit(salt, record) for salt, record in entries]),
    )
    parsed = read_receipt(pair, await pair.beta.receiver.receive("alpha", envelope, payload))
    assert parsed.outcome == envelope_pb2.ReceiptStatement.OUTCOME_PARTIAL
    assert [(one.index, one.accepted) for one in parsed.records] == [(0, False)]
    assert any(one.code.startswith(code) for one in parsed.records[0].findings)
    assert [one.state for one in pair.beta.store.tables.records.values()] == ["rejected", "accepted"]


async def test_record_twice_in_a_batch_is_rejected(pair, transfer):
    """The second copy of a record within one batch is rejected."""
    envelope, payload = transfer
    (salt, record), _ = unpack_payload(payload)
    entries = [(salt, record), (salt, record)]
    payload = pack_payload(entries)
    envelope = resealed(
        pair,
        envelope,
        payload_digest=hashlib.sha256(payload).digest(),
        commitment_root=batch_root([commit(salt, record) for salt, record in entries]),
    )
    parsed = read_receipt(pair, await pair.beta.receiver.receive("alpha", envelope, payload))
    assert [one.findings[0].code for one in parsed.records] == ["RECEIVE-TWICE"]


async def test_worker_that_breaks_is_a_refusal(pair, transfer):
    """A transfer that breaks its worker is refused, not raised."""

    async def breaks(*_):
        raise PolicyRefusal("worker")

    pair.beta.workers.open = breaks
    assert await refusal(pair, *transfer) == ["RECEIVE-MALFORMED"]


async def test_split_view_of_our_log_is_found(pair, transfer):
    """A partner that claims a state that our log never had gets a finding, and an alarm is raised."""
    envelope, payload = transfer
    statement = parse_batch_statement(unpack_envelope(envelope).statement)
    statement.last_seen.CopyFrom(envelope_pb2.SeenCheckpoint(origin="beta/alpha", size=5, root=b"x" * 32))
    bent = pack_envelope(seal(BATCH_TYPE, statement.SerializeToString(), pair.alpha.own.seal))
    parsed = read_receipt(pair, await pair.beta.receiver.receive("alpha", bent, payload))
    assert [one.code for one in parsed.findings] == ["RECEIVE-SPLIT-VIEW"]
    assert parsed.outcome == envelope_pb2.ReceiptStatement.OUTCOME_ACCEPTED
