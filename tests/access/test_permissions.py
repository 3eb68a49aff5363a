# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The table of permissions: what it gives, and that it is refused when it is wrong."""

import pytest

from gateway.access import Caller, Names, Role, permissions
from gateway.access.permissions import read
from gateway.errors import ConfigError


def test_nobody_has_a_permission_that_the_table_does_not_know():
    """An unknown permission, the empty one of an unknown route and the public one belong to no role."""
    for role in Role:
        for name in ("", "nothing", "public"):
            assert not Caller("a", role).may(name)
    assert permissions().of_route("GET", "/v1/nothing") == ""
    assert permissions().of_route("DELETE", "/v1/messages") == ""


def test_heads_are_judged_as_what_they_are_the_head_of():
    """HEAD needs what GET needs."""
    assert permissions().of_route("HEAD", "/v1/board") == permissions().of_route("GET", "/v1/board") != ""


def test_submitters_submit_and_follow_and_no_more():
    """What a submitter may is this list, whatever is added to the table."""
    assert permissions().of_roles[Role.SUBMITTER] == {
        "messages.submit",
        "items.follow",
        "description.read",
        "console.open",
        "sessions.keep",
    }


def test_auditors_change_nothing():
    """An auditor reads, sees persons, which is logged, and keeps a session; pages act by way of these."""
    mine = permissions().of_roles[Role.AUDITOR] - {"console.open", "sessions.keep", "items.reveal"}
    routes = [route for route, name in permissions().of_routes.items() if name in mine]
    assert routes
    assert all(route.startswith("GET ") for route in routes)


def test_names_have_the_role_that_is_configured():
    """Operators come first, then auditors; every other name is a submitter."""
    names = Names(["a", "b"], ["b", "c"])
    assert [names.caller(one).role for one in "abcd"] == ["operator", "operator", "auditor", "submitter"]


def test_a_list_gives_its_permissions_and_no_role():
    """A submitter in the list of registrars may change the register, and still sees no board."""
    names = Names(lists={"enterprises.registrars": ["a"], "returns.deciders": ["b"], "unknown": ["a"]})
    caller = names.caller("a")
    assert caller.role == Role.SUBMITTER
    assert caller.may("enterprises.change")
    assert caller.may("enterprises.read")
    assert not caller.may("returns.decide")
    assert not caller.may("board.read")


@pytest.mark.parametrize(
    "text",
    [
        'a = "b"',
        '[a]\nroles = ["submitter"]',
        '[a]\nmeaning = "x"\nroles = ["nobody"]',
        '[a]\nmeaning = "x"\nmore = 1',
        '[a]\nmeaning = "x"\nroutes = ["GET /a"]\n[b]\nmeaning = "y"\nroutes = ["GET /a"]',
        "[a",
    ],
)
def test_wrong_tables_are_refused(text):
    """A table with unknown roles or keys, without a meaning, or with two permissions for a route is none."""
    with pytest.raises(ConfigError):
        read(text.encode())
