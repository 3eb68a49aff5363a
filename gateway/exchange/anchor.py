# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Write the checkpoints of all logs about partners into the anchor log, `<us>/anchor`.

The rules:

1. Only published checkpoints are anchored, each once; a log that has not grown is not anchored again.
2. The leaf is the body of the checkpoint: origin, size, root. Whoever is shown one can find it there.
3. One transaction takes all logs that have grown.
"""

import asyncio

import structlog

from gateway.clock import Clock, milliseconds
from gateway.errors import GatewayError
from gateway.exchange.journal import ANCHOR, Journal
from gateway.exchange.log_ports import Checkpoints
from gateway.exchange.log_rows import PublishedRow
from gateway.exchange.ports import Store, Transaction

_log = structlog.get_logger()


class Anchor:
    """The anchoring of one gateway."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        journal: Journal,
        checkpoints: Checkpoints,
        seconds: float,
    ) -> None:
        """Take the doors; anchor every so many seconds."""
        self._store = store
        self._clock = clock
        self._journal = journal
        self._checkpoints = checkpoints
        self._seconds = seconds
        self._anchored: dict[str, int] = {}

    async def run(self) -> None:
        """Anchor until cancelled."""
        while True:
            await asyncio.sleep(self._seconds)
            try:
                await self.anchor()
            except GatewayError as error:
                _log.error("anchor.failed", error=str(error))

    async def anchor(self) -> int:
        """Anchor what has grown since the last time; return how many logs that were."""
        own = self._journal.name(ANCHOR)
        newest = await asyncio.to_thread(self._checkpoints.all_newest)
        grown = [one for one in newest if one.origin != own and one.size > self._anchored.get(one.origin, 0)]
        if grown:
            done = await self._store.transact(lambda tx: self._write(tx, own, grown))
            self._anchored.update((one.origin, one.size) for one in grown)
            return done
        return 0

    def _write(self, tx: Transaction, own: str, grown: list[PublishedRow]) -> int:
        """Append the checkpoints, unless a start before this one has; only its last entries can have."""
        size = tx.log_state(own).size
        subjects = {(one.subject, one.leaf) for one in tx.log_entries(own, max(0, size - 1024), size)}
        now, done = milliseconds(self._clock()), 0
        for row in grown:
            body = row.note.partition(b"\n\n")[0] + b"\n"
            if (f"log:{row.origin}", body) not in subjects:
                self._journal.record_checkpoint(tx, row, now)
                done += 1
        return done
