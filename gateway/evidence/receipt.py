# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Check the receipt of a bundle, and what it says of the one record."""

from gateway.envelope import policy
from gateway.envelope.seal import unseal
from gateway.errors import CouldNotCheck, VerificationError
from gateway.evidence.claims import Claims, Ring
from gateway.evidence.statement import statement_digest
from gateway.wire.receipts import Receipt
from gateway.wire.statement import RECEIPT_TYPE, STATEMENT_VERSION
from gateway.wire.v1 import envelope_pb2

ACCEPTED, REJECTED, REFUSED = "accepted", "rejected", "refused"
_Receipt = envelope_pb2.ReceiptStatement


def check_receipt(claims: Claims, ring: Ring) -> str:
    """Check that the recipient has sealed the receipt, and that it is about this batch.

    Raises:
        VerificationError: it is not.
        CouldNotCheck: a revocation list does not reach the time; or there is no receipt.
        ConfigError: the policy is unknown.
    """
    said, batch = claims.receipt, claims.batch
    if said is None or claims.receipt_envelope is None or claims.received_at is None:
        raise CouldNotCheck("there is no receipt")
    proved = unseal(
        claims.receipt_envelope,
        payload_type=RECEIPT_TYPE,
        keyring=ring.keyring,
        owner=batch.recipient,
        purpose="receipt",
        policy=policy.get(batch.signature_policy),
        at=claims.received_at,
    )
    ring.used.update(proved.key_ids)
    if tuple(sorted(said.key_ids)) != proved.key_ids or said.version != STATEMENT_VERSION:
        raise VerificationError("the receipt names other keys or an unknown version")
    ends = (said.issuer, said.recipient, said.batch_id, said.channel, said.sequence, said.statement_digest)
    if ends != (
        batch.recipient,
        batch.sender,
        batch.batch_id,
        batch.channel,
        batch.sequence,
        statement_digest(claims),
    ):
        raise VerificationError("the receipt is about another batch")
    if said.own_checkpoint.origin != f"{batch.recipient}/{batch.sender}":
        raise VerificationError("the receipt names a log that is not its own")
    check_outcome(said, batch)
    return f"{outcome(claims)} by {said.issuer}, {claims.received_at:%Y-%m-%d %H:%M:%S}Z"


def outcome(claims: Claims) -> str:
    """Return what the receipt, or the attestation in its place, says of the record.

    That is accepted, rejected, or refused with its whole batch.
    """
    said = claims.receipt or claims.attested
    if said is None:
        return ""
    if said.outcome == _Receipt.OUTCOME_REFUSED:
        return REFUSED
    rejected = {one.index for one in said.records if not one.accepted}
    return REJECTED if claims.bundle.record.position in rejected else ACCEPTED


def check_outcome(said: Receipt, batch: envelope_pb2.BatchStatement) -> None:
    """Check that the outcome can be said of the batch.

    Raises:
        VerificationError: it cannot.
    """
    if said.outcome == _Receipt.OUTCOME_REFUSED:
        return
    if (said.payload_digest, said.commitment_root, said.count) != (
        batch.payload_digest,
        batch.commitment_root,
        batch.count,
    ):
        raise VerificationError("the receipt is about another payload")
    indexes = [one.index for one in said.records]
    if len(set(indexes)) != len(indexes) or any(one >= batch.count for one in indexes):
        raise VerificationError("the receipt names records that are not there")
    partial = any(not one.accepted for one in said.records)
    if said.outcome != (_Receipt.OUTCOME_PARTIAL if partial else _Receipt.OUTCOME_ACCEPTED):
        raise VerificationError("the receipt contradicts itself")
