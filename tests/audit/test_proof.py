# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Proofs against published vectors and an independent recursive definition; every mutation must fail."""

import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.audit import proof, tree
from gateway.errors import InputError, VerificationError

VECTORS = json.loads((Path(__file__).parents[1] / "vectors/rfc6962/reference_tree.json").read_text())
REFERENCE = [tree.leaf_hash(bytes.fromhex(one)) for one in VECTORS["leaves"]]
LEAVES = [tree.leaf_hash(bytes([one])) for one in range(200)]
STORED = {(level, index): value for level, index, value in tree.append(0, (), LEAVES).hashes}
ROOTS = [tree.tree_root(LEAVES[:size]) for size in range(len(LEAVES) + 1)]


def read(level, index):
    """Read a stored subtree hash."""
    return STORED[level, index]


def reader(leaves):
    """Return a reader for other leaves."""
    stored = {(level, index): value for level, index, value in tree.append(0, (), leaves).hashes}
    return lambda level, index: stored[level, index]


def mth(leaves):
    """Compute MTH of RFC 6962 section 2.1 over leaf hashes by its recursive definition."""
    if len(leaves) == 1:
        return leaves[0]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return hashlib.sha256(b"\x01" + mth(leaves[:half]) + mth(leaves[half:])).digest()


def path(index, leaves):
    """Compute PATH of RFC 6962 section 2.1.1 by its recursive definition."""
    if len(leaves) == 1:
        return []
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    if index < half:
        return [*path(index, leaves[:half]), mth(leaves[half:])]
    return [*path(index - half, leaves[half:]), mth(leaves[:half])]


def subproof(old, leaves, whole):
    """Compute SUBPROOF of RFC 6962 section 2.1.2 by its recursive definition."""
    if old == len(leaves):
        return [] if whole else [mth(leaves)]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    if old <= half:
        return [*subproof(old, leaves[:half], whole), mth(leaves[half:])]
    return [*subproof(old - half, leaves[half:], whole=False), mth(leaves[:half])]


sizes = st.integers(1, len(LEAVES))
size_and_index = sizes.flatmap(lambda size: st.tuples(st.just(size), st.integers(0, size - 1)))
size_and_old = sizes.flatmap(lambda size: st.tuples(st.just(size), st.integers(1, size)))


@pytest.mark.parametrize("row", VECTORS["inclusion"])
def test_reference_inclusion_proofs(row):
    """Published inclusion proofs are made and verified."""
    expected = [bytes.fromhex(one) for one in row["proof"]]
    root = bytes.fromhex(VECTORS["roots"][row["size"] - 1])
    assert proof.inclusion(row["index"], row["size"], reader(REFERENCE)) == expected
    proof.verify_inclusion(REFERENCE[row["index"]], row["index"], row["size"], expected, root)


@pytest.mark.parametrize("row", VECTORS["consistency"])
def test_reference_consistency_proofs(row):
    """Published consistency proofs are made and verified."""
    expected = [bytes.fromhex(one) for one in row["proof"]]
    roots = [bytes.fromhex(one) for one in VECTORS["roots"]]
    assert proof.consistency(row["old"], row["new"], reader(REFERENCE)) == expected
    proof.verify_consistency(row["old"], row["new"], expected, roots[row["old"] - 1], roots[row["new"] - 1])


@given(size_and_index)
def test_inclusion_is_the_path_of_the_standard(case):
    """A made path equals the recursive definition and verifies."""
    size, index = case
    made = proof.inclusion(index, size, read)
    assert made == path(index, LEAVES[:size])
    proof.verify_inclusion(LEAVES[index], index, size, made, ROOTS[size])


@given(size_and_old)
def test_consistency_is_the_proof_of_the_standard(case):
    """A made consistency proof equals the recursive definition and verifies."""
    size, old = case
    made = proof.consistency(old, size, read)
    assert made == subproof(old, LEAVES[:size], whole=True)
    proof.verify_consistency(old, size, made, ROOTS[old], ROOTS[size])


