# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What a running gateway says of its partners, its logs, the quality of data, and of changes."""

import contextlib
import json
import sqlite3
import threading
import urllib.error
import urllib.request

import pytest

from gateway.clock import moment
from gateway.demo.stage import HERE, THERE, make_parties, packaged_agreements, running, set_up
from gateway.sample import generate
from tests.system.node_faces import codes, command, post
from tests.system.submitting import ask, eventually, settled, submit_until_answered


@pytest.fixture(scope="module", name="stage")
def _stage(tmp_path_factory):
    """Two gateways that have exchanged items and cosigned each other's logs."""
    parties = make_parties(tmp_path_factory.mktemp("partners"), packaged_agreements())
    for party in parties:
        set_up(party, {"audit": {"gossip_seconds": 1.0}})
    with running(parties):
        here, there = parties
        for message in generate(9, 5, destinations=["NL"]):
            submit_until_answered(here.url, message)
        eventually(lambda: settled(here.url))
        yield here, there


def partner(party, name=THERE):
    """Return what is known of a partner."""
    return ask(party.url, f"/v1/partners/{name}")


def test_a_partner_shows_agreements_certificates_and_cosigned_logs(stage) -> None:
    """Agreements in force, every key usable with its revocation list, logs cosigned both ways."""
    here, _ = stage
    found = eventually(lambda: (one := partner(here)) and len(one["cosigned"]) >= 2 and one)
    assert {(one["id"], one["state"]) for one in found["agreements"]} == {
        ("cn-nl-export", "in_force"),
        ("nl-cn-returns", "in_force"),
    }
    assert {one["purpose"] for one in found["certificates"]["keys"]} >= {"tls", "seal", "receipt", "log"}
    for one in found["certificates"]["keys"]:
        assert (one["state"], one["revoked_at"]) == ("good", "")
        assert one["days_left"] > 0
        assert one["revocation_known_until"]
    assert {one["cosigned_by"] for one in found["cosigned"]} == {"us", THERE}
    assert found["conflicts"] == []
    every = ask(here.url, "/v1/partners")
    assert (every["organisation"], every["own"]["overlaps"]) == (HERE, [])
    assert [one["partner"] for one in every["partners"]] == [THERE]
    assert partner(here, "customs-zz") is None


def test_the_way_to_a_partner_is_tested_and_its_clock_compared(stage) -> None:
    """The layers are those of the command; the partner shows the skew from then on."""
    here, _ = stage
    status, done = post(here, f"/v1/partners/{THERE}/test", {})
    assert (status, done["good"]) == (200, True)
    told = json.loads(command(here, "partner", "test", THERE, "--json"))
    assert [one["name"] for one in done["layers"]] == [one["name"] for one in told]
    found = partner(here)
    assert found["clock_skew"].endswith(" s")
    assert found["last_test"] == done
    assert post(here, "/v1/partners/customs-zz/test", {})[0] == 404


def test_a_partner_that_does_not_answer_fails_its_test(tmp_path) -> None:
    """The layer at fault is named, and an operator who is not named may not ask."""
    here, _ = make_parties(tmp_path, packaged_agreements())
    with running([here]):
        status, done = post(here, f"/v1/partners/{THERE}/test", {})
        assert (status, done["good"], done["layers"][-1]["name"]) == (200, False, "tcp")
    set_up(here, {"http": {"operators": []}})
    with running([here]):
        assert codes(post(here, f"/v1/partners/{THERE}/test", {})) == (403, ["BOARD-NOT-ALLOWED"])


def test_a_log_holds_against_every_signed_state_of_it(stage) -> None:
    """Signature, root, publication and cosignature of a log are looked at, and all hold."""
    here, _ = stage
    logs = {one["log"]: one for one in ask(here.url, "/v1/log")}
    assert logs.keys() >= {f"{HERE}/{THERE}", f"{THERE}/{HERE}"}
    eventually(lambda: any(one["cosigned_by"] == THERE for one in partner(here)["cosigned"]))
    found = ask(here.url, f"/v1/log/{THERE}/verify")
    assert found["good"]
    assert {one["state"] for one in found["checks"]} == {"good"}
    assert any(one["name"].startswith("cosigned by") for one in found["checks"])
    assert found["checkpoint"].startswith(f"{HERE}/{THERE}\n")
    entries = ask(here.url, f"/v1/log/{THERE}/entries?start=0&limit=2")
    assert [one["index"] for one in entries] == [0, 1]
    assert ask(here.url, "/v1/log/customs-zz/verify") is None
    told = json.loads(command(here, "audit", "checkpoints", "--json"))
    assert {one["log"] for one in told} == logs.keys()


def test_an_edited_log_is_told(tmp_path) -> None:
    """A hash that was changed in the store makes the roots differ from what was signed."""
    here, there = parties = make_parties(tmp_path, packaged_agreements())
    with running(parties):
        for message in generate(9, 2, destinations=["NL"]):
            submit_until_answered(here.url, message)
        eventually(lambda: settled(here.url) and ask(here.url, f"/v1/log/{THERE}/verify")["good"])
    file = here.folder / "data" / "gateway.sqlite"
    with contextlib.closing(sqlite3.connect(file, timeout=30)) as connection, connection:
        connection.execute("UPDATE log_hash SET hash = zeroblob(32) WHERE log = ?", (f"{HERE}/{THERE}",))
    with running([here]):
        found = ask(here.url, f"/v1/log/{THERE}/verify")
    assert not found["good"]
    assert {"bad"} <= {one["state"] for one in found["checks"]}
    assert there.process is None


def test_the_quality_of_a_month_is_that_of_the_command(stage) -> None:
    """The figures over HTTP are those of the command; what is no month is refused."""
    here, _ = stage
    at = ask(here.url, "/v1/board")["at"]
    month = f"{moment(at):%Y-%m}"
    found = ask(here.url, f"/v1/quality?partner={THERE}&month={month}&direction=sent")
    words = ("--partner", THERE, "--month", month, "--sent", "--format", "json")
    told = json.loads(command(here, "postal", "quality", *words))
    assert found["announced"] == told["quality"]["announced"] > 0
    for path in ("month=2026-13", "month=", f"month={month}&direction=both"):
        with pytest.raises(urllib.error.HTTPError) as raised:
            urllib.request.urlopen(f"{here.url}/v1/quality?partner={THERE}&{path}", timeout=20)
        assert raised.value.code == 422
        raised.value.close()


def test_who_listens_is_told_of_a_change(stage) -> None:
    """A stream begins with the state, and has another one after something has come in."""
    here, _ = stage
    request = urllib.request.Request(f"{here.url}/v1/events", headers={"Accept": "text/event-stream"})
    seen = []
    with urllib.request.urlopen(request, timeout=40) as reply:
        assert reply.headers["Content-Type"].startswith("text/event-stream")

        def read():
            for line in reply:
                if line.startswith(b"data: "):
                    seen.append(json.loads(line.removeprefix(b"data: ")))
                    if len(seen) == 2:
                        return

        reader = threading.Thread(target=read)
        reader.start()
        eventually(lambda: len(seen) >= 1)
        for message in generate(10, 1, destinations=["JP"]):
            submit_until_answered(here.url, message)
        reader.join(30)
    assert len({one["state"] for one in seen}) == 2
    assert all(one["changed"] for one in seen)
    now = ask(here.url, "/v1/events")
    assert now["changed"] is False
