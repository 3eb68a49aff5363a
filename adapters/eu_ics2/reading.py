# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""From a walked message to contributions: tables, completeness, keys, references."""

import functools
from collections.abc import Mapping
from typing import Any

from adapters.eu_ics2 import frames, walking
from adapters.eu_ics2.converters import read_second
from adapters.eu_ics2.dialogue import message_functions
from adapters.eu_ics2.frames import Frame
from adapters.eu_ics2.plan import plan
from adapters.eu_ics2.tariff import CN_FIELD, with_tariff_codes
from adapters.eu_ics2.walking import RawRecord, Told
from gateway.sdk import (
    Contribution,
    ContributionKind,
    DecodedDocument,
    DecodedMessage,
    Finding,
    Function,
    Item,
    finding,
    has_errors,
)

ADAPTER = "eu_ics2"
_HEADER = "MessageHeader/"
_ECHO = {
    "functionalReference": "functionalReference",
    "MRN": "MRN",
    "correlationId": f"{_HEADER}correlationId",
    "replyToMessageId": f"{_HEADER}replyToMessageId",
    "messageTimestamp": f"{_HEADER}messageTimestamp",
    "messageSender": f"{_HEADER}messageSender",
    "messageRecipient": f"{_HEADER}messageRecipient",
    "documentNumber": "transportDocument/documentNumber",
    "type": "transportDocument/type",
    "parameter": "ENSQueryParameters/parameter",
}


def read_message(message: str, root: Any, found: tuple[Finding, ...]) -> DecodedMessage:
    """Read a message whose name is known and has tables."""
    top = plan(message)
    unit = top.steps.get(root.tag) if message == frames.HOUSE else None
    records, told = walking.walk(root, top) if unit is None else walking.walk_unit(root, unit)
    documents = tuple(_document(message, one, number) for number, one in enumerate(records, 1))
    head = records[0].fields
    return DecodedMessage(
        adapter=ADAPTER,
        message_type=message,
        message_id=head.get(f"{_HEADER}messageId", "").strip(),
        sender=head.get(f"{_HEADER}messageSender", "").strip(),
        documents=documents,
        findings=(*found, *_left_over(told, "")),
    )


def _left_over(told: Told, position: str) -> list[Finding]:
    """Return one finding for each path that nothing takes, and the faults of form."""
    left = [
        finding(
            "ICS2-ELEMENT-UNMAPPED",
            path=path,
            position=position,
            actual=f"{count} times" if count > 1 else "",
        )
        for path, count in told.left.items()
    ]
    return [*told.faults, *left]


def _document(message: str, record: RawRecord, number: int) -> DecodedDocument:
    """Read one record; with an error it has no contributions."""
    position = f"document {number}"
    frame = _frame(message, record.table)
    names = _names(frame.name)
    fields = record.fields
    for absent, speaks in frame.fallback.items():
        if speaks in fields and fields.setdefault(absent, fields[speaks]) != fields[speaks]:
            record.told.left[speaks] = 1
    own = fields if names.issuperset(fields) else {name: fields[name] for name in fields if name in names}
    groups = {"": [own], **record.groups}
    item, found = frames.compiled(frame.name).decode(groups, position)
    if own is not fields:
        record.told.left.update({name: 1 for name in fields if name not in own})
    found += _judge(frame, groups, position)
    if record.told.left or record.told.faults:
        found += _left_over(record.told, position)
    item = with_tariff_codes(item, record.groups)
    function = message_functions().get(fields.get("messageFunction", "").strip())
    if function is None and "messageFunction" in fields:
        found.append(finding("SCHEMA-CODE-UNKNOWN", path="messageFunction", position=position))
    kind = frames.table(frame.name).kind
    echo = {short: fields[path] for short, path in _ECHO.items() if fields.get(path)}
    reference = _reference(message, item, fields, number)
    keys = _keys(item)
    if kind and not keys and not has_errors(found):
        found.append(
            finding("ICS2-KEY", position=position, expected="an MRN, a transport document or a reference")
        )
    contributions: tuple[Contribution, ...] = ()
    if kind and not has_errors(found):
        contributions = (
            Contribution(
                kind=ContributionKind(kind),
                function=Function(function) if function else Function.NEW,
                reference=reference,
                keys=keys,
                item=item,
                guid=fields.get(f"{_HEADER}messageId", "").strip()[:36],
                issued_at=_issued(fields),
            ),
        )
    return DecodedDocument(
        position=number, reference=reference, echo=echo, contributions=contributions, findings=tuple(found)
    )


