# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What an operator's console asks of a running gateway, after two of them have exchanged records."""

import json
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import quote

import pytest

from gateway.demo.stage import HERE, THERE, make_parties, packaged_agreements, running
from gateway.sample import generate
from tests.described import departures
from tests.system.submitting import ask, eventually, settled, submit, submit_until_answered

LISTS = 30
SAMPLES = Path(__file__).parents[2] / "adapters" / "gacc_ceb" / "samples"
LISTED, LIST_NUMBER = "LX473124829CN", "51652026E000000001"
PLACE = ("channel", "sequence", "position", "share")


@pytest.fixture(scope="module", name="stage")
def _stage(tmp_path_factory):
    """Two gateways that have exchanged items; some wait for a supplement that has not come."""
    parties = make_parties(tmp_path_factory.mktemp("console"), packaged_agreements())
    with running(parties):
        here, there = parties
        for message in generate(5, LISTS, destinations=["NL"], fault_rate=0.2):
            submit_until_answered(here.url, message)
        for message in generate(6, 5, destinations=["NL"]):
            if message.adapter != "supplement":
                submit_until_answered(here.url, message)
        for name in ("ceb303", "ceb505", "ceb603"):
            submit(here.url, (SAMPLES / f"{name}.xml").read_bytes())
        submit(here.url, b"<nothing/>")
        eventually(lambda: settled(here.url) and board(here)["accepted"]["count"])
        yield here, there


def board(party, partner=""):
    """Return what the board says of the only partner."""
    (found,) = ask(party.url, "/v1/board")["partners"]
    assert found["partner"] == (partner or (THERE if party.organisation == HERE else HERE))
    return found


def pages(party, path, limit):
    """Return all rows of a list, page by page."""
    rows, after = [], ""
    while True:
        page = ask(party.url, f"{path}{'&' if '?' in path else '?'}limit={limit}&after={after}")
        assert len(page["rows"]) <= limit
        rows += page["rows"]
        after = page["next"]
        if not after:
            return rows


def test_every_number_of_the_board_is_that_of_its_list(stage) -> None:
    """Walking the list behind each number, in small pages or one, gives as many different rows as it says."""
    for party in stage:
        found = board(party)
        for name in ("in", "out", "accepted", "rejected", "ready", "waiting"):
            number = found[name]
            for limit in (7, 500):
                rows = pages(party, number["list"], limit)
                assert len(rows) == number["count"], (party.organisation, name)
                places = [tuple(one.get(key) for key in PLACE) for one in rows]
                assert len(set(places)) == len(rows)


def test_the_board_agrees_with_both_sides(stage) -> None:
    """What one side says was accepted the other side has; rates and ages follow what happened."""
    here, there = (board(one) for one in stage)
    counts = ask(stage[0].url, "/v1/ledger")["counts"]
    assert here["accepted"]["count"] == counts["shares"]["accepted"] > 0
    assert there["in"]["count"] == here["accepted"]["count"] + here["rejected"]["count"]
    assert here["waiting"]["count"] == counts["shares"]["waiting"] > 0
    assert here["oldest_waiting_seconds"] > 0
    assert here["rate_out"] > 0
    assert there["rate_in"] > 0
    assert here["health"] == there["health"] == "ok"


def test_what_waits_is_grouped_by_what_is_missing(stage) -> None:
    """The groups add up to the board, name the missing fields, and lead to their items."""
    here, _ = stage
    groups = ask(here.url, "/v1/waiting")
    assert sum(one["count"] for one in groups) == board(here)["waiting"]["count"]
    for one in groups:
        assert one["missing"]
        path = f"/v1/waiting/items?channel={one['channel']}&missing={','.join(one['missing'])}"
        rows = pages(here, path, 2)
        assert len(rows) == one["count"]
        assert all(row["missing"] == one["missing"] for row in rows)


@pytest.mark.parametrize(
    "path",
    [
        f"/v1/partners/{THERE}/items?state=lost",
        f"/v1/partners/{THERE}/items?limit=501",
        f"/v1/partners/{THERE}/items?limit=x",
        f"/v1/partners/{THERE}/items?after=x",
        f"/v1/partners/{THERE}/items?after=a~1~99999999999999999999",
        "/v1/waiting/items?channel=a&after=~~",
        "/v1/waiting/items",
        "/v1/quality?month=2026-11",
        f"/v1/quality?partner={THERE}&month=9999-12",
    ],
)
def test_a_question_that_makes_no_sense_is_refused(stage, path) -> None:
    """An unknown list, a page too large and a cursor of nobody's are problems with a code, not failures."""
    status, answer = _refused(stage[0], path)
    assert status == 422
    assert answer["findings"][0]["code"] in {"BOARD-QUESTION", "BOARD-CURSOR"}


def _refused(party, path):
    """Return status and problem of a question that is refused."""
    with pytest.raises(urllib.error.HTTPError) as raised:
        urllib.request.urlopen(party.url + path, timeout=20)
    with raised.value as error:
        return error.code, json.load(error)


def _accepted(stage):
    """Return an item that the other side has accepted."""
    return pages(stage[0], board(stage[0])["accepted"]["list"], 1)[0]["tracking_number"]


