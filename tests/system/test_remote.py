# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The Python client and `gateway remote` ask running gateways, and say who must act when they are refused."""

import json
import subprocess
import sys

import pytest

from gateway.client.gateway import Gateway
from gateway.demo.stage import THERE, free_ports, make_parties, packaged_agreements, running, set_up
from gateway.errors import ConfigError, DeliveryError, InputError, PolicyRefusal, TryLater
from gateway.sample import generate
from tests.system.submitting import eventually, submit, submit_until_answered

TOKEN = "operator-token-0123456789"


@pytest.fixture(scope="module", name="stage")
def _stage(tmp_path_factory):
    """Two gateways that have exchanged items; the first demands a token."""
    here, there = parties = make_parties(tmp_path_factory.mktemp("remote"), packaged_agreements())
    tokens = here.folder / "tokens"
    tokens.write_text(f"local {TOKEN}\n")
    tokens.chmod(0o600)
    set_up(here, {"http": {"token_file": "tokens"}})
    with running(parties):
        for message in generate(3, 6, destinations=["NL"]):
            submit_until_answered(here.url, message, token=TOKEN)
        for message in generate(4, 2, destinations=["NL"]):
            if message.adapter != "supplement":
                submit_until_answered(here.url, message, token=TOKEN)
        submit(here.url, b"<nothing/>", token=TOKEN)
        client = Gateway(here.url, token=TOKEN)
        eventually(lambda: settled(client))
        yield here, there, client


def settled(client):
    """Say whether everything that may leave has its receipt."""
    (one,) = client.board()["partners"]
    return one["accepted"]["count"] and one["accepted"]["count"] == one["out"]["count"]


def command(party, *words, code=0):
    """Run a verb against the running gateway; return its output."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "gateway", "remote", "--config", str(party.config)),
            *("--token-file", str(party.folder / "tokens"), *words),
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=party.folder,
    )
    assert done.returncode == code, (words, done.stdout, done.stderr)
    return done.stdout


def test_the_client_walks_lists_to_their_end(stage) -> None:
    """Rows come page after page, and what was found leads on to timeline and proof."""
    _, _, client = stage
    (one,) = client.board()["partners"]
    accepted = list(client.partner_items(THERE, "accepted"))
    assert len(accepted) == one["accepted"]["count"]
    (group,) = client.waiting()
    assert len(list(client.waiting_items(group["channel"], ",".join(group["missing"])))) == group["count"]
    number = accepted[0]["tracking_number"]
    assert [hit["tracking_number"] for hit in client.search(number)] == [number]
    assert client.timeline(number)["tracking_number"] == number
    assert client.timeline("NOBODY/?&#") is None
    assert json.loads(_bundle(client, number))["format"] == "customs-ead/evidence-bundle"


def _bundle(client, number):
    """Return the proof of an item, once its entry is published."""

    def fetched():
        try:
            return client.bundle(number)
        except TryLater:
            return b""

    return eventually(fetched)


def test_the_client_asks_for_everything_that_a_console_shows(stage) -> None:
    """Partners, logs, queues and figures answer in the form of their routes."""
    _, _, client = stage
    assert [one["partner"] for one in client.partners()["partners"]] == [THERE]
    assert client.partner(THERE)["imported"]
    assert client.partner("customs-zz") is None
    assert client.test_partner(THERE)["good"]
    assert client.verify_log(THERE)["good"]
    assert client.log_entries(THERE, 1, 1)[0]["index"] == 1
    assert any(one["log"].endswith(f"/{THERE}") for one in client.logs())
    assert [one["kind"] for one in client.dead_letters()] == ["message"]
    (letter,) = client.dead_letter_items("message")
    assert letter["codes"]
    assert client.referrals() == []
    assert client.quality(THERE, "2026-01")["announced"] == 0
    assert client.statistics(by="month")["total"]["items"] > 0
    assert client.status()["channels"]
    assert next(client.changes())["changed"]


def test_a_refusal_says_who_must_act(stage, tmp_path) -> None:
    """Wrong questions, a wrong token, a gateway that is not there: each its own error, with its findings."""
    here, _, client = stage
    with pytest.raises(InputError) as raised:
        list(client.search(" "))
    assert [one.code for one in raised.value.findings] == ["BOARD-QUESTION"]
    with pytest.raises(PolicyRefusal) as raised:
        Gateway(here.url, token="wrong" * 5).board()
    assert [one.code for one in raised.value.findings] == ["WEB-UNAUTHORISED"]
    with pytest.raises(PolicyRefusal):
        client.replay(next(client.dead_letter_items("message"))["id"], "because")
    with pytest.raises(DeliveryError):
        Gateway(f"http://127.0.0.1:{free_ports(1)[0]}", timeout=5).board()
    for address in ("http://gateway.example:80", "ftp://127.0.0.1", "127.0.0.1:80", ""):
        with pytest.raises(ConfigError):
            Gateway(address, token=TOKEN)


def test_the_command_line_asks_a_running_gateway(stage, tmp_path) -> None:
    """Each verb prints lines for people and the answer itself for machines, and ends as it promises."""
    here, _, client = stage
    number = next(client.partner_items(THERE, "accepted"))["tracking_number"]
    assert THERE in command(here, "board")
    (shown,) = json.loads(command(here, "board", "--json"))["partners"]
    (asked,) = client.board()["partners"]
    moving = {"oldest_waiting_seconds", "oldest_ready_seconds", "rate_in", "rate_out"}
    assert {key: shown[key] for key in shown.keys() - moving} == {
        key: asked[key] for key in asked.keys() - moving
    }
    assert "lack" in command(here, "waiting")
    assert number in command(here, "search", number)
    assert command(here, "search", "nobody", code=1) == ""
    told = command(here, "timeline", number)
    assert "released" in told
    assert "proof: " in told
    command(here, "timeline", "nobody", code=1)
    _bundle(client, number)
    command(here, "bundle", number, "--out", str(tmp_path / "proof.json"))
    assert (tmp_path / "proof.json").stat().st_size > 1000
    assert "message" in command(here, "dead-letters")
    (letter,) = json.loads(command(here, "dead-letters", "--kind", "message", "--json"))
    command(here, "replay", letter["id"], "--reason", "again", code=1)
    assert "in_force" in command(here, "partners")
    assert "echo" in command(here, "test", THERE)
    assert f"/{THERE}" in command(here, "logs")
    assert "good" in command(here, "verify-log", THERE)
    command(here, "verify-log", "customs-zz", code=1)
