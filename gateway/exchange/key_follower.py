# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Bring into force, on this node, what the store says of keys: partners' new bundles, and our own rotation.

Every node of a store looks once a second and at start. What the store says is the truth; files and the keys
in memory follow it, so a crash between the two, or a node that was away, is mended by the next look.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

import structlog

from gateway.errors import GatewayError
from gateway.exchange.announcement_rows import AnnouncementRow, RotationRow
from gateway.exchange.ports import Store, Transaction
from gateway.exchange.rotation import LOOK_SECONDS, RETIRED, SWITCHED

_log = structlog.get_logger()


class KeyFiles(Protocol):
    """The keys and bundles of a node, as files and in memory; each method may block."""

    def follow_partners(self, announced: Sequence[AnnouncementRow]) -> bool:
        """Import what is newer, and read bundles anew if a file changed; true if the ring is another one."""

    def switch(self, row: RotationRow) -> bool:
        """Use the new keys of a rotation; true if others were in use."""

    def retire(self, row: RotationRow) -> bool:
        """Destroy the old private keys of a rotation; true if there were any."""


class KeyFollower:
    """The loop of a node that follows the store in what concerns keys."""

    def __init__(
        self,
        files: KeyFiles,
        *,
        store: Store,
        trust_changed: Callable[[], None],
        keys_changed: Callable[[], Awaitable[object]],
    ) -> None:
        """`trust_changed` tells those who hold a ring of their own, `keys_changed` those who sign."""
        self._files = files
        self._store = store
        self._trust_changed = trust_changed
        self._keys_changed = keys_changed
        self._turn = asyncio.Lock()

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self.look()
            except GatewayError as error:
                _log.error("keys.not-followed", error=str(error))

    async def look(self) -> None:
        """Bring what is new into force."""
        async with self._turn:
            announced, rotation = await self._store.read(_read)
            if await asyncio.to_thread(self._files.follow_partners, announced):
                self._trust_changed()
            if rotation is None or rotation.state not in (SWITCHED, RETIRED):
                return
            changed = await asyncio.to_thread(self._files.switch, rotation)
            if rotation.state == RETIRED:
                changed |= await asyncio.to_thread(self._files.retire, rotation)
            if changed:
                await self._keys_changed()


def _read(tx: Transaction) -> tuple[list[AnnouncementRow], RotationRow | None]:
    """Return the newest bundle of each partner, and our newest rotation."""
    return tx.announced(), tx.rotation()
