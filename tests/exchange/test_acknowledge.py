# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Receipts: which count, which are evidence, which stop a channel."""

import dataclasses

import pytest

from gateway.envelope.seal import seal
from gateway.errors import DeliveryError
from gateway.exchange.acknowledge import Effect
from gateway.exchange.sealing import BATCH_TYPE, RECEIPT_TYPE
from gateway.wire.convert import pack_envelope, parse_receipt_statement, unpack_envelope
from gateway.wire.v1 import envelope_pb2
from tests.partner_messages import contribution
from tests.partner_simulator import sealed

Receipt = envelope_pb2.ReceiptStatement


@pytest.fixture(name="receipt")
async def _receipt(pair):
    """A good receipt of beta's for alpha's batch of two records, not yet taken."""
    await pair.alpha.submit(contribution(1), contribution(2))
    (row,) = await sealed(pair.alpha, pair.channel, 1)
    return await pair.beta.receiver.receive("alpha", row.envelope, row.payload)


def resealed(pair, receipt, signers=None, kind=RECEIPT_TYPE, **changes):
    """Return a receipt that says something else and is sealed again by beta."""
    statement = parse_receipt_statement(unpack_envelope(receipt).statement)
    for name, value in changes.items():
        if name in ("records", "findings", "key_ids"):
            statement.ClearField(name)
            getattr(statement, name).extend(value)
        elif name in ("own_checkpoint", "last_seen"):
            getattr(statement, name).CopyFrom(value)
        else:
            setattr(statement, name, value)
    return pack_envelope(seal(kind, statement.SerializeToString(), signers or pair.beta.own.receipt))


def rejecting(index):
    """Return the outcome of one rejected record."""
    return {"outcome": Receipt.OUTCOME_PARTIAL, "records": [envelope_pb2.RecordOutcome(index=index)]}


async def shares(gateway):
    """Return the counts of shares by state."""
    return (await gateway.query.ledger()).counts.shares


async def stopped(pair):
    """Return the code that alpha's channel is stopped with."""
    (channel,) = (await pair.alpha.query.status()).channels
    return channel.stopped


async def test_good_receipt_settles(pair, receipt):
    """A good receipt settles every share, is logged, and is remembered with the partner's checkpoint."""
    done = await pair.alpha.acknowledger.acknowledge("beta", receipt)
    assert (done.effect, done.sequence) == (Effect.SETTLED, 1)
    assert await shares(pair.alpha) == {"accepted": 2}
    (row,) = pair.alpha.store.tables.batches.values()
    assert (row.state, row.receipt, row.accepted, row.receipt_log_index) == ("receipted", receipt, 2, 1)
    assert pair.alpha.store.tables.seen["beta"].origin == "beta/alpha"
    assert pair.alpha.store.tables.channels[pair.channel].confirmed == 1


async def test_rejected_records_are_settled_by_position(pair, receipt):
    """A record that the partner rejected is rejected, the other one accepted."""
    await pair.alpha.acknowledger.acknowledge("beta", resealed(pair, receipt, **rejecting(1)))
    assert [one.state for _, one in sorted(pair.alpha.store.tables.shares.items())] == [
        "accepted",
        "rejected",
    ]
    assert (await pair.alpha.query.ledger()).faults == ()


async def test_receipt_again_changes_nothing(pair, receipt):
    """The same receipt again has no effect and no entry."""
    await pair.alpha.acknowledger.acknowledge("beta", receipt)
    before = len(pair.alpha.store.tables.entries)
    done = await pair.alpha.acknowledger.acknowledge("beta", receipt)
    assert done.effect is Effect.REPEATED
    assert len(pair.alpha.store.tables.entries) == before


async def test_contradiction_stops_the_channel(pair, receipt):
    """A second receipt that says otherwise is evidence and stops the channel; the first one stands."""
    await pair.alpha.acknowledger.acknowledge("beta", receipt)
    other = resealed(pair, receipt, **rejecting(0))
    done = await pair.alpha.acknowledger.acknowledge("beta", other)
    assert done.effect is Effect.STOPPED
    assert await stopped(pair) == "RECEIPT-CONTRADICTION"
    assert await shares(pair.alpha) == {"accepted": 2}
    assert [one.envelope for one in pair.alpha.store.tables.refusals.values()] == [other]


async def test_late_refusal_of_an_accepted_batch_is_a_contradiction(pair, receipt):
    """A partner cannot take back an acceptance with a refusal."""
    await pair.alpha.acknowledger.acknowledge("beta", receipt)
    other = resealed(pair, receipt, outcome=Receipt.OUTCOME_REFUSED)
    await pair.alpha.acknowledger.acknowledge("beta", other)
    assert await stopped(pair) == "RECEIPT-CONTRADICTION"


