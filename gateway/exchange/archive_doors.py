# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The doors of steps that must reach what is archived."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol, TypeVar

from gateway.exchange.ports import Store, Transaction

T = TypeVar("T")

TakeBack = Callable[[Callable[[Transaction], object]], Awaitable[None]]
"""Takes out of the archive what a work would change there; the work itself is done afterwards."""


class ArchiveStore(Store, Protocol):
    """A store that can look into the archive."""

    async def search(self, work: Callable[[Transaction], T]) -> T:
        """Like `read`, in the archive too."""

    async def rehearse(self, work: Callable[[Transaction], object]) -> Mapping[str, set[int]]:
        """Run work without changing anything; return the ids by table of what it read from the archive."""


async def nothing_archived(work: Callable[[Transaction], object]) -> None:
    """Take nothing back, since there is no archive."""
