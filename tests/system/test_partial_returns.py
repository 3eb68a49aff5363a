# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Partial and repeated returns of a 9810 list by fifty submitters at once, on either database.

The list has three lines of several pieces, with legal quantities that are no whole numbers. Together the
submitters ask for about three times what was exported.
"""

import concurrent.futures
import json
import threading
import urllib.error
import urllib.request
from decimal import Decimal
from random import Random
from typing import NamedTuple

import pytest

from gateway.demo.stage import HERE, Party, make_parties, running, set_up
from tests.list_traffic import Parcel, Traffic
from tests.system.cluster import Cluster
from tests.system.node_faces import command
from tests.system.submitting import eventually, submit
from tests.system.test_returns import EXPORTED, agreements

SUBMITTERS, ROUNDS = 50, 4
FIELDS = ("quantity", "legal", "second")
STEP = Decimal("0.00001")
EXPORT = {
    1: {"quantity": ("120", "H87"), "legal": ("37.5", "KGM")},
    2: {"quantity": ("90", "H87"), "legal": ("90", "H87")},
    3: {"quantity": ("64", "H87"), "legal": ("19.00007", "KGM"), "second": ("64", "H87")},
}
CEB_UNITS = {"H87": "011", "KGM": "035"}
TOKENS = {f"S{number:02}": f"token-of-submitter-{number:04}-0123456789" for number in range(SUBMITTERS)}


class Node(NamedTuple):
    """The address of a gateway, of all its nodes where there are several, and one of them for commands."""

    url: str
    party: Party


@pytest.fixture(
    name="node", params=["sqlite", pytest.param("two_nodes_on_postgresql", marks=pytest.mark.long)]
)
def _node(request, tmp_path):
    """A running gateway that knows fifty submitters by their tokens."""
    party, _ = make_parties(tmp_path, agreements())
    tokens = party.folder / "tokens"
    tokens.write_text("".join(f"{name} {token}\n" for name, token in TOKENS.items()), "utf-8")
    tokens.chmod(0o600)
    settings = {
        "http": {"token_file": "tokens"},
        "returns": {"rules": "packaged", "deciders": list(TOKENS)},
    }
    set_up(party, settings)
    if request.param == "sqlite":
        with running([party]):
            yield Node(party.url, party)
        return
    server = request.getfixturevalue("postgres")
    url = server.migrated()
    nodes = Cluster(party, url, 2, {})
    with nodes.running():
        yield Node(nodes.url, nodes.nodes[0])
    server.give_back(url)


def asked(node, name, path, body=None):
    """Ask, or post, as a submitter; return status and JSON."""
    request = urllib.request.Request(
        node.url + path,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {TOKENS[name]}", "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as reply:
            return reply.status, json.load(reply)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def exported(node):
    """Export the three lines on one list of 9810, and wait until it is known."""
    one = Parcel(8101, True, EXPORTED, "9810", "5165", "304", "80.00000")
    one.lines = [("9503008900", "142", "40.00")] * len(EXPORT)
    traffic = Traffic(8101)
    raw = traffic._message("CEB603", [traffic._list(one, 1)]).decode()
    head, *lines = raw.split("<ceb:InventoryList>")
    for place, (number, amounts) in enumerate(EXPORT.items()):
        said = {name: (value, CEB_UNITS[unit]) for name, (value, unit) in amounts.items()}
        (first, own), (legal, other) = said["quantity"], said["legal"]
        second, third = said.get("second", ("", ""))
        stated = (
            f"<ceb:qty>{first}</ceb:qty><ceb:qty1>{legal}</ceb:qty1>"
            + (f"<ceb:qty2>{second}</ceb:qty2>" if second else "")
            + f"<ceb:unit>{own}</ceb:unit><ceb:unit1>{other}</ceb:unit1>"
            + (f"<ceb:unit2>{third}</ceb:unit2>" if third else "")
        )
        before, _, rest = lines[place].partition("<ceb:qty>")
        after = rest.partition("</ceb:unit1>")[2]
        price = f"{Decimal(40) / Decimal(first):.4f}"
        after = after.replace("<ceb:price>40.00<", f"<ceb:price>{price}<")
        assert f"<ceb:gnum>{number}<" in before
        lines[place] = before + stated + after
    raw = "<ceb:InventoryList>".join((head, *lines)).encode()
    answer = submit(node.url, raw, adapter="gacc_ceb", token=TOKENS["S00"])
    assert answer.outcome == "accepted", answer.body.decode()
    eventually(lambda: asked(node, "S00", f"/v1/items/{one.tracking}")[0] == 200)
    return one


def claim(one, parts):
    """Return a return of parts of lines, each with all the quantities that were exported."""
    lines = [
        {"line": number}
        | {name: {"value": f"{value:f}", "unit": EXPORT[number][name][1]} for name, value in amounts.items()}
        for number, amounts in sorted(parts.items())
    ]
    return {"lines": lines, "office": "5165", "list_number": one.list_number}


def parts(random):
    """Return what one return brings back: one to three lines, some pieces and some of their mass."""
    chosen = {}
    for number in random.sample(sorted(EXPORT), random.randint(1, len(EXPORT))):
        pieces = Decimal(random.randint(1, 5))
        chosen[number] = {"quantity": pieces}
        for name in FIELDS[1:]:
            if name in EXPORT[number]:
                whole = EXPORT[number][name][1] == "H87"
                chosen[number][name] = pieces if whole else STEP * random.randint(1, 180_000)
    return chosen


def account(node, one):
    """Return the account by line and field: original, drawn and left."""
    status, lines = asked(node, "S00", f"/v1/returns/accounts/{one.list_number}")
    assert status == 200
    return {
        (each["line"], name): tuple(Decimal(each[name][what]) for what in ("original", "drawn", "left"))
        for each in lines
        for name in FIELDS
    }


def come_back(node, one, name):
    """Return parts again and again as one submitter, each said twice; give back what was answered to each."""
    random, answers = Random(name), []
    for number in range(ROUNDS):
        wanted = parts(random)
        body = {"number": f"R{number}", "claim": claim(one, wanted)}
        status, said = asked(node, name, "/v1/returns", body)
        again = asked(node, name, "/v1/returns", body)
        if status == 201:
            assert said["state"] == "drawn"
            assert again[1]["id"] == said["id"]
        else:
            assert (status, again[0]) == (422, 422)
            assert {each["code"] for each in said["findings"]} == {"RETURN-ACCOUNT"}
        answers.append((status == 201, wanted))
    return answers


def watch(node, one, done):
    """Look at the account without a pause until all is done; return every state that was seen."""
    seen = []
    while not done.is_set():
        seen.append(account(node, one))
    return [state for state in seen if state]


def test_partial_returns_of_fifty_submitters_never_overdraw(node) -> None:
    """What was accepted is drawn exactly, what was refused would not fit, and nothing is below zero."""
    one = exported(node)
    gate, done = threading.Barrier(SUBMITTERS), threading.Event()

    def work(name):
        gate.wait(timeout=60)
        return come_back(node, one, name)

    with concurrent.futures.ThreadPoolExecutor(SUBMITTERS + 1) as pool:
        watched = pool.submit(watch, node, one, done)
        try:
            answers = [each for said in pool.map(work, TOKENS) for each in said]
        finally:
            done.set()
    assert len(answers) == SUBMITTERS * ROUNDS
    taken = [wanted for accepted, wanted in answers if accepted]
    refused = [wanted for accepted, wanted in answers if not accepted]
    assert taken
    assert refused
    after = account(node, one)
    stated = [(number, name) for number, amounts in EXPORT.items() for name in amounts]
    for number, name in stated:
        original, drawn, left = after[number, name]
        assert original == Decimal(EXPORT[number][name][0])
        assert drawn == sum(wanted[number][name] for wanted in taken if number in wanted)
        assert drawn + left == original
    seen = watched.result()
    assert any(0 < state[1, "quantity"][1] < after[1, "quantity"][1] for state in seen)
    assert all(state[key][2] >= 0 and state[key][1] <= state[key][0] for state in seen for key in stated)
    for wanted in refused:  # what was left only ever fell, so what did not fit then does not fit now
        assert any(
            wanted[number][name] > after[number, name][2] for number in wanted for name in wanted[number]
        )
    more = the_rest_comes_back(node, one, after)
    nothing_comes_back_any_more(node, one)
    report = json.loads(command(node.party, "audit", "fsck", "--json"))
    assert (report["logs"][f"{HERE}/returns"], report["findings"]) == (len(taken) + more, [])


def the_rest_comes_back(node, one, after):
    """Draw all that is left in one return; say how many returns that took: none if nothing was left."""
    rest = {
        number: {name: after[number, name][2] for name in amounts if after[number, name][2]}
        for number, amounts in EXPORT.items()
        if after[number, "quantity"][2]
    }
    if rest:
        status, said = asked(node, "S00", "/v1/returns", {"number": "REST", "claim": claim(one, rest)})
        assert (status, said["state"]) == (201, "drawn")
    return 1 if rest else 0


def nothing_comes_back_any_more(node, one):
    """Every line is empty: the smallest amount is refused, and all of the stock has been returned."""
    emptied = account(node, one)
    for number, amounts in EXPORT.items():
        assert emptied[number, "quantity"][1] == Decimal(amounts["quantity"][0])
        smallest = claim(one, {number: dict.fromkeys(amounts, STEP)})
        status, said = asked(node, "S00", "/v1/returns", {"number": f"LAST{number}", "claim": smallest})
        assert (status, {each["code"] for each in said["findings"]}) == (422, {"RETURN-ACCOUNT"})
    assert account(node, one) == emptied
    stock = json.loads(command(node.party, "stock", "show", "3301960001", f"SO{one.number}", "--json"))
    returned = {
        line["line"]: (Decimal(line["returned"]), Decimal(line["remaining"])) for line in stock["lines"]
    }
    assert returned == {f"S{number}": (Decimal(said["quantity"][0]), 0) for number, said in EXPORT.items()}
