# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Two real gateways: one rotates its keys by one command while traffic flows, and nothing is lost."""

import json
import shutil
import sqlite3
import subprocess
import sys
import threading

import pytest

from gateway.clock import system_clock
from gateway.demo.stage import make_parties, packaged_agreements, running
from gateway.envelope.archive import keys_of
from gateway.envelope.bundle import read_bundle
from gateway.envelope.identity import KeySet
from gateway.sample import generate
from gateway.wire.convert import parse_batch_statement, unpack_envelope
from tests.system.submitting import eventually, settled, submit_until_answered

PAUSE_SECONDS = 0.15
GATEWAY = (sys.executable, "-m", "gateway")


def run(*arguments, code=0, cwd=None):
    """Run the command; return its standard output."""
    done = subprocess.run(
        [*GATEWAY, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=cwd,
    )
    assert done.returncode == code, (arguments, done.stdout, done.stderr)
    return done.stdout


class Traffic:
    """A submitter that goes on until it is told to stop."""

    def __init__(self, url):
        self._url = url
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._submit)
        self.sent = []

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()

    def _submit(self):
        for message in generate(31, 8000, destinations=["NL"]):
            if self._over.wait(PAUSE_SECONDS):
                return
            submit_until_answered(self._url, message)
            self.sent.append(message)

    def goes_on(self, count=4):
        """Wait until so many more messages were taken."""
        goal = len(self.sent) + count
        return eventually(lambda: len(self.sent) >= goal)


def rows(party, query):
    """Ask the database of a gateway."""
    with sqlite3.connect(party.folder / "data" / "gateway.sqlite", timeout=30) as connection:
        return connection.execute(query).fetchall()


def current(party):
    """Return the ids of the present seal, receipt and TLS keys in the folder of a gateway."""
    own = KeySet.load(party.folder / "keys")
    return {
        one.name: one.signer.key_id
        for one in own.keys
        if one.slot == "" and one.signer and one.purpose in {"tls", "seal", "receipt"}
    }


def sealed_by(party):
    """Return which keys sealed each batch, in order."""
    found = rows(party, "SELECT envelope FROM batch ORDER BY sequence")
    return [tuple(parse_batch_statement(unpack_envelope(one).statement).key_ids) for (one,) in found]


def numbers(there):
    """Return the tracking numbers that were accepted at the other side, in order of arrival."""
    query = "SELECT tracking_number FROM inbound_record WHERE state = 'accepted' ORDER BY id"
    return [one for (one,) in rows(there, query)]


def state(party):
    """Return how far the rotation of a gateway is."""
    done = subprocess.run(
        [*GATEWAY, "keys", "status", "--config", party.config, "--json"],
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)["state"]


