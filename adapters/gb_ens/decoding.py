# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""One message read: from bytes in either form to a document with its contribution."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from adapters.gb_ens import json_form
from adapters.gb_ens.assembly import assemble
from adapters.gb_ens.catalogue import JSON, MESSAGES, NAMESPACE, XML, Message
from adapters.gb_ens.reading import Reading, Scope, attributes
from adapters.gb_ens.spec import spec
from adapters.gb_ens.times import read_preparation, read_utc
from gateway.sdk import (
    Contribution,
    ContributionKind,
    DecodedDocument,
    DecodedMessage,
    Finding,
    Function,
    Item,
    Limits,
    finding,
    has_errors,
    xml,
)

NAME = "gb_ens"
FORM = "form"
_FEW = 5  # equals signs of a message whose only attributes are those of prologue and namespace


@dataclass(slots=True)
class _Source:
    """A message in the form it came in."""

    message: Message
    form: str
    root: Any
    preparation: str


def decode(raw: bytes, limits: Limits) -> DecodedMessage:
    """Read a message; it never raises for what is in the bytes."""
    if raw[:64].removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
        read = json_form.read(raw, limits)
        if read.message is None:
            return DecodedMessage(adapter=NAME, message_type="", findings=tuple(read.found))
        return _run(_Source(read.message, JSON, read.root, read.preparation), read.found)
    parsed = xml.parse(raw, limits)
    found = list(parsed.findings)
    if parsed.root is None:
        return DecodedMessage(adapter=NAME, message_type="", findings=parsed.findings)
    name = xml.local_name(parsed.root)
    message = MESSAGES.get(name)
    if message is None:
        found.append(finding("GB-ENS-ROOT", expected=", ".join(MESSAGES), actual=name))
        return DecodedMessage(adapter=NAME, message_type="", findings=tuple(found))
    space = xml.namespace(parsed.root)
    if space != NAMESPACE + name:
        code = "GB-ENS-NAMESPACE" if space else "SCHEMA-REPAIRED"
        found.append(finding(code, path=name, expected=NAMESPACE + name, actual=space))
    if raw.count(b"=") > _FEW:
        found += attributes(parsed.root)
    return _run(_Source(message, XML, parsed.root, ""), found)


def _run(source: _Source, found: list[Finding]) -> DecodedMessage:
    """Walk the message, make the record and judge what only both together show."""
    message = source.message
    tree = spec(message.name, source.form)
    reading = Reading()
    reading.found = found
    scope: Scope = {}
    reading.container(source.root, tree, scope)
    item = assemble(message, scope, reading, tree)
    issued_at = _prepared(source, scope, found)
    _check(message, scope, item, found)
    keys = _keys(item, scope)
    if not keys:
        found.append(finding("GB-ENS-KEY", path="HEAHEA"))
    reference = _reference(message, item, scope, issued_at)
    refused = bool(found) and has_errors(found)
    contribution = Contribution(
        kind=ContributionKind.ASSESSMENT if message.outcome else ContributionKind.FILING,
        function=Function.CHANGE if message.name == "CC313A" else Function.NEW,
        reference=reference,
        keys=keys,
        item=item,
        guid=scope.get("#MesIdeMES19", ""),
        issued_at=issued_at,
    )
    document = DecodedDocument(
        position=1,
        reference=reference,
        echo=_echo(source, item, scope),
        contributions=() if refused else (contribution,),
        findings=tuple([replace(one, position=one.position or "document 1") for one in found])
        if found
        else (),
    )
    return DecodedMessage(
        adapter=NAME,
        message_type=message.name if source.form == XML else message.json_name,
        message_id=scope.get("#MesIdeMES19", ""),
        sender=scope.get("#MesSenMES3", ""),
        documents=(document,),
    )


def _prepared(source: _Source, scope: Scope, found: list[Finding]) -> datetime | None:
    """Return when the message was prepared."""
    if source.form == XML:
        return read_preparation(scope.get("#DatOfPreMES9", ""), scope.get("#TimOfPreMES10", ""))
    try:
        return read_utc(source.preparation)
    except ValueError as error:
        if source.preparation:
            found.append(finding("SCHEMA-FORMAT", path="/metadata/preparationDateTime", expected=str(error)))
        return None


def _check(message: Message, scope: Scope, item: Item, found: list[Finding]) -> None:
    """Judge by rules that no schema holds; none of them refuses what the schema allows."""
    stated = scope.get("#MesTypMES20", message.name)
    if stated != message.name:
        found.append(finding("GB-ENS-MESSAGE-TYPE", path="MesTypMES20", expected=message.name, actual=stated))
    if scope.get("#TesIndMES18") == "1":
        found.append(finding("GB-ENS-TEST-MESSAGE", path="TesIndMES18"))
    total = scope.get("#TotNumOfIteHEA305")
    if total and not message.outcome and int(total) != len(item.content):
        count = str(len(item.content))
        found.append(
            finding("GB-ENS-ITEM-COUNT", path="HEAHEA/TotNumOfIteHEA305", expected=count, actual=total)
        )
    masses = [("HEAHEA/TotGroMasHEA307", item.gross_mass)]
    masses += [
        (f"GOOITEGDS[{number}]/GroMasGDS46", one.gross_mass) for number, one in enumerate(item.content, 1)
    ]
    for path, mass in masses:
        if mass is not None and mass.value is not None and mass.value < 0:
            found.append(finding("GB-ENS-MASS-NEGATIVE", path=path))


def _declarant(item: Item) -> str:
    return (item.declarant.identifier if item.declarant else None) or ""


def _keys(item: Item, scope: Scope) -> tuple[str, ...]:
    """Return the business keys; a local reference is unique for the person who lodged."""
    found = []
    if item.tracking_number:
        found.append(f"trk:{item.tracking_number}")
    if item.mrn:
        found.append(f"mrn:{item.mrn}")
    if item.filing and item.filing.reference:
        found.append(f"lrn:{_declarant(item)}|{item.filing.reference}")
    if not found and scope.get("#CorIdeMES25"):
        found.append(f"cor:{scope['#CorIdeMES25']}")
    return tuple(found)


def _reference(message: Message, item: Item, scope: Scope, issued_at: datetime | None) -> str:
    """Return what a repetition of the document would be called too."""
    own = item.mrn or (item.filing.reference if item.filing else None) or scope.get("#CorIdeMES25", "")
    if not message.outcome:
        return f"{_declarant(item)}|{own}"
    at = item.assessment.at if item.assessment else None
    return f"{message.name}|{own}|{(at or issued_at or '')!s}"


def _amended(source: _Source, item: Item) -> str:
    """Return the time of an amendment, which its refusal repeats."""
    at = item.filing.declared_at if item.filing and source.message.name == "CC313A" else None
    return at.isoformat() if at else ""


def _echo(source: _Source, item: Item, scope: Scope) -> dict[str, str]:
    """Return what an answer to the document repeats."""
    echo = {
        "message": source.message.name,
        FORM: source.form,
        "mrn": item.mrn,
        "lrn": item.filing.reference if item.filing else None,
        "sender": scope.get("#MesSenMES3"),
        "correlation": scope.get("#MesIdeMES19"),
        "office": item.filing.first_entry_office if item.filing else None,
        "amended": _amended(source, item),
    }
    return {name: value for name, value in echo.items() if value}
