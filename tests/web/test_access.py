# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Roles at the HTTP face: every route has its permission, and each caller gets through where its role may."""

import re

import pytest
from aiohttp import web

from gateway.access import PUBLIC, Caller, Names, Role, permissions
from gateway.config import Http
from gateway.console import make_console
from gateway.web.access import CALLER, CONSOLE_PATHS
from gateway.web.tlog import LogFiles

TOKENS = {name: name.ljust(20, "-") for name in ("platform-a", "platform-b", "duty", "audit", "registrar")}
PARTNER = "customs-xx".ljust(20, "-")


@pytest.fixture(name="guarded")
async def _guarded(start, tmp_path):
    """Return a face with a name for each role."""
    files = {
        "tokens": "".join(f"{name} {token}\n" for name, token in TOKENS.items()),
        "readers": f"customs-xx {PARTNER}\n",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o600)
    settings = Http(
        listen="127.0.0.1:0",
        token_file=str(tmp_path / "tokens"),
        log_token_file=str(tmp_path / "readers"),
        operators=("duty",),
        auditors=("audit",),
    )
    return await start(
        settings, registrars=("registrar",), logs=LogFiles("us", None, None), site=make_console("us")
    )


def routes(face):
    """Return method and pattern of every route of a face."""
    return {
        (route.method, route.resource.canonical)
        for route in face.server.application.router.routes()
        if route.method != "HEAD"
    }


async def ask(face, method, path, token):
    """Return status and findings of an answer."""
    headers = {"Authorization": f"Bearer {token}"}
    async with face.session.request(method, face.url(path), headers=headers, data=b"") as reply:
        told = await reply.json(content_type=None) if "json" in reply.content_type else {}
        return reply.status, [one["code"] for one in told.get("findings", ())] if "status" in told else []


async def test_every_route_has_a_permission_and_no_other_is_named(guarded):
    """The table names exactly the routes that exist."""
    assert {f"{method} {path}" for method, path in routes(guarded)} == set(permissions().of_routes)


async def test_each_caller_gets_through_exactly_where_its_role_may(guarded):
    """On every route every caller is refused with 403 just if the table denies it; pages ask these routes."""
    names = Names(("duty",), ("audit",), {"enterprises.registrars": ("registrar",)})
    callers = [(names.caller(name), token) for name, token in TOKENS.items()]
    callers.append((Caller("customs-xx", Role.PARTNER), PARTNER))
    refused = 0
    for method, pattern in sorted(routes(guarded)):
        if pattern.startswith(CONSOLE_PATHS):
            continue
        needed = permissions().of_route(method, pattern)
        for caller, token in callers:
            status, codes = await ask(guarded, method, re.sub(r"{\w+}", "x", pattern), token)
            where = (method, pattern, caller)
            if caller.role == Role.PARTNER and not pattern.startswith("/tlog/") and needed != PUBLIC:
                assert status == 401, where
            else:
                denied = needed != PUBLIC and not caller.may(needed)
                assert ("WEB-FORBIDDEN" in codes) == denied, where
                assert status == 403 or not denied, where
                refused += denied
    assert refused > len(routes(guarded))


async def test_a_route_without_permission_is_closed(start):
    """A handler that the table does not know is not reached, not even from this machine."""
    reached = []

    async def handler(request):
        reached.append(request[CALLER])
        return web.Response()

    face = await start(prepare=lambda server: server.application.add_routes([web.get("/v1/new", handler)]))
    async with face.session.get(face.url("/v1/new")) as reply:
        assert reply.status == 403
    assert reached == []


async def test_submitters_follow_their_own_items_alone(guarded):
    """An item that another submitter sent is not found, as one that nobody sent."""
    path = "/v1/items/LX000000009CN"
    assert (await ask(guarded, "GET", path, TOKENS["platform-a"]))[0] == 200
    assert (await ask(guarded, "GET", path, TOKENS["platform-b"])) == (404, ["WEB-NOT-FOUND"])
    assert (await ask(guarded, "GET", path, TOKENS["audit"]))[0] == 200


async def test_who_is_unknown_learns_no_routes(guarded):
    """Without a token a path that exists and one that does not get the same answer; with one they differ."""
    for path in ("/v1/board", "/v1/nothing"):
        assert await ask(guarded, "GET", path, "x" * 20) == (401, ["WEB-UNAUTHORISED"])
    assert await ask(guarded, "GET", "/v1/nothing", TOKENS["platform-a"]) == (404, ["WEB-NOT-FOUND"])
    assert await ask(guarded, "GET", "/v1/messages", TOKENS["platform-a"]) == (405, ["WEB-METHOD"])
