# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The lists behind the numbers of the board: what is waiting, ready, out, accepted, rejected, received.

Each list goes channel by channel along an index; the work for a page does not grow with the store.
"""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import msgspec

from gateway.errors import InputError
from gateway.exchange.listing_rows import ListedRecord, ListedShare
from gateway.exchange.page import TOP, Cursor, Page, read_cursor
from gateway.exchange.ports import Transaction
from gateway.finding import finding

STATES = ("waiting", "ready", "out", "accepted", "rejected", "in")
BATCHES = 64
GROUPS = 200
COUNTED = 10_000
_LEFT = {"out": ("batched", "accepted"), "accepted": ("accepted",)}


class Line(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One share or received record in a list; times in milliseconds. What does not apply is left out."""

    tracking_number: str
    channel: str
    state: str
    version: int
    record: str = "item"
    agreement: str = ""
    function: str = ""
    missing: tuple[str, ...] = ()
    deadline: int = 0
    since: int = 0
    updated_at: int = 0
    sequence: int = 0
    position: int = 0
    received_at: int = 0
    share: int = 0


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """Shares that wait for the same fields on one channel; `more` if there are more than `count`."""

    code: str
    partner: str
    channel: str
    missing: tuple[str, ...]
    count: int
    more: bool
    oldest_at: int


Lister: TypeAlias = Callable[[Transaction, str, Cursor, int], tuple[list[Line], Cursor | None]]


def list_state(tx: Transaction, partner: str, state: str, *, after: str, limit: int) -> Page[Line]:
    """Return a page of a partner's list.

    Raises:
        InputError: there is no such list, or the cursor is none.
    """
    if state not in STATES:
        found = finding("BOARD-QUESTION", path="state", expected=", ".join(STATES))
        raise InputError("no such list", (found,))
    direction = "in" if state == "in" else "out"
    channels = [one.name for one in tx.channels() if (one.partner, one.direction) == (partner, direction)]
    extra = _lanes_without_batch(tx, partner, state, channels) if direction == "out" else []
    return _walk(tx, sorted({*channels, *extra}), _LISTERS[state], after=after, limit=limit)


def list_waiting(
    tx: Transaction, channel: str, missing: Sequence[str], *, after: str, limit: int
) -> Page[Line]:
    """Return a page of the shares of a channel that wait for the same fields.

    Raises:
        InputError: the cursor is none.
    """
    at = read_cursor(after) or Cursor()
    rows = tx.list_waiting(channel, tuple(missing), at.first, limit)
    follows = str(Cursor("", rows[-1].share)) if len(rows) == limit else ""
    return Page(rows=[_line(one) for one in rows], next=follows)


def waiting_groups(tx: Transaction, channels: Sequence[tuple[str, str]]) -> list[Group]:
    """Return what waits, grouped by channel and missing fields; `channels` are (name, partner)."""
    found: list[Group] = []
    for channel, partner in channels:
        missing = tx.waiting_group_after(channel, None)
        while missing is not None and len(found) < GROUPS:
            count = tx.count_waiting(channel, missing, COUNTED + 1)
            heads = tx.list_waiting(channel, missing, 0, 1)
            found.append(
                Group(
                    code="BOARD-WAITING",
                    partner=partner,
                    channel=channel,
                    missing=missing,
                    count=min(count, COUNTED),
                    more=count > COUNTED,
                    oldest_at=heads[0].since if heads else 0,
                )
            )
            missing = tx.waiting_group_after(channel, missing)
    return found


def lanes(tx: Transaction) -> dict[str, str]:
    """Return the partner of every outgoing channel that shares are counted on, batched or not.

    The name of a channel is `<sender>/<recipient>/<record>`.
    """
    named = {one.name: one.partner for one in tx.channels() if one.direction == "out"}
    for name in tx.counts():
        if name.startswith("shares."):
            channel = name.partition(":")[2]
            named.setdefault(channel, channel.split("/")[1])
    return named


def _lanes_without_batch(tx: Transaction, partner: str, state: str, known: Sequence[str]) -> list[str]:
    """Return the channels on which nothing has left yet: they have shares, but no row of their own."""
    if state not in ("waiting", "ready", "rejected"):
        return []
    return [name for name, whose in lanes(tx).items() if whose == partner and name not in known]


