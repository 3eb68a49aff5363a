# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Two real nodes that have exchanged items: every command answers from the archive as from the database."""

import asyncio
import json
import sqlite3
import subprocess
import sys
import urllib.request

import pytest

from gateway.clock import milliseconds, system_clock
from gateway.config import load_config
from gateway.demo.stage import make_parties, packaged_agreements, running, set_up
from gateway.node import with_steps
from gateway.sample import generate
from tests.system.submitting import ask, eventually, submit

PARTNER = "customs-nl"
DAYS = 2 * 86_400_000
ITEMS = 4


def confirmed(party):
    """Return how many releases of a node were accepted."""
    with sqlite3.connect(party.folder / "data" / "gateway.sqlite") as base:
        return base.execute("select coalesce(sum(accepted), 0) from batch").fetchone()[0]


def shown(here, there, number):
    """Return what serving nodes say over HTTP about an item: search, trace, records received, and proof."""
    told = [
        ask(here.url, f"/v1/items?q={number}"),
        ask(here.url, f"/v1/items/{number}/trace"),
        ask(there.url, f"/v1/items/{number}/trace")["received"],
        ask(there.url, f"/v1/items?q={number}"),
    ]
    with urllib.request.urlopen(f"{here.url}/v1/items/{number}/bundle", timeout=20) as reply:
        return [*told, json.load(reply)]


@pytest.fixture(name="fresh")
def _fresh(tmp_path):
    """Two nodes with archives that have exchanged four parcels."""
    return exchanged(tmp_path)


@pytest.fixture(scope="module", name="nodes")
def _nodes(tmp_path_factory):
    """Two nodes with archives that have exchanged four parcels and run no longer; the number of one."""
    return exchanged(tmp_path_factory.mktemp("archive"))


def exchanged(folder):
    """Let two nodes with archives exchange four parcels; return them and the number of one."""
    here, there = make_parties(folder, packaged_agreements())
    for one in (here, there):
        set_up(
            one,
            {"": {"adapters": ["gacc_ceb", "supplement"]}, "archive": {"folder": "archive", "part_rows": 3}},
        )
    messages = list(generate(7, ITEMS, destinations=["NL"]))
    with running([here, there]):
        for one in messages:
            assert submit(here.url, one.raw, adapter=one.adapter).status == 200
        eventually(lambda: confirmed(here) == ITEMS)
    supplement = next(json.loads(one.raw) for one in messages if one.adapter == "supplement")
    return here, there, supplement["items"][0]["tracking_number"]


def archive(party):
    """Archive today on a node, as will be done once it is over."""

    async def run(steps):
        return await steps.archiving.archiver.run(milliseconds(system_clock()) + DAYS)

    return asyncio.run(with_steps(load_config(party.config), run))


def gateway(*arguments):
    """Run a command as a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "gateway", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def answers(here, there, number, folder):
    """Return what every command that reads says, without times and places."""
    folder.mkdir()
    told = {}
    for name, party, words in (
        ("trace", here, ("trace", number)),
        ("explanation", here, ("explain", number, "--for", PARTNER)),
        ("replay of all", here, ("replay",)),
        ("replay of one", here, ("replay", number)),
        ("statistics", here, ("stats", "check")),
        ("audit here", here, ("audit", "fsck")),
        ("audit there", there, ("audit", "fsck")),
        ("received", there, ("received", number)),
    ):
        done = gateway(*words, "--json", "--config", str(party.config))
        assert done.returncode == 0, (name, done.stdout, done.stderr)
        told[name] = json.loads(done.stdout)
        if isinstance(told[name], dict):
            told[name] = {key: value for key, value in told[name].items() if not key.endswith("seconds")}
    done = gateway("audit", "bundle", number, "--out", str(folder / "b.json"), "--config", str(here.config))
    assert done.returncode == 0, done.stderr
    told["bundles"] = {one.name: one.read_bytes() for one in folder.iterdir()}
    assert told["bundles"]
    return told


@pytest.mark.long
def test_every_command_answers_from_the_archive_as_before(nodes, tmp_path):
    """Trace, explanation, replay, statistics, audits and bundles are the same once both days are archived."""
    here, there, number = nodes
    before = answers(here, there, number, tmp_path / "before")
    for one in (here, there):
        (report,) = archive(one)
        assert (report.held, report.left) == ({}, False)
        with sqlite3.connect(one.folder / "data" / "gateway.sqlite") as base:
            for table in ("item", "share", "contribution", "inbound_record"):
                assert base.execute(f"select count(*) from {table}").fetchone() == (0,)
    after = answers(here, there, number, tmp_path / "after")
    for one in ("audit here", "audit there"):  # the anchor logs have grown by the archived days
        assert after[one].pop("logs") != before[one].pop("logs")
    assert after == before
    with running([here, there]):
        told = next(one for one in generate(7, ITEMS, destinations=["NL"]) if one.adapter != "supplement")
        again = submit(here.url, told.raw, adapter=told.adapter)
        assert again.status == 200
    assert confirmed(here) == ITEMS


def test_serving_nodes_show_what_is_archived_as_before(fresh):
    """Search, trace, what was received and the proof are the same over HTTP once the day is archived."""
    here, there, number = fresh
    with running([here, there]):
        before = shown(here, there, number)
        assert before[1]["trace"]["shares"]
        for one in (here, there):
            archive(one)
        with sqlite3.connect(here.folder / "data" / "gateway.sqlite") as base:
            assert base.execute("select count(*) from item").fetchone() == (0,)
        assert shown(here, there, number) == before
