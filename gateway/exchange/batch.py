# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Close batches: take what is ready on one channel, let a worker make the payload, seal it.

The rules:

1. A batch holds shares of one agreement, in the order in which they became known, up to a size or a time
   after the first.
2. Payloads are made in workers, at most two at once. What changed meanwhile is made again, not sent.
3. Sequence number, statement, signatures, audit entry and the state of every share are one transaction.
4. A share that cannot be released is rejected by itself, with its findings in the log of the node.
5. A stopped channel seals nothing; its shares stay ready.
6. Only the holder of the channel's lease seals. That is looked at in the transaction itself: who stood still
   for longer than its lease seals nothing.
"""

import asyncio
import time
from collections.abc import Sequence

import msgspec
import structlog

from gateway.agreement import AgreementSet
from gateway.clock import Clock, milliseconds, moment
from gateway.errors import GatewayError
from gateway.exchange import refer
from gateway.exchange.lane import Lane, Lanes, wait
from gateway.exchange.ports import Ids, Store, Transaction, Workers
from gateway.exchange.route import expire
from gateway.exchange.rows import PreparedBatch, ReadyShare, ShareRow, ToRelease
from gateway.exchange.sealing import Sealer
from gateway.fairness import working_for
from gateway.finding import Finding, finding
from gateway.model import ShareState

PREPARES = 2
IDLE_SECONDS = 1.0
ANEW_SECONDS = 0.25
PAUSE_SECONDS = 1.0
_log = structlog.get_logger()


class Batcher:
    """The batching of one outgoing channel."""

    def __init__(
        self,
        *,
        lane: Lane,
        store: Store,
        workers: Workers,
        ids: Ids,
        clock: Clock,
        agreements: AgreementSet,
        sealer: Sealer,
        size: int,
        linger_ms: int,
    ) -> None:
        """Take the doors; `lane` is shared with the courier of the channel."""
        self._lane = lane
        self._store = store
        self._workers = workers
        self._ids = ids
        self._clock = clock
        self._agreements = agreements
        self._sealer = sealer
        self._size = size
        self._linger = linger_ms / 1000
        self._bell = lane.bell()
        self._busy: set[int] = set()
        self._cursor = 0
        self._anew = 0.0

    async def run(self) -> None:
        """Close batches until cancelled; its works take turns with those for other partners."""
        with working_for(self._lane.partner):
            await self._run()

    async def _run(self) -> None:
        running: set[asyncio.Task[None]] = set()
        try:
            while True:
                try:
                    group = await self._take() if await self._lane.held() else []
                except GatewayError as error:
                    _log.error("batch.read-failed", channel=self._lane.channel, error=str(error))
                    group = []
                if group:
                    running.add(asyncio.create_task(self._close(group)))
                if len(running) >= PREPARES:
                    await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                elif not group:
                    await wait(self._bell, IDLE_SECONDS)
                running = {task for task in running if not task.done()}
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
            await self._lane.release()

    async def _take(self) -> list[ReadyShare]:
        """Return the next shares of one agreement, after lingering for more; they are busy from now on."""
        ids, size, linger = await self._ready()
        if ids and len(ids) < size:
            await asyncio.sleep(linger)
            ids, size, linger = await self._ready()
        if not ids:
            return []
        group = await self._store.read(lambda tx: tx.ready_shares(ids))
        self._busy.update(one.share.id for one in group)
        self._cursor = ids[-1]
        return group

    async def _ready(self) -> tuple[list[int], int, float]:
        """Return ready shares that nobody works on, all of one agreement, with its size and linger time.

        Shares that waited have older ids than the last one taken, so the search starts anew when nothing
        newer is found, and from time to time. Their items are read once, when the group is known.
        """
        found = []
        if time.monotonic() < self._anew:
            found = await self._read(self._cursor, self._size)
        if not found:
            found = await self._read(0, self._size + len(self._busy))
            self._anew = time.monotonic() + ANEW_SECONDS
        free = [one for one in found if one[0] not in self._busy]
        if not free:
            return [], self._size, self._linger
        agreement = free[0][1]
        limits = self._agreements.get(agreement)
        size = min(self._size, limits.batch.size) if limits else self._size
        linger = min(self._linger, limits.batch.linger_ms / 1000) if limits else 0.0
        same = [key for key, name in free if name == agreement]
        return same[:size], size, linger

    async def _read(self, after: int, limit: int) -> list[tuple[int, str]]:
        """Return what is ready on the channel above an id; nothing if the channel is stopped."""

        def read(tx: Transaction) -> list[tuple[int, str]]:
            channel = tx.channel(self._lane.channel)
            if channel is not None and channel.stopped:
                return []
            return tx.ready_heads(self._lane.channel, after, limit)

        return await self._store.read(read)

    async def _close(self, group: Sequence[ReadyShare]) -> None:
        """Prepare and seal one group; whatever fails is logged and tried again later."""
        try:
            for prepared in await self._prepare(group):
                await self._seal(group, prepared)
        except GatewayError as error:
            _log.error("batch.failed", channel=self._lane.channel, error=str(error))
            await asyncio.sleep(PAUSE_SECONDS)
        finally:
            self._busy.difference_update(one.share.id for one in group)

    async def _prepare(self, group: Sequence[ReadyShare]) -> list[PreparedBatch]:
        """Let a worker make the payload; if it breaks, find the share that breaks it by halving."""
        now = self._clock()
        name = group[0].share.agreement
        if self._agreements.current(name, now) is None:
            return [_none(name, group, finding("RELEASE-NOT-IN-FORCE"))]
        try:
            return [await self._workers.prepare(name, [_to_release(one) for one in group], milliseconds(now))]
        except GatewayError as error:
            if len(group) == 1:
                _log.error("batch.share-failed", share=group[0].share.id, error=str(error))
                return [_none(name, group, finding("RELEASE-FAILED"))]
        half = len(group) // 2
        return [*await self._prepare(group[:half]), *await self._prepare(group[half:])]

    async def _seal(self, group: Sequence[ReadyShare], prepared: PreparedBatch) -> None:
        """Make a prepared payload a batch, unless one of its shares has changed meanwhile."""
        taken = {one.share.id: one.share for one in group}
        now = milliseconds(self._clock())
        lease, token = self._lane.name, self._lane.token

        def seal(tx: Transaction) -> int:
            """Return the sequence number, 0 if nothing was sealed."""
            if not tx.holds_lease(lease, token):
                return 0
            ids = [*prepared.shares, *(share for share, _ in prepared.failed)]
            current = {row.id: row for row in tx.shares(sorted(ids))}
            if any(not _same(taken[one], current.get(one)) for one in ids):
                return 0
            if prepared.failed:
                tx.put_shares([_rejected(current[share], now) for share, _ in prepared.failed])
            agreement = self._agreements.current(prepared.agreement, moment(now))
            if agreement is None or not prepared.shares:
                return 0
            return self._sealer.seal_batch(tx, agreement, prepared, batch=self._ids.take(1)[0], now=now)

        sequence = await self._store.transact(seal)
        for share, findings in prepared.failed:
            codes = [one.code for one in findings]
            _log.warning("batch.share-rejected", channel=self._lane.channel, share=share, codes=codes)
        if sequence:
            _log.info(
                "batch.sealed", channel=self._lane.channel, sequence=sequence, count=len(prepared.shares)
            )
            self._lane.wake()


class Deadlines:
    """The end of waiting, on every channel."""

    def __init__(
        self, *, store: Store, clock: Clock, agreements: AgreementSet, lanes: Lanes, limit: int = 1000
    ) -> None:
        """Take the doors; at most `limit` shares end in one transaction."""
        self._store = store
        self._clock = clock
        self._agreements = agreements
        self._lanes = lanes
        self._limit = limit

    async def run(self) -> None:
        """End the waiting of shares whose time is up, until cancelled."""
        while True:
            try:
                await self.expire()
            except GatewayError as error:
                _log.error("deadlines.failed", error=str(error))
            await asyncio.sleep(IDLE_SECONDS)

    async def expire(self) -> None:
        """End the waiting of all shares whose time is up now."""
        now = milliseconds(self._clock())
        await self._escalate(now)
        while True:
            due = await self._store.read(lambda tx: bool(tx.due_shares(now, 1)))
            if not due:
                return
            self._lanes.wake(
                await self._store.transact(
                    lambda tx: expire(tx, self._agreements, now=now, limit=self._limit)
                )
            )

    async def _escalate(self, now: int) -> None:
        """Say once of every referral whose answer is overdue that it is."""
        if not await self._store.read(lambda tx: bool(tx.overdue_referrals(now, 1))):
            return
        for one in await self._store.transact(lambda tx: refer.escalate(tx, now, self._limit)):
            _log.warning("referral.overdue", referral=one.id, kind=one.kind, authority=one.authority)


def _to_release(one: ReadyShare) -> ToRelease:
    """Return a share as it goes to a worker."""
    return ToRelease(
        share=one.share.id,
        version=one.share.version,
        function=one.share.function,
        tracking_number=one.tracking_number,
        secret=one.secret,
        body=one.body,
    )


def _same(taken: ShareRow, current: ShareRow | None) -> bool:
    """Say whether a share still is what was taken."""
    return (
        current is not None
        and current.state is ShareState.READY
        and (current.item_version, current.version, current.function)
        == (taken.item_version, taken.version, taken.function)
    )


def _rejected(share: ShareRow, now: int) -> ShareRow:
    """Return a share that cannot be released."""
    return msgspec.structs.replace(share, state=ShareState.REJECTED, updated_at=now)


def _none(agreement: str, group: Sequence[ReadyShare], why: Finding) -> PreparedBatch:
    """Return a batch in which every share failed."""
    return PreparedBatch(
        agreement=agreement,
        shares=(),
        failed=tuple((one.share.id, (why,)) for one in group),
        payload=b"",
        payload_digest=b"",
        commitment_root=b"",
        salts=b"",
    )
