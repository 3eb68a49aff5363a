# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""A transaction that reads the database and the archive as if they were one.

The rules:

1. A query over archived tables runs twice: on the database, and word for word on the Parquet files (DuckDB,
   https://duckdb.org). Rows of both are put in the order of the query and cut at its limit.
2. Which files count is read in the same snapshot as the rows. A row is in one of both places only; of
   messages and batches, whose heads stay, the archived row stands for the emptied one.
3. Queries that need nothing but heads, and counts over tables, are answered by the database alone.
4. In a rehearsal what was read from files is noted: it is what must be taken back before the same work can be
   done in earnest. Nothing is changed in one that reads only; one that writes is undone by `Rehearsed`.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Connection, Select, Table, literal_column, select
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.sql import functions, visitors

from gateway.errors import ConfigError
from gateway.exchange.archive_rows import DROPPED, Values
from gateway.exchange.rows import LogEntryRow, LogState
from gateway.store.archive_schema import archive_part, archive_taken
from gateway.store.archived_tables import ARCHIVED
from gateway.store.archives import by_table
from gateway.store.errors import StoreError
from gateway.store.form import Compression
from gateway.store.statement import KeyedStatement, Statement
from gateway.store.transaction import SqlTransaction

_DROPPED = Statement(
    lambda _: (
        select(archive_part.c.day, archive_part.c.table, archive_part.c.file)
        .where(archive_part.c.state == literal_column(f"'{DROPPED}'"))
        .order_by(archive_part.c.id)
    )
)
_TAKEN = Statement(lambda _: select(archive_taken.c.table, archive_taken.c.id))


class DuckDialect(PGDialect):
    """The words of DuckDB, which are those of PostgreSQL with question marks."""

    name = "duckdb"
    supports_statement_cache = False

    def __init__(self) -> None:
        """Take parameters by position."""
        super().__init__(paramstyle="qmark")  # type: ignore[no-untyped-call]  # of SQLAlchemy


_DUCK = DuckDialect()


@dataclass(frozen=True, slots=True)
class Shape:
    """What must be known of a query to add rows to its own: order by position, and what its rows are."""

    table: str
    heads: bool
    order: tuple[tuple[int, bool], ...]
    limit: str


class ArchiveFiles:
    """The files of the archive as tables; belongs to one thread."""

    def __init__(self, folder: Path) -> None:
        """Open DuckDB when first needed."""
        self._folder = folder
        self._connection: Any = None
        self._seen: tuple[Any, ...] = ()

    def look(self, files: Sequence[Values], taken: Sequence[Values]) -> None:
        """Make the tables anew if other files count, or other rows were taken back.

        Raises:
            ConfigError: DuckDB is not installed.
            StoreError: a file is not there.
        """
        seen = (tuple(files), tuple(taken))
        if seen == self._seen:
            return
        connection = self._open()
        gone = by_table(taken)
        for name, one in ARCHIVED.items():
            paths = [str(self._folder / day / file) for day, table, file in files if table == name]
            missing = [path for path in paths if not Path(path).is_file()]
            if missing:
                raise StoreError(f"the archived file {missing[0]} is not there")
            columns = ", ".join(f'"{column}"' for column in one.columns)
            out = ", ".join(map(str, sorted(gone.get(name, ())))) or "-1"
            if paths:
                listed = ", ".join("'" + path.replace("'", "''") + "'" for path in paths)
                source = f"read_parquet([{listed}])"
                words = f"SELECT {columns} FROM {source} WHERE id NOT IN ({out})"  # noqa: S608  # names and numbers of our own
            else:
                words = f"SELECT {_no_rows(one.table)} WHERE false"  # names of our own
            connection.execute(f'CREATE OR REPLACE TEMP VIEW "{name}" AS {words}')
        self._seen = seen

    def fetch(self, text: str, values: Sequence[Any]) -> list[Values]:
        """Return the rows of a query."""
        rows: list[Values] = self._connection.execute(text, list(values)).fetchall()
        return rows

    def close(self) -> None:
        """Close DuckDB."""
        if self._connection is not None:
            self._connection.close()

    def _open(self) -> Any:
        if self._connection is None:
            try:
                import duckdb  # noqa: PLC0415  # an optional extra
            except ModuleNotFoundError as error:
                raise ConfigError(
                    "reading the archive needs duckdb: pip install 'ead-gateway[archive]'"
                ) from error
            # It may read nothing but the files that are named to it.
            self._connection = duckdb.connect(
                ":memory:", config={"autoinstall_known_extensions": False, "autoload_known_extensions": False}
            )
        return self._connection


class Rehearsed(Exception):
    """Undoes a rehearsal that wrote; says what it read from files."""

    def __init__(self, touched: dict[str, set[int]]) -> None:
        """Take ids by table."""
        super().__init__("a rehearsal leaves nothing behind")
        self.touched = touched


class ArchivedTransaction(SqlTransaction):
    """Reads the database and the archive."""

    def __init__(
        self, connection: Connection, compression: Compression, *, writes: bool, files: ArchiveFiles
    ) -> None:
        """Use a connection that reads, and files."""
        super().__init__(connection, compression, writes=writes)
        self._files = files
        self._any: bool | None = None
        self._rehearsing = False
        self.touched: dict[str, set[int]] = {}

    def rehearse(self) -> None:
        """From here on note what is read from files, and change nothing unless this transaction writes."""
        self._rehearsing = True

    def append_log(
        self, state: LogState, entries: Sequence[LogEntryRow], hashes: Sequence[tuple[int, int, bytes]]
    ) -> None:
        """Store entries; in a rehearsal, which does not count what it changed, nothing."""
        if self._writes:
            super().append_log(state, entries, hashes)

    def archived_rows(self, table: str, ids: Sequence[int]) -> list[Values]:
        """Return rows that are in the archive only."""
        one = ARCHIVED[table]
        self._look()
        columns = ", ".join(f'"{column}"' for column in one.columns)
        found = []
        for start in range(0, len(ids), 500):
            keys = ids[start : start + 500]
            marks = ", ".join("?" * len(keys))
            words = f'SELECT {columns} FROM "{table}" WHERE id IN ({marks}) ORDER BY id'  # noqa: S608  # names of our own
            found += [one.row(row) for row in self._files.fetch(words, keys)]
        return found

    def _rows(self, statement: Statement, **values: Any) -> Sequence[Values]:
        rows = super()._rows(statement, **values)
        shape = _shape(statement)
        if shape is None or not self._look():
            return rows
        compiled = statement.compiled(_DUCK)
        more = self._files.fetch(compiled.text, compiled.values(values))
        return self._joined(shape, rows, more, values.get(shape.limit) if shape.limit else None)

    def _rows_by_key(self, statement: KeyedStatement, keys: Sequence[Any]) -> list[Values]:
        rows = super()._rows_by_key(statement, keys)
        shape = _shape(statement)
        if shape is None or not keys or not self._look():
            return rows
        more: list[Values] = []
        for text, parameters in statement.chunks(_DUCK, keys):
            more += self._files.fetch(text, parameters)
        return list(self._joined(shape, rows, more, None))

    def _change(self, statement: Statement, **values: Any) -> int:
        return super()._change(statement, **values) if self._writes else 0

    def _change_many(self, statement: Statement, rows: Sequence[Values]) -> None:
        if self._writes:
            super()._change_many(statement, rows)

    def _joined(
        self, shape: Shape, rows: Sequence[Values], more: Sequence[Values], limit: int | None
    ) -> Sequence[Values]:
        """Return rows of both places in the order of their query."""
        if not more:
            return rows
        if shape.heads:
            both = list(({row[0]: row for row in rows} | {row[0]: row for row in more}).values())
        else:
            both = [*rows, *more]
        for place, falling in reversed(shape.order):
            both.sort(key=lambda row: row[place], reverse=falling)  # sorted at once
        both = both[:limit]
        if self._rehearsing:
            kept = {id(row) for row in both}
            self.touched.setdefault(shape.table, set()).update(row[0] for row in more if id(row) in kept)
        return both

    def _look(self) -> bool:
        """See once for each transaction which files count; return whether there are any."""
        if self._any is None:
            files = super()._rows(_DROPPED)
            self._any = bool(files)
            if files:
                self._files.look(files, super()._rows(_TAKEN))
        return self._any


def rehearse_writing(
    tx: SqlTransaction, files: ArchiveFiles, work: Callable[[SqlTransaction], object]
) -> None:
    """Run work in a transaction that writes, with the archive beside it, and undo it.

    Raises:
        Rehearsed: always, unless the work itself fails.
    """
    beside = ArchivedTransaction(tx._connection, tx._compression, writes=True, files=files)  # noqa: SLF001  # the same unit of work
    beside.rehearse()
    work(beside)
    raise Rehearsed(beside.touched)


@cache
def _shape(statement: Statement | KeyedStatement) -> Shape | None:
    """Return what the archive can add to a query; none if nothing."""
    built = statement.sample()
    if not isinstance(built, Select):
        return None
    tables = {one.name for one in visitors.iterate(built) if isinstance(one, Table)}
    if not tables or not tables <= ARCHIVED.keys():
        return None
    if any(isinstance(one, functions.FunctionElement) for one in visitors.iterate(built)):
        return None
    columns = list(built.selected_columns)
    first = columns[0]
    table = first.table.name if isinstance(first, Column) and isinstance(first.table, Table) else ""
    one = ARCHIVED[table] if table else None
    if one is None:
        return None
    names = {getattr(getattr(column, "clause", column), "name", "") for column in columns}
    if one.emptied and not names & one.emptied.keys() and tables == {table}:
        return None  # the heads say it all
    order = []
    for clause in built._order_by_clauses:  # noqa: SLF001  # there is no public way to ask a query for its order
        falling = getattr(clause, "modifier", None) is not None
        column = getattr(clause, "element", clause) if falling else clause
        with suppress(ValueError):
            order.append(([id(one) for one in columns].index(id(column)), falling))
    limit = built._limit_clause  # noqa: SLF001  # the same
    return Shape(
        table=table,
        heads=bool(one.emptied) and first is one.table.c.id,
        order=tuple(order),
        limit=getattr(limit, "key", "") if limit is not None and getattr(limit, "required", False) else "",
    )


def _no_rows(table: Table) -> str:
    kinds = {"TEXT": "VARCHAR", "BIGINT": "BIGINT", "INTEGER": "BIGINT", "BOOLEAN": "BOOLEAN"}
    return ", ".join(
        f'CAST(NULL AS {kinds.get(str(column.type), "BLOB")}) AS "{column.name}"' for column in table.columns
    )
