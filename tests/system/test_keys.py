# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Keys of a running gateway, made and revoked by command while it serves."""

import json
import urllib.error
import urllib.request

import pytest

from gateway.demo.stage import make_parties, packaged_agreements, running, set_up
from gateway.sample import generate
from tests.system.node_faces import command
from tests.system.submitting import eventually, submit_until_answered


@pytest.fixture(name="party", params=["sqlite", "postgresql"])
def _party(request, tmp_path):
    """A running gateway on either database, without a token file."""
    here, _ = make_parties(tmp_path, packaged_agreements())
    server = request.getfixturevalue("postgres") if request.param == "postgresql" else None
    if server:
        url = server.migrated()
        set_up(here, {"database": {"url": url}})
    with running([here]):
        yield here
    if server:
        server.give_back(url)


def asked(party, path, token):
    """Return the status of an answer."""
    request = urllib.request.Request(party.url + path, headers={"Authorization": f"Bearer {token}"})
    try:
        with urllib.request.urlopen(request, timeout=20) as reply:
            return reply.status
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_keys_by_command(party) -> None:
    """A key is printed once, submits in its name, is listed, revoked and refused; the logs hold the acts."""
    made = json.loads(command(party, "access", "key", "new", "platform-a", "--role", "submitter", "--json"))
    duty = command(party, "access", "key", "new", "duty", "--role", "operator").strip()
    message = next(one for one in generate(3, 1, destinations=["NL"]) if "303" in one.name)
    submit_until_answered(party.url, message, token=made["secret"])
    assert asked(party, "/v1/status", made["secret"]) == 403
    assert asked(party, "/v1/status", duty) == 200
    listed = command(party, "access", "key", "list")
    assert [line.split()[1] for line in listed.splitlines()] == ["platform-a:", "duty:"]
    assert made["secret"] not in listed
    assert duty not in listed
    command(party, "access", "key", "revoke", made["key"]["number"])
    eventually(lambda: asked(party, "/v1/status", made["secret"]) == 401, seconds=20)
    assert asked(party, "/v1/status", duty) == 200
    assert "ACCESS-UNKNOWN" in command(party, "access", "key", "revoke", "1", code=1)
    assert "ACCESS-NAME" in command(party, "access", "key", "new", "local", "--role", "operator", code=1)
    report = json.loads(command(party, "audit", "fsck", "--json"))
    assert report["findings"] == []


def test_a_link_by_command_opens_the_console(party) -> None:
    """Whoever has the link comes in as administrator, once; keys can then be made in that name."""
    told = json.loads(command(party, "access", "link", "chief", "--json"))
    first = sent(party, "/v1/access/links/use", {"link": told["secret"]})
    assert first[0] == 201
    assert first[1]["name"] == "chief"
    assert sent(party, "/v1/access/links/use", {"link": told["secret"]})[0] == 401
    wish = {"name": "duty", "roles": ["operator"]}
    status, made = sent(party, "/v1/access/keys", wish, first[1]["secret"])
    assert (status, made["key"]["made_by"]) == (201, "chief")
    assert sent(party, "/v1/access/sessions/end", None, first[1]["secret"])[0] == 204
    eventually(lambda: asked(party, "/v1/access/keys", first[1]["secret"]) == 401, seconds=20)
    report = json.loads(command(party, "audit", "fsck", "--json"))
    assert report["findings"] == []


def sent(party, path, body, token=""):
    """Post; return status and answer, if there is one."""
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    request = urllib.request.Request(
        party.url + path, data=json.dumps(body).encode(), headers=headers, method="POST"
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as reply:
            raw = reply.read()
            return reply.status, json.loads(raw) if raw else None
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)
