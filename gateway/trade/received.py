# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Read what partners sent about a number from the verified batches, each record with its place."""

from typing import NamedTuple

from gateway.exchange.ports import Transaction
from gateway.exchange.rows import InboundRecordRow, InboundRow
from gateway.model import Item, Release, ReleaseFunction
from gateway.wire.convert import unpack_release
from gateway.wire.payload import unpack_entries


class Received(NamedTuple):
    """A record that a partner sent, and the batch that proves it."""

    row: InboundRecordRow
    batch: InboundRow
    release: Release


def received(tx: Transaction, number: str, record: str) -> list[Received]:
    """Return the accepted records of a kind about a number, in order; erased ones are left out."""
    found = []
    for row, batch in tx.inbound_records(number):
        if row.state not in ("accepted", "forwarded") or not batch.channel.endswith(f"/{record}"):
            continue
        entry = unpack_entries(batch.payload)[row.position]
        if not entry.erased:
            found.append(Received(row, batch, unpack_release(entry.record)))
    return found


def received_item(tx: Transaction, number: str, partner: str = "") -> Item | None:
    """Return the newest item with a number that partners, or one of them, sent and did not take back."""
    newest: dict[tuple[str, str], Received] = {}
    for one in received(tx, number, "item"):
        if not partner or one.batch.partner == partner:
            newest[one.batch.partner, one.release.reference] = one
    live = [one for one in newest.values() if one.release.function is not ReleaseFunction.CANCELLATION]
    return max(live, key=lambda one: one.row.id).release.item if live else None


def chapters(item: Item | None) -> tuple[str, ...]:
    """Return the HS chapters of an item, none if a line does not say its own."""
    codes = [(one.hs or one.commodity_code or "")[:2] for one in item.content] if item is not None else []
    return tuple(sorted(set(codes))) if all(len(one) == 2 for one in codes) else ()  # noqa: PLR2004 - a chapter
