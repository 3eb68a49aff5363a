# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What the statistics cost, per item and per answer at ten million items: `python -m bench.statistics`.

Counting is measured on items as a node has them at hand, just made, and on a real store. The year of the
answers is written straight into the roll-ups, every cell of them filled: how many items stand in a cell does
not matter. All is CPU time of the process, which for a file of SQLite is what one waits for on a quiet core.
"""

import asyncio
import gc
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.data import write_load
from bench.primitives import slower
from gateway.clock import milliseconds, system_clock
from gateway.exchange.ports import Transaction
from gateway.exchange.rollup_rows import Cells
from gateway.exchange.rows import ContributionRow
from gateway.jobs import pack_message
from gateway.model import pack_item, unpack_contribution
from gateway.registry import load_adapters
from gateway.sdk import Limits
from gateway.store import open_store
from gateway.trade.census import Census, CensusTables
from gateway.trade.exchange_rates import Period, RateFile, Rates, load_rates
from gateway.trade.statistics import answer
from gateway.trade.statistics_question import ask
from gateway.trade.statistics_tables import chapters

ITEMS = 10_000_000
COUNTED = 12_000
GROUP = 16
ROUNDS = 5
COUNT_LIMIT_US = 5.0
MAKING_US = 10.0
"""What making one of these items takes on a quiet core of the machines whose figures the documents hold.

Beside neighbours it and counting slow down alike, within a tenth; a loop of sums slows down less than both.
"""
ANSWER_LIMIT_MS = 200.0
COUNT = "count an item, CPU µs"
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
    ("month,direction,mode,chapter", "2026", "2026"),
    ("chapter", "2026-01-17", "2026-12-14"),
    ("mode,chapter", "2026-01-17", "2026-12-14"),
    ("day,band", "2026", "2026"),
    ("day,chapter", "2026-03", "2026-03"),
)
DAILY = (("month,direction,mode", "2026", "2026"), ("chapter", "2026", "2026"))

_INSERT = "insert into rollup values (?,?,?,?,?,?,?,?,?,?,?)"
_ALONE = """
    insert into rollup select cube || ' alone', period, '', '', member, currency,
    sum(items), sum(units), sum(parts), sum(weighed), sum(mass) from rollup
    where cube in ('country', 'office', 'chapter') group by cube, period, member, currency
"""
_MONTHS = """
    insert into rollup select cube, period / 100, direction, mode, member, currency,
    sum(items), sum(units), sum(parts), sum(weighed), sum(mass) from rollup group by 1, 2, 3, 4, 5, 6
