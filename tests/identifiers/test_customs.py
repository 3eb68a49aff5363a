# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Commodity codes, consignment references and movement reference numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.identifiers import hs, mrn, ucr
from gateway.identifiers.exceptions import InvalidComponent, InvalidFormat

BODIES = st.from_regex("[0-9]{2}[A-Z]{2}[A-Z0-9]{13}", fullmatch=True)


@pytest.mark.parametrize("text", ["6109", "610910", "61091000", "6109100021", "9804"])
def test_codes_keep_their_length(text: str) -> None:
    """Headings, subheadings and national codes are valid as they are."""
    assert hs.is_valid(text)
    assert str(hs.validate(text)) == text


@pytest.mark.parametrize("text", ["", "61", "610", "61091", "6109100", "6109100021000", "61O9"])
def test_other_lengths_are_never_padded(text: str) -> None:
    """A code of another length is refused, not completed."""
    assert not hs.is_valid(text)
    with pytest.raises(InvalidFormat):
        hs.validate(text)


@pytest.mark.parametrize("text", ["0001", "7701"])
def test_absent_chapters_are_refused(text: str) -> None:
    """Chapters 00 and 77 do not exist."""
    assert not hs.is_valid(text)
    with pytest.raises(InvalidComponent):
        hs.validate(text)


def test_levels_of_a_code() -> None:
    """Chapter, heading and subheading are prefixes, and a heading has no subheading."""
    code = hs.validate("6109.10.00.21")
    assert (code.chapter, code.heading, code.subheading) == ("61", "6109", "610910")
    assert hs.validate("6109").subheading is None


@pytest.mark.parametrize(("text", "digits"), [("6109", 6), ("610910", 8)])
def test_generalising_never_extends(text: str, digits: int) -> None:
    """A code is only cut, and only to heading or subheading."""
    with pytest.raises(InvalidFormat):
        hs.generalise(hs.validate(text), digits)


@given(st.from_regex(r"[0-9][A-Z]{2}[A-Z0-9()/-]{1,32}", fullmatch=True))
def test_references_print_as_they_were(text: str) -> None:
    """A consignment reference splits and joins without loss."""
    assert ucr.is_valid(text)
    assert str(ucr.validate(text)) == text


@pytest.mark.parametrize("text", ["", "6CN", "CN6ABC", "6CN" + "A" * 33, "6CN_A"])
def test_other_shapes_are_no_reference(text: str) -> None:
    """Too short, too long and foreign characters are refused."""
    assert not ucr.is_valid(text)
    with pytest.raises(InvalidFormat):
        ucr.validate(text)


@given(BODIES)
def test_movement_numbers_print_as_they_were(body: str) -> None:
    """A number with its computed check digit is valid, fits and prints as it was."""
    text = body + mrn.calc_check_digit(body)
    number = mrn.validate(text)
    assert mrn.is_valid(text)
    assert mrn.check_digit_fits(number)
    assert str(number) == text


@st.composite
def changed_digits(draw: st.DrawFn) -> tuple[str, int, str]:
    """Return a body, the place of one of its digits, and another digit for it."""
    body = draw(BODIES)
    place = draw(st.integers(4, 16))
    digit = draw(st.sampled_from("0123456789"))
    body = f"{body[:place]}{digit}{body[place + 1 :]}"
    return body, place, draw(st.sampled_from("0123456789".replace(digit, "")))


@given(changed_digits())
def test_changed_digit_of_a_movement_number_shows(changed: tuple[str, int, str]) -> None:
    """One changed digit no longer fits, save between remainders 0 and 10, which share digit 0."""
    body, place, other = changed
    digit = mrn.calc_check_digit(body)
    wrong = mrn.validate(f"{body[:place]}{other}{body[place + 1 :]}{digit}")
    assert digit == "0" or not mrn.check_digit_fits(wrong)


def test_movement_number_without_fitting_digit_keeps_its_form() -> None:
    """Form and check digit are separate answers."""
    body = "26NL00000000000AB"
    other = str((int(mrn.calc_check_digit(body)) + 1) % 10)
    assert mrn.is_valid(body + other)
    assert not mrn.check_digit_fits(mrn.validate(body + other))


@pytest.mark.parametrize("text", ["", "26NL00000000000AB", "NL2600000000000AB1", "26NL00000000000ABX"])
def test_other_shapes_are_no_movement_number(text: str) -> None:
    """Other lengths and places of letters are refused."""
    with pytest.raises(InvalidFormat):
        mrn.validate(text)


def test_iso_6346_example() -> None:
    """The letter values and weights are those of ISO 6346: container CSQU3054383 has check digit 3."""
    assert mrn.calc_check_digit("CSQU305438") == "3"