def _frame(message: str, table: str) -> Frame:
    """Return the frame of a record; a message without units has its own."""
    if table:
        return frames.frames()[table]
    return next(one for one in frames.of_message(message) if not one.unit)


@functools.cache
def _names(table: str) -> frozenset[str]:
    return frozenset(frames.compiled(table).fields(""))


@functools.cache
def _passive(table: str) -> Mapping[tuple[str, str], tuple[str, str]]:
    """Return note and rule of the rows that no canonical path takes, by group and field."""
    taken = {*_ECHO.values(), f"{_HEADER}messageId", "messageFunction"}
    taken |= {"relatedENS/MRN", "documentIssueDate/DateTime", CN_FIELD}
    rows = frames.compiled(table).unmapped
    return {(one.group, one.outside): (one.note, one.rule) for one in rows if one.outside not in taken}


def _judge(frame: Frame, groups: Mapping[str, list[dict[str, str]]], position: str) -> list[Finding]:
    """Tell what a container lacks, and the fields that the table knows and no canonical path takes."""
    found = []
    idle: dict[str, tuple[str, str]] = {}
    for group, several in groups.items():
        for index, fields in enumerate(several, 1):
            missing, passive = _shape(frame.name, group, tuple(fields))
            for name in missing:
                path = f"{frames.place(frame.name, group, index)}/{name}".lstrip("/")
                found.append(finding("SCHEMA-MISSING", path=path, position=position))
            for name in passive:
                if fields[name]:
                    idle[f"{group}/{name}" if group else name] = _passive(frame.name)[group, name]
    for path, (note, rule) in idle.items():
        found.append(finding("SCHEMA-UNMAPPED-FIELD", path=path, position=position, remedy=note, rule=rule))
    return found


@functools.lru_cache(maxsize=4096)
def _shape(table: str, group: str, names: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the fields that containers lack, and the fields without a canonical path, of a set of fields."""
    missing = [name for _, lacks in incomplete(table, group, names) for name in lacks]
    passive = _passive(table)
    return tuple(missing), tuple(name for name in names if (group, name) in passive)


@functools.lru_cache(maxsize=4096)
def incomplete(table: str, group: str, names: tuple[str, ...]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the containers that are there without all they must have, each with what it lacks."""
    found = []
    for one in frames.frames()[table].complete:
        if one.group == group and any(name.startswith(f"{one.container}/") for name in names):
            lacks = tuple(name for name in one.fields if name not in names)
            found += [(one.container, lacks)] if lacks else []
    return tuple(found)


def _issued(fields: Mapping[str, str]) -> Any:
    """Return when the document was issued; a faulty time was told by its row."""
    text = fields.get("documentIssueDate/DateTime") or fields.get("relatedENS/DocumentIssueDate/DateTime")
    try:
        return read_second(text.strip()) if text else None
    except ValueError:
        return None


def _reference(message: str, item: Item, fields: Mapping[str, str], number: int) -> str:
    """Return what is stable and unique of a document within its message type."""
    own = ""
    for record, name in (
        (item.assessment, "referral"),
        (item.answer, "referral"),
        (item.assessment, "reference"),
    ):
        own = own or str(getattr(record, name, None) or "")
    own = own or (item.control.reference if item.control else None) or ""
    if item.dispatch is not None:
        own = item.dispatch.consignment or ""
    subject = item.tracking_number or item.mrn or ""
    if not own and not subject:
        own = fields.get("functionalReference") or fields.get(f"{_HEADER}messageId") or str(number)
    number_of = f"|{number}" if item.control is not None else ""
    return f"{message}|{own}|{subject}{number_of}"


def _keys(item: Item) -> tuple[str, ...]:
    """Return the business keys; a record about no item in particular is known by customs' own reference."""
    keys = [f"trk:{item.tracking_number}"] if item.tracking_number else []
    keys += [f"mrn:{item.mrn}"] if item.mrn else []
    if item.dispatch is not None:
        keys += [f"rcp:{one.number}" for one in item.dispatch.receptacles if one.number]
    if not keys:
        reference = (item.assessment and item.assessment.reference) or (
            item.control and item.control.reference
        )
        keys += [f"ref:{reference}"] if reference else []
    return tuple(keys)
