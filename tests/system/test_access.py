# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Two submitters, an operator and an auditor ask one running gateway, and each sees what its role may."""

import json
import urllib.error
import urllib.request

import pytest

from gateway.demo.stage import make_parties, packaged_agreements, running, set_up
from gateway.sample import generate
from tests.system.submitting import submit, submit_until_answered

TOKENS = {name: name.ljust(24, "-") for name in ("post", "platform", "duty", "audit")}


@pytest.fixture(scope="module", name="stage")
def _stage(tmp_path_factory):
    """A gateway that has taken lists from one submitter and waybills of the same items from another."""
    here, _ = make_parties(tmp_path_factory.mktemp("access"), packaged_agreements())
    tokens = here.folder / "tokens"
    tokens.write_text("".join(f"{who} {token}\n" for who, token in TOKENS.items()))
    tokens.chmod(0o600)
    set_up(here, {"http": {"token_file": "tokens", "operators": ["duty"], "auditors": ["audit"]}})
    with running([here]):
        for message in generate(3, 2, destinations=["NL"]):
            who = "post" if "603" in message.name else "platform"
            submit_until_answered(here.url, message, token=TOKENS[who])
        yield here


def ask(party, path, who, method="GET"):
    """Return status and answer of a question."""
    headers = {"Authorization": f"Bearer {TOKENS[who]}"}
    request = urllib.request.Request(party.url + path, headers=headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as reply:
            return reply.status, json.load(reply)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def numbers(party):
    """Return the numbers that the operator finds waiting or leaving."""
    _, told = ask(party, "/v1/waiting", "duty")
    found = set()
    for group in told:
        query = f"channel={group['channel']}&missing={','.join(group['missing'])}"
        found |= {
            one["tracking_number"] for one in ask(party, f"/v1/waiting/items?{query}", "duty")[1]["rows"]
        }
    for partner in ask(party, "/v1/board", "duty")[1]["partners"]:
        for state in ("ready", "batched", "waiting"):
            _, page = ask(party, f"/v1/partners/{partner['partner']}/items?state={state}", "duty")
            found |= {one["tracking_number"] for one in page.get("rows", ())}
    return sorted(found)


def test_a_submitter_sees_its_own_messages_alone(stage) -> None:
    """Of an item that two submitters spoke of each sees its own messages, and no merged record."""
    (number, *_) = numbers(stage)
    status, full = ask(stage, f"/v1/items/{number}", "audit")
    assert status == 200
    assert full["item"]
    seen = []
    for who in ("post", "platform"):
        status, own = ask(stage, f"/v1/items/{number}", who)
        assert status == 200
        assert (own["item"], own["provenance"], own["shares"]) == (None, {}, [])
        assert own["state"] == full["state"]
        seen.append({one["message"] for one in own["sources"]})
    assert seen[0].isdisjoint(seen[1])
    assert seen[0] | seen[1] == {one["message"] for one in full["sources"]}
    assert all(seen)


def test_a_submitter_asks_nothing_else(stage) -> None:
    """Lists, boards, logs and figures are refused to a submitter and given to operator and auditor."""
    for path in (
        "/v1/board",
        "/v1/items?q=LX",
        "/v1/waiting",
        "/v1/log",
        "/v1/statistics",
        "/v1/enterprises",
    ):
        status, told = ask(stage, path, "post")
        assert (status, told["findings"][0]["code"]) == (403, "WEB-FORBIDDEN"), path
        for who in ("duty", "audit"):
            assert ask(stage, path, who)[0] != 403, (path, who)


def test_an_auditor_changes_nothing(stage) -> None:
    """An auditor neither submits nor replays nor tests a way; an operator may."""
    assert submit(stage.url, b"<nothing/>", token=TOKENS["audit"]).status == 403
    assert submit(stage.url, b"<nothing/>", token=TOKENS["duty"]).status == 422
    for path in ("/v1/dead-letters/message:1/replay", "/v1/partners/customs-xx/test"):
        assert ask(stage, path, "audit", "POST")[1]["findings"][0]["code"] == "WEB-FORBIDDEN"
        assert ask(stage, path, "duty", "POST")[0] in (404, 422)
