# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What publishing the logs costs: the doors of the stages, with a clock in each.

Publishing is signing checkpoints, writing tiles, and swapping the published checkpoint. Rows and hashes in
the database are not: they are the log itself. Nothing else runs in the process while a door is open, so the
processor time of the process, all its threads together, is that of the door.
"""

from collections.abc import Mapping
from typing import Any

from bench.clock import Clock
from gateway.audit.note import NoteSigner
from gateway.exchange.publish import Publisher

LIMIT = 0.05
INSIDE = ("open",)  # stages whose time another has too


class TimedSigner:
    """A signer whose time is counted."""

    def __init__(self, signer: NoteSigner, clock: Clock) -> None:
        """Take the signer of checkpoints."""
        self._signer = signer
        self._clock = clock

    @property
    def algorithm(self) -> str:
        """The algorithm of the signer."""
        return self._signer.algorithm

    def sign(self, message: bytes) -> bytes:
        """Sign."""
        return self._clock.timed("sign checkpoints", lambda: self._signer.sign(message))


class TimedGate:
    """A publisher whose time is counted (`exchange.log_ports.Gate`)."""

    def __init__(self, publisher: Publisher, name: str, clock: Clock) -> None:
        """Take the publisher; `name` says whose it is."""
        self._publisher = publisher
        self._name = name
        self._clock = clock

    async def published(self, partner: str, size: int) -> None:
        """Publish."""
        with self._clock.stage(f"tiles and swap, {self._name}"):
            await self._publisher.published(partner, size)


def shares(
    publishing: Mapping[str, float], stages: Mapping[str, float], end_to_end: Mapping[str, float] | None
) -> dict[str, Any]:
    """Return the cost of publishing in microseconds per item, and what part of all processor time it is.

    `end_to_end` holds the processor time per item of every process of the real run, where there was one.
    """
    cost = sum(publishing.values())
    whole = sum(value for name, value in stages.items() if ": " not in name and name not in INSIDE)
    found: dict[str, Any] = {"us": dict(publishing), "of_stages": cost / whole, "limit": LIMIT}
    if end_to_end is not None:
        found["of_end_to_end"] = cost / sum(end_to_end.values())
    return found
