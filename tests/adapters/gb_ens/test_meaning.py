# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What the adapter makes of codes, times, parties and references, and what it refuses to make."""

from datetime import UTC, date, datetime
from decimal import Decimal

import msgspec
import pytest
from lxml import etree

from adapters.gb_ens import adapter
from adapters.gb_ens.rules import rules
from gateway.sdk import (
    AdapterError,
    ConfigError,
    ContributionKind,
    Document,
    Function,
    InputError,
    Item,
    Limits,
    Mass,
    Party,
    has_errors,
)
from tests.adapters.gb_ens.making import Maker
from tests.adapters.gb_ens.test_round_trip import again, without

NOW = datetime(2026, 3, 2, 8, 15, tzinfo=UTC)


@pytest.fixture(name="sample")
def _sample(folder):
    return lambda name: (folder / "samples" / name).read_text("utf-8")


@pytest.fixture(name="item")
def _item():
    return without(Maker(5).item(), "mrn")


def first_piece(item, **fields):
    """Return an item whose only goods line has other values."""
    piece = msgspec.structs.replace(item.content[0], **fields)
    return msgspec.structs.replace(item, content=(piece,))


def refused(item, name="CC315A"):
    """Return the codes of the findings that forbid writing."""
    with pytest.raises(InputError) as error:
        adapter.encode(name, [item], NOW)
    return {one.code for one in error.value.findings}


@pytest.mark.parametrize(
    ("code", "hs"), [("9405", "9405"), ("94052", "9405"), ("940521", "940521"), ("94052100", "940521")]
)
def test_an_hs_code_is_never_padded(decode, sample, code, hs):
    """Four digits stay four; what is between a heading and a subheading is the heading."""
    raw = sample("cc315a.xml").replace("<ComNomCMD1>940521", f"<ComNomCMD1>{code}", 1)
    piece = decode(raw.encode()).documents[0].contributions[0].item.content[0]
    assert (piece.commodity_code, piece.hs) == (code, hs)


def test_a_national_code_goes_out_as_its_subheading(item):
    """Ten digits of another nation are cut to the six that all nations share, and the cut is told."""
    back, encoded = again("CC315A", first_piece(item, commodity_code="9405210090", hs="940521"))
    assert back.content[0].commodity_code == "940521"
    assert [(one.kind, one.path) for one in encoded.losses] == [("truncated", "content[1].commodity_code")]


def test_times_are_read_in_the_declared_zone(decode, sample):
    """Summer and winter differ by the zone of rules.toml; the JSON form has UTC of its own."""
    for digits, expected in (("202607010900", 8), ("202612010900", 9)):
        raw = sample("cc315a.xml").replace("202603031415", digits)
        at = decode(raw.encode()).documents[0].contributions[0].item.filing.expected_at
        assert (at.hour, at.tzinfo) == (expected, UTC)
    raw = sample("ie315.json").replace("14:15:00.000Z", "14:15:30.250Z")
    at = decode(raw.encode()).documents[0].contributions[0].item.filing.expected_at
    assert at == datetime(2026, 3, 3, 14, 15, 30, 250000, tzinfo=UTC)


def test_an_hour_shown_twice_is_told_both_ways(item):
    """The first of two equal local hours is written with a loss, since it reads back as the second."""
    at = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    filing = msgspec.structs.replace(item.filing, expected_at=at)
    back, encoded = again("CC315A", msgspec.structs.replace(item, filing=filing))
    assert back.filing.expected_at == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert "filing.expected_at" in {one.path for one in encoded.losses}
    assert "GB-ENS-TIME-DOUBTFUL" in {one.code for one in encoded.findings}


def test_rules_are_dated_and_checked(tmp_path):
    """The rule of the day holds, the first one before its time, and an unknown zone is refused."""
    text = "".join(
        f'[[zone]]\nvalid_from = {day}\nzone = "{zone}"\nrepeated_hour = "first"\n'
        for day, zone in (("2021-01-01", "Europe/London"), ("2027-01-01", "Europe/Paris"))
    )
    text += '[[tracking]]\nvalid_from = 2021-01-01\nkind = "N750"\n'
    text += "[[century]]\nvalid_from = 2021-01-01\ncentury = 20\n"
    text += '[[recipient]]\nvalid_from = 2021-01-01\nrole = "declarant"\n'
    file = tmp_path / "rules.toml"
    file.write_text(text, "utf-8")
    zones = [str(rules(day, file).zone) for day in (date(1999, 1, 1), date(2026, 12, 31), date(2027, 1, 1))]
    assert zones == ["Europe/London", "Europe/London", "Europe/Paris"]
    other = tmp_path / "other.toml"
    other.write_text(text.replace("Europe/Paris", "Europe/Nowhere"), "utf-8")
    with pytest.raises(ConfigError):
        rules(date(2027, 1, 1), other)


