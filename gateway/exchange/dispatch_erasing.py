# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Take the number of an erased item out of the dispatches that name it.

The rules:

1. The dispatch stays, and names the item no more: neither the record nor the words it was made from.
2. The message that brought it is emptied whole, as that of the item is.
3. In batches that are done with, sent or received, the record of the dispatch is replaced by its commitment.
   A batch that the partner has not confirmed stays as it is: it must arrive as it was signed.
4. Nobody is told: who was told of the item does the same with its own copy of the dispatch.
"""

from collections.abc import Iterator

import msgspec

from gateway.exchange.ports import Transaction
from gateway.exchange.reach import own_contributions
from gateway.exchange.rows import InboundRow, ItemRow
from gateway.model import (
    Dispatch,
    Item,
    ReceptacleItem,
    pack_contribution,
    pack_item,
    unpack_contribution,
    unpack_item,
)
from gateway.wire.payload import redact, redact_salts, unpack_entries

_replace = msgspec.structs.replace


class Stripped(msgspec.Struct):
    """What was done: messages to be emptied, and received batches with the references erased in them."""

    messages: set[int]
    files: list[tuple[InboundRow, tuple[str, ...]]]


def strip(tx: Transaction, number: str, day: str = "") -> Stripped:
    """Take a number, of one posting if a day is given, out of every dispatch.

    Movements lead to them, so these are forgotten afterwards.
    """
    done = Stripped(set(), [])
    named = {
        one.record
        for one in tx.movements_of([number])
        if not day or not one.posting_date or one.posting_date == day
    }
    for row in tx.items(sorted(named)):
        if row.record == "dispatch" and row.body:
            done.messages |= _strip_record(tx, row, number, day)
            _strip_sent(tx, row, number)
            done.files += _strip_received(tx, row, number)
    return done


def _strip_record(tx: Transaction, row: ItemRow, number: str, day: str) -> set[int]:
    """Make a dispatch and its words anew; return the messages that brought them."""
    messages = set()
    for one in own_contributions(tx, row):
        said = unpack_contribution(one.body) if one.body else None
        if said is not None and number.encode() in one.body:
            body = pack_contribution(_replace(said, item=_without(said.item, number, day)))
            tx.put_contribution_body(one.id, body)
            messages.add(one.message_row)
    tx.put_items([_replace(row, body=pack_item(_without(unpack_item(row.body), number, day)))])
    return messages


def _without(item: Item, number: str, day: str) -> Item:
    """Return a dispatch that names an item no more; its place and mass stay."""
    if item.dispatch is None:
        return item
    return _replace(item, dispatch=_unnamed(item.dispatch, number, day))


def _unnamed(dispatch: Dispatch, number: str, day: str) -> Dispatch:
    """Return a dispatch in whose receptacles a number stands no more."""
    return _replace(
        dispatch,
        receptacles=tuple(
            _replace(
                one,
                items=tuple(
                    ReceptacleItem(gross_mass=each.gross_mass) if _is(each, number, day) else each
                    for each in one.items
                ),
            )
            for one in dispatch.receptacles
        ),
    )


def _is(one: ReceptacleItem, number: str, day: str) -> bool:
    """Say whether an item of a receptacle is the one meant."""
    posted = one.posting_date.isoformat() if one.posting_date else ""
    return one.tracking_number == number and (not day or not posted or posted == day)


def _strip_sent(tx: Transaction, row: ItemRow, number: str) -> None:
    """Replace a dispatch by its commitment in the batches that the partner has confirmed."""
    for share in tx.shares_of([row.id]):
        for batch in tx.batches([share.batch]) if share.batch else ():
            positions = [share.position] if _holds(batch.payload, share.position, number) else []
            if positions and batch.receipt:
                salts = redact_salts(batch.salts, positions)
                tx.put_batch_payload(batch.id, redact(batch.payload, positions), salts)


def _strip_received(
    tx: Transaction, row: ItemRow, number: str
) -> Iterator[tuple[InboundRow, tuple[str, ...]]]:
    """Replace a dispatch by its commitment in the batches that it came in."""
    for record, batch in tx.inbound_records(row.tracking_number) if row.tracking_number else ():
        current = tx.inbound(batch.id)
        if current is not None and _holds(current.payload, record.position, number):
            payload = redact(current.payload, [record.position])
            tx.put_inbound_payload(batch.id, payload, [record.position])
            yield _replace(current, payload=payload), (record.reference,)


def _holds(payload: bytes, position: int, number: str) -> bool:
    """Say whether the record at a place of a payload has a number in it."""
    return number.encode() in unpack_entries(payload)[position].record
