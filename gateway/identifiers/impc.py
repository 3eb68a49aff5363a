# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""International mail processing centre codes (UPU standard S34): country, place, one letter.

The register of centres is not public; only the shape and the country can be checked.

>>> validate("NLAMSA").place
'AMS'
>>> has_known_country(validate("XXAMSA"))
False
"""

import re
from dataclasses import dataclass

from gateway.identifiers import country
from gateway.identifiers.exceptions import InvalidFormat

_SHAPE = re.compile(r"[A-Z]{2}[A-Z0-9]{3}[A-Z]")


@dataclass(frozen=True, slots=True)
class Impc:
    """A mail processing centre; `place` resembles UN/LOCODE or IATA."""

    country: str
    place: str
    qualifier: str

    def __str__(self) -> str:
        return f"{self.country}{self.place}{self.qualifier}"


def compact(text: str) -> str:
    """Return the code in capitals without blanks."""
    return text.replace(" ", "").upper()


def validate(text: str) -> Impc:
    """Return the centre.

    Raises:
        InvalidFormat: not two letters, three letters or digits, one letter.
    """
    code = compact(text)
    if not is_valid(code):
        raise InvalidFormat("country, three letters or digits, one letter (S34)")
    return Impc(code[:2], code[2:5], code[5])


def is_valid(text: str) -> bool:
    """Say whether the text has the shape of a code in canonical form."""
    return _SHAPE.fullmatch(text) is not None


def has_known_country(centre: Impc) -> bool:
    """Say whether the country of a centre is an assigned one."""
    return country.is_valid(centre.country)
