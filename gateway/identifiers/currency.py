# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Currency codes, ISO 4217 alpha-3, with the exponent of the minor unit.

>>> validate("jpy").exponent
0
>>> is_valid("HRK", on=date(2024, 1, 1))
False
"""

import functools
from dataclasses import dataclass
from datetime import date

from gateway.codelists import CodeRow, packaged_rows
from gateway.identifiers.exceptions import InvalidComponent


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency; an amount has at most `exponent` decimals in ordinary use."""

    alpha3: str
    exponent: int

    def __str__(self) -> str:
        return self.alpha3


@functools.cache
def _table() -> dict[str, CodeRow]:
    """Return all rows by code, withdrawn currencies too."""
    return {row.code: row for row in packaged_rows("iso_currency")}


def compact(text: str) -> str:
    """Return the code in capitals, without blanks around it."""
    return text.strip().upper()


def validate(text: str, *, on: date | None = None) -> Currency:
    """Return the currency; without a day, withdrawn ones count too.

    Raises:
        InvalidComponent: the code is not assigned, or not valid on that day.
    """
    code = compact(text)
    if not is_valid(code, on=on):
        raise InvalidComponent("an ISO 4217 alpha-3 code" + (f" valid on {on}" if on else ""))
    return Currency(code, int(_table()[code].value))


def is_valid(text: str, *, on: date | None = None) -> bool:
    """Say whether the text is a code in canonical form, valid on that day if one is given."""
    row = _table().get(text)
    return row is not None and (on is None or row.valid(on))
