# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What is refused, derived, rounded and cut when records are written."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

import adapters.eu_ics2
from adapters.eu_ics2 import Ics2Adapter, adapter
from adapters.eu_ics2.declared import load_declared
from gateway.sdk import AdapterError, ConfigError, InputError, Limits, Money, TariffCode, has_errors

HERE = Path(adapters.eu_ics2.__file__).parent / "samples"


@pytest.fixture(name="item")
def _item():
    """Return an item that lacks only what no postal source carries."""
    raw = (Path(adapters.eu_ics2.__file__).parent / "samples" / "postal_house_single.xml").read_bytes()
    return adapter.decode(raw, Limits()).documents[0].contributions[0].item


def without_person(item):
    """Return the item as a postal source has it: nobody says what kind of person a party is."""
    replace = msgspec.structs.replace
    return replace(
        item,
        sender=replace(item.sender, person_type=None),
        addressee=replace(item.addressee, person_type=None),
    )


def with_value(item, amount):
    """Return the item with another value on its first line."""
    line = msgspec.structs.replace(item.content[0], value=Money(amount=Decimal(amount), currency="EUR"))
    return msgspec.structs.replace(item, content=(line, *item.content[1:]))


def test_what_no_source_carries_is_refused_by_name(item, now) -> None:
    """As shipped, nothing is declared: the refusal names both kinds of person and the document type."""
    with pytest.raises(InputError) as caught:
        adapter.encode("postal_house", [without_person(item)], now)
    missing = {one.path for one in caught.value.findings if one.code == "SCHEMA-MISSING"}
    house = "consignmentHouseLevel"
    assert missing == {
        f"{house}/consignor/typeOfPerson",
        f"{house}/consignee/typeOfPerson",
        f"{house}/transportDocumentHouseLevel/type",
    }


def test_a_declared_value_is_written_and_told_as_derived(ics2, item, now) -> None:
    """The loss names the canonical path, the outside path, the rule and its source."""
    encoded = ics2.encode("postal_house", [without_person(item)], now)
    derived = {one.path: one for one in encoded.losses if one.kind == "derived"}
    assert derived["sender.person_type"].rule == "ICS2-DECLARED-CONSIGNOR-PERSON"
    assert derived["sender.person_type"].detail.startswith("made for tests")
    assert b"<typeOfPerson>1</typeOfPerson>" in encoded.body


def test_a_stated_value_is_not_overwritten_by_a_declared_one(ics2, item, now) -> None:
    """What the record says itself stands."""
    encoded = ics2.encode("postal_house", [item], now)
    assert b"<typeOfPerson>1</typeOfPerson>" not in encoded.body
    assert not [one for one in encoded.losses if one.path == "sender.person_type"]


@pytest.mark.parametrize(
    ("day", "written"),
    [((2025, 12, 31), False), ((2026, 1, 1), True), ((2026, 12, 31), True), ((2027, 1, 1), False)],
)
def test_a_declared_value_holds_on_its_days_only(ics2, item, day, written) -> None:
    """The day before the first and the day after the last it is refused again."""
    moment = datetime(*day, 12, 0, tzinfo=UTC)
    if written:
        assert ics2.encode("postal_house", [item], moment).body
        return
    with pytest.raises(InputError):
        ics2.encode("postal_house", [item], moment)


def test_nothing_is_declared_as_shipped() -> None:
    """Every row of the shipped file is off; the file of the tests switches the same rows on."""
    assert load_declared() == ()
    assert len(load_declared(HERE / "declared.toml")) > 30


def test_a_wrong_declaration_is_refused(tmp_path) -> None:
    """A row without a source, and a row with a key of its own, are configuration errors."""
    good = (HERE / "declared.toml").read_text("utf-8")
    for old, new in (('source = "made', 'sauce = "made'), ("valid_to = 2026-12-31", 'valid_to = "2026"')):
        (tmp_path / "declared.toml").write_text(good.replace(old, new, 1))
        with pytest.raises(ConfigError):
            Ics2Adapter.with_declared(tmp_path / "declared.toml")


@pytest.mark.parametrize(
    ("amount", "text"), [("10.125", "10.12"), ("10.135", "10.14"), ("10.10", "10.10"), ("0.006", "0.01")]
)
def test_amounts_are_rounded_half_to_even_and_the_original_is_kept(ics2, item, now, amount, text) -> None:
    """Three places become two; the loss names the mode and keeps the original."""
    encoded = ics2.encode("postal_house", [with_value(item, amount)], now)
    assert f'value="{text}"'.encode() in encoded.body
    rounded = [one for one in encoded.losses if one.kind == "rounded"]
    assert [one.detail for one in rounded] == (
        [f"half to even, originally {amount}"] if amount != text else []
    )


@pytest.mark.parametrize("amount", ["0.001", "0.005", "-0.004"])
def test_an_amount_that_would_become_zero_is_refused(ics2, item, now, amount) -> None:
    """Rounding never turns something into nothing."""
    with pytest.raises(InputError) as caught:
        ics2.encode("postal_house", [with_value(item, amount)], now)
    (fault,) = caught.value.findings
    assert fault.code == "SCHEMA-FORMAT"
    assert fault.path == "consignmentHouseLevel/goodsItem[1]/postalValue/@value"


def test_nothing_is_no_amount_that_became_nothing(ics2, item, now) -> None:
    """A value of zero is written as such."""
    assert b'value="0.00"' in ics2.encode("postal_house", [with_value(item, "0.00")], now).body


