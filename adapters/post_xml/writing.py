# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Write items as XML and dispatches as JSON, with everything that the forms cannot carry."""

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from adapters.post_xml.fields import GIFT, compiled, without_hs
from adapters.post_xml.reading import PIECE, Fields
from gateway.sdk import (
    Dispatch,
    Encoded,
    Finding,
    InputError,
    Item,
    Loss,
    Receptacle,
    finding,
    has_errors,
    s8,
    s9,
    xml,
)

_CLOSED = "closed"


def write_item(items: Sequence[Item]) -> Encoded:
    """Write one item.

    Raises:
        InputError: more than one, or it lacks what the form requires.
    """
    if len(items) != 1:
        _refuse([finding("SCHEMA-COUNT", path="Item", expected="1", actual=str(len(items)))])
    document, losses, found = compiled("ITEM").encode(without_hs(items[0]))
    _refuse(found)
    if items[0].nature_of_transaction not in (None, GIFT):
        detail = "only a gift can be told"
        losses.append(Loss(kind="lost", path="nature_of_transaction", outside_path="Gift", detail=detail))
    fields = document[""][0]
    number, blank, addition = fields.get("Receiver/Address/Number", "").partition(" ")
    if blank:
        fields |= {"Receiver/Address/Number": number, "Receiver/Address/Addition": addition}
    content = [*_nested(fields), *((PIECE, list(one.items())) for one in document.get(PIECE, ()))]
    written = xml.write("Item", content)
    _refuse(list(written.findings))
    return Encoded(
        body=written.body, content_type="application/xml", losses=tuple(losses), findings=tuple(found)
    )


def _nested(fields: Fields) -> list[tuple[str, Any]]:
    """Return flat paths as elements within elements."""
    top: dict[str, Any] = {}
    for name, text in fields.items():
        *parents, last = name.split("/")
        place = top
        for one in parents:
            place = place.setdefault(one, {})
        place[last] = text
    return _pairs(top)


def _pairs(tree: dict[str, Any]) -> list[tuple[str, Any]]:
    return [(name, _pairs(one) if isinstance(one, dict) else one) for name, one in tree.items()]


def write_receptacles(message_type: str, items: Sequence[Item]) -> Encoded:
    """Write every receptacle of the dispatches.

    Raises:
        InputError: there is none, or one lacks what the form requires.
    """
    rows: list[Any] = []
    losses: list[Loss] = []
    found: list[Finding] = []
    for item, receptacle in _single(items):
        document, lost, faults = compiled(message_type).encode(item)
        losses += lost
        place = receptacle.number or "receptacle"
        found += [dataclasses.replace(one, position=place) for one in faults]
        if has_errors(faults):
            continue
        head = document["Receptacle"][0]
        inside: Any = document.get("Receptacle/Item", [[]])[0]
        if message_type == "PREDES":
            rows += [one | head | document.get("Dispatch", [{}])[0] for one in inside]
        else:
            rows.append(head | {"Item": inside})
    if not rows and not found:
        found.append(finding("SCHEMA-MISSING", path="dispatch.receptacles", expected="at least 1"))
    _refuse(found)
    key = "data" if message_type == "PREDES" else "PWS_Receptacle"
    only = rows[0] if key == "PWS_Receptacle" and len(rows) == 1 else rows
    body = msgspec.json.encode({key: only})
    return Encoded(body=body, content_type="application/json", losses=tuple(losses), findings=tuple(found))


def _single(items: Sequence[Item]) -> Iterator[tuple[Item, Receptacle]]:
    """Yield each receptacle as a dispatch of its own, without what its number or the form itself says."""
    for item in items:
        dispatch = item.dispatch or Dispatch()
        for one in dispatch.receptacles:
            alone = msgspec.structs.replace(
                dispatch,
                receptacles=(one,),
                stage=None if dispatch.stage == _CLOSED else dispatch.stage,
                number=None if dispatch.number == dispatch_of(one) else dispatch.number,
            )
            yield msgspec.structs.replace(item, dispatch=alone), one


def dispatch_of(receptacle: Receptacle) -> str | None:
    """Return the dispatch that the number of a receptacle begins with, if it has the form of S9."""
    number = receptacle.number or ""
    return number[: s8.LENGTH] if s9.is_valid(number) else None


def _refuse(found: Sequence[Finding]) -> None:
    if has_errors(list(found)):
        raise InputError(f"{len(found)} findings forbid writing the message", tuple(found))
