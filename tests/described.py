# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Hold an answer against the interface description: values of their types, nothing absent, nothing untold."""

import json
import re

from gateway.web.description import description

KINDS = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "null": type(None),
}


def departures(path, answer, method="get", status="200"):
    """Return where an answer departs from what the description says of a route."""
    document = json.loads(description())
    described = document["paths"][path][method]["responses"][status]
    schema = described["content"]["application/json"]["schema"]
    return list(_departures(document, schema, answer, ""))


def _departures(document, schema, value, where):
    if "$ref" in schema:
        schema = _resolved(document, schema["$ref"])
    if "anyOf" in schema:
        tries = [list(_departures(document, one, value, where)) for one in schema["anyOf"]]
        if all(tries):
            yield from min(tries, key=len)
        return
    if "enum" in schema and value not in schema["enum"]:
        yield f"{where}: {value!r} is none of {schema['enum']}"
    kind = schema.get("type")
    if isinstance(kind, str) and not _is(value, kind):
        yield f"{where}: {type(value).__name__} is no {kind}"
    elif kind == "array":
        for index, one in enumerate(value):
            heads = schema.get("prefixItems", ())
            inner = heads[index] if index < len(heads) else schema.get("items", {})
            if inner is False:
                yield f"{where}[{index}] is not described"
                continue
            yield from _departures(document, inner, one, f"{where}[{index}]")
    elif kind == "object" and ("properties" in schema or "additionalProperties" in schema):
        yield from _members(document, schema, value, where)


def _members(document, schema, value, where):
    properties, rest = schema.get("properties", {}), schema.get("additionalProperties", False)
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{where}.{name} is absent"
    for name, one in value.items():
        if name in properties:
            yield from _departures(document, properties[name], one, f"{where}.{name}")
        elif isinstance(rest, dict):
            yield from _departures(document, rest, one, f"{where}.{name}")
        elif rest is False:
            yield f"{where}.{name} is not described"


def _is(value, kind):
    return isinstance(value, KINDS[kind]) and (kind == "boolean" or not isinstance(value, bool))


def _resolved(document, reference):
    for key in re.sub(r"^#/", "", reference).split("/"):
        document = document[key]
    return document
