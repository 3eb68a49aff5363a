# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""From raw documents to contributions: tables, rules, keys, duplicates.

A document is read under the 2022 edition; if that refuses it and the 2018 edition does not, it is taken as
2018 and said so, because nothing in a message names its edition.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec

from adapters.gacc_ceb import b2b, carried, keys, taxes
from adapters.gacc_ceb.catalogue import MessageType, compiled, older
from adapters.gacc_ceb.contributions import contributions
from adapters.gacc_ceb.reading import RawDocument
from adapters.gacc_ceb.receipt import receipt_types
from adapters.gacc_ceb.rules import check
from adapters.gacc_ceb.template import Layout
from adapters.gacc_ceb.times import DIGITS, moment
from gateway.sdk import (
    CompiledTable,
    ContentPiece,
    DecodedDocument,
    Finding,
    Item,
    finding,
    has_errors,
)

GUID_LENGTH = 36
_ON_CONTRIBUTION = frozenset({"guid", "appType", "appTime"})
_IN_TAXES = frozenset(taxes.AMOUNTS)


@dataclass(frozen=True, slots=True)
class Decoded:
    """The documents of a message, what they say as items, and what there is to say once about the message."""

    documents: tuple[DecodedDocument, ...]
    items: tuple[Item, ...]
    findings: tuple[Finding, ...]


def decode_documents(message: MessageType, raw: Sequence[RawDocument], fields: Mapping[str, str]) -> Decoded:
    """Return what the documents of a message say.

    `fields` are those of the envelope; every document's echo repeats them. Items are also those of documents
    that become no contribution; a refused document has none.
    """
    decoding = _Decoding(message, fields)
    documents = tuple(decoding.decode(one, index) for index, one in enumerate(raw, 1))
    found = _unmapped(message, decoding.table, raw)
    if message.returns and decoding.items:
        found.append(finding("GACC-RETURN-EVENT", path=message.document))
    return Decoded(documents, tuple(decoding.items), tuple(found))


class _Decoding:
    """The documents of one message, in order; remembers which numbers were seen."""

    def __init__(self, message: MessageType, fields: Mapping[str, str]) -> None:
        self.table = compiled(message.name)
        self.items: list[Item] = []
        self._message = message
        self._fields = fields
        self._seen: dict[str, int] = {}
        self._echoed = ("guid", *receipt_types()[message.receipt].keys)  # what the receipt repeats

    def decode(self, raw: RawDocument, index: int) -> DecodedDocument:
        """Decode one document; with an error it has no contributions."""
        message = self._message
        head = raw.head()
        items, found = _map(message, self.table, raw, head)
        if found and has_errors(found):
            table = older(message.name)
            others, milder = _map(message, table, raw, head) if table is not None else (items, found)
            if not has_errors(milder):
                items = others
                found = [*milder, finding("CEB-EDITION-OLDER", position=raw.position)]
        if found:
            head = {name: text.strip() for name, text in head.items()}
        reference = keys.reference(message, head)
        found += self._duplicates(head, reference, index)
        issued_at = moment(head.get("appTime", "") or head.get("returnTime", "")[:DIGITS])
        if message.name == taxes.BILL and not has_errors(found):
            items = [taxes.read(items[0], head, raw.groups.get(message.lines, ()))]
            found += taxes.check(message, items[0], head, raw.position)
        for item in items:
            found += check(message, item, issued_at, raw.position)
        if message.carried:
            items = [carried.take(message, item, head) for item in items]
        echo = {name: head[name] for name in self._echoed if head.get(name)}
        if self._fields:
            echo.update(self._fields)
        refused = bool(found) and has_errors(found)
        if not refused:
            self.items += items
        return DecodedDocument(
            position=index,
            reference=reference,
            echo=echo,
            contributions=() if refused else contributions(message, head, reference, items, issued_at),
            findings=tuple(dict.fromkeys(found)) if found else (),
        )

    def _duplicates(self, head: Mapping[str, str], reference: str, index: int) -> list[Finding]:
        """Say that an earlier document of this message has the same guid or the same reference."""
        found = []
        split = f"|{head.get('msgSeqNo', '')}" if self._message.per_line else ""
        if self._message.pushed:
            split += f"|{head.get('status', '')}"
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


