# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Keys at the HTTP face: administrators make and revoke them, who may not is turned away and entered."""

import json
from types import SimpleNamespace

import pytest

from gateway.config import Http
from tests.admission_stage import Admitting
from tests.described import departures
from tests.enterprise_stage import signing_keys

FILE_TOKEN = "from-the-file".ljust(20, "-")


@pytest.fixture(scope="module", name="signing")
def _signing(tmp_path_factory):
    """The keys of one organisation."""
    return signing_keys(tmp_path_factory.mktemp("signing"))


@pytest.fixture(params=["with a token file", "without"], name="stage")
async def _stage(request, start, tmp_path, signing):
    """A face with a door, and the key of an administrator."""
    admitting = Admitting(f"sqlite:///{tmp_path / 'gateway.sqlite'}", signing)
    tokens = tmp_path / "tokens"
    tokens.write_text(f"platform-b {FILE_TOKEN}\n")
    tokens.chmod(0o600)
    file = str(tokens) if request.param == "with a token file" else ""
    settings = Http(listen="127.0.0.1:0", token_file=file)
    face = await start(settings, door=admitting.door, keys=admitting.keys)
    root = await admitting.keys.make("root", ["administrator"], actor="test")
    yield SimpleNamespace(face=face, admitting=admitting, root=root, filed=bool(file))
    admitting.store.shut()


