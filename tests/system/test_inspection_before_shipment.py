# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Inspection before shipment, relied on by the partner: two real gateways, HTTP, gRPC and command line."""

import json
import os
from datetime import UTC, date, datetime, timedelta

import grpc
import pytest

from gateway.demo.stage import HERE, THERE, make_parties, running, set_up
from gateway.wire.v1 import controls_pb2 as wire
from tests.control_stage import PICTURE, RULES, departure, manifest, result_of, seals, terms
from tests.list_traffic import Parcel, Traffic
from tests.system.node_faces import call, codes, command, post
from tests.system.submitting import ask, eventually, settled, submit

CHAPTERS = {"95": "9503008900", "61": "6109100010"}


@pytest.fixture(scope="module", name="stage")
def _stage(tmp_path_factory):
    """Two running gateways: one whose offices inspect before shipment, one that relies on them by rules."""
    agreements = [
        terms(HERE, THERE, "item", 'destinations = ["DE"]'),
        terms(HERE, THERE, "control", 'destinations = ["DE"]'),
        terms(THERE, HERE, "assessment", 'about = "received"'),
        terms(THERE, HERE, "control", 'about = "received"'),
    ]
    parties = make_parties(tmp_path_factory.mktemp("inspection"), agreements)
    here, there = parties
    offices = {"offices": ["22", "5165"], "recorders": ["local", "grpc"], "pilot": "packaged"}
    set_up(here, {"inspection": offices, "batch": {"linger_ms": 1}})
    (there.folder / "rules.toml").write_text(RULES)
    key = there.folder / "sample.key"
    key.write_bytes(os.urandom(32))
    key.chmod(0o600)
    rules = {"recognition": "rules.toml", "sample_key": "sample.key", "offices": ["NL"]}
    set_up(there, {"inspection": rules, "batch": {"linger_ms": 1}})
    with running(parties):
        yield parties


def declared(stage, first, chapter="95"):
    """Declare an item for export; return its number once the partner has it."""
    here, there = stage
    one = Parcel(first, True, date(2026, 11, 20), "9610", "5165", "304", "1.00000")
    one.lines = [(CHAPTERS[chapter], "142", "9.00")]
    traffic = Traffic(first)
    assert submit(here.url, traffic._message("CEB603", [traffic._list(one, 1)])).outcome == "accepted"
    eventually(lambda: settled(here.url) and ask(there.url, f"/v1/received/{one.tracking}"))
    return one.tracking


def sheet(party, number, ready):
    """Return what a party knows of the controls of an item, as soon as it is what is waited for."""
    return eventually(lambda: (found := ask(party.url, f"/v1/controls/{number}")) and ready(found) and found)


def decided(party, number):
    """Return what a party decided about the last control that it received of an item."""
    found = sheet(party, number, lambda one: any("decisions" in each for each in one.get("received", ())))
    return found["received"][-1], found["received"][-1]["decisions"][-1]


def test_control_before_consolidation_is_relied_on_by_the_partner(stage):
    """Recorded, consolidated and released: the partner shows by whom, when, on what proof, and accepts."""
    here, there = stage
    number = declared(stage, 7000)
    said = result_of(
        number, seals=seals(S1="affixed"), pictures=[{"digest": PICTURE, "media_type": "image/png"}]
    )
    status, kept = post(here, "/v1/controls", said)
    assert (status, kept["version"], kept["stage"], kept["actor"]) == (
        201,
        1,
        "before_consolidation",
        "local",
    )
    assert post(here, "/v1/controls", said)[1] == kept
    assert (
        submit(here.url, manifest(number, "78400007000", "20261121103000", "MAN7000")).outcome == "accepted"
    )
    left = datetime.now(UTC) - timedelta(seconds=1)
    assert submit(here.url, departure(number, left, "DEP7000")).outcome == "accepted"

    (listed,) = ask(here.url, "/v1/controls?bill=78400007000")
    assert "master bill 78400007000" in command(here, "control", "list", "--bill", "78400007000")
    assert (listed["control"]["reference"], listed["bills"]) == (said["reference"], ["78400007000"])
    received, decision = decided(there, number)
    control, proof = received["control"], received["proof"]
    assert (received["partner"], control["office"], control["method"]) == (HERE, "2244", "scan")
    assert datetime.fromisoformat(control["at"]) == datetime.fromisoformat(said["at"])
    assert (control["result"], control["stage"]) == ("satisfactory", "before_consolidation")
    assert (control["seals"], control["pictures"]) == (said["seals"], said["pictures"])
    assert (decision["decision"], decision["rule"]) == ("accept", "SCANS")
    assert proof["log"] == f"{THERE}/{HERE}"
    (record,) = [
        one for one in ask(there.url, f"/v1/received/{number}") if one["channel"].endswith("/control")
    ]
    assert (record["batch_id"], record["log_index"]) == (proof["batch_id"], proof["log_index"])
    words = command(there, "control", "show", number)
    assert f"controlled by 2244 of {HERE} at" in words
    assert proof["statement_sha256"] in words

    answered = sheet(here, number, lambda one: one.get("answers"))
    (answer,) = answered["answers"]
    assert (answer["partner"], answer["decision"], answer["rule"]) == (THERE, "accept", "SCANS")
    assert [one["bill"] for one in answered["consolidations"]] == ["78400007000"]
    assert answered["steps"]["departed_at"]
    report = json.loads(command(there, "audit", "fsck", "--json"))
    assert report["findings"] == []


