# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The doors to a partner's gateway."""

from typing import Protocol


class PeerStream(Protocol):
    """One open channel to a partner."""

    confirmed: int

    async def send(self, envelope: bytes, payload: bytes) -> None:
        """Send one transfer; returns when it is on its way."""

    async def receipt(self) -> bytes:
        """Wait for the next receipt envelope.

        Raises:
            DeliveryError: the stream ended or the partner is draining.
        """

    async def close(self) -> None:
        """End the stream and release its connection."""


class PeerClient(Protocol):
    """The way to one partner's gateway."""

    async def deliver(self, channel: str) -> PeerStream:
        """Open a channel; the stream's `confirmed` says where to resume.

        Raises:
            DeliveryError: the partner cannot be reached or does not accept the channel.
        """
