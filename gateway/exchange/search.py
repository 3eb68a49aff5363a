# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Find records by what an operator has at hand: number of an item, list, message, receptacle; an enterprise.

The words are looked up whole, in one index after the other; nothing is scanned, and nobody is found by name.
"""

from collections.abc import Callable, Iterable
from typing import TypeAlias
from urllib.parse import quote

import msgspec

from gateway.errors import InputError
from gateway.exchange.listing_rows import ListedMessage
from gateway.exchange.page import Cursor, Page, page_size, read_cursor
from gateway.exchange.ports import Store, Transaction
from gateway.exchange.rows import ItemRow
from gateway.finding import finding

LONGEST = 100
NUMBERS = 100
NEAR = 5000
_TRACKING = "trk:"


class Hit(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that was found; `found_by` is what the words are to it, `path` leads to it. Times in ms.

    An item has its number and state, a message what came of it and the numbers in it (at most a hundred), an
    enterprise its USCC.
    """

    kind: str
    found_by: str
    path: str
    tracking_number: str = ""
    record: str = ""
    state: str = ""
    version: int = 0
    item: int = 0
    at: int = 0
    message: int = 0
    message_type: str = ""
    message_id: str = ""
    submitter: str = ""
    documents: int = 0
    accepted: int = 0
    tracking_numbers: tuple[str, ...] = ()
    uscc: str = ""


Found: TypeAlias = tuple[list[Hit], Cursor | None]
Look: TypeAlias = Callable[[Transaction, str, Cursor, int], Found]


class Search:
    """The search of a node."""

    def __init__(self, store: Store) -> None:
        """Take the store."""
        self._store = store

    async def search(self, words: str, *, after: str, limit: int) -> Page[Hit]:
        """Return a page of what bears the words.

        Raises:
            InputError: there are no words or too many, the cursor is none, or the page is too large.
        """
        words = words.strip()
        if not 0 < len(words) <= LONGEST or not words.isprintable():
            found = finding("BOARD-QUESTION", path="q", expected=f"1 to {LONGEST} characters")
            raise InputError("nothing to look for", (found,))
        size = page_size(limit)
        return await self._store.read(lambda tx: search(tx, words, after=after, limit=size))


def search(tx: Transaction, words: str, *, after: str, limit: int) -> Page[Hit]:
    """Return a page of what bears the words, index after index.

    Raises:
        InputError: the cursor is none.
    """
    at = read_cursor(after)
    rows: list[Hit] = []
    names = list(_LOOKS)
    begin = at.name.partition(":")[0] if at is not None else names[0]
    if begin not in _LOOKS:
        raise InputError("no cursor", (finding("BOARD-CURSOR", path="after"),))
    for name in names[names.index(begin) :]:
        start = at if at is not None and name == begin else Cursor(name)
        if len(rows) >= limit:
            return Page(rows=rows, next=str(start))
        found, follows = _LOOKS[name](tx, words, start, limit - len(rows))
        rows += found
        if follows is not None:
            return Page(rows=rows, next=str(follows))
    return Page(rows=rows)


def _numbers(tx: Transaction, words: str, at: Cursor, limit: int) -> Found:
    """Find the postings and records of a tracking number."""
    return _cut(tx.items_by_tracking([words]), "tracking_number", at, limit)


def _lists(tx: Transaction, words: str, at: Cursor, limit: int) -> Found:
    """Find the items of a list."""
    return _cut(tx.items_by_list([f"inv:{words}"]), "list_number", at, limit)


def _orders(tx: Transaction, words: str, at: Cursor, limit: int) -> Found:
    """Find the items of an order, which is `<platform>|<order number>`."""
    return _cut(tx.items_by_order([f"ord:{words}"]) if "|" in words else (), "order", at, limit)


def _messages(tx: Transaction, words: str, at: Cursor, limit: int) -> Found:
    """Find messages by the id that their sender gave them."""
    rows = tx.list_messages(words, at.first, limit)
    follows = Cursor(at.name, rows[-1].id) if len(rows) == limit else None
    return [_message(tx, one) for one in rows], follows


