# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The adapter: recognise, decode, acknowledge, encode."""

import dataclasses
import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from adapters.post_xml.fields import compiled, tables, with_hs
from adapters.post_xml.reading import Groups, read
from adapters.post_xml.writing import dispatch_of, write_item, write_receptacles
from gateway.sdk import (
    Acknowledgement,
    AdapterError,
    Contribution,
    ContributionKind,
    DecodedDocument,
    DecodedMessage,
    Dispatch,
    DocumentOutcome,
    Encoded,
    Finding,
    Function,
    Item,
    Limits,
    Table,
    finding,
    has_errors,
    s10,
)

NAME = "post_xml"
_LOOK = 1024
_FIRST = re.compile(
    rb"(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?\s*(?:<\?[^>]*>\s*|<!--.*?-->\s*)*<Item[\s/>]"
    rb"|.*\"(?:PWS_Receptacle|Articlenumber|Receptacle_id)\"\s*:",
    re.DOTALL,
)
_S10_SHAPE = re.compile(r"[A-Z]{2}[0-9]{9}[A-Z]{2}")


class PostAdapter:
    """See `gateway.sdk.Adapter`."""

    name = NAME

    def recognises(self, raw: bytes) -> bool:
        """Look for the root of one of the three forms in the first kilobyte."""
        return _FIRST.match(raw[:_LOOK].replace(b"\0", b"")) is not None

    def decode(self, raw: bytes, limits: Limits) -> DecodedMessage:
        """Read a message; an item is one document, and so is each receptacle."""
        message, number = read(raw, limits), hashlib.sha256(raw).hexdigest()
        documents = () if has_errors(message.findings) else tuple(message.documents)
        return DecodedMessage(
            adapter=NAME,
            message_type=message.message_type,
            message_id=number,
            documents=tuple(
                _document(message.message_type, index, one) for index, one in enumerate(documents, 1)
            ),
            findings=tuple(message.findings),
        )

    def acknowledge(
        self, message: DecodedMessage, outcomes: Sequence[DocumentOutcome], now: datetime
    ) -> Acknowledgement:
        """Write a plain JSON receipt; the forms have none of their own."""
        told = [
            {"position": one.position, **one.echo, "accepted": one.accepted, "findings": _plain(one.findings)}
            for one in outcomes
        ]
        body = {
            "message_id": message.message_id,
            "received_at": now.isoformat(),
            "accepted": sum(one.accepted for one in outcomes),
            "refused": sum(not one.accepted for one in outcomes),
            "findings": _plain(message.findings),
            "documents": told,
        }
        return Acknowledgement(body=msgspec.json.encode(body), content_type="application/json")

    def encode(self, message_type: str, items: Sequence[Item], now: datetime) -> Encoded:
        """Write one item as XML, or receptacles as JSON of one of the two posts."""
        del now  # the forms have no time of their own
        if message_type not in tables():
            raise AdapterError(f"post_xml writes {', '.join(tables())}, not {message_type}")
        return write_item(items) if message_type == "ITEM" else write_receptacles(message_type, items)

    def tables(self) -> Mapping[str, Table]:
        """Return the three tables."""
        return tables()


def _document(message_type: str, index: int, groups: Groups) -> DecodedDocument:
    position = f"document {index}"
    if message_type == "ITEM":
        _join_number(groups.document[""][0])
    item, faults = compiled(message_type).decode(groups.document, position)
    found = [dataclasses.replace(one, position=one.position or position) for one in groups.findings] + faults
    if message_type == "ITEM":
        item = with_hs(item)
        kind, reference = ContributionKind.POSTAL, item.tracking_number or ""
        keys, numbers, echo = (f"trk:{reference}",), [reference], {"ItemId": reference}
    else:
        dispatch = item.dispatch or Dispatch()
        bag = next(iter(dispatch.receptacles), None)
        reference = (bag.number if bag else None) or ""
        number = dispatch_of(bag) if bag else None
        numbers = [one.tracking_number or "" for one in bag.items] if bag else []
        item = Item(dispatch=msgspec.structs.replace(dispatch, stage="closed", number=number))
        keys = (*((f"dsp:{number}",) if number else ()), f"rcp:{reference}")
        kind, echo = ContributionKind.DISPATCH, {"ReceptacleId": reference}
        if reference and not number:
            found.append(finding("POST-RECEPTACLE", path="Receptacle", position=position))
    found += [
        finding("POST-S10-CHECK-DIGIT", position=position, actual=one)
        for one in numbers
        if _S10_SHAPE.fullmatch(one) and not s10.is_valid(one)
    ]
    said: tuple[Contribution, ...] = ()
    if not has_errors(found):
        said = (Contribution(kind=kind, function=Function.NEW, reference=reference, keys=keys, item=item),)
    return DecodedDocument(
        position=index, reference=reference, echo=echo, contributions=said, findings=tuple(found)
    )


def _join_number(fields: dict[str, str]) -> None:
    """Put house number and addition together, as the canonical address has them."""
    addition = fields.pop("Receiver/Address/Addition", "").strip()
    if addition:
        number = fields.get("Receiver/Address/Number", "").strip()
        fields["Receiver/Address/Number"] = f"{number} {addition}".strip()


def _plain(found: Sequence[Finding]) -> list[dict[str, Any]]:
    return [{name: text for name, text in dataclasses.asdict(one).items() if text} for one in found]


adapter = PostAdapter()
