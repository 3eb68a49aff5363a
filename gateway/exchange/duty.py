# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Loops that one node does for all, and the life of a node among others.

What a loop of a duty does twice has one effect, because its transactions look at what they act on; the lease
spares the second try.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Protocol

import structlog

from gateway.clock import Clock, milliseconds
from gateway.errors import ConfigError, GatewayError
from gateway.exchange.lane import AGAIN_SECONDS, Lease, wait
from gateway.exchange.lease_rows import NodeRow
from gateway.exchange.ports import Store

_log = structlog.get_logger()


class Runs(Protocol):
    """A loop."""

    async def run(self) -> None:
        """Run until cancelled."""


class Duty:
    """A loop that runs while this node has the lease on it."""

    def __init__(self, lease: Lease, loop: Runs, seconds: float) -> None:
        """`seconds` is the life of the lease, of which several looks at it are taken."""
        self._lease = lease
        self._loop = loop
        self._look = seconds / 4
        self._bell = lease.bell()

    async def run(self) -> None:
        """Run the loop whenever the lease is ours, until cancelled; then give it back."""
        try:
            while True:
                if await self._held():
                    await self._serve()
                else:
                    await wait(self._bell, AGAIN_SECONDS)
        finally:
            await self._lease.release()

    async def _serve(self) -> None:
        """Run the loop until the lease is another's; what the loop raises is raised."""
        serving = asyncio.create_task(self._loop.run())
        try:
            while not serving.done() and await self._held():
                await asyncio.wait({serving}, timeout=self._look)
            if serving.done():
                serving.result()
        finally:
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)

    async def _held(self) -> bool:
        """Say whether the lease is ours; a store that cannot say takes it away."""
        try:
            return await self._lease.held()
        except GatewayError as error:
            _log.warning("duty.unknown", lease=self._lease.name, error=type(error).__name__)
            await asyncio.sleep(AGAIN_SECONDS)
            return False


class Presence:
    """The life of this node among others: its number, and how many others there are."""

    def __init__(
        self,
        row: NodeRow,
        *,
        store: Store,
        clock: Clock,
        seconds: float,
        among: Callable[[int], None],
        lost: Callable[[], None],
    ) -> None:
        """Tell `among` how many nodes serve, and `lost` if another process has taken the number."""
        self._row = row
        self._store = store
        self._clock = clock
        self._seconds = seconds
        self._among = among
        self._lost = lost
        self._seen = 0.0

    def is_known(self) -> bool:
        """Say whether the others can still take this node for alive."""
        return time.monotonic() < self._seen + self._seconds

    async def begin(self) -> None:
        """Take the number; wait for a node of this number that died elsewhere to be forgotten.

        Raises:
            ConfigError: another node has it and lives.
        """
        loop = asyncio.get_running_loop()
        end = loop.time() + self._seconds + 1
        while not await self._see():
            if loop.time() > end:
                raise ConfigError(f"another node on this store has the number {self._row.number}")
            await asyncio.sleep(min(AGAIN_SECONDS, self._seconds / 4))

    async def run(self) -> None:
        """Say that this node lives, until cancelled."""
        while True:
            await asyncio.sleep(self._seconds / 4)
            try:
                alive = await self._see()
            except GatewayError as error:
                _log.warning("node.unseen", error=type(error).__name__)
                continue
            if not alive:
                _log.error("node.number-lost", number=self._row.number)
                self._lost()
                return

    async def end(self) -> None:
        """Leave, so that the others take over at once."""
        row = self._row
        try:
            await self._store.lease(lambda tx: tx.leave_node(row.number, row.holder))
        except GatewayError as error:
            _log.warning("node.left-unsaid", error=type(error).__name__)

    async def _see(self) -> bool:
        """Note that this node lives; false if the number is another's."""
        begun = time.monotonic()
        now, life = milliseconds(self._clock()), int(self._seconds * 1000)
        nodes = await self._store.lease(lambda tx: tx.see_node(self._row, now, life))
        if nodes:
            self._seen = begun
            self._among(nodes)
        return nodes > 0
