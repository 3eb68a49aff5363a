# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The frame of a message: who speaks, when, and 1 to 1000 records that are read one by one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec

from adapters.ead_json.leaves import read_moment
from adapters.ead_json.records import escaped
from gateway.sdk import Finding, Limits, finding, has_errors

VERSION = 1
MAX_RECORDS = 1000
MAX_SENDER, MAX_MESSAGE_ID = 70, 64
_BOM = b"\xef\xbb\xbf"
_KEYS: dict[str, tuple[Any, bool, str]] = {
    "ead_json": (Literal[1], True, "the number 1, the version of the form"),
    "sender": (
        Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_SENDER)],
        True,
        f"a text of 1 to {MAX_SENDER} characters",
    ),
    "message_id": (
        Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_MESSAGE_ID)],
        True,
        f"a text of 1 to {MAX_MESSAGE_ID} characters",
    ),
    "issued_at": (str, False, "a time with its zone (RFC 3339)"),
    "records": (list[msgspec.Raw], True, f"a list of 1 to {MAX_RECORDS} records"),
}


@dataclass(frozen=True, slots=True)
class Frame:
    """A message whose records are still bytes; without records if an error refuses the whole."""

    sender: str = ""
    message_id: str = ""
    issued_at: datetime | None = None
    records: tuple[bytes, ...] = ()
    findings: tuple[Finding, ...] = ()


def read_frame(raw: bytes, limits: Limits) -> Frame:
    """Read the frame; every fault of it is a finding of the message."""
    if len(raw) > limits.max_bytes:
        return Frame(findings=(finding("EAD-JSON-SIZE", expected=f"at most {limits.max_bytes} bytes"),))
    found: list[Finding] = []
    if raw.startswith(_BOM):
        found.append(finding("SCHEMA-REPAIRED", position="byte 0", actual="UTF-8 byte-order mark removed"))
    try:
        parts = msgspec.json.decode(raw.removeprefix(_BOM), type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Frame(findings=(*found, finding("EAD-JSON-SYNTAX", expected="one JSON object")))
    found += [finding("EAD-JSON-UNKNOWN-KEY", path=f"/{escaped(key)}") for key in parts if key not in _KEYS]
    values = {key: _part(parts, key, found) for key in _KEYS}
    records = values["records"] or []
    if values["records"] is not None and not 1 <= len(records) <= MAX_RECORDS:
        expected = f"1 to {MAX_RECORDS}"
        found.append(finding("SCHEMA-COUNT", path="/records", expected=expected, actual=str(len(records))))
    issued_at = None
    try:
        issued_at = read_moment(values["issued_at"]) if values["issued_at"] is not None else None
    except ValueError as error:
        found.append(finding("SCHEMA-FORMAT", path="/issued_at", expected=str(error)))
    return Frame(
        sender=values["sender"] or "",
        message_id=values["message_id"] or "",
        issued_at=issued_at,
        records=() if has_errors(found) else tuple(bytes(one) for one in records),
        findings=tuple(found),
    )


def _part(parts: dict[str, msgspec.Raw], key: str, found: list[Finding]) -> Any:
    """Read one part of the frame; `None` if it is absent or wrong."""
    kind, required, expected = _KEYS[key]
    if key not in parts:
        if required:
            found.append(finding("SCHEMA-MISSING", path=f"/{key}", expected=expected))
        return None
    try:
        return msgspec.json.decode(parts[key], type=kind)
    except (msgspec.ValidationError, RecursionError):
        found.append(finding("EAD-JSON-FORM", path=f"/{key}", expected=expected))
    except (msgspec.DecodeError, UnicodeDecodeError):
        found.append(finding("EAD-JSON-SYNTAX", path=f"/{key}", expected="JSON"))
    return None
