# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""One registration serves all offices, flows and partners: HTTP, gRPC and command line of a real node."""

import concurrent.futures
import hashlib
import json
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import grpc
import pytest

from gateway.demo.stage import HERE, THERE, make_parties, running, set_up
from gateway.wire.v1 import enterprises_pb2 as wire
from tests.enterprise_stage import code_of, registration
from tests.list_traffic import Parcel, Traffic
from tests.partner_messages import AGREEMENT
from tests.system.node_faces import call, codes, command, post
from tests.system.submitting import ask, eventually, revealed, settled, submit

RULES = Path(__file__).parents[2] / "docs" / "examples" / "facilitation_rules.toml"
SELLER = "4403961234"
DAY = date(2026, 11, 20)
OFFICES = ("5165", "2900", "0110")
TERMS = {"version": 1, "until": "2030-01-01T00:00:00Z", "required": "tracking_number", "then": "send"}
FLAGS = """
[[field]]
paths = ["facilitation.simplified", "facilitation.priority_inspection", "facilitation.transfer"]
treatment = "pass"
article = "7"

[[field]]
paths = ["facilitation.reason", "sender.identifier"]
treatment = "commit"
article = "7"
"""


OPEN_FLAGS = """
[[field]]
paths = ["facilitation.simplified", "facilitation.priority_inspection", "facilitation.transfer"]
treatment = "commit"
article = "9"

[[field]]
paths = ["facilitation.reason", "sender.identifier"]
treatment = "pass"
article = "9"
"""
OTHER = "customs-us"


@pytest.fixture(scope="module", name="running_parties")
def _running_parties(tmp_path_factory):
    """Three running gateways; the first has the sample rules and lets gRPC change its register."""
    agreements = [
        AGREEMENT.format(id=id_, sender=HERE, recipient=partner, destination=country, **TERMS) + flags
        for id_, partner, country, flags in (
            ("cn-nl", THERE, "DE", FLAGS),
            ("cn-us", OTHER, "US", OPEN_FLAGS),
        )
    ]
    parties = make_parties(
        tmp_path_factory.mktemp("enterprises"),
        [one.encode() for one in agreements],
        organisations=(HERE, THERE, OTHER),
    )
    register = {"facilitation": str(RULES), "registrars": ["local", "grpc"]}
    set_up(parties[0], {"enterprises": register, "batch": {"linger_ms": 1}})
    set_up(parties[1], {"enterprises": {"registrars": []}})
    with running(parties):
        yield parties


@pytest.fixture(name="stage")
def _stage(running_parties):
    """The first gateway and its first partner."""
    return running_parties[:2]


def form(number, **fields):
    """Return a registration as the HTTP face takes it."""
    one = registration(number)
    return {
        "uscc": one.uscc,
        "customs_code": one.customs_code,
        "name": one.name,
        "roles": list(one.roles),
        "valid_from": "2024-01-01",
        "source": "filing F-1",
    } | fields


def lists(first, amounts):
    """Return one message of B2B lists, each at another office, and the tracking numbers by office."""
    traffic, bodies, numbers = Traffic(first), [], {}
    for place, (office, mode, amount) in enumerate(amounts):
        one = Parcel(first + place, True, DAY, mode, office, "304", "1.00000")
        one.lines = [("9503008900", "142", amount)]
        bodies.append(traffic._list(one, 1))
        numbers[office] = one.tracking
    return traffic._message("CEB603", bodies), numbers


