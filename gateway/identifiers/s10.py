# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""S10 item identifiers (UPU standard S10-12): indicator, serial number, check digit, issuing country.

Three questions with three answers, because senders meet them differently: is the number well formed with a
fitting check digit; is the service indicator assigned; is the issuer a known country. The country is the
issuer, not the one that delivers. The worked example of the standard is 47312482, check digit 9.

>>> number = validate("RR 473124829 CN")
>>> number.serial, number.check_digit, number.issuer
('47312482', 9, 'CN')
>>> examine("JJ473124829XX")
Standing(valid=True, registered_indicator=False, known_issuer=False)
"""

import functools
import re
from dataclasses import dataclass
from datetime import date

from gateway.codelists import CodeList, load
from gateway.identifiers import country
from gateway.identifiers.exceptions import InvalidChecksum, InvalidFormat

_SHAPE = re.compile(r"[A-Z]{2}[0-9]{9}[A-Z]{2}")
_ORNAMENT = str.maketrans("", "", " -.")
_ZERO = ord("0")


@dataclass(frozen=True, slots=True)
class S10:
    """A valid item identifier."""

    indicator: str
    serial: str
    check_digit: int
    issuer: str

    def __str__(self) -> str:
        return f"{self.indicator}{self.serial}{self.check_digit}{self.issuer}"


@dataclass(frozen=True, slots=True)
class Standing:
    """What can be said of a text as an item identifier; the last two are false if it is not valid."""

    valid: bool
    registered_indicator: bool
    known_issuer: bool


def compact(text: str) -> str:
    """Return the number in capitals without blanks, hyphens and points."""
    return text.translate(_ORNAMENT).upper()


def calc_check_digit(serial: str) -> int:
    """Return the check digit of eight digits (weights 8 6 4 2 3 5 9 7, modulus 11)."""
    # The weights add up to 44, a multiple of 11: the codes of the digits do in place of the digits.
    a, b, c, d, e, f, g, h = serial.encode("ascii")
    rest = 11 - (8 * a + 6 * b + 4 * c + 2 * d + 3 * e + 5 * f + 9 * g + 7 * h) % 11
    if rest == 10:  # noqa: PLR2004 - named in the standard
        return 0
    return 5 if rest == 11 else rest  # noqa: PLR2004 - named in the standard


def validate(text: str) -> S10:
    """Return the identifier.

    Raises:
        InvalidFormat: not two letters, nine digits, two letters.
        InvalidChecksum: the check digit does not fit.
    """
    number = compact(text)
    if not _SHAPE.fullmatch(number):
        raise InvalidFormat("two letters, nine digits, two letters (S10)")
    digit = calc_check_digit(number[2:10])
    if digit != ord(number[10]) - _ZERO:
        raise InvalidChecksum(f"check digit {digit} (S10)")
    return S10(number[:2], number[2:10], digit, number[11:])


def is_valid(text: str) -> bool:
    """Say whether the text is an identifier in canonical form."""
    return _SHAPE.fullmatch(text) is not None and calc_check_digit(text[2:10]) == ord(text[10]) - _ZERO


def service(indicator: str) -> str | None:
    """Return what a service indicator stands for, `None` if it is reserved or not assigned."""
    rows = _indicators().rows
    row = rows.get(indicator) or rows.get(indicator[:1])
    return row.name if row else None


def examine(text: str) -> Standing:
    """Answer the three questions about a text."""
    number = compact(text)
    if not is_valid(number):
        return Standing(valid=False, registered_indicator=False, known_issuer=False)
    return Standing(
        valid=True,
        registered_indicator=service(number[:2]) is not None,
        known_issuer=country.is_valid(number[11:]),
    )


@functools.cache
def _indicators() -> CodeList:
    """Return the table of indicators; its rows have no dates, so any day gives all of them."""
    return load("s10_indicator", on=date.max)
