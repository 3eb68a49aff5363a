# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The witness over whole histories: an honest log is always cosigned, a forked one never past the fork."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from gateway.audit import checkpoint, proof, tree, witness
from gateway.audit.compare import Head, Verdict, compare
from gateway.audit.note import NoteKey
from gateway.envelope.signer import FileSigner
from gateway.errors import VerificationError

ORIGIN = "customs-cn/customs-nl"
SIGNER = FileSigner(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
KEY = NoteKey.of(ORIGIN, SIGNER.public_key)
MAX = 40


class Log:
    """A log, with another leaf from some place on if it is a fork."""

    def __init__(self, fork=MAX):
        marks = [b"" if one < fork else b"x" for one in range(MAX)]
        self.leaves = [tree.leaf_hash(bytes([one]) + mark) for one, mark in enumerate(marks)]
        self.stored = {(level, at): value for level, at, value in tree.append(0, (), self.leaves).hashes}

    def head(self, size):
        """Return the head at a size with its signed checkpoint."""
        root = tree.tree_root(self.leaves[:size])
        signed = checkpoint.sign(checkpoint.Checkpoint(ORIGIN, size, root), KEY, SIGNER)
        return Head(size, root, signed)

    def proof(self, old, new):
        """Return a consistency proof, empty from nothing."""
        made = proof.consistency(old, new, lambda level, index: self.stored[level, index]) if old else []
        return tuple(made)

    def request(self, old, new):
        """Return a request to cosign."""
        return witness.Request(old, self.proof(old, new), self.head(new).note)


HONEST = Log()
sizes = st.lists(st.integers(0, MAX), min_size=1, max_size=8)


@given(sizes)
def test_honest_log_is_always_cosigned(taken):
    """Every growth of an honest log, told from the known size, is cosigned and becomes the state."""
    state = Head()
    for size in sorted(taken):
        decision = witness.consider(state, HONEST.request(state.size, size), [KEY])
        assert decision.outcome in (witness.Outcome.COSIGN, witness.Outcome.SAME)
        assert (decision.outcome is witness.Outcome.SAME) == (size == state.size)
        assert decision.body == checkpoint.format(ORIGIN, size, HONEST.head(size).root)
        state = decision.state
        assert state == HONEST.head(size)
        assert not decision.findings


@given(st.integers(1, MAX), st.integers(0, MAX), st.integers(0, MAX - 1), st.integers(0, MAX))
def test_forked_log_is_never_cosigned_past_the_fork(known, new, fork, old):
    """Whatever a fork sends, the state stays on the honest side, unless both sides are still the same."""
    forked, state = Log(fork), HONEST.head(known)
    request = forked.request(min(old, new), new)
    decision = witness.consider(state, request, [KEY])
    if decision.body:
        assert decision.state == HONEST.head(new) or fork >= known
        assert min(old, new) == known
    else:
        assert decision.state == state
        assert decision.findings
    if new == known and fork < new:
        assert decision.outcome is witness.Outcome.SPLIT_VIEW
        assert decision.evidence == (state.note, request.checkpoint)


@given(st.integers(0, MAX), st.integers(0, MAX))
def test_comparison_of_an_honest_log(one, two):
    """Two heads of one log with the proof between them are consistent either way; the larger stays."""
    small, large = sorted((one, two))
    made = HONEST.proof(small, large) if small != large else ()
    for last, new in ((small, large), (large, small)):
        if last and not new:
            continue
        seen = compare(HONEST.head(last), HONEST.head(new), made)
        assert (seen.verdict, seen.head.size) == (Verdict.CONSISTENT, large)


@given(st.integers(1, MAX), st.integers(1, MAX), st.integers(0, MAX - 1))
def test_comparison_never_takes_a_fork(last, new, fork):
    """No proof that a fork can make from its own tree joins it to an honest head past the fork."""
    forked = Log(fork)
    small, large = sorted((last, new))
    seen = compare(HONEST.head(last), forked.head(new), forked.proof(small, large) if small != large else ())
    assert (seen.verdict is Verdict.CONSISTENT) == (fork >= last)


def test_history_tells_late_from_rolled_back():
    """A smaller head that was accepted before is consistent and changes nothing."""
    history = {3: HONEST.head(3).root}.get
    seen = compare(HONEST.head(9), HONEST.head(3), history=history)
    assert (seen.verdict, seen.head) == (Verdict.CONSISTENT, HONEST.head(9))
    assert compare(HONEST.head(9), HONEST.head(4), history=history).verdict is Verdict.ROLLBACK


def test_first_sight_needs_no_proof():
    """A log never seen before is taken at its first size."""
    assert compare(Head(), HONEST.head(7)).head == HONEST.head(7)
    assert compare(Head(), Head()).verdict is Verdict.CONSISTENT


@given(st.integers(0, MAX), st.integers(0, MAX))
def test_request_round_trip(one, two):
    """Every request is read as it was written."""
    request = HONEST.request(*sorted((one, two)))
    assert witness.parse_request(witness.format_request(request)) == request


def test_request_form():
    """A request is old size, proof lines, an empty line and the checkpoint, byte for byte."""
    request = HONEST.request(4, 6)
    lines = witness.format_request(request).split(b"\n")
    assert lines[0] == b"old 4"
    assert len(lines[1 : lines.index(b"")]) == len(request.proof)
    assert b"\n".join(lines[lines.index(b"") + 1 :]) == request.checkpoint


def test_request_that_cannot_be_written():
    """Sizes, hashes and proofs out of bounds are not written, and a long proof is not read."""
    for old, made in ((-1, ()), (2**63, ()), (1, (b"short",)), (1, (bytes(32),) * 64)):
        with pytest.raises(ValueError, match=r"hash|size"):
            witness.format_request(witness.Request(old, made, b""))
    with pytest.raises(VerificationError):
        witness.parse_request(b"old 1\n" + b"\n".join([b"A" * 43 + b"="] * 64) + b"\n\nx\n")
