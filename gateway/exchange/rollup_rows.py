# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What the statistics keep: cells of roll-ups.

A cell is one combination of what is counted by. `period` is a day (20261123) or a month (202611); `member` is
the country, office, chapter, value band or coverage class that its cube is about.
"""

from collections.abc import Mapping
from typing import NamedTuple, TypeAlias

VALUE_PLACES = 5
VALUE_PARTS: int = 10**VALUE_PLACES
MASS_PLACES = 5
ALONE: Mapping[str, str] = {cube: f"{cube} alone" for cube in ("country", "office", "chapter")}
"""Cubes of many members, and where each of these stands with all directions and modes together."""
_DAYS_OF_MONTH = 100


class Cell(NamedTuple):
    """The key of a cell."""

    cube: str
    period: int
    direction: str
    mode: str
    member: str
    currency: str


CellKey: TypeAlias = tuple[str, int, str, str, str, str]
"""A `Cell` or the plain tuple of its fields, which is cheaper to make."""

Amounts: TypeAlias = list[int]
"""Items, value, items with a mass, mass; value in 10**-5 of the currency, mass in 10**-5 kg."""

Cells: TypeAlias = dict[CellKey, Amounts]


class FigureRow(NamedTuple):
    """A sum over cells; fields that were not asked for are empty or 0.

    The value is kept as whole `units` of the currency and `parts` of 10**-5, which may be more than a unit.
    """

    period: int
    direction: str
    mode: str
    member: str
    currency: str
    items: int
    units: int
    parts: int
    weighed: int
    mass: int

    @property
    def value(self) -> int:
        """Return the value in 10**-5 of the currency."""
        return self.units * VALUE_PARTS + self.parts


SumRow: TypeAlias = tuple[int, str, str, str, str, int, int, int, int, int]
"""A `FigureRow` or the plain tuple of its fields, which needs not be made from that of the driver."""

ValueRow: TypeAlias = tuple[int, str, str, str, str, int, int, int]
"""The fields of a `FigureRow` as far as its parts, of a day."""


def with_coarser(days: Cells) -> Cells:
    """Return cells of days and what follows from them: members alone, and months; nothing that is 0."""
    cells: Cells = {key: amounts for key, amounts in days.items() if any(amounts)}
    alone: Cells = {}
    for (cube, day, _, _, member, currency), amounts in cells.items():
        if cube in ALONE:
            add_cells(alone, {(ALONE[cube], day, "", "", member, currency): amounts})
    cells |= alone
    months: Cells = {}
    for (cube, day, direction, mode, member, currency), amounts in cells.items():
        add_cells(months, {(cube, day // _DAYS_OF_MONTH, direction, mode, member, currency): amounts})
    cells |= months
    return {key: amounts for key, amounts in cells.items() if any(amounts)}


def add_cells(to: Cells, more: Mapping[CellKey, Amounts]) -> None:
    """Add differences to differences."""
    for key, amounts in more.items():
        held = to.get(key)
        if held is None:
            to[key] = list(amounts)
        else:
            for place, amount in enumerate(amounts):
                held[place] += amount
