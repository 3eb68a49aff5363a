# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Sessions and links: what they begin with, how they end, and that a link is good once."""

import asyncio
import concurrent.futures

import pytest

from gateway.access import Role, secret
from gateway.errors import InputError, PolicyRefusal
from tests.admission_stage import Admitting


def test_a_session_is_who_began_it(admitting) -> None:
    """Name and all roles are those of the key."""
    key = admitting.make("duty", ["operator", "auditor"]).secret
    caller = admitting.caller(admitting.begin(key))
    assert (caller.name, caller.roles) == ("duty", (Role.OPERATOR, Role.AUDITOR))
    assert caller == admitting.caller(key)


def test_a_session_ends_when_nothing_is_asked(admitting) -> None:
    """It goes on while somebody comes within half an hour, and not after."""
    session = admitting.begin(admitting.make().secret)
    for _ in range(4):
        admitting.later(minutes=28)
        assert admitting.caller(session) is not None
    admitting.later(minutes=30)
    assert admitting.caller(session) is None


def test_a_session_ends_after_twelve_hours(admitting) -> None:
    """Whoever comes all the time has to log in again."""
    session = admitting.begin(admitting.make().secret)
    for _ in range(12 * 4 - 1):
        admitting.later(minutes=15)
        assert admitting.caller(session) is not None
    admitting.later(minutes=15)
    assert admitting.caller(session) is None


def test_a_session_ends_when_its_reader_leaves(admitting, url, signing) -> None:
    """Every node refuses it within two seconds, and the key goes on."""
    key = admitting.make().secret
    session = admitting.begin(key)
    other = Admitting(url, signing, node=2)
    assert other.caller(session) is not None
    asyncio.run(admitting.sessions.end(session))
    for one in (admitting, other):
        one.later(seconds=2)
        assert one.caller(session) is None
        assert one.caller(key) is not None
    other.store.shut()


def test_a_session_ends_with_its_key(admitting) -> None:
    """Who is no longer let in with the key is out with what began with it."""
    made = admitting.make()
    session, other = admitting.begin(made.secret), admitting.begin(admitting.make().secret)
    assert admitting.caller(session) is not None
    admitting.revoke(made.key.number)
    admitting.later(seconds=2)
    assert admitting.caller(session) is None
    assert admitting.caller(other) is not None


def test_a_session_begins_no_other(admitting) -> None:
    """Nobody stays beyond twelve hours by beginning anew in time."""
    session = admitting.begin(admitting.make().secret)
    with pytest.raises(PolicyRefusal) as refused:
        admitting.begin(session)
    assert [one.code for one in refused.value.findings] == ["ACCESS-SESSION"]


def test_only_sessions_are_ended(admitting) -> None:
    """A key is not revoked by leaving."""
    made = admitting.make()
    asyncio.run(admitting.sessions.end(made.secret))
    assert admitting.page()[0].revoked_at == 0


def test_a_link_opens_one_session(admitting) -> None:
    """The first use opens a session with the roles of the link, every other is refused; all are entered."""
    link = admitting.link("chief", ["administrator"])
    assert admitting.caller(link) is None
    caller = admitting.caller(admitting.use(link))
    assert (caller.name, caller.role) == ("chief", Role.ADMINISTRATOR)
    with pytest.raises(PolicyRefusal) as refused:
        admitting.use(link)
    assert [one.code for one in refused.value.findings] == ["ACCESS-LINK"]
    acts = [(one["what"], one["actor"], one["outcome"]) for one in admitting.entered()]
    assert acts == [
        ("link.make", "root", "done"),
        ("link.use", "chief", "done"),
        ("link.use", "unknown", "refused"),
    ]
    assert link not in repr(admitting.entered())


def test_of_two_uses_at_one_time_one_is_refused(admitting, url, signing) -> None:
    """Two nodes that are shown the same link open one session."""
    other = Admitting(url, signing, node=2)
    for _ in range(5):
        link = admitting.link()

        def opened(one, text=link):
            try:
                return bool(one.use(text))
            except PolicyRefusal:
                return False

        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(opened, (admitting, other))) == [False, True]
    other.store.shut()


def test_refused_links_do_not_fill_the_log(admitting) -> None:
    """Thirty a minute are entered, the next entry says how many more there were."""
    for _ in range(33):
        with pytest.raises(PolicyRefusal):
            admitting.use("x")
    assert [one["about"] for one in admitting.entered()] == ["0"] * 30
    admitting.later(minutes=1)
    with pytest.raises(PolicyRefusal):
        admitting.use("x")
    assert admitting.entered()[-1]["about"] == "0, and 3 times more before"


def test_a_link_expires(admitting) -> None:
    """After an hour it opens nothing."""
    link, late = admitting.link(), admitting.link()
    admitting.later(minutes=60, milliseconds=-1)
    assert admitting.use(link)
    admitting.later(milliseconds=1)
    with pytest.raises(PolicyRefusal):
        admitting.use(late)


def test_nothing_else_is_a_link(admitting) -> None:
    """A key, a session, a changed link and no link at all open no session."""
    key, link = admitting.make().secret, admitting.link()
    kind, number, chosen = link.split("_", 2)
    wrong = "A" if chosen[0] != "A" else "B"
    for text in (key, admitting.begin(key), f"{kind}_{number}_{wrong}{chosen[1:]}", f"{kind}_1_{chosen}", ""):
        with pytest.raises(PolicyRefusal):
            admitting.use(text)
    assert admitting.use(link)


@pytest.mark.parametrize(("name", "roles"), [("local", ["operator"]), ("a", ["local"]), ("a", [])])
def test_links_are_for_those_who_can_have_keys(admitting, name, roles) -> None:
    """What no key can be in the name of, no link can."""
    with pytest.raises(InputError):
        admitting.link(name, roles)


def test_forms_fit_one_session_and_tell_nothing_of_it(admitting) -> None:
    """The token in forms is that of the session alone, and is no part of it."""
    first, second = (admitting.begin(admitting.make().secret) for _ in range(2))
    token = secret.form_token(first)
    assert secret.is_form_token(token, first)
    assert not secret.is_form_token(token, second)
    assert not secret.is_form_token("", first)
    assert not secret.is_form_token("é", first)
    assert token not in first
