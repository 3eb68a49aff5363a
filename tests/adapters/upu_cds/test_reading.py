# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What views say, and what is refused before they say anything."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from adapters.upu_cds import adapter
from gateway.sdk import (
    Address,
    Answer,
    ContributionKind,
    Function,
    Limits,
    Mass,
    Money,
    Party,
    Ruling,
    Screening,
    has_errors,
)

ID = {"Id": "LX473124829CN", "PostingDt": "2026-03-01T09:30:00"}


def contributions(message):
    """Return what a message says."""
    return [one for document in message.documents for one in document.contributions]


def test_a_declaration_becomes_a_postal_item(folder):
    """Names, lines, revisions and postal codes arrive in their canonical places."""
    message = adapter.decode((folder / "good_declaration.json").read_bytes(), Limits())
    (one,) = contributions(message)
    assert (one.kind, one.function) == (ContributionKind.POSTAL, Function.NEW)
    assert (one.reference, one.keys) == ("LX473124829CN|2026-03-01", ("trk:LX473124829CN",))
    item = one.item
    assert (item.posting_date, item.gross_mass) == (date(2026, 3, 1), Mass(value=Decimal("0.42"), unit="KGM"))
    assert item.addressee == Party(
        name="Asha Example",
        identifier="EX-1",
        telephone="+91 00000 00000",
        address=Address(
            lines="Flat 4, Garden Court, 12 Lake Road",
            city="Kolkata",
            subdivision="WB",
            postcode="700029",
            country="IN",
        ),
    )
    assert item.content[1].ruling == Ruling(
        description="Green tea in packings up to 3 kg",
        hs="09021090",
        restriction="Y",
        note="Plant quarantine",
    )
    assert (item.content[0].commodity_code, item.content[0].hs) == ("46021100", "460211")
    assert item.insured_value == Money(amount=Decimal("30.00"), currency="CNY")
    assert (item.postal.mail_class, item.postal.mail_category, item.postal.handling_class) == ("U", "A", "N1")
    assert (item.postal.origin_operator, item.postal.destination_operator) == ("J1CCNA", "J1CINA")
    assert (item.documents[0].kind, item.documents[0].number) == ("380", "INV-2026-17")


def test_two_phases_are_two_assessments(folder):
    """The receipt and the decision of one item stand beside each other, neither replaces the other."""
    receipt, final = contributions(adapter.decode((folder / "good_two_phases.json").read_bytes(), Limits()))
    assert receipt.reference != final.reference
    assert (receipt.item.assessment.phase, receipt.item.assessment.outcome) == ("receipt", "registered")
    said = final.item.assessment
    assert (said.phase, said.outcome, said.decision_code, said.dutiable) == ("final", "release", "2", "yes")
    assert said.cleared_at == datetime(2026, 3, 6, 5, 30, tzinfo=UTC)
    assert [(one.kind, one.rate, one.amount.amount) for one in said.taxes] == [
        ("BC", Decimal(10), Decimal("62.40")),
        ("IG", Decimal(12), Decimal("50.00")),
    ]


def test_one_view_may_say_several_things(read):
    """Each section of a view becomes a contribution of its own kind."""
    message = read(
        {
            "MailObject": ID,
            "Function": "change",
            "Declaration": {"GrossWeight": "1"},
            "Response": {"DecisionCd": 1},
            "DCResponse": {"DecisionCd": 1},
            "ReferralResponse": {"Reference": "R", "Kind": "data"},
            "Event": {"Code": "EMC", "At": "2026-03-01T00:00:00Z"},
        }
    )
    said = contributions(message)
    assert [one.kind.value for one in said] == ["postal", "assessment", "assessment", "answer", "event"]
    assert {one.function for one in said} == {Function.CHANGE}
    assert len({(one.kind, one.reference) for one in said}) == 5


def test_an_answer_and_an_event_stand_alone(folder):
    """The extension for operators needs nothing but the mail object and the answer or event."""
    (answer,) = contributions(adapter.decode((folder / "good_answer.json").read_bytes(), Limits()))
    assert answer.kind is ContributionKind.ANSWER
    assert answer.item.answer == Answer(
        referral="R-77",
        kind="screening",
        at=datetime(2026, 3, 1, 15, tzinfo=UTC),
        by="Example Post",
        result="clear",
        screenings=(Screening(method="XRY", text="two views"),),
    )
    (event,) = contributions(adapter.decode((folder / "good_event.json").read_bytes(), Limits()))
    assert (event.kind, event.item.event.scheme) == (ContributionKind.EVENT, "EMSEVT")
    assert event.reference == "LX473124829CN|EMC|2026-03-02T22:20:00+00:00"


