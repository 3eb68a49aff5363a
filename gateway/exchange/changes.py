# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Say that something has changed, to as many as listen, at the cost of one look at the store for all of them.

The rules:

1. Nobody looks while nobody listens. One look a second reads kept counts and channels, nothing that grows.
2. A listener is told the newest state, not each one on the way: who is slow misses steps, never the last
   one, and nothing is queued for it.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping

import msgspec

from gateway.clock import Clock, milliseconds
from gateway.errors import GatewayError, TryLater
from gateway.exchange.ports import Store, Transaction
from gateway.finding import finding

LOOK_SECONDS = 1.0
QUIET_SECONDS = 15.0
LISTENERS = 32


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A state of the store by its digest; `changed` is false if only time has passed. Time in ms."""

    state: str
    at: int
    changed: bool


class Changes:
    """The changes of a node; `couriers` is a live view of what the couriers of this process are doing."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        couriers: Mapping[str, str],
        *,
        look_seconds: float = LOOK_SECONDS,
        quiet_seconds: float = QUIET_SECONDS,
    ) -> None:
        """Take the doors; times in seconds."""
        self._store = store
        self._clock = clock
        self._couriers = couriers
        self._look_seconds = look_seconds
        self._quiet_seconds = quiet_seconds
        self._listeners = 0
        self._closed = False
        self._state = ""
        self._moved = asyncio.Condition()
        self._looking: asyncio.Task[None] | None = None

    async def now(self) -> Change:
        """Return the state of this moment."""
        return Change(state=await self._look(), at=milliseconds(self._clock()), changed=False)

    def require_room(self) -> None:
        """Refuse another listener.

        Raises:
            TryLater: as many listen as may, or the node stops.
        """
        if self._listeners >= LISTENERS or self._closed:
            raise TryLater("too many listen", (finding("BOARD-BUSY", path="events"),))

    async def listen(self, known: str = "") -> AsyncIterator[Change]:
        """Yield the state whenever it is another one than the last, and from time to time if it is not.

        Raises:
            TryLater: as many listen as may, or the node stops.
        """
        self.require_room()
        self._listeners += 1
        try:
            self._begin()
            while not self._closed:
                state = await self._other_than(known)
                yield Change(state=state, at=milliseconds(self._clock()), changed=state != known)
                known = state
        finally:
            self._listeners -= 1
            if not self._listeners and self._looking is not None:
                self._looking.cancel()
                self._looking = None

    async def close(self) -> None:
        """End every listening; the node stops."""
        self._closed = True
        async with self._moved:
            self._moved.notify_all()

    def _begin(self) -> None:
        """Look, if nobody does."""
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._run())

    async def _other_than(self, known: str) -> str:
        """Wait until the state is another one, or the time of quiet is over."""
        try:
            async with asyncio.timeout(self._quiet_seconds), self._moved:
                await self._moved.wait_for(lambda: self._closed or self._state not in ("", known))
        except TimeoutError:
            return self._state or known
        return self._state

    async def _run(self) -> None:
        """Look until cancelled; a look that fails is made again."""
        while True:
            try:
                state = await self._look()
            except GatewayError:
                state = self._state
            if state != self._state:
                async with self._moved:
                    self._state = state
                    self._moved.notify_all()
            await asyncio.sleep(self._look_seconds)

    async def _look(self) -> str:
        """Return the digest of what would change with anything that operators look at."""
        found = await self._store.read(_signs)
        doing = sorted((name, str(state)) for name, state in self._couriers.items())
        return hashlib.sha256(msgspec.json.encode([found, doing])).hexdigest()[:16]


def _signs(tx: Transaction) -> list[object]:
    """Return kept counts, sizes of logs and the channels; sizes of logs change with every audited act."""
    channels = [(one.name, one.direction, one.sequence, one.confirmed, one.stopped) for one in tx.channels()]
    return [sorted(tx.counts().items()), channels]
