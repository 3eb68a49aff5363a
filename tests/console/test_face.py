# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The console on a real HTTP face: who gets in, what headers say, and that nothing acts from elsewhere."""

import re

import aiohttp
import pytest

from gateway.config import Http, IntakeLimits
from gateway.console import make_console
from gateway.web.console import Console
from gateway.web.serve import HttpServer
from tests.admission_stage import Admitting
from tests.enterprise_stage import signing_keys
from tests.peering import MemoryIntake
from tests.web.conftest import MemoryQuery

TOKEN = "a-token-of-an-operator-1"


class Empty:
    """A board of nobody."""

    async def board(self):
        return {"at": 1, "window_seconds": 300, "partners": []}

    async def waiting(self):
        return []


def form_token_of(page):
    """Return what the forms of a page carry."""
    return re.search(r'name="form_token" value="([0-9a-f]{64})"', page)[1]


@pytest.fixture(scope="module", name="signing")
def _signing(tmp_path_factory):
    """The keys of one organisation."""
    return signing_keys(tmp_path_factory.mktemp("signing"))


@pytest.fixture(name="admitting")
def _admitting(tmp_path, signing):
    """Who is let in, on a real store."""
    made = Admitting(f"sqlite:///{tmp_path / 'gateway.sqlite'}", signing)
    yield made
    made.store.shut()


@pytest.fixture(name="start")
async def _start(tmp_path, admitting):
    """Start faces with a console; all are stopped after the test."""
    running = []

    async def start(*, guarded, operators=("operator",)):
        path = tmp_path / "tokens"
        path.write_text(f"operator {TOKEN}")
        path.chmod(0o600)
        file = str(path) if guarded else ""
        settings = Http(listen="127.0.0.1:0", token_file=file, operators=operators)
        server = HttpServer(
            settings,
            IntakeLimits(),
            intake=MemoryIntake(),
            query=MemoryQuery(),
            ready=lambda: True,
            console=Console(boards=Empty()),
            site=make_console("customs-test"),
            door=admitting.door,
            keys=admitting.keys,
            sessions=admitting.sessions,
        )
        port = await server.start()
        jar = aiohttp.CookieJar(unsafe=True)
        session = aiohttp.ClientSession(f"http://127.0.0.1:{port}", cookie_jar=jar)
        running.append((server, session))
        return session

    yield start
    for server, session in running:
        await session.close()
        await server.stop()


async def test_every_page_keeps_its_policy(start) -> None:
    """Pages, refusals and files carry the policy that nothing foreign is loaded or framed."""
    session = await start(guarded=False)
    for path, status in (
        ("/console/board", 200),
        ("/console/nothing", 404),
        ("/console/static/console.js", 200),
        ("/console/static/../words.py", 404),
        ("/console/static/vendored.toml", 404),
        ("/console/items/NOBODY", 404),
    ):
        async with session.get(path) as answer:
            assert answer.status == status, path
            if path.startswith("/console/static/.."):
                continue
            policy = answer.headers["Content-Security-Policy"]
            assert "default-src 'self'" in policy
            assert "unsafe" not in policy
            assert answer.headers["X-Frame-Options"] == "DENY"
            assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_without_tokens_the_console_is_for_this_machine(start) -> None:
    """A page under a foreign name is refused before the console asks anything in the name of this machine."""
    session = await start(guarded=False)
    async with session.get("/console/board", headers={"Host": "rebound.example"}) as answer:
        assert answer.status == 401
        assert answer.content_type == "application/problem+json"


