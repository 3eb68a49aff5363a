# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Check that a batch stands in the log of one side, under a checkpoint that its log key has signed.

A checkpoint has no time of its own. It was signed when its entry stood in the log or later, so its key must
be good at the first moment from then on at which it was valid.
"""

from dataclasses import dataclass
from datetime import datetime

from gateway.audit import checkpoint as checkpoints
from gateway.audit import leaf_hash, salted_digest, verify_consistency, verify_inclusion
from gateway.audit.checkpoint import Checkpoint
from gateway.audit.cosign import KIND_OF, verify_cosignature
from gateway.audit.entry import SALT_LENGTH, Event, parse
from gateway.audit.note import Note, NoteKey, read_note, verify_note
from gateway.clock import moment
from gateway.envelope.keys import Algorithm, Purpose, verify_ml_dsa_44
from gateway.envelope.material import TrustedKey, require_usable
from gateway.errors import VerificationError
from gateway.evidence.bundle import LogPart
from gateway.evidence.claims import Claims, Ring
from gateway.finding import finding
from gateway.wire.v1 import envelope_pb2


@dataclass(frozen=True, slots=True)
class Signed:
    """A checkpoint whose signature holds, and the organisations whose witness keys have cosigned it."""

    checkpoint: Checkpoint
    witnesses: tuple[str, ...]


def owner_of(claims: Claims, part: LogPart) -> str:
    """Return whose log a part is from, by the event of its entry.

    Raises:
        VerificationError: the entry is not about sending or receiving.
    """
    event = parse(part.entry).event
    if event not in (Event.SENT, Event.RECEIVED):
        raise VerificationError("the log entry is about something else")
    return claims.batch.sender if event is Event.SENT else claims.batch.recipient


def check_log(claims: Claims, ring: Ring, part: LogPart, found: list[Signed]) -> str:
    """Check entry, path and checkpoint of one log; `found` receives the checkpoint.

    Raises:
        VerificationError: one does not hold.
        CouldNotCheck: a revocation list does not reach the time.
    """
    owner = owner_of(claims, part)
    entry = parse(part.entry)
    if len(part.salt) != SALT_LENGTH or salted_digest(part.salt, claims.envelope.statement) != entry.digest:
        raise VerificationError("the log entry is about another statement")
    if entry.batch_root != claims.batch.commitment_root:
        raise VerificationError("the log entry names another commitment root")
    signed = check_checkpoint(claims, ring, part.checkpoint, owner)
    there = signed.checkpoint
    verify_inclusion(leaf_hash(part.entry), part.index, there.size, part.path, there.root)
    if owner == claims.batch.recipient and claims.receipt is not None:
        accepted = claims.receipt.outcome != claims.receipt.OUTCOME_REFUSED
        if accepted and claims.receipt.log_index != part.index:
            raise VerificationError("the receipt names another log entry")
    found.append(signed)
    return f"entry {part.index} of {there.size} in {there.origin}"


def check_checkpoint(claims: Claims, ring: Ring, text: str, owner: str) -> Signed:
    """Check the signature of a log under its checkpoint, and every cosignature.

    Raises:
        VerificationError: it does not hold, or a line is of no known key.
        CouldNotCheck: a revocation list does not reach the time.
    """
    other = claims.ends[claims.ends[0] == owner]
    origin = f"{owner}/{other}"
    note = read_note(text.encode())
    key = _log_key(ring, note, owner, origin)
    checkpoint = checkpoints.parse(verify_note(note, NoteKey.of(origin, key.public_key)))
    if checkpoint.origin != origin:
        found = finding("AUDIT-ORIGIN", expected=origin, actual=checkpoint.origin)
        raise VerificationError("the checkpoint is of another log", (found,))
    at = max(claims.received_at or claims.created_at, key.not_before)
    require_usable(key, owner=owner, purpose=Purpose.LOG, at=at)
    ring.used.add(key.key_id)
    return Signed(checkpoint, _witnesses(claims, ring, note, NoteKey.of(origin, key.public_key)))


def check_continuity(claims: Claims, part: LogPart, signed: Signed) -> str:
    """Check that the log continues the state of it that the receipt names.

    Raises:
        VerificationError: it does not: the log was rewritten.
    """
    named = named_state(claims, owner_of(claims, part))
    if named is None or part.consistency is None:
        raise VerificationError("there is no receipt that names a state of this log")
    there = signed.checkpoint
    if named.origin != there.origin:
        raise VerificationError("the receipt names another log")
    verify_consistency(named.size, there.size, part.consistency, named.root, there.root)
    return f"{there.origin} continues the {named.size} entries that {claims.batch.recipient} has signed for"


def check_seen(claims: Claims, signed: Signed, owner: str) -> str:
    """Check a checkpoint of the other side's log against the state of it that the receipt names.

    Raises:
        VerificationError: both have the same size and different roots.
    """
    named, there = named_state(claims, owner), signed.checkpoint
    if named is not None and (named.size, named.origin) == (there.size, there.origin):
        if named.root != there.root:
            raise VerificationError("two states of one size", (finding("AUDIT-SPLIT-VIEW"),))
        return f"{there.size} entries in {there.origin}, as in the receipt"
    return f"{there.size} entries in {there.origin}"


def named_state(claims: Claims, owner: str) -> envelope_pb2.SeenCheckpoint | None:
    """Return the state of a side's log that the receipt names."""
    if claims.receipt is None:
        return None
    if owner == claims.batch.recipient:
        return claims.receipt.own_checkpoint
    return claims.receipt.last_seen if claims.receipt.HasField("last_seen") else None


def _log_key(ring: Ring, note: Note, owner: str, origin: str) -> TrustedKey:
    """Return the key of the log that has signed a note.

    Raises:
        VerificationError: none has.
    """
    lines = {(one.name, one.key_hash) for one in note.signatures}
    for key in ring.of(owner, Purpose.LOG):
        if key.algorithm is Algorithm.ED25519 and (origin, NoteKey.of(origin, key.public_key).hash) in lines:
            return key
    raise VerificationError("no log key has signed the checkpoint", (finding("AUDIT-KEY", expected=origin),))


def _witnesses(claims: Claims, ring: Ring, note: Note, log: NoteKey) -> tuple[str, ...]:
    """Check every line beside the log's own; return the organisations of the witnesses.

    Raises:
        VerificationError: a line is of no known witness, or does not hold.
    """
    known = {
        key.key_id: key
        for owner in claims.ends
        for key in ring.of(owner, Purpose.WITNESS)
        if key.algorithm in KIND_OF
    }
    found = []
    for line in note.signatures:
        if (line.name, line.key_hash) == (log.name, log.hash):
            continue
        for key in known.values():
            named = NoteKey.of(line.name, key.public_key, KIND_OF[key.algorithm])
            if named.hash == line.key_hash:
                break
        else:
            raise VerificationError(
                "a line of the checkpoint is of no known witness", (finding("AUDIT-KEY", actual=line.name),)
            )
        given = verify_cosignature(note, named, ml_dsa_44=verify_ml_dsa_44)
        require_usable(key, owner=key.owner, purpose=Purpose.WITNESS, at=_at(given.time))
        ring.used.add(key.key_id)
        found.append(key.owner)
    return tuple(dict.fromkeys(found))  # a witness with two keys is one witness


def _at(seconds: int) -> datetime:
    """Return the time of a cosignature.

    Raises:
        VerificationError: it cannot be computed with.
    """
    try:
        return moment(seconds * 1000)
    except (ValueError, OverflowError) as error:
        raise VerificationError("not a time", (finding("AUDIT-COSIGNATURE-FORM"),)) from error
