# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Whatever is written is valid against the official schemas, driver and all."""

import random
from datetime import UTC, datetime

import pytest
from lxml import etree

from adapters.uk_cds import adapter
from gateway.sdk import DocumentOutcome, InputError
from tests.adapters.uk_cds import random_items

NOW = datetime(2026, 3, 5, tzinfo=UTC)
# What an untidy record may be refused for; anything else would be a fault of the writer.
REFUSALS = {"SCHEMA-LENGTH", "SCHEMA-MISSING", "SCHEMA-FORMAT", "UKCDS-HS-SHORT", "UKCDS-LOW-VALUE-REFUSED"}


def write_many(official, seed, count):
    """Write items of both kinds, tidy and untidy; return how many were written."""
    draw = random.Random(seed)
    written, refusals = 0, []
    for _ in range(count):
        tidy = draw.random() < 0.5
        kind = draw.choice(("DEC", "DEC", "COR", "INV", "RES"))
        name = "RES" if kind == "RES" else "DEC"
        item = random_items.item(name, draw, tidy=tidy)
        try:
            body = adapter.encode(kind, [item], NOW).body
        except InputError as error:
            refusals.append((tidy, error.findings))
            continue
        schema = official.schema(name)
        assert schema.validate(etree.fromstring(body)), (schema.error_log[0].message, body)
        assert etree.fromstring(body).tag.endswith("}MetaData")
        written += 1
    for tidy, findings in refusals:
        codes = {one.code for one in findings}
        assert codes <= REFUSALS, findings
        assert not tidy or codes == {"UKCDS-LOW-VALUE-REFUSED"}, findings
    return written


def test_written_documents_are_valid(official, seed) -> None:
    """At least 500 of 700 random items are written, and each document is valid."""
    written = write_many(official, seed, 700)
    assert written >= 500


@pytest.mark.long
def test_ten_thousand_written_documents_are_valid(official, seed) -> None:
    """At least 10,000 documents are written, and each is valid."""
    written = write_many(official, seed, 14_000)
    assert written >= 10_000


@pytest.mark.parametrize("name", ["dec_import", "dec_export", "dec_low_value_postal"])
def test_the_answer_to_a_declaration_is_a_valid_response(official, decode, text, name) -> None:
    """The acknowledgement is a Response that the official schema passes."""
    message = decode(text(name))
    for outcomes in ((), tuple(_outcomes(message))):
        body = adapter.acknowledge(message, outcomes, NOW).body
        assert official.schema("RES").validate(etree.fromstring(body)), official.schema("RES").error_log


def _outcomes(message):
    for one in message.documents:
        yield DocumentOutcome(position=1, accepted=False, echo=one.echo, findings=one.findings)
