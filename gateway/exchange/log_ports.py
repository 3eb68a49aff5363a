# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The doors of the logs: published checkpoints, static files, and what waits for a publication."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from gateway.exchange.log_rows import PublishedRow, StampRow


class Checkpoints(Protocol):
    """The small store of what has been published of each log, apart from the rest; thread-safe.

    It must not be restored from a backup together with the database: it is what tells an old one.
    """

    def newest(self, origin: str) -> PublishedRow | None:
        """Return the last published checkpoint of a log."""

    def swap(self, before: PublishedRow | None, after: PublishedRow) -> bool:
        """Publish `after` durably if `before` is still the newest; false if it is not."""

    def all_newest(self) -> list[PublishedRow]:
        """Return the last published checkpoint of every log, by name."""


class Stamps(Protocol):
    """The time stamps beside the published checkpoints; thread-safe."""

    def newest(self, origin: str) -> PublishedRow | None:
        """Return the last published checkpoint of a log."""

    def newest_stamp(self, origin: str) -> StampRow | None:
        """Return the stamp of the largest checkpoint of a log that has one."""

    def add_stamp(self, row: StampRow) -> bool:
        """Keep a stamp durably; false if its checkpoint has one, which stays."""

    def waiting_since(self, origin: str) -> int | None:
        """Return when the oldest checkpoint that no stamp covers was published; none if all are covered."""


class StampHistory(Protocol):
    """What evidence needs of the stamps that are kept."""

    def at(self, origin: str, size: int) -> PublishedRow | None:
        """Return the checkpoint of a log that was published at a size."""

    def stamps_since(self, origin: str, received_at: int, limit: int) -> list[StampRow]:
        """Return stamps of a log that were received then or later, smallest checkpoint first."""

    def size_stamped_before(self, origin: str, received_at: int) -> int:
        """Return the size of the largest checkpoint that was stamped before then, 0 if none was."""


class TimeAuthority(Protocol):
    """Whoever stamps."""

    async def ask(self, query: bytes) -> bytes:
        """Return the reply to a query.

        Raises:
            GatewayError: there is none; its finding says why.
        """


class Tiles(Protocol):
    """The static files of the logs (C2SP tlog-tiles); thread-safe."""

    def stage(self, log: str, files: Mapping[str, bytes]) -> None:
        """Write immutable files durably; returns when files and folders have reached the disk."""

    def apply(self, log: str, note: bytes, outdated: Sequence[str]) -> None:
        """Replace the `checkpoint` file, then drop partial tiles that wider ones have replaced."""

    def read(self, log: str, path: str) -> bytes | None:
        """Return the content of a file, none if there is no such file."""

    def has(self, log: str, path: str) -> bool:
        """Say whether a file is there under exactly this name."""


class Gate(Protocol):
    """What keeps answers and batches back until their entries are in a published checkpoint."""

    async def published(self, partner: str, size: int) -> None:
        """Wait until a checkpoint of the log about a partner with at least `size` entries is published.

        Raises:
            CouldNotCheck: the log contradicts what was published, so it cannot be signed.
        """
