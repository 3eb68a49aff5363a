# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Check the statement of a batch, the agreement it rests on, and that one record belongs to it.

Pure functions that raise; each returns one line for people.
"""

import hashlib
from datetime import datetime

from gateway.agreement import Agreement, check_release, verify, verify_table
from gateway.audit import commit, leaf_hash, verify_inclusion
from gateway.audit.entry import SALT_LENGTH
from gateway.envelope import dsse, policy
from gateway.envelope.seal import unseal
from gateway.errors import VerificationError
from gateway.evidence.claims import Claims, Ring
from gateway.finding import finding, has_errors
from gateway.model import Release
from gateway.wire.convert import unpack_release
from gateway.wire.statement import BATCH_TYPE, FUTURE, PAST, STATEMENT_VERSION, TREE_VERSION

_DIGEST_BYTES = 32


def check_statement(claims: Claims, ring: Ring, at: datetime) -> str:
    """Check the seal of the sender, and that keys, policy and versions inside are those that held.

    Raises:
        VerificationError: it does not hold.
        CouldNotCheck: a revocation list does not reach the time.
        ConfigError: the policy is unknown.
    """
    said = claims.batch
    proved = unseal(
        claims.envelope,
        payload_type=BATCH_TYPE,
        keyring=ring.keyring,
        owner=said.sender,
        purpose="seal",
        policy=policy.get(said.signature_policy),
        at=at,
    )
    ring.used.update(proved.key_ids)
    if tuple(sorted(said.key_ids)) != proved.key_ids:
        raise VerificationError("the statement names other keys", (finding("RECEIVE-KEYS", path="key_ids"),))
    if (said.version, said.tree_version) != (STATEMENT_VERSION, TREE_VERSION):
        raise VerificationError("the statement is of an unknown version")
    if said.sender == said.recipient or said.channel != f"{said.sender}/{said.recipient}/{said.record_type}":
        raise VerificationError("the statement names a channel that is not its own")
    return f"batch {said.batch_id} sealed by {said.sender} for {said.recipient}, {at:%Y-%m-%d %H:%M:%S}Z"


def check_agreement(claims: Claims, ring: Ring, found: list[Agreement]) -> str:
    """Check that both sides have signed the agreement, and that it was in force; `found` receives it.

    Raises:
        VerificationError: it was not, or it is another one than the statement names.
        CouldNotCheck: a revocation list does not reach the time.
        ConfigError: the text is no agreement.
    """
    signed, said = claims.bundle.agreement, claims.batch
    at = claims.created_at
    envelope = dsse.from_json(signed)
    # It may have been signed again with newer keys since; then these must be good from their first day on.
    for one in envelope.signatures:
        key = ring.keyring.find(one.key_id)
        at = max(at, key.not_before)
        ring.used.add(key.key_id)
    agreement = verify(signed, ring.keyring, at).agreement
    if dsse.to_json(envelope) != signed:
        raise VerificationError("the agreement file is not in its one form")
    named = (said.agreement_id, said.agreement_version, said.agreement_digest)
    if (agreement.id, agreement.version, agreement.digest) != named:
        raise VerificationError("the statement rests on another agreement")
    if (agreement.sender, agreement.recipient, agreement.channel, agreement.record) != (
        said.sender,
        said.recipient,
        said.channel,
        said.record_type,
    ):
        raise VerificationError("the agreement is about another channel")
    if agreement.policy != said.signature_policy:
        raise VerificationError("the agreement demands another signature policy")
    if not agreement.effective_from <= claims.created_at < agreement.effective_until:
        raise VerificationError("the agreement was not in force then")
    found.append(agreement)
    return f"{agreement.id} version {agreement.version}, signed by both, in force then"


def check_treatments(claims: Claims, agreement: Agreement) -> str:
    """Check the treatment of every field against the statement and the agreement.

    Raises:
        VerificationError: the table was not bound, or says otherwise.
    """
    rows = verify_table(agreement, claims.bundle.treatments, claims.batch.treatment_digest)
    withheld = sum(row.treatment in ("omit", "commit") for row in rows)
    return f"{len(rows)} fields, {withheld} of them withheld"


def check_record(claims: Claims) -> str:
    """Check that the record was committed to at its place in the batch.

    Raises:
        VerificationError: it was not.
    """
    part, said = claims.bundle.record, claims.batch
    if len(part.salt) != SALT_LENGTH:
        raise VerificationError("a salt has 32 bytes")
    commitment = commit(part.salt, part.record)
    verify_inclusion(leaf_hash(commitment), part.position, said.count, part.path, said.commitment_root)
    return f"record {part.position} of {said.count}"


def check_released(claims: Claims, agreement: Agreement, found: list[Release]) -> str:
    """Check that the record holds what the agreement allows; `found` receives it.

    Raises:
        InputError: it cannot be read.
        VerificationError: it departs from the agreement.
    """
    release = unpack_release(claims.bundle.record.record)
    problems = check_release(agreement, release)
    if has_errors(problems):
        raise VerificationError("the record departs from the agreement", tuple(problems))
    found.append(release)
    return f"{release.function}, version {release.version}, {len(release.commitments)} fields committed"


def check_sequence(claims: Claims) -> str:
    """Check what the statement says of its place in the channel, and of its time against the receipt.

    Raises:
        VerificationError: it cannot be so.
    """
    said, receipt = claims.batch, claims.receipt
    if not 0 < said.sequence < 1 << 62:
        raise VerificationError("a sequence number counts from 1")
    if len(said.previous_digest) != (_DIGEST_BYTES if said.sequence > 1 else 0):
        raise VerificationError("the digest of the statement before does not fit the sequence number")
    if receipt is not None and claims.received_at is not None:
        age = claims.received_at - claims.created_at
        if receipt.outcome != receipt.OUTCOME_REFUSED and not -FUTURE <= age <= PAST:
            raise VerificationError("statement and receipt are too far apart in time")
    after = f" after {said.previous_digest.hex()[:16]}" if said.previous_digest else ""
    return f"number {said.sequence} of {said.channel}{after}"


def statement_digest(claims: Claims) -> bytes:
    """Return the digest of the statement, by which receipts and later statements name it."""
    return hashlib.sha256(claims.envelope.statement).digest()
