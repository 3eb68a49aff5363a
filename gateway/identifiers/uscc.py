# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Unified social credit codes of organisations in China (GB 32100-2015), 18 characters.

Registering department, kind of organisation, six digits of the place, nine characters of the organisation,
check character. I, O, S, V and Z are not used. Weights are powers of 3, modulus 31.

>>> validate("91110000600037341L").region
'110000'
"""

import re
from dataclasses import dataclass

from gateway.identifiers.exceptions import InvalidChecksum, InvalidFormat

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_SHAPE = re.compile(rf"[{_ALPHABET}]{{2}}[0-9]{{6}}[{_ALPHABET}]{{10}}")
_VALUES = {one: value for value, one in enumerate(_ALPHABET)}
_WEIGHTS = tuple(3**place % 31 for place in range(17))


@dataclass(frozen=True, slots=True)
class Uscc:
    """A unified social credit code."""

    department: str
    kind: str
    region: str
    organisation: str
    check_character: str

    def __str__(self) -> str:
        return f"{self.department}{self.kind}{self.region}{self.organisation}{self.check_character}"


def compact(text: str) -> str:
    """Return the code in capitals without blanks and hyphens."""
    return text.replace(" ", "").replace("-", "").upper()


def calc_check_character(body: str) -> str:
    """Return the check character of the first 17 characters."""
    total = sum(weight * _VALUES[one] for weight, one in zip(_WEIGHTS, body, strict=True))
    return _ALPHABET[-total % 31]


def validate(text: str) -> Uscc:
    """Return the code.

    Raises:
        InvalidFormat: not 18 characters of the alphabet with six digits of the place.
        InvalidChecksum: the check character does not fit.
    """
    code = compact(text)
    if not _SHAPE.fullmatch(code):
        raise InvalidFormat("18 letters or digits without I, O, S, V, Z (GB 32100)")
    if not is_valid(code):
        raise InvalidChecksum("a fitting check character (GB 32100)")
    return Uscc(code[0], code[1], code[2:8], code[8:17], code[17])


def is_valid(text: str) -> bool:
    """Say whether the text is a code in canonical form."""
    return _SHAPE.fullmatch(text) is not None and calc_check_character(text[:17]) == text[17]
