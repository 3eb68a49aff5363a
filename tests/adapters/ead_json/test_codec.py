# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Reading, answering and writing plain JSON."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.ead_json import adapter
from adapters.ead_json.json_schema import json_schema, schema_text
from gateway.sdk import (
    AdapterError,
    Assessment,
    ContributionKind,
    DecodedMessage,
    Dispatch,
    DocumentOutcome,
    Event,
    Function,
    InputError,
    Item,
    Limits,
    Mass,
    Receptacle,
    has_errors,
    leaf_types,
)
from tests.adapters.schema_judge import faults

NOW = datetime(2026, 3, 2, 0, 15, tzinfo=UTC)
SAMPLE_FAULTS = {
    "amount_as_number": ("EAD-JSON-FORM", "/records/0/data/goods_value/amount"),
    "amount_with_exponent": ("SCHEMA-FORMAT", "/records/0/data/goods_value/amount"),
    "control_character": ("SCHEMA-FORMAT", "/records/0/data/note"),
    "count_as_text": ("EAD-JSON-FORM", "/records/0/data/package_count"),
    "cut_short": ("EAD-JSON-SYNTAX", ""),
    "event_without_group": ("EAD-JSON-GROUP", "/records/0/data/event"),
    "impossible_date": ("SCHEMA-FORMAT", "/records/0/data/posting_date"),
    "item_with_event": ("EAD-JSON-GROUP", "/records/0/data/event"),
    "long_text": ("SCHEMA-FORMAT", "/records/0/data/note"),
    "message_without_id": ("SCHEMA-MISSING", "/message_id"),
    "no_data": ("SCHEMA-MISSING", "/records/0/data"),
    "no_key": ("EAD-JSON-KEY", "/records/0/data"),
    "no_kind": ("SCHEMA-MISSING", "/records/0/kind"),
    "no_records": ("SCHEMA-COUNT", "/records"),
    "no_reference": ("SCHEMA-MISSING", "/records/0/reference"),
    "null_value": ("EAD-JSON-FORM", "/records/0/data/note"),
    "record_not_an_object": ("EAD-JSON-FORM", "/records/0"),
    "repeated_key": ("EAD-JSON-REPEATED-KEY", "/records/0"),
    "s10_check_digit": ("EAD-JSON-S10-CHECK-DIGIT", "/records/0/data/tracking_number"),
    "source_beside_event": ("EAD-JSON-GROUP", "/records/0/source"),
    "time_without_zone": ("SCHEMA-FORMAT", "/records/0/data/filing/declared_at"),
    "unknown_function": ("SCHEMA-CODE", "/records/0/function"),
    "unknown_key": ("EAD-JSON-UNKNOWN-KEY", "/records/0/data/adressee"),
    "unknown_kind": ("SCHEMA-CODE", "/records/0/kind"),
    "unknown_source": ("SCHEMA-CODE", "/records/0/source"),
    "version_two": ("EAD-JSON-FORM", "/ead_json"),
}
GOOD = ("good_every_kind", "good_every_leaf", "good_filing", "good_postal_delete")
BEYOND_SCHEMA = {"impossible_date", "no_key", "no_reference", "repeated_key", "s10_check_digit"} | {
    "control_character",
    "cut_short",
    "time_without_zone",
}


def told(message):
    """Return all findings of a message and of its documents, as code and path."""
    found = [*message.findings, *(one for document in message.documents for one in document.findings)]
    return [(one.code, one.path) for one in found]


@pytest.mark.parametrize("name", GOOD)
def test_a_good_sample_decodes_to_its_expected_record(folder, name):
    """Every good sample is recognised, fits the schema and gives exactly the record that stands beside it."""
    raw = (folder / "samples" / f"{name}.json").read_bytes()
    expected = (folder / "samples" / f"{name}.expected.json").read_bytes()
    assert adapter.recognises(raw)
    assert faults(json.loads(raw), json_schema()) == []
    assert adapter.decode(raw, Limits()) == msgspec.json.decode(expected, type=DecodedMessage)


def test_there_is_no_other_sample(folder):
    """Each sample on disk is under test here."""
    names = {file.stem for file in (folder / "samples").glob("*.json") if ".expected" not in file.name}
    assert names == {*GOOD, *(f"bad_{fault}" for fault in SAMPLE_FAULTS)}


