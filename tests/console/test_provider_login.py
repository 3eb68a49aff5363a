# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""People log in to the console through a provider: a whole one on this machine, and one that does wrong."""

import asyncio
import html
import re
from types import SimpleNamespace
from urllib.parse import parse_qs, urlencode, urlsplit

import aiohttp
import oidc_provider_mock
import pytest

from gateway.access import Names, secret
from gateway.clock import system_clock
from gateway.config import Http, IntakeLimits, Oidc
from gateway.console import make_console
from gateway.errors import ConfigError
from gateway.web.serve import HttpServer
from gateway.web.source import Sources
from tests.admission_stage import Admitting
from tests.enterprise_stage import signing_keys
from tests.identity_stage import HostileProvider
from tests.peering import MemoryIntake

# The provider of the tests is written for an older Authlib.
pytestmark = pytest.mark.filterwarnings("ignore:get_jwt_config:DeprecationWarning")
ROLES = {"operator": ("duty",), "auditor": ("audit",)}


@pytest.fixture(scope="module", name="signing")
def _signing(tmp_path_factory):
    """The keys of one organisation."""
    return signing_keys(tmp_path_factory.mktemp("signing"))


@pytest.fixture(name="admitting")
def _admitting(tmp_path, signing):
    """Who is let in, now."""
    made = Admitting(f"sqlite:///{tmp_path / 'gateway.sqlite'}", signing, now=system_clock())
    yield made
    made.store.shut()


@pytest.fixture(name="serve")
async def _serve(admitting, tmp_path):
    """Start a face with a console that sends people to a provider."""
    running = []
    tokens = tmp_path / "tokens"
    tokens.write_text(f"platform-b {'from-the-file'.ljust(20, '-')}\n")
    tokens.chmod(0o600)

    async def serve(settings: Oidc):
        sources = Sources(("127.0.0.1",))
        server = HttpServer(
            Http(listen="127.0.0.1:0", token_file=str(tokens)),
            IntakeLimits(),
            intake=MemoryIntake(),
            query=SimpleNamespace(),
            ready=lambda: True,
            door=admitting.door,
            sessions=admitting.sessions,
            logins=admitting.logins(settings, "told to nobody"),
            sources=sources,
            site=make_console(
                "alpha",
                "Duty directory",
                by_tls=settings.console.startswith("https:"),
                tell=sources.headers,
            ),
        )
        url = f"http://127.0.0.1:{await server.start()}"
        browser = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
        running.append((server, browser))
        return SimpleNamespace(url=url, browser=browser)

    yield serve
    for server, browser in running:
        await browser.close()
        await server.stop()


@pytest.fixture(name="hostile")
async def _hostile():
    """A provider that a test can twist."""
    async with HostileProvider() as one:
        yield one


async def go(face):
    """Follow the link of the login page; return the provider's address."""
    async with face.browser.get(f"{face.url}/console/login") as page:
        assert 'href="/console/provider"' in await page.text()
    async with face.browser.get(f"{face.url}/console/provider", allow_redirects=False) as sent:
        assert sent.status == 303
        (cookie,) = sent.headers.getall("Set-Cookie")
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        return sent.headers["Location"]


async def back(face, **query):
    """Come back from the provider; return status, page and headers."""
    address = f"{face.url}/console/provider/return?{urlencode(query)}"
    async with face.browser.get(address, allow_redirects=False) as page:
        return page.status, await page.text(), page.headers


async def test_login_through_a_whole_provider(serve, admitting):
    """The directory's person gets a new session with the role of the group, and the log names the login."""
    person = oidc_provider_mock.User(sub="li.wei", claims={"groups": ["post", "duty"]})
    with oidc_provider_mock.run_server_in_thread(user_claims=[person]) as server:
        issuer = f"http://localhost:{server.server_port}"
        settings = Oidc(
            issuer=issuer, client_id="console", console="http://127.0.0.1:7480", roles=ROLES, loopback=True
        )
        face = await serve(settings)
        address = await go(face)
        async with face.browser.post(address, data={"sub": "li.wei"}, allow_redirects=False) as agreed:
            where = urlsplit(agreed.headers["Location"])
        assert where.path == "/console/provider/return"
        given = {name: one for name, (one,) in parse_qs(where.query).items()}
        status, page, headers = await back(face, **given)
        assert (status, headers["Refresh"]) == (200, "0; url=/console/board"), page
        session = next(one for one in headers.getall("Set-Cookie") if one.startswith("gateway_console="))
        assert "SameSite=Strict" in session
        assert "HttpOnly" in session
        text = re.match("gateway_console=([^;]+)", session)[1]
        assert (await back(face, **given))[0] == 401
    entered = admitting.store.run_read(admitting._entered)
    assert [(one["what"], one["actor"], one["outcome"]) for one in entered] == [
        ("provider.login", "oidc-li.wei", "done"),
        ("provider.login", "unknown", "refused"),
    ]
    assert entered[0]["roles"] == ["operator"]
    caller = await admitting.door.caller(text, Names())
    assert (caller.name, [one.value for one in caller.roles]) == ("oidc-li.wei", ["operator"])


