# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The JSON Schema of the form (draft 2020-12), derived from its table; schema.json is this, written down.

`python -m adapters.supplement.json_schema` prints it.
"""

import json
import sys
from typing import Any

from adapters.supplement.fields import CONTENT, MAX_ITEMS, table
from gateway.sdk import CodeMap, Group, Row

_PATTERNS = {
    "tracking": "^[0-9A-Za-z./_-]+$",
    "hs": "^[0-9]{4}([0-9]{2}([0-9]{2,6})?)?$",
    "email": "^[^@\\s]+@[^@\\s]+$",
}
_FORMATS = {"iso_date": "date", "iso_datetime": "date-time", "email": "email"}


def json_schema() -> dict[str, Any]:
    """Return the schema."""
    groups = {group.name: group for group in table().groups}
    item = _object(groups[""])
    lines = groups[CONTENT]
    item["properties"][CONTENT] = {"type": "array", "maxItems": lines.max, "items": _object(lines)}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Supplement",
        "description": "What a platform or carrier adds to items, joined by tracking number.",
        "type": "object",
        "properties": {
            "supplement": {"const": 1},
            "sender": {"type": "string", "minLength": 1, "maxLength": 70},
            "message_id": {"type": "string", "minLength": 1, "maxLength": 64},
            "issued_at": {"type": "string", "format": "date-time"},
            "items": {"type": "array", "minItems": 1, "maxItems": MAX_ITEMS, "items": item},
        },
        "required": ["supplement", "sender", "message_id", "items"],
        "additionalProperties": False,
        "$defs": {name: {"type": "string", "enum": codes} for name, codes in sorted(_lists().items())},
    }


def _lists() -> dict[str, list[str]]:
    """Return the code lists that the table names."""
    used = {row.converter: table().converters[row.converter] for row in table().rules.values()}
    return {name: sorted(one.forward) for name, one in used.items() if isinstance(one, CodeMap)}


def _object(group: Group) -> dict[str, Any]:
    top: dict[str, Any] = {"type": "object", "properties": {}}
    for row in group.rows:
        *parents, last = row.outside.split("/")
        place = top
        for one in parents:
            place = place["properties"].setdefault(
                one, {"type": "object", "properties": {}, "additionalProperties": False}
            )
        place["properties"][last] = _leaf(row)
        if row.required:
            place.setdefault("required", []).append(last)
    return {**top, "additionalProperties": False}


def _leaf(row: Row) -> dict[str, Any]:
    total, fraction = row.digits
    if row.type == "I":
        return {"type": "integer", "minimum": 0, "maximum": 10**total - 1}
    if row.type == "N":
        pattern = f"^[0-9]{{1,{total - fraction}}}(\\.[0-9]{{1,{fraction}}})?$"
        return {"type": "string", "pattern": pattern}
    leaf: dict[str, Any] = {"type": "string"}
    if row.codes:
        return {**leaf, "enum": list(row.codes)}
    if row.converter in _lists():
        return {"$ref": f"#/$defs/{row.converter}"}
    if row.converter in _PATTERNS:
        leaf["pattern"] = _PATTERNS[row.converter]
    if row.converter in _FORMATS:
        leaf["format"] = _FORMATS[row.converter]
    return {**leaf, "minLength": row.length[0], "maxLength": row.length[1]}


def schema_text() -> str:
    """Return the schema as it is written down."""
    return json.dumps(json_schema(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(schema_text())
