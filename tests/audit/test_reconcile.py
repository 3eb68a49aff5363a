# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Reconciliation finds exactly what a comparison of the whole lists finds, with few questions."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.audit import reconcile, tree
from gateway.errors import InputError

lists = st.lists(st.integers(0, 2), max_size=80).map(
    lambda marks: [tree.leaf_hash(bytes([one])) for one in marks]
)


def run(ours, theirs):
    """Return the difference, the number of questions and of rounds."""
    other, asked = reconcile.Side(theirs), []

    def ask(questions):
        asked.append(len(questions))
        return other.answer(questions)

    found = reconcile.find_difference(reconcile.Side(ours), other.size, other.root, ask)
    return found, sum(asked), len(asked)


@given(lists, lists)
def test_difference_equals_naive_comparison(ours, theirs):
    """Differing and missing places are those of a walk over both lists."""
    found, _, _ = run(ours, theirs)
    pairs = enumerate(zip(ours, theirs, strict=False))
    assert found.differing == tuple((place, two) for place, (one, two) in pairs if one != two)
    assert found.we_lack == range(len(ours), len(theirs))
    assert found.they_lack == range(len(theirs), len(ours))


@given(st.integers(1, 5000), st.sets(st.integers(0, 4999), max_size=6), st.integers(0, 40))
def test_questions_are_bounded(size, changed, more):
    """The number of questions is O(k log n), that of rounds O(log n)."""
    ours = [tree.leaf_hash(one.to_bytes(4, "big")) for one in range(size)]
    theirs = [tree.leaf_hash(b"x") if place in changed else one for place, one in enumerate(ours)]
    theirs += [tree.leaf_hash(b"y")] * more
    found, questions, rounds = run(ours, theirs)
    depth = math.log2(len(theirs)) + 1
    assert len(found.differing) == len({one for one in changed if one < size})
    assert questions <= 2 * (len(found.differing) + 1) * depth + depth
    assert rounds <= depth + 1


def test_equal_lists_cost_no_question():
    """Equal sizes and roots end the comparison at once."""
    leaves = [tree.leaf_hash(bytes([one])) for one in range(9)]
    assert run(leaves, list(leaves))[1:] == (0, 0)
    assert run([], [])[1:] == (0, 0)
    assert run(leaves, [])[0].they_lack == range(9)


@given(
    st.dictionaries(st.integers(100, 160), st.binary(min_size=1, max_size=3)),
    st.dictionaries(st.integers(100, 160), st.binary(min_size=1, max_size=3)),
)
def test_slots_name_what_each_side_lacks(ours, theirs):
    """With a place per sequence number, what is absent in the middle is told as absent."""
    numbers = range(100, 161)
    mine, other = (reconcile.Side(reconcile.slots(numbers, one)) for one in (ours, theirs))
    found = reconcile.find_difference(mine, other.size, other.root, other.answer)
    told = reconcile.missing(numbers, mine, found)
    assert told.we_lack == tuple(sorted(theirs.keys() - ours.keys()))
    assert told.they_lack == tuple(sorted(ours.keys() - theirs.keys()))
    both = ours.keys() & theirs.keys()
    assert told.differing == tuple(sorted(one for one in both if ours[one] != theirs[one]))


def test_questions_outside_the_list_are_refused():
    """A side answers for its complete subtrees only."""
    side = reconcile.Side([tree.leaf_hash(b"1")] * 5)
    assert side.root == tree.tree_root([tree.leaf_hash(b"1")] * 5)
    for question in ((0, 5), (2, 1), (3, 0), (-1, 0), (0, -1)):
        with pytest.raises(InputError):
            side.answer([question])
