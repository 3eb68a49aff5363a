# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Sending to a partner that comes to collect: a window of transfers, moved on by receipts.

The same rules as for delivery: sequence order, at most a window without receipt, back to the number that a
gap names, an end when a receipt stops the channel.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from gateway.errors import InputError
from gateway.exchange.acknowledge import Acknowledged, Effect
from gateway.exchange.rows import BatchRow
from gateway.finding import finding
from gateway.server.status import Unavailable


class Outbox(Protocol):
    """What waits for collection (`exchange.deliver`)."""

    async def confirmed(self, partner: str, channel: str) -> int:
        """Return the last sequence number up to which every receipt has come; refuse without agreement."""

    async def pending(self, channel: str, after: int, limit: int) -> Sequence[BatchRow]:
        """Return sealed batches above a sequence number, in sequence order; none of a stopped channel."""

    async def acknowledge(self, partner: str, receipt: bytes) -> Acknowledged:
        """Give a receipt its effect; the same one again changes nothing."""


@dataclass(slots=True)
class Window:
    """What is open on one collecting stream; owned by its handler."""

    channel: str
    after: int
    size: int
    without_receipt: set[int] = field(default_factory=set)

    @property
    def room(self) -> int:
        """How many more may be sent."""
        return self.size - len(self.without_receipt)

    def sent(self, sequence: int) -> None:
        """Count a transfer as on its way."""
        self.without_receipt.add(sequence)
        self.after = sequence

    def require_open(self) -> None:
        """Refuse a receipt when nothing waits for one.

        Raises:
            InputError: every transfer has its receipt.
        """
        if not self.without_receipt:
            raise InputError("receipt for nothing", (finding("SERVER-FRAME", expected="no receipt"),))

    def settle(self, done: Acknowledged) -> bool:
        """Move on after a receipt; false if the channel has stopped.

        Raises:
            Unavailable: the receipt is about another channel.
        """
        if done.channel != self.channel:
            raise Unavailable("receipt of another channel", (finding("SERVER-CHANNEL", path="receipt"),))
        if done.effect is Effect.GAP:
            if done.expected <= self.after and done.expected not in self.without_receipt:
                self.after = done.expected - 1
            self.without_receipt = {one for one in self.without_receipt if one < done.expected}
        self.without_receipt.discard(done.sequence)
        return done.effect is not Effect.STOPPED
