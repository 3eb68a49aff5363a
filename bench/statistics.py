# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What the statistics cost: `python -m bench.statistics`, counting per item and answers at ten million items.

Counting is measured on decoded lists and a real store, CPU time of the process. The year of the answers is
written straight into the roll-ups, every cell of them filled: how many items stand in a cell does not matter.
"""

import asyncio
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from random import Random

from rich.console import Console
from rich.table import Table

from bench.data import write_load
from gateway.clock import milliseconds, system_clock
from gateway.exchange.ports import Transaction
from gateway.exchange.rollup_rows import Cells
from gateway.exchange.rows import ContributionRow
from gateway.jobs import pack_message
from gateway.model import Item, unpack_contribution
from gateway.registry import load_adapters
from gateway.sdk import Limits
from gateway.store import open_store
from gateway.trade.census import CensusTables
from gateway.trade.exchange_rates import Period, RateFile, Rates, load_rates
from gateway.trade.statistics import answer
from gateway.trade.statistics_question import ask
from gateway.trade.statistics_tables import chapters

ITEMS = 10_000_000
COUNTED = 12_000
GROUP = 16
ROUNDS = 5
TODAY = date(2026, 12, 31)
MODES = (
    ("export", ("9610", "1210", "1239", "9710", "9810")),
    ("import", ("9610", "1210", "1239", "export-returns")),
)
CURRENCIES = ("CNY", "USD", "EUR")
COUNTRIES, OFFICES = 100, 50
QUESTIONS = (
    ("month,direction,mode", "2026", "2026"),
    ("day,direction", "2026", "2026"),
    ("country", "2026", "2026"),
    ("month,country", "2026", "2026"),
    ("office", "2026", "2026"),
    ("band,mode", "2026", "2026"),
    ("chapter", "2026", "2026"),
    ("month,mode,chapter", "2026", "2026"),
    ("chapter", "2026-01-17", "2026-12-14"),
)

_INSERT = "insert into rollup values (?,?,?,?,?,?,?,?,?,?,?)"
_MONTHS = """
    insert into rollup select cube, period / 100, direction, mode, member, currency,
    sum(items), sum(units), sum(parts), sum(weighed), sum(mass) from rollup group by 1, 2, 3, 4, 5, 6
