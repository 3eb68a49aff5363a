# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The samples decode to what stands beside them, hit every row, and bad ones have the fault of their name."""

from pathlib import Path

import msgspec
import pytest

import adapters.gb_ens
from adapters.gb_ens import adapter
from adapters.gb_ens.catalogue import MESSAGES
from adapters.gb_ens.spec import spec
from gateway.sdk import DecodedMessage
from tests.adapters.schema_judge import faults

FOLDER = Path(adapters.gb_ens.__file__).parent / "samples"
GOOD = sorted(
    one.name
    for one in FOLDER.iterdir()
    if not one.name.startswith("bad_") and not one.name.endswith(".expected.json")
)
# What every JSON message has and nothing takes.
ALWAYS = {("SCHEMA-UNMAPPED-FIELD", "/submissionId"), ("SCHEMA-UNMAPPED-FIELD", "/metadata/receivedDateTime")}
SAMPLE_FAULTS = {
    "bad_attribute.xml": [
        ("SCHEMA-UNKNOWN-FIELD", "HEAHEA/@a"),
        ("SCHEMA-UNKNOWN-FIELD", "HEAHEA/@b"),
        ("SCHEMA-UNKNOWN-FIELD", "HEAHEA/RefNumHEA4/@c"),
        ("SCHEMA-UNKNOWN-FIELD", "HEAHEA/RefNumHEA4/@d"),
    ],
    "bad_commodity_letters.xml": [("SCHEMA-FORMAT", "GOOITEGDS[1]/COMCODGODITM/ComNomCMD1")],
    "bad_cut_short.xml": [("XML-SYNTAX", "")],
    "bad_doctype.xml": [("XML-DTD", "")],
    "bad_element_repeated.xml": [("SCHEMA-REPEATED", "HEAHEA/RefNumHEA4[2]")],
    "bad_element_unknown.xml": [("SCHEMA-UNKNOWN-FIELD", "HEAHEA/RefNumHEA9")],
    "bad_error_code.xml": [("SCHEMA-CODE", "FUNERRER1/ErrTypER11")],
    "bad_field_in_other_place.xml": [("SCHEMA-ORDER", "CUSOFFLON")],
    "bad_hour_shown_twice.xml": [("GB-ENS-TIME-DOUBTFUL", "CUSOFFFENT730/ExpDatOfArrFIRENT733")],
    "bad_impossible_time.xml": [("GB-ENS-TIME", "CUSOFFFENT730/ExpDatOfArrFIRENT733")],
    "bad_item_count.xml": [("GB-ENS-ITEM-COUNT", "HEAHEA/TotNumOfIteHEA305")],
    "bad_json_cut_short.json": [("GB-ENS-JSON", "")],
    "bad_json_form.json": [("GB-ENS-JSON-FORM", "/goods/numberOfItems")],
    "bad_json_key.json": [
        ("SCHEMA-MISSING", "/metadata/correlationId"),
        ("SCHEMA-UNKNOWN-FIELD", "/metadata/korrelationId"),
        ("GB-ENS-KEY", "HEAHEA"),
    ],
    "bad_json_message_type.json": [("GB-ENS-ROOT", "/metadata/messageType")],
    "bad_json_time.json": [("SCHEMA-LENGTH", "/itinerary/officeOfFirstEntry/expectedDateTimeOfArrival")],
    "bad_json_repeated_key.json": [("GB-ENS-JSON-REPEATED-KEY", "")],
    "bad_json_unknown_key.json": [("SCHEMA-UNKNOWN-FIELD", "/declaration/colour")],
    "bad_language_unmapped.xml": [("SCHEMA-UNMAPPED-FIELD", "GOOITEGDS[1]/GooDesGDS23LNG")],
    "bad_long_name.xml": [("SCHEMA-LENGTH", "TRACONCO1/NamCO17")],
    "bad_mass_negative.xml": [("GB-ENS-MASS-NEGATIVE", "HEAHEA/TotGroMasHEA307")],
    "bad_mass_text.xml": [("SCHEMA-FORMAT", "HEAHEA/TotGroMasHEA307")],
    "bad_message_type.xml": [("GB-ENS-MESSAGE-TYPE", "MesTypMES20")],
    "bad_missing_goods.xml": [
        ("SCHEMA-MISSING", "GOOITEGDS"),
        ("GB-ENS-ITEM-COUNT", "HEAHEA/TotNumOfIteHEA305"),
    ],
    "bad_missing_reference.xml": [("SCHEMA-MISSING", "HEAHEA/RefNumHEA4")],
    "bad_mixed_text.xml": [("SCHEMA-FORMAT", "HEAHEA")],
    "bad_mrn_form.xml": [("SCHEMA-FORMAT", "HEAHEA/DocNumHEA5")],
    "bad_namespace.xml": [("GB-ENS-NAMESPACE", "CC315A")],
    "bad_office_form.xml": [("SCHEMA-FORMAT", "CUSOFFFENT730/RefNumCUSOFFFENT731")],
    "bad_other_root.xml": [("GB-ENS-ROOT", "")],
    "bad_test_indicator.xml": [("GB-ENS-TEST-MESSAGE", "TesIndMES18")],
    "bad_white_space.xml": [("SCHEMA-REPAIRED", "HEAHEA/RefNumHEA4")],
}


def told(message):
    """Return all findings of a message and of its document, as code and path."""
    found = [*message.findings, *(one for document in message.documents for one in document.findings)]
    return [(one.code, one.path) for one in found if (one.code, one.path) not in ALWAYS]


@pytest.mark.parametrize("name", GOOD)
def test_a_good_sample_decodes_to_its_expected_record(decode, name):
    """Every good sample is recognised and gives exactly the record that stands beside it."""
    raw = (FOLDER / name).read_bytes()
    expected = (FOLDER / f"{name.partition('.')[0]}.expected.json").read_bytes()
    assert adapter.recognises(raw)
    assert decode(raw) == msgspec.json.decode(expected, type=DecodedMessage)


@pytest.mark.parametrize("name", SAMPLE_FAULTS)
def test_a_bad_sample_has_the_findings_of_its_name(decode, name):
    """Every bad sample gives its fault at its place and no other."""
    assert told(decode((FOLDER / name).read_bytes())) == SAMPLE_FAULTS[name]


def test_there_is_no_other_sample():
    """Each bad sample on disk is under test, and each message has a sample in both forms."""
    assert {one.name for one in FOLDER.glob("bad_*")} == set(SAMPLE_FAULTS)
    wanted = {f"{one.name.lower()}.xml" for one in MESSAGES.values()}
    wanted |= {f"{one.json_name.lower()}.json" for one in MESSAGES.values()}
    assert wanted <= set(GOOD)


@pytest.mark.parametrize("name", MESSAGES)
def test_every_row_is_hit_by_a_sample(name):
    """Each element of each table stands in the full sample of its message."""
    body = (FOLDER / f"{name.lower()}_full.xml").read_text("utf-8")
    assert [one.tag for one in spec(name, "xml").leaves if f"<{one.tag}>" not in body] == []


@pytest.mark.parametrize("name", GOOD)
def test_samples_are_valid(xsd_faults, json_schema, name):
    """Every good sample fits the official schema of its message."""
    raw = (FOLDER / name).read_bytes()
    if name.endswith(".xml"):
        assert xsd_faults(name[:5].upper() + "A", raw, first=True) == []
    else:
        official = json_schema(name.partition(".")[0].upper())
        assert faults(msgspec.json.decode(raw), official) == []
