# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Messages that pass through, and those of customs: what they become, or that they become nothing."""

from decimal import Decimal

import msgspec
import pytest

from adapters.gacc_ceb import adapter
from gateway.sdk import ContributionKind, Function, InputError, Limits


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("ceb311", ["order"]),
        ("ceb411", ["payment"]),
        ("ceb511", ["waybill"]),
        ("ceb513", ["event"]),
        ("ceb623", ["cancellation"]),
        ("ceb711", ["arrival", "arrival"]),
        ("ceb816", ["assessment"]),
        ("ceb818", ["event"]),
        ("ceb818_void", ["event", "assessment"]),
        ("ceb701", []),
        ("ceb792", []),
        ("ceb900", []),
    ],
)
def test_what_each_message_becomes(decode, text, name, kinds) -> None:
    """The catalogue of README.md says what a message becomes; summaries and failures become nothing."""
    document = decode(text(name)).documents[0]
    assert [one.kind.value for one in document.contributions] == kinds


def test_a_summary_is_read_and_answered_though_it_concerns_no_item(decode, outcomes, text, now) -> None:
    """The lists of a summary are read line by line, and its receipt names its number."""
    assert [one.list_number for one in adapter.items(text("ceb701").encode(), Limits())] == [
        "51652026E000000001",
        "51652026E000000002",
    ]
    message = decode(text("ceb701"))
    answer = decode(adapter.acknowledge(message, outcomes(message), now).body)
    assert answer.message_type == "CEB702"
    assert answer.documents[0].echo["copNo"] == "SUM20261120000001"


def test_a_refused_document_says_nothing(text) -> None:
    """Only sound documents have items."""
    assert adapter.items(text("bad_schema_missing__ceb701").encode(), Limits()) == ()
    assert adapter.items(b"rubbish", Limits()) == ()


def test_a_delivery_is_an_event_of_its_parcel(decode, text) -> None:
    """The only status is S; a second word about the same waybill replaces the first."""
    one = decode(text("ceb513")).documents[0].contributions[0]
    assert one.keys == ("trk:SF0000000000007",)
    assert (one.item.event.code, one.item.event.scheme) == ("S", "CEB513")
    assert one.item.event.at.isoformat() == "2026-11-20T00:15:00+00:00"
    assert one.reference == "CEB513|1100000001|SF0000000000007"


def test_an_import_cancellation_names_parcel_order_and_list(decode, text) -> None:
    """CEB623 is joined by all three."""
    one = decode(text("ceb623")).documents[0].contributions[0]
    assert one.keys == ("trk:SF0000000000007", "ord:3301960001|IM20261102000007", "inv:51652026I000000007")
    assert one.item.cancellation_reason == "买家取消订单"


def test_a_warehouse_entry_is_an_arrival_of_each_parcel(decode, text) -> None:
    """Each line of CEB711 speaks of another parcel."""
    found = decode(text("ceb711")).documents[0].contributions
    assert [one.keys for one in found] == [("trk:SF0000000000007",), ("trk:SF0000000000008",)]
    assert found[1].item.note == "外包装破损"
    assert found[0].item.site_operator.identifier == "4401980777"


def test_a_tax_bill_is_an_assessment_with_the_taxes_of_its_lines(decode, text) -> None:
    """Kinds, bases and codes stand with each tax, and the total is their sum."""
    one = decode(text("ceb816")).documents[0].contributions[0]
    said = one.item.assessment
    assert (said.reference, said.decision_code) == ("516520261000000007", "1")
    assert [(tax.kind, tax.amount.amount, tax.hs) for tax in said.taxes[:3]] == [
        ("CUD", Decimal(0), "330499"),
        ("VAT", Decimal("21.84"), "330499"),
        ("EXC", Decimal("1.5"), "330499"),
    ]
    assert said.total.amount == sum(tax.amount.amount for tax in said.taxes) == Decimal("26.07")
    bare = decode(text("ceb816_without_lines")).documents[0].contributions[0].item.assessment
    assert [(tax.kind, tax.amount.amount) for tax in bare.taxes] == [
        ("CUD", Decimal(0)),
        ("VAT", Decimal("24.57")),
        ("EXC", Decimal("1.5")),
    ]
    assert bare.total == said.total


