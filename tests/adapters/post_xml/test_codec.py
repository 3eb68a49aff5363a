# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Plain item XML and receptacle JSON: reading, answering, writing."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

import adapters.post_xml
from adapters.post_xml import adapter
from adapters.post_xml.fields import with_hs
from gateway.sdk import (
    AdapterError,
    Address,
    ContentPiece,
    ContributionKind,
    DecodedMessage,
    Dispatch,
    DocumentOutcome,
    InputError,
    Item,
    Limits,
    Mass,
    Money,
    Party,
    PostalService,
    Quantity,
    Receptacle,
    ReceptacleItem,
    has_errors,
)

SAMPLES = Path(adapters.post_xml.__file__).parent / "samples"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
BAG = "CNBJSANLAMSAAUN60123001000125"
GOOD = (
    *("good_gift.xml", "good_item.xml", "good_sender_contact.xml"),
    *("good_predes.json", "good_receptacle.json", "good_receptacles.json"),
)
FAULTS = {
    "attribute.xml": ("SCHEMA-UNKNOWN-FIELD", "TotalWeight/@unit"),
    "cut_short.json": ("POST-SYNTAX", ""),
    "date_without_zone.json": ("POST-ZONE", "data[1]/PreDesDate"),
    "doctype.xml": ("XML-DTD", ""),
    "element_in_leaf.xml": ("SCHEMA-FORMAT", "Gift"),
    "gift_maybe.xml": ("SCHEMA-FORMAT", "Gift"),
    "hs_five_digits.xml": ("SCHEMA-FORMAT", "ContentPiece[1]/HSCode"),
    "impossible_date.json": ("SCHEMA-FORMAT", "Dispatch/PreDesDate"),
    "item_id_a_number.json": ("POST-FORM", "PWS_Receptacle[1]/Item[1]/ItemId"),
    "items_not_a_list.json": ("POST-FORM", "PWS_Receptacle[1]/Item"),
    "missing_description.xml": ("SCHEMA-MISSING", "ContentPiece[1]/Description"),
    "missing_item_id.xml": ("SCHEMA-MISSING", "ItemId"),
    "missing_receptacle_id.json": ("SCHEMA-MISSING", "Receptacle/ReceptacleId"),
    "no_receptacle.json": ("SCHEMA-COUNT", "PWS_Receptacle"),
    "not_closed.xml": ("XML-SYNTAX", ""),
    "receptacle_not_s9.json": ("POST-RECEPTACLE", "Receptacle"),
    "repeated_element.xml": ("SCHEMA-REPEATED", "Gift"),
    "root.json": ("POST-ROOT", ""),
    "root.xml": ("POST-ROOT", ""),
    "row_not_an_object.json": ("POST-FORM", "data[1]"),
    "s10_check_digit.xml": ("POST-S10-CHECK-DIGIT", ""),
    "stray_text.xml": ("SCHEMA-FORMAT", "Sender"),
    "two_dates.json": ("SCHEMA-CONFLICT", "data[2]/PreDesDate"),
    "unknown_currency.xml": ("SCHEMA-CODE", "Currency"),
    "unknown_element.xml": ("SCHEMA-UNKNOWN-FIELD", "Colour"),
    "weight_not_a_number.xml": ("SCHEMA-FORMAT", "TotalWeight"),
}


def told(message):
    """Return all findings of a message and of its documents, as code and path."""
    found = [*message.findings, *(one for document in message.documents for one in document.findings)]
    return [(one.code, one.path) for one in found]


def said(message):
    """Return the contributions of a message."""
    return [one for document in message.documents for one in document.contributions]


@pytest.mark.parametrize("name", GOOD)
def test_a_good_sample_decodes_to_its_expected_record(name):
    """Every good sample is recognised and gives, without a finding, the record that stands beside it."""
    raw = (SAMPLES / name).read_bytes()
    assert adapter.recognises(raw)
    message = adapter.decode(raw, Limits())
    assert told(message) == []
    expected = (SAMPLES / f"{name.rpartition('.')[0]}.expected.json").read_bytes()
    assert message == msgspec.json.decode(expected, type=DecodedMessage)


@pytest.mark.parametrize("name", FAULTS)
def test_a_bad_sample_has_the_fault_of_its_name(name):
    """The fault that a bad sample is named for is found at its place."""
    assert FAULTS[name] in told(adapter.decode((SAMPLES / f"bad_{name}").read_bytes(), Limits()))


def test_every_sample_is_judged():
    """No sample lies beside the lists of this test."""
    names = {one.name for one in SAMPLES.iterdir() if not one.name.endswith(".expected.json")}
    assert names == {*GOOD, *(f"bad_{one}" for one in FAULTS)}


