# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Commodity codes of the Harmonized System (WCO): heading, subheading, national extension.

Four digits are a heading, six the international subheading; national codes have eight to twelve. A code is
never padded or extended: what was not said is not known. Chapter 77 is reserved; 98 and 99 are national.

>>> validate("6109.10.00").subheading
'610910'
>>> str(generalise(validate("6109100021"), 4))
'6109'
"""

import re
from dataclasses import dataclass

from gateway.identifiers.exceptions import InvalidComponent, InvalidFormat

_SHAPE = re.compile(r"[0-9]{4}(?:[0-9]{2}(?:[0-9]{2,6})?)?")
_ORNAMENT = str.maketrans("", "", " .")
_SUBHEADING = 6


@dataclass(frozen=True, slots=True)
class HS:
    """A commodity code as precise as it was declared."""

    digits: str

    @property
    def chapter(self) -> str:
        """The first two digits."""
        return self.digits[:2]

    @property
    def heading(self) -> str:
        """The first four digits."""
        return self.digits[:4]

    @property
    def subheading(self) -> str | None:
        """The first six digits, `None` if the code is a heading only."""
        return self.digits[:_SUBHEADING] if len(self.digits) >= _SUBHEADING else None

    def __str__(self) -> str:
        return self.digits


def compact(text: str) -> str:
    """Return the digits without blanks and points."""
    return text.translate(_ORNAMENT)


def validate(text: str) -> HS:
    """Return the code.

    Raises:
        InvalidFormat: not 4, 6 or 8 to 12 digits.
        InvalidComponent: the chapter does not exist.
    """
    digits = compact(text)
    if not _SHAPE.fullmatch(digits):
        raise InvalidFormat("4, 6 or 8 to 12 digits (HS)")
    if not is_valid(digits):
        raise InvalidComponent("a chapter from 01 to 99 other than 77 (HS)")
    return HS(digits)


def is_valid(text: str) -> bool:
    """Say whether the text is a code in canonical form."""
    return _SHAPE.fullmatch(text) is not None and text[:2] not in ("00", "77")


def generalise(code: HS, digits: int) -> HS:
    """Return the first 4 or 6 digits of a code.

    Raises:
        InvalidFormat: the code is shorter than that; it is never extended.
    """
    if digits not in (4, _SUBHEADING) or len(code.digits) < digits:
        raise InvalidFormat(f"a code of at least {digits} digits, cut to 4 or 6 (HS)")
    return HS(code.digits[:digits])
