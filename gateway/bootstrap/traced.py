# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The steps of the way that record spans; without a tracer the plain ones run, and nothing is asked or added.

| Span | Of | Belongs to |
|---|---|---|
| `intake` | one message, from its bytes to the commit | the caller's trace, else its own |
| `batch` | the making of a payload | a trace of its own, with links to the intakes of its items |
| `deliver` | a batch, from sending to its receipt | its batch |
| `receive` | a batch at the partner, to its receipt | its batch |

Links are kept in memory: an item taken in by another node, or long ago, has none.
"""

import time
from collections import OrderedDict, deque
from collections.abc import Mapping, Sequence
from typing import Any

from gateway.client.connection import Bundle, Keys
from gateway.client.peer import DeliverStream, GrpcPeer
from gateway.exchange.intake import Intake, Submission
from gateway.exchange.ports import Workers
from gateway.exchange.receive import Receiver
from gateway.exchange.rows import OpenedTransfer, PackedDocument, PackedMessage, PreparedBatch, ToRelease
from gateway.exchange.webhook_rows import WrittenBatch
from gateway.tracing import Place, Tracer, batch_place, current, of_payload

REMEMBERED = 100_000
MOST_LINKS = 128
_TRACKING = "trk:"


class TracedWorkers(Workers):
    """Workers that remember in which intake an item was read, and record each payload that is made."""

    def __init__(self, workers: Workers, tracer: Tracer) -> None:
        """Stand before the real ones."""
        self._workers = workers
        self._tracer = tracer
        self._intakes: OrderedDict[str, Place] = OrderedDict()  # by join key, oldest first

    async def decode(self, adapter: str, raw: bytes, now: int = 0) -> PackedMessage:
        """Read a message, and remember of which items it speaks."""
        message = await self._workers.decode(adapter, raw, now)
        place = current.get()
        if place is not None:
            for document in message.documents:
                for one in document.contributions:
                    self._intakes.update((key, place) for key in one.keys if key.startswith(_TRACKING))
            while len(self._intakes) > REMEMBERED:
                self._intakes.popitem(last=False)
        return message

    async def prepare(self, agreement: str, shares: Sequence[ToRelease], now: int) -> PreparedBatch:
        """Make the payload of a batch, with links to the intakes of its items."""
        started = time.time_ns()
        prepared = await self._workers.prepare(agreement, shares, now)
        if prepared.shares:
            seen = (self._intakes.get(f"{_TRACKING}{one.tracking_number}") for one in shares)
            links = list(dict.fromkeys(one for one in seen if one is not None))[:MOST_LINKS]
            self._tracer.done(
                "batch",
                started,
                place=of_payload(prepared.payload_digest),
                links=links,
                agreement=agreement,
                records=len(prepared.shares),
                rejected=len(prepared.failed),
            )
        return prepared

    async def decode_under(self, adapter: str, raw: bytes, agreement: str, now: int) -> PackedMessage:
        """Read a partner's message and compare it with the agreement."""
        return await self._workers.decode_under(adapter, raw, agreement, now)

    async def write(self, adapter: str, types: Mapping[str, str], payload: bytes, now: int) -> WrittenBatch:
        """Write the records of a payload in a partner's format."""
        return await self._workers.write(adapter, types, payload, now)

    async def restate(
        self, payload: bytes, record: str, rejected: Sequence[int]
    ) -> tuple[PackedDocument, ...]:
        """Return the records of a received payload as documents of our own."""
        return await self._workers.restate(payload, record, rejected)

    async def open(self, partner: str, envelope: bytes, payload: bytes, now: int) -> OpenedTransfer:
        """Check a received transfer."""
        return await self._workers.open(partner, envelope, payload, now)

    def renew_trust(self) -> None:
        """Let what is opened from now on be checked with the bundles as they are now."""
        self._workers.renew_trust()


class TracedIntake(Intake):
    """An intake that records each message."""

    def __init__(self, *, tracer: Tracer, **doors: Any) -> None:
        """Take the doors of an intake."""
        super().__init__(**doors)
        self._tracer = tracer

    async def submit(
        self, raw: bytes, *, source: str, submitter: str, adapter: str = "", encoding: str = ""
    ) -> Submission:
        """Take one message."""
        with self._tracer.span("intake", source=source):
            return await super().submit(
                raw, source=source, submitter=submitter, adapter=adapter, encoding=encoding
            )


class TracedReceiver(Receiver):
    """A receiver that records each batch, in the trace of its sender."""

    def __init__(self, *, tracer: Tracer, **doors: Any) -> None:
        """Take the doors of a receiver."""
        super().__init__(**doors)
        self._tracer = tracer

    async def receive(self, partner: str, envelope: bytes, payload: bytes) -> bytes:
        """Take one transfer."""
        with self._tracer.span("receive", parent=batch_place(payload), partner=partner):
            return await super().receive(partner, envelope, payload)


class TracedPeer(GrpcPeer):
    """The way to a partner that records each batch until its receipt has come."""

    def __init__(self, bundle: Bundle, keys: Keys, *, tracer: Tracer, organisation: str) -> None:
        """Speak as `organisation` to the partner of the bundle."""
        super().__init__(bundle, keys, organisation=organisation)
        self._tracer = tracer
        self._to = bundle.organisation

    async def deliver(self, channel: str) -> DeliverStream:
        """Open a channel to send on."""
        frames = await self._open("Deliver", channel, 0)
        return _TracedStream(frames, self._tracer, self._to, channel)


class _TracedStream(DeliverStream):
    """An open channel; receipts come in the order of sending."""

    def __init__(self, frames: Any, tracer: Tracer, partner: str, channel: str) -> None:
        super().__init__(frames)
        self._tracer = tracer
        self._partner = partner
        self._channel = channel
        self._sent: deque[tuple[int, Place]] = deque()

    async def send(self, envelope: bytes, payload: bytes) -> None:
        """Send one transfer."""
        self._sent.append((time.time_ns(), batch_place(payload)))
        await super().send(envelope, payload)

    async def receipt(self) -> bytes:
        """Wait for the next receipt envelope."""
        receipt = await super().receipt()
        if self._sent:
            started, place = self._sent.popleft()
            self._tracer.done("deliver", started, parent=place, partner=self._partner, channel=self._channel)
        return receipt
