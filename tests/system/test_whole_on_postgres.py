# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The whole way on PostgreSQL at both ends, and the commands of the operator and the auditor on it."""

import json
import re
from datetime import UTC, datetime

import pytest

from gateway.demo.stage import THERE, make_parties, packaged_agreements, running, set_up
from gateway.sample import generate
from tests.system import books
from tests.system.submitting import eventually, settled
from tests.system.test_by_command_line import run


@pytest.fixture(name="urls")
def _urls(postgres):
    """Give the addresses of two databases."""
    made = [postgres.migrated(), postgres.migrated()]
    yield made
    for one in made:
        postgres.give_back(one)


def inbound(url):
    """Return what the partner holds of the records that it received."""
    return books.postgres_tables(url)["inbound_record"]


def test_commands_work_on_postgresql(tmp_path, urls) -> None:
    """Submit, trace, audit, prove, replay, reconcile and erase do there what they do on SQLite."""
    parties = make_parties(tmp_path, packaged_agreements())
    for party, url in zip(parties, urls, strict=True):
        set_up(party, {"database": {"url": url}})
    here, there = parties
    messages = list(generate(31, 20, documents_per_message=10, destinations=["NL"]))
    files = []
    for number, one in enumerate(messages):
        files.append(tmp_path / f"{number:03}.xml")
        files[-1].write_bytes(one.raw)
    tracking = re.search(rb"<ceb:logisticsNo>([^<]+)<", messages[0].raw + messages[1].raw)[1].decode()

    def ask(party, *words):
        return json.loads(run(*words, "--config", party.config, "--json"))

    with running(parties):
        rows = ask(here, "submit", *files)
        assert {row["outcome"] for row in rows} == {"accepted"}
        eventually(lambda: settled(here.url))
        assert ask(here, "trace", tracking)["shares"][0]["state"] == "accepted"
        today = datetime.now(UTC).date().isoformat()
        ask(here, "audit", "reconcile", THERE, "--day", today)
        run("audit", "fsck", "--config", there.config)
        assert len(ask(here, "audit", "checkpoints")) > 1
        run("audit", "bundle", tracking, "--out", tmp_path / "bundle.json", "--config", here.config)
        run("replay", tracking, "--config", here.config)
        ask(here, "audit", "erase", "--item", tracking, "--reason", "asked for")
        eventually(lambda: any(row["state"] == "erased" for row in inbound(urls[1])))
    run("audit", "fsck", "--config", here.config)
    ours, theirs = (books.Books(party, url) for party, url in zip(parties, urls, strict=True))
    for one in (ours, theirs):
        books.check_counters(one)
    assert {row["state"] for row in theirs.rows("inbound_record")} == {"accepted", "erased"}
    assert ours.rows("item", tracking_number=tracking) == []
