# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What a partner may read of the audit logs: checkpoint, proofs and tiles of the one log that is about it.

The log about a partner is named `<us>/<partner>`. Proofs are made from stored subtree hashes (RFC 6962 2.1),
up to the published checkpoint and never beyond it. Partners bring their own checkpoints to be cosigned here.
"""

import asyncio
import functools
from collections.abc import Sequence

from gateway.audit import proof
from gateway.errors import PolicyRefusal
from gateway.exchange.log_ports import Checkpoints, Tiles
from gateway.exchange.ports import Store, Transaction
from gateway.exchange.witness import Answer, Witness
from gateway.finding import finding


class PartnerLogs:
    """The logs of one gateway, as its partners see them."""

    def __init__(
        self, store: Store, own: str, *, checkpoints: Checkpoints, tiles: Tiles, witness: Witness
    ) -> None:
        self._store = store
        self._own = own
        self._checkpoints = checkpoints
        self._tiles = tiles
        self._witness = witness

    async def checkpoint(self, partner: str, log: str) -> bytes:
        """Return the last published checkpoint.

        Raises:
            PolicyRefusal: the log is not about this partner, or is empty.
        """
        self._check(partner, log)
        newest = self._checkpoints.newest(log)
        if newest is None:
            raise _no_log()
        return newest.note

    async def tile(self, partner: str, log: str, path: str) -> bytes:
        """Return a static file of the log (C2SP tlog-tiles).

        Raises:
            PolicyRefusal: the log is not about this partner, or has no such file.
            VerificationError: the path is not one of a tile.
        """
        self._check(partner, log)
        content = await asyncio.to_thread(self._tiles.read, log, path)
        if content is None:
            raise _no_log()
        return content

    async def witness(self, partner: str, request: bytes) -> Answer:
        """Answer an add-checkpoint request (C2SP tlog-witness)."""
        return await self._witness.add_checkpoint(partner, request)

    async def inclusion(self, partner: str, log: str, index: int, size: int) -> Sequence[bytes]:
        """Return the inclusion proof of an entry in the log of a size that it has had.

        Raises:
            PolicyRefusal: the log is not about this partner, or never had this size.
            InputError: the index is outside the size.
        """
        self._check(partner, log)

        def make(tx: Transaction) -> list[bytes]:
            self._check_size(log, size)
            return proof.inclusion(index, size, functools.partial(tx.log_hash, log))

        return await self._store.read(make)

    async def consistency(self, partner: str, log: str, old: int, new: int) -> Sequence[bytes]:
        """Return the proof that the log has only grown between two sizes.

        Raises:
            PolicyRefusal: the log is not about this partner, or never had the new size.
            InputError: the sizes are out of order.
        """
        self._check(partner, log)

        def make(tx: Transaction) -> list[bytes]:
            self._check_size(log, new)
            return proof.consistency(old, new, functools.partial(tx.log_hash, log))

        return await self._store.read(make)

    def _check(self, partner: str, log: str) -> None:
        """Refuse every log but the partner's own; whether another exists is nobody's business."""
        if log != f"{self._own}/{partner}":
            raise _no_log()

    def _check_size(self, log: str, size: int) -> None:
        """Refuse a size that has not been published."""
        newest = self._checkpoints.newest(log)
        if newest is None or size > newest.size:
            raise _no_log()


def _no_log() -> PolicyRefusal:
    """Make the one refusal for everything that a partner may not read or that is not there."""
    return PolicyRefusal("no such log for this partner", (finding("SERVER-LOG", path="log"),))
