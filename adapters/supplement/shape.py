# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Between one item of the form and the flat fields that its table reads: JSON types are judged here.

Names inside an item are joined by "/" and escaped as in a JSON Pointer (RFC 6901), so that a flat name is
also the path that findings show.
"""

import functools
import re
from collections.abc import Iterator, Mapping
from typing import Any

from adapters.supplement.fields import CONTENT, compiled
from gateway.sdk import Finding, finding

Fields = dict[str, str]
Document = dict[str, list[Fields]]

# What XML 1.0 cannot carry would fail later, on its way to a partner.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")


def flatten(item: Mapping[str, Any], place: str) -> tuple[Document, list[Finding]]:
    """Return an item as groups of fields; `place` is its JSON Pointer."""
    found: list[Finding] = []
    document: Document = {"": [_fields({**item, CONTENT: None}, "", place, found)]}
    pieces = item.get(CONTENT, [])
    if not isinstance(pieces, list):
        found.append(_wrong_type(f"{place}/{CONTENT}", "a list of goods lines", pieces))
        return document, found
    groups = []
    for number, piece in enumerate(pieces):
        at = f"{place}/{CONTENT}/{number}"
        if isinstance(piece, dict):
            groups.append(_fields(piece, CONTENT, at, found))
        else:
            groups.append({})
            found.append(_wrong_type(at, "an object", piece))
    if groups:
        document[CONTENT] = groups
    return document, found


def unflatten(document: Mapping[str, list[Fields]]) -> dict[str, Any]:
    """Return groups of fields as an item of the form."""
    item = _nested(document.get("", [{}])[0], "")
    if CONTENT in document:
        item[CONTENT] = [_nested(one, CONTENT) for one in document[CONTENT]]
    return item


def _fields(value: Mapping[str, Any], group: str, place: str, found: list[Finding]) -> Fields:
    fields: Fields = {}
    known = _types(group)
    for name, inner in _leaves(value, "", _parents(group)):
        if group == "" and name == CONTENT:
            continue
        kind = known.get(name)
        at = f"{place}/{name}"
        if kind is None:
            if name in _parents(group):
                found.append(_wrong_type(at, "an object", inner))
            else:
                found.append(finding("SUPPLEMENT-UNKNOWN-KEY", path=at))
        elif kind == "I" and type(inner) is int:
            fields[name] = str(inner)
        elif kind != "I" and isinstance(inner, str) and _CONTROL.search(inner):
            found.append(finding("SCHEMA-FORMAT", path=at, expected="text without control characters"))
        elif kind != "I" and isinstance(inner, str):
            fields[name] = inner
        else:
            found.append(_wrong_type(at, _EXPECTED.get(kind, "a text in quotation marks"), inner))
    return fields


_EXPECTED = {"I": "a whole number", "N": "a decimal number in quotation marks"}


def _leaves(value: Mapping[str, Any], start: str, parents: frozenset[str]) -> Iterator[tuple[str, Any]]:
    """Yield flat names and values; only places that the form knows are entered, so depth is bounded."""
    for key, inner in value.items():
        name = start + key.replace("~", "~0").replace("/", "~1")
        if isinstance(inner, dict) and name in parents:
            yield from _leaves(inner, f"{name}/", parents)
        else:
            yield name, inner


@functools.cache
def _types(group: str) -> Mapping[str, str]:
    return {row.outside: row.type for row in compiled().table.rules.values() if row.group == group}


@functools.cache
def _parents(group: str) -> frozenset[str]:
    return frozenset(
        "/".join(steps[:count])
        for steps in (name.split("/") for name in _types(group))
        for count in range(1, len(steps))
    )


def _nested(fields: Fields, group: str) -> dict[str, Any]:
    top: dict[str, Any] = {}
    for name, text in fields.items():
        *parents, last = name.split("/")
        place = top
        for one in parents:
            place = place.setdefault(one, {})
        place[last] = int(text) if _types(group)[name] == "I" else text
    return top


def _wrong_type(path: str, expected: str, value: Any) -> Finding:
    names = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return finding("SUPPLEMENT-FORM", path=path, expected=expected, actual=names.get(type(value), "a number"))
