# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Everything that is written is valid against the official schemas, and reads back as what was written."""

import random

import msgspec
import pytest
from lxml import etree

from gateway.sdk import Item, Limits, has_errors, leaf_types, values
from tests.adapters.eu_ics2.making import MESSAGES, Maker

DEFAULT_RUNS, LONG_RUNS = 50, 1000


def written(ics2, schema, message, records, now):
    """Write records, demand that they are valid, and return the message with what was written."""
    encoded = ics2.encode(message, records, now)
    official = schema(message)
    assert official.validate(etree.fromstring(encoded.body)), official.error_log.last_error
    return encoded


def leaves(item: Item) -> dict[str, list[object]]:
    """Return the filled leaves of an item by path: a second look at the record, not the mapping's own."""
    found = {path: [one for one in values(item, path) if one is not None] for path in leaf_types(Item)}
    return {path: several for path, several in found.items() if several}


def compare(ics2, message, records, encoded):
    """Read a message back and demand that every difference is among the losses."""
    decoded = ics2.decode(encoded.body, Limits())
    assert not has_errors(decoded.findings)
    assert not any(has_errors(one.findings) for one in decoded.documents)
    back = [one.item for document in decoded.documents for one in document.contributions]
    told = {msgspec.to_builtins(one)["path"] for one in encoded.losses}
    plain = {"".join("[]" if step.startswith("[") else step for step in split(path)) for path in told}
    before = [leaves(one) for one in records]
    after = [leaves(one) for one in back]
    key = "tracking_number" if before[0].get("tracking_number") else ""
    if key:
        before.sort(key=lambda one: one[key])
        after.sort(key=lambda one: one[key])
    assert len(before) == len(after)
    for one, other in zip(before, after, strict=True):
        different = {path for path in {*one, *other} if one.get(path) != other.get(path)}
        assert different <= plain, (different - plain, one, other)


def split(path: str) -> list[str]:
    """Return a path in pieces, each index by itself."""
    return path.replace("[", "\0[").replace("]", "]\0").split("\0")


def run(ics2, schema, message, dice, *, now, runs):
    """Make, write, validate, read and compare."""
    maker = Maker(dice)
    for _ in range(runs):
        records = maker.records(message)
        encoded = written(ics2, schema, message, records, now)
        if message != "IE4Q10":
            compare(ics2, message, records, encoded)


@pytest.mark.parametrize("message", MESSAGES)
def test_what_is_written_is_valid_and_reads_back(ics2, schema, message, dice, now) -> None:
    """Fifty messages of each kind, six hundred in all, are valid and differ only by their told losses."""
    run(ics2, schema, message, dice, now=now, runs=DEFAULT_RUNS)


@pytest.mark.long
@pytest.mark.parametrize("message", MESSAGES)
def test_ten_thousand_generated_records_are_valid(ics2, schema, message, dice, now) -> None:
    """A thousand messages of each kind hold more than ten thousand records, all valid."""
    run(ics2, schema, message, dice, now=now, runs=LONG_RUNS)


def test_a_fixed_seed_gives_the_same_bytes(ics2, now) -> None:
    """The same records at the same moment are written alike to the byte."""
    records = Maker(random.Random(7)).records("IE4R05")
    assert ics2.encode("IE4R05", records, now).body == ics2.encode("IE4R05", records, now).body
