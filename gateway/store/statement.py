# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Statements compiled once per database to the driver's own text.

Core builds every statement, so there is one source for both databases; but its work per row costs more than
the row itself. Compiled text with plain tuples keeps the cost at that of the driver. The price: values must
be of the driver's types already (int, str, bytes, bool), which the forms in `form.py` see to.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, Dialect, Insert, Table, bindparam
from sqlalchemy.sql.expression import Executable

from gateway.store.postgres import copy_text, copy_types

LARGEST_CHUNK = 512


@dataclass(frozen=True, slots=True)
class Compiled:
    """Driver text, the names of its parameters in order, and the values of those that Core put in itself.

    `copy` is the command and the types with which PostgreSQL takes the same rows in bulk, where it can.
    """

    text: str
    names: tuple[str, ...]
    constants: Mapping[str, Any]
    copy: tuple[str, tuple[str, ...]] | None = None

    def values(self, given: Mapping[str, Any]) -> tuple[Any, ...]:
        """Return the parameters in order.

        Raises:
            KeyError: a parameter is not given.
        """
        known = {**self.constants, **given}
        return tuple(known[name] for name in self.names)


class Statement:
    """A statement made by `build` from the name of the database."""

    def __init__(self, build: Callable[[str], Executable]) -> None:
        """Compile later, when the database is known."""
        self._build = build
        self._compiled: dict[str, Compiled] = {}

    def sample(self) -> Executable:
        """Return the statement itself, for those who ask what it is about."""
        return self._build("")

    def compiled(self, dialect: Dialect) -> Compiled:
        """Return the text for a database; two threads may both make it, with the same result."""
        known = self._compiled.get(dialect.name)
        if known is None:
            known = self._compiled[dialect.name] = compile_for(self._build(dialect.name), dialect)
        return known


class KeyedStatement:
    """A statement over a list of keys, in chunks whose sizes are powers of two.

    Few sizes mean few texts, so the driver finds its prepared statement again; a chunk is filled up with its
    last key, which changes no result of IN.
    """

    def __init__(self, build: Callable[[Sequence[BindParameter[Any]]], Executable]) -> None:
        """Compile later, one text per size."""
        self._build = build
        self._compiled: dict[tuple[str, int], str] = {}

    def sample(self) -> Executable:
        """Return the statement over one key, for those who ask what it is about."""
        return self._build([bindparam("key0")])

    def chunks(self, dialect: Dialect, keys: Sequence[Any]) -> Iterator[tuple[str, tuple[Any, ...]]]:
        """Yield text and values for each chunk of distinct keys."""
        distinct = list(dict.fromkeys(keys))
        for start in range(0, len(distinct), LARGEST_CHUNK):
            chunk = distinct[start : start + LARGEST_CHUNK]
            size = 1 << (len(chunk) - 1).bit_length()
            chunk.extend(chunk[-1:] * (size - len(chunk)))
            yield self.text(dialect, size), tuple(chunk)

    def text(self, dialect: Dialect, size: int) -> str:
        """Return the text for a number of keys."""
        known = self._compiled.get((dialect.name, size))
        if known is None:
            keys: list[BindParameter[Any]] = [bindparam(f"key{number}") for number in range(size)]
            known = compile_for(self._build(keys), dialect).text
            self._compiled[dialect.name, size] = known
        return known


def compile_for(statement: Executable, dialect: Dialect) -> Compiled:
    """Return driver text with positional parameters."""
    compiled = statement.compile(dialect=dialect)  # type: ignore[attr-defined]  # every executable here is a clause
    constants = {name: bind.value for name, bind in compiled.binds.items() if not bind.required}
    names = tuple(compiled.positiontup or ())
    return Compiled(str(compiled), names, constants, _copy(statement, dialect, names))


def _copy(
    statement: Executable, dialect: Dialect, names: tuple[str, ...]
) -> tuple[str, tuple[str, ...]] | None:
    """Return how rows are taken in bulk, if the statement inserts whole rows and does nothing else."""
    if dialect.name != "postgresql" or not isinstance(statement, Insert):
        return None
    table = statement.table
    plain = getattr(statement, "_post_values_clause", None) is None
    if not plain or not isinstance(table, Table) or names != tuple(table.columns.keys()):
        return None
    return copy_text(table), copy_types(table)
