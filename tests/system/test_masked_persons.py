# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Two running gateways show nobody's name by any route, until somebody asks with a reason and is logged."""

import html
import json
import sqlite3
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from contextlib import closing

import pytest

from gateway.access import permissions
from gateway.demo.stage import make_parties, packaged_agreements, running, set_up
from gateway.sample import generate
from tests.system.submitting import eventually, submit_until_answered

pytestmark = pytest.mark.long

TOKENS = {
    "duty": "Token-of-the-duty-officer",
    "audit": "Token-of-the-auditor-7741",
    "shop": "Token-of-a-shop-0093",
}
FILLED = {
    "{code}": "INTAKE-EMPTY",
    "{name}": "console.css",
    "{path}": "checkpoint",
    "{platform}": "none",
    "{order}": "1",
    "{list}": "1",
    "{case}": "1",
    "{id}": "1",
    "{identifier}": "1",
}
ASKED = {
    "GET /v1/items": "?q={tracking}",
    "GET /console/search": "?q={tracking}",
    "GET /v1/partners/{partner}/items": "?state=accepted",
    "GET /console/partners/{partner}/items": "?state=accepted",
    "GET /v1/statistics": "?by=country",
    "GET /v1/dead-letters/items": "?kind=record",
    "GET /v1/quality": "?month=2026-11",
}
ENDLESS = "GET /v1/events"
HELD = {"GET /v1/items/{tracking}/bundle", "GET /console/items/{tracking}/proof"}


