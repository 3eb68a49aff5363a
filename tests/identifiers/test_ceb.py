# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Identifiers of CEB messages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.identifiers import ceb
from gateway.identifiers.exceptions import InvalidComponent, InvalidFormat


@given(st.dates(), st.text("0123456789", min_size=9, max_size=9))
def test_pre_numbers_print_as_they_were(day: object, serial: str) -> None:
    """Any date and serial make a preNo that splits and joins without loss."""
    text = f"B{str(day).replace('-', '')}{serial}"
    assert ceb.is_pre_number(text)
    assert str(ceb.validate_pre_number(text)).replace("B", "").zfill(17) == text[1:]


def test_pre_number_needs_a_real_date() -> None:
    """Month 13 is a component fault, not a format fault."""
    assert not ceb.is_pre_number("B20261301000000017")
    with pytest.raises(InvalidComponent):
        ceb.validate_pre_number("B20261301000000017")


@pytest.mark.parametrize("text", ["", "20261122000000017", "A20261122000000017", "B2026112200000001"])
def test_other_shapes_are_no_pre_number(text: str) -> None:
    """A preNo is B and seventeen digits."""
    assert not ceb.is_pre_number(text)
    with pytest.raises(InvalidFormat):
        ceb.validate_pre_number(text)


@given(st.from_regex(r"[0-9]{8}[IE][0-9]{9,11}", fullmatch=True))
def test_list_numbers_print_as_they_were(text: str) -> None:
    """An invtNo of 18 to 20 characters splits and joins without loss."""
    assert ceb.is_list_number(text)
    assert str(ceb.validate_list_number(text)) == text


@pytest.mark.parametrize("text", ["", "29242026X000000017", "29242026E00000017", "29242026E000000000017"])
def test_other_shapes_are_no_list_number(text: str) -> None:
    """Other letters and lengths are refused."""
    assert not ceb.is_list_number(text)
    with pytest.raises(InvalidFormat):
        ceb.validate_list_number(text)


@pytest.mark.parametrize(
    ("text", "is_uuid"),
    [
        ("4CDE1CFD-EDED-46B1-946C-B8022E42FC94", True),
        ("4cde1cfd-eded-46b1-946c-b8022e42fc94", True),
        ("EXAMPLE-0000000000000000000000000001", False),
    ],
)
def test_guid_is_any_36_characters(text: str, is_uuid: bool) -> None:
    """A guid is kept as written; whether it is a UUID is a separate answer."""
    guid = ceb.validate_guid(text)
    assert str(guid) == text
    assert guid.is_uuid is is_uuid


def test_guid_of_another_length_is_refused() -> None:
    """Thirty-five characters are no guid."""
    with pytest.raises(InvalidFormat):
        ceb.validate_guid("4CDE1CFD-EDED-46B1-946C-B8022E42FC9")
