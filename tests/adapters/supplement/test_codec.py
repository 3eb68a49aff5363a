# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Reading, answering and writing supplements."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.supplement import adapter
from gateway.sdk import (
    AdapterError,
    Address,
    ContributionKind,
    DocumentOutcome,
    Function,
    InputError,
    Item,
    Limits,
    Mass,
    Money,
    Party,
    has_errors,
)

NOW = datetime(2026, 3, 2, 0, 15, tzinfo=UTC)
NUMBER = "LX473124829CN"
SAMPLE_FAULTS = {
    "amount_as_number": "SUPPLEMENT-FORM",
    "amount_with_exponent": "SCHEMA-FORMAT",
    "content_not_a_list": "SUPPLEMENT-FORM",
    "cut_short": "SUPPLEMENT-SYNTAX",
    "hs_five_digits": "SCHEMA-FORMAT",
    "impossible_date": "SCHEMA-FORMAT",
    "item_not_an_object": "SUPPLEMENT-FORM",
    "long_name": "SCHEMA-LENGTH",
    "many_faults": "SCHEMA-LENGTH",
    "missing_tracking_number": "SCHEMA-MISSING",
    "no_items": "SCHEMA-COUNT",
    "no_message_id": "SCHEMA-MISSING",
    "not_utf8": "SUPPLEMENT-SYNTAX",
    "null_value": "SUPPLEMENT-FORM",
    "s10_check_digit": "SUPPLEMENT-S10-CHECK-DIGIT",
    "time_without_zone": "SCHEMA-FORMAT",
    "unknown_country": "SCHEMA-CODE",
    "unknown_currency": "SCHEMA-CODE",
    "unknown_function": "SCHEMA-CODE",
    "unknown_key": "SUPPLEMENT-UNKNOWN-KEY",
    "version_two": "SUPPLEMENT-FORM",
}


def told(findings):
    """Return what findings are about, for comparison."""
    return sorted((one.code, one.path) for one in findings)


def all_findings(message):
    """Return the findings of a message and of its documents."""
    return [*message.findings, *(one for document in message.documents for one in document.findings)]


def test_good_samples_are_accepted(folder):
    """Every good sample is recognised and read without any finding."""
    found = (folder / "samples").glob("good_*.json")
    files = sorted(one for one in found if not one.name.endswith(".expected.json"))
    assert len(files) == 4
    for file in files:
        assert adapter.recognises(file.read_bytes())
        message = adapter.decode(file.read_bytes(), Limits())
        assert all_findings(message) == []
        assert all(document.contributions for document in message.documents)


def test_bad_samples_are_named_by_their_fault(folder):
    """Every bad sample has the finding that its name promises."""
    files = {file.stem.removeprefix("bad_"): file for file in (folder / "samples").glob("bad_*.json")}
    assert set(files) == set(SAMPLE_FAULTS)
    for fault, file in files.items():
        found = all_findings(adapter.decode(file.read_bytes(), Limits()))
        assert SAMPLE_FAULTS[fault] in {one.code for one in found}


def test_an_item_becomes_a_contribution(read):
    """What is said arrives typed, under the tracking number, with the sender's message as its source."""
    message = read(
        {
            "tracking_number": NUMBER,
            "posting_date": "2026-03-01",
            "addressee": {"name": "Ada Muster", "address": {"city": "Bonn", "country": "DE"}},
            "postage": {"amount": "42.00", "currency": "CNY"},
            "content": [{"number": 1, "origin_country": "VN", "net_mass": {"value": "0.6", "unit": "KGM"}}],
        },
        issued_at="2026-03-02T08:15:00+08:00",
    )
    (document,) = message.documents
    (one,) = document.contributions
    assert (one.kind, one.function, one.reference) == (ContributionKind.SUPPLEMENT, Function.NEW, NUMBER)
    assert (one.keys, one.guid, one.issued_at) == ((f"trk:{NUMBER}",), "L1", NOW)
    assert one.item.posting_date == date(2026, 3, 1)
    assert one.item.addressee == Party(name="Ada Muster", address=Address(city="Bonn", country="DE"))
    assert one.item.postage == Money(amount=Decimal("42.00"), currency="CNY")
    assert one.item.content[0].net_mass == Mass(value=Decimal("0.6"), unit="KGM")
    assert document.echo == {"tracking_number": NUMBER, "function": "new"}


