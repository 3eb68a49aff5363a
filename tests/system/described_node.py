# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""A gateway with every part of its HTTP face in use, with examples of what it holds."""

import contextlib
import copy
import json
import re
import urllib.error
import urllib.request
from datetime import date, timedelta
from pathlib import Path

import msgspec

from gateway.demo.stage import THERE, make_parties, packaged_agreements, running, set_up
from gateway.sample import generate
from tests.control_stage import result_of
from tests.enterprise_stage import code_of, registration
from tests.list_traffic import Parcel, Traffic
from tests.system.submitting import eventually, submit, submit_until_answered
from tests.system.test_b2b_export import message
from tests.system.test_returns import agreements

TOKEN = "operator-token-0123456789"
SAMPLES = Path(__file__).parents[2] / "adapters" / "gacc_ceb" / "samples"
LISTED, PLATFORM, ORDER = "LX473124829CN", "3301960001", "SYS31"
WITHDRAWN = 4  # one for its own question: no version follows a withdrawal, and questions come in any order
BACK = ("RET7001", "RET7002")
NAMES = ["operator"]


JSON = "application/json"
BODIES = {
    ("/v1/enterprises", JSON): json.loads(msgspec.json.encode(registration(2))),
    ("/v1/enterprises/import", JSON): [json.loads(msgspec.json.encode(registration(3)))],
    ("/v1/enterprises/{identifier}/versions", JSON): {
        "valid_from": "2025-01-01",
        "source": "F-2",
        "name": "样例 2",
    },
    ("/v1/enterprises/{identifier}/withdrawal", JSON): {"valid_from": "2026-01-01", "source": "decision D-1"},
    ("/v1/stock/{platform}/{order}", JSON): {
        "reference": "S2",
        "line": "SKU-TS-01",
        "kind": "sold",
        "quantity": "1",
        "unit": "H87",
        "on": "2026-11-20",
        "source": "invoice",
    },
    ("/v1/controls", JSON): result_of(LISTED, 3, at="2026-11-20T03:00:00+08:00"),
    ("/v1/returns/{case}/match", JSON): {"office": "2900", "site": "HZ01"},
    ("/v1/returns/{case}/decision", JSON): {"accept": False, "note": "seen"},
    ("/v1/dead-letters/{id}/replay", JSON): {"reason": "mended"},
}


@contextlib.contextmanager
def described_node(folder, url=""):
    """Run two gateways that have exchanged records of every kind; yields the first, which demands a token."""
    here, there = parties = make_parties(folder, [packaged_agreements()[0], *agreements()[1:]])
    tokens = here.folder / "tokens"
    tokens.write_text(f"operator {TOKEN}\n")
    tokens.chmod(0o600)
    settings = {
        "http": {"token_file": "tokens", "operators": NAMES},
        "enterprises": {"registrars": NAMES},
        "inspection": {"recorders": NAMES, "offices": ["22"]},
        "b2b": {"reporters": NAMES},
        "returns": {"rules": "packaged", "deciders": [*NAMES, "grpc"]},
    }
    set_up(here, settings | ({"database": {"url": url}} if url else {}))
    with running(parties):
        _fill(here, there)
        yield here


def asked(party, path, body=None):
    """Return the status and the JSON of an answer, whatever it is; with a body it is a post."""
    raw = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    request = urllib.request.Request(party.url + path, data=raw, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=20) as reply:
            return reply.status, json.load(reply)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def _fill(here, there):
    """Submit what is good, incomplete and unreadable, and act on each register."""
    for one in generate(5, 3, destinations=["NL"]):
        submit_until_answered(here.url, one, token=TOKEN)
    for one in generate(6, 2, destinations=["NL"]):
        if one.adapter != "supplement":
            submit_until_answered(here.url, one, token=TOKEN)
    for name in ("ceb303", "ceb505", "ceb603"):
        submit(here.url, (SAMPLES / f"{name}.xml").read_bytes(), token=TOKEN)
    submit(here.url, message("ceb603_9810", 31), token=TOKEN)
    submit(here.url, b"<nothing/>", token=TOKEN)
    listed = _listed(here)
    said = {
        "supplement": 1,
        "sender": "SAMPLE-HUB",
        "message_id": "M-1",
        "items": [_back(one, listed) for one in BACK],
    }
    assert submit(there.url, json.dumps(said).encode(), adapter="supplement").outcome == "accepted"
    for path, body in _acts(listed):
        status, answer = asked(here, path, body)
        assert status == 201, (path, answer)
    eventually(lambda: _settled(here))


