# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Fetch from a partner what it holds for us, where we take no inbound connections.

The rules:

1. We open the stream, say what we have stored, and answer each transfer with the receipt of `receive`.
2. A stream that ends is opened again after a pause that doubles with jitter, up to a limit.
"""

import asyncio
from collections.abc import Callable
from typing import Protocol

import structlog

from gateway.config import Delivery
from gateway.errors import GatewayError

_log = structlog.get_logger()


class CollectStream(Protocol):
    """One open channel from a partner."""

    async def transfer(self) -> tuple[bytes, bytes]:
        """Wait for the next envelope and payload."""

    async def answer(self, receipt: bytes) -> None:
        """Send the receipt of the last transfer."""

    async def close(self) -> None:
        """End the stream."""


class CollectClient(Protocol):
    """The way to a partner that holds batches for us."""

    async def collect(self, channel: str, confirmed: int) -> CollectStream:
        """Open a channel after the last sequence number that we have stored."""


class Receives(Protocol):
    """The receiving step."""

    async def hello(self, partner: str, channel: str) -> int:
        """Return the last sequence number stored of a channel."""

    async def receive(self, partner: str, envelope: bytes, payload: bytes) -> bytes:
        """Take one transfer; return its receipt."""


class Collector:
    """The fetching of one incoming channel."""

    def __init__(
        self,
        *,
        partner: str,
        channel: str,
        client: CollectClient,
        receiver: Receives,
        settings: Delivery,
        random: Callable[[], float],
    ) -> None:
        """Take the doors; `random` gives numbers from 0 to 1 for the jitter of pauses."""
        self._partner = partner
        self._channel = channel
        self._client = client
        self._receiver = receiver
        self._settings = settings
        self._random = random
        self._failures = 0

    @property
    def channel(self) -> str:
        """The channel that is fetched."""
        return self._channel

    async def run(self) -> None:
        """Fetch until cancelled."""
        while True:
            try:
                await self._session()
            except GatewayError as error:
                self._failures += 1
                _log.warning(
                    "collect.failed",
                    channel=self._channel,
                    failures=self._failures,
                    error=type(error).__name__,
                )
            await asyncio.sleep(self._pause())

    def _pause(self) -> float:
        """Return how long to pause before the next stream, in seconds."""
        settings = self._settings
        doubled = settings.backoff_first_seconds * 2.0 ** min(self._failures, 16)
        return min(settings.backoff_max_seconds, doubled) * (0.5 + self._random() / 2)

    async def _session(self) -> None:
        """Take transfers and answer them until the stream ends.

        Raises:
            GatewayError: the partner could not be reached, ended the stream or refused the channel.
        """
        stored = await self._receiver.hello(self._partner, self._channel)
        stream = await self._client.collect(self._channel, stored)
        try:
            while True:
                envelope, payload = await stream.transfer()
                await stream.answer(await self._receiver.receive(self._partner, envelope, payload))
                self._failures = 0
        finally:
            await stream.close()
