# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Write items as CEB messages in the 2022 edition.

Rules: every missing mandatory field of every item is named before anything is refused; nothing is padded or
invented. The gateway fills only what is its own to say: guid, time, state, and the number of a document it
issues itself (copNo of a cancellation, manifest, arrival or departure, coElNo of a return). It cannot sign,
so it writes appStatus 1 (stored), which needs no signature.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import TypeAlias

import msgspec

from adapters.gacc_ceb import carried, taxes
from adapters.gacc_ceb.acknowledgement import CONTENT_TYPE, VERSION, derived_guid
from adapters.gacc_ceb.catalogue import MESSAGES, NAMESPACE, MessageType, compiled, table
from adapters.gacc_ceb.times import seconds
from gateway.sdk import (
    AdapterError,
    Encoded,
    Finding,
    InputError,
    Item,
    Loss,
    Severity,
    finding,
    pack_item,
    xml,
)

Fields: TypeAlias = dict[str, str]
Document: TypeAlias = dict[str, list[Fields]]
NEW = "1"
STORED = "1"
UNSPLIT = "1"


def encode(message_type: str, items: Sequence[Item], now: datetime) -> Encoded:
    """Write items as one message.

    Raises:
        AdapterError: there is no such message type.
        InputError: an item lacks what the message requires; the findings name every missing field.
    """
    message = MESSAGES.get(message_type)
    if message is None:
        raise AdapterError(f"gacc_ceb writes {', '.join(MESSAGES)}, not {message_type}")
    limit = table(message_type).groups[-1].max if message.per_line else message.max_documents
    if not 1 <= len(items) <= limit:
        fault = finding("SCHEMA-COUNT", expected=f"1 to {limit} items", actual=str(len(items)))
        raise InputError(f"{message_type} takes 1 to {limit} items", (fault,))
    documents, losses, found = (_lines if message.per_line else _documents)(message, items, now)
    errors = tuple(one for one in found if one.severity is Severity.ERROR)
    if errors:
        raise InputError(f"{message_type} cannot be written: {len(errors)} faults", errors)
    content = [(message.document, _content(message, one)) for one in documents]
    guid = derived_guid(message_type, seconds(now), *(one[message.head][0]["guid"] for one in documents))
    written = xml.write(
        f"{message_type}Message",
        content,
        namespace=NAMESPACE,
        prefix="ceb",
        attributes={"guid": guid, "version": VERSION},
    )
    if not written.body:
        raise InputError(f"{message_type} cannot be written", written.findings)
    return Encoded(body=written.body, content_type=CONTENT_TYPE, losses=tuple(losses), findings=tuple(found))


def _documents(
    message: MessageType, items: Sequence[Item], now: datetime
) -> tuple[list[Document], list[Loss], list[Finding]]:
    """Write each item as a document of its own."""
    documents: list[Document] = []
    losses: list[Loss] = []
    found: list[Finding] = []
    for index, item in enumerate(items, 1):
        bare, fields = carried.give(message, item)
        more: list[Fields] = []
        if message.name == taxes.BILL:
            bare, amounts, more = taxes.write(bare)
            fields |= amounts
        given = {message.head: {**_opening(message, pack_item(item), now), **fields}}
        if more:
            # The table checks one text for all lines: the longest of each amount.
            given[message.lines] = {name: max((one[name] for one in more), key=len) for name in more[0]}
        plain, told = _without_hs(message, bare)
        document, lost, faults = compiled(message.name).encode(plain, given, f"item {index}")
        if more:
            document = _with_amounts(message, document, more)
        documents.append(document)
        losses += told + lost
        found += faults
    return documents, losses, found


def _lines(
    message: MessageType, items: Sequence[Item], now: datetime
) -> tuple[list[Document], list[Loss], list[Finding]]:
    """Write each item as a line of one document; all items must agree about its head."""
    head = _opening(message, b"".join(pack_item(one) for one in items), now)
    if "msgCount" in compiled(message.name).fields(message.head):
        head |= {"msgCount": UNSPLIT, "msgSeqNo": UNSPLIT}
    found: list[Finding] = []
    losses: list[Loss] = []
    if "grossWeight" in compiled(message.name).fields(message.head):
        masses = [one.gross_mass.value if one.gross_mass else None for one in items]
        head["grossWeight"] = f"{sum((one for one in masses if one is not None), Decimal(0)):f}"
        found += [
            finding("SCHEMA-MISSING", path="gross_mass.value", position=f"item {index}")
            for index, mass in enumerate(masses, 1)
            if mass is None
        ]
    whole: Document = {}
    for index, item in enumerate(items, 1):
        bare, fields = carried.give(message, item)
        given = {message.head: {**head, **fields}, message.lines: {"gnum": str(index)}}
        document, lost, faults = compiled(message.name).encode(bare, given, f"item {index}")
        losses += lost
        found += faults
        if not whole:
            whole = document
            continue
        whole[message.lines] += document[message.lines]
        own, first = document[message.head][0], whole[message.head][0]
        found += [
            finding(
                "SCHEMA-CONFLICT", path=message.prefix + name, position=f"item {index}", expected="as item 1"
            )
            for name in {**own, **first}
            if own.get(name) != first.get(name)
        ]
    return [whole], losses, found


def _opening(message: MessageType, seed: bytes, now: datetime) -> Fields:
    """Return the fields that the writer of a document itself says."""
    time = seconds(now)
    guid = derived_guid(message.name, time, seed.hex())
    if message.pushed:
        return {"guid": guid}
    own = {"guid": guid, "appType": NEW, "appTime": time, "appStatus": STORED}
    if message.own_number:
        own[message.own_number] = guid.replace("-", "")[: _longest(message)]
    return own


def _longest(message: MessageType) -> int:
    """Return how long the number may be that we give a document."""
    rows = table(message.name).groups[0].rows
    return next(row.length[1] for row in rows if row.outside == message.own_number)


def _with_amounts(message: MessageType, document: Document, amounts: Sequence[Fields]) -> Document:
    """Put the amounts of each line into the places that the message has for them."""
    order = compiled(message.name).fields(message.lines)
    lines = [
        {name: both[name] for name in order if name in both}
        for both in ({**line, **more} for line, more in zip(document[message.lines], amounts, strict=True))
    ]
    return {**document, message.lines: lines}


def _without_hs(message: MessageType, item: Item) -> tuple[Item, list[Loss]]:
    """Take off the HS codes that the full code of their line implies; a reader derives them again."""
    implied = [bool(one.hs) and (one.commodity_code or "").startswith(one.hs or "") for one in item.content]
    if not any(implied) or "gcode" not in compiled(message.name).fields(message.lines):
        return item, []
    content = tuple(
        msgspec.structs.replace(one, hs=None) if said else one
        for one, said in zip(item.content, implied, strict=True)
    )
    detail = "the first digits of content[].commodity_code"
    told = Loss(kind="derived", path="content[].hs", detail=detail)
    return msgspec.structs.replace(item, content=content), [told]


def _content(message: MessageType, document: Document) -> xml.Content:
    """Return the content of one document element; a flat document has no head element."""
    if not message.head:
        return list(document[""][0].items())
    return [(name, list(fields.items())) for name in message.groups for fields in document.get(name, ())]
