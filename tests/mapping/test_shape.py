# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Order and repetition of fields."""

import itertools

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.mapping.shape import _MEMORY


def told(findings):
    """Return what findings are about, for comparison."""
    return [(one.code, one.path) for one in findings]


def test_message_order_passes(syn):
    """Fields in order, with gaps and unknown ones, are no finding; nested ones count by their first step."""
    assert syn.shape("Head", ("guid", "no", "Party", "new-thing", "gross")) == ()
    assert syn.shape("Line", ()) == ()


def test_a_field_out_of_order_is_named(syn):
    """The finding says which field it stands after but should stand before."""
    (one,) = syn.shape("Head", ("no", "guid", "mode"))
    assert (one.code, one.path, one.expected) == ("SCHEMA-ORDER", "Head/guid", "before no")


def test_a_repeated_field_is_named(syn):
    """Repetition is one finding however often, and says how often."""
    (one,) = syn.shape("Line", ("num", "qty", "qty", "qty"))
    assert (one.code, one.path, one.actual) == ("SCHEMA-REPEATED", "Line/qty", "3 times")


def test_answers_are_remembered_within_bounds(syn):
    """The same names give the same answer at once, and foreign names cannot fill the memory."""
    tags = ("num", "qty")
    assert syn.shape("Line", tags) is syn.shape("Line", tags)
    for number in range(_MEMORY + 10):
        syn.shape("Line", (f"x{number}",))
    assert len(syn._shapes._seen) == _MEMORY


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(["num", "cur", "total", "price", "qty", "unit"]), max_size=6))
def test_only_sorted_names_pass(syn, tags):
    """A sequence passes exactly if it is strictly in message order."""
    order = syn.fields("Line")
    sorted_once = all(order.index(a) < order.index(b) for a, b in itertools.pairwise(tags))
    assert (syn.shape("Line", tuple(tags)) == ()) is sorted_once
