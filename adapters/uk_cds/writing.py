# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Write items as declarations and assessments as responses, in the MetaData envelope.

Message types: DEC (function 9), COR and INV (function 13: amendment, invalidation), RES. Nothing is padded or
invented; what the gateway says itself is the function, the count of items and the number of a package line.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from adapters.uk_cds import preparing
from adapters.uk_cds.catalogue import DEC, ENVELOPE, RES, DocumentType, compiled
from adapters.uk_cds.layout import write
from adapters.uk_cds.rules import rules
from gateway.sdk import (
    AdapterError,
    Encoded,
    Finding,
    InputError,
    Item,
    Loss,
    Severity,
    finding,
)

CONTENT_TYPE = "application/xml"
FUNCTIONS: Mapping[str, str] = {"DEC": "9", "COR": "13", "INV": "13"}
TYPES = (*FUNCTIONS, RES.name)
MOST_RESPONSES = 100
# What XML cannot carry, found in the bytes; lone surrogates have no bytes at all.
_CONTROLS = bytes(one for one in range(32) if one not in b"\t\n\r")


def encode(message_type: str, items: Sequence[Item], now: datetime) -> Encoded:
    """Write one declaration, or the responses.

    Raises:
        AdapterError: there is no such message type.
        InputError: an item lacks what the document requires; the findings name everything.
    """
    if message_type not in TYPES:
        raise AdapterError(f"uk_cds writes {', '.join(TYPES)}, not {message_type}")
    document, most = (RES, MOST_RESPONSES) if message_type == RES.name else (DEC, 1)
    if not 1 <= len(items) <= most:
        fault = finding("SCHEMA-COUNT", expected=f"1 to {most} items", actual=str(len(items)))
        raise InputError(f"{message_type} takes 1 to {most} items", (fault,))
    losses: list[Loss] = []
    found: list[Finding] = []
    bodies: list[str] = []
    for index, item in enumerate(items, 1):
        position = f"item {index}"
        if document is RES:
            plain, told, faults = preparing.assessment(item, position)
            given = None
        else:
            plain, told, faults = preparing.declaration(item, position)
            faults += _low_value(item, now, position)
            given = {
                DEC.root: {
                    "FunctionCode": FUNCTIONS[message_type],
                    "GoodsItemQuantity": str(len(item.content)),
                }
            }
            plain = _of_type(plain, message_type)
        groups, lost, more = compiled(document.name).encode(plain, given, position)
        losses += [*told, *lost]
        found += [*faults, *more]
        if any(one.severity is Severity.ERROR for one in found):
            continue
        bodies.append(_body(document, groups, position, found))
    raw = _bytes(envelope(document, bodies))
    if raw is None:
        found.append(finding("XML-CHARACTER"))
    errors = tuple(one for one in found if one.severity is Severity.ERROR)
    if errors or raw is None:
        raise InputError(f"{message_type} cannot be written: {len(errors)} faults", errors)
    return Encoded(
        body=raw,
        content_type=CONTENT_TYPE,
        losses=tuple(losses),
        findings=tuple(found),
    )


def envelope(document: DocumentType, bodies: Sequence[str]) -> str:
    """Return the envelope around written documents."""
    start = f'<{document.root} xmlns="{document.namespace}" xmlns:d="{document.types}"'
    inner = "".join([start + one[len(document.root) + 1 :] for one in bodies])
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><m:MetaData xmlns:m="{ENVELOPE}">'
        "<m:WCODataModelVersionCode>3.6</m:WCODataModelVersionCode>"
        f"<m:WCOTypeName>{document.name}</m:WCOTypeName>"
        "<m:ResponsibleCountryCode>GB</m:ResponsibleCountryCode>"
        f"{inner}</m:MetaData>"
    )


def _bytes(text: str) -> bytes | None:
    """Return the bytes of a document, `None` if it holds a character that XML cannot carry."""
    try:
        raw = text.encode("utf-8")
    except UnicodeEncodeError:
        return None
    if len(raw.translate(None, _CONTROLS)) != len(raw) or "\ufffe" in text or "\uffff" in text:
        return None
    return raw


def _body(document: DocumentType, groups: Mapping[str, Any], position: str, found: list[Finding]) -> str:
    """Write one document; line breaks and blanks, which the schema does not allow, go the slow road."""
    body = write(document, groups)
    # A text that is blank begins with a blank; the whole is asked for one before each text is.
    if "\n" in body or "\t" in body or "> " in body or ("&" in body and "&#13;" in body):
        groups, paths = _unbroken(groups)
        body = write(document, groups)
        found += [finding("UKCDS-LINE-BREAK", path=path, position=position) for path in paths]
    return body


def _unbroken(groups: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    paths: list[str] = []

    def mended(group: str, fields: Mapping[str, str]) -> dict[str, str]:
        result: dict[str, str] = {}
        for name, text in fields.items():
            line = text
            if not text.strip() or "\n" in text or "\r" in text:
                line = " ".join(text.split())
                paths.append(f"{group}/{name}")
            if line:
                result[name] = line
        return result

    mended_groups: dict[str, Any] = {
        name: [
            mended(name, one) if isinstance(one, dict) else [mended(name, two) for two in one]
            for one in repetitions
        ]
        for name, repetitions in groups.items()
    }
    return mended_groups, paths


def _of_type(item: Item, message_type: str) -> Item:
    """Give an amendment or invalidation its type code."""
    if message_type == "DEC" or item.filing is None:
        return item
    return msgspec.structs.replace(item, filing=msgspec.structs.replace(item.filing, kind=message_type))


def _low_value(item: Item, now: datetime, position: str) -> list[Finding]:
    """Refuse what the low-value rule in force forbids."""
    rule = rules().low_value_on(now.date())
    return [
        finding(
            "UKCDS-LOW-VALUE-REFUSED", path="content[]", position=position, expected=expected, actual=actual
        )
        for expected, actual in (rule.faults(item) if rule else ())
    ]