def test_one_registration_serves_every_office_and_the_partner_sees_what_was_agreed(stage) -> None:
    """Registered once: lists of three offices through one intake get flags, the partner the agreed leaves."""
    here, there = stage
    held = form(
        1, customs_code=SELLER, areas=["sample zone"], credit=[{"level": "ordinary", "from": "2024-01-01"}]
    )
    assert post(here, "/v1/enterprises", held)[0] == 201
    raw, numbers = lists(
        9000, [("5165", "9710", "4999.00"), ("2900", "9810", "5000.00"), ("0110", "9610", "5000.01")]
    )
    assert submit(here.url, raw, adapter="gacc_ceb").outcome == "accepted"
    wanted = {"5165": ("yes",) * 3, "2900": ("yes",) * 3, "0110": ("no",) * 3}
    eventually(
        lambda: settled(here.url) and all(ask(there.url, f"/v1/received/{one}") for one in numbers.values())
    )
    for office, number in numbers.items():
        trace = ask(here.url, f"/v1/items/{number}")
        said = trace["item"]["facilitation"]
        assert (said["simplified"], said["priority_inspection"], said["transfer"]) == wanted[office]
        assert ("lacks a value up to RMB 5000" if office == "0110" else "2020/75") in said["reason"]
        assert trace["item"]["declaration_office"] == office
        (received,) = ask(there.url, f"/v1/received/{number}")
        item = received["release"]["item"]
        assert item["facilitation"] == {
            key: said[key] for key in ("simplified", "priority_inspection", "transfer")
        }
        assert "identifier" not in item.get("sender", {})
        committed = {one["path"] for one in received["release"]["commitments"]}
        assert {"facilitation.reason", "sender.identifier", "sender.name"} <= committed
    assert "reason = simplified yes: SIMPLE-B2B" in command(here, "trace", numbers["5165"])
    figures = ask(here.url, "/v1/statistics?by=office&from=2026-11-20&to=2026-11-20")
    assert {one["by"]["office"]: one["items"] for one in figures["rows"]} == dict.fromkeys(OFFICES, 1)


def test_the_same_registration_serves_another_partner_and_an_import(running_parties) -> None:
    """The second partner sees of it what its own agreement says; an import list passes the same intake."""
    here, there, other = running_parties
    held = form(
        40, areas=["sample zone"], credit=[{"level": "ordinary", "from": "2024-01-01"}], roles=["e-commerce"]
    )
    assert post(here, "/v1/enterprises", held)[0] == 201
    traffic, code = Traffic(1), held["customs_code"]
    sold = Parcel(9700, True, DAY, "9710", "5165", "502", "1.00000")
    sold.lines = [("9503008900", "142", "4999.00")]
    bought = Parcel(9701, False, DAY, "9610", "2900", "304", "1.00000")
    bought.lines = [("9503008900", "142", "88.00")]
    for name, one in (("CEB603", sold), ("CEB621", bought)):
        raw = traffic._message(name, [traffic._list(one, 1)]).replace(SELLER.encode(), code.encode())
        assert submit(here.url, raw, adapter="gacc_ceb").outcome == "accepted"
    eventually(lambda: settled(here.url) and ask(other.url, f"/v1/received/{sold.tracking}"))
    said = ask(here.url, f"/v1/items/{sold.tracking}")["item"]["facilitation"]
    assert said["simplified"] == "yes"
    (received,) = revealed(other.url, sold.tracking)["received"]
    item, commitments = received["release"]["item"], received["release"]["commitments"]
    assert item["sender"]["identifier"] == code
    assert item["facilitation"] == {"reason": said["reason"]}
    assert "facilitation.simplified" in {one["path"] for one in commitments}
    assert not ask(there.url, f"/v1/received/{sold.tracking}")
    imported = ask(here.url, f"/v1/items/{bought.tracking}")
    assert imported["item"]["direction"] == "import"
    assert imported["item"]["declaration_office"] == "2900"
    assert "facilitation" not in imported["item"]  # the rules are about exports
    assert imported["shares"] == []


def test_replay_uses_the_register_as_it_was(stage) -> None:
    """After the seller has become dishonest a replay still makes the same records and releases again."""
    here, _ = stage
    form_ = form(20, areas=["sample zone"], credit=[{"level": "ordinary", "from": "2024-01-01"}])
    assert post(here, "/v1/enterprises", form_)[0] == 201
    raw, numbers = lists(9500, [("5165", "9710", "4999.00")])
    raw = raw.replace(SELLER.encode(), form_["customs_code"].encode())
    assert submit(here.url, raw, adapter="gacc_ceb").outcome == "accepted"
    eventually(lambda: settled(here.url))
    worse = {
        "valid_from": "2025-01-01",
        "source": "s",
        "credit": [{"level": "dishonest", "from": "2025-01-01"}],
    }
    assert post(here, f"/v1/enterprises/{code_of(20)}/versions", worse)[0] == 201
    said = ask(here.url, f"/v1/items/{numbers['5165']}")["item"]["facilitation"]
    assert said["simplified"] == "yes"
    done = command(here, "replay", numbers["5165"])
    assert "differs" not in done
    assert "record" in done
    pinned = hashlib.sha256(RULES.read_bytes()).hexdigest()
    assert f"facilitation rules with sha256 {pinned}" in done
    changed = here.folder / "changed_rules.toml"
    changed.write_text(RULES.read_text("utf-8").replace("5000", "4000"), "utf-8")
    config = here.folder / "changed.toml"
    config.write_text(here.config.read_text("utf-8").replace(str(RULES), str(changed)), "utf-8")
    done = command(SimpleNamespace(config=config, folder=here.folder), "replay", numbers["5165"], code=2)
    assert f"changed since: facilitation rules with sha256 {pinned}" in done
    assert "differs" not in done