"""


def counting(folder: Path) -> dict[str, float]:
    """Return microseconds per item of counting, and of adding the cells in messages alone and in groups."""
    tables = CensusTables(load_rates())
    now = milliseconds(system_clock())
    cells: list[Cells] = []
    items, seconds = 0, 0.0
    for message in _messages(folder):  # one after the other, as in a node: what was just merged is at hand
        begun = time.process_time()
        census = tables.census()
        for item, rows in message:
            census.item(item, "open", rows, now, "")
        cells.append(census.cells())
        seconds += time.process_time() - begun
        items += len(message)
    figures = {"count, per item": seconds / items * 1e6}
    figures["cells, per message"] = sum(map(len, cells)) / len(cells)
    for size in (1, GROUP):
        empty, full = _adding(folder, [{}] * len(cells), size), _adding(folder, cells, size)
        figures[f"add cells, {size} messages a commit, per item"] = (full - empty) / items * 1e6
    return figures


def _messages(folder: Path) -> Iterator[list[tuple[Item, list[ContributionRow]]]]:
    """Yield the items of generated list messages, each with its one contribution."""
    reader = load_adapters(("gacc_ceb",))["gacc_ceb"]
    for file in write_load(folder / "load", 1, COUNTED).lists:
        packed = pack_message(reader.decode(file.read_bytes(), Limits()))
        yield [
            (
                unpack_contribution(one.body).item,
                [
                    ContributionRow(
                        id=1,
                        message_row=1,
                        position=document.position,
                        kind=one.kind,
                        function=one.function,
                        reference=f"bench|{one.reference}",
                        join_key=one.keys[0],
                        keys=one.keys,
                        body=one.body,
                    )
                ],
            )
            for document in packed.documents
            for one in document.contributions
        ]


def _adding(folder: Path, cells: Sequence[Cells], size: int) -> float:
    """Return the CPU seconds of adding cells in groups, commits included."""
    place = folder / f"adding-{size}-{bool(cells[0])}.sqlite"
    store = open_store(f"sqlite:///{place}")

    async def add() -> None:
        for start in range(0, len(cells), size):
            chunk = cells[start : start + size]
            await asyncio.gather(*(store.transact(partial(_add, cells=one)) for one in chunk))

    try:
        begun = time.process_time()
        asyncio.run(add())
        return time.process_time() - begun
    finally:
        store.shut()


def _add(tx: Transaction, *, cells: Cells) -> None:
    """Add the cells of one message."""
    tx.add_cells(cells)


def answers(folder: Path) -> dict[str, float]:
    """Return milliseconds of each question over a full year, the year before beside it."""
    url = f"sqlite:///{folder / 'year.sqlite'}"
    open_store(url).shut()
    with sqlite3.connect(folder / "year.sqlite") as connection:
        for year in (2025, 2026):
            connection.executemany(_INSERT, sorted(_year(year)))
        connection.execute(_MONTHS)
        rows, items = connection.execute(
            "select count(*), sum(items) filter (where cube = 'total' and period > 20260000) from rollup"
        ).fetchone()
    figures = {"rows in the roll-ups": float(rows), "items of the year": float(items)}
    store = open_store(url, create=False)
    try:
        for rates, name in ((load_rates(), ""), (_daily(), ", a rate for each day")):
            for by, begin, end in QUESTIONS if not name else QUESTIONS[:1] + QUESTIONS[6:7]:
                question = ask(by, begin, end, today=TODAY)
                times = []
                for _ in range(ROUNDS):
                    begun = time.perf_counter()
                    store.run_read(partial(answer, question=question, rates=rates))
                    times.append(time.perf_counter() - begun)
                figures[f"{by} {begin} to {end}{name}"] = sorted(times)[ROUNDS // 2] * 1e3
    finally:
        store.shut()
    return figures


def _year(year: int) -> Iterator[tuple[object, ...]]:
    """Yield every cell of every day of a year."""
    random = Random(year)
    members = {
        "total": [""],
        "band": [f"{low}-" for low in range(10)],
        "office": [f"{number:04d}" for number in range(OFFICES)],
        "country": [f"C{number:03d}" for number in range(COUNTRIES)],
        "chapter": list(chapters().edition[-1].chapters),
    }
    kinds = [(direction, mode) for direction, names in MODES for mode in names]
    day = date(year, 1, 1)
    share = ITEMS // (365 * len(kinds) * len(CURRENCIES)) + 1
    while day.year == year:
        period = day.year * 10_000 + day.month * 100 + day.day
        for cube, names in members.items():
            each = share // len(names) + 1 if len(names) > 1 else share
            for direction, mode in kinds:
                for name in names:
                    for currency in CURRENCIES:
                        units = random.randrange(each * 300)
                        yield (
                            cube,
                            period,
                            direction,
                            mode,
                            name,
                            currency,
                            each,
                            units,
                            0,
                            each,
                            each * 70_000,
                        )
        day += timedelta(days=1)


def _daily() -> Rates:
    """Return rates that change every day, so that no month can be converted as one."""
    periods = tuple(
        Period(currency=currency, first=day, until=day, rate=_rate(day))
        for currency in CURRENCIES[1:]
        for day in (date(2025, 1, 1) + timedelta(days=offset) for offset in range(730))
    )
    table = RateFile(title="daily", source="invented", status="sample", currency="CNY", rates=periods)
    return Rates(table, "")


def _rate(day: date) -> Decimal:
    return Decimal(700 + day.toordinal() % 30).scaleb(-2)


def main() -> int:
    """Measure and print."""
    table = Table("statistics", "", title="Statistics")
    table.columns[1].justify = "right"
    with tempfile.TemporaryDirectory(prefix="ead-bench-") as name:
        folder = Path(name)
        for title, value in counting(folder).items():
            table.add_row(title, f"{value:.2f}")
        for title, value in answers(folder).items():
            whole = title.startswith(("rows", "items"))
            table.add_row(title if whole else f"by {title}, ms", f"{value:.0f}" if whole else f"{value:.1f}")
    Console().print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
