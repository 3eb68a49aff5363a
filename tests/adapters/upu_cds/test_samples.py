# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The samples say what their names promise."""

import msgspec
import pytest

from adapters.upu_cds import adapter
from gateway.sdk import DecodedMessage, Limits

GOOD = (
    *("good_answer.json", "good_declaration.json", "good_declaration_xml.xml"),
    *("good_destination_response.json", "good_event.json", "good_referral.json"),
    *("good_response_xml.xml", "good_two_phases.json"),
    *("good_answer_openings.json", "good_declaration_contacts.json"),
    *("good_event_held.json", "good_referral_path.json"),
)
FAULTS = {
    "amount_with_exponent.json": ("SCHEMA-FORMAT", "CDSView[1]/Declaration/Postage"),
    "answer_unknown_kind.json": ("SCHEMA-CODE", "CDSView[1]/ReferralResponse/Kind"),
    "answer_without_kind.json": ("SCHEMA-MISSING", "CDSView[1]/ReferralResponse/Kind"),
    "clearance_without_zone.json": ("CDS-ZONE", "CDSView[1]/Response/ClearanceDt"),
    "content_not_a_list.json": ("CDS-FORM", "CDSView[1]/Declaration/ContentPieces"),
    "control_character.json": ("SCHEMA-FORMAT", "CDSView[1]/Declaration/SenderName"),
    "cut_short.json": ("CDS-SYNTAX", ""),
    "decision_unknown.json": ("CDS-DECISION-UNKNOWN", "CDSView[1]/Response/DecisionCd"),
    "doctype_xml.xml": ("XML-DTD", ""),
    "dutiable_maybe.json": ("SCHEMA-CODE", "CDSView[1]/Response/Dutiable"),
    "event_time_without_zone.json": ("SCHEMA-FORMAT", "CDSView[1]/Event/At"),
    "field_twice.json": ("SCHEMA-REPEATED", "CDSView[1]/Response/DecisionCd"),
    "impossible_posting_date.json": ("SCHEMA-FORMAT", "CDSView[1]/MailObject/PostingDt"),
    "item_id_with_blank.json": ("SCHEMA-FORMAT", "CDSView[1]/MailObject/Id"),
    "late_data.json": ("CDS-LATE", "CDSView[1]/Response/DecisionCd"),
    "missing_item_id.json": ("SCHEMA-MISSING", "CDSView[1]/MailObject/Id"),
    "missing_mail_object.json": ("SCHEMA-MISSING", "CDSView[1]/MailObject"),
    "no_views.json": ("SCHEMA-COUNT", "CDSViews"),
    "not_an_object.json": ("CDS-ROOT", ""),
    "not_closed_xml.xml": ("XML-SYNTAX", ""),
    "nothing_said.json": ("CDS-NOTHING", "CDSView[1]"),
    "outcome_differs.json": ("CDS-OUTCOME-DIFFERS", "CDSView[1]/Referral/Outcome"),
    "repeated_element_xml.xml": ("SCHEMA-REPEATED", "CDSView[1]/Declaration/SenderCity"),
    "root.json": ("CDS-ROOT", ""),
    "root_xml.xml": ("CDS-ROOT", ""),
    "s10_check_digit.json": ("CDS-S10-CHECK-DIGIT", "CDSView[1]/MailObject/Id"),
    "soft_faults.json": ("CDS-FAULT", "CDSView[1]/Declaration/GrossWeight"),
    "state_unknown.json": ("CDS-STATE-UNKNOWN", "CDSView[1]/Response/CDSStateCd"),
    "stray_text_xml.xml": ("SCHEMA-FORMAT", "CDSView[1]/Declaration/Documents/Document"),
    "text_is_object.json": ("CDS-FORM", "CDSView[1]/Declaration/SenderCity"),
    "unknown_country.json": ("SCHEMA-CODE-UNKNOWN", "CDSView[1]/Declaration/SenderCountryCd"),
    "unknown_field.json": ("SCHEMA-UNKNOWN-FIELD", "CDSView[1]/Declaration/SenderNick"),
    "unknown_function.json": ("SCHEMA-CODE", "CDSView[1]/Function"),
    "unknown_profile.json": ("CDS-PROFILE", "Profile"),
    "unknown_section.json": ("SCHEMA-UNKNOWN-FIELD", "CDSView[1]/Watchdog"),
    "unmapped_field.json": ("SCHEMA-UNMAPPED-FIELD", "CDSView[1]"),
    "view_not_an_object.json": ("CDS-FORM", "CDSView[1]"),
    "views_not_a_list.json": ("CDS-FORM", "CDSViews"),
    "wrong_member_xml.xml": ("CDS-FORM", "CDSView[1]/Declaration/Documents/Paper"),
}
ALONE = {"soft_faults.json", "missing_item_id.json", "dutiable_maybe.json", "field_twice.json"}


@pytest.mark.parametrize("name", GOOD)
def test_a_good_sample_decodes_to_its_expected_record(folder, told, name):
    """Every good sample is recognised and gives, without a finding, the record that stands beside it."""
    raw = (folder / name).read_bytes()
    assert adapter.recognises(raw)
    message = adapter.decode(raw, Limits())
    assert told(message) == []
    expected = (folder / f"{name.rpartition('.')[0]}.expected.json").read_bytes()
    assert message == msgspec.json.decode(expected, type=DecodedMessage)


@pytest.mark.parametrize("name", FAULTS)
def test_a_bad_sample_has_the_fault_of_its_name(folder, told, name):
    """The fault that a bad sample is named for is found at its place, and alone where it can be alone."""
    found = told(adapter.decode((folder / f"bad_{name}").read_bytes(), Limits()))
    assert FAULTS[name] in found
    if name not in ALONE:
        assert found == [FAULTS[name]]


def test_every_sample_is_judged(folder):
    """No sample lies beside the lists of this test."""
    names = {one.name for one in folder.iterdir() if not one.name.endswith(".expected.json")}
    assert names == {*GOOD, *(f"bad_{one}" for one in FAULTS)}


def test_both_forms_of_a_declaration_say_the_same(folder):
    """JSON and XML of one declaration give equal contributions."""
    one, other = (
        adapter.decode((folder / name).read_bytes(), Limits()).documents[0].contributions
        for name in ("good_declaration.json", "good_declaration_xml.xml")
    )
    assert one == other