def test_flags_of_what_nobody_gets_are_shown_to_the_operator(stage) -> None:
    """An item that no agreement lets out shows its flags and reasons by HTTP and on the command line."""
    here, _ = stage
    held = form(60, areas=["sample zone"], credit=[{"level": "ordinary", "from": "2024-01-01"}])
    assert post(here, "/v1/enterprises", held)[0] == 201
    raw, numbers = lists(9800, [("5165", "9710", "4999.00")])
    raw = raw.replace(SELLER.encode(), held["customs_code"].encode()).replace(b">304<", b">601<")
    assert submit(here.url, raw, adapter="gacc_ceb").outcome == "accepted"
    trace = ask(here.url, f"/v1/items/{numbers['5165']}")
    assert trace["shares"] == []
    shown = command(here, "trace", numbers["5165"])
    for flag in ("simplified", "priority_inspection", "transfer"):
        assert trace["item"]["facilitation"][flag] == "yes"
        assert f"{flag} yes: " in trace["item"]["facilitation"]["reason"]
        assert f"{flag} yes: " in shown


def test_acts_over_http_are_dated_and_logged(stage) -> None:
    """Change and withdrawal add versions, a lookup as of a day finds the right one, and all is logged."""
    here, _ = stage
    code = code_of(2)
    assert post(here, "/v1/enterprises", form(2))[1]["actor"] == "local"
    changed = post(
        here, f"/v1/enterprises/{code}/versions", {"valid_from": "2025-01-01", "source": "s", "name": "B"}
    )
    ended = post(here, f"/v1/enterprises/{code}/withdrawal", {"valid_from": "2026-01-01", "source": "s"})
    assert (changed[0], changed[1]["version"], ended[0], ended[1]["state"]) == (201, 2, 201, "withdrawn")
    assert [one["version"] for one in ask(here.url, f"/v1/enterprises/{code}")] == [1, 2, 3]
    assert [one["version"] for one in ask(here.url, f"/v1/enterprises/{code}?on=2025-06-01")] == [2]
    assert ask(here.url, f"/v1/enterprises/{code}?on=2026-06-01") is None
    again = {"valid_from": "2027-01-01", "source": "s", "name": "C"}
    assert codes(post(here, f"/v1/enterprises/{code}/versions", again)) == (422, ["ENTERPRISE-WITHDRAWN"])
    report = json.loads(command(here, "audit", "fsck", "--json"))
    assert report["logs"][f"{HERE}/enterprises"] >= 3
    assert report["findings"] == []


def test_bad_acts_over_http_do_nothing(stage) -> None:
    """Wrong bodies and files are problems with findings, and no enterprise comes of them."""
    here, there = stage
    wrong = form(3, uscc=code_of(3)[:-1] + ("A" if code_of(3)[-1] != "A" else "B"))
    assert codes(post(here, "/v1/enterprises", wrong)) == (422, ["ENTERPRISE-USCC"])
    assert codes(post(here, "/v1/enterprises", form(3, colour="red"))) == (422, ["ENTERPRISE-FORM"])
    assert codes(post(here, "/v1/enterprises", b"{")) == (422, ["ENTERPRISE-FORM"])
    assert codes(post(here, "/v1/enterprises", b"\xff")) == (422, ["ENTERPRISE-FORM"])
    assert codes(post(here, "/v1/enterprises/import", [form(3), form(4, roles=["x"])])) == (
        422,
        ["ENTERPRISE-ROLE"],
    )
    assert codes(post(here, "/v1/enterprises/import", b"x", "text/plain")) == (422, ["ENTERPRISE-FILE"])
    assert post(here, "/v1/enterprises", b" " * 300_000)[0] == 413
    assert codes(post(there, "/v1/enterprises", form(3))) == (403, ["ENTERPRISE-NOT-ALLOWED"])
    assert ask(here.url, f"/v1/enterprises/{code_of(3)}") is None
    assert ask(there.url, "/v1/enterprises") == []


