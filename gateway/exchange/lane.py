# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""One outgoing channel within a process: who holds its lease, and what wakes its workers.

A channel belongs to one process at a time. The lease is taken in the store, renewed at half its life, and
given back at the end, so that another node takes over at once, or after the lease has run out if this one
died.
"""

import asyncio
from collections.abc import Iterable

from gateway.clock import Clock, milliseconds
from gateway.exchange.ports import Store

LEASE_SECONDS = 15


class Lane:
    """The lease and the bell of one channel."""

    def __init__(self, channel: str, partner: str, *, store: Store, clock: Clock, holder: str) -> None:
        """`holder` names this process among all on the store, `partner` who is at the other end."""
        self.channel = channel
        self.partner = partner
        self._store = store
        self._clock = clock
        self._holder = holder
        self._until = 0
        self._bells: set[asyncio.Event] = set()

    async def held(self) -> bool:
        """Say whether this process holds the channel, taking or renewing the lease if it must."""
        now = milliseconds(self._clock())
        if now < self._until - LEASE_SECONDS * 500:
            return True
        until = now + LEASE_SECONDS * 1000
        name = f"channel:{self.channel}"
        taken = await self._store.transact(lambda tx: tx.take_lease(name, self._holder, now, until))
        self._until = until if taken else 0
        return taken

    async def release(self) -> None:
        """Give the channel back."""
        self._until = 0
        name = f"channel:{self.channel}"
        await self._store.transact(lambda tx: tx.drop_lease(name, self._holder))

    def bell(self) -> asyncio.Event:
        """Return an event that rings at every `wake`, for one listener that clears it itself."""
        bell = asyncio.Event()
        self._bells.add(bell)
        return bell

    def wake(self) -> None:
        """Ring every bell."""
        for bell in self._bells:
            bell.set()


async def wait(bell: asyncio.Event, seconds: float) -> bool:
    """Wait for a bell, at most so long; say whether it rang, and clear it."""
    try:
        async with asyncio.timeout(seconds):
            await bell.wait()
    except TimeoutError:
        return False
    bell.clear()
    return True


class Lanes:
    """All outgoing channels of a process, by name."""

    def __init__(self, lanes: Iterable[Lane]) -> None:
        """Take the lanes."""
        self.by_name = {lane.channel: lane for lane in lanes}

    def wake(self, channels: Iterable[str]) -> None:
        """Ring the bells of channels; those of other processes find out by their timer."""
        for name in channels:
            lane = self.by_name.get(name)
            if lane is not None:
                lane.wake()
