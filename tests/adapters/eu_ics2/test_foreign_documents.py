# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Documents that we did not write: what the official schema allows is read, and nothing of it vanishes."""

import pytest
from lxml import etree

from gateway.sdk import Item, Limits, leaf_types, values
from tests.adapters.eu_ics2.making import MESSAGES
from tests.adapters.eu_ics2.schema_documents import SchemaDocuments

ROOTS = {"postal_house": "consignmentMasterLevel", "postal_master": "consignmentMasterLevel"}
HEADER = {
    "messageId",
    "messageTimestamp",
    "messageSender",
    "correlationId",
    "replyToMessageId",
    "messageRecipient",
}


def texts(element):
    """Return every text and attribute value of a document."""
    found = [(one.tag.rpartition("}")[2], (one.text or "").strip()) for one in element.iter() if not len(one)]
    found += [(name, value) for one in element.iter() for name, value in one.attrib.items()]
    return [(name, value) for name, value in found if value]


def said(message):
    """Return the last names of all paths that findings speak of."""
    every = [*message.findings, *(one for document in message.documents for one in document.findings)]
    return {one.path.rpartition("/")[2].removeprefix("@") for one in every}


def taken(message):
    """Return the texts of every canonical leaf and of the echo."""
    found = {message.message_id, message.sender}
    for document in message.documents:
        found |= set(document.echo.values())
        for one in document.contributions:
            for path in leaf_types(Item):
                found |= {str(value) for value in values(one.item, path) if value is not None}
    return found


@pytest.mark.parametrize("message", MESSAGES)
def test_any_document_that_the_schema_allows_is_read(ics2, schema, schema_path, message, dice) -> None:
    """Random documents made from the schema are taken, and every text of them is mapped or told."""
    making = SchemaDocuments(schema_path(message), dice)
    official = schema(message)
    for _ in range(25):
        raw = making.make(ROOTS.get(message, message))
        root = etree.fromstring(raw)
        assert official.validate(root), official.error_log.last_error
        read = ics2.decode(raw, Limits())
        assert read.message_type == message
        faults = [one for document in read.documents for one in document.findings if one.severity == "error"]
        assert [one for one in faults if one.code != "ICS2-KEY"] == []
        if faults:
            continue
        told, kept = said(read), taken(read)
        for name, value in texts(root):
            assert name in told or name in HEADER or _kept(name, value, kept), (name, value)


def _kept(name, value, kept):
    """Say whether a text arrived, allowing for what becomes of dates, functions, codes and CN digits."""
    if name in {"DateTime", "messageFunction", "type", "typeOfPerson", "combinedNomenclatureCode"}:
        return True
    return (
        value in kept or any(value in one for one in kept) or name in {"totalGrossMass", "netMass", "value"}
    )


def test_a_flood_of_unknown_elements_is_counted_not_listed(ics2) -> None:
    """Beyond a thousand different names one finding tells the number of the rest."""
    names = "".join(f"<e{number}/>" for number in range(1500))
    raw = f'<IE4N03 xmlns="urn:wco:datamodel:eu:ics2:2">{names}</IE4N03>'.encode()
    told = [one for one in ics2.decode(raw, Limits()).findings if one.code == "ICS2-ELEMENT-UNMAPPED"]
    assert len(told) == 1001
    assert (told[-1].path, told[-1].actual) == ("(other elements)", "500 times")


def test_a_prefix_and_blanks_between_elements_change_nothing(ics2, schema) -> None:
    """The namespace counts, not its prefix; blanks between elements are not text."""
    time = "<i:DateTime>2026-06-01T12:00:00Z</i:DateTime>"
    head = (
        "<i:MessageHeader><i:messageId>m</i:messageId><i:messageTimestamp>2026-06-01T14:00:00+02:00"
        "</i:messageTimestamp><i:messageSender>A.B</i:messageSender><i:messageRecipient>C-D</i:messageRecipient>"
        "</i:MessageHeader><i:functionalReference>f</i:functionalReference>"
    )
    risk = (
        "<i:riskAnalysis><i:riskAnalysisRequestReference>r</i:riskAnalysisRequestReference>"
        "<i:responsibleMemberState><i:country>DE</i:country></i:responsibleMemberState></i:riskAnalysis>"
    )
    text = (
        f'<i:IE4N03 xmlns:i="urn:wco:datamodel:eu:ics2:2"> {head}\n'
        f"<i:documentIssueDate>{time}</i:documentIssueDate>{risk}</i:IE4N03>"
    )
    assert schema("IE4N03").validate(etree.fromstring(text))
    assert ics2.recognises(text.encode())
    (document,) = ics2.decode(text.encode(), Limits()).documents
    assert document.findings == ()
    assert document.contributions[0].keys == ("ref:r",)