def test_a_party_that_every_line_repeats_is_the_party_of_the_whole(decode, sample):
    """Consignors of goods items are lifted where all agree, and reported one by one where they differ."""
    name = "<TRACONCO2><NamCO27>{}</NamCO27><TINCO259>GB1</TINCO259></TRACONCO2><COMCODGODITM>"
    parser = etree.XMLParser(remove_blank_text=True)
    plain = etree.tostring(etree.fromstring(sample("cc315a.xml").encode(), parser))
    start, _, rest = plain.decode().partition("<TRACONCO1>")
    bare = start + rest.partition("</TRACONCO1>")[2]
    same = bare.replace("<COMCODGODITM>", name.format("Lamp Works"))
    item = decode(same.encode()).documents[0].contributions[0].item
    assert item.sender == Party(name="Lamp Works", identifier="GB1", identifier_scheme="EORI")
    differing = bare.replace("<COMCODGODITM>", name.format("One"), 1)
    head, _, tail = differing.rpartition("<COMCODGODITM>")
    document = decode((head + name.format("Two") + tail).encode()).documents[0]
    assert document.contributions[0].item.sender is None
    assert [one.path for one in document.findings] == [
        f"GOOITEGDS[{number}]/TRACONCO2/{tag}" for number in (1, 2) for tag in ("NamCO27", "TINCO259")
    ]


def test_the_tracking_number_is_that_of_the_despatch_note(item):
    """An S10 number is written as document N750 of every line and read back from there."""
    back, encoded = again("CC315A", msgspec.structs.replace(item, tracking_number="RR473124829NM"))
    assert back.tracking_number == "RR473124829NM"
    assert all(one.filing.documents[-1].kind == "N750" for one in back.content)
    assert {one.kind for one in encoded.losses} == {"derived"}


def test_another_tracking_number_is_told_as_lost(item):
    """A number that is no S10, or one beside another's despatch note, is not written."""
    _, encoded = again("CC315A", msgspec.structs.replace(item, tracking_number="1Z999"))
    assert [one.path for one in encoded.losses] == ["tracking_number"]
    other = first_piece(
        item,
        filing=msgspec.structs.replace(
            item.content[0].filing, documents=(Document(kind="N750", number="RR473124829CN"),)
        ),
    )
    back, encoded = again("CC315A", msgspec.structs.replace(other, tracking_number="RR473124829NM"))
    assert back.tracking_number == "RR473124829CN"
    assert [one.path for one in encoded.losses] == ["tracking_number"]


def test_declaration_amendment_and_answers_have_joining_keys(decode, sample):
    """An amendment joins by MRN, an acceptance by MRN and local reference, a rejection by the latter."""
    made = {
        name: decode(sample(f"{name}.xml").encode()).documents[0].contributions[0]
        for name in ("cc315a", "cc313a", "cc328a", "cc316a")
    }
    assert (made["cc315a"].kind, made["cc315a"].function) == (ContributionKind.FILING, Function.NEW)
    assert made["cc315a"].keys == ("trk:RR473124829NM", "lrn:GB987654321000|LRN-1")
    assert (made["cc313a"].kind, made["cc313a"].function) == (ContributionKind.FILING, Function.CHANGE)
    assert "mrn:26GB00000000000AB7" in made["cc313a"].keys
    assert [one.partition(":")[0] for one in made["cc328a"].keys] == ["mrn", "lrn"]
    assert made["cc316a"].keys[0].startswith("lrn:GB987654321000|")
    assert made["cc316a"].kind is ContributionKind.ASSESSMENT
    assert made["cc316a"].issued_at == NOW


@pytest.mark.parametrize(
    ("name", "outcome", "phase"),
    [
        ("cc328a", "registered", "receipt"),
        ("cc304a", "registered", "receipt"),
        ("cc316a", "reject", "receipt"),
        ("cc305a", "reject", "receipt"),
        ("cc351a", "intervene", None),
    ],
)
def test_an_answer_says_what_it_is(decode, sample, name, outcome, phase):
    """Outcome and phase follow from the message, whose name is the decision code; nothing more is claimed."""
    said = decode(sample(f"{name}.xml").encode()).documents[0].contributions[0].item.assessment
    assert (said.outcome, said.phase, said.decision_code) == (outcome, phase, name.upper())
    assert said.authority == "NICA.GB"
    assert said.at is not None


