# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What one process at a time may do: the lease on it, and the bell that wakes who does it.

An outgoing channel belongs to one process at a time, and so does a duty of the gateway as a whole. The lease
is taken in the store, renewed at half its life, and given back at the end, so that another node takes over at
once, or after the lease has run out if this one died. Its token is the fence: a process that stood still
longer than its lease finds it changed in the very transaction in which it would act (`lease_ports`).
"""

import asyncio
from collections.abc import Iterable

from gateway.clock import Clock, milliseconds
from gateway.exchange.ports import Store

LEASE_SECONDS = 15.0
AGAIN_SECONDS = 1.0
LANE = "channel:"


class Lease:
    """The lease on one thing, and its bell."""

    def __init__(
        self, name: str, *, store: Store, clock: Clock, holder: str, seconds: float = LEASE_SECONDS
    ) -> None:
        """`holder` names this process among all on the store; a lease lives for so many seconds."""
        self.name = name
        self.token = 0
        self._store = store
        self._clock = clock
        self._holder = holder
        self._life = int(seconds * 1000)
        self._until = 0
        self._again = 0
        self._turn = asyncio.Lock()  # guards what stands above, so that two loops claim once
        self._bells: set[asyncio.Event] = set()

    async def held(self) -> bool:
        """Say whether this process has the lease, taking or renewing it if it must."""
        async with self._turn:
            now = milliseconds(self._clock())
            if now < (self._until - self._life // 2 if self.token else self._again):
                return bool(self.token)
            if not self.may_have():
                await self._give_up()
                return False
            had = self.token
            self.token = await self._store.lease(
                lambda tx: tx.take_lease(self.name, self._holder, had, now, self._life)
            )
            self._until = now + self._life
            self._again = 0 if self.token or had else now + int(AGAIN_SECONDS * 1000)
            return bool(self.token)

    def may_have(self) -> bool:
        """Say whether this process should have the lease at all."""
        return True

    async def release(self) -> None:
        """Give the lease back."""
        async with self._turn:
            await self._give_up()

    async def _give_up(self) -> None:
        token, self.token = self.token, 0
        if token:
            await self._store.lease(lambda tx: tx.drop_lease(self.name, token))

    def bell(self) -> asyncio.Event:
        """Return an event that rings at every `wake`, for one listener that clears it itself."""
        bell = asyncio.Event()
        self._bells.add(bell)
        return bell

    def wake(self) -> None:
        """Ring every bell; if the lease is another's, look at once whether it still is."""
        self._again = 0
        for bell in self._bells:
            bell.set()


class Lane(Lease):
    """The lease on one outgoing channel."""

    def __init__(
        self,
        channel: str,
        partner: str,
        *,
        store: Store,
        clock: Clock,
        holder: str,
        seconds: float = LEASE_SECONDS,
    ) -> None:
        """`partner` is who is at the other end."""
        super().__init__(f"{LANE}{channel}", store=store, clock=clock, holder=holder, seconds=seconds)
        self.channel = channel
        self.partner = partner
        self.lanes: Lanes | None = None

    def may_have(self) -> bool:
        """Leave the lane to others if this process has its part of them."""
        return self.lanes is None or self.lanes.has_room(self)


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
    """All outgoing channels of a process, by name, and the part of them that it should have."""

    def __init__(self, lanes: Iterable[Lane]) -> None:
        """Take the lanes."""
        self.by_name = {lane.channel: lane for lane in lanes}
        self._most = len(self.by_name)
        for lane in self.by_name.values():
            lane.lanes = self

    def wake(self, channels: Iterable[str]) -> None:
        """Ring the bells of channels; other processes hear it from the store, or find out by their timer."""
        for name in channels:
            lane = self.by_name.get(name)
            if lane is not None:
                lane.wake()

    def among(self, nodes: int) -> None:
        """Have no more than an even part of the lanes among so many nodes."""
        self._most = -(-len(self.by_name) // max(1, nodes))

    def has_room(self, lane: Lane) -> bool:
        """Say whether a process that has its part of the lanes may have this one."""
        others = sum(1 for one in self.by_name.values() if one.token and one is not lane)
        return others < self._most
