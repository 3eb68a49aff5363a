# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What an item costs in a young store and in an old one: `python -m bench.age --rows 1000000 100000000`.

Age is simulated by index rows: at the sender contributions with random references and join keys and a quarter
as many items and shares, at the receiver received records; all older than what is measured, without bodies.
The stages of the way are then measured on each store by turns, CPU time of this process; system time of
reading pages is in it.
"""

import argparse
import sqlite3
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench import stages
from bench.account import RUNS_IN
from gateway.clock import system_clock
from gateway.config import load_config
from gateway.demo.stage import Party, make_parties, packaged_agreements
from gateway.store import TimeIds, open_store

LIMIT = 1.1
PER_ITEM = 4  # contributions of an item: order, waybill, supplement, list
AGE = timedelta(days=30)
BATCH = 256
NODE = 61
_RANDOM = "lower(hex(randomblob(8)))"
# Expressions of the columns that indexes hold, by table; `i` counts the rows. Others are empty or zero.
ROWS: Mapping[str, Mapping[str, str]] = {
    "contribution": {
        "reference": f"'customs-cn|list|' || {_RANDOM}",
        "join_key": f"'trk:' || {_RANDOM}",
    },
    "item": {
        "tracking_number": _RANDOM,
        "order_key": f"'ord:' || {_RANDOM}",
        "list_key": f"'lst:' || {_RANDOM}",
        "version": "1",
    },
    "share": {
        "item": "{first} + i * {step}",
        "channel": "'customs-cn/customs-nl/item'",
        "state": "'accepted'",
        "batch": f"1 + i / {BATCH}",
        "position": f"i % {BATCH}",
    },
    "inbound_record": {"reference": _RANDOM, "tracking_number": _RANDOM, "state": "'accepted'"},
}


def grow(party: Party, tables: Sequence[str], rows: int) -> None:
    """Fill tables of a party that does not run: so many contributions, a quarter as many of the others."""
    url = load_config(party.config).database.url
    open_store(url).shut()
    newest = TimeIds(NODE, system_clock).take(1)[0]
    oldest = TimeIds(NODE, lambda: system_clock() - AGE).take(1)[0]
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as connection:
        for pragma in ("journal_mode=off", "synchronous=off", "cache_size=-2000000", "temp_store=file"):
            connection.execute(f"pragma {pragma}")
        for table in tables:
            count = rows if table == "contribution" else rows // PER_ITEM
            ids = range(oldest, newest, (newest - oldest) // count)[:count]
            fill(connection, table, ROWS[table], ids)
        connection.execute("pragma journal_mode=wal")


def fill(connection: sqlite3.Connection, table: str, columns: Mapping[str, str], ids: range) -> None:
    """Insert rows without the indexes and build these from sorted keys, as a bulk load does."""
    found = connection.execute(
        "select name, sql from sqlite_master where type = 'index' and tbl_name = ? and sql is not null",
        (table,),
    ).fetchall()
    for name, _ in found:
        connection.execute(f'drop index "{name}"')
    empty = {"BLOB": "x''", "TEXT": "''", "VARCHAR": "''"}
    values = [
        f"{ids.start} + i * {ids.step}" if name == "id" else columns.get(name, empty.get(kind, "0"))
        for _, name, kind, *_ in connection.execute(f"pragma table_info({table})")
    ]
    chosen = ", ".join(values).format(first=ids.start, step=ids.step)
    connection.execute(
        f"with recursive n(i) as (select 0 union all select i + 1 from n where i < {len(ids) - 1})"
        f" insert into {table} select {chosen} from n"
    )
    for _, statement in found:
        connection.execute(statement)


def measure(folder: Path, sizes: Sequence[int], items: int, turns: int) -> dict[int, dict[str, float]]:
    """Return the least CPU microseconds per item of each stage over some turns, by the size of the store."""
    parties: dict[int, list[Party]] = {}
    figures: dict[int, dict[str, float]] = {}
    for rows in sizes:
        begun = time.monotonic()
        parties[rows] = make_parties(folder / str(rows), packaged_agreements())
        sender, receiver = parties[rows]
        grow(sender, ("contribution", "item", "share"), rows)
        grow(receiver, ("inbound_record",), rows)
        print(f"{rows} rows at each end, {time.monotonic() - begun:.0f} s to load", flush=True)
    for turn in range(turns):
        for rows in sizes:
            seen = stages.measure(folder / str(rows), parties[rows], items, seed=2 * turn + 1).stages
            best = figures.setdefault(rows, seen)
            figures[rows] = {name: min(value, best[name]) for name, value in seen.items()}
    return figures


def in_node(stage_us: Mapping[str, float]) -> float:
    """Return the microseconds per item of what runs in the two nodes, where the stores are."""
    return sum(stage_us[name] for end in ("sender_node", "receiver_node") for name in RUNS_IN[end])


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; exit 1 if age costs more than the limit."""
    parser = argparse.ArgumentParser(prog="python -m bench.age", description=__doc__)
    parser.add_argument(
        "--rows", type=int, nargs="+", default=[1_000_000, 10_000_000], help="ages, ascending"
    )
    parser.add_argument("--items", type=int, default=2_048, help="items measured in each turn")
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="where the stores are made; a temporary folder if absent")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="ead-bench-", dir=given.folder) as name:
        found = measure(Path(name), given.rows, given.items, given.turns)
    shown = Table("rows", "CPU µs per item in both nodes", "ratio", title="What age costs")
    young = in_node(found[given.rows[0]])
    ratios = {rows: in_node(one) / young for rows, one in found.items()}
    for rows, ratio in ratios.items():
        mark = "" if ratio <= LIMIT else f" NOT REACHED, limit {LIMIT}"
        shown.add_row(f"{rows:,}", f"{in_node(found[rows]):.1f}", f"{ratio:.2f}{mark}")
    Console().print(shown)
    parts = Table("stage", *(f"{rows:,}" for rows in found), title="Stages, µs per item")
    for stage in found[given.rows[0]]:
        parts.add_row(stage, *(f"{one[stage]:.1f}" for one in found.values()))
    Console().print(parts)
    return 0 if max(ratios.values()) <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
