# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Identifiers of Chinese CEB messages (China E-Port message package, edition May 2022).

preNo is B, eight digits of a date, nine of a serial number. invtNo is four digits of the customs office, four
of the year, I or E, then nine to eleven of a serial number. A guid is any 36 characters: the specification
asks for capitals, but lower case and texts that are no UUID occur and are valid.

>>> validate_pre_number("B20261122000000017").date
datetime.date(2026, 11, 22)
>>> validate_list_number("29242026E000000017").customs_office
'2924'
"""

import datetime as dt
import re
from dataclasses import dataclass

from gateway.identifiers.exceptions import InvalidComponent, InvalidFormat

GUID_LENGTH = 36
_PRE_NUMBER = re.compile(r"B[0-9]{17}")
_LIST_NUMBER = re.compile(r"[0-9]{8}[IE][0-9]{9,11}")
_UUID = re.compile(r"[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PreNumber:
    """The number a list gets before it is accepted (preNo)."""

    date: dt.date
    serial: str

    def __str__(self) -> str:
        return f"B{self.date:%Y%m%d}{self.serial}"


@dataclass(frozen=True, slots=True)
class ListNumber:
    """The number of an accepted list (invtNo); `direction` is I or E."""

    customs_office: str
    year: int
    direction: str
    serial: str

    def __str__(self) -> str:
        return f"{self.customs_office}{self.year:04}{self.direction}{self.serial}"


@dataclass(frozen=True, slots=True)
class Guid:
    """The identifier of a message or document, as written."""

    text: str

    @property
    def is_uuid(self) -> bool:
        """Say whether it also has the form of a UUID, in either case."""
        return _UUID.fullmatch(self.text) is not None

    def __str__(self) -> str:
        return self.text


def compact(text: str) -> str:
    """Return a preNo or invtNo in capitals without blanks; a guid is never changed."""
    return text.replace(" ", "").upper()


def validate_pre_number(text: str) -> PreNumber:
    """Return a preNo.

    Raises:
        InvalidFormat: not B and 17 digits.
        InvalidComponent: the date does not exist.
    """
    number = compact(text)
    if not _PRE_NUMBER.fullmatch(number):
        raise InvalidFormat("B and 17 digits (preNo)")
    try:
        day = dt.date(int(number[1:5]), int(number[5:7]), int(number[7:9]))
    except ValueError as error:
        raise InvalidComponent("a date after the B (preNo)") from error
    return PreNumber(day, number[9:])


def is_pre_number(text: str) -> bool:
    """Say whether the text is a preNo in canonical form."""
    if not _PRE_NUMBER.fullmatch(text):
        return False
    try:
        dt.date(int(text[1:5]), int(text[5:7]), int(text[7:9]))
    except ValueError:
        return False
    return True


def validate_list_number(text: str) -> ListNumber:
    """Return an invtNo.

    Raises:
        InvalidFormat: not eight digits, I or E, nine to eleven digits.
    """
    number = compact(text)
    if not is_list_number(number):
        raise InvalidFormat("eight digits, I or E, nine to eleven digits (invtNo)")
    return ListNumber(number[:4], int(number[4:8]), number[8], number[9:])


def is_list_number(text: str) -> bool:
    """Say whether the text is an invtNo in canonical form."""
    return _LIST_NUMBER.fullmatch(text) is not None


def validate_guid(text: str) -> Guid:
    """Return a guid exactly as written.

    Raises:
        InvalidFormat: not 36 characters.
    """
    if not is_guid(text):
        raise InvalidFormat(f"{GUID_LENGTH} characters (guid)")
    return Guid(text)


def is_guid(text: str) -> bool:
    """Say whether the text has the length of a guid."""
    return len(text) == GUID_LENGTH
