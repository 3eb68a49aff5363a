# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""From raw documents to contributions: tables, rules, keys, duplicates.

A document is read under the 2022 edition; if that refuses it and the 2018 edition does not, it is taken as
2018 and said so, because nothing in a message names its edition.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache

import msgspec

from adapters.gacc_ceb import keys
from adapters.gacc_ceb.catalogue import OLDER_EDITION, MessageType, compiled
from adapters.gacc_ceb.reading import RawDocument
from adapters.gacc_ceb.receipt import receipt_types
from adapters.gacc_ceb.rules import check
from adapters.gacc_ceb.times import moment
from gateway.sdk import (
    CompiledTable,
    ContentPiece,
    Contribution,
    ContributionKind,
    DecodedDocument,
    Finding,
    Function,
    Item,
    finding,
    has_errors,
)

FUNCTIONS: Mapping[str, Function] = {"1": Function.NEW, "2": Function.CHANGE, "3": Function.DELETE}
KINDS: Mapping[str, ContributionKind] = {
    "CEB303": ContributionKind.ORDER,
    "CEB403": ContributionKind.PAYMENT,
    "CEB505": ContributionKind.WAYBILL,
    "CEB507": ContributionKind.ARRIVAL,
    "CEB509": ContributionKind.DEPARTURE,
    "CEB603": ContributionKind.LIST,
    "CEB605": ContributionKind.CANCELLATION,
    "CEB607": ContributionKind.MANIFEST,
    "CEB621": ContributionKind.LIST,
}
GUID_LENGTH = 36
SIMPLIFIED = "A"
_ON_CONTRIBUTION = frozenset({"guid", "appType", "appTime"})
_IN_REFERENCE = frozenset({"CEB507", "CEB509", "CEB605", "CEB607"})


def decode_documents(
    message: MessageType, raw: Sequence[RawDocument], fields: Mapping[str, str]
) -> tuple[tuple[DecodedDocument, ...], list[Finding]]:
    """Return the decoded documents and what there is to say once about the message.

    `fields` are those of the envelope; every document's echo repeats them.
    """
    decoding = _Decoding(message, fields)
    documents = tuple(decoding.decode(one, index) for index, one in enumerate(raw, 1))
    return documents, _unmapped(message, decoding.table, raw)


class _Decoding:
    """The documents of one message, in order; remembers which numbers were seen."""

    def __init__(self, message: MessageType, fields: Mapping[str, str]) -> None:
        self.table = compiled(message.name)
        self._message = message
        self._fields = fields
        self._seen: dict[str, int] = {}

    def decode(self, raw: RawDocument, index: int) -> DecodedDocument:
        """Decode one document; with an error it has no contributions."""
        message = self._message
        items, found = _map(message, self.table, raw)
        if found and has_errors(found):
            older, milder = _map(message, compiled(message.name, OLDER_EDITION), raw)
            if not has_errors(milder):
                items = older
                found = [*milder, finding("CEB-EDITION-OLDER", position=raw.position)]
        head = {name: text.strip() for name, text in raw.head.items()} if found else raw.head
        reference = keys.reference(message, head)
        found += self._duplicates(head, reference, index)
        issued_at = moment(head.get("appTime", ""))
        for item in items:
            found += check(message, item, issued_at, raw.position)
        echo = {name: head[name] for name in _echoed(message) if head.get(name)}
        if self._fields:
            echo.update(self._fields)
        refused = bool(found) and has_errors(found)
        return DecodedDocument(
            position=index,
            reference=reference,
            echo=echo,
            contributions=() if refused else _contributions(message, head, reference, items, issued_at),
            findings=tuple(dict.fromkeys(found)) if found else (),
        )

    def _duplicates(self, head: Mapping[str, str], reference: str, index: int) -> list[Finding]:
        """Say that an earlier document of this message has the same guid or the same reference."""
        found = []
        split = f"|{head.get('msgSeqNo', '')}" if self._message.per_line else ""
        guid = head.get("guid", "")
        for key, path in ((f"guid {guid}", "guid"), (f"reference {reference}{split}", "")):
            first = self._seen.setdefault(key, index)
            if first != index and not key.endswith(" "):
                found.append(
                    finding(
                        "CEB-DUPLICATE-DOCUMENT",
                        path=self._message.prefix + path,
                        position=f"document {index}",
                        actual=f"as document {first}",
                    )
                )
        return found


