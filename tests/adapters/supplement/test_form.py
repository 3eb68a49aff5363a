# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The table, the schema and the page of the form say the same."""

import re

from adapters.supplement.fields import table
from adapters.supplement.json_schema import json_schema, schema_text
from gateway.sdk import Item, leaf_types

# What a supplement does not say: the form `ead_json` carries these.
ELSEWHERE = re.compile(
    r"(postal|filing|documents\[\]|event|dispatch|assessment|answer|control|facilitation|returned)\."
    r"|content\[\]\.(filing|ruling|gross_mass)\."
    r"|.*(\.person_type|\.address\.number|\.address\.post_office_box)$"
    r"|transport\.(means_kind|nationality)$"
)


def test_every_leaf_of_a_declared_item_can_be_said():
    """The form has a row for each canonical leaf that domestic declarations hold."""
    paths = {row.path for row in table().rules.values() if row.path}
    assert paths == {path for path in leaf_types(Item) if not ELSEWHERE.match(path)}


def test_keys_are_the_canonical_names():
    """The outside name of a row is its canonical path within its group."""
    for group in table().groups:
        prefix = f"{group.target}." if group.target else ""
        for row in group.rows:
            if row.path:
                assert row.path == prefix + row.outside.replace("/", ".")


def test_the_schema_file_is_the_one_derived(folder):
    """schema.json is what the table gives; run python -m adapters.supplement.json_schema to renew it."""
    assert (folder / "schema.json").read_text("utf-8") == schema_text()


def test_the_schema_refuses_unknown_keys_and_states_the_limits():
    """A strict sender can check a message against the schema alone."""
    item = json_schema()["properties"]["items"]["items"]
    assert item["additionalProperties"] is False
    assert item["required"] == ["tracking_number"]
    name = item["properties"]["addressee"]["properties"]["name"]
    assert name == {"type": "string", "minLength": 1, "maxLength": 70}
    assert item["properties"]["package_count"] == {"type": "integer", "minimum": 0, "maximum": 999_999_999}