def test_an_acceptance_is_not_written_from_a_rejection():
    """What the record says and what the message would say must agree."""
    assert "SCHEMA-CONFLICT" in refused(Maker(1).answer("CC316A"), "CC328A")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"declarant": None}, "SCHEMA-MISSING"),
        ({"declarant": Party(name="x", identifier="9111", identifier_scheme="USCI")}, "SCHEMA-MISSING"),
        ({"content": ()}, "SCHEMA-MISSING"),
        ({"gross_mass": Mass(value=Decimal("0.0001"), unit="KGM")}, "SCHEMA-FORMAT"),
        ({"gross_mass": Mass(value=Decimal("1E9"), unit="KGM")}, "SCHEMA-FORMAT"),
        ({"gross_mass": Mass(value=Decimal("NaN"), unit="KGM")}, "SCHEMA-FORMAT"),
        ({"gross_mass": Mass(value=Decimal(1), unit="LBR")}, "SCHEMA-CONFLICT"),
        ({"package_count": -1}, "SCHEMA-FORMAT"),
        ({"declaration_office": "0060"}, "SCHEMA-LENGTH"),
        ({"declaration_office": "00600600"}, "SCHEMA-FORMAT"),
        ({"ucr": "x" * 71}, "SCHEMA-LENGTH"),
        ({"ucr": "a\x01b"}, "XML-CHARACTER"),
    ],
)
def test_what_the_format_cannot_say_is_not_written(item, fields, code):
    """A record that the message has no lawful form for is refused by name; nothing is invented."""
    assert code in refused(msgspec.structs.replace(item, **fields))


def test_a_mass_changes_its_unit_exactly(item):
    """Grams become kilograms and the report says that both parts of the mass were derived."""
    back, encoded = again(
        "CC315A", msgspec.structs.replace(item, gross_mass=Mass(value=Decimal(1250), unit="GRM"))
    )
    assert back.gross_mass == Mass(value=Decimal("1.250"), unit="KGM")
    assert {one.kind for one in encoded.losses} == {"derived"}


def test_wrong_calls_are_refused(item):
    """One message is one record, of a known type."""
    with pytest.raises(AdapterError):
        adapter.encode("CC323A", [item], NOW)
    for items in ([], [item, item]):
        with pytest.raises(InputError):
            adapter.encode("CC315A", items, NOW)


def test_sizes_are_limited(decode, sample):
    """Both forms obey the limits of the gateway."""
    for name in ("cc315a.xml", "ie315.json"):
        message = adapter.decode(sample(name).encode(), Limits(max_bytes=100))
        assert has_errors(message.findings)
        assert message.documents == ()


@pytest.mark.parametrize(
    ("name", "answer"),
    [("bad_office_form.xml", "CC316A"), ("bad_commodity_letters.xml", "CC316A"), ("cc315a.xml", "")],
)
def test_a_refused_declaration_is_answered_in_its_own_format(  # noqa: PLR0917 - fixtures
    decode, outcomes, sample, xsd_faults, name, answer
):
    """A refusal is a valid CC316A with an error for each fault; all else is a plain receipt."""
    message = decode(sample(name).encode())
    given = adapter.acknowledge(message, outcomes(message), NOW)
    if not answer:
        assert given.content_type == "application/json"
        assert msgspec.json.decode(given.body)["accepted"] is True
        return
    assert xsd_faults(answer, given.body) == []
    said = decode(given.body).documents[0].contributions[0].item
    assert said.assessment.outcome == "reject"
    assert [one.text for one in said.assessment.requests] == [
        one.path for one in message.documents[0].findings
    ]


def test_a_refused_amendment_is_answered_with_cc305a(decode, outcomes, sample, xsd_faults):
    """The refusal of an amendment names MRN, office and both times."""
    message = decode(sample("cc313a.xml").replace(">1.250<", ">1,250<").encode())
    given = adapter.acknowledge(message, outcomes(message), NOW)
    assert xsd_faults("CC305A", given.body) == []


def test_an_unreadable_message_gets_a_plain_receipt(decode, outcomes, sample):
    """Without a reference there is nothing to refuse in the format's own terms."""
    message = decode(sample("bad_cut_short.xml").encode())
    body = msgspec.json.decode(adapter.acknowledge(message, outcomes(message), NOW).body)
    assert (body["accepted"], [one["code"] for one in body["findings"]]) == (False, ["XML-SYNTAX"])


def test_equal_records_give_equal_bytes(item):
    """Writing depends on record, message type and time alone."""
    for name in ("CC315A", "IE315"):
        assert adapter.encode(name, [item], NOW) == adapter.encode(name, [item], NOW)


def test_an_empty_record_names_all_that_is_missing():
    """Every mandatory element that a record must fill is told at once."""
    with pytest.raises(InputError) as error:
        adapter.encode("CC315A", [Item()], NOW)
    places = {one.path.rpartition("/")[2] for one in error.value.findings}
    assert places >= {
        "RefNumHEA4",
        "TraModAtBorHEA76",
        "DecDatTimHEA114",
        "TINPLD1",
        "GOOITEGDS",
        "MesSenMES3",
    }
