# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What stands around a record: its kind, its source, what it does, and its reference."""

from dataclasses import dataclass
from typing import Any

from adapters.ead_json import identity
from adapters.ead_json.leaves import CONTROL
from adapters.ead_json.records import escaped, reader, wrong_type
from gateway.sdk import ContributionKind, Finding, Function, Item, finding

MESSAGE_TYPE = "EAD"
MAX_REFERENCE = 200
FUNCTIONS = tuple(one.value for one in Function)
CHOICES = {"kind": identity.KINDS, "source": identity.SOURCES, "function": FUNCTIONS}
_KEYS = frozenset({*CHOICES, "reference", "data"})


@dataclass(frozen=True, slots=True)
class Wrapping:
    """One record with what is said about it; `source` is the kind of its contribution."""

    kind: str
    source: str
    function: str
    reference: str
    item: Item


def read_wrapping(value: Any, place: str, found: list[Finding]) -> Wrapping:
    """Read one record whole; what is missing or wrong is among the findings."""
    if type(value) is not dict:
        found.append(wrong_type(place, "an object", value))
        value = {"kind": identity.ITEM, "data": {}}
    if not _KEYS.issuperset(value):
        found += [
            finding("EAD-JSON-UNKNOWN-KEY", path=f"{place}/{escaped(key)}")
            for key in value
            if key not in _KEYS
        ]
    kind = _choice(value, "kind", "", place, found)
    source = _choice(value, "source", ContributionKind.FILING.value, place, found)
    if kind in identity.GROUPS:
        if "source" in value:
            expected = "source only beside kind item"
            found.append(finding("EAD-JSON-GROUP", path=f"{place}/source", expected=expected))
        source = kind
    item = Item()
    if "data" in value:
        item = reader(Item)(value["data"], f"{place}/data", found) or item
        _check_groups(kind, value["data"], place, found)
    else:
        found.append(finding("SCHEMA-MISSING", path=f"{place}/data", expected="an object"))
    return Wrapping(
        kind,
        source,
        _choice(value, "function", Function.NEW.value, place, found),
        _reference(value, place, found),
        item,
    )


def _choice(value: dict[str, Any], key: str, default: str, place: str, found: list[Finding]) -> str:
    told = value.get(key, default)
    if told in CHOICES[key] if type(told) is str else False:
        return str(told)
    path = f"{place}/{key}"
    if type(told) is not str:
        found.append(wrong_type(path, "a text", told))
    elif key not in value:
        found.append(finding("SCHEMA-MISSING", path=path, expected=", ".join(CHOICES[key])))
    else:
        found.append(finding("SCHEMA-CODE", path=path, expected=", ".join(CHOICES[key]), actual=told))
    return default


def _reference(value: dict[str, Any], place: str, found: list[Finding]) -> str:
    if "reference" not in value:
        return ""
    told, path = value["reference"], f"{place}/reference"
    if type(told) is not str:
        found.append(wrong_type(path, "a text", told))
    elif not 1 <= len(told) <= MAX_REFERENCE:
        found.append(finding("SCHEMA-LENGTH", path=path, expected=f"1 to {MAX_REFERENCE} characters"))
    elif CONTROL.search(told):
        found.append(finding("SCHEMA-FORMAT", path=path, expected="text without control characters"))
    else:
        return told
    return ""


def _check_groups(kind: str, data: Any, place: str, found: list[Finding]) -> None:
    """A record carries the group that its kind names and no other; an item carries none of them."""
    if not kind or type(data) is not dict:
        return
    for name in identity.GROUPS:
        if (name in data) != (name == kind):
            expected = f"{name} in a record of kind {name}, and in no other"
            found.append(finding("EAD-JSON-GROUP", path=f"{place}/data/{name}", expected=expected))
