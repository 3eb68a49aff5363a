# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The same traffic on SQLite, on PostgreSQL, and on two nodes that share PostgreSQL, one after the other.

Lists that come by themselves, 100 in a message; both ends on the same database system; one submitter for each
node. PostgreSQL is the server that `GATEWAY_TEST_POSTGRES` names, with its own settings, on the same cores.
"""

import os
import secrets
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import psycopg

from bench.client import Plan, submit
from bench.data import lists_alone, write_load
from gateway.demo.stage import HOST, Party, free_ports, make_parties, packaged_agreements, running, set_up
from gateway.store import migrate

VARIABLE = "GATEWAY_TEST_POSTGRES"
CONCURRENCY = 12
PATIENCE = 300.0
_CONFIRMED = "select value from counter where name = 'batch_records.accepted'"


def measure(items: int, rounds: int) -> dict[str, list[float]]:
    """Return the items per second of each round by the name of the case; without a server, of SQLite only."""
    figures = {"SQLite, 1 node": _sqlite(items, rounds)}
    if server := os.environ.get(VARIABLE):
        for nodes in (1, 2):
            figures[f"PostgreSQL, {nodes} node{'s' if nodes > 1 else ''}"] = _postgres(
                server, nodes, items, rounds
            )
    return figures


def _sqlite(items: int, rounds: int) -> list[float]:
    """Measure a node with its own file."""
    with tempfile.TemporaryDirectory(prefix="ead-bench-") as name:
        parties = _parties(Path(name))
        file = parties[0].folder / "data" / "gateway.sqlite"

        def confirmed() -> int:
            with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
                found = connection.execute(_CONFIRMED).fetchone()
            return int(found[0]) if found else 0

        with running(parties):
            return _rounds(Path(name), parties[:1], confirmed, items, rounds)


def _postgres(server: str, nodes: int, items: int, rounds: int) -> list[float]:
    """Measure a sender of so many nodes on one database, and a receiver of one."""
    with tempfile.TemporaryDirectory(prefix="ead-bench-") as name, ExitStack() as stack:
        urls = [stack.enter_context(_database(server)) for _ in range(2)]
        sender, receiver = _parties(Path(name))
        set_up(receiver, {"database": {"url": urls[1]}})
        senders = [_node(sender, number, urls[0]) for number in range(nodes)]
        own = stack.enter_context(psycopg.connect(urls[0].replace("+psycopg", ""), autocommit=True))

        def confirmed() -> int:
            found = own.execute(_CONFIRMED).fetchone()
            return int(found[0]) if found else 0

        with running([*senders, receiver]):
            return _rounds(Path(name), senders, confirmed, items, rounds)


def _rounds(
    folder: Path, senders: Sequence[Party], confirmed: Callable[[], int], items: int, rounds: int
) -> list[float]:
    """Submit a small load to warm everything, then the rounds; return the items per second of these."""
    rates, total = [], 0
    for number, count in enumerate([400, *(items for _ in range(rounds))]):
        load = write_load(folder / f"load-{number}", 9_000 + number, count)
        total += load.items
        names = [str(one) for one in load.lists]
        plans = [
            Plan(one.url, tuple(names[place :: len(senders)]), CONCURRENCY // len(senders))
            for place, one in enumerate(senders)
        ]
        with ThreadPoolExecutor(len(plans)) as pool:
            outcomes = list(pool.map(lambda plan: submit(folder, plan), plans))
        end = time.monotonic() + PATIENCE
        while confirmed() < total:
            if time.monotonic() > end:
                raise TimeoutError(f"{confirmed()} of {total} items have a receipt")
            time.sleep(0.02)
        begun = min(one.begun for outcome in outcomes for one in outcome.sent)
        rates.append(load.items / (time.time() - begun))
    return rates[1:]


def _parties(folder: Path) -> list[Party]:
    """Make a sender and a receiver under agreements that take lists by themselves."""
    return make_parties(folder, [lists_alone(one) for one in packaged_agreements()])


def _node(party: Party, number: int, url: str) -> Party:
    """Make a node of a party on a database."""
    grpc, http = (f"{HOST}:{port}" for port in free_ports(2))
    folder = party.folder.with_name(f"{party.organisation}-{number}")
    shutil.copytree(party.folder, folder)
    node = Party(party.organisation, folder, grpc, http)
    set_up(
        node,
        {
            "node": {"number": number},
            "grpc": {"listen": grpc},
            "http": {"listen": http},
            "database": {"url": url},
        },
    )
    return node


@contextmanager
def _database(server: str) -> Iterator[str]:
    """Make a database on a server and drop it at the end."""
    plain = server.replace("postgresql+psycopg://", "postgresql://")
    name = f"gateway_bench_{os.getpid()}_{secrets.token_hex(3)}"
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'")
        url = f"{plain.rpartition('/')[0]}/{name}".replace("postgresql://", "postgresql+psycopg://")
        try:
            migrate(url)
            yield url
        finally:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
