# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Bring the batches of one channel to the partner, in sequence order, until each has its receipt.

The rules:

1. One courier per channel; only the holder of the channel's lease sends. A partner that is down slows no
   other.
2. Sending resumes after what the partner last confirmed, or after what we hold receipts of, whichever is
   less. So a lost receipt is given again, and a partner that lost its state gets the batches again.
3. A partner that confirmed more than we have sealed shows that we lost our own state: the channel stops.
4. At most `window` batches are without receipt. One that stays without ends the connection.
5. After a failure the pause doubles, with jitter, up to a limit. After several in a row the circuit is open:
   one try per longest pause, until one succeeds. A partner may ask for a longer pause.
6. A stopped channel sends nothing until the operator clears it.
7. A batch leaves only after a checkpoint that includes its entry is published.
"""

import asyncio
import enum
from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec
import structlog

from gateway.agreement import AgreementSet
from gateway.clock import Clock
from gateway.config import Delivery
from gateway.errors import DeliveryError, GatewayError, PolicyRefusal
from gateway.exchange.acknowledge import Acknowledged, Acknowledger, Effect
from gateway.exchange.lane import Lane, wait
from gateway.exchange.log_ports import Gate
from gateway.exchange.peer_ports import PeerClient, PeerStream
from gateway.exchange.ports import Store, Transaction
from gateway.exchange.rows import BatchRow, ChannelRow
from gateway.fairness import working_for
from gateway.finding import finding

IDLE_SECONDS = 1.0
_log = structlog.get_logger()


class CourierState(enum.StrEnum):
    """What a courier is doing, for the operator."""

    STANDBY = "standby"
    IDLE = "idle"
    CONNECTING = "connecting"
    DELIVERING = "delivering"
    PAUSING = "pausing"
    OPEN_CIRCUIT = "open-circuit"
    STOPPED = "stopped"


class Acknowledges(Protocol):
    """What gives a receipt, or what stands in its place, its effect."""

    async def acknowledge(self, partner: str, receipt: bytes) -> Acknowledged:
        """Take one receipt from a partner."""


class Courier:
    """The delivery of one outgoing channel."""

    def __init__(
        self,
        *,
        lane: Lane,
        client: PeerClient,
        store: Store,
        acknowledger: Acknowledges,
        settings: Delivery,
        random: Callable[[], float],
        gate: Gate,
    ) -> None:
        """Take the doors; `random` gives numbers from 0 to 1 for the jitter of pauses."""
        self._lane = lane
        self._client = client
        self._store = store
        self._acknowledger = acknowledger
        self._settings = settings
        self._random = random
        self._gate = gate
        self._bell = lane.bell()
        self._progress = False
        self.state = CourierState.STANDBY
        self.failures = 0

    @property
    def channel(self) -> str:
        """The channel that this courier serves."""
        return self._lane.channel

    async def run(self) -> None:
        """Deliver until cancelled; then give the channel back."""
        try:
            with working_for(self._lane.partner):
                while True:
                    await self._deliver()
        finally:
            await self._lane.release()

    async def _deliver(self) -> None:
        """Deliver once, or pause."""
        try:
            nothing = await self._once()
        except GatewayError as error:
            self.failures = 1 if self._progress else self.failures + 1
            open_circuit = self.failures >= self._settings.circuit_open_after
            self.state = CourierState.OPEN_CIRCUIT if open_circuit else CourierState.PAUSING
            _log.warning(
                "deliver.failed", channel=self.channel, failures=self.failures, error=type(error).__name__
            )
            later = error.retry_after if isinstance(error, DeliveryError) else 0.0
            await asyncio.sleep(max(self._pause(), later))
            return
        self.failures = 0
        if nothing:
            await wait(self._bell, IDLE_SECONDS)

    def _pause(self) -> float:
        """Return how long to pause after the last failure, in seconds."""
        settings = self._settings
        if self.failures >= settings.circuit_open_after:
            longest = settings.backoff_max_seconds
        else:
            doubled = settings.backoff_first_seconds * 2.0 ** (self.failures - 1)
            longest = min(settings.backoff_max_seconds, doubled)
        return longest * (0.5 + self._random() / 2)

    async def _once(self) -> bool:
        """Deliver what there is; return true if there is nothing to do for now.

        Raises:
            GatewayError: the partner could not be reached or did not answer.
        """
        self._progress = False
        if not await self._lane.held():
            self.state = CourierState.STANDBY
            return True
        channel = await self._channel()
        if channel.stopped:
            self.state = CourierState.STOPPED
            return True
        if channel.sequence == channel.confirmed:
            self.state = CourierState.IDLE
            return True
        self.state = CourierState.CONNECTING
        stream = await self._client.deliver(self.channel)
        try:
            if stream.confirmed > channel.sequence:
                await self._store.transact(self._stop)
                return True
            self.state = CourierState.DELIVERING
            await _Session(self, stream, min(stream.confirmed, channel.confirmed)).run()
        finally:
            await stream.close()
        return False

    async def _channel(self) -> ChannelRow:
        """Return the row of the channel, an empty one before its first batch."""
        row = await self._store.read(lambda tx: tx.channel(self.channel))
        return row or ChannelRow(name=self.channel, partner=self._lane.partner, direction="out")

    def _stop(self, tx: Transaction) -> None:
        """Stop the channel because the partner is ahead of us."""
        row = tx.channel(self.channel)
        if row is not None:
            tx.put_channel(msgspec.structs.replace(row, stopped="DELIVER-AHEAD"))
            _log.error("alarm", channel=self.channel, codes=["DELIVER-AHEAD"])


class _Session:
    """One connection: sends within the window and takes receipts, at the same time."""

    def __init__(self, courier: Courier, stream: PeerStream, after: int) -> None:
        """Begin after a sequence number."""
        self._courier = courier
        self._stream = stream
        self._cursor = after
        self._unacknowledged: set[int] = set()
        self._moved = asyncio.Event()

    async def run(self) -> None:
        """Send and take receipts until a failure or a stop.

        Raises:
            DeliveryError: the stream ended, or a receipt did not come in time.
        """
        receiving = asyncio.create_task(self._receive())
        sending = asyncio.create_task(self._send())
        try:
            done, _ = await asyncio.wait((receiving, sending), return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in (receiving, sending):
                task.cancel()
            await asyncio.gather(receiving, sending, return_exceptions=True)

    async def _send(self) -> None:
        """Send what is pending, within the window; return when the lease is lost."""
        courier = self._courier
        while await courier._lane.held():  # noqa: SLF001 - a session is part of its courier
            room = courier._settings.window - len(self._unacknowledged)  # noqa: SLF001 - the same
            start = self._cursor
            rows = await self._pending(start, room) if room > 0 else []
            if self._cursor != start:
                continue  # a gap was told meanwhile: what was read is not what comes next
            for row in rows:
                self._unacknowledged.add(row.sequence)
                self._cursor = row.sequence
                await self._stream.send(row.envelope, row.payload)
                if self._cursor != row.sequence:
                    break
            if not rows:
                await wait(self._moved if room <= 0 else courier._bell, IDLE_SECONDS)  # noqa: SLF001 - the same

    async def _pending(self, after: int, limit: int) -> list[BatchRow]:
        """Return the next batches to send, once all of them are in a published checkpoint."""
        courier = self._courier
        rows = await courier._store.read(  # noqa: SLF001 - a session is part of its courier
            lambda tx: tx.batches_after(courier.channel, after, limit)
        )
        if any(row.count and not row.payload for row in rows):
            raise DeliveryError(f"{courier.channel}: the partner asks for batches that are archived")
        if rows:
            await courier._gate.published(courier._lane.partner, _entries(rows))  # noqa: SLF001 - the same
        return rows

    async def _receive(self) -> None:
        """Take receipts; return when the channel stops."""
        courier = self._courier
        while True:
            raw = await self._next()
            done = await courier._acknowledger.acknowledge(courier._lane.partner, raw)  # noqa: SLF001 - the same
            if done.channel != courier.channel:
                raise DeliveryError("a receipt for another channel")
            courier._progress = True  # noqa: SLF001 - the same
            if done.effect is Effect.STOPPED:
                return
            if done.effect is Effect.GAP:
                self._back_to(done.expected)
            self._unacknowledged.discard(done.sequence)
            self._moved.set()

    async def _next(self) -> bytes:
        """Wait for the next receipt; only while one is owed does the time count."""
        waiting = asyncio.ensure_future(self._stream.receipt())
        timeout = self._courier._settings.receipt_timeout_seconds  # noqa: SLF001 - a session is part of its courier
        try:
            while True:
                owed = bool(self._unacknowledged)
                done, _ = await asyncio.wait((waiting,), timeout=timeout)
                if done:
                    return waiting.result()
                if owed and self._unacknowledged:
                    raise DeliveryError("no receipt in time")
        finally:
            waiting.cancel()

    def _back_to(self, expected: int) -> None:
        """Send again from an expected number, unless that is under way already."""
        if expected <= self._cursor and expected not in self._unacknowledged:
            self._cursor = expected - 1
        self._unacknowledged = {one for one in self._unacknowledged if one < expected}


class Outbox:
    """What partners that take no inbound connection come and collect."""

    def __init__(
        self,
        *,
        organisation: str,
        store: Store,
        clock: Clock,
        agreements: AgreementSet,
        acknowledger: Acknowledger,
        gate: Gate,
    ) -> None:
        """Take the doors."""
        self._gate = gate
        self._organisation = organisation
        self._store = store
        self._clock = clock
        self._agreements = agreements
        self._acknowledger = acknowledger

    async def confirmed(self, partner: str, channel: str) -> int:
        """Return the last sequence number up to which every receipt of the partner has come.

        Raises:
            PolicyRefusal: no agreement in force has this channel from us to the partner.
        """
        ends = (self._organisation, partner, channel)
        current = self._agreements.in_force(self._clock())
        if not any((one.sender, one.recipient, one.channel) == ends for one in current):
            raise PolicyRefusal("no agreement for this channel", (finding("RECEIVE-CHANNEL"),))
        row = await self._store.read(lambda tx: tx.channel(channel))
        return 0 if row is None else row.confirmed

    async def pending(self, channel: str, after: int, limit: int) -> list[BatchRow]:
        """Return the batches above a sequence number, in sequence order; none of a stopped channel."""

        def read(tx: Transaction) -> list[BatchRow]:
            row = tx.channel(channel)
            return tx.batches_after(channel, after, limit) if row is not None and not row.stopped else []

        rows = await self._store.read(read)
        if rows:
            await self._gate.published(channel.split("/")[1], _entries(rows))
        return rows

    async def acknowledge(self, partner: str, receipt: bytes) -> Acknowledged:
        """Take a receipt and say what it did; the same one again changes nothing.

        Raises:
            DeliveryError: the receipt cannot be trusted or names no batch of ours.
        """
        return await self._acknowledger.acknowledge(partner, receipt)


def _entries(rows: Sequence[BatchRow]) -> int:
    """Return the size that the log must have to include these batches."""
    return 1 + max(one.log_index for one in rows)