"""


def measure(folder: Path, *, large: bool) -> dict[str, Any]:
    """Return the figures with their limits; answers only if `large`, since their year takes long to make."""
    folder.mkdir(exist_ok=True)
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)  # as in a node
    try:
        figures: dict[str, Any] = {"limits": {"count_us": COUNT_LIMIT_US, "answer_ms": ANSWER_LIMIT_MS}}
        figures |= counting(folder, COUNTED if large else COUNTED // 10)
        return figures | (answers(folder) if large else {})
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def counting(folder: Path, items: int) -> dict[str, float]:
    """Return microseconds per item of counting, and of adding the cells in messages alone and in groups.

    What making the same items costs stands beside it: it tells how fast the machine was at such work then.
    """
    tables = CensusTables(load_rates())
    cells: list[Cells] = []
    counted, making, seconds = 0, 0.0, 0.0
    for message in _messages(folder, items):
        alone, both = [], []
        for _ in range(ROUNDS):
            alone.append(_made(message, None))
            census = tables.census()
            both.append(_made(message, census))
        cells.append(census.cells())
        making += min(alone)
        seconds += min(both) - min(alone)
        counted += len(message)
    figures = {
        "count_us": seconds / counted * 1e6,
        "making_us": making / counted * 1e6,
        "cells_per_message": sum(map(len, cells)) / len(cells),
    }
    for size in (1, GROUP):
        empty, full = _adding(folder, [{}] * len(cells), size), _adding(folder, cells, size)
        figures[f"cells_us_{size}_a_commit"] = (full - empty) / counted * 1e6
    return figures


def _made(message: Sequence[ContributionRow], census: Census | None) -> float:
    """Return the CPU seconds of making the items of a message, and of counting each if there is a census."""
    now = milliseconds(system_clock())
    begun = time.process_time()
    for row in message:
        item = unpack_contribution(row.body).item
        pack_item(item)
        if census is not None:
            census.item(item, "open", (row,), now, "")
    if census is not None:
        census.cells()
    return time.process_time() - begun


def _messages(folder: Path, items: int) -> Iterator[list[ContributionRow]]:
    """Yield the contributions of generated list messages, each of which makes one item."""
    reader = load_adapters(("gacc_ceb",))["gacc_ceb"]
    for file in write_load(folder / "load", 1, items).lists:
        packed = pack_message(reader.decode(file.read_bytes(), Limits()))
        yield [
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


def answers(folder: Path) -> dict[str, Any]:
    """Return milliseconds of each question over a full year, the year before beside it, and the pace then."""
    url = f"sqlite:///{folder / 'year.sqlite'}"
    open_store(url).shut()
    with sqlite3.connect(folder / "year.sqlite") as connection:
        for year in (2025, 2026):
            connection.executemany(_INSERT, sorted(_year(year)))
        connection.execute(_ALONE)
        connection.execute(_MONTHS)
        rows, items = connection.execute(
            "select count(*), sum(items) filter (where cube = 'total' and period > 20260000) from rollup"
        ).fetchone()
    times: dict[str, float] = {}
    paces: dict[str, float] = {}
    store = open_store(url, create=False)
    try:
        for rates, name in ((load_rates(), ""), (_daily(), ", a rate for each day")):
            for by, begin, end in QUESTIONS if not name else DAILY:
                question = ask(by, begin, end, today=TODAY)
                pace = slower()
                took = []
                for _ in range(ROUNDS):
                    begun = time.process_time()
                    store.run_read(partial(answer, question=question, rates=rates))
                    took.append(time.process_time() - begun)
                span = begin if begin == end else f"{begin} to {end}"
                title = f"{by}, {span}{name}"
                times[title] = sorted(took)[ROUNDS // 2] * 1e3
                paces[title] = max(pace, slower())
    finally:
        store.shut()
    return {"rows": rows, "items": items, "answers_ms": times, "paces": paces}


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


def show(figures: Mapping[str, Any], console: Console) -> None:
    """Print the figures beside their limits, and mark what is over its limit at the machine's pace."""
    table = Table("statistics", "measured", "limit", "", title="Statistics")
    for column in (1, 2):
        table.columns[column].justify = "right"
    limits, over = figures["limits"], missed(figures)
    _line(table, COUNT, figures["count_us"], limits["count_us"], over=COUNT in over)
    _line(table, "make the same item, CPU µs", figures["making_us"])
    for size in (1, GROUP):
        _line(table, f"add its cells, {size} messages a commit, CPU µs", figures[f"cells_us_{size}_a_commit"])
    _line(table, "cells per message", figures["cells_per_message"])
    if "answers_ms" in figures:
        table.add_row("items of the year", f"{figures['items']}")
        table.add_row("cells of two years, by day and month", f"{figures['rows']}")
        table.add_section()
        table.add_row("an answer, CPU ms")
        for title, value in figures["answers_ms"].items():
            _line(table, f"by {title}", value, limits["answer_ms"], over=title in over)
    console.print(table)


def missed(figures: Mapping[str, Any]) -> list[str]:
    """Return what is over its limit even at the pace at which the machine was when it was measured."""
    limits = figures["limits"]
    making = max(1.0, figures["making_us"] / MAKING_US)
    counting_over = [COUNT] if figures["count_us"] > limits["count_us"] * making else []
    return counting_over + [
        title
        for title, value in figures.get("answers_ms", {}).items()
        if value > limits["answer_ms"] * figures["paces"][title]
    ]


def _line(table: Table, title: str, value: float, limit: float | None = None, *, over: bool = False) -> None:
    """Add a figure, marked if it is over its limit."""
    table.add_row(
        title, f"{value:.1f}", "" if limit is None else f"{limit:.0f}", "NOT REACHED" if over else ""
    )


def main() -> int:
    """Measure and print; return 1 if a limit is not held."""
    console = Console()
    with tempfile.TemporaryDirectory(prefix="ead-bench-") as name:
        figures = measure(Path(name), large=True)
    show(figures, console)
    console.print(f"{max(figures['paces'].values()):.2f} times slower than a quiet machine at most")
    return 1 if missed(figures) else 0


if __name__ == "__main__":
    sys.exit(main())
