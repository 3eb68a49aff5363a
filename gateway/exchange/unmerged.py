# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Records that are made from one contribution each: events, dispatches, assessments, answers, controls.

A later contribution under the same reference changes the record or deletes it; nothing is joined to it. A
deleted record keeps what it said: who deletes it names it, and need not repeat it.
"""

from collections.abc import Iterable, Sequence

from gateway.exchange.ports import Transaction
from gateway.exchange.rows import ContributionRow, ItemRow
from gateway.exchange.touched import DELETED, OPEN, Arrival, Touched, said_by
from gateway.model import (
    ContributionKind,
    Function,
    Item,
    pack_item,
    unpack_contribution,
    unpack_item,
)

_NO_FINDINGS = b"\x90"


def join_key(kind: ContributionKind, reference: str) -> str:
    """Return the key that finds the contributions of a record and the record itself."""
    return f"rec:{kind.value}:{reference}"


def make(
    tx: Transaction, in_force: Iterable[ContributionRow], rows: Sequence[ContributionRow], arrival: Arrival
) -> list[Touched]:
    """Return the records that rows have changed; `in_force` is what counts now under their references."""
    changed = {row.join_key for row in rows if row.kind.record != "item"}
    current = {row.join_key: row for row in in_force if row.join_key in changed}
    held = {row.order_key: row for row in tx.items_by_order(sorted(current))}
    made = (_made(row, held.get(key), arrival) for key, row in current.items())
    return [one for one in made if one is not None]


def about(item: Item) -> str:
    """Return the number under which a record is found: that of the item, or of the dispatch."""
    dispatch = item.dispatch
    return item.tracking_number or (dispatch and (dispatch.number or dispatch.consignment)) or ""


def _made(row: ContributionRow, old: ItemRow | None, arrival: Arrival) -> Touched | None:
    """Return the record that a contribution makes; none if nothing changed."""
    item = unpack_contribution(row.body).item
    held = unpack_item(old.body) if old is not None and old.body else None
    gone = row.function is Function.DELETE
    if gone and held is not None:
        item = held
    body, state = pack_item(item), DELETED if gone else OPEN
    if old is not None and (old.body, old.state) == (body, state):
        return None
    created = arrival.now if old is None else old.created_at
    made = ItemRow(
        id=arrival.ids.take(1)[0] if old is None else old.id,
        tracking_number=about(item),
        order_key=row.join_key,
        list_key="",
        state=state,
        version=1 if old is None else old.version + 1,
        created_at=created,
        updated_at=arrival.now,
        secret=arrival.secret(old),
        body=body,
        findings=_NO_FINDINGS,
        record=row.kind.record,
        counted=arrival.census.record(
            item, row.kind.record, state, created, "" if old is None else old.counted
        ),
    )
    before = held if old is not None and old.state == OPEN else None
    return Touched(made, item, said_by([row]), before)
