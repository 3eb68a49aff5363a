# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""One record written as one message, in either form."""

import functools
import hashlib
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

import msgspec

from adapters.gb_ens.catalogue import BY_JSON_NAME, JSON, MESSAGES, NAMESPACE, XML, Message
from adapters.gb_ens.json_write import JsonWriting
from adapters.gb_ens.preparing import Preparing
from adapters.gb_ens.quick import quick
from adapters.gb_ens.reading import Scope
from adapters.gb_ens.spec import spec
from adapters.gb_ens.times import write_local, write_utc
from adapters.gb_ens.writing import Elements, Writing, covered, uncovered
from gateway.sdk import (
    AdapterError,
    Encoded,
    Finding,
    InputError,
    Item,
    Loss,
    finding,
    has_errors,
    pack_item,
    xml,
)

CONTENT_TYPES = {XML: "application/xml", JSON: "application/json"}
_ID_LENGTH = 14
_POSITION = "item 1"
_KEPT = (Decimal, date, datetime)


def encode(message_type: str, items: Sequence[Item], now: datetime) -> Encoded:
    """Write the one record as one message.

    Raises:
        AdapterError: there is no such message type.
        InputError: there is not exactly one record, or it lacks what the message requires.
    """
    message = MESSAGES.get(message_type) or BY_JSON_NAME.get(message_type)
    if message is None:
        raise AdapterError(f"gb_ens writes {', '.join([*MESSAGES, *BY_JSON_NAME])}, not {message_type}")
    if len(items) != 1:
        count = finding("SCHEMA-COUNT", expected="one item", actual=str(len(items)))
        raise InputError(f"{message_type} takes one item", (count,))
    form = XML if message_type in MESSAGES else JSON
    item = items[0]
    scope = msgspec.to_builtins(item, builtin_types=_KEPT)
    digest = hashlib.sha256(pack_item(item) + write_utc(now).encode() + message_type.encode()).hexdigest()
    sender = (item.declarant.identifier if item.declarant else None) or ""
    preparing = Preparing(message, scope, _POSITION)
    preparing.run(sender, digest[:_ID_LENGTH].upper())
    local = write_local(now)
    scope["#DatOfPreMES9"], scope["#TimOfPreMES10"] = local[2:8], local[8:]
    losses, found = preparing.losses, preparing.found
    body = _fast(message.name, scope) if form == XML and not found else b""
    if not body:
        body = _exact(message, form, preparing, now)
    counts: dict[str, int] = {}
    uncovered(scope, covered(message.name, form), "", counts)
    losses += [
        Loss(kind="lost", path=path, detail=f"{message_type} has no element for it{_times(count)}")
        for path, count in counts.items()
    ]
    _refuse(message_type, found)
    return Encoded(body=body, content_type=CONTENT_TYPES[form], losses=tuple(losses), findings=tuple(found))


def _fast(name: str, scope: Scope) -> bytes:
    """Return the bytes of a message whose values need no repair, else nothing."""
    inner = quick(name)(scope)
    if inner is None:
        return b""
    start, end = _frame(name)
    return f"{start}{inner}{end}".encode()


@functools.cache
def _frame(name: str) -> tuple[str, str]:
    """Return what stands before and after the elements of a message."""
    whole = _xml(name, [("x", "")]).body.decode()
    start, _, end = whole.partition("<x/>")
    return start, end


def _exact(message: Message, form: str, preparing: Preparing, now: datetime) -> bytes:
    """Return the bytes of a message, with everything that was done to its values."""
    writing = Writing(form, _POSITION)
    losses, found = preparing.losses, preparing.found
    elements = writing.container(spec(message.name, form), preparing.scope)
    losses += writing.losses
    found += writing.found
    if form == XML:
        written = _xml(message.name, elements)
        found += written.findings
        return written.body
    writer = JsonWriting(message, _POSITION)
    body = writer.body(elements, now)
    losses += writer.losses
    found += writer.found
    return body


def _xml(name: str, elements: Elements) -> xml.Written:
    """Return the bytes of elements; the root alone stands in the namespace."""
    return xml.write(f"ie:{name}", elements, attributes={"xmlns:ie": NAMESPACE + name})


def _times(count: int) -> str:
    return f", {count} values" if count > 1 else ""


def _refuse(message_type: str, found: list[Finding]) -> None:
    if found and has_errors(found):
        raise InputError(f"{message_type} cannot be written: {len(found)} findings", tuple(found))