def ask(party, path, token, body=None):
    """Ask; return status and answer."""
    headers = {"Authorization": f"Bearer {TOKENS[token]}"}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(party.url + path, data=data, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as reply:
            return reply.status, reply.read().decode("utf-8", "replace")
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def persons_of(message):
    """Return names, streets, postcodes, telephones and addresses of mail that a supplement states."""
    held = json.loads(message.raw)
    found = set()
    for item in held["items"]:
        for role in ("sender", "addressee"):
            party = item.get(role, {})
            address = party.get("address", {})
            said = [party.get(one) for one in ("name", "telephone", "email")]
            said += [address.get(one) for one in ("lines", "postcode")]
            found |= {one for one in said if one}
    return found


@pytest.fixture(scope="module", name="stage")
def _stage(tmp_path_factory):
    """Two gateways with tokens, between which items with known persons have gone; persons and numbers."""
    parties = make_parties(tmp_path_factory.mktemp("masked"), packaged_agreements())
    for one in parties:
        tokens = one.folder / "tokens"
        tokens.write_text("".join(f"{who} {token}\n" for who, token in TOKENS.items()))
        tokens.chmod(0o600)
        set_up(one, {"http": {"token_file": "tokens", "operators": ["duty"], "auditors": ["audit"]}})
    here, there = parties
    messages = list(generate(5, 3, destinations=["NL"]))
    persons = set().union(*(persons_of(one) for one in messages if one.adapter == "supplement"))
    numbers = [
        item["tracking_number"]
        for one in messages
        if one.adapter == "supplement"
        for item in json.loads(one.raw)["items"]
    ]
    with running(parties):
        for message in messages:
            submit_until_answered(here.url, message, token=TOKENS["shop"])
        eventually(lambda: ask(there, f"/v1/received/{numbers[0]}", "duty")[0] == 200)
        yield here, there, persons, numbers


def paths(party, other, number):
    """Yield every route of the table that reads, with its path for an item."""
    for route in sorted(permissions().of_routes):
        method, _, pattern = route.partition(" ")
        if method != "GET" or route == ENDLESS or route in HELD:
            continue
        path = pattern + ASKED.get(route, "")
        known = {"{tracking}": number, "{partner}": other, "{us}": party.organisation, **FILLED}
        for name, value in known.items():
            path = path.replace(name, urllib.parse.quote(value, safe=""))
        assert "{" not in path, route
        yield route, path


def test_no_route_that_reads_tells_a_person(stage) -> None:
    """No route of the table, pages too, answers a name, street, postcode or telephone at either end."""
    here, there, persons, numbers = stage
    assert len(persons) > 10
    answered, told = set(), []
    for party, other in ((here, there), (there, here)):
        for token in ("duty", "audit", "shop"):
            for route, path in paths(party, other.organisation, numbers[0]):
                status, text = ask(party, path, token)
                assert status < 500, path
                answered |= {route} if status == 200 else set()
                plain = html.unescape(text)
                if text.startswith(("{", "[")):
                    plain += json.dumps(json.loads(text), ensure_ascii=False)
                told += [(route, token, one) for one in persons if one in plain]
    assert not told
    for route in ("/v1/items/{tracking}", "/v1/items/{tracking}/trace", "/v1/received/{tracking}"):
        assert f"GET {route}" in answered
    assert "GET /console/items/{tracking}" in answered
    assert len(answered) > 30


def test_who_gives_a_reason_sees_them_and_is_entered_first(stage) -> None:
    """Operators and auditors see the persons; the log has who, of what and why, but no person."""
    here, there, persons, numbers = stage
    for party, token in ((here, "duty"), (there, "audit")):
        why = f"asked by the court, {token}"
        status, text = ask(party, f"/v1/items/{numbers[0]}/reveal", token, {"reason": why})
        assert status == 200
        assert sum(one in json.dumps(json.loads(text), ensure_ascii=False) for one in persons) > 3
        assert not json.loads(text)["masked"]
        acts = entered(party)
        assert [(act["what"], act["actor"], act["reason"]) for act in acts[-1:]] == [
            ("item.reveal", token, why)
        ]
        assert acts[-1]["about"].startswith(("item ", "received "))
        assert not [one for one in (*persons, numbers[0]) if one in json.dumps(acts, ensure_ascii=False)]


def test_a_proof_is_entered_and_a_submitter_gets_neither(stage) -> None:
    """A bundle leaves an entry behind; a submitter is refused, which is entered as denied."""
    here, _, _, numbers = stage
    assert ask(here, f"/v1/items/{numbers[0]}/bundle", "audit")[0] == 200
    assert (entered(here)[-1]["what"], entered(here)[-1]["actor"]) == ("item.proof", "audit")
    for path, body in (
        (f"/v1/items/{numbers[0]}/reveal", {"reason": "why"}),
        (f"/v1/items/{numbers[0]}/bundle", None),
    ):
        assert ask(here, path, "shop", body)[0] == 403
        assert (entered(here)[-1]["what"], entered(here)[-1]["actor"]) == ("denied items.reveal", "shop")


@pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": "why", "more": 1}, []])
def test_without_a_reason_nobody_is_shown(stage, body) -> None:
    """A request without a reason in words is refused with what it lacks."""
    here, _, persons, numbers = stage
    status, text = ask(here, f"/v1/items/{numbers[1]}/reveal", "duty", body)
    assert (status, json.loads(text)["findings"][0]["code"]) == (422, "ACCESS-REASON")
    assert not [one for one in persons if one in text]


def test_the_command_line_reveals_by_the_same_way(stage) -> None:
    """`gateway remote reveal` tells the fields with the persons, `timeline` tells none."""
    here, _, persons, numbers = stage
    token = here.folder / "duty-token"
    token.write_text(TOKENS["duty"])
    token.chmod(0o600)
    there = [sys.executable, "-m", "gateway", "remote", "--url", here.url, "--token-file", token]
    shown = subprocess.run(
        [*there, "reveal", numbers[2], "--reason", "a complaint"], capture_output=True, check=True
    )
    assert sum(one in shown.stdout.decode() for one in persons) > 3
    masked = subprocess.run([*there, "timeline", numbers[2], "--json"], capture_output=True, check=True)
    assert not [one for one in persons if one in masked.stdout.decode()]
    assert entered(here)[-1]["reason"] == "a complaint"


def entered(party):
    """Return the acts in the order of their entries."""
    database = party.folder / "data" / "gateway.sqlite"
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        rows = connection.execute("select statement from decision order by id").fetchall()
    return [json.loads(row[0]) for row in rows]
