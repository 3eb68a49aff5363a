# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Nodes of two versions of the tables share a database while items flow, and are exchanged one by one.

The later program is this one with two more migrations: one adds to a large table, one takes that away again.
"""

import random
import shutil
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import gateway
from gateway.demo.stage import make_parties, packaged_agreements, running, set_up
from gateway.sample import generate
from gateway.store import NEWEST
from tests.postgres import connect
from tests.store.test_rolling import ADDS, TAKES, write_migration
from tests.system import books
from tests.system.cluster import Cluster
from tests.system.submitting import eventually, settled
from tests.system.test_nodes_fail import QUICK, check, submit_all

COLUMN = "op.add_column('share', sa.Column('extra', sa.Text(), nullable=False, server_default='none'))"


def later_program(folder):
    """Copy the program, with migrations of its own; return the environment that runs it."""
    copy = folder / "later" / "gateway"
    shutil.copytree(Path(gateway.__file__).parent, copy, ignore=shutil.ignore_patterns("__pycache__"))
    (copy.parent / "certs").symlink_to(Path(gateway.__file__).parent.parent / "certs")
    write_migration(copy / "store" / "migrations", ADDS, NEWEST, COLUMN)
    words = "op.drop_column('share', 'extra')"
    write_migration(copy / "store" / "migrations", TAKES, ADDS, words, contracts=True)
    constants = copy / "store" / "migration.py"
    text = constants.read_text("utf-8").replace(f'NEWEST = "{NEWEST}"', f'NEWEST = "{TAKES}"')
    constants.write_text(text.replace(f'NEEDED = "{NEWEST}"', f'NEEDED = "{ADDS}"'), "utf-8")
    return {"PYTHONPATH": str(copy.parent), "PYTHONSAFEPATH": "1"}


def version(url):
    """Return the version of the tables."""
    with connect(url) as connection:
        return connection.execute("SELECT version_num FROM alembic_version").fetchone()[0]


def exchange(cluster, url, later):
    """Exchange the programs of both nodes; return the versions of the tables on the way."""
    first, second = cluster.nodes
    seen = [version(url)]
    assert first.stop() == 0
    first.start(later)
    seen.append(version(url))
    second.kill()
    second.start()  # the program before, on tables that it does not know
    seen.append(version(url))
    assert second.stop() == 0
    second.start(later)
    seen.append(version(url))
    return seen


def test_nodes_are_upgraded_one_by_one(tmp_path, postgres_url) -> None:
    """What adds is run under the old nodes, what takes away when the last has left, and no item is lost."""
    here, there = make_parties(tmp_path, packaged_agreements())
    set_up(there, QUICK)
    later = later_program(tmp_path)
    cluster = Cluster(here, postgres_url, 2, QUICK)
    seed = random.SystemRandom().randrange(10**6)
    sys.stdout.write(f"seed {seed}\n")
    messages, ended = [], threading.Event()

    def flow():
        """Submit lists until the nodes are exchanged, and one after it."""
        number = 0
        while True:
            last = ended.is_set()
            made = list(generate(seed + number, 10, documents_per_message=10, destinations=["NL"]))
            submit_all(cluster.url, made)
            messages.extend(made)
            number += 1
            if last:
                return

    with running([there]), cluster.running(), ThreadPoolExecutor(1) as pool:
        submitting = pool.submit(flow)
        try:
            seen = exchange(cluster, postgres_url, later)
        finally:
            ended.set()
        submitting.result()
        eventually(lambda: settled(cluster.url), seconds=40)
        assert cluster.stop() == [0, 0]
        assert there.stop() == 0
    assert seen == [NEWEST, ADDS, ADDS, TAKES]
    check(books.Books(here, postgres_url), books.Books(there), messages)
