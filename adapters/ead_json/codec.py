# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The adapter: read, answer, write. One bad record never voids the others."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from adapters.ead_json import identity, repeated
from adapters.ead_json.field_table import table
from adapters.ead_json.frame import MAX_RECORDS, VERSION, Frame, read_frame
from adapters.ead_json.leaves import write_moment
from adapters.ead_json.receipt import CONTENT_TYPE, write_receipt
from adapters.ead_json.records import writer
from adapters.ead_json.wrapping import MESSAGE_TYPE, Wrapping, read_wrapping
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
    Table,
    finding,
    has_errors,
    s10,
)

NAME = "ead_json"
MAX_RECORD_BYTES = 1024 * 1024
_LOOK = 1024
_KEY = re.compile(rb'"ead_json"\s*:')
_S10_SHAPE = re.compile(r"[A-Z]{2}[0-9]{9}[A-Z]{2}")


class EadJsonAdapter:
    """See `gateway.sdk.Adapter`."""

    name = NAME

    def recognises(self, raw: bytes) -> bool:
        """Say whether the first kilobyte opens a JSON object with the key `ead_json`."""
        head = raw[:_LOOK].removeprefix(b"\xef\xbb\xbf").lstrip()
        return head.startswith(b"{") and _KEY.search(head) is not None

    def decode(self, raw: bytes, limits: Limits) -> DecodedMessage:
        """Read a message; every record becomes one document."""
        frame = read_frame(raw, limits)
        return DecodedMessage(
            adapter=NAME,
            message_type=MESSAGE_TYPE,
            message_id=frame.message_id,
            sender=frame.sender,
            documents=tuple([_document(index, one, frame) for index, one in enumerate(frame.records)]),
            findings=frame.findings,
        )

    def acknowledge(
        self, message: DecodedMessage, outcomes: Sequence[DocumentOutcome], now: datetime
    ) -> Acknowledgement:
        """Write the JSON receipt."""
        return write_receipt(message, outcomes, now)

    def encode(self, message_type: str, items: Sequence[Item], now: datetime) -> Encoded:
        """Write records as one message of the form; nothing is lost, so there are no losses to tell."""
        if message_type != MESSAGE_TYPE:
            raise AdapterError(f"ead_json writes {MESSAGE_TYPE}, not {message_type}")
        found: list[Finding] = []
        if not 1 <= len(items) <= MAX_RECORDS:
            expected = f"1 to {MAX_RECORDS}"
            found.append(finding("SCHEMA-COUNT", path="/records", expected=expected, actual=str(len(items))))
        written = [_written(item, f"/records/{index}", found) for index, item in enumerate(items)]
        if has_errors(found):
            raise InputError(f"{len(found)} findings forbid writing the message", tuple(found))
        body = msgspec.json.encode(written)
        frame = {
            "ead_json": VERSION,
            "sender": "gateway",
            "message_id": hashlib.sha256(body + write_moment(now).encode()).hexdigest(),
            "issued_at": write_moment(now),
            "records": msgspec.Raw(body),
        }
        return Encoded(body=msgspec.json.encode(frame), content_type=CONTENT_TYPE, findings=tuple(found))

    def tables(self) -> Mapping[str, Table]:
        """Return the one table of the form, which follows from the model."""
        return {MESSAGE_TYPE: table()}


def _document(index: int, raw: bytes, frame: Frame) -> DecodedDocument:
    """Read one record; its position counts from 1, its pointer from 0."""
    place = f"/records/{index}"
    if len(raw) > MAX_RECORD_BYTES:
        size = finding("EAD-JSON-SIZE", path=place, expected=f"at most {MAX_RECORD_BYTES} bytes")
        return DecodedDocument(position=index + 1, findings=(size,))
    try:
        value: Any = msgspec.json.decode(raw)
        twice = repeated.repeated_keys(raw) if repeated.may_repeat(raw, repeated.count(value)) else []
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError):
        wrong = finding("EAD-JSON-SYNTAX", path=place, expected="JSON, not nested deeper than the form")
        return DecodedDocument(position=index + 1, findings=(wrong,))
    found = [finding("EAD-JSON-REPEATED-KEY", path=place, actual=one) for one in twice]
    wrapping = read_wrapping(value, place, found)
    item = wrapping.item
    reference = wrapping.reference or identity.reference(wrapping.kind, item)
    keys = identity.keys(item)
    if not has_errors(found):
        found += _faults(keys, reference, place)
    number = item.tracking_number or ""
    if _S10_SHAPE.fullmatch(number) and not s10.is_valid(number):
        found.append(finding("EAD-JSON-S10-CHECK-DIGIT", path=f"{place}/data/tracking_number"))
    refused = bool(found) and has_errors(found)
    return DecodedDocument(
        position=index + 1,
        reference=reference,
        echo={"kind": wrapping.kind, "reference": reference} if reference else {},
        contributions=() if refused else (_contribution(wrapping, reference, keys, frame),),
        findings=tuple(found),
    )


def _faults(keys: Sequence[str], reference: str, place: str) -> list[Finding]:
    """Return what the fields of a record lack together."""
    found = []
    if not keys:
        found.append(finding("EAD-JSON-KEY", path=f"{place}/data"))
    if not reference:
        found.append(
            finding("SCHEMA-MISSING", path=f"{place}/reference", expected="a text of 1 to 200 characters")
        )
    return found


def _contribution(wrapping: Wrapping, reference: str, keys: tuple[str, ...], frame: Frame) -> Contribution:
    return Contribution(
        kind=ContributionKind(wrapping.source),
        function=Function(wrapping.function),
        reference=reference,
        keys=keys,
        item=wrapping.item,
        guid=frame.message_id,
        issued_at=frame.issued_at,
    )


def _written(item: Item, place: str, found: list[Finding]) -> dict[str, Any]:
    """Return one record of the form."""
    groups = identity.groups(item)
    if len(groups) > 1:
        found.append(
            finding("EAD-JSON-GROUP", path=f"{place}/data", expected="one group", actual=", ".join(groups))
        )
    kind = groups[0] if groups else identity.ITEM
    data = writer(Item)(item, f"{place}/data", found)
    reference = "" if has_errors(found) else identity.reference(kind, item)
    if not has_errors(found) and not identity.keys(item):
        found.append(finding("EAD-JSON-KEY", path=f"{place}/data"))
    return {"kind": kind, **({"reference": reference} if reference else {}), "data": data}


adapter = EadJsonAdapter()
