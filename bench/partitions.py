# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What a look-up costs if a table is cut by day: `python -m bench.partitions [--days N] [--rows N]`.

Two tables of the same rows on PostgreSQL (`GATEWAY_TEST_POSTGRES`), one whole and one with a partition for
each day of ids, both with an index on a random number. The way looks for items and contributions by such
numbers, which say nothing of a day. Times are of the client, medians; look at the ratio.
"""

import argparse
import hashlib
import os
import random
import statistics
import sys
import time
from collections.abc import Sequence
from typing import LiteralString

from psycopg import Connection, connect
from psycopg.sql import SQL, Identifier, Literal

VARIABLE = "GATEWAY_TEST_POSTGRES"
DAYS, ROWS = 60, 600_000
LOOKS, WARM = 60, 10
WHOLE, CUT = "bench_whole", "bench_cut"
SHAPE: LiteralString = "(id bigint PRIMARY KEY, tracking text NOT NULL, body bytea)"


def fill(connection: Connection, days: int, rows: int) -> None:
    """Make both tables in the session's own schema."""
    connection.execute(SQL("CREATE TEMP TABLE {} " + SHAPE).format(Identifier(WHOLE)))
    connection.execute(
        SQL("CREATE TEMP TABLE {} " + SHAPE + " PARTITION BY RANGE (id)").format(Identifier(CUT))
    )
    for day in range(days):
        bounds = (Literal(day * rows // days), Literal((day + 1) * rows // days))
        words = SQL("CREATE TEMP TABLE {} PARTITION OF {} FOR VALUES FROM ({}) TO ({})")
        connection.execute(words.format(Identifier(f"{CUT}_{day}"), Identifier(CUT), *bounds))
    for name in (WHOLE, CUT):
        words = SQL("INSERT INTO {} SELECT i, md5(i::text), 'x' FROM generate_series(0, {}) i")
        connection.execute(words.format(Identifier(name), Literal(rows - 1)))
        connection.execute(SQL("CREATE INDEX ON {} (tracking)").format(Identifier(name)))
        connection.execute(SQL("ANALYZE {}").format(Identifier(name)))


def look(connection: Connection, name: str, numbers: Sequence[str]) -> float:
    """Return the seconds of one look-up of several numbers."""
    words = SQL("SELECT * FROM {} WHERE tracking IN ({}) ORDER BY id").format(
        Identifier(name), SQL(", ").join([SQL("%s")] * len(numbers))
    )
    begun = time.perf_counter()
    found = connection.execute(words, numbers, prepare=True).fetchall()
    if len(found) != len(set(numbers)):
        raise RuntimeError("not every number was found")
    return time.perf_counter() - begun


def median(connection: Connection, name: str, rows: int, count: int) -> float:
    """Return the median seconds of a look-up of so many numbers."""
    chance = random.Random(1)
    taken = [
        look(
            connection,
            name,
            [hashlib.md5(str(chance.randrange(rows)).encode()).hexdigest() for _ in range(count)],
        )
        for _ in range(LOOKS)
    ]
    return statistics.median(taken[WARM:])


def main(arguments: Sequence[str]) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.partitions", description=__doc__)
    parser.add_argument("--days", type=int, default=DAYS, help="partitions")
    parser.add_argument("--rows", type=int, default=ROWS, help="rows of each table")
    given = parser.parse_args(arguments)
    address = os.environ.get(VARIABLE, "").replace("postgresql+psycopg://", "postgresql://")
    if not address:
        parser.error(f"{VARIABLE} names no server of PostgreSQL")
    with connect(address, autocommit=True) as connection:
        fill(connection, given.days, given.rows)
        for count in (1, 128):
            whole, cut = (median(connection, name, given.rows, count) for name in (WHOLE, CUT))
            print(
                f"{count} numbers: whole {whole * 1e6:,.0f} µs, {given.days} partitions {cut * 1e6:,.0f} µs,"
                f" {cut / whole:.1f} times"
            )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
