# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Statistics: cells that are added to when a group of works is committed, and sums over them.

A value is kept in two columns, whole units and 10**-5 parts, so that no sum of lawful values leaves 64 bits.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import chain, repeat
from typing import Any, cast

import msgspec
from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    Text,
    bindparam,
    delete,
    func,
    literal_column,
    select,
)
from sqlalchemy import cast as cast_to

from gateway.exchange.rollup_rows import (
    ALONE,
    VALUE_PARTS,
    Amounts,
    CellKey,
    Cells,
    SumRow,
    ValueRow,
    add_cells,
    with_coarser,
)
from gateway.store.dialect import add_on_conflict
from gateway.store.rollup_schema import rollup
from gateway.store.session import Session, Values
from gateway.store.statement import Statement

_DIMENSIONS = ("period", "direction", "mode", "member", "currency")
_KEY = ("period", "member", "currency", "mode", "direction")
_SUMS = (rollup.c["items"], rollup.c.units, rollup.c.parts, rollup.c.weighed, rollup.c.mass)
_decode = msgspec.json.decode
_CLEAR = Statement(lambda _: delete(rollup))
_ADD = Statement(lambda backend: add_on_conflict(rollup, backend, *_SUMS))


class Rollup(Session):
    """The part of a transaction about statistics."""

    def add_cells(self, differences: Mapping[CellKey, Amounts]) -> None:
        """Add differences of days to the cells of these days, and to what follows from them."""
        add_cells(self.cells, differences)

    def clear_cells(self) -> None:
        """Drop every cell, to be counted anew by the only work of a commit."""
        self._change(_CLEAR)

    def write_cells(self, cells: Cells) -> None:
        """Add what a group of works counted, in key order so that two nodes cannot deadlock."""
        self._change_many(
            _ADD,
            [
                (*key, items, *divmod(value, VALUE_PARTS), weighed, mass)
                for key, (items, value, weighed, mass) in sorted(with_coarser(cells).items())
            ],
        )

    def figures(
        self, cube: str, span: tuple[int, int], by: frozenset[str], where: Mapping[str, str]
    ) -> Iterator[SumRow]:
        """Yield sums over the cells with a period in the span, both ends included."""
        told_apart = tuple(name for name in _KEY if name in by or name == "member")
        given = {"of_cube": cube, "first": span[0], "last": span[1]}
        given |= {f"of_{name}": value for name, value in where.items()}
        if {"period", "mode"} <= {*told_apart}:
            # Hardly anything would be added up, so the cells come as they are.
            kept = tuple(name for name in told_apart if name != "period")
            periods = _unpacked(self._each(_cells(kept, tuple(sorted(where))), **given), kept)
            return cast("Iterator[SumRow]", chain.from_iterable(rows for _, rows in periods))
        return cast("Iterator[SumRow]", self._each(_sums(told_apart, tuple(sorted(where))), **given))

    def day_values(
        self, cube: str, span: tuple[int, int], by: frozenset[str], where: Mapping[str, str], besides: str
    ) -> Iterator[tuple[int, Iterator[ValueRow]]]:
        """Return each day in the span with items and values of every currency but one."""
        told_apart = tuple(name for name in _KEY if name in by or name in {"member", "currency"})
        statement = _day_values(told_apart, tuple(sorted(where)), summed=cube not in ALONE.values())
        conditions = {f"of_{name}": value for name, value in where.items()}
        rows = self._each(statement, of_cube=cube, first=span[0], last=span[1], besides=besides, **conditions)
        return cast("Iterator[tuple[int, Iterator[ValueRow]]]", _unpacked(rows, told_apart))


def _unpacked(
    periods: Iterable[Values], told_apart: tuple[str, ...]
) -> Iterator[tuple[int, Iterator[Values]]]:
    """Yield periods with their rows, out of arrays; what was not asked for is empty."""
    for period, *columns in periods:
        named = dict(zip(told_apart, columns, strict=False))
        texts = [_decode(named[name]) if name in named else repeat("") for name in _DIMENSIONS[1:]]
        numbers = [_decode(column) for column in columns[len(told_apart) :]]
        yield period, zip(repeat(period), *texts, *numbers, strict=False)


@cache
def _cells(by: tuple[str, ...], where: tuple[str, ...]) -> Statement:
    """Return the query of cells as they are: a row of arrays for each period, a third of what rows cost."""
    columns = [*[rollup.c[name] for name in by], *_SUMS]

    def made(backend: str) -> Select[Any]:
        arrays = [_array(backend, one) for one in columns]
        return select(rollup.c.period, *arrays).where(*_within(where)).group_by(rollup.c.period)

    return Statement(made)


@cache
def _day_values(by: tuple[str, ...], where: tuple[str, ...], *, summed: bool) -> Statement:
    """Return the query of values of cells, summed or as they are, one currency left out: a row for each day.

    A day of some hundred cells comes as a few arrays, which costs a third of what its rows would.
    """
    conditions = [*_within(where), rollup.c.currency.not_in([bindparam("besides"), ""])]
    told = [rollup.c.period, *[rollup.c[name] for name in by]]
    values = [(func.sum(one) if summed else one).label(one.name) for one in _SUMS[:3]]
    cells = select(*told, *values).where(*conditions)
    days = (cells.group_by(*told) if summed else cells).subquery()

    def made(backend: str) -> Select[Any]:
        arrays = [_array(backend, one) for one in days.c[1:]]
        return select(days.c.period, *arrays).group_by(days.c.period)

    return Statement(made)


def _array(backend: str, column: ColumnElement[Any]) -> ColumnElement[str]:
    """Return what gathers a column into the text of an array."""
    if backend == "postgresql":
        return cast_to(func.json_agg(column), Text)
    return func.json_group_array(column)


@cache
def _sums(by: tuple[str, ...], where: tuple[str, ...]) -> Statement:
    """Return the query of sums told apart by some dimensions, with conditions on others.

    Grouping in the order of the key needs no sorting, which is what costs most; so what is told apart neither
    by periods nor by modes is first added up within each period. Where hardly anything would be added
    up there, cells are sorted at once.
    """
    conditions = _within(where)
    told = [rollup.c[name] for name in by]
    sums = [func.sum(one).label(one.name) for one in _SUMS]
    if "period" in by or "mode" in by:
        return Statement(lambda _: select(*_shown(rollup, by), *sums).where(*conditions).group_by(*told))
    within = [rollup.c.period, *told]
    days = select(*within, *sums).where(*conditions).group_by(*within).subquery()
    kept = [days.c[name] for name in by]
    whole = [func.sum(days.c[one.name]) for one in _SUMS]
    return Statement(lambda _: select(*_shown(days, by), *whole).group_by(*kept))


def _within(where: tuple[str, ...]) -> list[ColumnElement[bool]]:
    """Return the conditions on the cells of a cube and a span."""
    return [
        rollup.c.cube == bindparam("of_cube"),
        rollup.c.period.between(bindparam("first"), bindparam("last")),
        *[rollup.c[name] == bindparam(f"of_{name}") for name in where],
    ]


def _shown(table: FromClause, by: tuple[str, ...]) -> list[ColumnElement[Any]]:
    """Return the dimensions of a row; those that were not asked for are empty."""
    return [
        table.c[name] if name in by else literal_column("0" if name == "period" else "''").label(name)
        for name in _DIMENSIONS
    ]
