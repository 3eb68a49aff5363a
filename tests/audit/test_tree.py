# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The Merkle tree against published vectors, and incremental growth against growth at once."""

import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.audit import tree

VECTORS = json.loads((Path(__file__).parents[1] / "vectors/rfc6962/reference_tree.json").read_text())
LEAVES = [tree.leaf_hash(bytes.fromhex(one)) for one in VECTORS["leaves"]]
hashes = st.lists(st.binary(min_size=32, max_size=32), max_size=70)


def test_empty_root_is_hash_of_nothing():
    """The empty tree has the SHA-256 of the empty string as root, whichever way it is computed."""
    assert tree.EMPTY_ROOT.hex() == VECTORS["empty_root"]
    assert tree.root(()) == tree.tree_root([]) == tree.EMPTY_ROOT


@pytest.mark.parametrize("size", range(1, 9))
def test_reference_roots(size):
    """Every prefix of the reference leaves has the published root."""
    expected = bytes.fromhex(VECTORS["roots"][size - 1])
    assert tree.tree_root(LEAVES[:size]) == expected
    assert tree.root(tree.append(0, (), LEAVES[:size]).frontier) == expected


def test_leaf_and_node_are_separated():
    """A leaf that holds two hashes is never mistaken for the node above them."""
    left, right = LEAVES[0], LEAVES[1]
    assert tree.leaf_hash(left + right) != tree.node_hash(left, right)
    assert tree.node_hash(left, right) == hashlib.sha256(b"\x01" + left + right).digest()


def test_lone_node_is_not_doubled():
    """Repeating the last leaf of an odd tree gives another root."""
    assert tree.tree_root(LEAVES[:3]) != tree.tree_root([*LEAVES[:3], LEAVES[2]])


@given(hashes, st.data())
def test_incremental_equals_at_once(leaves, data):
    """Appending in any portions gives the root, frontier and subtree hashes of one append."""
    cut = data.draw(st.integers(0, len(leaves)))
    first = tree.append(0, (), leaves[:cut])
    second = tree.append(first.size, first.frontier, leaves[cut:])
    whole = tree.append(0, (), leaves)
    assert (second.size, second.frontier) == (whole.size, whole.frontier)
    assert first.hashes + second.hashes == whole.hashes
    assert tree.root(second.frontier) == tree.tree_root(leaves)


@given(hashes)
def test_new_hashes_are_complete_subtrees(leaves):
    """Every reported hash is the root over exactly the leaves below it, and none stands twice."""
    reported = tree.append(0, (), leaves).hashes
    for level, index, value in reported:
        assert value == tree.tree_root(leaves[index << level : (index + 1) << level])
    assert len({(level, index) for level, index, _ in reported}) == len(reported)
    assert len(reported) == sum(len(leaves) >> level for level in range(8))


@pytest.mark.parametrize(
    ("size", "frontier", "leaves"),
    [
        (1, (), []),
        (0, (LEAVES[0],), []),
        (3, (LEAVES[0],), []),
        (-1, (), []),
        (1, (b"short",), []),
        (0, (), [b""]),
    ],
)
def test_append_refuses_a_frontier_of_another_size(size, frontier, leaves):
    """A frontier that does not belong to the size, or a hash of another length, is refused."""
    with pytest.raises(ValueError, match=r"subtrees|32 bytes"):
        tree.append(size, frontier, leaves)


@given(st.integers(0, 9000), st.integers(0, 9000))
def test_rebuild_equals_append(before, size):
    """Rebuilding from entries in one go or two gives the root and frontier of appending."""
    before = min(before, size)
    entries = [one.to_bytes(2, "big") for one in range(size)]
    grown = tree.append(0, (), [tree.leaf_hash(one) for one in entries])
    assert tree.rebuild(iter(entries)) == tree.root(grown.frontier)
    half = tree.extend(0, (), entries[:before])
    assert tree.extend(*half, iter(entries[before:])) == (grown.size, grown.frontier)


def test_extend_refuses_another_frontier():
    """A frontier that does not belong to the size is refused."""
    with pytest.raises(ValueError, match="complete subtrees"):
        tree.extend(1, (), [b""])
