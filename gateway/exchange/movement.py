# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What dispatches and events say of where items are, kept by item number beside the records themselves.

The rows match item data, dispatches and events per item and receptacle; they hold nothing that the records do
not. What means that an item is loaded is dated data, `referral_rules.toml`.
"""

import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import resources

import msgspec

from gateway.clock import milliseconds
from gateway.exchange.ports import Ids, Transaction
from gateway.exchange.postal_rows import MovementRow
from gateway.exchange.touched import DELETED, Touched
from gateway.model import Dispatch, Event, Item, ReceptacleItem


@cache
def loading() -> dict[str, frozenset[str]]:
    """Return what counts as loaded: `events` and `carrier` by code, `stages` of dispatches."""
    text = resources.files("gateway.exchange").joinpath("referral_rules.toml").read_text("utf-8")
    raw = tomllib.loads(text)["loaded"]
    return {name: frozenset(map(str, raw[name])) for name in ("events", "carrier", "stages")}


def loaded(item: Item) -> list[Item]:
    """Return the items that a record reports as loaded."""
    if item.event is not None and _is_loading(item.event):
        return [item]
    if item.dispatch is not None and item.dispatch.stage in loading()["stages"]:
        return [
            Item(tracking_number=one.tracking_number, posting_date=one.posting_date)
            for _, one in _items(item.dispatch)
        ]
    return []


def means_left(row: MovementRow) -> bool:
    """Say whether a movement means that the item has left."""
    known = loading()
    return row.stage in known["events"] | known["stages"]


def note(tx: Transaction, touched: Iterable[Touched], ids: Ids, now: int) -> None:
    """Keep what changed records say of where items are."""
    for one in touched:
        if one.row.record in ("event", "dispatch"):
            said = [] if one.row.state == DELETED else list(_said(one, now))
            numbers = ids.take(len(said)) if said else ()
            rows = [msgspec.structs.replace(row, id=key) for key, row in zip(numbers, said, strict=True)]
            tx.put_movements(one.row.id, rows)


def _said(one: Touched, now: int) -> Iterator[MovementRow]:
    """Yield the movements that a record states, without ids."""
    event, dispatch, number = one.item.event, one.item.dispatch, one.item.tracking_number
    if event is not None and number:
        yield MovementRow(
            id=0,
            record=one.row.id,
            tracking_number=number,
            posting_date=one.item.posting_date.isoformat() if one.item.posting_date else "",
            stage=event.code or "",
            receptacle=event.receptacle or "",
            at=milliseconds(event.at) if event.at else now,
        )
    if dispatch is not None:
        for receptacle, each in _items(dispatch):
            yield MovementRow(
                id=0,
                record=one.row.id,
                tracking_number=each.tracking_number or "",
                posting_date=each.posting_date.isoformat() if each.posting_date else "",
                stage=dispatch.stage or "",
                receptacle=receptacle,
                at=milliseconds(dispatch.closed_at) if dispatch.closed_at else now,
            )


def _items(dispatch: Dispatch) -> Iterator[tuple[str, ReceptacleItem]]:
    """Yield the items of a dispatch that have a number, each with its receptacle."""
    for receptacle in dispatch.receptacles:
        for one in receptacle.items:
            if one.tracking_number:
                yield receptacle.number or "", one


def _is_loading(event: Event) -> bool:
    """Say whether an event means that the item has left."""
    known = loading()
    return event.code in known["events"] or (event.scheme == "RESDIT" and event.code in known["carrier"])