def test_one_bad_item_does_not_void_the_others(read):
    """Each item is judged alone, with pointers to every fault."""
    bad = {
        "tracking_number": "LX473124828CN",
        "sender": {"name": 1, "address": "street"},
        "content": [{"number": 1.5, "origin_country": "QQ"}, 7],
        "posting_date": None,
    }
    message = read({"tracking_number": "A-1"}, bad, {"tracking_number": "A-2", "function": "delete"})
    assert [len(one.contributions) for one in message.documents] == [1, 0, 1]
    assert message.documents[2].contributions[0].function is Function.DELETE
    assert told(message.documents[1].findings) == [
        ("SCHEMA-CODE", "/items/1/content/0/origin_country"),
        ("SUPPLEMENT-FORM", "/items/1/content/0/number"),
        ("SUPPLEMENT-FORM", "/items/1/content/1"),
        ("SUPPLEMENT-FORM", "/items/1/posting_date"),
        ("SUPPLEMENT-FORM", "/items/1/sender/address"),
        ("SUPPLEMENT-FORM", "/items/1/sender/name"),
        ("SUPPLEMENT-S10-CHECK-DIGIT", "/items/1/tracking_number"),
    ]
    assert {one.position for one in message.documents[1].findings} == {"item 2"}


def test_an_unknown_key_warns_and_a_joined_name_is_no_way_in(read):
    """Keys that the form does not know are named; a key with a slash is not taken for a nested one."""
    item = {"tracking_number": "A-1", "adressee": {"name": "x"}, "sender/name": "x", "sender": {"nick": [1]}}
    (document,) = read(item).documents
    assert told(document.findings) == [
        ("SUPPLEMENT-UNKNOWN-KEY", "/items/0/adressee"),
        ("SUPPLEMENT-UNKNOWN-KEY", "/items/0/sender/nick"),
        ("SUPPLEMENT-UNKNOWN-KEY", "/items/0/sender~1name"),
    ]
    assert document.contributions[0].item == Item(tracking_number="A-1")


@pytest.mark.parametrize("number", ["A 1", "A|1", "Ä1", "A\u00001", "x" * 36, ""])
def test_a_tracking_number_that_could_not_be_stored_or_joined_is_refused(read, number):
    """The number is the key of everything else, so its characters and length are narrow."""
    (document,) = read({"tracking_number": number}).documents
    assert has_errors(document.findings)
    assert document.contributions == ()


def test_control_characters_are_refused(read):
    """What could not be written to a partner's message later is not taken now."""
    (document,) = read({"tracking_number": "A-1", "note": "a\u0001"}).documents
    assert told(document.findings) == [("SCHEMA-FORMAT", "/items/0/note")]


def test_every_fault_of_the_frame_is_told(read):
    """A wrong frame refuses the whole message and names all its faults."""
    message = read(supplement=2, sender="", message_id=None, issued_at="yesterday", extra=1)
    assert told(message.findings) == [
        ("SCHEMA-COUNT", "/items"),
        ("SCHEMA-FORMAT", "/issued_at"),
        ("SCHEMA-MISSING", "/message_id"),
        ("SUPPLEMENT-FORM", "/sender"),
        ("SUPPLEMENT-FORM", "/supplement"),
        ("SUPPLEMENT-UNKNOWN-KEY", "/extra"),
    ]
    assert message.documents == ()


def test_the_number_of_items_is_limited(read):
    """A thousand items pass, one more does not."""
    assert len(read(*[{"tracking_number": f"A-{number}"} for number in range(1000)]).documents) == 1000
    many = read(*[{"tracking_number": "A"}] * 1001)
    assert told(many.findings) == [("SCHEMA-COUNT", "/items")]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"null",
        b"[" * 100_000,
        b'{"supplement":1,"items":' + b"[" * 100_000,
        b'{"supplement":1,"sender":"\xff"}',
        b'{"supplement":1,"sender":"\\ud800"}',
        b'{"supplement":1,"sender":"a","message_id":"b","items":[' + b'{"content":' * 2000,
    ],
)
def test_hostile_json_is_a_finding(raw):
    """Depth, broken UTF-8 and broken JSON refuse the message without an exception."""
    assert has_errors(adapter.decode(raw, Limits()).findings)


