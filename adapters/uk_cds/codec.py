# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The adapter: recognise, decode, acknowledge, encode.

Rules of decoding, in order: the XML is hardened and well-formed; the envelope is opened (a bare body is taken
with a warning); the namespace must be the pinned one (responses without any are repaired, and that is said);
with schemas at hand the document is validated; each body is read, mapped and judged. Nothing raises, nothing
is dropped without a finding.
"""

import functools
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from lxml import etree

from adapters.uk_cds import declaration, response, writing
from adapters.uk_cds.acknowledgement import acknowledge
from adapters.uk_cds.catalogue import DEC, ENVELOPE, RES, DocumentType, table
from adapters.uk_cds.reading import Reading
from adapters.uk_cds.skeleton import Skeletons
from adapters.uk_cds.validation import Schemas
from gateway.sdk import (
    Acknowledgement,
    DecodedMessage,
    DocumentOutcome,
    Encoded,
    Finding,
    Item,
    Limits,
    Table,
    finding,
    has_errors,
    xml,
)

NAME = "uk_cds"
_META = "MetaData"
_LOOK = 1024
_FIRST = re.compile(
    rb"urn:wco:datamodel:WCO:(?:DocumentMetaData-DMS:2|DEC-DMS:2|RES-DMS:2)|<(?:MetaData|Response)[\s>]"
)
# What every envelope of this kind says; nothing is lost with it, since it is written again.
_SAID = {
    "WCODataModelVersionCode": ("3.6",),
    "WCOTypeName": ("DEC", "RES"),
    "ResponsibleCountryCode": ("GB",),
}
_OPENING = frozenset(
    {
        "WCODataModelVersionCode",
        "WCOTypeName",
        "ResponsibleCountryCode",
        "ResponsibleAgencyName",
        "AgencyAssignedCustomizationCode",
        "AgencyAssignedCustomizationVersionCode",
    }
)


class UkCdsAdapter:
    """WCO DEC and RES of HMRC; validates against the official schemas if it is given them."""

    name = NAME

    def __init__(self, schemas: Schemas | None = None) -> None:
        """Take the schemas, if the operator has a folder of them."""
        self._schemas = schemas
        self._skeletons = Skeletons()

    def with_schemas(self, folder: Path) -> "UkCdsAdapter":
        """Return an adapter that validates all it reads against the schemas in the operator's folder.

        Raises:
            ConfigError: a file is missing or is not the pinned one.
        """
        return UkCdsAdapter(Schemas(folder))

    def recognises(self, raw: bytes) -> bool:
        """Look for a namespace, or the root of a response without one, in the first kilobyte."""
        return _FIRST.search(raw[:_LOOK].replace(b"\0", b"")) is not None

    def decode(self, raw: bytes, limits: Limits) -> DecodedMessage:
        """Read an envelope with its declaration or responses."""
        cut = self._skeletons.cut(raw) if self._schemas is None else None
        if cut is not None:
            known = self._skeletons.find(*cut, raw, limits)
            document = declaration.decode_plain(known[1], known[0].findings) if known else None
            if known and document is not None:
                return _message(DEC.name, (document,), known[0].told)
        return self._decode_tree(raw, limits, cut)

    def _decode_tree(self, raw: bytes, limits: Limits, cut: tuple[str, list[str]] | None) -> DecodedMessage:
        """Read a message by its tree, and learn its skeleton if it is a declaration."""
        parsed = xml.parse(raw, limits)
        found = list(parsed.findings)
        if parsed.root is None:
            return _message("", (), found)
        bodies = _bodies(parsed.root, found)
        if has_errors(found):
            return _message("", (), found)
        document = _document(bodies, found)
        if document is None:
            return _message("", (), found)
        if self._schemas is not None:
            found += self._schemas.check(document.name, parsed.root)
        if document is DEC:
            reading = Reading(DEC, bodies[0])
            if cut is not None and not has_errors(found):
                self._skeletons.learn(*cut, bodies[0], reading, found)
            return _message(DEC.name, (declaration.decode(reading.groups, reading.findings),), found)
        read = tuple(response.decode(one, index, ()) for index, one in enumerate(bodies, 1))
        return _message(RES.name, read, found)

    def acknowledge(
        self, message: DecodedMessage, outcomes: Sequence[DocumentOutcome], now: datetime
    ) -> Acknowledgement:
        """Answer a declaration by a response, and responses by a list of outcomes."""
        return acknowledge(message, outcomes, now)

    def encode(self, message_type: str, items: Sequence[Item], now: datetime) -> Encoded:
        """Write one declaration (DEC, COR, INV), or responses (RES)."""
        return writing.encode(message_type, items, now)

    def tables(self) -> Mapping[str, Table]:
        """Return the tables of the two documents; amendment and invalidation are of DEC."""
        return {one.name: table(one.name) for one in (DEC, RES)}


def _bodies(root: Any, found: list[Finding]) -> list[Any]:
    """Return the bodies in an envelope, or the bare body; the envelope's own fields are told."""
    name = xml.local_name(root)
    if name in {DEC.root, RES.root}:
        found.append(finding("UKCDS-ENVELOPE", expected=_META, actual=name))
        return [root]
    if name != _META:
        found.append(finding("UKCDS-ROOT", expected=_META, actual=name))
        return []
    if xml.namespace(root) not in {ENVELOPE, ""}:
        found.append(finding("UKCDS-NAMESPACE", path=_META, expected=ENVELOPE, actual=xml.namespace(root)))
    bodies: list[Any] = []
    for child in root:
        inner = xml.local_name(child)
        if inner in {DEC.root, RES.root}:
            bodies.append(child)
        elif inner not in _OPENING:
            found.append(
                finding("SCHEMA-UNKNOWN-FIELD", path=f"{_META}/{inner}", position=xml.position(child))
            )
        elif child.text not in _SAID.get(inner, ()) or child.keys():
            found.append(
                finding("SCHEMA-UNMAPPED-FIELD", path=f"{_META}/{inner}", position=xml.position(child))
            )
    return bodies