@pytest.mark.parametrize(
    ("codes", "written"),
    [
        (("6911", "6911"), None),
        ((None, "6911101900"), "691110"),
        ((None, None), None),
        (("691110", None), "691110"),
        (("69111019", None), "691110"),
    ],
)
def test_a_subheading_is_cut_but_never_padded(ics2, item, now, codes, written) -> None:
    """Six digits come from a longer code; a shorter one is left out with a warning and a loss."""
    line = msgspec.structs.replace(item.content[0], hs=codes[0], commodity_code=codes[1], filing=None)
    encoded = ics2.encode("postal_house", [msgspec.structs.replace(item, content=(line,))], now)
    assert (b"harmonizedSystemSubHeadingCode" in encoded.body) == (written is not None)
    if written is None:
        assert [one.code for one in encoded.findings] == ["ICS2-HS-ABSENT"]
    else:
        assert f"<harmonizedSystemSubHeadingCode>{written}<".encode() in encoded.body
    assert b"combinedNomenclatureCode" not in encoded.body


@pytest.mark.parametrize(
    ("stated", "kept"),
    [
        (("CN", "69111000"), True),
        (("TARIC", "69111000"), False),
        (("CN", "70111000"), False),
        (("CN", "691110"), False),
    ],
)
def test_the_two_cn_digits_need_a_code_of_the_cn(ics2, item, now, stated, kept) -> None:
    """Digits of another list, of another heading or of no length are not written and told as lost."""
    filing = msgspec.structs.replace(
        item.content[0].filing, tariff_codes=(TariffCode(scheme=stated[0], code=stated[1]),)
    )
    line = msgspec.structs.replace(item.content[0], filing=filing)
    encoded = ics2.encode("postal_house", [msgspec.structs.replace(item, content=(line,))], now)
    assert (b"<combinedNomenclatureCode>00<" in encoded.body) == kept
    assert any("tariff_codes" in one.path for one in encoded.losses) != kept


@pytest.mark.parametrize("character", ["\n", "\t", "\x00", "\x85", "\ud800", "\uffff"])
def test_control_characters_are_refused_by_place(ics2, item, now, character) -> None:
    """The schema allows no line break in a text, and XML no other control."""
    line = msgspec.structs.replace(item.content[0], description=f"a{character}b")
    with pytest.raises(InputError) as caught:
        ics2.encode("postal_house", [msgspec.structs.replace(item, content=(line,))], now)
    (fault,) = caught.value.findings
    assert (fault.code, fault.path) == (
        "ICS2-CHARACTER",
        "consignmentHouseLevel/goodsItem[1]/commodity/descriptionOfGoods",
    )


def test_a_fraction_of_a_second_is_cut_and_told(ics2, now) -> None:
    """ICS2 writes UTC to the second."""
    raw = (Path(adapters.eu_ics2.__file__).parent / "samples" / "ie4n03.xml").read_bytes()
    record = adapter.decode(raw, Limits()).documents[0].contributions[0].item
    moment = datetime.fromisoformat("2026-06-01T14:00:00.500+02:00")
    record = msgspec.structs.replace(record, assessment=msgspec.structs.replace(record.assessment, at=moment))
    encoded = ics2.encode("IE4N03", [record], now)
    assert b"<DateTime>2026-06-01T12:00:00Z</DateTime>" in encoded.body
    assert [(one.kind, one.path) for one in encoded.losses] == [("rounded", "assessment.at")]


def test_records_of_one_message_must_agree_about_its_head(ics2, now) -> None:
    """Two results of different offices do not fit into one message."""
    raw = (Path(adapters.eu_ics2.__file__).parent / "samples" / "ie4s03.xml").read_bytes()
    first, second = (one.contributions[0].item for one in adapter.decode(raw, Limits()).documents)
    second = msgspec.structs.replace(
        second, control=msgspec.structs.replace(second.control, office="XX000002")
    )
    with pytest.raises(InputError) as caught:
        ics2.encode("IE4S03", [first, second], now)
    assert [(one.code, one.path) for one in caught.value.findings] == [
        ("SCHEMA-CONFLICT", "customsOfficeOfControl/referenceNumber")
    ]


def test_a_record_that_fits_no_part_of_a_message_is_refused(ics2, item, now) -> None:
    """An item says nothing that a control result could say; an unknown message is an error of the caller."""
    with pytest.raises(InputError) as caught:
        ics2.encode("IE4S03", [item], now)
    assert "ICS2-RECORD" in {one.code for one in caught.value.findings}
    with pytest.raises(AdapterError):
        ics2.encode("IE3F43", [item], now)
    with pytest.raises(InputError):
        ics2.encode("postal_house", [], now)


def test_a_reply_turns_the_parties_of_the_query_round(ics2, schema, item, now) -> None:
    """The reply repeats the reference of the query, points at its message id, and goes back to its sender."""
    query = ics2.decode(ics2.encode("IE4Q10", [item], now).body, Limits())
    assert query.documents[0].echo["documentNumber"] == item.tracking_number
    reply = ics2.decode(ics2.answer_query(query, [item], now).body, Limits())
    echo = reply.documents[0].echo
    assert echo["functionalReference"] == query.documents[0].echo["functionalReference"]
    assert echo["correlationId"] == query.message_id
    assert (reply.sender, echo["messageRecipient"]) == ("CUSTOMS.YY", "CUSTOMS.XX")
    assert not has_errors(reply.documents[0].findings)
    with pytest.raises(AdapterError):
        ics2.answer_query(reply, [item], now)


def test_the_receipt_names_every_finding(ics2, now) -> None:
    """The public set has no receipt for these messages, so it is JSON with what became of each document."""
    decoded = adapter.decode(b"<IE4N98/>", Limits())
    receipt = msgspec.json.decode(ics2.acknowledge(decoded, [], now).body)
    assert [one["code"] for one in receipt["findings"]] == ["ICS2-ROOT"]
    assert receipt["answered_at"] == "2026-06-01T12:00:00Z"
    assert date.fromisoformat(receipt["answered_at"][:10])