def _contributions(
    message: MessageType,
    head: Mapping[str, str],
    reference: str,
    items: Sequence[Item],
    issued_at: datetime | None,
) -> tuple[Contribution, ...]:
    """Return what a document says, about one item or, line by line, about several."""
    return tuple(
        Contribution(
            kind=KINDS[message.name],
            function=FUNCTIONS[head["appType"]],
            reference=f"{reference}|{item.tracking_number}" if message.per_line else reference,
            keys=keys.keys(message, head, item),
            item=item,
            guid=head["guid"],
            issued_at=issued_at,
        )
        for item in items
    )


def _map(message: MessageType, table: CompiledTable, raw: RawDocument) -> tuple[list[Item], list[Finding]]:
    """Check shape and fields under one edition and return the items that the document speaks of."""
    found = list(raw.findings)
    for layout in dict.fromkeys(raw.layouts):
        found += [_placed(one, message, layout.group, raw) for one in table.shape(layout.group, layout.tags)]
    _check_opening(message, raw, found)
    lines = raw.groups.get(message.lines, ()) if message.per_line else ()
    if not lines:
        item, faults = table.decode(raw.groups, raw.position)
        found += faults
        return [_with_hs(item)], found
    if not 1 <= len(lines) <= table.table.groups[-1].max:
        most = table.table.groups[-1].max
        found.append(
            finding("SCHEMA-COUNT", path=message.lines, position=raw.position, expected=f"1 to {most}")
        )
    items: list[Item] = []
    for number, line in enumerate(lines, 1):
        item, faults = table.decode({**raw.groups, message.lines: [line]}, raw.position)
        items.append(item)
        first, here = f"{message.lines}[1]", f"{message.lines}[{number}]"
        found += [replace(one, path=one.path.replace(first, here, 1)) for one in faults]
    return items, found


def _placed(one: Finding, message: MessageType, group: str, raw: RawDocument) -> Finding:
    """Put a finding of form into its document; where no source confirms the order, order only warns."""
    if one.code == "SCHEMA-ORDER" and group in message.loose:
        return finding(
            "CEB-FIELD-ORDER", path=one.path, position=raw.position, expected=one.expected, actual=one.actual
        )
    return replace(one, position=raw.position)


def _check_opening(message: MessageType, raw: RawDocument, found: list[Finding]) -> None:
    """Check what a table cannot: the length of a guid as written, and that split counts are present."""
    head = raw.head
    guid = head.get("guid", "")
    if guid and len(guid) != GUID_LENGTH != len(guid.strip()):
        found.append(
            finding(
                "SCHEMA-LENGTH",
                path=f"{message.prefix}guid",
                position=raw.position,
                expected=f"{GUID_LENGTH} characters",
                actual=f"{len(guid)} characters",
            )
        )
    if message.per_line:
        for name in ("msgCount", "msgSeqNo"):
            if name not in head:
                path = f"{message.prefix}{name}"
                found.append(
                    finding(
                        "SCHEMA-MISSING", path=path, position=raw.position, expected="empty or 1 if unsplit"
                    )
                )


def _with_hs(item: Item) -> Item:
    """Add the meaningful part of each commodity code: four digits of simplified goods, else six.

    A code is never padded. Specification: "first four digits count" for statisticsFlag A.
    """
    if not item.content:
        return item
    digits = 4 if item.statistics_class == SIMPLIFIED else 6
    content: list[ContentPiece] = []
    for piece in item.content:
        code = piece.commodity_code
        content.append(msgspec.structs.replace(piece, hs=code[:digits]) if code else piece)
    return msgspec.structs.replace(item, content=tuple(content))


@cache
def _echoed(message: MessageType) -> tuple[str, ...]:
    """Return the head fields that the receipt repeats."""
    return ("guid", *receipt_types()[message.receipt].keys)


def _unmapped(message: MessageType, table: CompiledTable, raw: Sequence[RawDocument]) -> list[Finding]:
    """Say once which filled fields belong to the message but have no canonical place."""
    taken = _ON_CONTRIBUTION | ({"copNo"} if message.name in _IN_REFERENCE else set())
    found = []
    for row in table.unmapped:
        filled = (fields.get(row.outside) for one in raw for fields in one.groups.get(row.group, ()))
        if row.outside not in taken and any(filled):
            path = f"{row.group}/{row.outside}" if row.group else row.outside
            found.append(finding("SCHEMA-UNMAPPED-FIELD", path=path, remedy=row.note, rule=row.rule))
    return found
