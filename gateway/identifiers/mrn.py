# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Movement reference numbers of the European Union, 18 characters.

The form is that of Delegated Regulation (EU) 2015/2446, Annex B: two digits of the year, country, twelve
characters, procedure identifier, check digit. The form decides validity; whether the check digit follows
ISO 6346 is a separate answer, because not every system in use computes it so.

>>> number = validate("26NL00000000000AB" + calc_check_digit("26NL00000000000AB"))
>>> number.country, check_digit_fits(number)
('NL', True)
"""

import re
from dataclasses import dataclass

from gateway.identifiers.exceptions import InvalidFormat

_SHAPE = re.compile(r"[0-9]{2}[A-Z]{2}[A-Z0-9]{13}[0-9]")
# ISO 6346 counts letters from 10 and leaves out the multiples of 11.
_VALUES = dict(
    zip("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", (n for n in range(39) if n not in (11, 22, 33)), strict=True)
)


@dataclass(frozen=True, slots=True)
class Mrn:
    """A movement reference number."""

    year: str
    country: str
    reference: str
    procedure: str
    check_digit: str

    def __str__(self) -> str:
        return f"{self.year}{self.country}{self.reference}{self.procedure}{self.check_digit}"


def compact(text: str) -> str:
    """Return the number in capitals without blanks."""
    return text.replace(" ", "").upper()


def calc_check_digit(body: str) -> str:
    """Return the ISO 6346 check digit of the first 17 characters."""
    return str(sum(_VALUES[one] << place for place, one in enumerate(body)) % 11 % 10)


def validate(text: str) -> Mrn:
    """Return the number.

    Raises:
        InvalidFormat: the text does not have the form of an MRN.
    """
    code = compact(text)
    if not is_valid(code):
        raise InvalidFormat("two digits, country, 13 letters or digits, one digit (MRN)")
    return Mrn(code[:2], code[2:4], code[4:16], code[16], code[17])


def is_valid(text: str) -> bool:
    """Say whether the text has the form of an MRN, in capitals."""
    return _SHAPE.fullmatch(text) is not None


def check_digit_fits(number: Mrn) -> bool:
    """Say whether the last digit is the ISO 6346 check digit of the others."""
    return calc_check_digit(str(number)[:-1]) == number.check_digit
