# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The samples: good ones read as expected and are written back, bad ones are found by name."""

import random
import re
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from adapters.upu_edi import UpuEdiAdapter, adapter
from adapters.upu_edi.catalogue import CATALOGUE
from gateway.sdk import DecodedMessage, DocumentOutcome, Limits, finding, has_errors

SAMPLES = Path(__file__).parents[3] / "adapters" / "upu_edi" / "samples"
GOOD = sorted(one.stem for one in SAMPLES.glob("good_*.edi"))
NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
BAD = {
    "amount_letters": "EDIFACT-NUMBER",
    "answer_kind_unknown": "SCHEMA-CODE",
    "country_unknown": "SCHEMA-CODE-UNKNOWN",
    "currency_two_letters": "EDIFACT-TOO-SHORT",
    "date_outside_calendar": "EDIFACT-DATE",
    "description_missing_value": "EDIFACT-ELEMENT-MISSING",
    "dispatch_without_number": "EDIFACT-ELEMENT-MISSING",
    "event_held_without_reason": "UPU-EDI-RETENTION",
    "event_time_form": "EDIFACT-DATE",
    "event_without_code": "EDIFACT-ELEMENT-MISSING",
    "hs_letters": "UPU-EDI-HS",
    "item_number_blank": "SCHEMA-FORMAT",
    "interchange_reference": "EDIFACT-REFERENCE",
    "item_count_letters": "EDIFACT-NUMBER",
    "item_name_too_long": "EDIFACT-TOO-LONG",
    "message_count": "EDIFACT-COUNT",
    "nested_group": "EDIFACT-GROUP-NESTED",
    "no_item_number": "EDIFACT-SEGMENT-ORDER",
    "not_an_interchange": "EDIFACT-SERVICE-CHARACTERS",
    "office_not_impc": "UPU-EDI-IMPC",
    "opening_without_salt": "EDIFACT-ELEMENT-MISSING",
    "outcome_unknown": "SCHEMA-CODE",
    "receptacle_not_s9": "UPU-EDI-S9",
    "release_at_end": "EDIFACT-ELEMENT-EXTRA",
    "s10_check_digit": "UPU-EDI-S10",
    "segment_count": "EDIFACT-COUNT",
    "two_interchanges": "UPU-EDI-ONE",
    "unknown_message": "EDIFACT-MESSAGE-UNKNOWN",
    "unknown_segment": "EDIFACT-SEGMENT-UNKNOWN",
    "without_unz": "EDIFACT-TRAILER-MISSING",
    "wrong_charset": "EDIFACT-CHARACTER",
}


def read(name):
    """Return a sample as a decoded message."""
    return adapter.decode((SAMPLES / f"{name}.edi").read_bytes(), Limits())


def test_there_is_a_good_sample_of_every_message():
    """Each message of the catalogue has a good sample."""
    assert {one.removeprefix("good_").upper() for one in GOOD} >= set(CATALOGUE)


@pytest.mark.parametrize("name", GOOD)
def test_good_sample_reads_as_expected(name):
    """A good sample gives what its JSON says, without findings."""
    message = read(name)
    expected = (SAMPLES / f"{name}.expected.json").read_bytes()
    assert message == msgspec.json.decode(expected, type=DecodedMessage)
    assert not message.findings
    assert not any(one.findings for one in message.documents)


@pytest.mark.parametrize("name", GOOD)
def test_good_sample_is_written_back(name):
    """What a good sample says is written as the same bytes again, apart from references and times."""
    message = read(name)
    items = [one.contributions[0].item for one in message.documents]
    again = adapter.decode(adapter.encode(message.message_type, items, NOW).body, Limits())
    assert [one.contributions[0].item for one in again.documents] == items


@pytest.mark.parametrize("name", BAD)
def test_bad_sample_is_found_by_name(name):
    """A bad sample gets the finding of its fault, and what is an error has no effect."""
    message = read(f"bad_{name}")
    codes = {one.code for one in message.findings}
    codes |= {found.code for one in message.documents for found in one.findings}
    assert BAD[name] in codes, codes
    for one in message.documents:
        assert not (has_errors(one.findings) and one.contributions)


def test_all_bad_samples_are_listed():
    """No bad sample is left out of the table above."""
    assert {one.stem.removeprefix("bad_") for one in SAMPLES.glob("bad_*.edi")} == set(BAD)


def test_damaged_bytes_are_told_and_answered():
    """Bytes that are no characters, wherever they stand, give findings that can be written and answered."""
    raw, dice = (SAMPLES / "good_itmatt.edi").read_bytes(), random.Random(7)
    for _ in range(200):
        hurt = bytearray(raw)
        for _ in range(3):
            hurt[dice.randrange(9, len(hurt))] = dice.choice(b"\xff\xc3\x00\x80?*")
        message = adapter.decode(bytes(hurt), Limits())
        outcomes = [
            DocumentOutcome(position=one.position, accepted=False, echo=one.echo, findings=one.findings)
            for one in message.documents
        ]
        assert msgspec.json.encode(message)
        assert adapter.acknowledge(message, outcomes, NOW).content_type


def test_unknown_codes_are_kept_and_flagged():
    """Codes that no list holds stay in the record, each with a warning that names its list."""
    raw = (SAMPLES / "good_itmatt.edi").read_bytes()
    (first, _) = adapter.decode(raw.replace(b"ATT+NAT+11", b"ATT+NAT+77", 1), Limits()).documents
    assert [(one.code, one.expected) for one in first.findings] == [("UPU-EDI-CODE", "nature_of_transaction")]
    assert first.contributions[0].item.nature_of_transaction == "77"
    event = (SAMPLES / "good_emsevt.edi").read_bytes().replace(b"STS++EMC", b"STS++EMQ", 1)
    assert "UPU-EDI-CODE" in {one.code for one in adapter.decode(event, Limits()).documents[0].findings}


