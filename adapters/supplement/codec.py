# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The adapter of the supplement form: read, answer, write. One bad item never voids the others."""

import dataclasses
import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from adapters.supplement.fields import MAX_ITEM_BYTES, MAX_ITEMS, MESSAGE_TYPE, compiled, table, write_moment
from adapters.supplement.message import Frame, read_frame
from adapters.supplement.receipt import CONTENT_TYPE, write_receipt
from adapters.supplement.shape import flatten, unflatten
from gateway.sdk import (
    Acknowledgement,
    AdapterError,
    Contribution,
    ContributionKind,
    DecodedDocument,
    DecodedMessage,
    DocumentOutcome,
    Encoded,
    Finding,
    Function,
    InputError,
    Item,
    Limits,
    Loss,
    Table,
    finding,
    has_errors,
    s10,
)

NAME = "supplement"
_LOOK = 1024
_KEY = re.compile(rb'"supplement"\s*:')
_LINE = re.compile(r"^content\[(\d+)\]")
_S10_SHAPE = re.compile(r"[A-Z]{2}[0-9]{9}[A-Z]{2}")


class SupplementAdapter:
    """See `gateway.sdk.Adapter`."""

    name = NAME

    def recognises(self, raw: bytes) -> bool:
        """Say whether the first kilobyte opens a JSON object with the key `supplement`."""
        head = raw[:_LOOK].removeprefix(b"\xef\xbb\xbf").lstrip()
        return head.startswith(b"{") and _KEY.search(head) is not None

    def decode(self, raw: bytes, limits: Limits) -> DecodedMessage:
        """Read a message; every item becomes one document."""
        frame = read_frame(raw, limits)
        return DecodedMessage(
            adapter=NAME,
            message_type=MESSAGE_TYPE,
            message_id=frame.message_id,
            sender=frame.sender,
            documents=tuple(_document(index, one, frame) for index, one in enumerate(frame.items)),
            findings=frame.findings,
        )

    def acknowledge(
        self, message: DecodedMessage, outcomes: Sequence[DocumentOutcome], now: datetime
    ) -> Acknowledgement:
        """Write the JSON receipt."""
        return write_receipt(message, outcomes, now)

    def encode(self, message_type: str, items: Sequence[Item], now: datetime) -> Encoded:
        """Write items as one message of the form; equal items and time give equal bytes."""
        if message_type != MESSAGE_TYPE:
            raise AdapterError(f"supplement writes {MESSAGE_TYPE}, not {message_type}")
        if not 1 <= len(items) <= MAX_ITEMS:
            count = finding(
                "SCHEMA-COUNT", path="/items", expected=f"1 to {MAX_ITEMS}", actual=str(len(items))
            )
            raise InputError("wrong number of items", (count,))
        written: list[dict[str, Any]] = []
        losses: list[Loss] = []
        found: list[Finding] = []
        for index, item in enumerate(items):
            given = {"": {"function": Function.NEW.value}}
            document, lost, faults = compiled().encode(item, given, position=f"item {index + 1}")
            written.append(unflatten(document))
            losses += lost
            found += _pointed(faults, f"/items/{index}")
        if has_errors(found):
            raise InputError(f"{len(found)} findings forbid writing the supplement", tuple(found))
        body = msgspec.json.encode(written)
        frame = {
            "supplement": 1,
            "sender": "gateway",
            "message_id": hashlib.sha256(body + write_moment(now).encode()).hexdigest(),
            "issued_at": write_moment(now),
            "items": msgspec.Raw(body),
        }
        return Encoded(
            body=msgspec.json.encode(frame),
            content_type=CONTENT_TYPE,
            losses=tuple(losses),
            findings=tuple(found),
        )

    def tables(self) -> Mapping[str, Table]:
        """Return the one table of the form."""
        return {MESSAGE_TYPE: table()}


def _document(index: int, raw: bytes, frame: Frame) -> DecodedDocument:
    """Read one item; its position counts from 1, its pointer from 0."""
    place, position = f"/items/{index}", f"item {index + 1}"
    if len(raw) > MAX_ITEM_BYTES:
        size = finding(
            "SUPPLEMENT-SIZE", path=place, position=position, expected=f"at most {MAX_ITEM_BYTES} bytes"
        )
        return DecodedDocument(position=index + 1, findings=(size,))
    try:
        value = msgspec.json.decode(raw, type=dict[str, Any])
    except (msgspec.ValidationError, RecursionError):
        wrong = finding("SUPPLEMENT-FORM", path=place, position=position, expected="an object")
        return DecodedDocument(position=index + 1, findings=(wrong,))
    except (msgspec.DecodeError, UnicodeDecodeError):
        wrong = finding("SUPPLEMENT-SYNTAX", path=place, position=position, expected="JSON")
        return DecodedDocument(position=index + 1, findings=(wrong,))
    groups, found = flatten(value, place)
    item, faults = compiled().decode(groups, position)
    found = [dataclasses.replace(one, position=position) for one in found]
    found += _pointed(faults, place)
    number = item.tracking_number or ""
    if _S10_SHAPE.fullmatch(number) and not s10.is_valid(number):
        path = f"{place}/tracking_number"
        found.append(finding("SUPPLEMENT-S10-CHECK-DIGIT", path=path, position=position))
    function = groups[""][0].get("function", "").strip() or Function.NEW.value
    contributions: tuple[Contribution, ...] = ()
    if not has_errors(found):
        contributions = (_contribution(item, number, Function(function), frame),)
    return DecodedDocument(
        position=index + 1,
        reference=number,
        echo={"tracking_number": number, "function": function} if number else {},
        contributions=contributions,
        findings=tuple(found),
    )


def _contribution(item: Item, number: str, function: Function, frame: Frame) -> Contribution:
    """Return what an item says; one tracking number is one supplement of its sender."""
    return Contribution(
        kind=ContributionKind.SUPPLEMENT,
        function=function,
        reference=number,
        keys=(f"trk:{number}",),
        item=item,
        guid=frame.message_id,
        issued_at=frame.issued_at,
    )


def _pointed(found: Sequence[Finding], place: str) -> list[Finding]:
    """Return findings of the table with JSON Pointers as paths."""

    def pointer(path: str) -> str:
        line = _LINE.match(path)
        inner = f"content/{int(line[1]) - 1}{path[line.end() :]}" if line else path
        return f"{place}/{inner}" if inner else place

    return [dataclasses.replace(one, path=pointer(one.path)) for one in found]


adapter = SupplementAdapter()