def held(face):
    """Return the session that the browser keeps."""
    return next(one.value for one in face.browser.cookie_jar if one.key == "gateway_console")


async def leave(face):
    """Log out, with the form of a page; return status, page and headers."""
    session = held(face)
    form, headers = {"form_token": secret.form_token(session)}, {"Origin": face.url}
    where = f"{face.url}/console/logout"
    async with face.browser.post(where, data=form, headers=headers, allow_redirects=False) as page:
        return page.status, await page.text(), page.headers, session


async def enter(face, hostile):
    """Log in."""
    state, code = hostile.agree(await go(face))
    assert (await back(face, state=state, code=code))[0] == 200


async def test_who_leaves_a_whole_provider_comes_back_to_the_login_page(serve, admitting):
    """The session ends here first, then the browser asks the provider, which leads it back."""
    person = oidc_provider_mock.User(sub="li.wei", claims={"groups": ["duty"]})
    with oidc_provider_mock.run_server_in_thread(user_claims=[person]) as server:
        settings = Oidc(
            issuer=f"http://localhost:{server.server_port}",
            client_id="console",
            console="http://127.0.0.1:7480",
            roles=ROLES,
            loopback=True,
        )
        face = await serve(settings)
        address = await go(face)
        async with face.browser.post(address, data={"sub": "li.wei"}, allow_redirects=False) as agreed:
            where = urlsplit(agreed.headers["Location"])
        given = {name: one for name, (one,) in parse_qs(where.query).items()}
        assert (await back(face, **given))[0] == 200
        status, page, headers, session = await leave(face)
        assert status == 200
        assert "/console/logout" not in page
        gone = [one for one in headers.getall("Set-Cookie") if one.startswith("gateway_console=")]
        assert gone[0].startswith('gateway_console="";')
        address = headers["Refresh"].removeprefix("0; url=")
        assert address in html.unescape(page)
        async with face.browser.get(address) as asked:
            assert (asked.status, asked.url.path) == (200, "/oauth2/end_session")
            (after,) = re.findall('name="redirect_uri" value="(.+?)"', await asked.text())
        assert after == "http://127.0.0.1:7480/console/login"
    admitting.later(seconds=3)
    assert await admitting.door.caller(session, Names()) is None


@pytest.mark.parametrize("fault", ["none offered", "away", "slow"])
async def test_a_provider_without_a_logout_does_not_keep_anybody_in(serve, hostile, admitting, fault):
    """Where there is no logout at the provider, or no provider now, the session here ends all the same."""
    face = await serve(hostile.settings(timeout_seconds=0.5))
    await enter(face, hostile)
    for _ in range(3):  # until the description is no longer believed
        admitting.later(minutes=25)
        assert await admitting.door.caller(held(face), Names()) is not None
    if fault == "away":
        await hostile.runner.cleanup()
    if fault == "slow":
        hostile.seconds = 5.0
    status, _, headers, session = await leave(face)
    assert (status, headers["Location"]) == (303, "/console/login")
    admitting.later(seconds=3)
    assert await admitting.door.caller(session, Names()) is None


async def test_who_came_in_with_a_key_is_not_sent_to_the_provider(serve, hostile, admitting):
    """The provider never knew who logs out of a session that began with a key."""
    hostile.description = {"end_session_endpoint": f"{hostile.url}/leave"}
    face = await serve(hostile.settings())
    key = (await admitting.keys.make("root", ["operator"], actor="test")).secret
    headers = {"Origin": face.url}
    async with face.browser.post(f"{face.url}/console/login", data={"token": key}, headers=headers) as page:
        await page.read()
    status, _, headers, _ = await leave(face)
    assert (status, headers["Location"]) == (303, "/console/login")
    assert hostile.asked == []


def told(admitting):
    """Return what the log says of logins."""
    entered = admitting.store.run_read(admitting._entered)
    return [(one["actor"], one["outcome"], one["about"], one.get("codes")) for one in entered]


async def test_another_state_or_browser_is_refused(serve, hostile, admitting):
    """Without the cookie of this login, or with another state, no code is even brought to the provider."""
    face = await serve(hostile.settings())
    state, code = hostile.agree(await go(face))
    assert (await back(face, state=state[:-1], code=code))[0] == 401
    status, page, headers = await back(face, state=state, code=code)
    assert status == 401
    assert "began in another browser" in page
    assert "gateway_console=" not in str(headers.getall("Set-Cookie"))
    assert "/token" not in hostile.asked
    assert told(admitting) == [("unknown", "refused", "state", ["ACCESS-OIDC"])] * 2