def test_many_register_one_enterprise_over_http(stage) -> None:
    """Of twenty requests at once to register one enterprise one is done, the rest learn that it exists."""
    here, _ = stage
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: post(here, "/v1/enterprises", form(5)), range(20)))
    assert sorted(one[0] for one in answers) == [201] + [422] * 19
    assert len(ask(here.url, f"/v1/enterprises/{code_of(5)}")) == 1


def test_grpc_does_the_same_where_it_may(stage) -> None:
    """Acts, history and list over gRPC; a node that does not allow acts by gRPC refuses them."""
    here, there = stage
    one = registration(6)
    said = wire.EnterpriseVersion(
        uscc=one.uscc,
        customs_code=one.customs_code,
        name=one.name,
        roles=one.roles,
        valid_from="2024-01-01",
        source="s",
        areas=["a"],
        credit=[{"level": "ordinary", "from": "2024-01-01"}],
    )
    request = wire.RegisterRequest(enterprise=said)
    done = call(here, "Enterprises", "Register", request, wire.EnterpriseVersion)
    assert (done.version, done.actor, done.state) == (1, "grpc", "registered")
    change = wire.ChangeRequest(
        uscc=one.uscc,
        valid_from="2025-01-01",
        source="s",
        name="G",
        replace_areas=True,
        credit=[{"level": "advanced", "from": "2025-01-01"}],
    )
    changed = call(here, "Enterprises", "Change", change, wire.EnterpriseVersion)
    assert (changed.version, changed.name, list(changed.areas), len(changed.credit)) == (2, "G", [], 2)
    ending = wire.WithdrawRequest(uscc=one.uscc, valid_from="2026-01-01", source="s")
    assert call(here, "Enterprises", "Withdraw", ending, wire.EnterpriseVersion).state == "withdrawn"
    history = call(
        here,
        "Enterprises",
        "History",
        wire.HistoryRequest(identifier=one.customs_code),
        wire.EnterpriseHistory,
    )
    assert [each.state for each in history.versions] == ["registered", "registered", "withdrawn"]
    page = call(here, "Enterprises", "List", wire.ListRequest(), wire.EnterpriseHistory)
    assert one.uscc in [each.uscc for each in page.versions]
    with pytest.raises(grpc.RpcError) as raised:
        call(there, "Enterprises", "Register", request, wire.EnterpriseVersion)
    assert raised.value.code() is grpc.StatusCode.PERMISSION_DENIED
    with pytest.raises(grpc.RpcError) as raised:
        call(here, "Enterprises", "Register", wire.RegisterRequest(), wire.EnterpriseVersion)
    assert raised.value.code() is grpc.StatusCode.INVALID_ARGUMENT


def test_the_command_line_acts_beside_a_serving_node(stage, tmp_path) -> None:
    """Import, register, change, show, list and withdraw on the command line; the node sees it at once."""
    here, _ = stage
    file = tmp_path / "firms.json"
    file.write_text(json.dumps([form(10), form(11)]))
    assert len(json.loads(command(here, "enterprise", "import", str(file), "--json"))) == 2
    assert "ENTERPRISE-EXISTS" in command(here, "enterprise", "import", str(file), code=1)
    terms = (
        "--from",
        "2024-01-01",
        "--source",
        "filing",
        "--role",
        "agent",
        "--credit",
        "ordinary@2024-01-01",
    )
    one = ("enterprise", "register", code_of(12), "--customs-code", "4403000012", "--name", "L", *terms)
    assert "registered from 2024-01-01, version 1" in command(here, *one)
    credit = ("--credit", "advanced@2025-01-01", "--no-area", "--name", "M")
    command(here, "enterprise", "change", code_of(12), "--from", "2025-01-01", "--source", "s", *credit)
    assert "advanced from 2025-01-01" in command(
        here, "enterprise", "show", "4403000012", "--on", "2025-02-01"
    )
    assert ask(here.url, f"/v1/enterprises/{code_of(12)}?on=2025-02-01")[0]["name"] == "M"
    listed = json.loads(command(here, "enterprise", "list", "--after", code_of(11), "--limit", "1", "--json"))
    assert [each["uscc"] for each in listed] == [code_of(12)]
    command(here, "enterprise", "withdraw", code_of(12), "--from", "2026-01-01", "--source", "s")
    command(here, "enterprise", "show", code_of(12), "--on", "2026-01-02", code=1)
    bad = command(here, "enterprise", "withdraw", code_of(12), "--from", "soon", "--source", "s", code=1)
    assert "ENTERPRISE-FORM" in bad
