# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Returns between two real gateways: announced by the partner, settled at another office, told back."""

import concurrent.futures
import json
from datetime import date, timedelta

import grpc
import pytest

from gateway.demo.stage import HERE, THERE, make_parties, running, set_up
from gateway.model import MASK
from gateway.wire.v1 import returns_pb2 as wire
from tests.list_traffic import CEB, Parcel, Traffic
from tests.partner_messages import AGREEMENT
from tests.restating import text
from tests.system.node_faces import call, codes, command, post
from tests.system.submitting import ask, eventually, revealed, submit

PIECES, SUBMITTERS = 20, 50
EXPORTED = date.today() - timedelta(days=3)  # noqa: DTZ011 - the gateways under test run by the clock of today
TERMS = {"version": 1, "until": "2050-01-01T00:00:00Z", "required": "tracking_number", "then": "send"}
RETURNS = """
[[field]]
paths = ["nature_of_transaction", "list_number", "departure_country", "content[].number"]
treatment = "pass"
article = "7"

[[field]]
paths = ["content[].quantity.*", "content[].hs"]
treatment = "pass"
article = "7"
"""


def agreements():
    """Return the texts: exports there, returns back, and what is told of them."""
    there = AGREEMENT.format(id="cn-nl", sender=HERE, recipient=THERE, destination="DE", **TERMS)
    back = AGREEMENT.format(id="nl-cn", sender=THERE, recipient=HERE, destination="CN", **TERMS)
    back = back.replace('destinations = ["CN"]', 'destinations = ["CN"]\nnatures = ["21"]') + RETURNS
    told = text(HERE, THERE, "assessment", "either").decode()
    told = told.replace("effective_until = 2027-01-01", "effective_until = 2050-01-01")
    return [there.encode(), back.encode(), told.encode()]


@pytest.fixture(scope="module", name="stage")
def _stage(tmp_path_factory):
    """Two running gateways; the first takes returns."""
    parties = make_parties(tmp_path_factory.mktemp("returns"), agreements())
    fast = {"batch": {"linger_ms": 1}}
    set_up(
        parties[0],
        fast | {"returns": {"rules": "packaged", "deciders": ["local", "grpc"], "releasers": ["local"]}},
    )
    set_up(parties[1], fast)
    with running(parties):
        yield parties


def exported(here, number, mode):
    """Export twenty pieces on one list; return what the list says."""
    one = Parcel(number, True, EXPORTED, mode, "5165", "304", "1.00000")
    one.lines = [("9503008900", "142", "40.00")]
    traffic = Traffic(number)
    raw = traffic._message("CEB603", [traffic._list(one, 1)]).decode()
    for name in ("qty", "qty1"):
        raw = raw.replace(f"<ceb:{name}>1<", f"<ceb:{name}>{PIECES}<")
    raw = raw.replace("<ceb:price>40.00<", "<ceb:price>2.00<")
    assert submit(here.url, raw.encode(), adapter="gacc_ceb").outcome == "accepted"
    return one


def announced(there, number, one, quantity="1", **said):
    """Let the partner announce that some of a list come back, or `said` otherwise of what it announced."""
    item = {
        "tracking_number": number,
        "nature_of_transaction": "21",
        "departure_country": "DE",
        "destination_country": "CN",
        "list_number": one.list_number,
        "content": [{"number": 1, "hs": "950300", "quantity": {"value": quantity, "unit": "H87"}}],
    }
    name = "-".join(("r", number, quantity, *said.values()))
    form = {"supplement": 1, "sender": "SAMPLE-HUB", "message_id": name, "items": [item | said]}
    answer = submit(there.url, json.dumps(form).encode(), adapter="supplement")
    assert answer.outcome == "accepted", answer


def case_of(here, number):
    """Wait for the case of a parcel that comes back."""

    def found():
        cases = ask(here.url, "/v1/returns")
        return next((one for one in cases if one["claim"].get("tracking_number") == number), None)

    return eventually(found)


def told(party, number, state):
    """Wait until a party has received an assessment of a number in a state; return it."""

    def there():
        for one in ask(party.url, f"/v1/received/{number}") or []:
            said = one["release"]["item"].get("assessment")
            if said and said["decision_code"] == f"return-{state}":
                return said
        return None

    return eventually(there)


