# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The witness of C2SP tlog-witness as a pure state machine: one head per origin, one decision per request.

Rules of `consider`, in order:

1. The request holds a checkpoint in a signed note.
2. Its origin is the name of a key that is known.
3. A line of such a key is there, and every such line holds; the same of ML-DSA-44 keys if the log has some.
4. The old size is not above the size of the checkpoint.
5. A checkpoint that contradicts the state, or is smaller, is told as what it is, with both notes.
6. The old size is the size in the state; else the request is stale and the answer names the known size.
7. The same size and root are cosigned again.
8. From size zero the proof is empty (only here: the general verifier refuses that case); from any other size
   it is a consistency proof that verifies.

The caller reads the state, asks, and saves the new state only if the old one still stands there, in one
transaction and before the cosignature leaves (`cosign.cosign` on `Decision.body`).
"""

import base64
import enum
import re
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.audit import checkpoint as checkpoints
from gateway.audit import hybrid
from gateway.audit.checkpoint import MAX_SIZE, Checkpoint
from gateway.audit.compare import Head, History, Verdict, compare
from gateway.audit.cosign import Check
from gateway.audit.note import MAX_NOTE_BYTES, KeyType, Note, NoteKey, read_note, verify_note
from gateway.audit.tree import HASH_LENGTH
from gateway.errors import CouldNotCheck, VerificationError
from gateway.finding import Finding, finding

MAX_PROOF_HASHES = 63

_OLD = re.compile(r"old (0|[1-9][0-9]{0,18})", re.ASCII)
_MAX_HEAD_BYTES = 4096


class Outcome(enum.StrEnum):
    """What a witness does with a request; the first two lead to a cosignature."""

    COSIGN = "cosign"
    SAME = "same"
    STALE = "stale"
    BAD_REQUEST = "bad-request"
    BAD_PROOF = "bad-proof"
    BAD_SIGNATURE = "bad-signature"
    UNKNOWN_LOG = "unknown-log"
    SPLIT_VIEW = "split-view"
    ROLLBACK = "rollback"


_OF_VERDICT = {
    Verdict.CONSISTENT: Outcome.COSIGN,
    Verdict.NEEDS_PROOF: Outcome.BAD_PROOF,
    Verdict.BAD_PROOF: Outcome.BAD_PROOF,
    Verdict.SPLIT_VIEW: Outcome.SPLIT_VIEW,
    Verdict.ROLLBACK: Outcome.ROLLBACK,
}


@dataclass(frozen=True, slots=True)
class Request:
    """An add-checkpoint request; `checkpoint` is the signed note as received."""

    old_size: int
    proof: tuple[bytes, ...]
    checkpoint: bytes


@dataclass(frozen=True, slots=True)
class Decision:
    """An outcome, the state to save, the body to cosign (empty unless one follows), findings and evidence."""

    outcome: Outcome
    state: Head
    body: bytes = b""
    findings: tuple[Finding, ...] = ()
    evidence: tuple[bytes, ...] = ()


def consider(
    state: Head,
    request: Request,
    keys: Sequence[NoteKey],
    *,
    history: History | None = None,
    ml_dsa_44: Check | None = None,
) -> Decision:
    """Decide on a request by the rules above; never raises for what the request holds.

    `state` is what was last cosigned for the origin, `Head()` if nothing was. `keys` are the log keys of all
    logs that are witnessed. `history` returns roots cosigned earlier, so that a late request is not taken for
    a rollback. Without `ml_dsa_44` a log that has such keys is not cosigned.
    """
    try:
        note = read_note(request.checkpoint)
        claimed = checkpoints.parse(note.text)
    except VerificationError as error:
        return Decision(Outcome.BAD_REQUEST, state, findings=error.findings)
    named = [key for key in keys if key.name == claimed.origin]
    mine = [key for key in named if key.kind is KeyType.ED25519]
    if not mine:
        found = finding("AUDIT-WITNESS-UNKNOWN", actual=claimed.origin)
        return Decision(Outcome.UNKNOWN_LOG, state, findings=(found,))
    try:
        _verify(note, mine)
        hybrid.verify_second(note, [key for key in named if key.kind is KeyType.ML_DSA_44], ml_dsa_44)
    except (VerificationError, CouldNotCheck) as error:
        return Decision(Outcome.BAD_SIGNATURE, state, findings=error.findings)
    if not 0 <= request.old_size <= claimed.size:
        found = finding(
            "AUDIT-WITNESS-REQUEST", expected=f"at most {claimed.size}", actual=f"old size {request.old_size}"
        )
        return Decision(Outcome.BAD_REQUEST, state, findings=(found,))
    return _judge(state, request, note, claimed, history)


def parse_request(raw: bytes) -> Request:
    """Read the body of an add-checkpoint request; the checkpoint in it is not looked at.

    Raises:
        VerificationError: it is not exactly what `format_request` writes.
    """
    head, _, checkpoint = raw.partition(b"\n\n")
    try:
        if len(raw) > MAX_NOTE_BYTES + _MAX_HEAD_BYTES:
            raise ValueError("too long")  # noqa: TRY301 - one way out for all faults
        first, *lines = head.decode("ascii").split("\n")
        old = _OLD.fullmatch(first)
        if not old or not checkpoint:
            raise ValueError("no old size or no checkpoint")  # noqa: TRY301 - one way out for all faults
        proof = tuple(base64.b64decode(line, validate=True) for line in lines)
        request = Request(int(old[1]), proof, checkpoint)
        if format_request(request) != raw:
            raise ValueError("not in the form that is written")  # noqa: TRY301 - one way out for all faults
    except ValueError as error:
        found = finding("AUDIT-WITNESS-REQUEST", expected="old size, proof, empty line, checkpoint")
        raise VerificationError("not a request to a witness", (found,)) from error
    return request


def format_request(request: Request) -> bytes:
    """Return the body of an add-checkpoint request.

    Raises:
        ValueError: the old size or the proof cannot be written.
    """
    if not 0 <= request.old_size <= MAX_SIZE or len(request.proof) > MAX_PROOF_HASHES:
        raise ValueError("a request has an old size and at most 63 hashes")
    if any(len(one) != HASH_LENGTH for one in request.proof):
        raise ValueError("a hash has 32 bytes")
    lines = [f"old {request.old_size}", *(base64.b64encode(one).decode() for one in request.proof), "", ""]
    return "\n".join(lines).encode() + request.checkpoint


def _verify(note: Note, keys: Sequence[NoteKey]) -> None:
    """Check every line of the log's keys, and that there is one."""
    present = {(one.name, one.key_hash) for one in note.signatures}
    for key in [one for one in keys if (one.name, one.hash) in present] or keys[:1]:
        verify_note(note, key)


def _judge(
    state: Head, request: Request, note: Note, claimed: Checkpoint, history: History | None
) -> Decision:
    """Apply rules 5 to 8 to a checkpoint that its log has signed."""
    new = Head.of(claimed, request.checkpoint)
    if request.old_size != state.size:
        # Without a proof of the known size only contradictions can be seen; they go before the stale answer.
        seen = compare(state, new, None, history=history)
        if seen.verdict in (Verdict.SPLIT_VIEW, Verdict.ROLLBACK):
            return Decision(_OF_VERDICT[seen.verdict], state, b"", seen.findings, seen.evidence)
        found = finding("AUDIT-WITNESS-STALE", expected=f"old {state.size}", actual=f"old {request.old_size}")
        return Decision(Outcome.STALE, state, findings=(found,))
    seen = compare(state, new, request.proof)
    if seen.verdict is not Verdict.CONSISTENT:
        return Decision(_OF_VERDICT[seen.verdict], state, b"", seen.findings, seen.evidence)
    outcome = Outcome.SAME if new == state else Outcome.COSIGN
    return Decision(outcome, seen.head, note.text)
