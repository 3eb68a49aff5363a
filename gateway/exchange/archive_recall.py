# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Take rows back out of the archive before something is done with them that changes them, as an erasure does.

The rules:

1. What a work would read from files is found by rehearsals of the very work, which leave nothing behind.
2. Those rows are put into the database again, and noted as taken back; from here on nobody reads them from
   files.
3. The files that held them are written anew without them, under a new signed revision of their day that is
   entered in the log. Only when the old files are gone may the work begin: nothing is said to be erased while
   a file holds it. Files whose rows were not dropped yet are given up.
4. A crash leaves notes of what was taken back; the next recall, and the next run, go on from them.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping

from gateway.archive.folder import ArchiveFolder
from gateway.archive.manifest import Part
from gateway.errors import TryLater
from gateway.exchange.archive import Archiver, Step, part_of
from gateway.exchange.archive_check import ArchiveCheck
from gateway.exchange.archive_doors import ArchiveStore
from gateway.exchange.archive_rows import DROPPED, REPLACED, WRITTEN, DayRow, PartRow, Values
from gateway.exchange.ports import Transaction

_MOST = 8  # rehearsals: what was taken back can show what else hangs on it
Columns = Mapping[str, tuple[str, ...]]


class Recall:
    """The way back out of the archive."""

    def __init__(
        self,
        *,
        store: ArchiveStore,
        archiver: Archiver,
        folder: ArchiveFolder,
        check: ArchiveCheck,
        columns: Columns,
        boundary: Callable[[Step], None] = lambda _: None,
    ) -> None:
        """Take the doors; `columns` are those of the archived tables."""
        self._store = store
        self._archiver = archiver
        self._folder = folder
        self._check = check
        self._columns = columns
        self._boundary = boundary

    async def __call__(self, work: Callable[[Transaction], object]) -> None:
        """Take back everything that a work would read from the archive.

        Raises:
            VerificationError: a file that must be written anew is not the one that was signed.
            TryLater: another process changes the archive.
        """
        if not await self._store.read(lambda tx: tx.manifests()):
            return
        with self._folder.changing():
            await self.settle()
            for _ in range(_MOST):
                touched = await self._store.rehearse(work)
                if not any(touched.values()):
                    return
                await self._take(touched)
                await self.settle()
        raise TryLater("the archive changes all the time")

    async def settle(self) -> None:
        """Write anew every file that holds rows which were taken back, and remove the old ones."""
        for part in await self._store.read(lambda tx: tx.parts()):
            if part.state == WRITTEN:
                await self._store.transact(lambda tx, key=part.id: tx.set_part(key, REPLACED))  # type: ignore[misc]  # the default binds the loop's value
        for row in await self._store.read(lambda tx: tx.manifests()):
            day = await self._store.read(lambda tx, name=row.day: tx.day_named(name))  # type: ignore[misc]  # the default binds the loop's value
            taken = await self._store.read(lambda tx, one=day: tx.taken_back(one))  # type: ignore[misc]  # the same
            if taken:
                await self._rewrite(day, taken)
        await self._archiver.sweep()
        self._boundary(Step.SWEPT)

    async def _take(self, touched: Mapping[str, set[int]]) -> None:
        """Put rows back into the database; a share comes with its item."""
        wanted = {table: set(keys) for table, keys in touched.items()}

        def find(tx: Transaction) -> dict[str, list[Values]]:
            found = {table: tx.archived_rows(table, sorted(keys)) for table, keys in wanted.items() if keys}
            place = self._columns["share"].index("item")
            items = {row[place] for row in found.get("share", ())} | wanted.get("item", set())
            if items:
                found["item"] = tx.archived_rows("item", sorted(items))
            return found

        rows = await self._store.search(find)
        # Dropping goes from what points to what is pointed to; the way back is the other way.
        order = [table for table in reversed(list(self._columns)) if rows.get(table)]

        def take(tx: Transaction) -> None:
            for table in order:
                tx.take_back(table, rows[table])

        await self._store.transact(take)
        self._boundary(Step.TAKEN)

    async def _rewrite(self, day: DayRow, taken: Mapping[str, frozenset[int]]) -> None:
        """Write the files of a day anew without rows."""
        before, parts = await self._store.read(lambda tx: (tx.manifests(day.day), tx.parts(day.day)))
        manifest = await self._check.manifest(before[-1])
        held: defaultdict[bool, list[PartRow]] = defaultdict(list)
        made: list[Part] = []
        for part in parts:
            rows = self._held(part, taken) and self._check.file(manifest, part.file)
            kept = [row for row in rows or () if row[0] not in taken.get(part.table, ())]
            changed = bool(rows) and len(kept) < len(rows or ())
            held[changed].append(part)
            if changed and kept:
                made.append(self._archiver.write_again(day, before[-1].revision + 1, len(made), part, kept))
        carried = [part_of(one) for one in held[False]]
        await self._archiver.enter(day, before, made, carried, DROPPED, gone=held[True])

    @staticmethod
    def _held(part: PartRow, taken: Mapping[str, frozenset[int]]) -> bool:
        """Say whether a file may hold a row that was taken back."""
        return part.state == DROPPED and part.table in taken