def _listed(party):
    """Export pieces on a list of their own; return its number."""
    one = Parcel(7001, True, date.today() - timedelta(days=3), "9610", "5165", "304", "1.00000")  # noqa: DTZ011 - the gateways run by the clock of today
    one.lines = [("9503008900", "142", "40.00")]
    traffic = Traffic(7001)
    raw = traffic._message("CEB603", [traffic._list(one, 1)])
    raw = re.sub(rb"(<ceb:qty1?>)1<", rb"\g<1>20<", raw).replace(b"<ceb:price>40.00<", b"<ceb:price>2.00<")
    assert submit(party.url, raw, adapter="gacc_ceb", token=TOKEN).outcome == "accepted"
    return one.list_number


def _back(number, listed):
    """Return an item by which the partner announces that a piece of a list comes back."""
    line = {"number": 1, "hs": "950300", "quantity": {"value": "1", "unit": "H87"}}
    return {
        "tracking_number": number,
        "nature_of_transaction": "21",
        "departure_country": "NL",
        "destination_country": "CN",
        "list_number": listed,
        "content": [line | {"value": {"amount": "5.00", "currency": "EUR"}}],
    }


def _acts(listed):
    """Yield what is entered by hand: path and body."""
    for number in (1, WITHDRAWN):
        yield "/v1/enterprises", json.loads(msgspec.json.encode(registration(number)))
    for place in (1, 2):
        yield "/v1/controls", result_of(LISTED, place, at=f"2026-11-20T0{place}:00:00+08:00")
    sold = {"reference": "S1", "line": "SKU-TS-01", "kind": "sold", "quantity": "1", "unit": "H87"}
    yield f"/v1/stock/{PLATFORM}/{ORDER}", sold | {"on": "2026-11-20", "source": "invoice"}
    yield "/v1/returns", {"number": "R-1", "claim": _claim(listed)}


def _claim(listed):
    """Return what comes back of a list, as the HTTP face takes it."""
    quantity = {"value": "1", "unit": "H87"}
    line = {"line": 1, "quantity": quantity, "legal": quantity}
    return {"lines": [line], "office": "5165", "list_number": listed}


def _settled(party):
    """Say whether what may leave has its receipt, a return of the partner waits, and its proof can be had."""
    (one,) = asked(party, "/v1/board")[1]["partners"]
    sent = one["accepted"]["count"] and one["accepted"]["count"] == one["out"]["count"]
    waiting = asked(party, "/v1/returns?state=waiting")[1]
    return sent and len(waiting) == len(BACK) and asked(party, f"/v1/items/{BACK[0]}/bundle")[0] == 200


def with_examples(party, document):
    """Return a description with examples of what the gateway holds, so that answers hold something."""
    given = copy.deepcopy(document)
    waiting, other = asked(party, "/v1/returns?state=waiting")[1]
    (group, *_) = asked(party, "/v1/waiting")[1]
    (letter, *_) = asked(party, "/v1/dead-letters/items?kind=message")[1]["rows"]
    (accepted, *_) = asked(party, f"/v1/partners/{THERE}/items?state=accepted")[1]["rows"]
    values = {
        "partner": THERE,
        "organisation": THERE,
        "tracking": accepted["tracking_number"],
        "q": accepted["tracking_number"],
        "platform": PLATFORM,
        "order": ORDER,
        "identifier": code_of(1),
        "case": str(waiting["id"]),
        "list": waiting["candidates"][0]["list_number"],
        "id": letter["id"],
        "code": "INTAKE-EMPTY",
        "channel": group["channel"],
        "missing": ",".join(group["missing"]),
        "kind": "message",
        "month": f"{date.today():%Y-%m}",  # noqa: DTZ011 - the gateways run by the clock of today
    }
    special = {
        "/v1/received/{tracking}": {"tracking": BACK[0]},
        "/v1/enterprises/{identifier}/withdrawal": {"identifier": code_of(WITHDRAWN)},
        "/v1/returns/{case}/match": {"case": str(other["id"])},
        "/v1/controls/{tracking}": {"tracking": LISTED},
    }
    for path, operations in given["paths"].items():
        here = values | special.get(path, {})
        for operation in operations.values():
            for one in operation.get("parameters", ()):
                if one["name"] in here:
                    one["example"] = here[one["name"]]
            for kind, body in operation.get("requestBody", {}).get("content", {}).items():
                if (path, kind) in BODIES:
                    body["example"] = BODIES[path, kind]
    claim = {"number": "R-2", "claim": _claim(values["list"])}
    given["paths"]["/v1/returns"]["post"]["requestBody"]["content"][JSON]["example"] = claim
    # Of all that a message may be it is given a JSON object here, one of which some adapter takes.
    message = {"supplement": 1, "sender": "SAMPLE-HUB", "message_id": "M-2", "items": [_back("RET7003", "")]}
    taken = {JSON: {"schema": {"type": "object"}, "example": message}}
    given["paths"]["/v1/messages"]["post"]["requestBody"]["content"] = taken
    return given
