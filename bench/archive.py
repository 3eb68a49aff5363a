# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What the archive costs: `python -m bench.archive [--items N] [--part-rows N]`.

A store of one day is made by the stages of the way, archived, looked into and restored. Bytes are those of
the sender, tables with their indexes; live bytes afterwards are measured after the file was written anew.
"""

import argparse
import asyncio
import logging
import sqlite3
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec
import structlog
from rich.console import Console
from rich.table import Table

from bench import stages
from bench.clock import Clock
from gateway.archive.folder import ArchiveFolder
from gateway.bootstrap import Steps, Trust
from gateway.clock import milliseconds, system_clock
from gateway.config import Archive, Config, load_config
from gateway.demo.stage import make_parties, packaged_agreements
from gateway.exchange.archive_restore import Restorer
from gateway.exchange.query import Query
from gateway.jobs import NodeJobs
from gateway.store import NEWEST, archived_columns, open_store, scrub

T = TypeVar("T")
ITEMS = 8_192
PART_ROWS = 20_000
LOOKS = 20
DAYS = 2 * 86_400_000


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds of a step: on the wall, and of the processor."""

    wall: float
    processor: float


async def spent(work: Awaitable[T]) -> tuple[T, Spent]:
    """Wait for work; return its result and what it cost."""
    wall, processor = time.perf_counter(), time.process_time()
    result = await work
    return result, Spent(time.perf_counter() - wall, time.process_time() - processor)


def sizes(database: Path) -> dict[str, int]:
    """Return the bytes of each archived table with its indexes."""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        owners = dict(connection.execute("select name, tbl_name from sqlite_master"))
        found = dict.fromkeys(archived_columns(), 0)
        for name, size in connection.execute("select name, sum(pgsize) from dbstat group by name"):
            if owners.get(name) in found:
                found[owners[name]] += size
    return found


def file_sizes(folder: Path) -> dict[str, int]:
    """Return the bytes of the files of each archived table."""
    found = dict.fromkeys(archived_columns(), 0)
    for path in folder.rglob("*.parquet"):
        found[path.name.partition("-")[0]] += path.stat().st_size
    return found


async def measure(folder: Path, config: Config, items: int, console: Console) -> None:
    """Archive the only day of a node, look into it and restore it; print what it cost."""
    database = Path(config.database.url.removeprefix("sqlite:///"))
    scrub(config.database.url)
    before = sizes(database)
    store = open_store(config.database.url, archive=config.archive.folder, searching=False)
    steps = Steps(config, Trust(config), store, stages.Here(NodeJobs(config), Clock()), 5)
    numbers = [one.tracking_number for one in await store.read(lambda tx: tx.items_after(0, LOOKS))]
    archiver = steps.archiving.archiver
    assert archiver is not None
    live = await _traces(store.read, numbers)
    reports, cost = await spent(archiver.run(milliseconds(system_clock()) + DAYS))
    held = [one for one in reports if one.held or one.left]
    if held:
        raise RuntimeError(f"days stay: {held}")
    archived = await _traces(store.search, numbers)
    steps.logs.close()
    await store.close()
    scrub(config.database.url)
    after = sizes(database)
    folders = ArchiveFolder(Path(config.archive.folder), config.node.organisation)
    files = file_sizes(Path(config.archive.folder))
    table = Table("table", "live, bytes/item", "archived, bytes/item", "what stays live, bytes/item")
    for name in before:
        table.add_row(name, *(f"{one[name] / items:,.0f}" for one in (before, files, after)))
    table.add_row("sum", *(f"{sum(one.values()) / items:,.0f}" for one in (before, files, after)))
    console.print(table)
    rows = sum(one.rows for one in reports)
    _speed(console, "archived", items, rows, cost)
    target = open_store(f"sqlite:///{folder / 'restored.sqlite'}")
    restorer = Restorer(
        config.node.organisation, keyring=Trust(config).keyring, folder=folders, schema=NEWEST
    )
    began = Spent(0.0, 0.0)
    for day in folders.days():
        _, one = await spent(restorer.restore(day, target))
        began = Spent(began.wall + one.wall, began.processor + one.processor)
    await target.close()
    _speed(console, "restored", items, rows, began)
    console.print(
        f"one trace: {live.wall / len(numbers) * 1000:.1f} ms live,"
        f" {archived.wall / len(numbers) * 1000:.1f} ms from {reports[0].files} files"
    )


class _Reader:
    """The door that a query reads through."""

    def __init__(self, read: Callable[..., Awaitable[object]]) -> None:
        self.read = read


async def _traces(read: Callable[..., Awaitable[object]], numbers: Sequence[str]) -> Spent:
    """Trace items one after the other."""
    query = Query(_Reader(read))  # type: ignore[arg-type]  # a query reads only

    async def every() -> None:
        for number in numbers:
            found = await query.trace(number)
            if found is None or found.item is None:
                raise RuntimeError("an item is not found")

    return (await spent(every()))[1]


def _speed(console: Console, done: str, items: int, rows: int, cost: Spent) -> None:
    console.print(
        f"{done}: {items / cost.wall:,.0f} items/s ({rows / cost.wall:,.0f} rows/s),"
        f" {cost.processor / items * 1e6:,.0f} µs of processor an item"
    )


def main(arguments: Sequence[str]) -> int:
    """Make a store, archive it, print the figures."""
    parser = argparse.ArgumentParser(prog="python -m bench.archive", description=__doc__)
    parser.add_argument("--items", type=int, default=ITEMS, help="items of the day")
    parser.add_argument("--part-rows", type=int, default=PART_ROWS, help="rows of a file")
    given = parser.parse_args(arguments)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        parties = make_parties(folder, packaged_agreements())
        stages.measure(folder, parties, given.items)
        config = load_config(parties[0].config)
        archive = Archive(folder=str(folder / "archive"), part_rows=given.part_rows)
        config = msgspec.structs.replace(config, archive=archive)
        asyncio.run(measure(folder, config, given.items + stages.BATCH, Console(width=110)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
