# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What is written is valid by the official schemas, and whatever is valid by them is read."""

import json
from datetime import UTC, datetime

import pytest

from adapters.gb_ens import adapter
from adapters.gb_ens.catalogue import MESSAGES
from gateway.sdk import InputError, Item, has_errors, leaf_types, values
from tests.adapters.gb_ens.making import ANSWERS, Maker
from tests.adapters.schema_judge import faults

NOW = datetime(2026, 3, 2, 8, 15, tzinfo=UTC)
SENT = ("CC315A", "CC313A")


def records(seed, count):
    """Yield message names and records that the message carries."""
    maker = Maker(seed)
    for number in range(count):
        name = [*SENT, *ANSWERS][number % len(MESSAGES)]
        yield name, maker.answer(name) if name in ANSWERS else maker.item()


def judge_xml(seed, count, xsd_faults, decode):
    """Write records as XML; each must be valid and come back without an error."""
    for name, item in records(seed, count):
        encoded = adapter.encode(name, [item], NOW)
        assert xsd_faults(name, encoded.body) == []
        (document,) = decode(encoded.body).documents
        assert not has_errors(document.findings), document.findings


def test_written_xml_is_valid(xsd_faults, decode, seed):
    """Every one of 560 generated records gives a document valid by each official XSD of its message."""
    judge_xml(seed, 560, xsd_faults, decode)


@pytest.mark.long
def test_ten_thousand_written_documents_are_valid(xsd_faults, decode, seed):
    """Every one of 10,003 generated records gives a document valid by each official XSD of its message."""
    judge_xml(seed, 10_003, xsd_faults, decode)


def test_rich_items_with_losses_are_valid_too(xsd_faults, seed):
    """Cut, rounded and left out values still give valid documents."""
    maker = Maker(seed)
    for _ in range(200):
        for name in SENT:
            assert xsd_faults(name, adapter.encode(name, [maker.rich()], NOW).body) == []


def test_written_json_is_valid(json_schema, decode, seed):
    """Every generated record that the JSON form has room for gives JSON valid by the official JSON Schema."""
    written = 0
    for name, item in records(seed, 560):
        json_name = MESSAGES[name].json_name
        try:
            encoded = adapter.encode(json_name, [item], NOW)
        except InputError as refused:
            assert {one.code for one in refused.findings} <= {"SCHEMA-CODE", "SCHEMA-MISSING"}  # noqa: PT017
            continue
        written += 1
        assert faults(json.loads(encoded.body), json_schema(json_name)) == []
        (document,) = decode(encoded.body).documents
        assert not has_errors(document.findings), document.findings
    assert written > 500


@pytest.mark.parametrize("share", [0.0, 0.3, 0.8, 1.0])
@pytest.mark.parametrize("name", MESSAGES)
def test_whatever_is_valid_is_read(xsd_faults, decode, seed, name, share):
    """Generated documents, from the barest to the fullest, are valid and are taken without an error."""
    maker = Maker(seed)
    for _ in range(25):
        body, _leaves = maker.document(name, share)
        assert xsd_faults(name, body, first=True) == []
        (document,) = decode(body).documents
        assert not has_errors(document.findings), document.findings
        assert len(document.contributions) == 1


@pytest.mark.parametrize("name", MESSAGES)
def test_every_element_is_mapped_or_reported(decode, seed, name):
    """The text of each element is in the record or the element has a finding of its own at its place."""
    maker = Maker(seed)
    taken = {"DatOfPreMES9", "TimOfPreMES10", "MesSenMES3", "MesRecMES6", "MesIdeMES19", "MesTypMES20"} | {
        *("CorIdeMES25", "TotNumOfIteHEA305", "TesIndMES18")
    }
    for _ in range(20):
        body, leaves = maker.document(name, 0.9)
        message = decode(body)
        (document,) = message.documents
        (contribution,) = document.contributions
        reported = [one for one in document.findings if one.code == "SCHEMA-UNMAPPED-FIELD"]
        assert len({one.path for one in reported}) == len(reported)
        mapped = mapped_leaves(contribution.item, name, body)
        spoken = sum(body.count(f"<{tag}>".encode()) for tag in taken)
        lifted = leaves - spoken - len(reported) - mapped
        assert lifted == 0, (leaves, spoken, len(reported), mapped)


def mapped_leaves(item, name, body):
    """Count the values of a record that stand in elements of their own."""
    derived = {"content[].hs", "assessment.outcome", "assessment.phase", "assessment.decision_code"} | {
        "assessment.reference",
        "assessment.authority",
        "tracking_number",
    }
    count = 0
    for path in leaf_types(Item):
        if path in derived or path.endswith(("identifier_scheme", ".unit")):
            continue
        found = [one for one in values(item, path) if one is not None]
        if path == "filing.statements[].text":
            continue
        if path == "assessment.requests[].code" and name != "CC351A":
            count += sum(1 + (":" in one) for one in found)
            continue
        count += len(found) * (len(item.content) if path == "filing.container" else 1)
    if item.declarant and f"{item.declarant.identifier}</TIN".encode() not in body:
        count -= 1
    return count
