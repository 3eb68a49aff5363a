# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Country codes, ISO 3166-1 alpha-2.

>>> str(validate("nl"))
'NL'
>>> is_valid("XX")
False
"""

import functools
from dataclasses import dataclass
from datetime import date

from gateway.codelists import CodeList, load
from gateway.identifiers.exceptions import InvalidComponent


@dataclass(frozen=True, slots=True)
class Country:
    """An assigned country code and its English short name."""

    alpha2: str
    name: str

    def __str__(self) -> str:
        return self.alpha2


@functools.cache
def _table() -> CodeList:
    """Return the table; its rows have no dates, so any day gives all of them."""
    return load("iso_country", on=date.max)


def compact(text: str) -> str:
    """Return the code in capitals, without blanks around it."""
    return text.strip().upper()


def validate(text: str) -> Country:
    """Return the country.

    Raises:
        InvalidComponent: the code is not assigned.
    """
    row = _table().rows.get(compact(text))
    if row is None:
        raise InvalidComponent("an assigned ISO 3166-1 alpha-2 code")
    return Country(row.code, row.name)


def is_valid(text: str) -> bool:
    """Say whether the text is an assigned code in canonical form."""
    return text in _table().rows
