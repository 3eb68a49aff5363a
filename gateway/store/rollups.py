# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Statistics: cells that are added to when a group of works is committed, and sums over them.

A value is kept in two columns, whole units and 10**-5 parts, so that no sum of lawful values leaves 64 bits.
"""

from collections.abc import Mapping, Sequence
from functools import cache

from sqlalchemy import BindParameter, bindparam, delete, func, literal_column, select

from gateway.exchange.rollup_rows import VALUE_PLACES, Amounts, CellKey, Cells, FigureRow, add_cells
from gateway.store.dialect import add_on_conflict
from gateway.store.rollup_schema import rollup
from gateway.store.session import Session
from gateway.store.statement import Statement

_PARTS = 10**VALUE_PLACES
_MONTH = 100
_DIMENSIONS = ("period", "direction", "mode", "member", "currency")
_SUMS = (rollup.c["items"], rollup.c.units, rollup.c.parts, rollup.c.weighed, rollup.c.mass)
_CLEAR = Statement(lambda _: delete(rollup))
_ADD = Statement(lambda backend: add_on_conflict(rollup, backend, *_SUMS))


class Rollup(Session):
    """The part of a transaction about statistics."""

    def add_cells(self, differences: Mapping[CellKey, Amounts]) -> None:
        """Add differences of days to the cells of these days and of their months."""
        add_cells(self.cells, differences)

    def clear_cells(self) -> None:
        """Drop every cell, to be counted anew by the only work of a commit."""
        self._change(_CLEAR)

    def write_cells(self, cells: Cells) -> None:
        """Add what a group of works counted, in key order so that two nodes cannot deadlock."""
        rows: Cells = {key: amounts for key, amounts in cells.items() if any(amounts)}
        months: Cells = {}
        for (cube, day, *rest), amounts in rows.items():
            add_cells(months, {(cube, day // _MONTH, *rest): amounts})  # type: ignore[dict-item]  # four texts follow
        rows |= months
        self._change_many(
            _ADD,
            [
                (*key, items, *divmod(value, _PARTS), weighed, mass)
                for key, (items, value, weighed, mass) in sorted(rows.items())
            ],
        )

    def figures(
        self, cube: str, spans: Sequence[tuple[int, int]], by: frozenset[str], where: Mapping[str, str]
    ) -> list[FigureRow]:
        """Return sums over the cells with a period in one of the spans, both ends included."""
        statement = _sums(tuple(name for name in _DIMENSIONS if name in by), tuple(sorted(where)))
        return [
            FigureRow(
                period=period,
                direction=direction,
                mode=mode,
                member=member,
                currency=currency,
                items=items,
                value=units * _PARTS + parts,
                weighed=weighed,
                mass=mass,
            )
            for first, last in spans
            for period, direction, mode, member, currency, items, units, parts, weighed, mass in self._rows(
                statement,
                of_cube=cube,
                first=first,
                last=last,
                **{f"of_{name}": value for name, value in where.items()},
            )
        ]


@cache
def _sums(by: tuple[str, ...], where: tuple[str, ...]) -> Statement:
    """Return the query of sums told apart by some dimensions, with conditions on others."""
    kept = [rollup.c[name] for name in by]
    shown = [
        rollup.c[name] if name in by else literal_column("0" if name == "period" else "''").label(name)
        for name in _DIMENSIONS
    ]
    conditions = [rollup.c[name] == _bound(name) for name in where]
    return Statement(
        lambda _: (
            select(*shown, *(func.sum(one) for one in _SUMS))
            .where(
                rollup.c.cube == bindparam("of_cube"),
                rollup.c.period.between(bindparam("first"), bindparam("last")),
                *conditions,
            )
            .group_by(*kept)
            .having(func.count() > literal_column("0"))
        )
    )


def _bound(name: str) -> BindParameter[str]:
    """Return the parameter of a condition."""
    return bindparam(f"of_{name}")
