# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The chain of seals: what continues it, and what breaks it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.trade.control import Result, SealSaid
from gateway.trade.seal_chain import Chain, check_chain

START = datetime(2026, 11, 20, tzinfo=UTC)


def control(place, seals, result="satisfactory"):
    """Return a control with seals by number."""
    return Result(
        reference=f"C{place}",
        tracking_number="RX000000001CN",
        office="2244",
        at=START + timedelta(hours=place),
        method="physical",
        result=result,
        seals=tuple(SealSaid(number=number, state=state) for number, state in seals),
    )


def codes(*controls):
    """Return the codes and places of what does not fit with the last control."""
    return [(one.code, one.path) for one in check_chain(controls, controls[-1].reference)]


def test_seals_affixed_found_intact_and_removed_are_one_chain():
    """A chain that names every seal in place has no finding."""
    assert codes(control(1, [("A", "affixed")]), control(2, [("A", "intact"), ("B", "affixed")])) == []
    opened = [("A", "removed"), ("B", "intact"), ("C", "affixed")]
    first, second = control(1, [("A", "affixed")]), control(2, [("A", "intact"), ("B", "affixed")])
    assert codes(first, second, control(3, opened), control(4, [("B", "intact"), ("C", "removed")])) == []


@pytest.mark.parametrize(
    ("seals", "expected"),
    [
        ([], [("CONTROL-SEAL-UNNAMED", "seals")]),
        ([("A", "intact"), ("B", "intact")], [("CONTROL-SEAL-CHAIN", "seals[1]")]),
        ([("A", "affixed")], [("CONTROL-SEAL-CHAIN", "seals[0]")]),
        ([("A", "intact"), ("A", "removed")], [("CONTROL-SEAL-CHAIN", "seals[1]")]),
        ([("A", "broken")], [("CONTROL-SEAL-BROKEN", "seals[0]")]),
        ([("A", "replaced"), ("B", "affixed")], [("CONTROL-SEAL-BROKEN", "seals[0]")]),
    ],
)
def test_broken_chain_is_a_finding(seals, expected):
    """A seal that is not mentioned, not in place, used twice, broken or replaced is named with its place."""
    assert codes(control(1, [("A", "affixed")]), control(2, seals)) == expected


def test_discrepancy_can_tell_of_a_broken_seal():
    """That a seal was found broken can be recorded, as a discrepancy, and is a warning."""
    (found,) = check_chain(
        [control(1, [("A", "affixed")]), control(2, [("A", "broken")], "discrepancy")], "C2"
    )
    assert (found.code, found.severity.value, found.expected) == (
        "CONTROL-SEAL-FOUND-BROKEN",
        "warning",
        "intact since control C1",
    )


def test_amendment_is_judged_with_what_came_after_it():
    """An amendment that takes away a seal which a later control found is a finding about the later one."""
    later = control(2, [("A", "intact")])
    (found,) = check_chain([control(1, []), later], "C1")
    assert (found.code, found.position) == ("CONTROL-SEAL-CHAIN", "control C2")
    assert check_chain([control(1, [("A", "affixed")]), later], "C1") == []


def test_what_was_removed_never_comes_back():
    """A number that was removed cannot be intact, nor affixed again."""
    gone = [control(1, [("A", "affixed")]), control(2, [("A", "removed")])]
    assert codes(*gone, control(3, [("A", "intact")])) == [("CONTROL-SEAL-CHAIN", "seals[0]")]
    assert codes(*gone, control(3, [("A", "affixed")])) == [("CONTROL-SEAL-CHAIN", "seals[0]")]


@given(st.lists(st.sets(st.sampled_from("ABCDEF")), max_size=6))
def test_any_honest_course_of_seals_has_no_finding(wanted):
    """Whatever seals each control leaves, told honestly under fresh numbers, the chain holds."""
    chain = Chain()
    for turn, letters in enumerate(wanted):
        said = [(number, "intact" if number[0] in letters else "removed") for number in chain.in_place]
        held = {number[0] for number in chain.in_place}
        said += [(f"{letter}{turn}", "affixed") for letter in sorted(letters - held)]
        assert chain.add(control(turn, said)) == []
        assert {number[0] for number in chain.in_place} == letters