def form(one, number, **fields):
    """Return one piece of a list as the HTTP face takes it."""
    line = {"line": 1, "quantity": {"value": "1", "unit": "H87"}, "legal": {"value": "1", "unit": "H87"}}
    claim = {"lines": [line], "office": "5165", "list_number": one.list_number}
    return {"number": number, "claim": claim | fields}


def test_a_return_announced_by_the_partner_is_settled_at_another_office_and_told(stage) -> None:
    """Export, announcement, match at another office, account, both verdicts, and the partner is told."""
    here, there = stage
    one = exported(here, 7001, "9610")
    eventually(lambda: ask(there.url, f"/v1/received/{one.tracking}"))
    announced(there, "RET7001", one, "3")
    case = case_of(here, "RET7001")
    assert (case["state"], case["partner"], case["list_number"]) == ("announced", THERE, one.list_number)
    assert told(there, "RET7001", "announced")["outcome"] == "registered"
    assert ask(here.url, f"/v1/returns/accounts/{one.list_number}") == []
    number = str(case["id"])
    assert codes(post(here, f"/v1/returns/{number}/match", {"office": ""}))[1] == ["RETURN-FORM"]
    shown = command(here, "return", "match", number, "--office", "2900", "--site", "HZ01")
    assert "return yes" in shown
    assert "relief yes" in shown
    assert "zone yes: 2900 for 5165 ZONE-NATIONWIDE-2026" in shown
    (line,) = json.loads(command(here, "return", "account", one.list_number, "--json"))
    assert (line["quantity"]["drawn"], line["quantity"]["left"]) == ("3", "17")
    for about in ("RET7001", one.tracking):
        said = told(there, about, "drawn")
        assert (said["outcome"], said["phase"], said["authority"]) == ("registered", "final", HERE)
        assert said["reason"] == MASK
        whole = revealed(there.url, about)["received"]
        reasons = [one["release"]["item"].get("assessment", {}).get("reason", "") for one in whole]
        assert any("RETURN-2020-44" in one and "RELIEF-2026-16" in one for one in reasons)
    report = json.loads(command(here, "audit", "fsck", "--json"))
    assert (report["logs"][f"{HERE}/returns"], report["findings"]) == (2, [])


def test_a_return_of_nothing_known_is_told_as_refused(stage) -> None:
    """The partner that announces a return of a list never seen learns that it is refused, and why."""
    here, there = stage
    announced(there, "RET7002", Parcel(7999, True, EXPORTED, "9610", "5165", "304", "1"))
    said = told(there, "RET7002", "refused")
    assert (said["outcome"], said["reason_code"]) == ("reject", "RETURN-LIST")
    assert case_of(here, "RET7002")["state"] == "refused"


def test_fifty_submitters_never_overdraw_a_list_of_9810(stage) -> None:
    """Of fifty single pieces returned at once from twenty exported, twenty are drawn and thirty refused."""
    here, _ = stage
    one = exported(here, 7003, "9810")
    eventually(lambda: ask(here.url, f"/v1/items/{one.tracking}"))
    with concurrent.futures.ThreadPoolExecutor(SUBMITTERS) as pool:
        answers = list(
            pool.map(lambda place: post(here, "/v1/returns", form(one, f"S{place}")), range(SUBMITTERS))
        )
    drawn = [body for status, body in answers if status == 201]
    refused = [answer for answer in answers if answer[0] != 201]
    assert (len(drawn), len(refused)) == (PIECES, SUBMITTERS - PIECES)
    assert {each["state"] for each in drawn} == {"drawn"}
    assert all(each["declaration"].startswith("full declaration") for each in drawn)
    assert {status for status, _ in refused} == {422}
    assert {code for answer in refused for code in codes(answer)[1]} == {"RETURN-ACCOUNT"}
    (line,) = ask(here.url, f"/v1/returns/accounts/{one.list_number}")
    assert [line[name]["left"] for name in ("quantity", "legal")] == ["0", "0"]
    (stock,) = ask(here.url, f"/v1/stock/3301960001/SO{one.number}")["lines"]
    assert [stock[name] for name in ("shipped", "sold", "returned", "remaining")] == ["20", "0", "20", "0"]