async def ask(stage, method, path, token="", body=None):
    """Return status and answer."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    data = None if body is None else json.dumps(body).encode()
    async with stage.face.session.request(method, stage.face.url(path), headers=headers, data=data) as reply:
        return reply.status, await reply.json(content_type=None)


def codes(answer):
    """Return status and finding codes of a problem."""
    return answer[0], [one["code"] for one in answer[1]["findings"]]


async def made(stage, name, *roles):
    """Make a key as the administrator; return its secret and number."""
    wish = {"name": name, "roles": list(roles)}
    status, answer = await ask(stage, "POST", "/v1/access/keys", stage.root.secret, wish)
    assert status == 201, answer
    assert departures("/v1/access/keys", answer, "post", "201") == []
    return answer["secret"], answer["key"]["number"]


async def test_a_key_made_by_http_submits_until_it_is_revoked(stage):
    """The new holder gets in at once in its own name, and is out two seconds after the revocation."""
    token, number = await made(stage, "platform-a", "submitter")
    assert (await ask(stage, "GET", "/v1/items/LX000000009CN", token))[0] == 200
    assert codes(await ask(stage, "GET", "/v1/status", token)) == (403, ["WEB-FORBIDDEN"])
    path = f"/v1/access/keys/{number}/revocation"
    status, ended = await ask(stage, "POST", path, stage.root.secret)
    assert status == 200
    assert departures("/v1/access/keys/{number}/revocation", ended, "post") == []
    stage.admitting.later(seconds=2)
    assert codes(await ask(stage, "GET", "/v1/items/LX000000009CN", token)) == (401, ["WEB-UNAUTHORISED"])
    assert codes(await ask(stage, "POST", path, stage.root.secret)) == (422, ["ACCESS-UNKNOWN"])


async def test_a_key_that_is_not_good_is_nobody_else(stage):
    """What looks like a key and is none is refused on this machine too, where no token would be asked for."""
    wrong = stage.root.secret[:-3] + ("AAA" if stage.root.secret[-3:] != "AAA" else "BBB")
    assert codes(await ask(stage, "GET", "/v1/status", wrong)) == (401, ["WEB-UNAUTHORISED"])


async def test_token_files_go_on_working(stage):
    """Beside keys a token of the file still lets its name in, and this machine gets in without one."""
    if stage.filed:
        assert codes(await ask(stage, "GET", "/v1/status", FILE_TOKEN)) == (403, ["WEB-FORBIDDEN"])
        assert codes(await ask(stage, "GET", "/v1/status")) == (401, ["WEB-UNAUTHORISED"])
    else:
        assert (await ask(stage, "GET", "/v1/status"))[0] == 200


async def test_who_may_not_is_turned_away_and_entered(stage):
    """Operator, submitter and this machine make no keys; each attempt is an entry with name and route."""
    duty, _ = await made(stage, "duty", "operator", "auditor")
    strangers = {"duty": duty, "platform-b": FILE_TOKEN} if stage.filed else {"duty": duty, "local": ""}
    before = len(stage.admitting.store.run_read(stage.admitting._entered))
    wish = {"name": "mine", "roles": ["administrator"]}
    for token in strangers.values():
        answer = await ask(stage, "POST", "/v1/access/keys", token, wish)
        assert codes(answer) == (403, ["WEB-FORBIDDEN"])
    acts = stage.admitting.store.run_read(stage.admitting._entered)[before:]
    assert [(one["actor"], one["outcome"], one["about"]) for one in acts] == [
        (name, "refused", "POST /v1/access/keys") for name in strangers
    ]


async def test_auditors_see_keys_and_no_secret(stage):
    """The list is for auditors and administrators, and tells no secret."""
    audit, _ = await made(stage, "audit", "auditor")
    submitter, _ = await made(stage, "platform-a", "submitter")
    status, listed = await ask(stage, "GET", "/v1/access/keys", audit)
    assert status == 200
    assert departures("/v1/access/keys", listed) == []
    assert [one["name"] for one in listed] == ["root", "audit", "platform-a"]
    assert "secret" not in json.dumps(listed)
    after = listed[0]["number"]
    rest = await ask(stage, "GET", f"/v1/access/keys?after={after}", stage.root.secret)
    assert [one["name"] for one in rest[1]] == ["audit", "platform-a"]
    assert codes(await ask(stage, "GET", "/v1/access/keys", submitter)) == (403, ["WEB-FORBIDDEN"])


@pytest.mark.parametrize(
    "body",
    [None, [], {"name": "a"}, {"name": "a", "roles": "operator"}, {"name": "a", "roles": [], "more": 1}],
)
async def test_wishes_of_the_wrong_form_are_refused(stage, body):
    """What is no wish for a key gets a finding."""
    answer = await ask(stage, "POST", "/v1/access/keys", stage.root.secret, body)
    assert codes(answer) == (422, ["ACCESS-FORM"])


@pytest.mark.parametrize("after", ["x", "-1", "", "9" * 19, "１"])
async def test_bad_places_in_the_list_are_refused(stage, after):
    """A page begins after a number."""
    answer = await ask(stage, "GET", f"/v1/access/keys?after={after}", stage.root.secret)
    assert codes(answer) == (422, ["ACCESS-FORM"])


async def test_attempts_beyond_the_limit_are_counted(stage):
    """Who may not act is refused every time; beyond thirty a minute the next entry says how often."""
    duty, _ = await made(stage, "duty", "operator")
    path = "/v1/access/keys/1/revocation"
    for _ in range(33):
        assert codes(await ask(stage, "POST", path, duty)) == (403, ["WEB-FORBIDDEN"])
    route = "POST /v1/access/keys/{number}/revocation"
    tried = [
        one for one in stage.admitting.store.run_read(stage.admitting._entered) if one["actor"] == "duty"
    ]
    assert [one["about"] for one in tried] == [route] * 30
    stage.admitting.later(minutes=1)
    assert codes(await ask(stage, "POST", path, duty)) == (403, ["WEB-FORBIDDEN"])
    last = stage.admitting.store.run_read(stage.admitting._entered)[-1]
    assert last["about"] == f"{route}, and 3 times more before"


async def test_acts_are_limited_by_name(stage):
    """The thirty-first act within a minute is told when to come again; nothing is entered for it."""
    path = "/v1/access/keys/1/revocation"
    for _ in range(30):
        assert codes(await ask(stage, "POST", path, stage.root.secret)) == (422, ["ACCESS-UNKNOWN"])
    entered = len(stage.admitting.store.run_read(stage.admitting._entered))
    headers = {"Authorization": f"Bearer {stage.root.secret}"}
    async with stage.face.session.post(stage.face.url(path), headers=headers) as reply:
        assert (reply.status, reply.headers["Retry-After"]) == (429, "2")
    assert len(stage.admitting.store.run_read(stage.admitting._entered)) == entered
