# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""From bytes to groups of fields: one item of XML, or receptacles of JSON; values are not judged here."""

import re
from dataclasses import dataclass, field
from typing import Any

import msgspec

from adapters.post_xml.fields import CLOCK, compiled
from gateway.sdk import Finding, Limits, finding, xml

Fields = dict[str, str]
PIECE = "ContentPiece"
_INDIA = "+05:30"
_BOM = b"\xef\xbb\xbf"
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


@dataclass(slots=True)
class Groups:
    """One document as it was written."""

    document: dict[str, list[Any]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


@dataclass(slots=True)
class Message:
    """A message as documents of one type; none if an error refuses the whole."""

    message_type: str = ""
    documents: list[Groups] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def read(raw: bytes, limits: Limits) -> Message:
    """Read a message; every fault of the whole is a finding of it."""
    if raw.removeprefix(_BOM).lstrip()[:1] == b"<" or raw[:2] in (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<"):
        return _read_item(raw, limits)
    if len(raw) > limits.max_bytes:
        return Message(findings=[finding("POST-SIZE", expected=f"at most {limits.max_bytes} bytes")])
    try:
        top = msgspec.json.decode(raw.removeprefix(_BOM), type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Message(findings=[finding("POST-SYNTAX", expected="one JSON object in UTF-8")])
    name, message_type = next(
        (pair for pair in (("PWS_Receptacle", "RECEPTACLE"), ("data", "PREDES")) if pair[0] in top), ("", "")
    )
    if not message_type:
        return Message(findings=[finding("POST-ROOT", expected="PWS_Receptacle or data")])
    message = Message(message_type)
    message.findings += [finding("SCHEMA-UNKNOWN-FIELD", path=key) for key in top if key != name]
    rows = top[name] if isinstance(top[name], list) else [top[name]]
    count = sum(1 + len(one["Item"]) if _has_items(one) else 1 for one in rows)
    if not 1 <= count <= limits.max_elements:
        message.findings.append(
            finding("SCHEMA-COUNT", path=name, expected=f"1 to {limits.max_elements}", actual=str(count))
        )
        return message
    message.documents = _receptacles(rows) if message_type == "RECEPTACLE" else _predes(rows)
    return message


def _has_items(row: Any) -> bool:
    return isinstance(row, dict) and isinstance(row.get("Item"), list)


def _receptacles(rows: list[Any]) -> list[Groups]:
    """Return one document for each receptacle."""
    documents = []
    for number, row in enumerate(rows, 1):
        groups, path = Groups(), f"PWS_Receptacle[{number}]"
        head = {key: one for key, one in row.items() if key != "Item"} if isinstance(row, dict) else row
        items = row.get("Item", []) if isinstance(row, dict) else []
        if not isinstance(items, list):
            groups.findings.append(finding("POST-FORM", path=f"{path}/Item", expected="a list"))
            items = []
        inner = [_texts(one, f"{path}/Item[{index}]", groups) for index, one in enumerate(items, 1)]
        groups.document = {"Receptacle": [_texts(head, path, groups)], "Receptacle/Item": [inner]}
        documents.append(groups)
    return documents


def _predes(rows: list[Any]) -> list[Groups]:
    """Return one document for each receptacle that the rows name, in the order of first mention."""
    by_number: dict[str, Groups] = {}
    for index, row in enumerate(rows, 1):
        faults = Groups()
        texts = _texts(row, f"data[{index}]", faults)
        number, day = texts.pop("Receptacle_id", ""), texts.pop("PreDesDate", "").strip()
        groups = by_number.setdefault(
            number, Groups({"Receptacle": [{"Receptacle_id": number}], "Receptacle/Item": [[]]})
        )
        groups.findings += faults.findings
        groups.document["Receptacle/Item"][0].append(texts)
        if CLOCK.fullmatch(day):
            day += ("" if "T" in day else "T00:00:00") + _INDIA
            groups.findings.append(finding("POST-ZONE", path=f"data[{index}]/PreDesDate", expected=_INDIA))
        if day:
            said = groups.document.setdefault("Dispatch", [{"PreDesDate": day}])[0]["PreDesDate"]
            if said != day:
                expected = "one date for a receptacle"
                place = f"data[{index}]/PreDesDate"
                groups.findings.append(finding("SCHEMA-CONFLICT", path=place, expected=expected))
    return list(by_number.values())


def _texts(row: Any, path: str, groups: Groups) -> Fields:
    if not isinstance(row, dict):
        groups.findings.append(finding("POST-FORM", path=path, expected="an object"))
        return {}
    texts = {}
    for name, value in row.items():
        if isinstance(value, str) and not _CONTROL.search(value):
            texts[name] = value
        elif value is not None:
            expected = "a text without control characters"
            groups.findings.append(finding("POST-FORM", path=f"{path}/{name}", expected=expected))
    return texts


def _read_item(raw: bytes, limits: Limits) -> Message:
    parsed = xml.parse(raw, limits)
    message = Message("ITEM", findings=list(parsed.findings))
    if parsed.root is None:
        return message
    if xml.local_name(parsed.root) != "Item":
        actual = xml.local_name(parsed.root)
        message.findings.append(finding("POST-ROOT", expected="Item", actual=actual))
        return message
    groups = Groups({"": [{}]})
    _walk(parsed.root, "", groups.document[""][0], groups)
    message.documents = [groups]
    return message


def _walk(element: Any, path: str, texts: Fields, groups: Groups) -> None:
    """Take the leaves of an element under their path; goods lines become groups of their own."""
    groups.findings += [finding("SCHEMA-UNKNOWN-FIELD", path=f"{path}/@{name}") for name in element.attrib]
    if any(text and text.strip() for text in (element.text, *(child.tail for child in element))):
        position = xml.position(element)
        groups.findings.append(
            finding("SCHEMA-FORMAT", path=path, position=position, expected="elements only")
        )
    for child in element:
        name = f"{path}/{xml.local_name(child)}".lstrip("/")
        if name == PIECE:
            pieces = groups.document.setdefault(PIECE, [])
            pieces.append({})
            _walk(child, "", pieces[-1], groups)
        elif name in texts:
            position = xml.position(child)
            groups.findings.append(finding("SCHEMA-REPEATED", path=name, position=position, expected="once"))
        elif len(child) and name in compiled("ITEM").fields(""):
            groups.findings.append(finding("SCHEMA-FORMAT", path=name, expected="text only"))
        elif len(child):
            _walk(child, name, texts, groups)
        else:
            texts[name] = child.text or ""
            groups.findings += [
                finding("SCHEMA-UNKNOWN-FIELD", path=f"{name}/@{one}") for one in child.attrib
            ]
