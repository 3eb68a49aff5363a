# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Routes, access, headers, and the interface description."""

import json
import re

import pytest

from gateway.config import Http
from gateway.errors import ConfigError
from gateway.web.description import description
from gateway.web.token_file import load_tokens

TOKEN, OTHER = "t" * 20, "u" * 20


@pytest.fixture(name="guarded")
async def _guarded(start, tmp_path):
    """Return a face with tokens."""
    path = tmp_path / "tokens"
    path.write_text(f"# submitters\nplatform-a {TOKEN}\n\n{OTHER}\n")
    path.chmod(0o600)
    return await start(Http(listen="127.0.0.1:0", token_file=str(path)))


async def _get(face, path, **headers):
    async with face.session.get(face.url(path), headers=headers) as reply:
        return reply.status, await reply.read(), reply.headers


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/items/LX000000009CN", 200),
        ("/v1/items/XX", 404),
        ("/v1/received/LX000000009CN", 200),
        ("/v1/received/XX", 404),
        ("/v1/status", 200),
        ("/v1/ledger", 200),
        ("/v1/errors/INTAKE-EMPTY", 200),
        ("/v1/errors/NONE", 404),
        ("/v1/items/a%00b", 422),
        ("/v1/referrals?state=open&after=%00", 422),
        ("/v1/referrals?state=lost", 422),
        ("/v1/referrals?after=last", 422),
        ("/openapi.json", 200),
        ("/metrics", 200),
        ("/healthz", 200),
        ("/readyz", 200),
        ("/nothing", 404),
        ("/v1/messages", 405),
    ],
)
async def test_routes(face, path, status):
    """Every route answers JSON (figures are text); what is not there is a problem."""
    got, body, headers = await _get(face, path)
    assert got == status
    assert headers["Server"] == "ead-gateway"
    assert headers["Cache-Control"] == "no-store"
    if path != "/metrics":
        document = json.loads(body)
    if status >= 400:
        assert headers["Content-Type"].startswith("application/problem+json")
        assert document["findings"]
    if status == 405:
        assert headers["Allow"] == "POST"


@pytest.mark.parametrize("path", ["/v1/status", "/v1/nothing", "/healthz", "/metrics"])
async def test_no_answer_is_a_page(face, path):
    """A browser may neither run nor frame what is answered, nor say where it came from; refusals included."""
    _, _, headers = await _get(face, path)
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    policy = dict(one.strip().split(" ", 1) for one in headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == policy["frame-ancestors"] == "'none'"


async def test_readiness_is_told(face):
    """A node that is not ready says 503 and stays alive."""
    face.ready = False
    assert (await _get(face, "/readyz"))[0] == 503
    assert (await _get(face, "/healthz"))[0] == 200


@pytest.mark.parametrize(
    ("header", "status"),
    [
        (None, 401),
        (f"Bearer {TOKEN}", 200),
        (f"bearer {OTHER}", 200),
        (f"Bearer {TOKEN}x", 401),
        (f"Basic {TOKEN}", 401),
        ("Bearer", 401),
        ("Bearer ü", 401),
    ],
)
async def test_tokens_are_demanded(guarded, header, status):
    """With a token file only holders of a token get in."""
    headers = {"Authorization": header} if header else {}
    got, body, seen = await _get(guarded, "/v1/errors/INTAKE-EMPTY", **headers)
    assert got == status
    if status == 401:
        assert json.loads(body)["findings"][0]["code"] == "WEB-UNAUTHORISED"
        assert seen["WWW-Authenticate"] == "Bearer"


async def test_submitter_is_the_name_of_the_token(guarded):
    """The name before the token becomes the submitter; without one it is the way."""
    for token in (TOKEN, OTHER):
        headers = {"Authorization": f"Bearer {token}"}
        await guarded.session.post(guarded.url("/v1/messages"), data=token.encode(), headers=headers)
    assert guarded.intake.calls == [("http", "platform-a"), ("http", "http")]


async def test_health_is_open(guarded):
    """Probes need no token."""
    assert (await _get(guarded, "/healthz"))[0] == 200
    assert (await _get(guarded, "/readyz"))[0] == 200


async def test_without_tokens_only_this_machine(face):
    """Without tokens a request must come from here and under a name of here."""
    assert (await _get(face, "/v1/status"))[0] == 200
    assert (await _get(face, "/v1/status", Host="localhost"))[0] == 200
    assert (await _get(face, "/v1/status", Host="rebound.example"))[0] == 401


@pytest.mark.parametrize("text", ["", "# nothing\n", "short\n", f"a {TOKEN}\nb {TOKEN}\n"])
def test_bad_token_files_are_refused(tmp_path, text):
    """A file without tokens, with short or repeated ones does not start a node."""
    path = tmp_path / "tokens"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(ConfigError) as raised:
        load_tokens(path)
    assert TOKEN not in str(raised.value)


def test_open_token_file_is_refused(tmp_path):
    """A token file that others can read does not start a node."""
    path = tmp_path / "tokens"
    path.write_text(TOKEN)
    path.chmod(0o644)
    with pytest.raises(ConfigError, match="chmod"):
        load_tokens(path)


async def test_a_taken_port_is_a_configuration_error(face, start):
    """A port that is in use is reported as configuration."""
    with pytest.raises(ConfigError):
        await start(Http(listen=f"127.0.0.1:{face.port}"))


async def test_description_and_routes_agree(face):
    """The OpenAPI document names exactly the routes and methods that exist, and their path parameters."""
    document = json.loads(description())
    described = {(method.upper(), path) for path, item in document["paths"].items() for method in item}
    routed = {
        (route.method, route.resource.canonical)
        for route in face.server.application.router.routes()
        if route.method != "HEAD"
    }
    assert described == routed
    for path, item in document["paths"].items():
        for operation in item.values():
            named = {one["name"] for one in operation.get("parameters", []) if one["in"] == "path"}
            assert named == set(re.findall(r"{(\w+)}", path))


async def test_description_has_no_loose_ends():
    """Every reference inside the OpenAPI document leads somewhere."""
    text = description().decode()
    document = json.loads(text)
    for reference in re.findall(r'"#/([^"]+)"', text):
        place = document
        for key in reference.split("/"):
            place = place[key]
