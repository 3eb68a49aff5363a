# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Check what the sender attests of the answers of a partner that cannot sign.

It proves what the sender has sworn to and could not change since, not what the partner has said.
"""

import hashlib

from gateway.clock import moment
from gateway.envelope import policy
from gateway.envelope.seal import unseal
from gateway.errors import CouldNotCheck, VerificationError
from gateway.evidence.claims import Claims, Ring
from gateway.evidence.receipt import check_outcome, outcome
from gateway.evidence.statement import statement_digest
from gateway.wire.statement import FUTURE, STATEMENT_VERSION, WEBHOOK_RECEIPT_TYPE
from gateway.wire.v1 import envelope_pb2

NOT_SIGNED = "attested by the sender, not signed by the partner"


def check_attestation(claims: Claims, ring: Ring) -> str:
    """Check that the sender has sealed the attestation by its receipt keys, and that it is about this batch.

    Raises:
        VerificationError: it is not.
        CouldNotCheck: a revocation list does not reach the time; or there is no attestation.
        ConfigError: the policy is unknown.
    """
    said, batch = claims.attested, claims.batch
    if said is None or claims.receipt_envelope is None:
        raise CouldNotCheck("there is no attestation")
    proved = unseal(
        claims.receipt_envelope,
        payload_type=WEBHOOK_RECEIPT_TYPE,
        keyring=ring.keyring,
        owner=batch.sender,
        purpose="receipt",
        policy=policy.get(batch.signature_policy),
        at=claims.created_at,
    )
    ring.used.update(proved.key_ids)
    if tuple(sorted(said.key_ids)) != proved.key_ids or said.version != STATEMENT_VERSION:
        raise VerificationError("the attestation names other keys or an unknown version")
    ends = (said.attester, said.partner, said.batch_id, said.channel, said.sequence, said.statement_digest)
    if ends != (
        batch.sender,
        batch.recipient,
        batch.batch_id,
        batch.channel,
        batch.sequence,
        statement_digest(claims),
    ):
        raise VerificationError("the attestation is about another batch")
    if said.attested_at_ms < batch.created_at_ms - FUTURE.total_seconds() * 1000:
        raise VerificationError("the attestation is older than the batch")
    check_outcome(said, batch)
    _check_answers(said)
    statuses = ", ".join(str(one.status) for one in said.exchanges) or "nothing posted"
    return (
        f"{outcome(claims)} ({statuses}), {NOT_SIGNED}: {said.attester} says so of {said.partner}, "
        f"{moment(said.attested_at_ms):%Y-%m-%d %H:%M:%S}Z"
    )


def _check_answers(said: envelope_pb2.WebhookReceipt) -> None:
    """Check that the kept answers have their digests and speak of every record that was not rejected.

    Raises:
        VerificationError: they do not.
    """
    if any(hashlib.sha256(one.body).digest() != one.body_digest for one in said.exchanges):
        raise VerificationError("a kept answer does not have its digest")
    if said.outcome == envelope_pb2.ReceiptStatement.OUTCOME_REFUSED:
        return
    posted = [index for one in said.exchanges for index in one.indexes]
    rejected = [one.index for one in said.records if not one.accepted]
    if sorted((*posted, *rejected)) != list(range(said.count)):
        raise VerificationError("the attestation does not speak of every record once")
