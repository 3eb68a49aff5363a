# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""A partner's log is rolled back, forked and edited between two starts; the other side notices at once.

The attacker owns its machine: database, tiles, published checkpoints and log key are all its own, so its own
start finds nothing wrong. Only what the other side has seen tells.
"""

import contextlib
import json
import shutil
import sqlite3

import msgspec
import pytest

from gateway.audit import NoteKey, checkpoint, tree
from gateway.audit.entry import Event, leaf
from gateway.cli import main
from gateway.demo.stage import HERE, THERE, make_parties, packaged_agreements, running, set_up
from gateway.envelope.identity import KeySet
from gateway.sample import generate
from tests.system.books import Books
from tests.system.submitting import ask, eventually, settled, submit_until_answered

THIRD = "customs-de"
LOG = f"{THERE}/{HERE}"
LANE, OTHER_LANE = f"{HERE}/{THERE}/item", f"{HERE}/{THIRD}/item"
QUICK = {"batch": {"size": 8, "linger_ms": 5}, "audit": {"anchor_seconds": 0.5}}


def agreements():
    """Return an agreement from here to each of two partners."""
    text = next(one for one in packaged_agreements() if b'id = "cn-nl-export"' in one).decode()
    yield text.encode()
    changed = text.replace("cn-nl-export", "cn-de-export").replace(THERE, THIRD).replace('"NL"', '"DE"')
    yield changed.encode()


def entries_of(connection):
    """Return the leaves of the log about us."""
    words = 'SELECT leaf FROM log_entry WHERE log = ? ORDER BY "index"'
    return [one for (one,) in connection.execute(words, (LOG,))]


def rewrite(party, change):
    """Give a stopped gateway another past: leaves, tree, signed checkpoint; tiles and publications follow."""
    signer = KeySet.load(party.folder / "keys").log_ed25519
    with contextlib.closing(sqlite3.connect(party.folder / "data" / "gateway.sqlite")) as connection:
        leaves = change(entries_of(connection))
        grown = tree.append(0, (), [tree.leaf_hash(one) for one in leaves])
        claimed = checkpoint.Checkpoint(LOG, grown.size, tree.root(grown.frontier))
        note = checkpoint.sign(claimed, NoteKey.of(LOG, signer.public_key), signer)
        connection.execute('DELETE FROM log_entry WHERE log = ? AND "index" >= ?', (LOG, grown.size))
        connection.execute("DELETE FROM log_hash WHERE log = ?", (LOG,))
        for index, one in enumerate(leaves):
            words = 'UPDATE log_entry SET leaf = ? WHERE log = ? AND "index" = ?'
            connection.execute(words, (one, LOG, index))
        rows = [(LOG, *one) for one in grown.hashes]
        connection.executemany("INSERT INTO log_hash VALUES (?, ?, ?, ?)", rows)
        connection.execute(
            "UPDATE log SET size = ?, frontier = ?, checkpoint = ? WHERE name = ?",
            (grown.size, msgspec.msgpack.encode(grown.frontier), note, LOG),
        )
        connection.commit()
    for one in (party.folder / "data").glob("checkpoints.sqlite*"):
        one.unlink()
    shutil.rmtree(party.folder / "data" / "log")
    return claimed


def rolled_back(leaves):
    """Everything but the beginning is gone."""
    return leaves[:2]


def forked(leaves):
    """The newest entry was another, and one more came after it."""
    other = leaf(Event.RECEIVED, b"\x01" * 32, b"")
    return [*leaves[:-1], other]


def edited(leaves):
    """The first entry was another."""
    return [leaf(Event.RECEIVED, b"\x02" * 32, b""), *leaves[1:]]


def send(party, seed, destination):
    """Submit one list of parcels, and wait for nothing."""
    for message in generate(seed, 1, documents_per_message=50, destinations=[destination], fault_rate=0):
        submit_until_answered(party.url, message)


def stopped(party):
    """Return the codes of the stopped channels."""
    rows = ask(party.url, "/v1/status")["channels"]
    return {one["name"]: one["stopped"] for one in rows if one["stopped"]}


def confirmed(party, lane):
    """Return how many batches of a channel have their receipt."""
    rows = ask(party.url, "/v1/status")["channels"]
    return next((one["confirmed"] for one in rows if one["name"] == lane), 0)


def witnessed(party, log):
    """Return the size up to which a log is witnessed."""
    return next((row["size"] for row in Books(party).rows("witnessed", log=log)), 0)


def run(*words):
    """Run a command; return its exit code."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["gateway", *map(str, words)])
        try:
            main()
        except SystemExit as end:
            return end.code or 0
    return 0


