# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What one more checkpoint of a log says about that log, seen beside the last one.

Every receipt and statement carries a checkpoint, so ordinary traffic asks this question. Rules, in order:

1. The root of size zero is that of the empty tree, and of no other size.
2. Equal sizes have equal roots.
3. A size that was seen before had the root it has now.
4. A larger tree continues the smaller one, which only a consistency proof shows.
5. A smaller tree without history or proof is a rollback. A message that came late is told from one by either.

A proof that leads from the larger signed root to another root of the smaller size convicts the log, because
nobody else can have made it; a proof that leads nowhere convicts nobody. Pure; knows no keys: both heads come
from verified checkpoints.
"""

import enum
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from gateway.audit.checkpoint import Checkpoint
from gateway.audit.proof import RootMismatch, verify_consistency
from gateway.audit.tree import EMPTY_ROOT
from gateway.errors import VerificationError
from gateway.finding import Finding, finding

# The root that was accepted for a size earlier, or None.
History: TypeAlias = Callable[[int], bytes | None]


class Verdict(enum.StrEnum):
    """What follows; the last three come with findings, split view and rollback stop a channel."""

    CONSISTENT = "consistent"
    NEEDS_PROOF = "needs-proof"
    BAD_PROOF = "bad-proof"
    SPLIT_VIEW = "split-view"
    ROLLBACK = "rollback"


@dataclass(frozen=True, slots=True)
class Head:
    """Size and root of a log at one moment; `note` is the signed checkpoint, kept as evidence."""

    size: int = 0
    root: bytes = EMPTY_ROOT
    note: bytes = field(default=b"", compare=False)

    @classmethod
    def of(cls, checkpoint: Checkpoint, note: bytes = b"") -> "Head":
        """Return the head that a verified checkpoint states."""
        return cls(checkpoint.size, checkpoint.root, note)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A verdict, the head to remember from now on, and the contradictory notes where there are any."""

    verdict: Verdict
    head: Head
    findings: tuple[Finding, ...] = ()
    evidence: tuple[bytes, ...] = ()


def compare(
    last: Head, new: Head, proof: Sequence[bytes] | None = None, *, history: History | None = None
) -> Comparison:
    """Judge a new checkpoint of a log; `last` is `Head()` for a log never seen before.

    `proof` is the consistency proof between the smaller and the larger of the two sizes, None if there is
    none. The head of the result is the larger one that was accepted, and stays `last` on every bad verdict.
    """
    known = history(new.size) if history else None
    if (new.size == 0) != (new.root == EMPTY_ROOT):
        return _bad(Verdict.SPLIT_VIEW, "AUDIT-EMPTY-ROOT", last, new)
    if (new.size == last.size and new.root != last.root) or known not in (None, new.root):
        return _bad(Verdict.SPLIT_VIEW, "AUDIT-SPLIT-VIEW", last, new)
    if new.size != last.size and last.size and known is None:
        return _proven(last, new, proof) if proof is not None else _unproven(last, new)
    if proof and known is None:
        found = finding("AUDIT-PROOF-LENGTH", expected="no hashes", actual=f"{len(proof)} hashes")
        return Comparison(Verdict.BAD_PROOF, last, (found,))
    return Comparison(Verdict.CONSISTENT, max(last, new, key=_size))


def _unproven(last: Head, new: Head) -> Comparison:
    """Judge two heads of different size, the last not empty, without a proof."""
    if new.size < last.size:
        return _bad(Verdict.ROLLBACK, "AUDIT-ROLLBACK", last, new)
    found = finding("AUDIT-NEEDS-PROOF", expected=f"proof from {last.size} to {new.size}")
    return Comparison(Verdict.NEEDS_PROOF, last, (found,))


def _proven(last: Head, new: Head, proof: Sequence[bytes]) -> Comparison:
    """Judge two heads of different size, neither empty, by a proof between them."""
    small, large = sorted((last, new), key=_size)
    try:
        verify_consistency(small.size, large.size, proof, small.root, large.root)
    except VerificationError as error:
        if isinstance(error, RootMismatch) and _convicts(small, large, proof, error.computed):
            return _bad(Verdict.SPLIT_VIEW, "AUDIT-SPLIT-VIEW", last, new)
        if new.size < last.size:
            return _bad(Verdict.ROLLBACK, "AUDIT-ROLLBACK", last, new)
        return Comparison(Verdict.BAD_PROOF, last, error.findings)
    return Comparison(Verdict.CONSISTENT, large)


def _convicts(small: Head, large: Head, proof: Sequence[bytes], other_root: bytes) -> bool:
    """Say whether the proof shows that the larger tree grew from another root than the smaller signed one."""
    try:
        verify_consistency(small.size, large.size, proof, other_root, large.root)
    except VerificationError:
        return False
    return other_root != small.root


def _bad(verdict: Verdict, code: str, last: Head, new: Head) -> Comparison:
    """Return a verdict against the log, with both notes."""
    found = finding(code, expected=f"{last.size} {last.root.hex()}", actual=f"{new.size} {new.root.hex()}")
    return Comparison(verdict, last, (found,), (last.note, new.note))


def _size(head: Head) -> int:
    """Return the size of a head."""
    return head.size
