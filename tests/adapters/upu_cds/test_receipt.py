# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Answers to messages, in the form of the message."""

import json
from datetime import UTC, datetime

import pytest
from lxml import etree

from adapters.upu_cds import adapter
from gateway.sdk import Limits, finding

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(name="answer", scope="session")
def _answer(folder, outcomes):
    """Return the acknowledgement of a sample."""

    def answer(name, *more):
        message = adapter.decode((folder / name).read_bytes(), Limits())
        return adapter.acknowledge(message, outcomes(message, *more), NOW)

    return answer


def test_a_declaration_is_answered_with_the_receipt_code(answer):
    """The first of the two answers carries the code of the profile, its phase and its outcome."""
    done = json.loads(answer("good_declaration.json").body)["CDSAcknowledgement"]
    assert (done["MessageId"], done["Status"], done["Accepted"], done["Refused"]) == ("M-1", "accepted", 1, 0)
    (view,) = done["Views"]
    assert view["MailObject"] == {"Id": "LX473124829CN", "PostingDt": "2026-03-01T09:30:00"}
    assert view["Response"] == {"ResponseData": {"DecisionCd": "99"}}
    assert view["Referral"] == {
        "Phase": "receipt",
        "Outcome": "registered",
        "IssuedAt": "2026-03-01T12:00:00Z",
    }
    assert view["Late"] is False


def test_late_data_is_answered_with_the_late_code(answer):
    """Data that the gateway finds to be late gets the code that says so."""
    done = json.loads(answer("good_declaration.json", finding("POSTAL-LATE")).body)["CDSAcknowledgement"]
    assert done["Views"][0]["Response"]["ResponseData"]["DecisionCd"] == "110"
    assert done["Views"][0]["Late"] is True


def test_xml_is_answered_in_xml(answer):
    """A message of XML gets its receipt as XML, with the findings."""
    done = answer("bad_repeated_element_xml.xml")
    root = etree.fromstring(done.body)
    assert (done.content_type, root.tag, root.findtext("Status")) == (
        "application/xml",
        "CDSAcknowledgement",
        "refused",
    )
    assert root.findtext("Views/View/Findings/Finding/Code") == "SCHEMA-REPEATED"
    assert root.findtext("Views/View/Referral/Outcome") == "reject"
    assert root.find("Views/View/Response") is None


def test_a_receipt_can_be_read_as_a_response(answer, told):
    """The view of a receipt is a view of the form, so the sender's gateway reads the receipt phase."""
    (view,) = json.loads(answer("good_declaration.json").body)["CDSAcknowledgement"]["Views"]
    sections = {key: view[key] for key in ("MailObject", "Response", "Referral")}
    message = adapter.decode(json.dumps(sections).encode(), Limits())
    said = message.documents[0].contributions[0].item.assessment
    assert (said.phase, said.outcome, said.decision_code) == ("receipt", "registered", "99")


def test_only_declarations_get_a_receipt_phase(answer):
    """Events and answers are acknowledged with their findings alone."""
    (view,) = json.loads(answer("good_event.json").body)["CDSAcknowledgement"]["Views"]
    assert set(view) == {"Position", "MailObject", "Accepted", "Findings"}


def test_a_message_refused_whole_is_answered_with_its_findings(answer):
    """Where nothing could be read, the receipt says why."""
    done = json.loads(answer("bad_cut_short.json").body)["CDSAcknowledgement"]
    assert (done["Status"], done["Views"]) == ("refused", [])
    assert [one["Code"] for one in done["Findings"]] == ["CDS-SYNTAX"]
