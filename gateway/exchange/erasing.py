# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Run an erasure from the wish to the end: find what it reaches, then erase it, the files included.

What was named is one transaction: either all of it is gone and every partner will be told, or nothing is.
What is past its retention goes batch by batch, since no two of them hang together.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from pathlib import Path

import msgspec

from gateway.agreement import AgreementSet
from gateway.clock import Clock, milliseconds
from gateway.exchange.archive_doors import TakeBack, nothing_archived
from gateway.exchange.erase import Erased, Eraser
from gateway.exchange.forward import erase_forwarded
from gateway.exchange.ports import Store, Transaction
from gateway.exchange.reach import ERASED
from gateway.exchange.rows import BatchRow, InboundRow, ItemRow
from gateway.exchange.seek import Seeker


class Erasing:
    """The erasures that this gateway decides on itself."""

    def __init__(
        self,
        *,
        organisation: str,
        store: Store,
        clock: Clock,
        agreements: AgreementSet,
        seeker: Seeker,
        eraser: Eraser,
        folder: Path | None = None,
        recall: TakeBack = nothing_archived,
    ) -> None:
        """Take the doors; `folder` is where accepted records were forwarded to."""
        self._recall = recall
        self._organisation = organisation
        self._store = store
        self._clock = clock
        self._agreements = agreements
        self._seeker = seeker
        self._eraser = eraser
        self._folder = folder

    async def items(self, numbers: Sequence[str], *, reason: str) -> Erased:
        """Erase items by tracking number, ours and what partners sent under it."""
        rows = [one for number in dict.fromkeys(numbers) for one in await self._seeker.item(number)]
        return await self._named(rows, list(dict.fromkeys(numbers)), reason)

    async def party(self, number: str, role: str, *, reason: str) -> Erased:
        """Erase every item of the same party as in an item.

        Raises:
            PolicyRefusal: nothing is known under the number, or the item has nobody in this role.
        """
        rows, received = await self._seeker.party_of(number, role)
        return await self._named(rows, received, reason)

    async def expired(self, before: datetime, agreement: str = "", *, reason: str) -> Erased:
        """Erase the records of every batch whose retention had ended.

        Raises:
            PolicyRefusal: no agreement has this id.
        """
        total = Erased()
        own = self._organisation
        async for row in self._seeker.past_retention(self._agreements, before, own=own, agreement=agreement):
            sender, recipient = row.channel.split("/")[:2]
            partner = recipient if sender == own else sender
            work = partial(self._expire, row=row, partner=partner, reason=reason)
            await self._recall(work)
            total.add(await self._store.transact(work))
        await self._follow(total)
        return total

    async def _named(self, rows: Sequence[ItemRow], numbers: Sequence[str], reason: str) -> Erased:
        """Erase items, and received records under the numbers, in one transaction."""
        messages = await self._seeker.messages(rows) if rows else []
        asked = await self._seeker.inquiries(rows, numbers)
        now = milliseconds(self._clock())

        def work(tx: Transaction) -> Erased:
            """Read anew what was found: it may have changed since."""
            current = [one for one in tx.items(sorted(row.id for row in rows)) if one.secret]
            done = self._eraser.items(tx, current, messages=messages, reason=reason, now=now)
            for number in numbers:
                done.add(self._eraser.received(tx, number, reason=reason, now=now))
            for one in asked:
                tx.put_inquiry(msgspec.structs.replace(one, state=ERASED, query=b"", answer=b""))
            return done

        await self._recall(work)
        done = await self._store.transact(work)
        await self._follow(done)
        return done

    def _expire(self, tx: Transaction, *, row: BatchRow | InboundRow, partner: str, reason: str) -> Erased:
        """Erase one batch, as it is stored now."""
        current = tx.inbound(row.id) if isinstance(row, InboundRow) else tx.batch(row.id)
        if current is None:
            return Erased()
        now = milliseconds(self._clock())
        return self._eraser.expired(tx, current, partner=partner, reason=reason, now=now)

    async def _follow(self, done: Erased) -> None:
        """Take the erased records out of forwarded files too."""
        if self._folder is not None:
            for row, references in done.files:
                await asyncio.to_thread(erase_forwarded, self._folder, row, references)
