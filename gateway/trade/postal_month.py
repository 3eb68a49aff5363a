# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Read the postal data that a partner sent us, or that we sent it, over a span of time, batch by batch."""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from typing import Protocol, TypeVar

from gateway.clock import milliseconds
from gateway.exchange.forward import accepted_records
from gateway.exchange.ports import Transaction
from gateway.exchange.postal_rows import ReferralRow
from gateway.exchange.rows import BatchRow, InboundRow
from gateway.model import Release
from gateway.trade.postal_quality import Quality, Tally
from gateway.wire.convert import unpack_envelope, unpack_release
from gateway.wire.payload import unpack_entries
from gateway.wire.receipts import read_receipt

T = TypeVar("T")
PAGE = 64
CHUNK = 512


class Reads(Protocol):
    """What reads a store."""

    async def read(self, work: Callable[[Transaction], T]) -> T:
        """Run read-only work."""


async def quality(store: Reads, partner: str, begin: datetime, end: datetime, *, sent: bool) -> Quality:
    """Return the figures of what a partner sent us in the half-open span; with `sent`, of what we sent it."""
    start, stop = milliseconds(begin), milliseconds(end)
    tally = Tally()
    direction = "out" if sent else "in"
    channels = await store.read(lambda tx: tx.channels())
    for channel in channels:
        if (channel.partner, channel.direction) == (partner, direction):
            await _walk(store, channel.name, tally, start, stop, sent=sent)
    numbers, referrals = tally.numbers(), []
    for begun in range(0, len(numbers), CHUNK):
        chunk = numbers[begun : begun + CHUNK]
        rows = await store.read(partial(_referrals, numbers=chunk))
        referrals += [one for one in rows if start <= one.raised_at < stop]
    return tally.figures(referrals)


async def _walk(store: Reads, channel: str, tally: Tally, start: int, stop: int, *, sent: bool) -> None:
    """Add the records of one channel."""
    after = 0
    while page := await store.read(partial(_page, channel=channel, after=after, sent=sent)):
        after = page[-1].sequence
        for row in page:
            at = row.created_at if isinstance(row, BatchRow) else row.received_at
            if at >= stop:
                return
            if at >= start:
                for release in _sent(row) if isinstance(row, BatchRow) else _received(row):
                    tally.add(release, at)


def _page(tx: Transaction, *, channel: str, after: int, sent: bool) -> list[BatchRow] | list[InboundRow]:
    """Return the next batches of a channel."""
    if sent:
        return tx.batches_after(channel, after, PAGE)
    return tx.inbound_after_sequence(channel, after, PAGE)


def _received(row: InboundRow) -> Iterator[Release]:
    """Yield the accepted records of a received batch."""
    for record in accepted_records(row):
        if isinstance(record, Release):
            yield record


def _sent(row: BatchRow) -> Iterator[Release]:
    """Yield the records of a sent batch that the partner accepted."""
    if not row.receipt:
        return
    receipt = read_receipt(unpack_envelope(row.receipt))
    rejected = {one.index for one in receipt.records if not one.accepted}
    for position, entry in enumerate(unpack_entries(row.payload)):
        if position not in rejected and not entry.erased:
            yield unpack_release(entry.record)


def _referrals(tx: Transaction, *, numbers: list[str]) -> list[ReferralRow]:
    """Return the referrals about items."""
    return tx.referrals_of(numbers)
