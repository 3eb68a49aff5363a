# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What the questions of an operator's console cost by the size of the store: `python -m bench.board`.

The stores are filled by SQL with items, shares in every state, and batches as they lie there; then each
question is asked of the steps behind the HTTP routes. Least wall-clock time of some turns, in milliseconds.
"""

import argparse
import asyncio
import sqlite3
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.age import fill
from gateway.clock import system_clock
from gateway.exchange.board import Boards
from gateway.exchange.changes import Changes
from gateway.exchange.dead_letters import letter_groups
from gateway.exchange.search import Search
from gateway.store import SqlStore, TimeIds, open_store

LANE, PARTNER = "customs-cn/customs-nl/item", "customs-nl"
LIMIT_MS = 100.0
BATCH = 256
NODE = 61
PAYLOAD_BYTES, WITH_PAYLOAD = 60_000, 1_000
# One share in forty waits, for one of four sets of fields; one in a hundred is rejected.
_STATE = "case when i % 40 = 0 then 'waiting' when i % 100 = 1 then 'rejected' else 'accepted' end"
_MISSING = """case i % 40 when 0 then '["' || substr('abcd', 1 + (i / 40) % 4, 1) || '"]' else '[]' end"""


def make_store(place: Path, items: int) -> SqlStore:
    """Return a store with so many items, each with one share."""
    url = f"sqlite:///{place}"
    open_store(url).shut()
    newest = TimeIds(NODE, system_clock).take(1)[0]
    oldest = TimeIds(NODE, lambda: system_clock() - timedelta(days=30)).take(1)[0]
    ids = range(oldest, newest, (newest - oldest) // items)[:items]
    with closing(sqlite3.connect(place, isolation_level=None)) as connection:
        for pragma in ("journal_mode=off", "synchronous=off", "cache_size=-2000000", "temp_store=file"):
            connection.execute(f"pragma {pragma}")
        for table, columns in _rows(items).items():
            batches = ids[: max(1, items // BATCH)]
            fill(connection, table, columns, batches if table == "batch" else ids)
        connection.execute(
            "insert into counter select 'shares.' || state || ':' || channel, count(*) from share group by 1"
        )
        connection.execute(
            "insert into channel values (?, ?, 'out', ?, x'', ?, '')",
            (LANE, PARTNER, items // BATCH, items // BATCH),
        )
        connection.execute("pragma journal_mode=wal")
    return open_store(url)


def _rows(items: int) -> Mapping[str, Mapping[str, str]]:
    """Return the expressions of the columns by table; `i` counts the rows."""
    number = "'LX' || i || 'CN'"
    order = "'ord:P' || (i % 1000) || '|' || i"
    since = items // BATCH - WITH_PAYLOAD
    return {
        "item": {
            "tracking_number": number,
            "order_key": order,
            "record": "'item'",
            "state": "'open'",
            "version": "1",
        },
        "share": {
            "item": "{first} + i * {step}",
            "agreement": "'cn-nl-export'",
            "channel": f"'{LANE}'",
            "state": _STATE,
            "missing": _MISSING,
            "function": "'original'",
            "batch": f"case when i % 40 = 0 then 0 else {{first}} + i / {BATCH} * {{step}} end",
            "position": f"i % {BATCH}",
        },
        "batch": {
            "batch_id": "'b' || i",
            "channel": f"'{LANE}'",
            "sequence": "1 + i",
            "count": str(BATCH),
            "state": "'receipted'",
            "accepted": str(BATCH),
            "payload": f"zeroblob(case when i > {since} then {PAYLOAD_BYTES} else 0 end)",
        },
    }


def questions(store: SqlStore, items: int) -> Mapping[str, Callable[[], Awaitable[Any]]]:
    """Return what a console asks."""
    boards = Boards(
        store, system_clock, partners=lambda: [PARTNER], trouble=lambda _: [], couriers={LANE: "idle"}
    )
    search, changes = Search(store), Changes(store, system_clock, {})

    def page(state: str) -> Callable[[], Awaitable[Any]]:
        return lambda: boards.items(PARTNER, state, after="", limit=100)

    return {
        "board": boards.board,
        "waiting, grouped": boards.waiting,
        **{f"list of {state}": page(state) for state in ("waiting", "accepted", "rejected")},
        "search by number": lambda: search.search(f"LX{items // 2}CN", after="", limit=100),
        "search by enterprise": lambda: search.search("P7", after="", limit=100),
        "dead letters, grouped": lambda: store.read(letter_groups),
        "has anything changed": changes.now,
    }


async def ask(store: SqlStore, items: int, turns: int) -> dict[str, float]:
    """Return the least milliseconds of each question."""
    found = {}
    for name, question in questions(store, items).items():
        times = []
        for _ in range(turns):
            begun = time.perf_counter()
            await question()
            times.append((time.perf_counter() - begun) * 1000)
        found[name] = min(times)
    await store.close()
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; exit 1 if a question takes longer than the limit."""
    parser = argparse.ArgumentParser(prog="python -m bench.board", description=__doc__)
    parser.add_argument("--items", type=int, nargs="+", default=[10_000, 10_000_000], help="sizes, ascending")
    parser.add_argument("--turns", type=int, default=7)
    parser.add_argument("--folder", type=Path, help="where the stores are made; a temporary folder if absent")
    given = parser.parse_args(arguments)
    figures: dict[int, dict[str, float]] = {}
    with tempfile.TemporaryDirectory(prefix="ead-bench-", dir=given.folder) as name:
        for items in given.items:
            store = make_store(Path(name) / f"{items}.sqlite", items)
            figures[items] = asyncio.run(ask(store, items, given.turns))
    shown = Table(
        "question, ms", *(f"{one:,} items" for one in figures), title="What a console's questions cost"
    )
    for question in figures[given.items[0]]:
        shown.add_row(question, *(f"{one[question]:.1f}" for one in figures.values()))
    Console().print(shown)
    slow = [name for name, one in figures[given.items[-1]].items() if one > LIMIT_MS]
    for question in slow:
        print(f"NOT REACHED: {question}, limit {LIMIT_MS:.0f} ms")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