def test_an_item_becomes_a_postal_contribution():
    """The receiver's split address and the goods lines arrive in their canonical places."""
    (one,) = said(adapter.decode((SAMPLES / "good_item.xml").read_bytes(), Limits()))
    assert (one.kind, one.keys) == (ContributionKind.POSTAL, ("trk:LX473124829CN",))
    address = one.item.addressee.address
    assert (address.lines, address.number, address.postcode) == ("Molenweg", "12 bis", "1234 AB")
    assert (one.item.nature_of_transaction, one.item.departure_country) == (None, "CN")
    assert one.item.postage == Money(amount=Decimal("18.50"), currency="EUR")
    assert [piece.hs for piece in one.item.content] == ["460211", "090210"]


def test_rows_of_one_receptacle_become_one_dispatch_record():
    """Rows are gathered by receptacle, and the dispatch is read from the receptacle's number."""
    first, second = said(adapter.decode((SAMPLES / "good_predes.json").read_bytes(), Limits()))
    assert first.kind is ContributionKind.DISPATCH
    assert first.keys == ("dsp:CNBJSAINBOMAAUN60123", "rcp:CNBJSAINBOMAAUN60123001000125")
    dispatch = first.item.dispatch
    assert (dispatch.number, dispatch.stage) == ("CNBJSAINBOMAAUN60123", "closed")
    assert dispatch.closed_at == datetime(2026, 3, 2, 2, tzinfo=UTC)
    items = [one.tracking_number for one in dispatch.receptacles[0].items]
    assert items == ["LX473124829CN", "CP473124829CN"]
    assert len(second.item.dispatch.receptacles[0].items) == 1


def test_a_date_without_zone_is_indian_time():
    """A day alone begins at midnight in India, and the receipt says that this was assumed."""
    message = adapter.decode((SAMPLES / "bad_date_without_zone.json").read_bytes(), Limits())
    assert said(message)[0].item.dispatch.closed_at == datetime(2026, 3, 1, 18, 30, tzinfo=UTC)


def test_the_receipt_names_every_document():
    """Each document has its outcome, its number and its findings."""
    message = adapter.decode((SAMPLES / "bad_row_not_an_object.json").read_bytes(), Limits())
    outcomes = [
        DocumentOutcome(
            position=one.position,
            accepted=not has_errors(one.findings),
            echo=one.echo,
            findings=one.findings,
        )
        for one in message.documents
    ]
    done = adapter.acknowledge(message, outcomes, NOW)
    body = json.loads(done.body)
    assert (done.content_type, body["accepted"], body["refused"]) == ("application/json", 1, 1)
    assert body["documents"][0]["findings"][0]["code"] == "POST-FORM"
    assert body["documents"][1]["ReceptacleId"] == "CNBJSAINBOMAAUN60123001000125"


TEXT = st.text(st.characters(min_codepoint=32, exclude_categories=["Cc", "Cs", "Cn"]), max_size=30)
TEXTS = TEXT.map(str.strip).filter(bool)
NUMBERS = st.from_regex(r"[A-Z0-9][0-9A-Za-z./_-]{0,28}", fullmatch=True)
HOUSES = st.from_regex(r"[1-9][0-9]{0,3}( [A-Za-z0-9]{1,4})?", fullmatch=True)
COUNTRIES = st.sampled_from(["CN", "IN", "NL"])
AMOUNTS = st.decimals(0, 10**9, places=2)
MONEY = st.builds(Money, amount=AMOUNTS, currency=st.sampled_from(["CNY", "EUR"]))
MASSES = st.builds(Mass, value=st.decimals(0, 1000, places=3), unit=st.just("KGM"))
PLACE = {"lines": TEXTS, "city": TEXTS, "postcode": TEXTS, "country": COUNTRIES}


def party(**place):
    """Return parties with these parts of an address."""
    return st.builds(
        Party,
        name=TEXTS,
        telephone=st.none() | TEXTS,
        email=st.none() | TEXTS,
        address=st.builds(Address, **place),
    )


ITEMS = st.builds(
    Item,
    tracking_number=NUMBERS,
    gross_mass=MASSES,
    nature_of_transaction=st.sampled_from([None, "31"]),
    postage=st.none() | MONEY,
    departure_country=st.none() | COUNTRIES,
    postal=st.none() | st.builds(PostalService, mail_class=TEXTS),
    sender=st.none() | party(**PLACE),
    addressee=st.none() | party(number=st.none() | HOUSES, **PLACE),
    content=st.lists(
        st.builds(
            ContentPiece,
            description=TEXTS,
            commodity_code=st.sampled_from([None, "0902", "090210", "46021100"]),
            origin_country=st.none() | COUNTRIES,
            quantity=st.none() | st.builds(Quantity, value=AMOUNTS, unit=st.just("H87")),
            net_mass=st.none() | MASSES,
            value=st.none() | MONEY,
        ),
        max_size=3,
    ).map(tuple),
).map(with_hs)
INSIDE = st.lists(st.builds(ReceptacleItem, tracking_number=NUMBERS), min_size=1, max_size=3).map(tuple)
BAGS = st.builds(Receptacle, number=st.just(BAG), items=INSIDE)