def mutations(made):
    """Yield every proof with one hash changed, dropped, doubled or exchanged with its neighbour."""
    for place, one in enumerate(made):
        yield [*made[:place], bytes([one[0] ^ 1]) + one[1:], *made[place + 1 :]]
        yield [*made[:place], one[:-1] + bytes([one[-1] ^ 128]), *made[place + 1 :]]
        yield [*made[:place], *made[place + 1 :]]
        yield [*made[: place + 1], *made[place:]]
        yield [*made[:place], one[:31], *made[place + 1 :]]
        if place and made[place - 1] != one:
            yield [*made[: place - 1], one, made[place - 1], *made[place + 1 :]]
    yield [*made, bytes(32)]
    yield [bytes(32), *made]


@given(size_and_index)
def test_every_mutation_of_an_inclusion_proof_fails(case):
    """Changing hashes, leaf, root, index or size makes verification fail."""
    size, index = case
    made, root = proof.inclusion(index, size, read), ROOTS[size]
    cases = [(LEAVES[index], index, size, one, root) for one in mutations(made)]
    cases.append((tree.leaf_hash(b"other"), index, size, made, root))
    cases.append((LEAVES[index], index, size, made, ROOTS[size - 1]))
    cases += [(LEAVES[index], other, size, made, root) for other in range(-1, size + 1) if other != index]
    for leaf, at, of, hashes, top in cases:
        with pytest.raises(VerificationError):
            proof.verify_inclusion(leaf, at, of, hashes, top)


@given(size_and_old)
def test_every_mutation_of_a_consistency_proof_fails(case):
    """Changing hashes or either root makes verification fail."""
    size, old = case
    made = proof.consistency(old, size, read)
    cases = [(old, size, one, ROOTS[old], ROOTS[size]) for one in mutations(made)]
    cases.append((old, size, made, tree.leaf_hash(b"other"), ROOTS[size]))
    cases.append((old, size, made, ROOTS[old], tree.leaf_hash(b"other")))
    cases.append((size + 1, size, made, ROOTS[old], ROOTS[size]))
    cases.append((0, size, made, ROOTS[0], ROOTS[size]))
    for before, after, hashes, old_root, new_root in cases:
        with pytest.raises(VerificationError):
            proof.verify_consistency(before, after, hashes, old_root, new_root)


def test_mismatch_carries_both_roots():
    """A wrong root is reported with the expected and the computed one."""
    made = proof.inclusion(3, 9, read)
    with pytest.raises(proof.RootMismatch) as caught:
        proof.verify_inclusion(LEAVES[3], 3, 9, made, ROOTS[10])
    assert (caught.value.expected, caught.value.computed) == (ROOTS[10], ROOTS[9])
    assert [one.code for one in caught.value.findings] == ["AUDIT-ROOT"]


@pytest.mark.parametrize(("index", "size"), [(0, 0), (1, 1), (-1, 1), (5, 4)])
def test_no_proof_outside_the_tree(index, size):
    """An index at or above the size has no inclusion proof, and none verifies."""
    with pytest.raises(InputError) as made:
        proof.inclusion(index, size, read)
    with pytest.raises(VerificationError) as checked:
        proof.verify_inclusion(LEAVES[0], index, size, [], ROOTS[1])
    assert made.value.findings[0].code == checked.value.findings[0].code == "AUDIT-RANGE"


@pytest.mark.parametrize(("old", "new"), [(0, 0), (0, 5), (6, 5), (-1, 5)])
def test_no_consistency_from_nothing_or_backwards(old, new):
    """The empty tree proves nothing, and a log never shrinks."""
    with pytest.raises(InputError):
        proof.consistency(old, new, read)
    with pytest.raises(VerificationError):
        proof.verify_consistency(old, new, [], tree.EMPTY_ROOT, ROOTS[5])


def test_equal_sizes_need_equal_roots():
    """Two roots of one size are a split view, not a consistent log."""
    proof.verify_consistency(7, 7, [], ROOTS[7], ROOTS[7])
    with pytest.raises(proof.RootMismatch):
        proof.verify_consistency(7, 7, [], ROOTS[7], ROOTS[8])
    with pytest.raises(VerificationError):
        proof.verify_consistency(7, 7, [ROOTS[7]], ROOTS[7], ROOTS[7])


def test_single_leaf_has_an_empty_path():
    """The only leaf of a tree is its root."""
    assert proof.inclusion(0, 1, read) == []
    proof.verify_inclusion(LEAVES[0], 0, 1, [], LEAVES[0])