@pytest.mark.parametrize(
    "attack",
    [pytest.param(rolled_back, marks=pytest.mark.long), forked, pytest.param(edited, marks=pytest.mark.long)],
)
def test_another_past_is_noticed_within_one_exchange(tmp_path, attack, capsys) -> None:
    """One exchange after the attack the channel is stopped and both states are kept; others go on."""
    here, there, _ = parties = make_parties(tmp_path, list(agreements()), organisations=(HERE, THERE, THIRD))
    for party in parties:
        set_up(party, QUICK)
    with running(parties):
        for seed in range(4):
            send(here, seed, "NL")
            eventually(lambda: settled(here.url))
        send(here, 50, "DE")
        eventually(lambda: settled(here.url) and witnessed(here, LOG) >= 8)
        eventually(lambda: Books(here).rows("cosigned", log=f"{HERE}/{THERE}", witness=THERE))
        before = confirmed(here, LANE)
        assert there.stop() == 0
        known = witnessed(here, LOG)
        claimed = rewrite(there, attack)
        there.start()
        send(here, 60, "NL")
        codes = eventually(lambda: stopped(here))
        assert set(codes) == {LANE}
        assert set(codes.values()) <= {"AUDIT-SPLIT-VIEW", "AUDIT-ROLLBACK", "RECEIPT-SPLIT-VIEW"}
        assert confirmed(here, LANE) <= before + 1
        conflict = Books(here).rows("conflict")[0]
        assert (conflict["partner"], conflict["log"]) == (THERE, LOG)
        assert conflict["first"] != conflict["second"]
        assert conflict["first"]
        assert conflict["second"]
        assert known >= claimed.size or attack is not rolled_back
        more = confirmed(here, OTHER_LANE)
        send(here, 70, "DE")
        eventually(lambda: confirmed(here, OTHER_LANE) > more)
        # The attacker's own gateway is told what we have seen of its log, and takes nothing more either.
        assert set(stopped(there)) <= {LANE}
        capsys.readouterr()
        assert run("channel", "list", "--config", here.config, "--json") == 1
        shown = json.loads(capsys.readouterr().out)
        assert [one["channel"] for one in shown] == [LANE]
        assert shown[0]["meaning"]
        for party in (there, here):
            if stopped(party):
                words = ("channel", "resume", LANE, "--reason", "agreed by telephone")
                assert run(*words, "--config", party.config) == 0
        send(here, 80, "NL")
        eventually(lambda: confirmed(here, LANE) > before + 1)
        eventually(lambda: witnessed(here, LOG))
        capsys.readouterr()
        assert run("audit", "checkpoints", "--config", here.config, "--json") == 0
        logs = {one["log"]: one for one in json.loads(capsys.readouterr().out)}
        assert logs[f"{HERE}/anchor"]["published"]
        assert logs[LOG]["cosigned"][HERE] >= 1
    decision = Books(here).rows("decision")[0]
    assert json.loads(decision["statement"])["reason"] == "agreed by telephone"
    entry = Books(here).rows("log_entry", subject=f"decision:{decision['id']}")
    assert [one["event"] for one in entry] == ["access"]
