# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Writing records, and reading them again."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.upu_cds import adapter
from adapters.upu_cds.views import with_hs
from gateway.sdk import (
    AdapterError,
    Address,
    Answer,
    Assessment,
    ContentPiece,
    Document,
    Event,
    InputError,
    Item,
    Limits,
    Mass,
    Money,
    Opening,
    Party,
    PostalService,
    Quantity,
    Request,
    Ruling,
    Screening,
    Tax,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
FORMS = st.sampled_from(["", "_XML"])
TEXT = st.text(st.characters(min_codepoint=32, exclude_categories=["Cc", "Cs", "Cn"]), max_size=30)
TEXTS = TEXT.map(str.strip).filter(bool)
CODES = st.from_regex(r"X[0-9A-Z]{0,8}", fullmatch=True)
COUNTRIES = st.sampled_from(["CN", "IN", "NL", "CDS:QQ"])
NUMBERS = st.from_regex(r"[A-Z0-9][0-9A-Za-z./_-]{0,34}", fullmatch=True)
MOMENTS = st.integers(0, 10**12).map(lambda one: datetime.fromtimestamp(one / 256, UTC))
AMOUNTS = st.decimals(0, 10**9, places=2)
MONEY = st.builds(Money, amount=AMOUNTS, currency=st.sampled_from(["CNY", "EUR", "CDS:QQQ"]))
MASSES = st.builds(Mass, value=st.decimals(0, 1000, places=3), unit=st.just("KGM"))


def some(record, **fields):
    """Return records with any of the fields, at least one."""
    optional = {name: st.none() | one for name, one in fields.items()}
    return st.builds(record, **optional).filter(lambda one: one != record())


LINES = TEXTS | st.lists(TEXTS.filter(lambda one: "," not in one), min_size=2, max_size=6).map(", ".join)
ADDRESSES = some(Address, lines=LINES, city=TEXTS, subdivision=TEXTS, postcode=TEXTS, country=COUNTRIES)
PARTIES = some(Party, name=TEXTS, identifier=TEXTS, telephone=TEXTS, email=TEXTS, address=ADDRESSES)
PIECES = some(
    ContentPiece,
    number=st.integers(1, 999),
    description=TEXTS,
    commodity_code=st.sampled_from(["46021100", "090210", "0902", "X1"]),
    origin_country=COUNTRIES,
    quantity=st.builds(Quantity, value=AMOUNTS, unit=st.just("H87")),
    net_mass=MASSES,
    value=MONEY,
    ruling=some(Ruling, description=TEXTS, hs=CODES, restriction=TEXTS, note=TEXTS),
)
POSTAL = ("mail_class", "mail_category", "handling_class", "origin_operator", "destination_operator")
KNOWN = {"tracking_number": NUMBERS, "posting_date": st.none() | st.dates(date(2000, 1, 1))}
ITEMS = st.builds(
    Item,
    **KNOWN,
    nature_of_transaction=st.none() | CODES,
    gross_mass=st.none() | MASSES,
    postage=st.none() | MONEY,
    insured_value=st.none() | MONEY,
    sender=st.none() | PARTIES,
    addressee=st.none() | PARTIES,
    postal=st.none() | some(PostalService, local_number=TEXTS, **dict.fromkeys(POSTAL, CODES)),
    content=st.lists(PIECES, max_size=3).map(tuple),
    documents=st.lists(some(Document, kind=CODES, number=TEXTS, name=TEXTS), max_size=2).map(tuple),
).map(with_hs)
SCREENINGS = st.lists(some(Screening, method=CODES, text=TEXTS), max_size=2).map(tuple)
ASSESSMENTS = some(
    Assessment,
    reference=TEXTS,
    authority=CODES,
    phase=st.sampled_from(["receipt", "pre_loading", "pre_arrival", "final"]),
    outcome=st.sampled_from(["registered", "rfi", "rfs", "dnl", "release"]),
    decision_code=CODES,
    reason_code=CODES,
    reason=TEXTS,
    at=MOMENTS,
    referral=TEXTS,
    answer_by=MOMENTS,
    dutiable=st.sampled_from(["yes", "no"]),
    total=MONEY,
    cleared_at=MOMENTS,
)
REQUESTS = st.lists(some(Request, code=CODES, path=TEXTS, text=TEXTS), max_size=2).map(tuple)
TAXES = st.lists(
    some(Tax, kind=CODES, rate=AMOUNTS, amount=MONEY, hs=CODES, description=TEXTS), max_size=2
).map(tuple)
REPLIES = st.builds(
    msgspec.structs.replace, ASSESSMENTS, requests=REQUESTS, screenings=SCREENINGS, taxes=TAXES
)
ANSWERS = st.builds(
    Answer,
    referral=TEXTS,
    kind=st.sampled_from(["data", "amendment", "screening"]),
    at=st.none() | MOMENTS,
    by=st.none() | TEXTS,
    text=st.none() | TEXTS,
    result=st.sampled_from([None, "clear", "alarm", "not_possible"]),
    screenings=SCREENINGS,
    openings=st.lists(st.builds(Opening, path=TEXTS, value=TEXTS, salt=CODES), max_size=2).map(tuple),
)
OFFICES = ("office", "next_office", "condition", "retention_reason", "dispatch", "receptacle")
EVENTS = st.builds(
    Event,
    code=CODES,
    scheme=st.sampled_from(["EMSEVT", "RESDIT"]),
    at=MOMENTS,
    note=st.none() | TEXTS,
    **dict.fromkeys(OFFICES, st.none() | CODES),
)
ABOUT = {
    "DECLARATION": ITEMS,
    "RESPONSE": st.builds(Item, **KNOWN, assessment=REPLIES),
    "DCRESPONSE": st.builds(Item, **KNOWN, assessment=REPLIES),
    "ANSWER": st.builds(Item, **KNOWN, answer=ANSWERS),
    "EVENT": st.builds(Item, **KNOWN, event=EVENTS),
}


@pytest.mark.parametrize("message_type", ABOUT)
def test_what_is_written_is_read_again(message_type):
    """Reading what was written gives the same record, in JSON and in XML, and nothing is reported as lost."""

    @given(st.lists(ABOUT[message_type], min_size=1, max_size=3), FORMS)
    def holds(items, form):
        written = adapter.encode(message_type + form, items, NOW)
        assert [one for one in written.losses if one.kind != "derived"] == []
        assert adapter.recognises(written.body)
        message = adapter.decode(written.body, Limits())
        assert [one.item for document in message.documents for one in document.contributions] == items

    holds()


@given(st.binary(max_size=300))
def test_no_bytes_make_it_raise(raw):
    """Any bytes are read to a message or to findings."""
    adapter.recognises(raw)
    adapter.decode(raw, Limits())


JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    *(
                        "MailObject",
                        "Id",
                        "PostingDt",
                        "Declaration",
                        "DeclarationData",
                        "ContentPieces",
                        "HS",
                    ),
                    *("Response", "ResponseData", "Referral", "Taxes", "Event", "Function", "GrossWeight"),
                    *("DCResponse", "Documents", "ReferralResponse", "Requests", "CDSStateCd", "DecisionCd"),
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(JSONS, st.sampled_from(["India", "default", None, 3]))
def test_no_shape_makes_it_raise(view, profile):
    """Known names in any shape are read to records or to findings."""
    message = adapter.decode(json.dumps({"CDSViews": [view], "Profile": profile}).encode(), Limits())
    assert message.findings or message.documents[0].contributions or message.documents[0].findings


def test_what_the_form_cannot_carry_is_told():
    """Values without a place in the form are reported as lost, by their path."""
    item = Item(
        tracking_number="A1",
        mrn="26CN000000000000X1",
        goods_summary="tea",
        content=(ContentPiece(item_name="tea", hs="090210", commodity_code="46021100"),),
        addressee=Party(name="A", address=Address(lines="x", number="4")),
    )
    losses = {(one.kind, one.path) for one in adapter.encode("DECLARATION", [item], NOW).losses}
    assert losses == {
        ("lost", "mrn"),
        ("lost", "goods_summary"),
        ("lost", "content[].item_name"),
        ("lost", "content[1].hs"),
        ("lost", "addressee.address.number"),
    }


def test_a_heading_alone_is_written_as_the_code():
    """A record that knows only the subheading says it in the one field there is."""
    item = Item(tracking_number="A1", content=(ContentPiece(hs="090210"),))
    written = adapter.encode("DECLARATION", [item], NOW)
    assert json.loads(written.body)["CDSViews"][0]["Declaration"]["DeclarationData"] == {
        "ContentPieces": [{"HS": "090210"}]
    }
    assert [(one.kind, one.path) for one in written.losses] == [("derived", "content[].hs")]


def test_a_long_address_stands_on_two_lines():
    """Lines of more than 70 characters are divided at a comma."""
    lines = "Building of the Harbour Company, staircase four, Street of the Long Name 1, rear house, left"
    item = Item(tracking_number="A1", sender=Party(address=Address(lines=lines)))
    data = json.loads(adapter.encode("DECLARATION", [item], NOW).body)["CDSViews"][0]["Declaration"]
    first, second = (data["DeclarationData"][f"SenderAddressLine{one}"] for one in (1, 2))
    assert f"{first}, {second}" == lines
    assert max(len(first), len(second)) <= 70


@pytest.mark.parametrize(
    ("message_type", "item", "path"),
    [
        ("DECLARATION", Item(), "CDSView[1]/MailObject/Id"),
        ("RESPONSE", Item(tracking_number="A1"), "CDSView[1]/Response"),
        ("ANSWER", Item(tracking_number="A1"), "CDSView[1]/ReferralResponse/Reference"),
        ("EVENT", Item(tracking_number="A1"), "CDSView[1]/Event/Code"),
    ],
)
def test_a_record_that_lacks_the_mandatory_is_not_written(message_type, item, path):
    """Every missing field is named."""
    with pytest.raises(InputError) as refused:
        adapter.encode(message_type, [item], NOW)
    assert ("SCHEMA-MISSING", path) in {(one.code, one.path) for one in refused.value.findings}


def test_grams_are_not_written_as_kilograms():
    """A mass in another unit than the form means is a contradiction, not a number."""
    item = Item(tracking_number="A1", gross_mass=Mass(value=Decimal(500), unit="GRM"))
    with pytest.raises(InputError) as refused:
        adapter.encode("DECLARATION", [item], NOW)
    assert [one.code for one in refused.value.findings] == ["SCHEMA-CONFLICT"]


def test_other_messages_are_not_written():
    """An unknown message type, an empty message and a text that XML cannot carry are refused."""
    with pytest.raises(AdapterError):
        adapter.encode("CUSITM", [Item(tracking_number="A1")], NOW)
    with pytest.raises(InputError):
        adapter.encode("DECLARATION", [], NOW)
    with pytest.raises(InputError):
        adapter.encode("EVENT_XML", [Item(tracking_number="A1", event=Event(code="\0", at=NOW))], NOW)
