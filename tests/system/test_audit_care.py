# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Erase, reconcile and report by command line, with two real nodes serving."""

import csv
import getpass
import io
import json
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from gateway.demo.stage import HERE, THERE, make_parties, packaged_agreements, running, set_up
from gateway.sample import generate
from tests.system.submitting import eventually


def _run(party, *words, code=0):
    """Run a command on a party; return what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "gateway", *words, "--config", str(party.config)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
    return done.stdout


def _query(party, text, *values):
    database = sqlite3.connect(party.folder / "data" / "gateway.sqlite", timeout=10)
    try:
        found = database.execute(text, values).fetchall()
        database.commit()
        return found
    finally:
        database.close()


@pytest.fixture(scope="module", name="parties")
def _parties(tmp_path_factory):
    """Two nodes between which some items have gone."""
    parties = make_parties(tmp_path_factory.mktemp("care"), packaged_agreements())
    for party in parties:
        set_up(party, {"audit": {"personal_reports": [getpass.getuser()]}})
    here = next(one for one in parties if one.organisation == HERE)
    there = next(one for one in parties if one.organisation == THERE)
    with running(parties):
        for one in generate(seed=5, lists=20, destinations=["NL"]):
            file = here.inbox / f"{one.name}"
            aside = file.with_suffix(".part")
            aside.write_bytes(one.raw)
            aside.rename(file)
        eventually(
            lambda: _query(here, "SELECT count(*) FROM share WHERE state = 'accepted'")[0][0] >= 5, seconds=60
        )
        yield here, there


@pytest.mark.long
def test_erasing_reaches_every_file_of_both_nodes(parties):
    """After the confirmation neither database, nor log, nor folder holds the tracking number."""
    here, there = parties
    ((number, item),) = _query(
        here,
        "SELECT tracking_number, item.id FROM item JOIN share ON share.item = item.id"
        " WHERE share.state = 'accepted' LIMIT 1",
    )
    assert number.encode() in _all_bytes(here.folder / "inbox")
    done = json.loads(_run(here, "audit", "erase", "--item", number, "--reason", "test", "--json"))
    assert (done["items"], len(done["notices"])) == (1, 1)
    eventually(lambda: _query(here, "SELECT state FROM erasure")[0][0] == "confirmed", seconds=20)
    (told,) = json.loads(_run(here, "audit", "erasures", "--json"))
    assert told["outcomes"] == {"erased": done["records_sent"]}
    _run(there, "audit", "erase", "--item", number, "--reason", "test", code=1)  # gone; compacts all the same
    _run(here, "audit", "erase", "--item", number, "--reason", "test", code=1)
    for party in parties:
        assert number.encode() not in _all_bytes(party.folder)
    _run(here, "trace", number, code=1)
    other = _query(here, "SELECT state FROM item WHERE id = ?", item)
    assert other == [("erased",)]
    _run(here, "status")
    for party in parties:
        _run(party, "audit", "fsck")


def _all_bytes(folder):
    return b"".join(one.read_bytes() for one in sorted(folder.rglob("*")) if one.is_file())


def test_reconcile_finds_what_one_side_removed(parties):
    """Equal books give 0, a batch removed behind the gateway's back gives 1 and its number."""
    here, there = parties
    day = datetime.now(UTC).date().isoformat()
    found = json.loads(_run(here, "audit", "reconcile", THERE, "--day", day, "--json"))
    assert all(one["equal"] for one in found)
    assert sum(one["ours"] for one in found) > 0
    ((key, sequence, channel),) = _query(
        there, "SELECT id, sequence, channel FROM inbound ORDER BY id LIMIT 1"
    )
    _query(there, "DELETE FROM inbound WHERE id = ?", key)
    found = json.loads(_run(there, "audit", "reconcile", HERE, "--day", day, "--json", code=1))
    (bad,) = [one for one in found if not one["equal"]]
    assert (bad["channel"], bad["we_lack"]) == (channel, [sequence])


def test_report_proves_what_left_without_names(parties):
    """Every accepted record is a row with its articles, and no name or number is in it unless asked for."""
    here, _ = parties
    day = datetime.now(UTC).date().isoformat()
    span = ("--partner", THERE, "--from", day, "--to", day)
    rows = list(csv.DictReader(io.StringIO(_run(here, "audit", "report", *span))))
    accepted = _query(here, "SELECT count(*) FROM share WHERE state = 'accepted'")[0][0]
    assert sum(one["outcome"] in {"accepted", "erased"} for one in rows) == accepted
    assert {one["proved"] for one in rows} == {"yes"}
    assert all(one["articles"] and one["agreement"] for one in rows if one["outcome"] == "accepted")
    numbers = [one for (one,) in _query(here, "SELECT tracking_number FROM item WHERE state = 'open'")]
    page = _run(here, "audit", "report", *span, "--format", "html")
    plain = _run(here, "audit", "report", *span, "--format", "json")
    assert not any(one in page or one in plain for one in numbers)
    before = len(_query(here, "SELECT 1 FROM log_entry WHERE event = 'access'"))
    named = json.loads(_run(here, "audit", "report", *span, "--format", "json", "--personal"))
    shown = {one["tracking_number"] for batch in named["batches"] for one in batch["records"]}
    assert shown & set(numbers)
    assert len(_query(here, "SELECT 1 FROM log_entry WHERE event = 'access'")) == before + 1


def test_names_are_for_those_whom_the_configuration_names(parties):
    """Without the role `--personal` is refused, and nothing is written."""
    here, _ = parties
    day = datetime.now(UTC).date().isoformat()
    set_up(here, {"audit": {"personal_reports": ["somebody-else"]}})
    try:
        span = ("--partner", THERE, "--from", day, "--to", day)
        assert _run(here, "audit", "report", *span, "--personal", code=2) == ""
    finally:
        set_up(here, {"audit": {"personal_reports": [getpass.getuser()]}})
