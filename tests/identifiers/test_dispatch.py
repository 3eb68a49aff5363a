# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Centres, dispatches and receptacles: S34, S8, S9."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.identifiers import impc, s8, s9
from gateway.identifiers.exceptions import InvalidFormat

CENTRES = st.from_regex(r"[A-Z]{2}[A-Z0-9]{3}[A-Z]", fullmatch=True)
DISPATCHES = st.builds("{}{}{}".format, CENTRES, CENTRES, st.from_regex("[A-Z]{3}[0-9]{5}", fullmatch=True))
RECEPTACLES = st.builds("{}{}".format, DISPATCHES, st.text("0123456789", min_size=9, max_size=9))


@given(CENTRES)
def test_centres_print_as_they_were(code: str) -> None:
    """A centre code splits and joins without loss."""
    assert impc.is_valid(code)
    assert str(impc.validate(code)) == code


@given(DISPATCHES)
def test_dispatches_print_as_they_were(code: str) -> None:
    """A dispatch identifier splits and joins without loss."""
    assert s8.is_valid(code)
    assert str(s8.validate(code)) == code


@given(RECEPTACLES)
def test_receptacles_print_as_they_were(code: str) -> None:
    """A receptacle identifier splits and joins without loss and holds its dispatch."""
    assert s9.is_valid(code)
    assert str(s9.validate(code)) == code
    assert str(s9.validate(code).dispatch) == code[:20]


def test_parts_of_a_receptacle() -> None:
    """The parts stand where the standards put them and the weight is in tenths of a kilogram."""
    receptacle = s9.validate("CNBJSA NLAMSA A UN 6 0123 001 1 0 0125")
    assert str(receptacle.dispatch.origin) == "CNBJSA"
    assert receptacle.dispatch.category == "A"
    assert receptacle.dispatch.year_digit == "6"
    assert (receptacle.number, receptacle.highest, receptacle.registered_or_insured) == ("001", "1", "0")
    assert receptacle.gross_kilograms == Decimal("12.5")


@pytest.mark.parametrize("text", ["", "CNBJS", "C1BJSA", "CNBJS1", "CNBJSAA"])
def test_other_shapes_are_no_centre(text: str) -> None:
    """Other lengths and places of letters are refused."""
    assert not impc.is_valid(text)
    with pytest.raises(InvalidFormat):
        impc.validate(text)


@pytest.mark.parametrize("text", ["", "CNBJSANLAMSAAUN6012", "CNBJSANLAMSAAUN601234", "CNBJSANLAMSA1UN60123"])
def test_other_shapes_are_no_dispatch(text: str) -> None:
    """A dispatch has exactly twenty characters."""
    assert not s8.is_valid(text)
    with pytest.raises(InvalidFormat):
        s8.validate(text)


@pytest.mark.parametrize("tail", ["", "00110012", "0011001250", "00110012A"])
def test_other_tails_are_no_receptacle(tail: str) -> None:
    """A receptacle is a dispatch and exactly nine digits."""
    assert not s9.is_valid("CNBJSANLAMSAAUN60123" + tail)
    with pytest.raises(InvalidFormat):
        s9.validate("CNBJSANLAMSAAUN60123" + tail)


def test_country_of_a_centre_is_a_separate_answer() -> None:
    """A centre in no known country is still well formed."""
    assert impc.has_known_country(impc.validate("NLAMSA"))
    assert not impc.has_known_country(impc.validate("XXAMSA"))
