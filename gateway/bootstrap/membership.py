# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Join a node to the others on its store: its number, the duties it may take, and what it hears of them."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence

from gateway.bootstrap.steps import Steps
from gateway.clock import milliseconds, system_clock
from gateway.config import Config
from gateway.errors import ConfigError
from gateway.exchange.duty import Duty, Presence, Runs
from gateway.exchange.lane import LANE, Lease
from gateway.exchange.lease_rows import NodeRow
from gateway.store import NEWEST, SqlStore

DUTY = "duty:"
SHORTEST_SECONDS = 1.0


class Membership:
    """A node among the nodes of one store; alone on SQLite it is the only one, by the same rules."""

    def __init__(
        self,
        config: Config,
        steps: Steps,
        store: SqlStore,
        *,
        number: int | None = None,
        lost: Callable[[], None] = lambda: None,
    ) -> None:
        """`lost` is called if another process takes the number; `number` is that of a visitor.

        Raises:
            ConfigError: leases are too short.
        """
        self._seconds = config.node.lease_seconds
        if self._seconds < SHORTEST_SECONDS:
            raise ConfigError(f"node.lease_seconds must be at least {SHORTEST_SECONDS:g}")
        self._steps = steps
        self._store = store
        self._leases: dict[str, Lease] = {}
        self.presence = Presence(
            NodeRow(
                number=config.node.number if number is None else number,
                holder=steps.holder,
                schema=NEWEST,
                serves=number is None,
                started_at=milliseconds(system_clock()),
            ),
            store=store,
            clock=system_clock,
            seconds=self._seconds,
            among=steps.lanes.among,
            lost=lost,
        )

    async def begin(self) -> None:
        """Take the number and listen to the others.

        Raises:
            ConfigError: another node has the number.
        """
        await self.presence.begin()
        loop = asyncio.get_running_loop()

        def hear(names: Sequence[str]) -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended: nobody is left to wake
                loop.call_soon_threadsafe(self._wake, tuple(names))

        self._store.listen(hear)

    async def end(self) -> None:
        """Leave the others."""
        await self.presence.end()

    @contextlib.asynccontextmanager
    async def visit(self) -> AsyncIterator[None]:
        """Have the number for as long as a piece of work lasts.

        Raises:
            ConfigError: another visitor has it for too long.
        """
        await self.presence.begin()
        living = asyncio.create_task(self.presence.run())
        try:
            yield
        finally:
            living.cancel()
            await asyncio.gather(living, return_exceptions=True)
            await self.presence.end()

    def loops(self) -> list[Runs]:
        """Return the loops of which one node runs each, and that which says that this node lives."""
        steps = self._steps
        loops: dict[str, Runs] = {
            "deadlines": steps.deadlines,
            "restate": steps.restater,
            "notices": steps.erasure.notifier,
            "keys": steps.key_life.rotation,
            "anchor": steps.logs.anchor,
        }
        loops |= {f"forward-{number}": one for number, one in enumerate(steps.forwarders)}
        loops |= {f"stamp-{number}": one for number, one in enumerate(steps.stamping.stampers)}
        loops |= {f"returns-{number}": one for number, one in enumerate(steps.returning.watches)}
        loops |= {f"collect:{one.channel}": one for one in steps.collectors}
        return [self.presence, *(self._duty(name, loop) for name, loop in loops.items())]

    def _duty(self, name: str, loop: Runs) -> Duty:
        lease = Lease(
            f"{DUTY}{name}",
            store=self._store,
            clock=system_clock,
            holder=self._steps.holder,
            seconds=self._seconds,
        )
        self._leases[lease.name] = lease
        return Duty(lease, loop, self._seconds)

    def _wake(self, names: Sequence[str]) -> None:
        """Wake what other nodes told of; all of it if they named nothing."""
        self._steps.lanes.wake([one.removeprefix(LANE) for one in names] or self._steps.lanes.by_name)
        for one in names or self._leases:
            if one in self._leases:
                self._leases[one].wake()
