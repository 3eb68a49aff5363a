# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""A judge of JSON against a JSON Schema, for the words that the schemas of the tests use; others are refused.

Drafts 04 and 2020-12 mean the same by these words. `format` is an annotation in both.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

TYPES = {"object": dict, "array": list, "string": str, "integer": int}
SAID = frozenset({"$schema", "title", "description", "default", "format", "definitions", "$defs"})
JUDGED = frozenset(
    {
        *("type", "properties", "required", "additionalProperties", "items", "minItems", "maxItems", "enum"),
        *(
            "const",
            "minLength",
            "maxLength",
            "pattern",
            "minimum",
            "maximum",
            "oneOf",
            "anyOf",
            "not",
            "$ref",
        ),
    }
)


def faults(
    value: Any, schema: Mapping[str, Any], root: Mapping[str, Any] | None = None, path: str = ""
) -> list[str]:
    """Return where and by which word a value breaks a schema."""
    return list(_faults(value, schema, schema if root is None else root, path))


def _faults(  # noqa: C901, PLR0912 - one branch for each word of the schema
    value: Any, schema: Mapping[str, Any], root: Mapping[str, Any], path: str
) -> Iterator[str]:
    unknown = schema.keys() - SAID - JUDGED
    assert not unknown, f"the judge does not know {unknown}"
    if "$ref" in schema:
        place: Any = root
        for step in schema["$ref"].removeprefix("#/").split("/"):
            place = place[step]
        yield from _faults(value, place, root, path)
    kind = TYPES.get(schema.get("type", ""))
    if kind is not None and type(value) is not kind:
        yield f"{path}: type {schema['type']}"
        return
    if ("enum" in schema and value not in schema["enum"]) or ("const" in schema and value != schema["const"]):
        yield f"{path}: enum"
    counts = [len(faults(value, one, root, path)) == 0 for one in schema.get("oneOf", ())]
    if "oneOf" in schema and sum(counts) != 1:
        yield f"{path}: oneOf fits {sum(counts)} times"
    if "anyOf" in schema and all(faults(value, one, root, path) for one in schema["anyOf"]):
        yield f"{path}: anyOf"
    if "not" in schema and not faults(value, schema["not"], root, path):
        yield f"{path}: not"
    if type(value) is dict:
        yield from _object(value, schema, root, path)
    elif type(value) is list:
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
            yield f"{path}: number of items"
        for number, one in enumerate(value):
            yield from _faults(one, schema.get("items", {}), root, f"{path}/{number}")
    elif type(value) is str:
        if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
            yield f"{path}: length"
        if "pattern" in schema and re.search(schema["pattern"], value, re.ASCII) is None:
            yield f"{path}: pattern"
    elif type(value) is int and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        yield f"{path}: size"


def _object(
    value: dict[str, Any], schema: Mapping[str, Any], root: Mapping[str, Any], path: str
) -> Iterator[str]:
    known = schema.get("properties", {})
    yield from (f"{path}/{name}: required" for name in schema.get("required", ()) if name not in value)
    for name, inner in value.items():
        if name in known:
            yield from _faults(inner, known[name], root, f"{path}/{name}")
        elif schema.get("additionalProperties", True) is False:
            yield f"{path}/{name}: additional"