def test_sampled_control_is_compared_with_the_partners_own(stage):
    """A sample is drawn, the partner controls again, agrees or not, and both sides can count it."""
    here, there = stage
    for first, found in ((7100, "satisfactory"), (7101, "discrepancy")):
        number = declared(stage, first, "61")
        assert post(here, "/v1/controls", result_of(number, method="physical"))[0] == 201
        _, decision = decided(there, number)
        assert (decision["decision"], decision["rule"]) == ("sample", "TEXTILES")
        assert 0 <= decision["draw"] < 10_000
        own = {"reference": f"NL-{first}", "office": "NL000432", "result": found, "method": "physical"}
        own |= {"at": datetime.now(UTC).isoformat()}
        if found == "satisfactory":
            status, done = post(there, "/v1/controls", result_of(number) | own)
            assert (status, done["actor"]) == (201, "local")
        else:
            options = [text for key, value in own.items() for text in (f"--{key}", value)]
            done = json.loads(command(there, "control", "record", "--number", number, *options, "--json"))
            assert done["actor"] == "command line"
        assert done["stage"] == "import"
        outcome = "agreed" if found == "satisfactory" else "disagreed"
        again = sheet(here, number, lambda one: any("outcome" in each for each in one.get("answers", ())))
        assert [(one["decision"], one["outcome"], one["later_control"]) for one in again["answers"]] == [
            ("sample", outcome, f"NL-{first}")
        ]
    asked = f"/v1/controls-recognised?partner={HERE}&from=2026-01-01&by=rule"
    (textiles,) = [one for one in ask(there.url, asked)["rows"] if one["by"] == {"rule": "TEXTILES"}]
    assert [textiles[f"sampled{one}"] for one in ("", "_agreed", "_disagreed", "_open")] == [2, 1, 1, 0]
    ours = ask(here.url, f"/v1/controls-recognised?side=ours&partner={THERE}&from=2026-01-01")
    assert [ours["total"][f"sampled{one}"] for one in ("", "_agreed", "_disagreed")] == [2, 1, 1]
    replayed = json.loads(command(there, "control", "decide", "--replay", "--json"))
    assert replayed["compared"] >= 2
    assert replayed["differences"] == []
    assert HERE in command(there, "control", "recognition", "--from", "2026-01-01", "--partner", HERE)