def make_bundle(party, number, file):
    """Write the evidence about an item, once its entries are published."""

    def made():
        done = subprocess.run(
            [*GATEWAY, "audit", "bundle", number, "--config", party.config, "--out", file],
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode == 0 or ("not in a published checkpoint yet" not in done.stderr and done)

    assert eventually(made) is True


@pytest.fixture(scope="module", name="story")
def _story(tmp_path_factory):
    """A rotation of the sender's keys under load to the end of the old keys, and then a restart of both."""
    here, there = parties = make_parties(tmp_path_factory.mktemp("rotation"), packaged_agreements())
    face = ("--name", here.organisation, "--endpoint", here.grpc)
    before = current(here)
    with running(parties):
        with Traffic(here.url) as traffic:
            traffic.goes_on()
            first = eventually(lambda: numbers(there))[0]
            make_bundle(here, first, here.folder / "before.json")
            told = json.loads(
                run("keys", "rotate", *face, "--overlap-hours", "0.002", "--config", here.config, "--json")
            )
            eventually(lambda: current(here) != before)
            after = current(here)
            traffic.goes_on()
            eventually(lambda: any(set(one) <= set(after.values()) for one in sealed_by(here)), 60)
            eventually(lambda: state(here) == "retired", 60)
            eventually(lambda: not list((here.folder / "keys").glob("*.old.*")))
            traffic.goes_on()
        eventually(lambda: settled(here.url), 60)
        logs = [(one.folder / "gateway.log").read_text("utf-8") for one in parties]
        for one in parties:
            one.stop()
            one.start()
        for message in generate(32, 50, destinations=["NL"]):
            submit_until_answered(here.url, message)
        eventually(lambda: settled(here.url), 60)
        last = numbers(there)[-1]
        make_bundle(here, last, here.folder / "after.json")
        eventually(lambda: not rows(here, "SELECT 1 FROM announcement WHERE state = 'pending'"))
        books = [json.loads(run("audit", "fsck", "--config", one.config, "--json")) for one in parties]
        yield here, there, before, after, told, logs, books


def test_one_command_tells_the_partner_and_switches(story) -> None:
    """The command ends well: the partner has confirmed in band, and all keys are others."""
    here, there, before, after, told, _, _ = story
    assert told["state"] == "switched"
    assert [(one["partner"], one["state"]) for one in told["partners"]] == [(there.organisation, "confirmed")]
    assert set(before) == set(after)
    assert not set(before.values()) & set(after.values())
    assert told["keys"] == after
    assert current(here) == after


def test_signing_changed_under_load_without_a_restart(story) -> None:
    """Batches are sealed by the old pair, then by the new pair, never by a mixture, and none was refused."""
    here, there, before, after, _, logs, _ = story
    seals = sealed_by(here)
    old, new = (
        tuple(sorted(keys[name] for name in ("seal-p256", "seal-mldsa65"))) for keys in (before, after)
    )
    assert set(seals) == {old, new}
    assert seals == sorted(seals, key=[old, new].index)
    assert rows(there, "SELECT codes FROM refusal") == []
    for log in logs:
        assert log.count('"event": "node.started"') == 1
        assert "node.loop-fell" not in log


def test_no_item_was_lost(story) -> None:
    """Every complete item that was submitted arrived once."""
    here, there, *_ = story
    shared = rows(
        here,
        "SELECT tracking_number FROM share JOIN item ON item.id = share.item WHERE share.state = 'accepted'",
    )
    open_shares = rows(here, "SELECT 1 FROM share WHERE state NOT IN ('accepted', 'waiting')")
    assert sorted(one for (one,) in shared) == sorted(numbers(there))
    assert len(set(numbers(there))) == len(numbers(there)) > 0
    assert open_shares == []


def test_both_logs_hold_announcement_and_answer(story) -> None:
    """Both ends have an entry of each announcement and of its answer, and the sender one of each change."""
    here, there, *_ = story
    for party in (here, there):
        query = "SELECT subject FROM log_entry WHERE event = 'key-change' AND subject LIKE 'announcement:%'"
        assert len(rows(party, query)) == 4
        assert len(rows(party, "SELECT 1 FROM announcement")) == 2
    assert len(rows(here, "SELECT 1 FROM log_entry WHERE subject LIKE 'keys:%'")) == 1


def test_books_of_both_ends_are_good(story) -> None:
    """The self-audit finds nothing at either end."""
    for found in story[-1]:
        assert found["good"], found["findings"]


def test_old_keys_are_gone_at_both_ends(story) -> None:
    """The old private keys are destroyed, and the bundle in force does not name their certificates."""
    here, there, before, after, *_ = story
    raw = (there.folder / "partners" / f"{here.organisation}.bundle.json").read_bytes()
    held = keys_of(read_bundle(raw, system_clock()).material())
    assert held >= set(after.values())
    assert not held & set(before.values())
    assert len(list((here.folder / "keys" / "retired").glob("*.pem"))) == len(before)


def test_evidence_of_before_and_after_holds_elsewhere(story, tmp_path) -> None:
    """Bundles about an item sealed with the old keys and one sealed with the new are good offline."""
    here, there, *_ = story
    for party in (here, there):
        shutil.copy(party.folder / "keys" / "ca.pem", tmp_path / f"{party.organisation}.pem")
    trust = ("--trust", f"{here.organisation}.pem", "--trust", f"{there.organisation}.pem")
    for name in ("before.json", "after.json"):
        shutil.copy(here.folder / name, tmp_path)
        assert json.loads(run("audit", "verify", name, *trust, "--json", cwd=tmp_path))["verdict"] == "good"
