# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The JSON Schema of the form (draft 2020-12), derived from the model; schema.json is this, written down.

`python -m adapters.ead_json.json_schema` prints it.
"""

import json
import sys
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from adapters.ead_json.frame import MAX_MESSAGE_ID, MAX_RECORDS, MAX_SENDER, VERSION
from adapters.ead_json.identity import GROUPS, ITEM
from adapters.ead_json.leaves import DECIMAL_PATTERN, MAX_TEXT, MAX_WHOLE
from adapters.ead_json.structure import members
from adapters.ead_json.wrapping import CHOICES, MAX_REFERENCE
from gateway.sdk import Item, Record

_LEAVES: Mapping[type, Mapping[str, Any]] = {
    str: {"type": "string", "maxLength": MAX_TEXT},
    int: {"type": "integer", "minimum": -MAX_WHOLE, "maximum": MAX_WHOLE},
    Decimal: {"type": "string", "pattern": f"^{DECIMAL_PATTERN}$"},
    date: {"type": "string", "format": "date"},
    datetime: {"type": "string", "format": "date-time"},
}


def json_schema() -> dict[str, Any]:
    """Return the schema."""
    definitions: dict[str, Any] = {}
    _define(Item, definitions)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "EAD records as JSON",
        "description": "Any canonical record of the gateway, 1 to 1000 of them in one message.",
        "type": "object",
        "properties": {
            "ead_json": {"const": VERSION},
            "sender": {"type": "string", "minLength": 1, "maxLength": MAX_SENDER},
            "message_id": {"type": "string", "minLength": 1, "maxLength": MAX_MESSAGE_ID},
            "issued_at": {"type": "string", "format": "date-time"},
            "records": {
                "type": "array",
                "minItems": 1,
                "maxItems": MAX_RECORDS,
                "items": {"oneOf": [_record(kind) for kind in (ITEM, *GROUPS)]},
            },
        },
        "required": ["ead_json", "sender", "message_id", "records"],
        "additionalProperties": False,
        "$defs": dict(sorted(definitions.items())),
    }


def _record(kind: str) -> dict[str, Any]:
    """Return the schema of one kind of record: it carries its own group and no other."""
    properties: dict[str, Any] = {"kind": {"const": kind}}
    if kind == ITEM:
        properties["source"] = {"enum": list(CHOICES["source"]), "default": "filing"}
    properties["function"] = {"enum": list(CHOICES["function"]), "default": "new"}
    properties["reference"] = {"type": "string", "minLength": 1, "maxLength": MAX_REFERENCE}
    data: dict[str, Any] = {"$ref": "#/$defs/Item"}
    if kind != ITEM:
        data["required"] = [kind]
    data["not"] = {"anyOf": [{"required": [one]} for one in GROUPS if one != kind]}
    properties["data"] = data
    return {
        "type": "object",
        "properties": properties,
        "required": ["kind", "data"],
        "additionalProperties": False,
    }


def _define(record: type[Record], definitions: dict[str, Any]) -> None:
    """Add the definition of a record type and of those inside it."""
    if record.__name__ in definitions:
        return
    properties: dict[str, Any] = {}
    definitions[record.__name__] = {
        "description": " ".join((record.__doc__ or "").split("\n\n")[0].split()),
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
    }
    for one in members(record):
        if one.record is None:
            properties[one.name] = dict(_LEAVES[one.kind])
            continue
        inner = {"$ref": f"#/$defs/{one.record.__name__}"}
        properties[one.name] = {"type": "array", "items": inner} if one.repeats else inner
        _define(one.record, definitions)


def schema_text() -> str:
    """Return the schema as it is written down."""
    return json.dumps(json_schema(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(schema_text())
