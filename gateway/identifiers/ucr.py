# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Unique consignment references (WCO UCR recommendation): at most 35 characters.

Last digit of the year, country of the issuer, then the issuer's identifier and reference, whose border the
recommendation leaves to the issuer. There is no check digit.

>>> validate("6CN91110000600037341L-A17").country
'CN'
"""

import re
from dataclasses import dataclass

from gateway.identifiers.exceptions import InvalidFormat

_SHAPE = re.compile(r"[0-9][A-Z]{2}[A-Z0-9()/-]{1,32}")


@dataclass(frozen=True, slots=True)
class Ucr:
    """A consignment reference; `reference` holds issuer and reference as one text."""

    year_digit: str
    country: str
    reference: str

    def __str__(self) -> str:
        return f"{self.year_digit}{self.country}{self.reference}"


def compact(text: str) -> str:
    """Return the reference in capitals without blanks."""
    return text.replace(" ", "").upper()


def validate(text: str) -> Ucr:
    """Return the reference.

    Raises:
        InvalidFormat: not a digit, two letters and up to 32 characters.
    """
    code = compact(text)
    if not is_valid(code):
        raise InvalidFormat("a year digit, a country and up to 32 letters, digits or ()/- (UCR)")
    return Ucr(code[0], code[1:3], code[3:])


def is_valid(text: str) -> bool:
    """Say whether the text is a reference in canonical form."""
    return _SHAPE.fullmatch(text) is not None
