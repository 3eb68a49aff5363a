# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""A running gateway that holds persons in controls, returns and items tells none of them by any question."""

import json
from urllib.parse import quote

import pytest

from gateway.model import MASK
from gateway.sample import generate
from gateway.web.description import description
from gateway.wire.v1 import controls_pb2, returns_pb2
from tests.control_stage import result_of
from tests.system.described_node import LISTED, asked, described_node, with_examples
from tests.system.node_faces import call

pytestmark = pytest.mark.long

NAME = "Quillonby Zaepfelstedt"
PROVED = "/v1/items/{tracking}/bundle"
QUANTITY = {"value": "1", "unit": "H87"}


@pytest.fixture(scope="module", name="stage")
def _stage(tmp_path_factory):
    """A node in use, with persons in the words of a control and of a return; its routes, and the persons."""
    persons = {NAME}
    for one in generate(5, 3, destinations=["NL"]):
        if one.adapter == "supplement":
            parties = [
                item[role] for item in json.loads(one.raw)["items"] for role in ("sender", "addressee")
            ]
            persons |= {said["name"] for said in parties if "name" in said}
    with described_node(tmp_path_factory.mktemp("masked")) as here:
        document = with_examples(here, json.loads(description()))
        control = result_of(LISTED, 9, at="2026-11-20T09:00:00+08:00", text=f"a letter to {NAME}")
        status, kept = asked(here, "/v1/controls", control)
        assert (status, kept["text"]) == (201, MASK)
        (account,) = {
            one["list_number"] for one in asked(here, "/v1/returns?state=waiting")[1][0]["candidates"]
        }
        line = {"line": 1, "quantity": QUANTITY, "legal": QUANTITY}
        claim = {"lines": [line], "office": "5165", "list_number": account, "reason": f"refused by {NAME}"}
        status, case = asked(here, "/v1/returns", {"number": "R-9", "claim": claim})
        assert (status, case["claim"]["reason"]) == (201, MASK)
        yield here, list(_questions(document, case)), persons, case


def _questions(document, case):
    """Yield every route that reads with a path that finds something, and those of what was just entered."""
    for path, operations in document["paths"].items():
        if "get" not in operations or path == PROVED:
            continue
        filled, words = path, []
        for one in operations["get"].get("parameters", ()):
            value = quote(str(one.get("example", "")), safe="")
            if one["in"] == "path":
                filled = filled.replace(f"{{{one['name']}}}", value)
            elif "example" in one:
                words.append(f"{one['name']}={value}")
        yield path, filled + ("?" + "&".join(words) if words else "")
    yield "/v1/returns/{case}", f"/v1/returns/{case['id']}"
    yield "/v1/items/{tracking}/trace", f"/v1/items/{LISTED}/trace"
    yield "/v1/items/{tracking}/trace", f"/v1/items/{case['original_tracking_number']}/trace"


def test_no_question_over_http_tells_a_person(stage) -> None:
    """Of all routes that read, asked about what is there, none answers a name."""
    here, questions, persons, _ = stage
    assert len(persons) > 3
    told, good = [], set()
    for route, path in questions:
        if route == "/metrics":
            continue
        status, answer = asked(here, path)
        text = json.dumps(answer, ensure_ascii=False)
        good |= {route} if status == 200 else set()
        told += [(path, one) for one in persons if one in text]
    assert not told
    assert {"/v1/controls", "/v1/controls/{tracking}", "/v1/returns", "/v1/returns/{case}"} <= good
    assert {"/v1/items/{tracking}", "/v1/items/{tracking}/trace", "/v1/received/{tracking}"} <= good
    assert len(good) > 25


def test_the_trace_of_an_item_holds_the_masks_of_its_acts(stage) -> None:
    """The words of a control and of a return stand masked in the trace, and as they are once revealed."""
    here, _, _, case = stage
    trace = asked(here, f"/v1/items/{LISTED}/trace")[1]
    assert MASK in [one.get("text") for one in trace["controls"]["own"]]
    shown = asked(here, f"/v1/items/{LISTED}/reveal", {"reason": "the letter is asked for"})[1]
    assert f"a letter to {NAME}" in [one.get("text") for one in shown["controls"]["own"]]
    number = case["original_tracking_number"]
    masked = asked(here, f"/v1/items/{number}/trace")[1]["returns"]
    whole = asked(here, f"/v1/items/{number}/reveal", {"reason": "who sent it back?"})[1]["returns"]
    assert [one["claim"]["reason"] for one in masked if one["id"] == case["id"]] == [MASK]
    assert [one["claim"]["reason"] for one in whole if one["id"] == case["id"]] == [f"refused by {NAME}"]


def test_grpc_tells_no_person(stage) -> None:
    """Controls and returns have the same masks over gRPC, shown and listed."""
    here, _, persons, case = stage
    asked_for = controls_pb2.ShowControlsRequest(tracking_number=LISTED)
    sheet = call(here, "Controls", "Show", asked_for, controls_pb2.ControlSheet)
    listed = call(here, "Controls", "List", controls_pb2.ListControlsRequest(), controls_pb2.ControlList)
    one = returns_pb2.ShowReturnRequest(case=case["id"])
    shown = call(here, "Returns", "Show", one, returns_pb2.ReturnList)
    page = call(here, "Returns", "List", returns_pb2.ListReturnsRequest(), returns_pb2.ReturnList)
    assert MASK in [each.result.text for each in sheet.own]
    assert MASK in [each.result.text for each in listed.versions]
    assert shown.cases[0].claim.reason == MASK
    raw = b"".join(one.SerializeToString() for one in (sheet, listed, shown, page))
    assert not [each for each in persons if each.encode() in raw]