def test_an_application_by_list_answers_in_its_own_terms(stage) -> None:
    """A CEB213 within account and clock is stored and drawn; one after the clock is refused."""
    here, _ = stage
    one = exported(here, 7004, "9610")
    traffic = Traffic(1)
    good = traffic._message("CEB213", [traffic._return(one, date.today())])  # noqa: DTZ011 - as above
    assert submit(here.url, good, adapter="gacc_ceb").outcome == "accepted"
    (line,) = ask(here.url, f"/v1/returns/accounts/{one.list_number}")
    assert line["quantity"]["drawn"] == "1"
    late = traffic._return(one, date.today() + timedelta(days=400)).replace("RET7004", "RET7004B")  # noqa: DTZ011 - as above
    answer = submit(here.url, traffic._message("CEB213", [late]), adapter="gacc_ceb")
    assert answer.outcome == "refused"
    assert "RETURN-CLOCK" in answer.body.decode()


def test_the_year_begins_with_the_release(stage) -> None:
    """A receipt of the customs system with status 800 moves the clock, and the verdict says so."""
    here, _ = stage
    one = exported(here, 7006, "9610")
    number = post(here, "/v1/returns", form(one, "BEFORE"))[1]["id"]
    assert f"from {EXPORTED} (border_date)" in command(here, "return", "show", str(number))
    released = EXPORTED + timedelta(days=2)
    body = (
        f"<ceb:InventoryReturn><ceb:guid>{Traffic(7006)._guid()}</ceb:guid>"
        "<ceb:agentCode>4401980003</ceb:agentCode><ceb:copNo>COP7006</ceb:copNo>"
        f"<ceb:invtNo>{one.list_number}</ceb:invtNo><ceb:ebcCode>4403961234</ceb:ebcCode>"
        "<ceb:ebpCode>3301960001</ceb:ebpCode><ceb:orderNo>SO7006</ceb:orderNo>"
        "<ceb:statisticsFlag>B</ceb:statisticsFlag><ceb:returnStatus>800</ceb:returnStatus>"
        f"<ceb:returnTime>{released:%Y%m%d}003000000</ceb:returnTime>"
        "<ceb:returnInfo>[Code:2600;Desc:放行]</ceb:returnInfo></ceb:InventoryReturn>"
    )
    raw = (
        f'<ceb:CEB604Message xmlns:ceb="{CEB}" guid="{Traffic(7007)._guid()}" version="1.0">{body}'
        "</ceb:CEB604Message>"
    )
    answer = submit(here.url, raw.encode(), adapter="gacc_ceb")
    assert answer.outcome == "accepted", answer.body.decode()
    status, case = post(here, "/v1/returns", form(one, "AFTER"))
    assert (status, case["state"]) == (201, "drawn")
    clocks = [ruling for ruling in case["rulings"] if ruling["about"] != "zone"]
    assert [each["counted_from"] for each in clocks] == [released.isoformat()] * 2
    assert {each["basis"] for each in clocks} == {"CEB604 800 by local"}
    assert f"from {released} (CEB604 800 by local)" in command(here, "return", "show", str(case["id"]))


def test_people_decide_by_every_face(stage, tmp_path) -> None:
    """A waiting case is listed, shown, accepted and refused over command line, HTTP and gRPC."""
    here, there = stage
    one = exported(here, 7005, "9810")
    waits = form(one, "W1", message="CEB213", mode="9661")
    status, case = post(here, "/v1/returns", waits)
    assert (status, case["state"]) == (201, "waiting")
    listed = json.loads(command(here, "return", "list", "--state", "waiting", "--json"))
    assert [each["id"] for each in listed] == [case["id"]]
    request = wire.DecideReturnRequest(case=case["id"], accept=True, note="declaration seen")
    accepted = call(here, "Returns", "Decide", request, wire.ReturnCase)
    assert (accepted.state, accepted.steps[-1].actor) == ("drawn", "grpc")
    page = call(here, "Returns", "Show", wire.ShowReturnRequest(case=case["id"]), wire.ReturnList)
    assert page.cases[0] == accepted
    asked = wire.ReturnAccountRequest(list_number=one.list_number)
    account = call(here, "Returns", "Account", asked, wire.ReturnAccount)
    assert account.lines[0].quantity.drawn == "1"
    refusing = {"accept": False, "note": "not the goods"}
    assert post(here, f"/v1/returns/{case['id']}/decision", refusing)[1]["state"] == "refused"
    assert codes(post(here, f"/v1/returns/{case['id']}/decision", refusing)) == (422, ["RETURN-STATE"])
    file = tmp_path / "claim.json"
    file.write_text(json.dumps(form(one, "")["claim"]))
    assert "drawn" in command(here, "return", "announce", "C1", str(file))
    file.write_text(json.dumps(form(one, "", office="2900")["claim"]))
    assert "RETURN-OFFICE" in command(here, "return", "announce", "C2", str(file), code=1)
    number = str(case["id"])
    assert "full declaration" in command(here, "return", "show", number)
    assert "refused" in command(here, "return", "decide", number, "--refuse", "--note", "x", code=1)
    assert command(here, "return", "show", "1", code=1) == ""
    said = wire.ReturnClaim(
        lines=[{"line": 1, "quantity": {"value": "1", "unit": "H87"}}],
        office="5165",
        list_number=one.list_number,
    )
    request = wire.AnnounceReturnRequest(number="G1", claim=said)
    assert call(here, "Returns", "Announce", request, wire.ReturnCase).state == "drawn"
    listing = wire.ListReturnsRequest(state="drawn", after=case["id"])
    assert len(call(here, "Returns", "List", listing, wire.ReturnList).cases) == 2
    with pytest.raises(grpc.RpcError) as raised:
        call(here, "Returns", "Match", wire.MatchReturnRequest(case=1), wire.ReturnCase)
    assert raised.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert ask(there.url, "/v1/returns") is None