async def test_with_tokens_a_reader_logs_in(start, admitting) -> None:
    """A wrong token stays outside; a good one opens the pages through a cookie that scripts cannot read."""
    session = await start(guarded=True)
    origin = {"Origin": str(session._base_url.origin())}
    async with session.get("/console/board") as answer:
        assert answer.status == 401
        assert 'name="token"' in await answer.text()
    for wrong in ("", "x" * 20, "é" * 20):
        async with session.post("/console/login", data={"token": wrong}, headers=origin) as answer:
            assert answer.status == 401
    async with session.post(
        "/console/login", data={"token": TOKEN}, headers=origin, allow_redirects=False
    ) as answer:
        assert answer.status == 303
        cookie = answer.headers["Set-Cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie
        assert TOKEN not in cookie
        held = answer.cookies["gateway_console"].value
    async with session.get("/console/board") as answer:
        assert answer.status == 200
        page = await answer.text()
        assert TOKEN not in page
        assert held not in page
    async with session.post("/console/logout", headers=origin) as answer:
        assert answer.status == 403
    form = {"form_token": form_token_of(page)}
    async with session.post("/console/logout", data=form, headers=origin) as answer:
        assert answer.status == 200
    session.cookie_jar.update_cookies({"gateway_console": held}, session._base_url)
    admitting.later(seconds=2)
    async with session.get("/console/board") as answer:
        assert answer.status == 401


async def test_behind_tls_the_cookie_is_bound_to_the_host(start) -> None:
    """A browser that comes by https gets a cookie that it sends to this host alone, and only by https."""
    session = await start(guarded=True)
    headers = {"Origin": "https://gateway.example", "Host": "gateway.example"}
    async with session.post(
        "/console/login", data={"token": TOKEN}, headers=headers, allow_redirects=False
    ) as answer:
        assert answer.status == 303
        cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-gateway_console=")
    assert "Secure" in cookie
    assert "Path=/;" in cookie
    assert "Domain" not in cookie


async def test_a_form_of_another_session_does_nothing(start, admitting) -> None:
    """An act needs the token of a page that was shown to this very session."""
    session = await start(guarded=True)
    origin = {"Origin": str(session._base_url.origin())}
    pages = []
    for _ in range(2):
        key = await admitting.keys.make("duty", ["operator"], actor="test")
        session.cookie_jar.clear()
        async with session.post("/console/login", data={"token": key.secret}, headers=origin) as answer:
            assert answer.status == 200
            pages.append(form_token_of(await answer.text()))
    assert pages[0] != pages[1]
    for token, status in ((pages[0], 403), ("", 403), (pages[1], 200)):
        form = {"form_token": token}
        async with session.post("/console/logout", data=form, headers=origin) as answer:
            assert answer.status == status


async def test_a_link_is_used_by_a_form_alone(start, admitting) -> None:
    """Looking at the address uses nothing up; the form opens the session of an administrator, once."""
    session = await start(guarded=True)
    origin = {"Origin": str(session._base_url.origin())}
    link = (await admitting.sessions.link("chief", ["administrator"], actor="test")).secret
    for _ in range(2):
        async with session.get("/console/enter", params={"link": link}) as answer:
            assert answer.status == 200
            assert link in await answer.text()
    async with session.post("/console/enter", data={"link": link}, headers=origin) as answer:
        assert answer.status == 200
        assert answer.url.path == "/console/board"
    session.cookie_jar.clear()
    for text in (link, "", "x" * 600):
        async with session.post("/console/enter", data={"link": text}, headers=origin) as answer:
            assert answer.status == 401
            assert 'role="alert"' in await answer.text()


@pytest.mark.parametrize("origin", ["http://evil.example", "null", ""])
async def test_nothing_acts_from_elsewhere(start, origin) -> None:
    """A form that another site sends, or one without a word of where it is from, does nothing."""
    session = await start(guarded=False)
    headers = {"Origin": origin} if origin else {}
    async with session.post("/console/login", data={"token": TOKEN}, headers=headers) as answer:
        assert answer.status == 403
        assert "Set-Cookie" not in answer.headers


async def test_the_reader_chooses_the_language(start) -> None:
    """A page speaks as asked, and the choice holds for the next page."""
    session = await start(guarded=False)
    async with session.get("/console/board?lang=zh") as answer:
        text = await answer.text()
        assert '<html lang="zh">' in text
        assert "总览" in text
    async with session.get("/console/waiting") as answer:
        assert "没有等待的物品" in await answer.text()


async def test_what_the_reader_sends_is_escaped(start) -> None:
    """Words of the reader come back as text, never as markup."""
    session = await start(guarded=False)
    async with session.get("/console/search", params={"q": '"><script>alert(1)</script>'}) as answer:
        assert not re.search(r"<script>alert", await answer.text())
    async with session.get("/console/board", params={"x": '"><script>alert(1)</script>'}) as answer:
        assert not re.search(r"<script>alert", await answer.text())


async def test_a_submitter_logs_in_and_sees_what_its_role_may(start) -> None:
    """The console knows the token of a submitter and shows it that the board is not for it."""
    session = await start(guarded=True, operators=())
    origin = {"Origin": str(session._base_url.origin())}
    async with session.post(
        "/console/login", data={"token": TOKEN}, headers=origin, allow_redirects=False
    ) as answer:
        assert answer.status == 303
    async with session.get("/console/board") as answer:
        assert answer.status == 403
        assert "WEB-FORBIDDEN" in await answer.text()