def test_search_finds_what_an_operator_has_at_hand(stage) -> None:
    """The numbers of item, list and message lead to the item; words that nothing bears lead nowhere."""
    here, _ = stage
    number = _accepted(stage)
    trace = ask(here.url, f"/v1/items/{number}")
    by_number = ask(here.url, f"/v1/items?q={number}")["rows"]
    assert {(one["kind"], one["found_by"]) for one in by_number} == {("item", "tracking_number")}
    (by_list,) = ask(here.url, f"/v1/items?q={LIST_NUMBER}")["rows"]
    assert (by_list["found_by"], by_list["path"]) == ("list_number", f"/v1/items/{LISTED}/trace")
    source = trace["sources"][0]["message_id"]
    (message,) = ask(here.url, f"/v1/items?q={source}")["rows"]
    assert number in message["tracking_numbers"]
    assert message["state"] in {"accepted", "partial"}
    item = trace["item"]
    order = quote(f"{item['platform']['identifier']}|{item['order_number']}")
    (by_order,) = ask(here.url, f"/v1/items?q={order}")["rows"]
    assert (by_order["found_by"], by_order["tracking_number"]) == ("order", number)
    assert ask(here.url, "/v1/items?q=nothing-bears-this") == {"rows": [], "next": ""}


def test_search_by_enterprise_goes_page_by_page(stage) -> None:
    """The customs code of a platform leads to the items of its orders, each once."""
    here, _ = stage
    number = _accepted(stage)
    code = ask(here.url, f"/v1/items/{number}")["item"]["platform"]["identifier"]
    whole = pages(here, f"/v1/items?q={code}", 500)
    small = pages(here, f"/v1/items?q={code}", 3)
    assert [one["item"] for one in small] == [one["item"] for one in whole]
    assert number in {one["tracking_number"] for one in whole}
    assert len({one["item"] for one in whole}) == len(whole)


def test_a_timeline_tells_the_whole_way(stage) -> None:
    """Messages, what left and its receipt stand in order of time; fields have treatment and outcome."""
    here, there = stage
    number = _accepted(stage)
    found = ask(here.url, f"/v1/items/{number}/trace")
    kinds = [one["kind"] for one in found["moments"]]
    assert [one["at"] for one in found["moments"]] == sorted(one["at"] for one in found["moments"])
    assert kinds.count("released") == kinds.count("receipt") == 1
    assert kinds.index("message") < kinds.index("released") < kinds.index("receipt")
    (ways,) = found["fields"]
    assert (ways["partner"], ways["sent"]) == (THERE, True)
    by_path = {one["path"]: one for one in ways["fields"]}
    assert by_path["tracking_number"]["outcome"] == "released"
    assert {"released", "committed", "withheld"} <= {one["outcome"] for one in ways["fields"]}
    theirs = ask(there.url, f"/v1/items/{number}/trace")
    assert [one["kind"] for one in theirs["moments"]] == ["received"]
    assert theirs["trace"] is None
    assert ask(here.url, "/v1/items/NOBODY/trace") is None


def test_the_proof_of_an_item_can_be_fetched_and_checked(stage, tmp_path) -> None:
    """The bundle that a timeline leads to holds when it is checked with the authorities alone."""
    here, _ = stage
    number = _accepted(stage)
    for party in stage:
        path = ask(party.url, f"/v1/items/{number}/trace")["bundle"]
        file = tmp_path / f"{party.organisation}.json"
        eventually(lambda party=party, path=path, file=file: _fetched(party, path, file))
        words = []
        for one in stage:
            authority = tmp_path / f"{one.organisation}.pem"
            shutil.copy(one.folder / "keys" / "ca.pem", authority)
            words += ["--trust", authority]
        done = subprocess.run(
            [sys.executable, "-m", "gateway", "audit", "verify", file, *words, "--json"],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert json.loads(done.stdout)["verdict"] == "good"
    assert ask(here.url, f"/v1/items/{number}/bundle?record=9") is None


def _fetched(party, path, file):
    """Write what is answered to a file; false while the entry is not published yet."""
    try:
        with urllib.request.urlopen(party.url + path, timeout=20) as reply:
            assert reply.headers["X-Gateway-Records"] == "1"
            assert "evidence-" in reply.headers["Content-Disposition"]
            return bool(file.write_bytes(reply.read()))
    except urllib.error.HTTPError as error:
        error.close()
        return False


def test_answers_are_as_they_are_described(stage) -> None:
    """Every answer of these routes, about real records at both ends, holds to the interface description."""
    number = _accepted(stage)
    for party in stage:
        other = board(party)["partner"]
        for path, question in {
            "/v1/board": "",
            "/v1/waiting": "",
            "/v1/items": f"?q={number}",
            "/v1/dead-letters": "",
            "/v1/dead-letters/items": "?kind=message",
            "/v1/partners": "",
            "/v1/partners/{partner}": "",
            "/v1/log": "",
            "/v1/log/{partner}/verify": "",
            "/v1/log/{partner}/entries": "",
            "/v1/events": "",
            "/v1/items/{tracking}/trace": "",
            **{f"/v1/partners/{{partner}}/items?{one}": f"?state={one}" for one in ("in", "out", "waiting")},
        }.items():
            asked = path.partition("?")[0].replace("{partner}", other).replace("{tracking}", number)
            answer = ask(party.url, asked + question)
            assert departures(path.partition("?")[0], answer) == [], path
