# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Wrong secrets lock an address out at the HTTP face, and a name that asks too often waits."""

import json
import re
import sqlite3
from contextlib import closing
from types import SimpleNamespace

import pytest
from prometheus_client.parser import text_string_to_metric_families

from gateway.config import Http
from tests.admission_stage import Admitting
from tests.docs.pages import DOCS
from tests.enterprise_stage import signing_keys

PROXY, THERE, ELSEWHERE = "127.0.0.1", "198.51.100.4", "198.51.100.5"
WRONG = "w" * 24


@pytest.fixture(name="stage")
async def _stage(start, tmp_path):
    """A face behind a proxy, with a door, a key and a token file."""
    admitting = Admitting(f"sqlite:///{tmp_path / 'gateway.sqlite'}", signing_keys(tmp_path / "signing"))
    tokens = tmp_path / "tokens"
    tokens.write_text(f"shop {'s' * 24}\n")
    tokens.chmod(0o600)
    settings = Http(listen="127.0.0.1:0", token_file=str(tokens), proxies=(PROXY,), requests_per_minute=40)
    doors = {"door": admitting.door, "keys": admitting.keys, "sessions": admitting.sessions}
    face = await start(settings, **doors)
    root = await admitting.keys.make("root", ["administrator"], actor="test")
    yield SimpleNamespace(face=face, admitting=admitting, root=root)
    admitting.store.shut()


async def ask(stage, token, *, by="", path="/v1/status", body=None):
    """Return status, code and Retry-After; `by` is what the proxy says of where it comes from."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    headers |= {"X-Forwarded-For": by} if by else {}
    method, data = ("GET", None) if body is None else ("POST", json.dumps(body).encode())
    async with stage.face.session.request(method, stage.face.url(path), headers=headers, data=data) as reply:
        answer = await reply.json(content_type=None)
        code = answer["findings"][0]["code"] if reply.status >= 400 else ""
        return reply.status, code, reply.headers.get("Retry-After")


def lockouts(stage):
    """Return the entries about addresses that were locked out."""
    return [act for act in stage.admitting.entered() if act["what"] == "locked out"]


async def counted(stage):
    """Return what the figures say of lock-outs, and of those turned away by code."""
    headers = {"Authorization": f"Bearer {stage.root.secret}"}
    async with stage.face.session.get(stage.face.url("/metrics"), headers=headers) as reply:
        text = await reply.text()
    assert THERE not in text
    found = {
        (one.name, *one.labels.values()): one.value
        for family in text_string_to_metric_families(text)
        for one in family.samples
    }
    return found["gateway_lockouts_total",], {
        name[1].removeprefix("ACCESS-"): value
        for name, value in found.items()
        if name[0] == "gateway_turned_away_total"
    }


async def test_lockouts_and_those_turned_away_are_counted(stage):
    """Figures stand at zero at first, then say how often, and why, but not who."""
    assert await counted(stage) == (0, {"LOCKED": 0, "REQUESTS": 0, "RATE": 0, "OIDC-BUSY": 0})
    for _ in range(12):
        await ask(stage, WRONG, by=THERE)
    assert stage.admitting.door.locked_out_now() == 1
    for _ in range(43):
        await ask(stage, "s" * 24, path="/v1/errors/WEB-BUSY")
    for _ in range(31):
        await ask(stage, stage.root.secret, path="/v1/access/keys", body={})
    lockouts, turned_away = await counted(stage)
    assert (lockouts, turned_away["LOCKED"], turned_away["RATE"]) == (1, 2, 1)
    assert turned_away["REQUESTS"] >= 3
    stage.admitting.later(seconds=60)
    assert stage.admitting.door.locked_out_now() == 0


async def test_the_operations_page_says_how_to_read_who_was_locked_out(stage, tmp_path):
    """The question of the section about the alert finds the address."""
    for _ in range(10):
        await ask(stage, WRONG, by=THERE)
    page = (DOCS / "operations.md").read_text("utf-8")
    question = re.search(r'sqlite3 data/gateway.sqlite "(.+locked out.+)"', page)[1]
    with closing(sqlite3.connect(tmp_path / "gateway.sqlite")) as database:
        ((words,),) = database.execute(question)
    assert json.loads(words)["about"] == THERE


async def test_ten_wrong_tokens_lock_the_address_out_with_one_entry(stage):
    """The eleventh is told to wait, the right key too, another address is not; the log says so once."""
    for _ in range(10):
        assert (await ask(stage, WRONG, by=THERE))[:2] == (401, "WEB-UNAUTHORISED")
    for token in (WRONG, stage.root.secret):
        assert await ask(stage, token, by=THERE) == (429, "ACCESS-LOCKED", "60")
    assert (await ask(stage, stage.root.secret, by=ELSEWHERE))[0] == 200
    (act,) = lockouts(stage)
    assert (act["about"], act["codes"]) == (THERE, ["ACCESS-LOCKED"])
    stage.admitting.later(seconds=60)
    assert (await ask(stage, stage.root.secret, by=THERE))[0] == 200


async def test_what_others_say_of_themselves_is_not_believed(stage):
    """Only the last entry, which the proxy wrote, counts; a made-up word of the console counts nothing."""
    for number in range(10):
        await ask(stage, WRONG, by=f"203.0.113.{number}, {THERE}")
    assert (await ask(stage, WRONG, by=THERE))[0] == 429
    headers = {"Authorization": f"Bearer {WRONG}", "X-Forwarded-For": THERE}
    headers["X-Gateway-Console"] = f"guess {ELSEWHERE}"
    async with stage.face.session.get(stage.face.url("/v1/status"), headers=headers) as reply:
        assert reply.status == 429


async def test_wrong_links_count_like_wrong_tokens(stage):
    """Ten links that are none lock out, whatever comes next."""
    for _ in range(10):
        status, code, _ = await ask(stage, "", by=THERE, path="/v1/access/links/use", body={"link": "x" * 40})
        assert (status, code) == (401, "ACCESS-LINK")
    assert (await ask(stage, "", by=THERE, path="/v1/access/links/use", body={"link": "x"}))[0] == 429


async def test_this_machine_and_those_without_a_secret_are_never_locked_out(stage):
    """Wrong tokens of this machine, and requests that bring none, lock nobody out."""
    for _ in range(12):
        assert (await ask(stage, WRONG))[0] == 401
        assert (await ask(stage, "", by=THERE))[0] == 401
    assert lockouts(stage) == []


async def test_a_session_that_ended_locks_nobody_out(stage):
    """A page that was left open asks on with its old session, and who sits there logs in again."""
    ended = "eadsession_1_" + "A" * 43
    for _ in range(12):
        assert (await ask(stage, ended, by=THERE))[0] == 401
    assert (await ask(stage, stage.root.secret, by=THERE))[0] == 200


async def test_a_name_that_asks_too_often_waits(stage):
    """Forty turns a minute are forty; the next is told when, and another name has its own."""
    for _ in range(40):
        assert (await ask(stage, "s" * 24, path="/v1/errors/WEB-BUSY"))[0] == 200
    status, code, later = await ask(stage, "s" * 24, path="/v1/errors/WEB-BUSY")
    assert (status, code) == (429, "ACCESS-REQUESTS")
    assert 1 <= int(later) <= 2
    assert (await ask(stage, stage.root.secret))[0] == 200
