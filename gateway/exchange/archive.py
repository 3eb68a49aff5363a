# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Archive closed days: write, sign, enter in the log, read back, and only then drop.

The rules, for each day that is to go:

1. A day with open work stays as it is, and the report says why.
2. Its rows are written to files, the manifest of the files is sealed and written beside them. Nothing in the
   database knows of them yet; a crash leaves files that the next run writes over.
3. Manifest, files and an entry of the anchor log are one transaction.
4. The files are read back and checked (`archive_check`). A day that does not hold is written anew if none of
   its rows is dropped yet, and else refused: nothing more of it is dropped.
5. File by file, in one transaction each, the rows are read once more; only if they are the very rows of the
   file are they dropped. Rows that changed since stay, and go with the next revision.
6. A later revision carries the files of the one before, names its digest, and is entered in the log as well.

A run goes on where the one before it ended. One process at a time changes the archive.
"""

import enum
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import msgspec

from gateway.archive.folder import ArchiveFolder
from gateway.archive.manifest import FORMAT, LogRoot, Manifest, Part, manifest_digest, pack_manifest
from gateway.archive.parts import Column, rows_digest
from gateway.audit import tree
from gateway.clock import Clock, milliseconds
from gateway.envelope import dsse
from gateway.errors import VerificationError
from gateway.exchange.archive_check import ArchiveCheck, manifest_name
from gateway.exchange.archive_rows import (
    CLOSED,
    DROPPED,
    REPLACED,
    WRITTEN,
    DayRow,
    ManifestRow,
    Page,
    PartRow,
    Values,
)
from gateway.exchange.journal import ANCHOR
from gateway.exchange.ports import Ids, Store, Transaction
from gateway.exchange.sealing import Sealer
from gateway.wire.convert import pack_envelope, unpack_envelope

_ATTEMPTS = 3  # at one day in one run, if rows change or files do not hold
_replace = msgspec.structs.replace


class Step(enum.Enum):
    """The boundaries between what a run does."""

    FILES = "files"
    MANIFEST = "manifest"
    ENTERED = "entered"
    VERIFIED = "verified"
    DROPPED = "dropped"
    CLOSED = "closed"
    TAKEN = "taken"
    SWEPT = "swept"


@dataclass(slots=True)
class DayReport:
    """What became of one day; `held` says why it stays, by kind of open work.

    With `left` rows are still in the database. `changed` are files given up since their rows changed after
    they were written, `bad` how often files did not hold when they were read back.
    """

    day: str
    held: Mapping[str, int] = field(default_factory=dict)
    revision: int = 0
    rows: int = 0
    bytes: int = 0
    files: int = 0
    left: bool = False
    changed: int = 0
    bad: int = 0


@dataclass(frozen=True, slots=True)
class Settings:
    """How days are archived; `columns` are those of the archived tables, in the order of dropping."""

    organisation: str
    schema: str
    part_rows: int
    return_days: int
    forwards: bool
    columns: Mapping[str, tuple[Column, ...]]


class Archiver:
    """The archiving of one gateway."""

    def __init__(
        self,
        settings: Settings,
        *,
        store: Store,
        clock: Clock,
        ids: Ids,
        sealer: Sealer,
        folder: ArchiveFolder,
        check: ArchiveCheck,
        boundary: Callable[[Step], None] = lambda _: None,
    ) -> None:
        """Take the doors; `boundary` is called after each step is done."""
        self._settings = settings
        self._store = store
        self._clock = clock
        self._ids = ids
        self._sealer = sealer
        self._folder = folder
        self._check = check
        self._boundary = boundary

    async def run(self, before: int) -> list[DayReport]:
        """Archive every day that ended before a moment and has no open work; report each that holds rows.

        Raises:
            VerificationError: files of a day are not those that were signed; nothing more is dropped.
            TryLater: another process changes the archive.
        """
        with self._folder.changing():
            await self.sweep()
            days = await self._store.read(lambda tx: tx.archivable_days(before))
            reports = [await self._day(day) for day in days]
            await self.sweep()
            return reports

    async def sweep(self) -> None:
        """Remove files that no manifest names: those of a crash, and those of days that were written anew.

        Raises:
            VerificationError: a file that rows were dropped for is not there.
        """
        rows, parts = await self._store.read(lambda tx: (tx.manifests(), tx.parts()))
        days = {row.day for row in rows}
        for day in sorted(days):
            every = await self._store.read(lambda tx, one=day: tx.manifests(one))  # type: ignore[misc]  # the default binds the loop's value
            names = {manifest_name(row.revision) for row in every}
            names |= {part.file for part in parts if part.day == day}
            needed = {part.file for part in parts if part.day == day and part.state == DROPPED}
            self._folder.keep_only(day, names, needed)

    async def _day(self, day: DayRow) -> DayReport:
        """Archive one day, or go on with it."""
        now, settings = milliseconds(self._clock()), self._settings
        held = await self._store.read(
            lambda tx: tx.open_work(day, now, settings.return_days, forwards=settings.forwards)
        )
        if held:
            return DayReport(day.day, held)
        report = DayReport(day.day)
        manifests = await self._store.read(lambda tx: tx.manifests(day.day))
        if manifests and manifests[-1].state == WRITTEN:
            await self._drop(day, manifests[-1], report)
        attempts = 0
        while (left := await self._lives(day)) and attempts < _ATTEMPTS:
            await self._drop(day, await self._write(day), report)
            attempts += 1
        report.left = left
        if not left:
            await self._close(day)
        rows, parts = await self._store.read(lambda tx: (tx.manifests(day.day), tx.parts(day.day)))
        report.revision = rows[-1].revision if rows else 0
        report.bytes, report.files = sum(one.bytes for one in parts), len(parts)
        return report

    async def _lives(self, day: DayRow) -> bool:
        """Say whether rows of a day are in the database."""

        def look(tx: Transaction) -> bool:
            return any(tx.archive_page(table, day, -1, 1) for table in self._settings.columns)

        return await self._store.read(look)

    async def _write(self, day: DayRow) -> ManifestRow:
        """Write what is left of a day, sign it and enter it; return the new revision."""
        before = await self._store.read(lambda tx: tx.manifests(day.day))
        carried = await self._store.read(lambda tx: tx.parts(day.day))
        revision = before[-1].revision + 1 if before else 1
        made: list[Part] = []
        for table, columns in self._settings.columns.items():
            async for page in self._pages(table, day):
                made.append(self._write_page(day, revision, len(made), (table, columns), page))
        self._boundary(Step.FILES)
        return await self.enter(day, before, made, [part_of(one) for one in carried], WRITTEN)

    def _write_page(
        self, day: DayRow, revision: int, number: int, kind: tuple[str, tuple[Column, ...]], page: Page
    ) -> Part:
        table, columns = kind
        name = f"{table}-{revision:04d}-{number:05d}.parquet"
        return self._folder.write(
            day.day, name, table=table, bounds=(page.first, page.last), columns=columns, rows=page.rows
        )

    def write_again(
        self, day: DayRow, revision: int, number: int, part: PartRow, rows: Sequence[Values]
    ) -> Part:
        """Write some of the rows of a file as a file of another revision."""
        page = Page(first=part.first, last=part.last, rows=tuple(rows))
        kind = (part.table, self._settings.columns[part.table])
        return self._write_page(day, revision, number, kind, page)

    async def _pages(self, table: str, day: DayRow) -> AsyncIterator[Page]:
        """Walk the rows of a table of a day."""
        after = -1
        while page := await self._store.read(
            lambda tx, key=after: tx.archive_page(table, day, key, self._settings.part_rows)  # type: ignore[misc]  # the default binds the loop's value
        ):
            yield page
            after = page.last

    async def enter(
        self,
        day: DayRow,
        before: Sequence[ManifestRow],
        made: Sequence[Part],
        carried: Sequence[Part],
        state: str,
        *,
        gone: Sequence[PartRow] = (),
    ) -> ManifestRow:
        """Sign the next revision of a day and enter it with its new files, which are in a state.

        `gone` are files that it does not carry any more, since rows of theirs were taken back.
        """
        revision = before[-1].revision + 1 if before else 1
        now, settings = milliseconds(self._clock()), self._settings
        previous = manifest_digest(unpack_envelope(before[-1].envelope).statement) if before else ""
        logs = await self._store.read(lambda tx: tx.log_states())
        statement = pack_manifest(
            Manifest(
                format=FORMAT,
                organisation=settings.organisation,
                day=day.day,
                revision=revision,
                signature_policy=self._sealer.policy,
                schema=settings.schema,
                created_at_ms=now,
                previous=previous,
                columns={name: tuple(one.name for one in some) for name, some in settings.columns.items()},
                parts=(*carried, *made),
                logs=tuple(
                    LogRoot(name=one.name, size=one.size, root=tree.root(one.frontier).hex()) for one in logs
                ),
            )
        )
        envelope = self._sealer.seal_manifest(statement)
        self._folder.write_manifest(day.day, manifest_name(revision), dsse.to_json(envelope))
        self._boundary(Step.MANIFEST)
        row = ManifestRow(
            id=self._ids.take(1)[0],
            day=day.day,
            revision=revision,
            state=WRITTEN,
            created_at=now,
            rows=sum(one.rows for one in (*carried, *made)),
            partner=ANCHOR,
            envelope=pack_envelope(envelope),
            log_index=0,
        )
        keys = self._ids.take(len(made))
        parts = [
            PartRow(id=key, day=day.day, state=state, **msgspec.structs.asdict(one))
            for key, one in zip(keys, made, strict=True)
        ]
        work = partial(self._record, day=day, row=row, statement=statement, parts=parts, gone=gone)
        row = await self._store.transact(work)
        self._boundary(Step.ENTERED)
        return row

    def _record(
        self,
        tx: Transaction,
        *,
        day: DayRow,
        row: ManifestRow,
        statement: bytes,
        parts: Sequence[PartRow],
        gone: Sequence[PartRow],
    ) -> ManifestRow:
        """Enter a revision in the log and keep it, in one transaction."""
        recorded = self._sealer.journal.record_archive(
            tx, statement=statement, subject=f"archive:{row.id}", now=row.created_at
        )
        row = _replace(row, log_index=recorded.index)
        tx.add_manifest(row, parts)
        for one in gone:
            tx.set_part(one.id, REPLACED)
        if gone:
            tx.forget_taken(day)
        return row

    async def _drop(self, day: DayRow, row: ManifestRow, report: DayReport) -> None:
        """Check a revision, then drop its rows file by file; those that changed since stay."""
        parts = [one for one in await self._store.read(lambda tx: tx.parts(day.day)) if one.state == WRITTEN]
        try:
            manifest = await self._check.manifest(row)
            for one in parts:
                self._check.file(manifest, one.file)
        except VerificationError:
            if any(one.state == DROPPED for one in await self._store.read(lambda tx: tx.parts(day.day))):
                raise
            report.bad += 1
            for one in parts:
                await self._store.transact(lambda tx, key=one.id: tx.set_part(key, REPLACED))  # type: ignore[misc]  # the default binds the loop's value
            return
        self._boundary(Step.VERIFIED)
        same = True
        for one in parts:
            # What comes after rows that changed may be what they point to: it goes with them, later.
            same = await self._store.transact(partial(self._drop_part, day=day, part=one, same=same))
            self._boundary(Step.DROPPED)
            report.rows += one.rows if same else 0
            report.changed += not same

    @staticmethod
    def _drop_part(tx: Transaction, *, day: DayRow, part: PartRow, same: bool) -> bool:
        """Drop the rows of a file if they are still the rows of the file, and nothing new points to them.

        Without `same`, or if they are not, the file is given up.
        """
        if not same:
            tx.set_part(part.id, REPLACED)
            return False
        rows = tx.archive_range(part.table, day, part.first, part.last)
        fresh = part.table == "item" and tx.archive_range("share", day, part.first, part.last)
        if fresh or rows_digest(rows) != part.rows_digest:
            tx.set_part(part.id, REPLACED)
            return False
        tx.drop_archived(part.table, day, part.first, part.last)
        tx.set_part(part.id, DROPPED)
        return True

    async def _close(self, day: DayRow) -> None:
        """Note that nothing of a day is left."""
        rows = await self._store.read(lambda tx: tx.manifests(day.day))
        if rows and rows[-1].state != CLOSED:
            await self._store.transact(lambda tx: tx.set_manifest(rows[-1].id, CLOSED))
            self._boundary(Step.CLOSED)


def part_of(row: PartRow) -> Part:
    """Return what a manifest says of a file."""
    fields = {name: getattr(row, name) for name in Part.__struct_fields__}
    return Part(**fields)
