# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What an item costs on disk, table by table: live, on the store of a run, and as Parquet with zstd."""

import sqlite3
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

LEVEL = 9
_SMALL = 0.005  # of the whole: smaller tables are pages that any store has


@dataclass(frozen=True, slots=True)
class Table:
    """One table: rows, live bytes with indexes, and bytes as Parquet, each for one item."""

    name: str
    rows: float
    live: float
    archived: float


def tables(database: Path, items: int) -> list[Table]:
    """Return the tables of a store, the largest first.

    Raises:
        sqlite3.OperationalError: this SQLite was built without `dbstat`.
    """
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        owners = dict(connection.execute("select name, tbl_name from sqlite_master"))
        sizes: dict[str, int] = {}
        for name, size in connection.execute("select name, sum(pgsize) from dbstat group by name"):
            sizes[owners.get(name, name)] = sizes.get(owners.get(name, name), 0) + size
        least = _SMALL * sum(sizes.values())
        kept = sorted(((size, name) for name, size in sizes.items() if size >= least), reverse=True)
        return [_table(connection, name, size, items) for size, name in kept if name in owners]


def _table(connection: sqlite3.Connection, name: str, size: int, items: int) -> Table:
    """Measure one table."""
    cursor = connection.execute(f'select * from "{name}"')
    columns = [one[0] for one in cursor.description]
    rows = cursor.fetchall()
    values = {column: [row[place] for row in rows] for place, column in enumerate(columns)}
    sink = pa.BufferOutputStream()
    parquet.write_table(pa.table(values), sink, compression="zstd", compression_level=LEVEL)
    return Table(name, len(rows) / items, size / items, sink.getvalue().size / items)