def _walk(tx: Transaction, channels: Sequence[str], lister: Lister, *, after: str, limit: int) -> Page[Line]:
    """Return a page of lists that stand one after the other."""
    at = read_cursor(after)
    rows: list[Line] = []
    for channel in channels:
        if at is not None and channel < at.name:
            continue
        start = at if at is not None and channel == at.name else Cursor(channel)
        found, follows = lister(tx, channel, start, limit - len(rows))
        rows += found
        if follows is not None:
            return Page(rows=rows, next=str(follows))
    return Page(rows=rows)


def _waiting(tx: Transaction, channel: str, at: Cursor, limit: int) -> tuple[list[Line], Cursor | None]:
    """List what waits, group after group; `second` of the cursor counts groups."""
    rows: list[Line] = []
    missing, number, after = tx.waiting_group_after(channel, None), 0, at.first
    while missing is not None and number < GROUPS:
        if number >= at.second:
            wanted = limit - len(rows)
            if wanted <= 0:
                return rows, Cursor(channel, after, number)
            found = tx.list_waiting(channel, missing, after, wanted)
            rows += [_line(one) for one in found]
            if len(found) == wanted:
                return rows, Cursor(channel, found[-1].share, number)
            after = 0
        missing, number = tx.waiting_group_after(channel, missing), number + 1
    return rows, None


def _ready(tx: Transaction, channel: str, at: Cursor, limit: int) -> tuple[list[Line], Cursor | None]:
    """List what may leave, oldest first."""
    found = tx.list_ready(channel, at.first, limit)
    follows = Cursor(channel, found[-1].share if found else at.first) if len(found) == limit else None
    return [_line(one) for one in found], follows


def _rejected(tx: Transaction, channel: str, at: Cursor, limit: int) -> tuple[list[Line], Cursor | None]:
    """List what was rejected, newest first."""
    found = tx.list_rejected(channel, at.first or TOP, limit)
    follows = Cursor(channel, found[-1].share if found else at.first) if len(found) == limit else None
    return [_line(one) for one in found], follows


def _left(state: str) -> Lister:
    """Return what lists shares in batches, newest batch first; the cursor is the last row that was given."""

    def lister(tx: Transaction, channel: str, at: Cursor, limit: int) -> tuple[list[Line], Cursor | None]:
        if limit <= 0:
            return [], at
        rows: list[Line] = []
        batches = tx.list_sent(channel, at.first + 1 if at.first else TOP, BATCHES)
        for batch in batches:
            for one in tx.list_in_batch(batch.id):
                if batch.sequence == at.first and one.position < at.second:
                    continue
                if len(rows) == limit:
                    return rows, Cursor(channel, batch.sequence, one.position)
                if one.state in _LEFT[state]:
                    rows.append(_line(one, batch.sequence))
        if len(batches) == BATCHES:
            return rows, Cursor(channel, batches[-1].sequence - 1, 0)
        return rows, None

    return lister


def _received(tx: Transaction, channel: str, at: Cursor, limit: int) -> tuple[list[Line], Cursor | None]:
    """List received records, newest batch first."""
    if limit <= 0:
        return [], at
    rows: list[Line] = []
    batches = tx.list_received(channel, at.first + 1 if at.first else TOP, BATCHES)
    for batch in batches:
        for one in tx.list_in_inbound(batch.id):
            if batch.sequence == at.first and one.position < at.second:
                continue
            if len(rows) == limit:
                return rows, Cursor(channel, batch.sequence, one.position)
            rows.append(_received_line(one, channel, batch.agreement, batch.sequence, batch.at))
    if len(batches) == BATCHES:
        return rows, Cursor(channel, batches[-1].sequence - 1, 0)
    return rows, None


def _line(one: ListedShare, sequence: int = 0) -> Line:
    """Return a share as it is listed."""
    return Line(
        tracking_number=one.tracking_number,
        channel=one.channel,
        state=one.state,
        version=one.version,
        record=one.record,
        agreement=one.agreement,
        function=one.function,
        missing=one.missing,
        deadline=one.deadline,
        since=one.since,
        updated_at=one.updated_at,
        sequence=sequence,
        position=one.position,
        share=one.share,
    )


def _received_line(one: ListedRecord, channel: str, agreement: str, sequence: int, at: int) -> Line:
    """Return a received record as it is listed."""
    return Line(
        tracking_number=one.tracking_number,
        channel=channel,
        state=one.state,
        version=one.version,
        record=channel.rpartition("/")[2],
        agreement=agreement,
        sequence=sequence,
        position=one.position,
        received_at=at,
    )


_LISTERS: dict[str, Lister] = {
    "waiting": _waiting,
    "ready": _ready,
    "rejected": _rejected,
    "out": _left("out"),
    "accepted": _left("accepted"),
    "in": _received,
}
