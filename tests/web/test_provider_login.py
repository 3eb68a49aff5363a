# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Logins through a provider at the HTTP face, from several addresses behind a proxy."""

import asyncio
from types import SimpleNamespace

import pytest

from gateway.clock import system_clock
from gateway.config import Http
from tests.admission_stage import Admitting
from tests.enterprise_stage import signing_keys
from tests.identity_stage import HostileProvider

PROXY, THERE, ELSEWHERE = "127.0.0.1", "198.51.100.4", "198.51.100.5"
BEGIN = "/v1/access/logins"


@pytest.fixture(name="stage")
async def _stage(start, tmp_path):
    """A face behind a proxy, and a provider."""
    keys = signing_keys(tmp_path / "signing")
    admitting = Admitting(f"sqlite:///{tmp_path / 'gateway.sqlite'}", keys, now=system_clock())
    async with HostileProvider() as provider:
        http = Http(listen="127.0.0.1:0", proxies=(PROXY,))
        doors = {
            "door": admitting.door,
            "sessions": admitting.sessions,
            "logins": admitting.logins(provider.settings()),
        }
        face = await start(http, **doors)
        yield SimpleNamespace(face=face, admitting=admitting, provider=provider)
    admitting.store.shut()


async def ask(stage, method, path, by, *, token="", body=None):
    """Return status and body of an answer to an address."""
    headers = {"X-Forwarded-For": by} | ({"Authorization": f"Bearer {token}"} if token else {})
    url = stage.face.url(path)
    async with stage.face.session.request(method, url, headers=headers, json=body) as reply:
        return reply.status, await reply.json(content_type=None)


async def log_in(stage, by):
    """Log in from an address; return the status of the last answer."""
    status, begun = await ask(stage, "POST", BEGIN, by)
    if status != 201:
        return status
    state, code = stage.provider.agree(begun["address"])
    body = {"secret": begun["secret"], "state": state, "code": code}
    return (await ask(stage, "POST", f"{BEGIN}/use", by, body=body))[0]


def codes(answers):
    """Return status and code of answers, sorted."""
    return sorted((status, body["findings"][0]["code"]) for status, body in answers)


@pytest.mark.parametrize(
    "many", [[THERE] * 12, [f"2001:db8::{number:x}" for number in range(1, 13)]], ids=["address", "network"]
)
async def test_an_address_that_begins_many_logins_keeps_no_other_out(stage, many):
    """Two of twelve wait for a slow provider, ten are told to come later, and another address logs in."""
    stage.provider.seconds = 60.0
    begun = [asyncio.create_task(ask(stage, "POST", BEGIN, by)) for by in many]
    first = asyncio.as_completed(begun)
    assert codes([await next(first) for _ in range(10)]) == [(429, "ACCESS-OIDC-BUSY")] * 10
    for _ in range(2):
        await stage.provider.came.acquire()
    stage.provider.seconds = 0.0
    assert await log_in(stage, ELSEWHERE) == 201
    assert sum(one.done() for one in begun) == 10
    await asyncio.gather(*begun)


async def test_a_login_that_is_not_finished_gives_its_place_back(stage):
    """What the provider does not answer ends in time, and the address logs in again."""
    stage.provider.seconds = 60.0
    begun = await asyncio.gather(*(ask(stage, "POST", BEGIN, THERE) for _ in range(3)))
    assert codes(begun) == [(429, "ACCESS-OIDC-BUSY"), *[(503, "ACCESS-OIDC-AWAY")] * 2]
    stage.provider.seconds = 0.0
    assert await log_in(stage, THERE) == 201


async def test_one_that_hangs_on_the_way_back_holds_a_place_too(stage):
    """Codes that are brought by many at one time from one address are asked about two by two."""
    going = [(await ask(stage, "POST", BEGIN, THERE))[1] for _ in range(3)]
    brought = [stage.provider.agree(one["address"]) for one in going]
    stage.provider.seconds = 60.0
    back = [
        ask(
            stage, "POST", f"{BEGIN}/use", THERE, body={"secret": one["secret"], "state": state, "code": code}
        )
        for one, (state, code) in zip(going, brought, strict=True)
    ]
    answers = await asyncio.gather(*back)
    assert codes(answers) == [(429, "ACCESS-OIDC-BUSY"), *[(503, "ACCESS-OIDC-AWAY")] * 2]


async def test_logins_that_only_began_are_not_remembered(stage):
    """A hundred that went to the provider and never came back keep nobody of their address out."""
    for _ in range(100):
        assert (await ask(stage, "POST", BEGIN, THERE))[0] == 201
    assert await log_in(stage, THERE) == 201


async def test_a_login_that_only_begins_ends_no_count(stage):
    """Nine wrong keys, a login that begins, and one more wrong key lock the address out."""
    wrong = "eadkey_1_" + "A" * 43
    for number in range(10):
        if number == 9:
            assert (await ask(stage, "POST", BEGIN, THERE))[0] == 201
        assert (await ask(stage, "GET", "/v1/status", THERE, token=wrong))[0] == 401
    assert (await ask(stage, "GET", "/v1/status", THERE, token=wrong))[0] == 429
    assert (await ask(stage, "POST", BEGIN, THERE))[0] == 429
