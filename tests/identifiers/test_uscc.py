# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Unified social credit codes: GB 32100."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.identifiers import uscc
from gateway.identifiers.exceptions import InvalidChecksum, InvalidFormat

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
BODIES = st.from_regex(rf"[{ALPHABET}]{{2}}[0-9]{{6}}[{ALPHABET}]{{9}}", fullmatch=True)


@given(BODIES)
def test_generated_codes_are_valid(body: str) -> None:
    """A code with its computed check character is valid and prints as it was."""
    code = body + uscc.calc_check_character(body)
    assert uscc.is_valid(code)
    assert str(uscc.validate(code)) == code


@given(BODIES, st.integers(2, 17), st.integers(1, 9))
def test_any_changed_digit_fails(body: str, place: int, shift: int) -> None:
    """The modulus is prime and above the alphabet, so one changed digit is always found."""
    code = body + uscc.calc_check_character(body)
    if code[place].isdigit():
        wrong = f"{code[:place]}{(int(code[place]) + shift) % 10}{code[place + 1 :]}"
        assert not uscc.is_valid(wrong)
        with pytest.raises(InvalidChecksum):
            uscc.validate(wrong)


@given(BODIES, st.integers(8, 17), st.sampled_from(ALPHABET))
def test_any_changed_character_fails(body: str, place: int, other: str) -> None:
    """One changed character of organisation or check character is always found."""
    code = body + uscc.calc_check_character(body)
    assert uscc.is_valid(f"{code[:place]}{other}{code[place + 1 :]}") is (code[place] == other)


@pytest.mark.parametrize("text", ["", "91110000600037341", "9111000060003734IL", "91A10000600037341L"])
def test_other_shapes_are_refused(text: str) -> None:
    """Other lengths, letters outside the alphabet and letters in the place are a format fault."""
    assert not uscc.is_valid(text)
    with pytest.raises(InvalidFormat):
        uscc.validate(text)
