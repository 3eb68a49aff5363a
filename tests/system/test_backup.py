# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The drills of backup and restore, with the commands of docs/deployment.md, on either database."""

import json
import shutil
import subprocess

import pytest

from gateway.demo.stage import make_parties, packaged_agreements, running, set_up
from gateway.sample import generate
from tests.system import books
from tests.system.submitting import ask, eventually, settled, submit
from tests.system.test_by_command_line import run


def tool(name, *words):
    """Run a tool of the database; skip where it is not installed."""
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")
    subprocess.run([name, *words], check=True, capture_output=True, timeout=120)


def traffic(here, seed):
    """Send some parcels and wait until all have their receipts; return how many there are in all."""
    for one in generate(seed, 30, documents_per_message=10, destinations=["NL"]):
        assert submit(here.url, one.raw, adapter=one.adapter).outcome
    eventually(lambda: settled(here.url), seconds=60.0)
    return ask(here.url, "/v1/ledger")["counts"]["confirmed"]


def back_up_sqlite(party, place):
    """Copy the database and the checkpoints with the tool of SQLite."""
    place.mkdir()
    for name in ("gateway", "checkpoints"):
        tool("sqlite3", str(party.folder / "data" / f"{name}.sqlite"), f".backup '{place / name}.sqlite'")


def lose_sqlite(party, *names):
    """Destroy files of the database, with their logs."""
    for name in names:
        for file in (party.folder / "data").glob(f"{name}.sqlite*"):
            file.unlink()


def goes_on(here, there, before, seed):
    """Check that a restored node is whole, takes traffic and leaves both books equal."""
    report = json.loads(run("audit", "fsck", "--config", here.config, "--json"))
    assert report["findings"] == []
    assert ask(here.url, "/v1/ledger")["counts"]["confirmed"] == before
    assert traffic(here, seed) > before
    today = json.loads(run("audit", "checkpoints", "--config", here.config, "--json"))
    assert today
    assert [one.stop() for one in (here, there)] == [0, 0]


def test_restored_sqlite_goes_on_where_it_stood(tmp_path) -> None:
    """Drained, backed up, destroyed, restored: the logs are whole and traffic goes on."""
    here, there = parties = make_parties(tmp_path, packaged_agreements())
    with running(parties):
        before = traffic(here, 51)
        assert here.stop() == 0
        back_up_sqlite(here, tmp_path / "backup")
        lose_sqlite(here, "gateway", "checkpoints")
        for name in ("gateway", "checkpoints"):
            shutil.copy(tmp_path / "backup" / f"{name}.sqlite", here.folder / "data")
        here.start()
        goes_on(here, there, before, 52)
    ours, theirs = books.Books(here), books.Books(there)
    assert len(books.check_lane(ours, theirs)) > 0


@pytest.mark.long
def test_backup_from_before_later_traffic_is_refused(tmp_path) -> None:
    """A database older than what was published signs nothing more, and the node says what to do."""
    here, there = parties = make_parties(tmp_path, packaged_agreements())
    with running(parties):
        traffic(here, 53)
        back_up_sqlite(here, tmp_path / "backup")
        after = traffic(here, 54)
        assert here.stop() == 0
        lose_sqlite(here, "gateway")
        shutil.copy(tmp_path / "backup" / "gateway.sqlite", here.folder / "data")
        here.start()
        eventually(lambda: "LOG-BEHIND" in (here.folder / "gateway.log").read_text())
        messages = [one for one in generate(55, 5, destinations=["NL"]) if "603" in one.name]
        for one in messages:
            submit(here.url, one.raw, adapter=one.adapter)
        inbound = ask(there.url, "/v1/ledger")["counts"]["inbound_records"]
        assert sum(inbound.values()) == after
    meaning = run("errors", "LOG-BEHIND")
    assert "restore the newest backup" in meaning


@pytest.mark.long
def test_restored_postgresql_goes_on_where_it_stood(tmp_path, postgres) -> None:
    """Drained, dumped, restored into a new database: the logs are whole and traffic goes on."""
    here, there = parties = make_parties(tmp_path, packaged_agreements())
    first, second = postgres.migrated(), postgres.empty()
    set_up(here, {"database": {"url": first}})
    dump = str(tmp_path / "backup.dump")
    try:
        with running(parties):
            before = traffic(here, 56)
            assert here.stop() == 0
            plain = [one.replace("+psycopg", "") for one in (first, second)]
            tool("pg_dump", "--format=custom", "--file", dump, plain[0])
            postgres.drop(first)
            tool("pg_restore", "--no-owner", "--dbname", plain[1], dump)
            set_up(here, {"database": {"url": second}})
            here.start()
            goes_on(here, there, before, 57)
    finally:
        postgres.drop(second)