@pytest.mark.parametrize("fault", SAMPLE_FAULTS)
def test_a_bad_sample_has_the_finding_of_its_name(folder, fault):
    """Every bad sample gives one finding, at its place, and the schema sees what a schema can."""
    raw = (folder / "samples" / f"bad_{fault}.json").read_bytes()
    assert told(adapter.decode(raw, Limits())) == [SAMPLE_FAULTS[fault]]
    if fault not in BEYOND_SCHEMA:
        assert faults(json.loads(raw), json_schema()) != []


def test_the_schema_file_is_the_one_derived(folder):
    """schema.json is what the model gives; run python -m adapters.ead_json.json_schema to renew it."""
    assert (folder / "schema.json").read_text("utf-8") == schema_text()


def test_the_table_has_every_leaf():
    """Explain and the field documents show each canonical leaf under its own name."""
    table = adapter.tables()["EAD"]
    assert [(row.outside, row.path) for row in table.rules.values()] == [
        (one, one) for one in leaf_types(Item)
    ]


def test_an_item_is_a_filing_unless_it_says_another_source(read):
    """The source of an item is named or is a filing; function and issue time reach the contribution."""
    message = read(
        {"kind": "item", "data": {"tracking_number": "A-1"}},
        {"kind": "item", "source": "postal", "function": "delete", "data": {"tracking_number": "A-1"}},
        issued_at="2026-03-02T01:15:00+01:00",
    )
    first, second = (one.contributions[0] for one in message.documents)
    assert (first.kind, first.function, first.reference) == (ContributionKind.FILING, Function.NEW, "A-1")
    assert (second.kind, second.function) == (ContributionKind.POSTAL, Function.DELETE)
    assert (first.keys, first.guid, first.issued_at) == (("trk:A-1",), "N1", NOW)


def test_keys_and_references_follow_from_the_record():
    """Each kind is joined by what it is about and called by what makes it one of its kind."""
    receptacles = (Receptacle(number="R1"), Receptacle())
    items = [
        Item(tracking_number="A-1", event=Event(code="EMC", at=NOW, dispatch="D", receptacle="R")),
        Item(dispatch=Dispatch(number="D1", stage="closed", receptacles=receptacles)),
        Item(mrn="M", assessment=Assessment(reference="X-1")),
        Item(mrn="M", assessment=Assessment(outcome="release")),
    ]
    message = adapter.decode(adapter.encode("EAD", items, NOW).body, Limits())
    made = [one.contributions[0] for one in message.documents]
    assert [(one.kind.value, one.reference, one.keys) for one in made] == [
        ("event", "A-1|EMC|2026-03-02T00:15:00Z", ("trk:A-1", "dsp:D", "rcp:R")),
        ("dispatch", "D1|closed", ("dsp:D1", "rcp:R1")),
        ("assessment", "X-1", ("mrn:M",)),
        ("assessment", "M", ("mrn:M",)),
    ]


def test_one_bad_record_does_not_void_the_others(read):
    """Each record is judged alone, with a pointer to every fault."""
    bad = {"kind": "item", "data": {"sender": 7, "content": [{"number": 1.5}, 7], "a/b~": 1}}
    good = {"kind": "item", "data": {"tracking_number": "A-1"}}
    message = read(good, bad, good)
    assert [len(one.contributions) for one in message.documents] == [1, 0, 1]
    assert told(message) == [
        ("EAD-JSON-FORM", "/records/1/data/sender"),
        ("EAD-JSON-FORM", "/records/1/data/content/0/number"),
        ("EAD-JSON-FORM", "/records/1/data/content/1"),
        ("EAD-JSON-UNKNOWN-KEY", "/records/1/data/a~1b~0"),
    ]


def test_a_text_with_the_mark_of_a_key_is_no_repeated_key(read):
    """Only keys that truly stand twice in one object are refused."""
    note = 'he said "so": and "so": again'
    assert told(read({"kind": "item", "data": {"tracking_number": "A-1", "note": note}})) == []


