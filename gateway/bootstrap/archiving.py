# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Join the archive to the store, the logs and the folder that the configuration names."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from gateway.archive.folder import ArchiveFolder
from gateway.bootstrap.trust import Trust
from gateway.clock import system_clock
from gateway.config import Config
from gateway.exchange.archive import Archiver, Settings
from gateway.exchange.archive_check import ArchiveCheck
from gateway.exchange.archive_doors import TakeBack, nothing_archived
from gateway.exchange.archive_recall import Recall
from gateway.exchange.ports import Store, Transaction
from gateway.exchange.sealing import Sealer
from gateway.store import NEWEST, SqlStore, TimeIds, archived_columns

T = TypeVar("T")


class ArchiveSteps:
    """The steps of the archive; without a folder there is none, and nothing to take back."""

    def __init__(
        self, config: Config, trust: Trust, store: SqlStore, *, ids: TimeIds, sealer: Sealer
    ) -> None:
        """Build every step with explicit doors."""
        self.archiver: Archiver | None = None
        self.check: ArchiveCheck | None = None
        self.recall: TakeBack = nothing_archived
        if not config.archive.folder:
            return
        folder, columns = (
            ArchiveFolder(Path(config.archive.folder), config.node.organisation),
            archived_columns(),
        )
        check = ArchiveCheck(config.node.organisation, store=store, keyring=trust.keyring, folder=folder)
        settings = Settings(
            organisation=config.node.organisation,
            schema=NEWEST,
            part_rows=config.archive.part_rows,
            return_days=config.archive.return_days,
            forwards=bool(config.forward.folder),
            columns=columns,
        )
        self.check = check
        self.archiver = Archiver(
            settings, store=store, clock=system_clock, ids=ids, sealer=sealer, folder=folder, check=check
        )
        self.recall = Recall(
            store=store,
            archiver=self.archiver,
            folder=folder,
            check=check,
            columns={name: tuple(one.name for one in some) for name, some in columns.items()},
        )


class SearchedStore(Store):
    """A store whose every read looks into the archive too, for steps that must find everything."""

    def __init__(self, store: SqlStore) -> None:
        """Use a store that may have been opened with an archive."""
        self._store = store

    async def transact(self, work: Callable[[Transaction], T]) -> T:
        """Run work in the next group commit, in the database."""
        return await self._store.transact(work)

    async def read(self, work: Callable[[Transaction], T]) -> T:
        """Run read-only work in the database and the archive."""
        return await self._store.search(work)

    async def lease(self, work: Callable[[Transaction], T]) -> T:
        """Run work on leases."""
        return await self._store.lease(work)
