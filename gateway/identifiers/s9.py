# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""S9 receptacle identifiers (UPU standard S9-9), 29 characters.

The dispatch (S8), then receptacle number, highest-receptacle indicator (0 or 1; 9 occurs), registered or
insured indicator, gross weight in tenths of a kilogram. There is no check digit. The names of the two
indicators are not from the text of the standard, which is not public.

>>> receptacle = validate("CNBJSANLAMSAAUN60123 001 1 0 0125")
>>> receptacle.gross_kilograms
Decimal('12.5')
"""

import re
from dataclasses import dataclass
from decimal import Decimal

from gateway.identifiers import s8
from gateway.identifiers.exceptions import InvalidFormat
from gateway.identifiers.s8 import S8

_TAIL = re.compile(r"[0-9]{9}")


@dataclass(frozen=True, slots=True)
class S9:
    """A receptacle of a dispatch; `weight` is its four digits in tenths of a kilogram."""

    dispatch: S8
    number: str
    highest: str
    registered_or_insured: str
    weight: str

    @property
    def gross_kilograms(self) -> Decimal:
        """The gross weight in kilograms."""
        return Decimal(self.weight).scaleb(-1)

    def __str__(self) -> str:
        return f"{self.dispatch}{self.number}{self.highest}{self.registered_or_insured}{self.weight}"


def compact(text: str) -> str:
    """Return the identifier in capitals without blanks."""
    return text.replace(" ", "").upper()


def validate(text: str) -> S9:
    """Return the receptacle.

    Raises:
        InvalidFormat: the text is not a dispatch identifier followed by nine digits.
    """
    code = compact(text)
    if not is_valid(code):
        raise InvalidFormat("a dispatch identifier and nine digits (S9)")
    tail = code[s8.LENGTH :]
    return S9(s8.validate(code[: s8.LENGTH]), tail[:3], tail[3], tail[4], tail[5:])


def is_valid(text: str) -> bool:
    """Say whether the text is an identifier in canonical form."""
    return s8.is_valid(text[: s8.LENGTH]) and _TAIL.fullmatch(text, s8.LENGTH) is not None
