# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Which manifests (CEB607 and its like) put a controlled item under a master bill."""

from collections.abc import Iterable, Sequence

import msgspec

from gateway.clock import milliseconds
from gateway.exchange import reuse
from gateway.exchange.control_rows import ConsolidationRow
from gateway.exchange.ports import Ids, Transaction
from gateway.exchange.rows import ContributionRow, ItemRow
from gateway.model import ContributionKind, Function, unpack_contribution, unpack_item


def manifests_of(tx: Transaction, row: ItemRow) -> list[ConsolidationRow]:
    """Return what the manifests in force say of an item, without ids."""
    return [one for each, rows in _postings(tx, row.tracking_number) if each == row.id for one in rows]


def controlled(tx: Transaction, rows: Iterable[ContributionRow]) -> list[str]:
    """Return the numbers of controlled items of which manifests among changed contributions speak."""
    numbers = {
        key[4:]
        for row in rows
        if row.kind is ContributionKind.MANIFEST
        for key in row.keys
        if key.startswith("trk:")
    }
    if not numbers:
        return []
    return sorted({one.tracking_number for one in tx.controls_of(sorted(numbers))})


def note(tx: Transaction, number: str, ids: Ids) -> None:
    """Keep what the manifests in force say of a controlled item, of every posting of its number."""
    keep(tx, number, [one for _, rows in _postings(tx, number) for one in rows], ids)


def keep(tx: Transaction, number: str, rows: Sequence[ConsolidationRow], ids: Ids) -> None:
    """Replace what is kept of the manifests of an item."""
    keys = ids.take(len(rows)) if rows else ()
    found = [msgspec.structs.replace(row, id=key) for key, row in zip(keys, rows, strict=True)]
    tx.put_consolidations(number, found)


def _postings(tx: Transaction, number: str) -> list[tuple[int, list[ConsolidationRow]]]:
    """Return the row of each posting of a number with what manifests in force say of it."""
    held = [row for row in tx.items_by_tracking([number]) if row.record == "item" and row.body]
    words = [row for row in tx.contributions([f"trk:{number}"]) if not row.retired]
    split = reuse.split(words, held)
    if split is None:
        return [(row.id, _said(words, row)) for row in held]
    return [(one.old.id, _said(one.rows, one.old)) for one in split if one.old is not None]


def _said(rows: Iterable[ContributionRow], item: ItemRow) -> list[ConsolidationRow]:
    """Return what the manifests in force among contributions say of an item."""
    posted, found = unpack_item(item.body).posting_date, []
    for row in rows:
        if row.kind is not ContributionKind.MANIFEST or row.function is Function.DELETE:
            continue
        said = unpack_contribution(row.body)
        bill = said.item.transport.bill_number if said.item.transport is not None else None
        found.append(
            ConsolidationRow(
                id=0,
                tracking_number=item.tracking_number,
                posting_date=posted.isoformat() if posted else "",
                bill=bill or "",
                manifest=said.reference,
                office=said.item.declaration_office or "",
                at=milliseconds(said.issued_at) if said.issued_at else 0,
            )
        )
    return found
