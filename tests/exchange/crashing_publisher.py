# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""A process that writes and publishes a log until it is killed at a chosen boundary; run as a script.

Arguments: folder, key file, step, how many times that step passes before. Prints every size that it told.
"""

import asyncio
import os
import signal
import sys
from pathlib import Path

from gateway.audit.entry import Event
from gateway.clock import system_clock
from gateway.envelope.signer import FileSigner
from gateway.exchange.journal import Journal
from gateway.exchange.publish import Publisher, Step
from gateway.store import CheckpointStore, TileFiles, open_store

ENTRIES = 40


class Killer:
    """Ends the process the n-th time that a step is done."""

    def __init__(self, step, passes):
        self.step = step
        self.passes = passes

    def __call__(self, step):
        if step == self.step:
            if not self.passes:
                os.kill(os.getpid(), signal.SIGKILL)
            self.passes -= 1


def open_log(folder, signer, boundary=lambda _: None):
    """Open everything that a log needs."""
    store = open_store(f"sqlite:///{folder / 'gateway.sqlite'}")
    checkpoints = CheckpointStore(folder / "checkpoints.sqlite")
    tiles = TileFiles(folder / "log")
    journal = Journal(
        "us", signer, signer.public_key.public_bytes_raw(), os.urandom, published=checkpoints.newest
    )
    publisher = Publisher(
        "us",
        store=store,
        checkpoints=checkpoints,
        tiles=tiles,
        clock=system_clock,
        refuse=journal.refuse,
        boundary=boundary,
    )
    return store, checkpoints, tiles, journal, publisher


async def write(store, journal, publisher, count):
    """Write so many groups of entries, and tell each size once it is published."""
    for number in range(count):

        def work(tx, number=number):
            for _ in range(1 + number % 13):
                recorded = journal.record_event(
                    tx, "them", Event.SENT, statement=b"%d" % number, subject=f"batch:{number}", now=1
                )
            return recorded.size

        size = await store.transact(work)
        await publisher.published("them", size)
        os.write(1, b"%d\n" % size)


async def main(folder, key, step, passes):
    """Recover, then write."""
    store, _, _, journal, publisher = open_log(
        Path(folder), FileSigner.load(Path(key)), Killer(Step(step), int(passes))
    )
    await publisher.recover()
    await write(store, journal, publisher, ENTRIES)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