@pytest.mark.parametrize(
    ("status", "function"), [("1", Function.NEW), ("2", Function.CHANGE), ("3", Function.DELETE)]
)
def test_the_status_of_a_tax_bill_says_what_becomes_of_it(decode, text, status, function) -> None:
    """Issued is new, summed up changes, void takes back."""
    message = decode(text("ceb816").replace("status>1<", f"status>{status}<"))
    assert message.documents[0].contributions[0].function is function


@pytest.mark.parametrize("amount", ["1E999999999", "NaN", "Infinity", "9" * 60, "-", ""])
def test_an_amount_that_is_no_plain_number_refuses_the_bill(decode, text, amount) -> None:
    """Such an amount is never calculated with."""
    document = decode(text("ceb816").replace("valueAddedTax>24.57<", f"valueAddedTax>{amount}<")).documents[0]
    assert document.contributions == ()
    assert "CEB-TAX-SUM" not in [one.code for one in document.findings]


def test_one_message_may_bring_two_states_of_a_bill(decode, text) -> None:
    """The same bill summed up and then void is no repetition; the same state twice is."""
    raw = text("ceb818")
    start, end = raw.index("  <ceb:Tax>"), raw.index("</ceb:CEB818Message>")
    again = raw[start:end].replace("000000000818", "000000000819")
    void = decode(raw[:end] + again.replace("status>2<", "status>3<") + raw[end:])
    assert [len(one.contributions) for one in void.documents] == [1, 2]
    same = decode(raw[:end] + again + raw[end:])
    assert [len(one.contributions) for one in same.documents] == [1, 0]


def test_a_void_status_takes_back_the_bill_it_names(decode, text) -> None:
    """CEB818 with status 3 deletes the assessment of CEB816 under its own reference."""
    bill = decode(text("ceb816")).documents[0].contributions[0]
    event, gone = decode(text("ceb818_void")).documents[0].contributions
    assert gone.kind is ContributionKind.ASSESSMENT
    assert gone.function is Function.DELETE
    assert gone.reference == bill.reference
    assert event.function is Function.NEW


def test_taxes_that_a_bill_cannot_say_are_told(now, text) -> None:
    """A tax of another kind is a loss; a line without its taxes refuses the bill."""
    item = adapter.items(text("ceb816_without_lines").encode(), Limits())[0]
    other = msgspec.structs.replace(item.assessment.taxes[0], kind="ADD")
    said = msgspec.structs.replace(item.assessment, taxes=(*item.assessment.taxes, other))
    losses = adapter.encode("CEB816", [msgspec.structs.replace(item, assessment=said)], now).losses
    assert "assessment.taxes[].kind" in [one.path for one in losses]
    whole = adapter.items(text("ceb816").encode(), Limits())[0]
    cut = msgspec.structs.replace(whole.assessment, taxes=whole.assessment.taxes[:-1])
    with pytest.raises(InputError) as caught:
        adapter.encode("CEB816", [msgspec.structs.replace(whole, assessment=cut)], now)
    assert {one.code for one in caught.value.findings} == {"SCHEMA-MISSING"}


def test_statements_of_others_are_no_fields_of_ours(now, text) -> None:
    """A statement that this message does not carry is lost, and that is told."""
    item = adapter.items(text("ceb411").encode(), Limits())[0]
    mine = item.filing.statements[0]
    foreign = msgspec.structs.replace(mine, code="CEB311/discount")
    filing = msgspec.structs.replace(item.filing, statements=(mine, foreign))
    encoded = adapter.encode("CEB411", [msgspec.structs.replace(item, filing=filing)], now)
    assert {one.path for one in encoded.losses} == {"filing.statements[].code", "filing.statements[].text"}
    assert adapter.items(encoded.body, Limits()) == (item,)


def test_a_warehouse_entry_is_one_document(now, text, decode) -> None:
    """CEB711 takes one document of any number of lines."""
    items = adapter.items(text("ceb711").encode(), Limits())
    more = [msgspec.structs.replace(items[0], tracking_number=f"SF{number}") for number in range(150)]
    document = decode(adapter.encode("CEB711", more, now).body).documents[0]
    assert len(document.contributions) == 150