async def test_a_cancelled_login_shows_the_other_ways(serve, hostile):
    """Who says no at the provider finds the form for a key."""
    face = await serve(hostile.settings())
    state, _ = hostile.agree(await go(face))
    status, page, _ = await back(face, state=state, error="access_denied")
    assert status == 401
    assert 'name="token"' in page


async def test_a_login_ends_after_ten_minutes(serve, hostile, admitting):
    """Who comes back later begins again."""
    face = await serve(hostile.settings())
    state, code = hostile.agree(await go(face))
    admitting.later(minutes=10)
    assert (await back(face, state=state, code=code))[0] == 401


@pytest.mark.parametrize("groups", [["post"], "post", [], None, {"operator": True}, [["duty"]], 7])
async def test_who_has_no_role_is_not_let_in(serve, hostile, admitting, groups):
    """A person of another group, or of none, is told so, and the log says who it was."""
    hostile.claims = {"groups": groups}
    face = await serve(hostile.settings())
    state, code = hostile.agree(await go(face))
    status, page, _ = await back(face, state=state, code=code)
    assert status == 401
    assert "gives you no role here" in page
    assert told(admitting) == [("oidc-wang.li", "refused", "groups", ["ACCESS-OIDC-ROLE"])]


@pytest.mark.parametrize("name", ["platform-a|1", "Wang", "local/../root", "x" * 200])
async def test_a_name_of_the_provider_is_never_that_of_a_key(serve, hostile, admitting, name):
    """What has not the form of a name is digested, the same each time, and begins as no other name does."""
    hostile.claims = {"groups": "audit", "sub": name}
    face = await serve(hostile.settings())
    for _ in range(2):
        state, code = hostile.agree(await go(face))
        assert (await back(face, state=state, code=code))[0] == 200
    first, second = (one[0] for one in told(admitting))
    assert first == second
    assert re.fullmatch("oidc-[0-9a-f]{32}", first)


async def test_a_forged_token_begins_no_session(serve, hostile, admitting):
    """The page says that the login was not completed; the log says which check it failed."""
    hostile.claims = {"nonce": "of another login"}
    face = await serve(hostile.settings())
    state, code = hostile.agree(await go(face))
    status, page, _ = await back(face, state=state, code=code)
    assert (status, "was not good" in page) == (401, True)
    assert told(admitting) == [("unknown", "refused", "nonce", ["ACCESS-OIDC"])]


async def test_a_provider_that_is_down_leaves_the_other_ways(serve, hostile):
    """The page says so and has the form for a key."""
    face = await serve(hostile.settings())
    await hostile.runner.cleanup()
    async with face.browser.get(f"{face.url}/console/provider") as page:
        text = await page.text()
        assert page.status == 503
    assert "does not answer now" in text
    assert 'name="token"' in text


async def test_who_begins_too_many_logins_is_told_so(serve, hostile):
    """Of three at one time from one address behind a proxy the third page says to wait, others go on."""
    face = await serve(hostile.settings())

    async def begin(by):
        where, headers = f"{face.url}/console/provider", {"X-Forwarded-For": by}
        async with face.browser.get(where, headers=headers, allow_redirects=False) as page:
            return page.status, "Too many attempts come from your address" in await page.text()

    hostile.seconds = 1.0
    asked = [begin(by) for by in ("198.51.100.4",) * 3 + ("198.51.100.5",)]
    assert sorted(await asyncio.gather(*asked)) == [(303, False)] * 3 + [(429, True)]


async def test_behind_tls_both_cookies_are_bound_to_the_host(serve, hostile):
    """Where browsers come by TLS no other host sets the cookie of a login, and none reads the session."""
    face = await serve(hostile.settings(console="https://gateway.example"))
    async with face.browser.get(f"{face.url}/console/provider", allow_redirects=False) as sent:
        (cookie,) = sent.headers.getall("Set-Cookie")
        state, code = hostile.agree(sent.headers["Location"])
    assert re.fullmatch(
        r"__Host-gateway_login=eadlogin_[^;]+; HttpOnly; Max-Age=600; Path=/; SameSite=Lax; Secure", cookie
    )
    address = f"{face.url}/console/provider/return?{urlencode({'state': state, 'code': code})}"
    held = {"Cookie": cookie.partition(";")[0]}
    async with face.browser.get(address, headers=held, allow_redirects=False) as page:
        session, gone = page.headers.getall("Set-Cookie")
    assert re.fullmatch(
        "__Host-gateway_console=eadsession_[^;]+; HttpOnly; Path=/; SameSite=Strict; Secure", session
    )
    assert gone.startswith('__Host-gateway_login="";')


@pytest.mark.parametrize("roles", [{}, {"operator": ()}, {"local": ("duty",)}, {"boss": ("duty",)}])
async def test_roles_that_do_not_exist_are_refused_at_the_start(serve, hostile, roles):
    """A mapping by which nobody comes in, or to what is no role, is a mistake."""
    with pytest.raises(ConfigError, match=r"http\.oidc\.roles"):
        await serve(hostile.settings(roles=roles))
