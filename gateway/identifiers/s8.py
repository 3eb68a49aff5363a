# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""S8 dispatch identifiers (UPU standard S8-6), 20 characters.

Origin and destination centre, mail category, mail subclass (its first letter is the class), last digit of
the year, dispatch number.

>>> dispatch = validate("CNBJSA NLAMSA A UN 6 0123")
>>> str(dispatch.destination), dispatch.subclass, dispatch.number
('NLAMSA', 'UN', '0123')
"""

import re
from dataclasses import dataclass

from gateway.identifiers import impc
from gateway.identifiers.exceptions import InvalidFormat
from gateway.identifiers.impc import Impc

LENGTH = 20
_SHAPE = re.compile(r"(?:[A-Z]{2}[A-Z0-9]{3}[A-Z]){2}[A-Z][A-Z][A-Z0-9][0-9]{5}")


@dataclass(frozen=True, slots=True)
class S8:
    """A dispatch; `number` keeps its leading zeros."""

    origin: Impc
    destination: Impc
    category: str
    subclass: str
    year_digit: str
    number: str

    def __str__(self) -> str:
        return f"{self.origin}{self.destination}{self.category}{self.subclass}{self.year_digit}{self.number}"


def compact(text: str) -> str:
    """Return the identifier in capitals without blanks."""
    return text.replace(" ", "").upper()


def validate(text: str) -> S8:
    """Return the dispatch.

    Raises:
        InvalidFormat: the text does not have the 20 characters of a dispatch.
    """
    code = compact(text)
    if not is_valid(code):
        raise InvalidFormat("two centre codes, category, subclass, year digit, four digits (S8)")
    return S8(impc.validate(code[:6]), impc.validate(code[6:12]), code[12], code[13:15], code[15], code[16:])


def is_valid(text: str) -> bool:
    """Say whether the text is an identifier in canonical form."""
    return _SHAPE.fullmatch(text) is not None
