# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Open one withheld field of one record: value and salt, signed by the sender, small enough for a referral.

The file is a DSSE envelope in JSON. It names batch, statement digest and position, and opens nothing else:
every committed field has a salt of its own.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import msgspec

from gateway.audit import open_commitment
from gateway.clock import milliseconds, moment
from gateway.envelope import dsse, policy
from gateway.envelope.keys import Purpose
from gateway.envelope.seal import seal, unseal
from gateway.envelope.signer import Signer
from gateway.envelope.trust import Keyring
from gateway.errors import VerificationError
from gateway.finding import finding
from gateway.model import Release
from gateway.wire.v1 import envelope_pb2

PAYLOAD_TYPE = "application/vnd.customs-ead.field-opening.v1+json"
MAX_BYTES = 256 * 1024


class FieldOpening(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the sender states: this was the value behind the commitment at `path` of this record."""

    version: Literal[1] = 1
    sender: str
    recipient: str
    batch_id: str
    statement_digest: bytes
    position: int
    path: str
    value: bytes
    salt: bytes
    opened_at_ms: int


@dataclass(frozen=True, slots=True)
class OriginalRecord:
    """The record as it was sent, from a batch whose statement was verified, and the statement's digest."""

    batch: envelope_pb2.BatchStatement
    statement_digest: bytes
    position: int
    release: Release


_decoder = msgspec.json.Decoder(FieldOpening)


def sign_opening(opening: FieldOpening, signers: tuple[Signer, ...]) -> tuple[bytes, bytes]:
    """Return the statement of an opening and its file."""
    raw = msgspec.json.encode(opening)
    return raw, dsse.to_json(seal(PAYLOAD_TYPE, raw, signers))


def make_opening(
    original: OriginalRecord, *, path: str, value: bytes, salt: bytes, now: datetime
) -> FieldOpening:
    """Return the opening of a field; check it with `check_opening` before it is signed."""
    return FieldOpening(
        sender=original.batch.sender,
        recipient=original.batch.recipient,
        batch_id=original.batch.batch_id,
        statement_digest=original.statement_digest,
        position=original.position,
        path=path,
        value=value,
        salt=salt,
        opened_at_ms=milliseconds(now),
    )


def read_opening(raw: bytes) -> FieldOpening:
    """Read the file of an opening without checking its signatures, to find the batch that it is about.

    Raises:
        VerificationError: it is no such file.
    """
    if len(raw) > MAX_BYTES:
        raise _wrong("AUDIT-FIELD-FORM", "the file is too large")
    envelope = dsse.from_json(raw)
    if envelope.payload_type != PAYLOAD_TYPE:
        raise _wrong("AUDIT-FIELD-FORM", "the file does not hold an opening")
    try:
        opening = _decoder.decode(envelope.statement)
        moment(opening.opened_at_ms)
    except (msgspec.MsgspecError, ValueError, OverflowError) as error:
        raise _wrong("AUDIT-FIELD-FORM", "the opening cannot be read") from error
    if msgspec.json.encode(opening) != envelope.statement or dsse.to_json(envelope) != raw:
        raise _wrong("AUDIT-FIELD-FORM", "the opening is not in its one form")
    return opening


def verify_opening(raw: bytes, original: OriginalRecord, keyring: Keyring) -> FieldOpening:
    """Check the seal of an opening and that it opens the commitment in the original record.

    Raises:
        VerificationError: it does not; the findings say why.
        CouldNotCheck: the sender is not known, or its revocation list does not reach the time.
    """
    opening = read_opening(raw)
    unseal(
        dsse.from_json(raw),
        payload_type=PAYLOAD_TYPE,
        keyring=keyring,
        owner=original.batch.sender,
        purpose=Purpose.SEAL,
        policy=policy.get(original.batch.signature_policy),
        at=moment(opening.opened_at_ms),
    )
    check_opening(opening, original)
    return opening


def check_opening(opening: FieldOpening, original: OriginalRecord) -> None:
    """Check that an opening is about the record, and that salt and value open the commitment in it.

    Raises:
        VerificationError: it is about another one, the field was not committed to, or they do not.
    """
    batch = original.batch
    if (
        opening.sender,
        opening.recipient,
        opening.batch_id,
        opening.statement_digest,
        opening.position,
    ) != (batch.sender, batch.recipient, batch.batch_id, original.statement_digest, original.position):
        raise _wrong("AUDIT-FIELD-RECORD", "the opening is about another record")
    for one in original.release.commitments:
        if one.path == opening.path:
            open_commitment(one.digest, opening.salt, opening.value)
            return
    raise _wrong("AUDIT-FIELD-PATH", "the record has no commitment to this field")


def _wrong(code: str, says: str) -> VerificationError:
    """Make the error of one finding."""
    return VerificationError(says, (finding(code, actual=says),))
