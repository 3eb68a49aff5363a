# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Documents drawn from the official schemas: whatever is valid is taken, whatever is not mapped is told."""

import random
import re
from datetime import date, datetime

import pytest
from lxml import etree

from adapters.uk_cds import adapter
from adapters.uk_cds.catalogue import table
from gateway.sdk import Limits, has_errors, leaf_types

DENSITIES = (0.1, 0.3, 0.5, 0.65)


def documents(official, name, seed, count):
    """Yield random documents, all of which the official validator passes."""
    draw = random.Random(seed)
    for number in range(count):
        raw = official.document(name, draw, draw.choice(DENSITIES))
        schema = official.schema(name)
        assert schema.validate(etree.fromstring(raw)), (number, schema.error_log[0].message)
        yield raw


def mapped(name):
    """Return the element paths that a table takes, by their groups and outside paths alone."""
    found = set()
    for group in table(name).groups:
        for row in group.rows:
            found.add(f"{group.name}/{row.outside.partition('/@')[0].partition('[')[0]}")
    return found


def leaves(raw):
    """Yield each leaf below the body as (path without numbers, text), by a walk of its own."""

    def walk(element, path):
        if len(element) == 0:
            yield path, element.text or ""
        for one in element:
            yield from walk(one, f"{path}/{etree.QName(one).localname}")

    for body in etree.fromstring(raw):
        if etree.QName(body).localname in {"Declaration", "Response"}:
            yield from walk(body, etree.QName(body).localname)


def plain(path):
    """Return a path without numbers, as far as DateTimeString."""
    return re.sub(r"\[\d+\]", "", path).removesuffix("/DateTimeString")


@pytest.mark.parametrize("name", ["DEC", "RES"])
def test_every_valid_document_is_taken(decode, told, official, name, seed) -> None:
    """No document that the schema allows has an error, whatever it holds."""
    for raw in documents(official, name, seed, 150):
        message = decode(raw)
        errors = [one for one in told(message) if one.severity == "error"]
        assert not errors, (errors[0], raw)
        assert message.documents


@pytest.mark.parametrize("name", ["DEC", "RES"])
def test_no_element_vanishes(decode, told, official, name, seed) -> None:
    """Every leaf is in the record, or its path is told; counted by an independent walk."""
    taken = mapped(name)
    seen = 0
    for raw in documents(official, name, seed, 120):
        message = decode(raw)
        said = {
            plain(one.path)
            for one in told(message)
            if one.code.startswith(("SCHEMA-UN", "UKCDS-DATE", "UKCDS-MORE"))
        }
        for path, text in leaves(raw):
            bare = plain(path)
            pointer = bare.startswith("Response/Error/Pointer")
            empty = not text.strip() and any(one.startswith(f"{bare}/") for one in taken)
            if bare in taken or pointer or empty or bare.endswith("Packaging/SequenceNumeric"):
                continue
            assert bare in said, (bare, text)
            seen += 1
    assert seen > 100


def test_every_mapped_text_is_in_the_record(decode, told, official, items, seed) -> None:
    """What a mapped element says stands in the record, unless a second one of its kind is told."""
    name, taken, checked = "DEC", mapped("DEC"), 0
    for raw in documents(official, name, seed, 150):
        message = decode(raw)
        records = items(message)
        if not records:
            continue
        values = {str(value).upper() for record in records for value in _values(record)}
        said = {plain(one.path) for one in told(message)}
        for path, text in leaves(raw):
            bare = plain(path)
            texts = {" ".join(text.split()).upper(), text.strip().upper()}
            if bare in taken and bare not in said and not path.endswith("DateTimeString"):
                if bare.endswith(("FunctionCode", "GoodsItemQuantity")) or not text.strip():
                    continue
                number = re.fullmatch(r"[-+]?[0-9.]+", text.strip())
                assert texts & values or (number and any(_same(text, one) for one in values)), (bare, text)
                checked += 1
    assert checked > 20


def _values(record):
    for path in leaf_types(type(record)):
        yield from (one for one in _each(record, path.split(".")) if one is not None)


def _each(record, steps):
    if record is None:
        return
    value = getattr(record, steps[0].removesuffix("[]"))
    for one in value if isinstance(value, tuple) else (value,):
        if len(steps) == 1:
            yield one.isoformat() if isinstance(one, date | datetime) else one
        else:
            yield from _each(one, steps[1:])


def _same(text, other):
    try:
        return float(text) == float(other)
    except ValueError:
        return False


def test_the_operators_schemas_agree(official, decode, seed) -> None:
    """With a schemas folder the same documents are valid, and a wrong one is refused with its place."""
    strict = adapter.with_schemas(official.SCHEMAS)
    draw = random.Random(seed)
    for name in ("DEC", "RES"):
        raw = official.document(name, draw, 0.4)
        assert not has_errors(strict.decode(raw, Limits()).findings)
        root = etree.fromstring(raw)
        body = root[-1]
        etree.SubElement(body, f"{{{etree.QName(body).namespace}}}Surprise").text = "x"
        found = strict.decode(etree.tostring(root), Limits()).findings
        assert [one.code for one in found if one.severity == "error"] == ["UKCDS-XSD"]
        assert has_errors(found)