def test_sizes_are_limited(read):
    """The message and each item have a limit in bytes."""
    assert told(adapter.decode(b"{}" * 10, Limits(max_bytes=10)).findings) == [("SUPPLEMENT-SIZE", "")]
    big, small = read(
        {"tracking_number": "A-1", "x": "y" * 1024 * 1024}, {"tracking_number": "A-2"}
    ).documents
    assert told(big.findings) == [("SUPPLEMENT-SIZE", "/items/0")]
    assert small.findings == ()


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner)
            | (
                st.dictionaries(
                    st.sampled_from(["tracking_number", "sender", "content", "name", "address", "x/~"]), inner
                )
            )
        ),
    )
)
def test_any_json_item_is_answered(item):
    """Whatever an item is, it gives a contribution or says why not."""
    raw = msgspec.json.encode({"supplement": 1, "sender": "a", "message_id": "b", "items": [item]})
    (document,) = adapter.decode(raw, Limits()).documents
    assert bool(document.contributions) is not has_errors(document.findings)


def test_the_receipt_says_what_became_of_each_item(folder):
    """Counts, outcomes and findings stand in the receipt, and only parts that say something."""
    message = adapter.decode((folder / "samples" / "bad_long_name.json").read_bytes(), Limits())
    outcomes = [
        DocumentOutcome(
            position=one.position, accepted=bool(one.contributions), echo=one.echo, findings=one.findings
        )
        for one in message.documents
    ]
    answer = adapter.acknowledge(message, outcomes, NOW)
    body = json.loads(answer.body)
    assert answer.content_type == "application/json"
    assert (body["status"], body["accepted"], body["refused"]) == ("partial", 1, 1)
    assert body["received_at"] == "2026-03-02T00:15:00Z"
    assert body["items"][0]["tracking_number"] == NUMBER
    (finding,) = body["items"][0]["findings"]
    assert (finding["code"], finding["path"]) == ("SCHEMA-LENGTH", "/items/0/addressee/name")
    refused = json.loads(adapter.acknowledge(adapter.decode(b"{", Limits()), (), NOW).body)
    assert (refused["status"], refused["items"]) == ("refused", [])
    assert refused["findings"][0]["code"] == "SUPPLEMENT-SYNTAX"


def test_what_was_read_is_written_the_same(folder):
    """Writing an item and reading it again gives the same item, without loss, and equal bytes each time."""
    message = adapter.decode((folder / "samples" / "good_return.json").read_bytes(), Limits())
    items = [document.contributions[0].item for document in message.documents]
    encoded = adapter.encode("SUPPLEMENT", items, NOW)
    again = adapter.decode(encoded.body, Limits())
    assert [document.contributions[0].item for document in again.documents] == items
    assert (encoded.losses, encoded.findings) == ((), ())
    assert encoded == adapter.encode("SUPPLEMENT", items, NOW)


def test_what_cannot_be_written_is_refused():
    """Another message type, a wrong count and an item without tracking number raise with their reasons."""
    with pytest.raises(AdapterError, match="not CEB603"):
        adapter.encode("CEB603", [Item()], NOW)
    with pytest.raises(InputError):
        adapter.encode("SUPPLEMENT", [], NOW)
    with pytest.raises(InputError) as caught:
        adapter.encode("SUPPLEMENT", [Item(tracking_number="A-1"), Item()], NOW)
    assert told(caught.value.findings) == [("SCHEMA-MISSING", "/items/1/tracking_number")]


@pytest.mark.parametrize(
    ("raw", "known"),
    [
        (b' {"supplement": 1', True),
        (b'\xef\xbb\xbf{"a":1,"supplement" :1', True),
        (b'["supplement":', False),
        (b"<supplement/>", False),
        (b"", False),
        (b"{" + b" " * 1024 + b'"supplement":1}', False),
    ],
)
def test_the_form_is_recognised_by_its_first_kilobyte(raw, known):
    """An object with the key supplement near its beginning is ours."""
    assert adapter.recognises(raw) is known