def _map(
    message: MessageType, table: CompiledTable, raw: RawDocument, head: Mapping[str, str]
) -> tuple[list[Item], list[Finding]]:
    """Check shape and fields under one edition and return the items that the document speaks of."""
    found = list(raw.findings)
    quick = _quick(message, table, raw) if raw.plain and not message.per_line else None
    if quick is not None:
        _check_opening(message, raw.position, head, found)
        return [_with_hs(quick)], found
    for layout in dict.fromkeys(raw.layouts):
        found += [_placed(one, message, layout.group, raw) for one in table.shape(layout.group, layout.tags)]
    _check_opening(message, raw.position, head, found)
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


def _quick(message: MessageType, table: CompiledTable, raw: RawDocument) -> Item | None:
    """Return the item of a sound document, read by the places of its fields; none if names are needed."""
    if not raw.written or raw.written[0][0].group != message.head:
        return None
    (layout, texts), *others = raw.written
    lines = []
    for one, written in others:
        if one.group != message.lines:
            return None
        lines.append((one.tags, written))
    return table.read((layout.tags, texts), lines)


def _placed(one: Finding, message: MessageType, group: str, raw: RawDocument) -> Finding:
    """Put a finding of form into its document; where no source confirms the order, order only warns."""
    if one.code == "SCHEMA-ORDER" and group in message.loose:
        return finding(
            "CEB-FIELD-ORDER", path=one.path, position=raw.position, expected=one.expected, actual=one.actual
        )
    return replace(one, position=raw.position)


def _check_opening(
    message: MessageType, position: str, head: Mapping[str, str], found: list[Finding]
) -> None:
    """Check what a table cannot: the length of a guid as written, and that split counts are present."""
    guid = head.get("guid", "")
    if guid and len(guid) != GUID_LENGTH != len(guid.strip()):
        found.append(
            finding(
                "SCHEMA-LENGTH",
                path=f"{message.prefix}guid",
                position=position,
                expected=f"{GUID_LENGTH} characters",
                actual=f"{len(guid)} characters",
            )
        )
    if message.split:
        for name in ("msgCount", "msgSeqNo"):
            if name not in head:
                path = f"{message.prefix}{name}"
                found.append(
                    finding("SCHEMA-MISSING", path=path, position=position, expected="empty or 1 if unsplit")
                )


def _with_hs(item: Item) -> Item:
    """Add the meaningful part of each commodity code: of simplified goods fewer digits, by trade mode.

    A code is never padded.
    """
    if not item.content:
        return item
    digits = b2b.meaningful_digits(item.trade_mode, item.statistics_class)
    content: list[ContentPiece] = []
    for piece in item.content:
        code = piece.commodity_code
        content.append(msgspec.structs.replace(piece, hs=code[:digits]) if code else piece)
    return msgspec.structs.replace(item, content=tuple(content))


def _unmapped(message: MessageType, table: CompiledTable, raw: Sequence[RawDocument]) -> list[Finding]:
    """Say once which filled fields belong to the message but have no canonical place."""
    taken = _ON_CONTRIBUTION | {message.own_number, *message.carried}
    if message.name == taxes.BILL:
        taken |= _IN_TAXES
    rows = {(row.group, row.outside): row for row in table.unmapped if row.outside not in taken}
    unfilled: dict[Layout, dict[str, int]] = {}  # where such fields stand that nobody has filled yet
    filled: set[tuple[str, str]] = set()
    for one in raw:
        for layout, texts in one.written:
            if layout not in unfilled:
                unfilled[layout] = {
                    tag: place for place, tag in enumerate(layout.tags) if (layout.group, tag) in rows
                }
            for tag in [tag for tag, place in unfilled[layout].items() if texts[place]]:
                filled.add((layout.group, tag))
                del unfilled[layout][tag]
    return [
        finding(
            "SCHEMA-UNMAPPED-FIELD",
            path=f"{group}/{outside}" if group else outside,
            remedy=row.note,
            rule=row.rule,
        )
        for (group, outside), row in rows.items()
        if (group, outside) in filled
    ]