def imported(here, number):
    """Import one piece on one list; return what the list says."""
    one = Parcel(number, False, EXPORTED, "9610", "5165", "304", "1.00000")
    one.lines = [("9503008900", "142", "40.00")]
    traffic = Traffic(number)
    raw = traffic._message("CEB621", [traffic._list(one, 1)]).decode()
    own = "<ceb:assureCode>4401980003</ceb:assureCode>"
    raw = raw.replace(own, f"{own}<ceb:invtNo>{one.list_number}</ceb:invtNo>")
    assert submit(here.url, raw.encode(), adapter="gacc_ceb").outcome == "accepted"
    return one


def test_an_imported_piece_goes_back_once(stage) -> None:
    """A CEB625 on an import list is drawn and answered by CEB626; a second of the same piece is refused."""
    here, _ = stage
    one = imported(here, 7101)
    traffic = Traffic(7101)
    back = traffic._return_of_import(one, date.today())  # noqa: DTZ011 - as above
    answer = submit(here.url, traffic._message("CEB625", [back]), adapter="gacc_ceb")
    assert (answer.outcome, b"CEB626Message" in answer.body) == ("accepted", True)
    (case,) = (each for each in ask(here.url, "/v1/returns") if each.get("list_number") == one.list_number)
    assert case["state"] == "drawn"
    (line,) = ask(here.url, f"/v1/returns/accounts/{one.list_number}")
    assert (line["quantity"]["drawn"], line["quantity"]["left"]) == ("1", "0")
    other = back.replace("IMR7101", "IMR7101B").replace(one.tracking, "TR0000007199")
    answer = submit(here.url, traffic._message("CEB625", [other]), adapter="gacc_ceb")
    assert (answer.outcome, "RETURN-ACCOUNT" in answer.body.decode()) == ("refused", True)


def test_a_partner_changes_and_takes_back_what_it_announced(stage) -> None:
    """Three pieces become two; one once the office had them, which then looks again; at last none."""
    here, there = stage
    one = exported(here, 7102, "9610")
    eventually(lambda: ask(there.url, f"/v1/received/{one.tracking}"))
    announced(there, "RET7102", one, "3")
    case = case_of(here, "RET7102")

    def said(function, quantity):
        """Let the partner say something else of the parcel, and wait until it counts."""
        announced(there, "RET7102", one, quantity, function=function)

        def counts():
            now = case_of(here, "RET7102")
            lines = now["claim"]["lines"]
            gone = now["state"] == "withdrawn"
            return gone if function == "delete" else lines[0]["quantity"]["value"] == quantity and now

        return eventually(counts)

    said("change", "2")
    command(here, "return", "match", str(case["id"]), "--office", "5165")
    account = f"/v1/returns/accounts/{one.list_number}"
    assert ask(here.url, account)[0]["quantity"]["drawn"] == "2"
    assert said("change", "1")["state"] == "announced"
    assert ask(here.url, account)[0]["quantity"]["drawn"] == "0"
    command(here, "return", "match", str(case["id"]), "--office", "5165")
    assert ask(here.url, account)[0]["quantity"]["drawn"] == "1"
    said("delete", "1")
    assert ask(here.url, account)[0]["quantity"]["drawn"] == "0"
    assert told(there, "RET7102", "withdrawn")["decision_code"] == "return-withdrawn"
