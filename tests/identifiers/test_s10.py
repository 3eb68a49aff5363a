# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Item identifiers: the formula of the standard, and three separate answers."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gateway.identifiers import s10
from gateway.identifiers.exceptions import IdentifierError, InvalidChecksum, InvalidFormat

LETTERS = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=2, max_size=2)
SERIALS = st.text("0123456789", min_size=8, max_size=8)
WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)


@st.composite
def numbers(draw: st.DrawFn) -> str:
    """Draw valid numbers."""
    serial = draw(SERIALS)
    return f"{draw(LETTERS)}{serial}{s10.calc_check_digit(serial)}{draw(LETTERS)}"


def test_worked_example_of_the_standard() -> None:
    """Serial 47312482 has check digit 9."""
    assert s10.calc_check_digit("47312482") == 9


@given(numbers())
def test_generated_numbers_are_valid(number: str) -> None:
    """A number with its computed check digit is valid and prints as it was."""
    assert s10.is_valid(number)
    assert str(s10.validate(number)) == number


@given(numbers(), st.integers(1, 9))
def test_changed_check_digit_fails(number: str, shift: int) -> None:
    """Any other check digit is refused."""
    wrong = f"{number[:10]}{(int(number[10]) + shift) % 10}{number[11:]}"
    assert not s10.is_valid(wrong)
    with pytest.raises(InvalidChecksum):
        s10.validate(wrong)


@given(numbers(), st.integers(0, 7), st.integers(1, 9))
def test_changed_serial_digit_fails(number: str, place: int, shift: int) -> None:
    """One changed digit of the serial is refused, save between the two remainders that share digit 5."""
    rest = sum(w * int(d) for w, d in zip(WEIGHTS, number[2:10], strict=True)) % 11
    assume(rest not in (0, 6))
    at = place + 2
    wrong = f"{number[:at]}{(int(number[at]) + shift) % 10}{number[at + 1 :]}"
    assert not s10.is_valid(wrong)


@given(st.text(max_size=15))
def test_is_valid_agrees_with_validate(text: str) -> None:
    """What validate takes, is_valid takes in compact form, and nothing else raises."""
    try:
        s10.validate(text)
    except IdentifierError:
        assert not s10.is_valid(text)
    else:
        assert s10.is_valid(s10.compact(text))


def test_ornament_is_removed() -> None:
    """Blanks, hyphens and lower case do not matter to validate, but is_valid wants canonical form."""
    assert str(s10.validate("rr 4731-2482 9 cn")) == "RR473124829CN"
    assert not s10.is_valid("rr473124829cn")


@pytest.mark.parametrize("text", ["", "RR47312482CN", "R1473124829CN", "RR473124829C", "RR٤73124829CN"])
def test_other_shapes_are_refused(text: str) -> None:
    """Other lengths, letters and non-ASCII digits are a format fault."""
    with pytest.raises(InvalidFormat):
        s10.validate(text)


@pytest.mark.parametrize(
    ("indicator", "known"),
    [("RR", True), ("CZ", True), ("GA", True), ("GB", False), ("JA", False), ("SA", False), ("FX", False)],
)
def test_indicator_is_registered_or_not(indicator: str, known: bool) -> None:
    """Indicators are known by first letter, G only in two pairs."""
    assert (s10.service(indicator) is not None) is known


@pytest.mark.parametrize(
    ("number", "standing"),
    [
        ("RR473124829CN", s10.Standing(True, True, True)),
        ("RR473124829XX", s10.Standing(True, True, False)),
        ("JJ473124829CN", s10.Standing(True, False, True)),
        ("RR473124820CN", s10.Standing(False, False, False)),
    ],
)
def test_three_answers_are_separate(number: str, standing: s10.Standing) -> None:
    """Validity, indicator and issuer are answered each for itself."""
    assert s10.examine(number) == standing