@given(ITEMS)
def test_an_item_that_is_written_is_read_again(item):
    """Reading the XML of an item gives the same item, and nothing is reported as lost."""
    written = adapter.encode("ITEM", [item], NOW)
    assert written.losses == ()
    assert adapter.recognises(written.body)
    assert [one.item for one in said(adapter.decode(written.body, Limits()))] == [item]


@given(BAGS, st.sampled_from([None, NOW]))
def test_a_dispatch_that_is_written_is_read_again(bag, closed_at):
    """Reading the JSON of a dispatch gives the same dispatch; only one post's form has the date."""
    dispatch = Dispatch(number=BAG[:20], stage="closed", closed_at=closed_at, receptacles=(bag,))
    for message_type, kept in (("PREDES", closed_at), ("RECEPTACLE", None)):
        written = adapter.encode(message_type, [Item(dispatch=dispatch)], NOW)
        assert bool(written.losses) is (closed_at != kept)
        (one,) = said(adapter.decode(written.body, Limits()))
        assert one.item.dispatch == msgspec.structs.replace(dispatch, closed_at=kept)


@given(st.binary(max_size=300) | st.from_regex(rb'\{"(data|PWS_Receptacle)": ?[\[\]{}",:a-z0-9]*\}'))
def test_no_bytes_make_it_raise(raw):
    """Any bytes are read to a message or to findings."""
    adapter.recognises(raw)
    message = adapter.decode(raw, Limits())
    assert message.findings or message.documents


@pytest.mark.parametrize("raw", [b"", b"[1]", b"[" * 99_999, b'{"data":' + b"[" * 99_999, b"\xff\xfe<\0"])
def test_hostile_bytes_are_a_finding(raw):
    """Depth, broken encodings and broken syntax refuse the message without an exception."""
    assert has_errors(adapter.decode(raw, Limits()).findings)


def test_sizes_are_limited():
    """Bytes and rows have limits."""
    raw = json.dumps({"data": [{}] * 20}).encode()
    assert told(adapter.decode(raw, Limits(max_bytes=20))) == [("POST-SIZE", "")]
    assert told(adapter.decode(raw, Limits(max_elements=19))) == [("SCHEMA-COUNT", "data")]


def test_what_the_forms_cannot_carry_is_told():
    """Values without a place in the forms are reported as lost, by their path."""
    item = Item(
        tracking_number="A1",
        mrn="26CN000000000000X1",
        gross_mass=Mass(value=Decimal(1), unit="KGM"),
        nature_of_transaction="11",
        content=(
            ContentPiece(description="tea", hs="090210"),
            ContentPiece(description="tea", commodity_code="09021000", hs="0903"),
        ),
    )
    losses = {(one.kind, one.path) for one in adapter.encode("ITEM", [item], NOW).losses}
    assert losses == {
        ("lost", "mrn"),
        ("lost", "nature_of_transaction"),
        ("lost", "content[].hs"),
    }
    bag = Receptacle(number="BAG-1", handling_class="N", items=(ReceptacleItem(tracking_number="A1"),))
    item = Item(dispatch=Dispatch(number="D-1", stage="scanned", receptacles=(bag,)))
    losses = {(one.kind, one.path) for one in adapter.encode("RECEPTACLE", [item], NOW).losses}
    assert losses == {
        ("lost", "dispatch.number"),
        ("lost", "dispatch.stage"),
        ("lost", "dispatch.receptacles[].handling_class"),
    }


@pytest.mark.parametrize(
    ("message_type", "items", "code"),
    [
        ("ITEM", [Item(tracking_number="A1")] * 2, "SCHEMA-COUNT"),
        ("ITEM", [Item(tracking_number="A1")], "SCHEMA-MISSING"),
        ("RECEPTACLE", [Item(tracking_number="A1")], "SCHEMA-MISSING"),
        ("RECEPTACLE", [Item(dispatch=Dispatch(receptacles=(Receptacle(kind="BG"),)))], "SCHEMA-MISSING"),
        ("PREDES", [Item(dispatch=Dispatch(receptacles=(Receptacle(number=BAG),)))], "SCHEMA-COUNT"),
    ],
)
def test_a_record_that_lacks_the_mandatory_is_not_written(message_type, items, code):
    """What is missing or too much is named, and nothing is written."""
    with pytest.raises(InputError) as refused:
        adapter.encode(message_type, items, NOW)
    assert code in {one.code for one in refused.value.findings}


def test_other_messages_are_not_written():
    """A message type that the adapter does not know is refused."""
    with pytest.raises(AdapterError):
        adapter.encode("ITMATT", [Item()], NOW)
