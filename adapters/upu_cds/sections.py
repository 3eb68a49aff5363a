# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Between a view and the groups of fields that the tables read: objects are judged here, values are not."""

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from adapters.upu_cds.fields import compiled
from adapters.upu_cds.tree import LISTS, OPAQUE, text_of
from gateway.sdk import Finding, finding

Fields = dict[str, str]
Document = dict[str, list[Fields]]

# The sections of a view by the type of record that they say.
SECTIONS = {
    "DECLARATION": ("Declaration",),
    "RESPONSE": ("Response", "Referral"),
    "ANSWER": ("ReferralResponse",),
    "EVENT": ("Event",),
}
# Objects inside a section whose fields may also stand in the section itself.
INNER = {"Declaration": "DeclarationData", "Response": "ResponseData"}
# Fields of the object that every declaration and response is.
OBJECT_FIELDS = frozenset({"PId", "CustOrganizationCd"})
_IN_SECTION = {
    "Declaration": ("ContentPieces", "Documents"),
    "Response": ("Taxes",),
    "Referral": ("Requests", "Screenings"),
    "ReferralResponse": ("Screenings", "Openings"),
}
_LINE = 70
# What XML 1.0 cannot carry would fail later, on its way to a partner.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


@dataclass(slots=True)
class Flat:
    """The groups of one record of a view, with what is already to be said."""

    document: Document = field(default_factory=dict)
    opaque: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def flatten(message_type: str, sections: Mapping[str, Any]) -> Flat:
    """Return the sections of one record as groups of fields."""
    flat = Flat()
    for name in ("MailObject", *SECTIONS[message_type]):
        value = sections.get(name)
        if value is None:
            continue
        if not isinstance(value, dict):
            flat.findings.append(finding("CDS-FORM", path=name, expected="an object"))
            continue
        value = _hoisted(name, value, flat)
        lists = _IN_SECTION.get(name, ())
        own = {key: inner for key, inner in value.items() if key not in lists}
        flat.document[name] = [_fields(own, name, flat)]
        for one in lists:
            _members(one, value.get(one), f"{name}/{one}", flat)
    if "Declaration" in flat.document:
        _joined(flat.document["Declaration"][0])
    return flat


def _hoisted(name: str, value: dict[str, Any], flat: Flat) -> dict[str, Any]:
    """Return a section with the fields of its inner object beside its own."""
    inner = value.get(INNER.get(name, ""))
    if inner is None:
        return {key: one for key, one in value.items() if key != INNER.get(name)}
    if not isinstance(inner, dict):
        flat.findings.append(finding("CDS-FORM", path=f"{name}/{INNER[name]}", expected="an object"))
        inner = {}
    own = {key: one for key, one in value.items() if key != INNER[name]}
    for key in own.keys() & inner.keys():
        flat.findings.append(finding("SCHEMA-REPEATED", path=f"{name}/{key}", expected="once"))
    return own | inner


def _members(name: str, value: Any, path: str, flat: Flat) -> None:
    if value is None:
        return
    if not isinstance(value, list):
        flat.findings.append(finding("CDS-FORM", path=path, expected="a list"))
        return
    groups = flat.document.setdefault(LISTS[name], []) if value else []
    for number, one in enumerate(value, 1):
        if isinstance(one, dict):
            groups.append(_fields(one, f"{LISTS[name]}[{number}]", flat))
        else:
            groups.append({})
            flat.findings.append(finding("CDS-FORM", path=f"{path}[{number}]", expected="an object"))


def _fields(value: Mapping[str, Any], path: str, flat: Flat) -> Fields:
    fields: Fields = {}
    for name, inner in value.items():
        if inner is None:
            continue
        if name in OPAQUE:
            flat.opaque.append(f"{path}/{name}")
            continue
        text = inner if inner.__class__ is str else text_of(inner)
        if text is None:
            flat.findings.append(finding("CDS-FORM", path=f"{path}/{name}", expected="a text or a number"))
        elif not text.isprintable() and _CONTROL.search(text):
            expected = "text without control characters"
            flat.findings.append(finding("SCHEMA-FORMAT", path=f"{path}/{name}", expected=expected))
        else:
            fields[name] = text
    return fields


def _joined(fields: Fields) -> None:
    """Put together what the object keeps apart: the lines of an address, and names of persons."""
    for side in ("Sender", "Recipient"):
        parts = [fields.get(f"{side}{one}", "").strip() for one in ("FirstName", "LastName")]
        if not fields.get(f"{side}Name", "").strip() and any(parts):
            fields[f"{side}Name"] = " ".join(filter(None, parts))
            fields.pop(f"{side}FirstName", None)
            fields.pop(f"{side}LastName", None)
        second = fields.pop(f"{side}AddressLine2", "").strip()
        if second:
            first = fields.get(f"{side}AddressLine1", "").strip()
            fields[f"{side}AddressLine1"] = f"{first}, {second}" if first else second


def unflatten(message_type: str, document: Mapping[str, list[Fields]]) -> dict[str, Any]:
    """Return groups of fields as a view."""
    view: dict[str, Any] = {"MailObject": _typed(message_type, "MailObject", document["MailObject"][0])}
    for name in SECTIONS[message_type]:
        lists = {one: document[LISTS[one]] for one in _IN_SECTION.get(name, ()) if document.get(LISTS[one])}
        if name not in document and not lists:
            continue
        own = _typed(message_type, name, _split(document.get(name, [{}])[0]))
        whole = own | {
            one: [_typed(message_type, LISTS[one], each) for each in groups] for one, groups in lists.items()
        }
        if name in INNER:
            outer = {key: value for key, value in whole.items() if key in OBJECT_FIELDS}
            whole = outer | {INNER[name]: {key: value for key, value in whole.items() if key not in outer}}
        view[name] = whole
    return view


def _split(fields: Fields) -> Fields:
    """Return fields with long addresses on two lines, where a comma divides them."""
    split: Fields = {}
    for name, text in fields.items():
        cut = text.rfind(", ", 0, _LINE + 1) if name.endswith("AddressLine1") and len(text) > _LINE else 0
        if cut > 0 and text[cut + 2 :] == text[cut + 2 :].strip() != "" and text[:cut] == text[:cut].strip():
            split |= {name: text[:cut], name.removesuffix("1") + "2": text[cut + 2 :]}
        else:
            split[name] = text
    return split


def _typed(message_type: str, group: str, fields: Fields) -> dict[str, Any]:
    """Return fields with numbers and truth values as JSON has them."""
    plain = _plain(message_type, group)
    return {name: msgspec.Raw(text.encode()) if name in plain else text for name, text in fields.items()}


@functools.cache
def _plain(message_type: str, group: str) -> frozenset[str]:
    rows = compiled(message_type).table.rules.values()
    return frozenset(
        row.outside
        for row in rows
        if row.group == group and (row.type in {"N", "I"} or row.converter == "boolean")
    )


@functools.cache
def unmapped(message_type: str, group: str) -> frozenset[str]:
    """Return the fields of a group that no canonical path takes."""
    rows = compiled(message_type).table.rules.values()
    return frozenset(row.outside for row in rows if row.group == group and not row.path)
