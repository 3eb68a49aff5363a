# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Two real gateways and a real authority: evidence with a time in it, and an outage that closes intake."""

import asyncio
import contextlib
import itertools
import json
import shutil
import sqlite3
import subprocess
import sys
import threading

import pytest

from gateway.demo.stage import make_parties, packaged_agreements, running, set_up
from gateway.sample import generate
from tests.system.submitting import ask, eventually, settled, submit, submit_until_answered
from tests.timestamp_authority import POLICY, Authority, Certificates, need_openssl


@contextlib.contextmanager
def serving(certificates):
    """Run an authority in a thread with a loop of its own."""
    authority, started, ended = Authority(certificates), threading.Event(), asyncio.Event()
    loops = []

    async def serve():
        async with authority:
            loops.append(asyncio.get_running_loop())
            started.set()
            await ended.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    started.wait(10)
    try:
        yield authority
    finally:
        loops[0].call_soon_threadsafe(ended.set)
        thread.join(10)


@pytest.fixture(scope="module", name="stage")
def _stage(tmp_path_factory):
    """Two gateways, of which the first demands time stamps, and its authority."""
    need_openssl()
    folder = tmp_path_factory.mktemp("time-stamps")
    certificates = Certificates(folder / "authority")
    with serving(certificates) as authority:
        here, there = parties = make_parties(folder / "parties", packaged_agreements())
        shutil.copy(certificates.trust, here.folder / "tsa.pem")
        stamps = {
            "mode": "required",
            "url": authority.url,
            "trust": "tsa.pem",
            "policy": POLICY,
            "interval_seconds": 0.2,
            "max_age_seconds": 4.0,
        }
        set_up(here, {"timestamp": stamps, "audit": {"anchor_seconds": 0.2}})
        with running(parties):
            yield here, there, authority


def audit(*arguments, code=0):
    """Run an audit command; return its standard output, none if it ends otherwise than expected."""
    done = subprocess.run(
        [sys.executable, "-m", "gateway", "audit", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.stdout if done.returncode == code else None


def sent_item(party):
    """Return the tracking number of an item that was accepted at this party."""
    with contextlib.closing(
        sqlite3.connect(party.folder / "data" / "gateway.sqlite", timeout=30)
    ) as database:
        found = database.execute(
            "SELECT tracking_number FROM inbound_record WHERE state = 'accepted' ORDER BY id DESC LIMIT 1"
        ).fetchone()
    return found[0] if found else ""


def test_bundle_of_a_running_node_is_stamped(stage, tmp_path) -> None:
    """A bundle made while the node runs proves offline that its record existed before a time."""
    here, there, _ = stage
    for message in generate(21, 2, destinations=["NL"]):
        submit_until_answered(here.url, message)
    assert eventually(lambda: settled(here.url))
    number, file = eventually(lambda: sent_item(there)), tmp_path / "bundle.json"

    def made():
        text = audit("bundle", number, "--config", here.config, "--out", file)
        return text is not None and b'"stamp"' in file.read_bytes()

    assert eventually(made)
    for party in (here, there):
        shutil.copy(party.folder / "keys" / "ca.pem", tmp_path / f"{party.organisation}.pem")
    trust = [f"--trust={tmp_path / f'{one.organisation}.pem'}" for one in (here, there)]
    found = json.loads(audit("verify", file, *trust, "--tsa", here.folder / "tsa.pem", "--json"))
    assert (found["verdict"], bool(found["facts"]["existed_before"])) == ("good", True)
    assert "existed before" in audit("verify", file, *trust, "--tsa", here.folder / "tsa.pem")
    assert audit("verify", file, *trust, code=2) is not None
    rows = json.loads(audit("checkpoints", "--config", here.config, "--json"))
    stamped = {one["log"].rpartition("/")[2] for one in rows if one["stamped"] and one["stamped_at"]}
    assert stamped == {"anchor"}
    other = Certificates(tmp_path / "other").trust
    refused = json.loads(audit("verify", file, *trust, "--tsa", other, "--json", code=1))
    codes = {one["code"] for check in refused["checks"] for one in check["findings"]}
    assert codes == {"AUDIT-BUNDLE-STAMP", "STAMP-UNTRUSTED"}


def test_outage_closes_intake_and_ends_by_itself(stage) -> None:
    """While the authority is down, intake refuses after the limit and keeps nothing; it opens again."""
    here, _, authority = stage
    messages = (one for seed in itertools.count(22) for one in generate(seed, 2, destinations=["NL"]))
    authority.fault = "status"

    def closed():
        message = next(messages)
        answer = submit(here.url, message.raw, adapter=message.adapter)
        return answer if answer.status == 503 else None

    answer = eventually(closed, pause=0.2)
    assert [one["code"] for one in json.loads(answer.body)["findings"]] == ["STAMP-OVERDUE"]
    before = ask(here.url, "/v1/ledger")["counts"]["messages"]
    assert closed() is not None
    assert ask(here.url, "/v1/ledger")["counts"]["messages"] == before
    authority.fault = ""
    assert eventually(lambda: closed() is None, seconds=60.0, pause=0.2)
    assert ask(here.url, "/v1/ledger")["counts"]["messages"] > before
