# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Write records as views, with everything that the form cannot carry."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import msgspec

from adapters.upu_cds.fields import TYPES, compiled
from adapters.upu_cds.receipt import CONTENT_TYPES
from adapters.upu_cds.sections import unflatten
from adapters.upu_cds.tree import MAX_VIEWS, VIEW, VIEWS, Form, write
from adapters.upu_cds.views import with_hs
from gateway.sdk import AdapterError, Encoded, Finding, InputError, Item, Loss, finding, has_errors

_XML = "_XML"
_DESTINATION = "DCRESPONSE"
MESSAGE_TYPES = tuple(f"{name}{form}" for name in (*TYPES, _DESTINATION) for form in ("", _XML))


def encode(message_type: str, items: Sequence[Item]) -> Encoded:
    """Write items as one message; equal items give equal bytes.

    Raises:
        AdapterError: no such message type.
        InputError: a record lacks what the form requires.
    """
    if message_type not in MESSAGE_TYPES:
        raise AdapterError(f"upu_cds writes {', '.join(MESSAGE_TYPES)}, not {message_type}")
    form: Form = "xml" if message_type.endswith(_XML) else "json"
    name = message_type.removesuffix(_XML)
    found: list[Finding] = []
    losses: list[Loss] = []
    if not 1 <= len(items) <= MAX_VIEWS:
        found.append(
            finding("SCHEMA-COUNT", path=VIEWS, expected=f"1 to {MAX_VIEWS}", actual=str(len(items)))
        )
        raise InputError("wrong number of records", tuple(found))
    views = []
    for index, item in enumerate(items, 1):
        view, lost, faults = _view(name, item)
        views.append(view)
        losses += lost
        found += [
            dataclasses.replace(one, path=f"{VIEW}[{index}]/{one.path}", position=f"view {index}")
            for one in faults
        ]
    if has_errors(found):
        raise InputError(f"{len(found)} findings forbid writing the message", tuple(found))
    body, illegal = write(form, VIEWS, {VIEWS: views})
    if illegal:
        raise InputError("a value cannot be written as XML", illegal)
    return Encoded(body=body, content_type=CONTENT_TYPES[form], losses=tuple(losses), findings=tuple(found))


def _view(name: str, item: Item) -> tuple[dict[str, Any], list[Loss], list[Finding]]:
    table = "RESPONSE" if name == _DESTINATION else name
    item, lost = _with_code(item)
    document, losses, found = compiled(table).encode(item)
    if table == "RESPONSE" and item.assessment is None:
        found.append(finding("SCHEMA-MISSING", path="Response", expected="an assessment"))
    if "MailObject" not in document or has_errors(found):
        return {}, losses, found
    view = unflatten(table, document)
    if name == _DESTINATION and "Response" in view:
        view = {"DCResponse" if key == "Response" else key: value for key, value in view.items()}
    return view, [*lost, *losses], found


def _with_code(item: Item) -> tuple[Item, list[Loss]]:
    """Return an item whose goods lines say all they know of their code in one field; `hs` follows from it."""
    content, lost = [], []
    for number, piece in enumerate(item.content, 1):
        code = piece.commodity_code or piece.hs
        if piece.hs and not (code or "").startswith(piece.hs):
            lost.append(
                Loss(kind="lost", path=f"content[{number}].hs", detail="the commodity code is another one")
            )
        content.append(msgspec.structs.replace(piece, commodity_code=code, hs=None))
    if not content:
        return item, lost
    plain = msgspec.structs.replace(item, content=tuple(content))
    given = [(one.commodity_code, one.hs) for one in item.content]
    if given != [(one.commodity_code, one.hs) for one in with_hs(plain).content] and not lost:
        lost.append(
            Loss(kind="derived", path="content[].hs", detail="commodity code and hs stand in one field")
        )
    return plain, lost