def test_test_interchange_has_no_effect():
    """An interchange marked as a test is read and answered, and says nothing."""
    raw = (SAMPLES / "good_itmatt.edi").read_bytes()
    marked = re.sub(rb"(UNB\+[^']*\+\+\+\+1)'", rb"\1++1'", raw, count=1)
    assert marked != raw
    for one in adapter.decode(marked, Limits()).documents:
        assert [found.code for found in one.findings] == ["UPU-EDI-TEST"]
        assert not one.contributions


def test_one_bad_item_leaves_the_others():
    """A fault that the table finds in one item refuses that item alone."""
    first, second = read("bad_item_number_blank").documents
    assert has_errors(first.findings)
    assert not first.contributions
    assert second.contributions


def test_one_bad_message_leaves_the_others():
    """A message that breaks its guide is refused with a finding; the others of its interchange are taken."""
    raw = (SAMPLES / "good_cusrsp.edi").read_bytes()
    begin, end = raw.index(b"UNH+"), raw.index(b"UNZ+")
    message = raw[begin:end]
    second = (
        message.replace(b"UNH+1+", b"UNH+2+").replace(b"UNT+19+1'", b"UNT+19+2'").replace(b"+5.04+", b"+X+")
    )
    third = message.replace(b"UNH+1+", b"UNH+3+").replace(b"UNT+19+1'", b"UNT+19+3'")
    trailer = raw[end:].replace(b"UNZ+1+", b"UNZ+3+")
    read = adapter.decode(raw[:begin] + message + second + third + trailer, Limits())
    assert not read.findings
    assert [bool(one.contributions) for one in read.documents] == [True, False, True]
    assert [one.code for one in read.documents[1].findings] == ["EDIFACT-NUMBER"]


def answered(name, more=()):
    """Return the acknowledgement of a sample whose sound documents were accepted."""
    message = read(name)
    message = msgspec.structs.replace(message, findings=(*message.findings, *more), documents=())
    outcomes = [
        DocumentOutcome(
            position=one.position,
            accepted=not has_errors(one.findings),
            echo=one.echo,
            findings=one.findings,
        )
        for one in read(name).documents
    ]
    return adapter.acknowledge(message, outcomes, NOW).body.decode()


def test_sound_interchange_is_acknowledged_with_contrl():
    """CONTRL acknowledges the interchange, and there is no APERAK where rules found nothing."""
    answer = answered("good_itmatt")
    assert re.search(r"UCI\+\w+\+CNA\+NLA\+7'", answer)
    assert "UNH" in answer
    assert "APERAK" not in answer


def test_refused_message_is_named_in_contrl():
    """A message that breaks its guide is rejected with UCM, segment and error."""
    answer = answered("bad_amount_letters")
    assert "UCM+1+ITMATT:1:0:ZZ:EADGW1+4'" in answer
    assert "UCS+" in answer
    assert "+37" in answer


def test_rules_speak_by_aperak():
    """What a rule found stands in APERAK with its code and meaning."""
    answer = answered("bad_s10_check_digit")
    assert "APERAK" in answer
    assert "ERC+UPU-EDI-S10'" in answer


def test_replayed_reference_is_rejected_as_duplicate():
    """Where the gateway knows the reference already, CONTRL rejects the interchange with error 26."""
    assert "+4+26" in answered("good_itmatt", [finding("INTAKE-REPLAYED")])


@pytest.mark.parametrize("kind", ["CONTRL", "APERAK"])
def test_answers_are_never_answered(kind):
    """A received CONTRL or APERAK is taken without words and gets no EDIFACT answer."""
    raw = answered("good_itmatt") if kind == "CONTRL" else answered("bad_s10_check_digit")
    parts = raw.split("UNA")[1:]
    answer = ("UNA" + (parts[0] if kind == "CONTRL" else parts[1])).encode()
    message = adapter.decode(answer, Limits())
    assert message.message_type == kind
    assert not any(one.contributions for one in message.documents)
    outcomes = [DocumentOutcome(position=1, accepted=True, echo=one.echo) for one in message.documents]
    assert adapter.acknowledge(message, outcomes, NOW).body == b""


def test_our_own_answer_can_be_read():
    """CONTRL followed by APERAK is one answer, which is taken whole."""
    message = adapter.decode(answered("bad_s10_check_digit").encode(), Limits())
    assert message.message_type == "CONTRL+APERAK"
    assert not message.once
    assert not any(has_errors(one.findings) for one in message.documents)


def test_interchange_is_used_once():
    """The message id is the sender with the reference of the interchange, which may be used once."""
    message = read("good_predes")
    assert message.once
    assert re.fullmatch(r"SENDER/\w{14}", message.message_id)
    items = [one.contributions[0].item for one in read("good_itmatt").documents]
    assert len({adapter.encode("ITMATT", [one], NOW).body[:80] for one in items}) == len(items)


def test_operator_guides_take_the_place_of_ours(tmp_path):
    """A guide in an operator's folder decides over ours."""
    ours = (SAMPLES.parent / "guides" / "emsevt.toml").read_text("utf-8")
    (tmp_path / "emsevt.toml").write_text(ours.replace('qualifiers = ["7"]', 'qualifiers = ["8"]'), "utf-8")
    raw = (SAMPLES / "good_emsevt.edi").read_bytes()
    found = UpuEdiAdapter(tmp_path).decode(raw, Limits())
    assert any(has_errors(one.findings) for one in found.documents)