SEEN = envelope_pb2.SeenCheckpoint(origin="alpha/beta", size=1, root=b"x" * 32)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"batch_id": "other"}, "RECEIPT-MISMATCH"),
        ({"statement_digest": b"x" * 32}, "RECEIPT-MISMATCH"),
        ({"payload_digest": b"x" * 32}, "RECEIPT-MISMATCH"),
        ({"commitment_root": b"x" * 32}, "RECEIPT-MISMATCH"),
        ({"count": 3}, "RECEIPT-MISMATCH"),
        ({"outcome": Receipt.OUTCOME_UNSPECIFIED}, "RECEIPT-MISMATCH"),
        ({"outcome": Receipt.OUTCOME_PARTIAL}, "RECEIPT-MISMATCH"),
        ({"records": [envelope_pb2.RecordOutcome(index=0)]}, "RECEIPT-MISMATCH"),
        (rejecting(2), "RECEIPT-MISMATCH"),
        ({"own_checkpoint": envelope_pb2.SeenCheckpoint(origin="x/y", size=1)}, "RECEIPT-MISMATCH"),
        ({"last_seen": SEEN}, "RECEIPT-SPLIT-VIEW"),
    ],
)
async def test_false_receipts_stop_the_channel(pair, receipt, changes, code):
    """A well sealed receipt that does not fit what was sent stops the channel and settles nothing."""
    await pair.alpha.acknowledger.acknowledge("beta", resealed(pair, receipt, **changes))
    assert await stopped(pair) == code
    assert await shares(pair.alpha) == {"batched": 2}
    assert [one.codes for one in pair.alpha.store.tables.refusals.values()] == [(code,)]


def _unsigned(pair, receipt):
    return pack_envelope(dataclasses.replace(unpack_envelope(receipt), signatures=()))


def _by_gamma(pair, receipt):
    return resealed(pair, receipt, signers=pair.keys["gamma"].receipt)


def _by_seal_keys(pair, receipt):
    return resealed(pair, receipt, signers=pair.beta.own.seal)


def _other_type(pair, receipt):
    return resealed(pair, receipt, kind=BATCH_TYPE)


def _half(pair, receipt):
    return resealed(pair, receipt, signers=pair.beta.own.receipt[:1])


def _for_another(pair, receipt):
    return resealed(pair, receipt, recipient="gamma")


def _of_another(pair, receipt):
    return resealed(pair, receipt, issuer="gamma")


def _other_keys(pair, receipt):
    return resealed(pair, receipt, key_ids=["a"])


def _other_version(pair, receipt):
    return resealed(pair, receipt, version=9)


def _garbage(pair, receipt):
    return b"garbage"


@pytest.mark.parametrize(
    "bend",
    [
        _unsigned,
        _by_gamma,
        _by_seal_keys,
        _other_type,
        _half,
        _for_another,
        _of_another,
        _other_keys,
        _other_version,
        _garbage,
    ],
)
async def test_untrusted_receipts_change_nothing(pair, receipt, bend):
    """A receipt whose seal does not hold is kept as evidence, logged, and changes nothing else."""
    with pytest.raises(DeliveryError):
        await pair.alpha.acknowledger.acknowledge("beta", bend(pair, receipt))
    assert await shares(pair.alpha) == {"batched": 2}
    assert await stopped(pair) == ""
    assert len(pair.alpha.store.tables.refusals) == 1
    assert [one.event for one in pair.alpha.store.tables.entries.values()] == ["sent", "refused"]


@pytest.mark.parametrize("changes", [{"sequence": 9}, {"channel": "beta/alpha/item"}, {"channel": ""}])
async def test_receipt_for_nothing_sent_changes_nothing(pair, receipt, changes):
    """A receipt for a batch that was never sent is kept as evidence and changes nothing else."""
    with pytest.raises(DeliveryError):
        await pair.alpha.acknowledger.acknowledge("beta", resealed(pair, receipt, **changes))
    assert await shares(pair.alpha) == {"batched": 2}
    assert [one.codes for one in pair.alpha.store.tables.refusals.values()] == [("RECEIPT-UNKNOWN",)]


async def test_gap_tells_where_to_go_on(pair):
    """A refusal that names an earlier number sends the courier back there and stops nothing."""
    await pair.alpha.submit(contribution(1))
    await sealed(pair.alpha, pair.channel, 1)
    await pair.alpha.submit(contribution(2), number="m2")
    _, second = await sealed(pair.alpha, pair.channel, 2)
    receipt = await pair.beta.receiver.receive("alpha", second.envelope, second.payload)
    done = await pair.alpha.acknowledger.acknowledge("beta", receipt)
    assert (done.effect, done.sequence, done.expected) == (Effect.GAP, 2, 1)
    assert await stopped(pair) == ""


async def test_gap_that_leads_nowhere_stops(pair):
    """A gap receipt that expects the very batch it refuses cannot be healed: the channel stops."""
    await pair.alpha.submit(contribution(1))
    (row,) = await sealed(pair.alpha, pair.channel, 1)
    receipt = await pair.beta.receiver.receive("alpha", row.envelope, row.payload)
    looping = resealed(
        pair,
        receipt,
        outcome=Receipt.OUTCOME_REFUSED,
        expected_sequence=1,
        findings=[envelope_pb2.WireFinding(code="TRUST-SEQUENCE-GAP", severity="error")],
    )
    await pair.alpha.acknowledger.acknowledge("beta", looping)
    assert await stopped(pair) == "TRUST-SEQUENCE-GAP"
