# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Ids are unique, consecutive within a take, and never fall."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.store.ids import LARGEST_TAKE, TimeIds

START = datetime(2026, 3, 1, tzinfo=UTC)


def _clock(steps):
    """Make a clock that moves by the steps, in milliseconds, and then stands."""
    moment, moves = START, iter(steps)

    def read():
        nonlocal moment
        moment += timedelta(milliseconds=next(moves, 0))
        return moment

    return read


counts = st.lists(st.integers(0, 100_000), max_size=30)
steps = st.lists(st.integers(-50, 50), max_size=30)


@given(counts, steps)
def test_ids_rise_whatever_the_clock_does(counts, steps):
    """Every take is a consecutive range above all ids given before."""
    ids, last = TimeIds(3, _clock(steps)), 0
    for count in counts:
        taken = ids.take(count)
        assert len(taken) == count
        assert taken.start > last
        last = taken.stop - 1 if count else last


@given(counts, counts, steps, steps, st.integers(0, 62))
def test_nodes_never_give_the_same_id(ours, theirs, our_steps, their_steps, node):
    """Ranges of two nodes do not touch, and every id carries the number of its node."""
    taken = []
    for number, wanted, moves in ((node, ours, our_steps), (node + 1, theirs, their_steps)):
        ids = TimeIds(number, _clock(moves))
        for count in filter(None, wanted):
            one = ids.take(count)
            assert one[0] >> 18 == one[-1] >> 18
            assert (one[0] >> 18) & 63 == number
            taken.append(one)
    taken.sort(key=lambda one: one.start)
    assert all(before.stop <= after.start for before, after in itertools.pairwise(taken))


def test_ids_fit_a_signed_64_bit_integer():
    """The last moment of the layout still gives a positive 63-bit id."""
    ids = TimeIds(63, lambda: datetime(2094, 1, 1, tzinfo=UTC))
    assert 0 < ids.take(LARGEST_TAKE)[-1] < 1 << 63


def test_a_source_starts_above_what_is_stored():
    """After a restart with a clock that was set back, ids are still new."""
    before = TimeIds(1, lambda: START + timedelta(days=1)).take(5)
    after = TimeIds(0, lambda: START, above=before[-1]).take(1)
    assert after[0] > before[-1]


@pytest.mark.parametrize("node", [-1, 64])
def test_node_numbers_are_limited(node):
    """A node number that does not fit its bits is refused."""
    with pytest.raises(ValueError, match="node number"):
        TimeIds(node, lambda: START)


@pytest.mark.parametrize("count", [-1, LARGEST_TAKE + 1])
def test_takes_are_limited(count):
    """More ids than a tick holds cannot be consecutive and are refused."""
    with pytest.raises(ValueError, match="count"):
        TimeIds(0, lambda: START).take(count)