def test_one_bad_view_does_not_void_the_others(read):
    """Each view is judged alone."""
    good = {"MailObject": ID, "Response": {"DecisionCd": 1}}
    message = read(good, {"MailObject": {}, "Response": {}}, 7, good)
    assert [len(one.contributions) for one in message.documents] == [1, 0, 0, 1]
    assert message.findings == ()


def test_a_fault_of_one_xml_view_leaves_the_others(folder):
    """What a tree cannot hold refuses the view where it stands."""
    raw = (folder / "bad_repeated_element_xml.xml").read_text("utf-8")
    good = "<CDSView><MailObject><Id>A1</Id></MailObject><Response><PId>1</PId></Response></CDSView>"
    message = adapter.decode(raw.replace("</CDSViews>", f"{good}</CDSViews>").encode(), Limits())
    assert [len(one.contributions) for one in message.documents] == [0, 1]


def test_decimals_survive_as_json_numbers(read):
    """A number of JSON keeps every digit that was written."""
    raw = json.dumps({"MailObject": ID, "Declaration": {"Postage": "@"}}).replace('"@"', "12345678901.1000")
    (one,) = contributions(adapter.decode(raw.encode(), Limits()))
    assert str(one.item.postage.amount) == "12345678901.1000"


def test_nil_and_null_say_nothing(read):
    """Null of JSON, nil of XML and an absent field are the same."""
    (one,) = contributions(
        read({"MailObject": {**ID, "LocalId": None}, "Response": {"Taxes": None, "DecisionReasonCd": "A"}})
    )
    raw = (
        '<CDSView xmlns="urn:any" xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><MailObject>'
        '<Id>LX473124829CN</Id><LocalId i:nil="true"/><PostingDt>2026-03-01T09:30:00</PostingDt></MailObject>'
        "<Response><Taxes/><DecisionCd/><DecisionReasonCd>A</DecisionReasonCd><ResponseData/></Response></CDSView>"
    )
    assert adapter.recognises(raw.encode())
    (other,) = contributions(adapter.decode(raw.encode(), Limits()))
    assert one == other


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"null",
        b"[" * 100_000,
        b'{"CDSViews":' + b"[" * 100_000,
        b'{"MailObject":{"Id":"\xff"}}',
        b'{"MailObject":{"Id":"\\ud800"}}',
        b'{"CDSViews":[' + b"{}," * 6000 + b"{}]}",
        b"<CDSViews>" + b"<CDSView>" * 100 + b"</CDSView>" * 100 + b"</CDSViews>",
        b"\xff\xfe<\0C\0",
    ],
)
def test_hostile_bytes_are_a_finding(raw):
    """Depth, number, broken encodings and broken syntax refuse the message without an exception."""
    assert has_errors(adapter.decode(raw, Limits()).findings)


def test_sizes_are_limited(read, told):
    """Bytes, values and depth of JSON have limits."""
    raw = json.dumps({"MailObject": ID, "Event": {"a": {"b": {}}}}).encode()
    assert "CDS-SIZE" not in dict(told(adapter.decode(raw, Limits(len(raw), max_elements=7, max_depth=4))))
    for limits in (Limits(max_bytes=len(raw) - 1), Limits(max_elements=5), Limits(max_depth=3)):
        assert told(adapter.decode(raw, limits)) == [("CDS-SIZE", "")]


def test_a_response_without_a_word_is_no_assessment(read, told):
    """A response object that holds nothing is refused, not kept as an empty assessment."""
    message = read({"MailObject": ID, "Response": {"ResponseData": {}}})
    assert told(message) == [("CDS-NOTHING", "CDSView[1]/Response")]
    assert contributions(message) == []


@pytest.mark.parametrize(
    ("sections", "path"),
    [
        ({"Declaration": "late"}, "Declaration"),
        ({"Declaration": {"DeclarationData": []}}, "Declaration/DeclarationData"),
        ({"Response": {"ResponseData": 7}}, "Response/ResponseData"),
        ({"Declaration": {"Documents": ["invoice"]}}, "Declaration/Documents[1]"),
        ({"Event": [1]}, "Event"),
    ],
)
def test_what_should_be_an_object_is_named(read, told, sections, path):
    """A section or member that is no object refuses the view at its place."""
    message = read({"MailObject": ID} | sections)
    assert ("CDS-FORM", f"CDSView[1]/{path}") in told(message)
    assert contributions(message) == []
