# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The form carries every leaf of the model, both ways, without loss."""

from datetime import UTC, date, datetime
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.ead_json import adapter
from adapters.ead_json.identity import GROUPS
from adapters.ead_json.json_schema import json_schema
from gateway.sdk import Item, Limits, leaf_types, values
from tests.adapters.schema_judge import faults

NOW = datetime(2026, 3, 2, 0, 15, tzinfo=UTC)
LEAVES = leaf_types(Item)
TEXT = st.text(st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff"), max_size=60)
VALUES = {
    str: TEXT,
    int: st.integers(-(2**53) + 1, 2**53 - 1),
    Decimal: st.decimals(-(10**15), 10**15, places=6) | st.sampled_from([Decimal("1E+3"), Decimal("-0.00")]),
    date: st.dates(),
    datetime: st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29), timezones=st.just(UTC)),  # noqa: DTZ001
}
# Fields that name a record, so that it has keys and a reference whatever leaf is under test.
NAMED = {
    "": {"tracking_number": "A-1"},
    "event": {"tracking_number": "A-1", "event": {"code": "EMC", "at": NOW}},
    "dispatch": {"dispatch": {"number": "D-1"}},
    "assessment": {"tracking_number": "A-1", "assessment": {}},
    "answer": {"tracking_number": "A-1", "answer": {"referral": "R-1"}},
    "control": {"mrn": "26NM000000000017A1", "control": {}},
}


def with_leaf(path, value):
    """Return a record whose one leaf has a value; lists hold it twice."""
    head = path.partition(".")[0]
    whole = msgspec.json.decode(msgspec.json.encode(NAMED.get(head, NAMED[""])))
    place, steps = whole, path.split(".")
    for step in steps[:-1]:
        name = step.removesuffix("[]")
        if step.endswith("[]"):
            entry = {}
            place[name] = [entry, entry]
            place = entry
        else:
            place = place.setdefault(name, {})
    place[steps[-1]] = value
    return msgspec.convert(whole, Item, strict=False)


def again(item):
    """Return what a record becomes after writing and reading, and the JSON between."""
    body = adapter.encode("EAD", [item], NOW).body
    message = adapter.decode(body, Limits())
    (document,) = message.documents
    assert [*message.findings, *document.findings] == [] or document.contributions
    return document.contributions[0].item, msgspec.json.decode(body)


@given(st.data())
def test_any_value_of_any_leaf_survives(data):
    """Each leaf of the model comes back with the value it had, and the JSON between fits the schema."""
    path = data.draw(st.sampled_from(sorted(LEAVES)))
    value = data.draw(VALUES[LEAVES[path]])
    item = with_leaf(path, value)
    if not any(one != "" for one in values(item, path)) and path in {"tracking_number", "dispatch.number"}:
        return
    if path in {"answer.referral", "event.code", "tracking_number", "dispatch.number"} and not value:
        return
    back, written = again(item)
    assert values(back, path) == values(item, path)
    assert back == item
    assert faults(written, json_schema()) == []


@pytest.mark.parametrize("group", ["", *GROUPS])
def test_all_leaves_of_a_kind_survive_together(group):
    """A record with every leaf filled, and every list twice, differs in no leaf after both ways."""
    samples = {
        str: 't \n"\\/ü漢',
        int: 7,
        Decimal: Decimal("12.500"),
        date: date(2026, 3, 1),
        datetime: datetime(2026, 3, 1, 4, 5, 6, 789000, tzinfo=UTC),
    }

    def fill(record, top):
        given = {}
        for one in msgspec.structs.fields(record):
            if top and one.name in GROUPS and one.name != group:
                continue
            inner = next(x for x in one.type.__args__ if x not in (type(None), ...))
            many = getattr(one.type, "__origin__", None) is tuple
            value = samples[inner] if inner in samples else fill(inner, top=False)
            given[one.name] = (value, value) if many else value
        return record(**given)

    item = fill(Item, top=True)
    back, written = again(item)
    differing = [path for path in LEAVES if values(item, path) != values(back, path)]
    assert differing == []
    absent = [path for path in LEAVES if not any(one is not None for one in values(back, path))]
    assert {path.partition(".")[0] for path in absent} == set(GROUPS) - {group}
    assert faults(written, json_schema()) == []


def test_nothing_is_reported_lost():
    """Writing tells no loss, since an independent comparison of all leaves finds none."""
    item = with_leaf("content[].filing.documents[].kind", "N380")
    assert adapter.encode("EAD", [item], NOW).losses == ()
    assert again(item)[0] == item
