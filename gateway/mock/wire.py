# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Misbehave on the wire: before or between the real transfers, send some that are wrong.

Every wrong transfer is a copy: the real one follows, so the channel goes on when the partner does what it
should. Receipts of copies are taken here and counted, and the courier does not see them.
"""

import asyncio
import hashlib
from collections import Counter, deque
from collections.abc import Sequence

import structlog

from gateway.client.peer import DeliverStream, GrpcPeer
from gateway.envelope.dsse import Envelope, Signature
from gateway.envelope.seal import seal
from gateway.envelope.signer import Signer
from gateway.mock.switches import Switches
from gateway.wire.convert import pack_envelope, parse_batch_statement, unpack_envelope
from gateway.wire.statement import BATCH_TYPE

HOLD_SECONDS = 0.2
_log = structlog.get_logger()


class FaultyPeer(GrpcPeer):
    """The way to one partner, with faults."""

    switches = Switches()
    signers: Sequence[Signer] = ()

    async def deliver(self, channel: str) -> DeliverStream:
        """Open a channel; what is sent on it may be preceded by something wrong."""
        return _FaultyStream(await self._open("Deliver", channel, 0), self.switches, self.signers)


class _FaultyStream(DeliverStream):
    """An open channel with faults."""

    def __init__(self, frames: object, switches: Switches, signers: Sequence[Signer]) -> None:
        super().__init__(frames)  # type: ignore[arg-type]  # the frames of a call are private to the client
        self._switches = switches
        self._signers = signers
        self._wrong: deque[bool] = deque()
        self._held: tuple[bytes, bytes] | None = None
        self._late: asyncio.Task[None] | None = None
        self.refused: Counter[str] = Counter()

    async def send(self, envelope: bytes, payload: bytes) -> None:
        """Send one transfer, and first what the switches draw for it."""
        subject = hashlib.sha256(envelope).hexdigest()
        if self._switches.draws(self._switches.bad_signature, f"signature|{subject}"):
            await self._pass(_with_bad_signature(envelope), payload, wrong=True)
        if self._switches.draws(self._switches.wrong_count, f"count|{subject}"):
            await self._pass(_with_wrong_count(envelope, self._signers), payload, wrong=True)
        if self._held is None and self._switches.draws(self._switches.reorder, f"reorder|{subject}"):
            self._held = (envelope, payload)
            self._late = asyncio.create_task(self._release_later())
            return
        await self._pass(envelope, payload)
        await self._release()
        if self._switches.draws(self._switches.duplicate, f"duplicate|{subject}"):
            await self._pass(envelope, payload, wrong=True)

    async def receipt(self) -> bytes:
        """Wait for the next receipt of a real transfer."""
        while True:
            receipt = await super().receipt()
            if not (self._wrong.popleft() if self._wrong else False):
                return receipt
            _log.info("mock.fault-answered")

    async def close(self) -> None:
        """End the stream."""
        if self._late is not None:
            self._late.cancel()
        await super().close()

    async def _pass(self, envelope: bytes, payload: bytes, *, wrong: bool = False) -> None:
        """Send and remember whose receipt comes next."""
        self._wrong.append(wrong)
        await super().send(envelope, payload)

    async def _release(self) -> None:
        """Send what was held back."""
        held, self._held = self._held, None
        if held is not None:
            await self._pass(*held)

    async def _release_later(self) -> None:
        """Send what was held back when nothing overtakes it."""
        await asyncio.sleep(HOLD_SECONDS)
        await self._release()


def _with_bad_signature(envelope: bytes) -> bytes:
    """Return the envelope with one bit of each signature turned."""
    sealed = unpack_envelope(envelope)
    turned = tuple(
        Signature(key_id=one.key_id, value=bytes([one.value[0], one.value[1] ^ 1]) + one.value[2:])
        for one in sealed.signatures
    )
    return pack_envelope(
        Envelope(payload_type=sealed.payload_type, statement=sealed.statement, signatures=turned)
    )


def _with_wrong_count(envelope: bytes, signers: Sequence[Signer]) -> bytes:
    """Return an envelope with good signatures over a statement that counts one record too many."""
    statement = parse_batch_statement(unpack_envelope(envelope).statement)
    statement.count += 1
    statement.batch_id = f"wrong-{statement.batch_id}"
    return pack_envelope(seal(BATCH_TYPE, statement.SerializeToString(deterministic=True), signers))