def test_every_fault_of_the_frame_is_told(read):
    """A wrong frame refuses the whole message and names all its faults."""
    message = read(ead_json=2, sender="", message_id=None, issued_at="yesterday", extra=1)
    assert sorted(told(message)) == [
        ("EAD-JSON-FORM", "/ead_json"),
        ("EAD-JSON-FORM", "/sender"),
        ("EAD-JSON-UNKNOWN-KEY", "/extra"),
        ("SCHEMA-COUNT", "/records"),
        ("SCHEMA-FORMAT", "/issued_at"),
        ("SCHEMA-MISSING", "/message_id"),
    ]
    assert message.documents == ()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"null",
        b"[" * 100_000,
        b'{"ead_json":1,"records":' + b"[" * 100_000,
        b'{"ead_json":1,"sender":"\xff"}',
        b'{"ead_json":1,"sender":"\\ud800","message_id":"b","records":[{}]}',
        b'{"ead_json":1,"sender":"a","message_id":"b","records":['
        + b'{"data":' * 900
        + b"1"
        + b"}" * 900
        + b"]}",
    ],
)
def test_hostile_json_is_a_finding(raw):
    """Depth, broken UTF-8 and broken JSON refuse the message or the record without an exception."""
    message = adapter.decode(raw, Limits())
    assert has_errors(message.findings) or has_errors(message.documents[0].findings)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_bytes_make_it_raise(raw):
    """Whatever comes is answered with a message."""
    assert adapter.decode(b'{"ead_json":1,"sender":"a","message_id":"b","records":[' + raw, Limits()).adapter
    assert adapter.decode(raw, Limits()).adapter == "ead_json"


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["kind", "data", "event", "content", "filing", "value", "at", "x"]),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_no_json_makes_it_raise(read, value):
    """Any JSON in the place of a record is read or told."""
    (document,) = read(value).documents
    assert document.contributions or has_errors(document.findings)


def test_sizes_are_limited(read):
    """The message and each record have a limit in bytes, and a message one in records."""
    assert told(adapter.decode(b"{}" * 10, Limits(max_bytes=10))) == [("EAD-JSON-SIZE", "")]
    good = {"kind": "item", "data": {"tracking_number": "A-1"}}
    big = {"kind": "item", "data": {"content": [{"note": "x" * 3000}] * 400}}
    assert told(read(good, big)) == [("EAD-JSON-SIZE", "/records/1")]
    assert told(read(*[good] * 1001)) == [("SCHEMA-COUNT", "/records")]


def test_the_receipt_tells_every_outcome_and_finding(read):
    """The acknowledgement repeats kind and reference and carries the findings with their pointers."""
    message = read({"kind": "item", "data": {"tracking_number": "A-1"}}, {"kind": "item", "data": 7})
    outcomes = [
        DocumentOutcome(
            position=one.position,
            accepted=not has_errors(one.findings),
            echo=one.echo,
            findings=one.findings,
        )
        for one in message.documents
    ]
    answer = adapter.acknowledge(message, outcomes, NOW)
    body = json.loads(answer.body)
    assert answer.content_type == "application/json"
    assert (body["status"], body["accepted"], body["refused"]) == ("partial", 1, 1)
    assert body["records"][0] == {
        "position": 1,
        "kind": "item",
        "reference": "A-1",
        "accepted": True,
        "findings": [],
    }
    assert [one["path"] for one in body["records"][1]["findings"]] == ["/records/1/data"]


@pytest.mark.parametrize(
    ("item", "code"),
    [
        (Item(), "EAD-JSON-KEY"),
        (Item(tracking_number="A", event=Event(code="EMC"), assessment=Assessment()), "EAD-JSON-GROUP"),
        (Item(tracking_number="A", note="\x01"), "SCHEMA-FORMAT"),
        (Item(tracking_number="A", note="x" * 4001), "SCHEMA-FORMAT"),
        (Item(tracking_number="A", gross_mass=Mass(value=Decimal("NaN"))), "SCHEMA-FORMAT"),
        (Item(tracking_number="A", gross_mass=Mass(value=Decimal("1E-13"))), "SCHEMA-FORMAT"),
        (Item(tracking_number="A", event=Event(at=datetime(2026, 1, 1))), "SCHEMA-FORMAT"),  # noqa: DTZ001
    ],
)
def test_what_the_form_cannot_carry_is_not_written(item, code):
    """A record that could not be read back is refused by name when it is written."""
    with pytest.raises(InputError) as refused:
        adapter.encode("EAD", [item], NOW)
    assert code in {one.code for one in refused.value.findings}


def test_wrong_calls_are_refused():
    """Another message type is the caller's error, and a message without records is none."""
    with pytest.raises(AdapterError):
        adapter.encode("ITMATT", [Item(tracking_number="A")], NOW)
    with pytest.raises(InputError):
        adapter.encode("EAD", [], NOW)


def test_equal_records_give_equal_bytes():
    """Writing depends on records and time alone."""
    item = Item(tracking_number="A-1")
    assert adapter.encode("EAD", [item], NOW) == adapter.encode("EAD", [item], NOW)
