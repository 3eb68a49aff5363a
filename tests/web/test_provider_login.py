# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Logins through a provider at the HTTP face, from several addresses behind a proxy."""

import os
from types import SimpleNamespace

import pytest

from gateway.admission import ProviderLogin, Refusals
from gateway.client.identity_provider import IdentityProvider
from gateway.config import Http
from tests.admission_stage import Admitting
from tests.enterprise_stage import signing_keys
from tests.identity_stage import HostileProvider

PROXY, THERE, ELSEWHERE = "127.0.0.1", "198.51.100.4", "198.51.100.5"
BEGIN = "/v1/access/logins"


@pytest.fixture(name="stage")
async def _stage(start, tmp_path):
    """A face behind a proxy, and a provider."""
    admitting = Admitting(f"sqlite:///{tmp_path / 'gateway.sqlite'}", signing_keys(tmp_path / "signing"))
    async with HostileProvider() as provider:
        settings = provider.settings()
        logins = ProviderLogin(
            IdentityProvider(settings, secret="", clock=admitting.clock),
            admitting.sessions,
            Refusals(admitting.acts, admitting.clock),
            admitting.clock,
            os.urandom,
            claim=settings.claim,
            roles=settings.roles,
        )
        http = Http(listen="127.0.0.1:0", proxies=(PROXY,))
        doors = {"door": admitting.door, "sessions": admitting.sessions, "logins": logins}
        face = await start(http, **doors)
        yield SimpleNamespace(face=face, admitting=admitting, provider=provider)
    admitting.store.shut()


async def ask(stage, method, path, by, token=""):
    """Return status and body of an answer to an address."""
    headers = {"X-Forwarded-For": by} | ({"Authorization": f"Bearer {token}"} if token else {})
    async with stage.face.session.request(method, stage.face.url(path), headers=headers) as reply:
        return reply.status, await reply.json(content_type=None)


async def test_a_login_that_only_begins_ends_no_count(stage):
    """Nine wrong keys, a login that begins, and one more wrong key lock the address out."""
    wrong = "eadkey_1_" + "A" * 43
    for number in range(10):
        if number == 9:
            assert (await ask(stage, "POST", BEGIN, THERE))[0] == 201
        assert (await ask(stage, "GET", "/v1/status", THERE, wrong))[0] == 401
    assert (await ask(stage, "GET", "/v1/status", THERE, wrong))[0] == 429
    assert (await ask(stage, "POST", BEGIN, THERE))[0] == 429