def _receptacles(tx: Transaction, words: str, at: Cursor, limit: int) -> Found:
    """Find the items that were said to be in a receptacle."""
    name, _, after = at.name.partition(":")
    numbers = tx.list_numbers_in(words, after, limit)
    rows = [one for one in tx.items_by_tracking(numbers) if one.record == "item"] if numbers else []
    known = {one.tracking_number: one for one in rows}
    hits = [
        _item(known[one], "receptacle")
        if one in known
        else Hit(kind="item", found_by="receptacle", path=_trace(one), tracking_number=one)
        for one in numbers
    ]
    return hits, Cursor(f"{name}:{numbers[-1]}") if len(numbers) == limit else None


def _enterprises(tx: Transaction, words: str, at: Cursor, _limit: int) -> Found:
    """Find enterprises of the register by USCC or customs code."""
    codes = {words, *tx.enterprises_with_code(words)} if not at.first else set()
    versions = [tx.enterprise_versions(one) for one in sorted(codes)]
    return [
        Hit(
            kind="enterprise",
            found_by="enterprise",
            path=f"/v1/enterprises/{quote(one[-1].uscc, safe='')}",
            uscc=one[-1].uscc,
            state=one[-1].state,
            version=one[-1].version,
            at=one[-1].recorded_at,
        )
        for one in versions
        if one
    ], None


def _sales(tx: Transaction, words: str, at: Cursor, limit: int) -> Found:
    """Find the items of orders on the platform of an enterprise, by any code that it has or had."""
    codes = {words, *tx.enterprises_with_code(words)}
    codes |= {one.customs_code for code in sorted(codes) for one in tx.enterprise_versions(code)} - {""}
    name, _, after = at.name.partition(":")
    begin, _, key = after.partition(":")
    hits: list[Hit] = []
    for code in sorted(one for one in codes if one >= begin):
        place = (key, at.first) if code == begin else ("", 0)
        found = tx.list_under_orders(f"ord:{code}|", place, limit - len(hits))
        hits += [_item(one, "enterprise") for one in _in_order(tx, [row for _, row in found])]
        if found and len(hits) >= limit:
            return hits, Cursor(f"{name}:{code}:{found[-1][0]}", found[-1][1])
    return hits, None


_LOOKS: dict[str, Look] = {
    "number": _numbers,
    "list": _lists,
    "order": _orders,
    "message": _messages,
    "receptacle": _receptacles,
    "enterprise": _enterprises,
    "sales": _sales,
}


def _cut(rows: Iterable[ItemRow], found_by: str, at: Cursor, limit: int) -> Found:
    """Return the rows above the cursor, as many as fit."""
    left = [one for one in rows if one.id > at.first]
    hits = [_item(one, found_by) for one in left[:limit]]
    return hits, Cursor(at.name, left[limit - 1].id) if len(left) > limit else None


def _in_order(tx: Transaction, ids: list[int]) -> list[ItemRow]:
    """Return items in the order of the ids."""
    known = {one.id: one for one in tx.items(ids)} if ids else {}
    return [known[one] for one in ids if one in known]


def _message(tx: Transaction, one: ListedMessage) -> Hit:
    """Return a message with the numbers of the items in it, as far as its contributions name them."""
    keys = tx.join_keys_of(one.id, NEAR)[:NUMBERS]
    numbers = [key.removeprefix(_TRACKING) for key in keys if key.startswith(_TRACKING)]
    orders = [key for key in keys if key.startswith("ord:")]
    numbers += [row.tracking_number for row in (tx.items_by_order(orders) if orders else ())]
    return Hit(
        kind="message",
        found_by="message_id",
        path=_trace(numbers[0]) if numbers else "",
        state=one.outcome,
        at=one.received_at,
        message=one.id,
        message_type=one.message_type,
        message_id=one.message_id,
        submitter=one.submitter,
        documents=one.documents,
        accepted=one.accepted,
        tracking_numbers=tuple(dict.fromkeys(numbers)),
    )


def _item(row: ItemRow, found_by: str) -> Hit:
    """Return an item, or a record about one."""
    return Hit(
        kind="item",
        found_by=found_by,
        path=_trace(row.tracking_number),
        tracking_number=row.tracking_number,
        record=row.record,
        state=row.state,
        version=row.version,
        item=row.id,
        at=row.updated_at,
    )


def _trace(number: str) -> str:
    """Return the path of what is known of an item."""
    return f"/v1/items/{quote(number, safe='')}/trace"
