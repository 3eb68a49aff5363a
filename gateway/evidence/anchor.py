# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Check that the log entry of a bundle existed before a time that an authority outside vouches for.

The way: entry, checkpoint of its log, leaf of the anchor log, checkpoint of the anchor log, time stamp. Each
step is a hash path or a signature, so the time of the last holds for the first.
"""

from datetime import datetime

from gateway.audit import checkpoint as checkpoints
from gateway.audit import leaf_hash, verify_inclusion
from gateway.audit.checkpoint import Checkpoint
from gateway.audit.hybrid import verify_second
from gateway.audit.note import KeyType, Note, NoteKey, read_note, verify_note
from gateway.envelope.keys import Algorithm, Purpose, verify_ml_dsa_44
from gateway.envelope.material import TrustedKey, require_usable
from gateway.envelope.timestamp import Rules, Stamp, verify_stamp
from gateway.errors import CouldNotCheck, VerificationError
from gateway.evidence.bundle import AnchorPart
from gateway.evidence.claims import Claims, Ring
from gateway.evidence.log import owner_of
from gateway.finding import finding
from gateway.wire.statement import FUTURE

ANCHOR = "anchor"


def check_stamp(
    claims: Claims, ring: Ring, part: AnchorPart, *, rules: Rules | None, now: datetime, found: list[Stamp]
) -> str:
    """Check every step from the entry to the stamp; `found` receives the stamp.

    Raises:
        VerificationError: one does not hold.
        CouldNotCheck: the way holds, but the verifier has no time-stamp authority, or a revocation list does
            not reach the time.
    """
    owner = owner_of(claims, claims.bundle.log)
    other = claims.ends[claims.ends[0] == owner]
    body = checkpoints.parse(part.body.encode())
    if body.origin != f"{owner}/{other}":
        wrong = finding("AUDIT-ORIGIN", expected=f"{owner}/{other}", actual=body.origin)
        raise VerificationError("another log was anchored", (wrong,))
    entry = claims.bundle.log
    verify_inclusion(leaf_hash(entry.entry), entry.index, body.size, part.entry_path, body.root)
    there = _anchor_checkpoint(claims, ring, part, owner)
    verify_inclusion(leaf_hash(part.body.encode()), part.index, there.size, part.path, there.root)
    if rules is None:
        raise CouldNotCheck("stamped, but no time-stamp authority was given (--tsa)")
    stamp = verify_stamp(part.stamp, part.checkpoint.encode(), rules, now)
    if stamp.at < claims.created_at - FUTURE:
        wrong = finding("STAMP-CLOCK", expected=claims.created_at.isoformat(), actual=stamp.at.isoformat())
        raise VerificationError("the stamp is older than what it stamps", (wrong,))
    found.append(stamp)
    return f"existed before {stamp.at.isoformat()}, by {stamp.authority} under policy {stamp.policy}"


def _anchor_checkpoint(claims: Claims, ring: Ring, part: AnchorPart, owner: str) -> Checkpoint:
    """Check the signatures of the anchor log under its checkpoint.

    Raises:
        VerificationError: one does not hold, or it is of another log.
        CouldNotCheck: a revocation list does not reach the time.
    """
    origin = f"{owner}/{ANCHOR}"
    note = read_note(part.checkpoint.encode())
    first = _signer(ring, note, owner, origin)
    there = checkpoints.parse(verify_note(note, NoteKey.of(origin, first.public_key)))
    if there.origin != origin:
        wrong = finding("AUDIT-ORIGIN", expected=origin, actual=there.origin)
        raise VerificationError("the stamped checkpoint is of another log", (wrong,))
    second = [one for one in ring.of(owner, Purpose.LOG) if one.algorithm is Algorithm.ML_DSA_44]
    names = [NoteKey.of(origin, one.public_key, KeyType.ML_DSA_44) for one in second]
    verify_second(note, names, verify_ml_dsa_44)
    for key in (first, *second):
        at = max(claims.received_at or claims.created_at, key.not_before)
        require_usable(key, owner=owner, purpose=Purpose.LOG, at=at)
        ring.used.add(key.key_id)
    return there


def _signer(ring: Ring, note: Note, owner: str, origin: str) -> TrustedKey:
    """Return the Ed25519 key that has signed a note.

    Raises:
        VerificationError: none has.
    """
    lines = {(one.name, one.key_hash) for one in note.signatures}
    for key in ring.of(owner, Purpose.LOG):
        if key.algorithm is Algorithm.ED25519 and (origin, NoteKey.of(origin, key.public_key).hash) in lines:
            return key
    raise VerificationError("no log key has signed the checkpoint", (finding("AUDIT-KEY", expected=origin),))