def _document(bodies: Sequence[Any], found: list[Finding]) -> DocumentType | None:
    """Return what the bodies are, all of one kind; the namespace of responses without one is assigned."""
    names = {xml.local_name(one) for one in bodies}
    document = DEC if names == {DEC.root} else RES
    if len(names) != 1 or (document is DEC and len(bodies) != 1):
        found.append(
            finding(
                "UKCDS-BODY", path=_META, expected="one Declaration, or Responses", actual=str(len(bodies))
            )
        )
        return None
    stray: Any = _stray()(bodies[0].getroottree())
    if stray:
        found.append(
            finding("UKCDS-STRAY-TEXT", path=document.root, position=xml.position(stray[0].getparent()))
        )
    for body in bodies:
        space = xml.namespace(body)
        if not space and document is RES:
            _assign(body)
            found.append(
                finding(
                    "UKCDS-NAMESPACE-REPAIRED",
                    path=document.root,
                    position=xml.position(body),
                    expected=document.namespace,
                )
            )
        elif space != document.namespace:
            found.append(
                finding("UKCDS-NAMESPACE", path=document.root, expected=document.namespace, actual=space)
            )
            return None
    return document


@functools.cache
def _stray() -> etree.XPath:
    """Find text beside elements, asked in C because it is asked of every document."""
    return etree.XPath("//*[*]/text()[normalize-space()]")


def _assign(body: Any) -> None:
    """Put every element without a namespace into the one the schema has for it, the envelope too."""
    for one in body.iter():
        if not xml.namespace(one):
            space = RES.types if one.tag == "DateTimeString" else RES.namespace
            one.tag = f"{{{space}}}{one.tag}"
    above = body.getparent()
    if above is not None and not xml.namespace(above):
        for one in (above, *above):
            if not xml.namespace(one) and one.tag not in {DEC.root, RES.root}:
                one.tag = f"{{{ENVELOPE}}}{one.tag}"


def _message(name: str, documents: tuple[Any, ...], found: Sequence[Finding]) -> DecodedMessage:
    """Return the result; the number of a message is that of its first document."""
    first = documents[0] if documents else None
    return DecodedMessage(
        adapter=NAME,
        message_type=name,
        message_id=first.echo.get("FunctionalReferenceID", "") if first else "",
        documents=documents,
        findings=tuple(found),
    )


adapter = UkCdsAdapter()