def test_control_after_departure_or_with_a_broken_chain_does_nothing(stage):
    """Findings name what is wrong, and neither record, share nor anything at the partner comes of it."""
    here, there = stage
    number = declared(stage, 7200)
    good = result_of(number, seals=seals(A1="affixed"))
    assert post(here, "/v1/controls", good)[0] == 201
    decided(there, number)
    sheet(here, number, lambda one: one.get("answers"))
    before = ask(here.url, "/v1/ledger")["counts"], ask(here.url, f"/v1/controls/{number}")
    later = {"at": "2026-11-20T11:00:00+08:00"}
    for wrong, code in (
        ({"seals": seals(B9="intact", A1="intact")}, "CONTROL-SEAL-CHAIN"),
        ({}, "CONTROL-SEAL-UNNAMED"),
        ({"seals": seals(A1="broken")}, "CONTROL-SEAL-BROKEN"),
        ({"seals": seals(A1="replaced", A2="affixed")}, "CONTROL-SEAL-BROKEN"),
        ({"seals": seals(A1="intact"), "at": "2026-11-20T08:00:00+08:00"}, "CONTROL-ORDER"),
        ({"seals": seals(A1="intact"), "at": "2099-01-01T00:00:00Z"}, "CONTROL-TIME"),
        ({"seals": seals(A1="intact"), "office": "5301"}, "CONTROL-OFFICE"),
    ):
        answer = post(here, "/v1/controls", result_of(number, 2, **later | wrong))
        assert (answer[0], code in codes(answer)[1]) == (422, True), answer
    assert (ask(here.url, "/v1/ledger")["counts"], ask(here.url, f"/v1/controls/{number}")) == before
    assert submit(here.url, departure(number, datetime.now(UTC), "DEP7200")).outcome == "accepted"
    late = post(here, "/v1/controls", result_of(number, 2, seals=seals(A1="intact"), **later))
    assert codes(late) == (422, ["CONTROL-AFTER-DEPARTURE"])
    assert codes(post(here, "/v1/controls", good | {"text": "edited"})) == (
        422,
        ["CONTROL-EXISTS", "CONTROL-AMENDED-LATE"],
    )
    amended = good | {"amend": True, "result": "discrepancy", "seals": seals(A1="affixed")}
    status, kept = post(here, "/v1/controls", amended)
    assert (status, [one["code"] for one in kept["findings"]]) == (201, ["CONTROL-AMENDED-LATE"])
    found = sheet(there, number, lambda one: len(one["received"]) == 2 and "decisions" in one["received"][1])
    assert [one["decisions"][-1]["decision"] for one in found["received"]] == ["replaced", "ignore"]
    again = sheet(here, number, lambda one: one["answers"][-1]["decision"] == "ignore")
    assert [one["version"] for one in again["own"]] == [1, 2]


def test_grpc_does_the_same(stage):
    """Record, show, list, decide and count over gRPC."""
    here, there = stage
    number = declared(stage, 7400)
    said = _wire(result_of(number, seals=seals(G1="affixed"), pictures=[{"digest": PICTURE}]))
    done = call(here, "Controls", "Record", wire.RecordControlRequest(result=said), wire.ControlVersion)
    assert (done.version, done.actor, done.stage, list(done.result.seals)) == (
        1,
        "grpc",
        "before_consolidation",
        list(said.seals),
    )
    decided(there, number)
    asked = wire.ShowControlsRequest(tracking_number=number)
    found = call(there, "Controls", "Show", asked, wire.ControlSheet)
    (received,) = found.received
    assert (received.control.office, received.decisions[0].decision) == ("2244", "accept")
    assert received.proof.log == f"{THERE}/{HERE}"
    listed = call(here, "Controls", "List", wire.ListControlsRequest(), wire.ControlList)
    assert number in [one.result.tracking_number for one in listed.versions]
    counted = wire.CountRecognitionsRequest(by="decision")
    with pytest.raises(grpc.RpcError) as raised:
        call(there, "Controls", "Recognition", counted, wire.RecognitionCounts)
    assert raised.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    counted = wire.CountRecognitionsRequest(by="partner,office")
    figures = call(there, "Controls", "Recognition", counted, wire.RecognitionCounts)
    assert figures.total.received >= 1
    assert {one.by["partner"] for one in figures.rows} == {HERE}
    with pytest.raises(grpc.RpcError) as raised:
        call(there, "Controls", "Record", wire.RecordControlRequest(result=said), wire.ControlVersion)
    assert raised.value.code() is grpc.StatusCode.PERMISSION_DENIED
    decide = wire.DecideControlsRequest(tracking_number=number)
    with pytest.raises(grpc.RpcError) as raised:
        call(here, "Controls", "Decide", decide, wire.ControlSheet)
    assert raised.value.code() is grpc.StatusCode.INVALID_ARGUMENT


def _wire(said):
    """Return a result as a message."""
    return wire.ControlResult(**said)
