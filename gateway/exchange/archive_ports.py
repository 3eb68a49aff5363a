# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The doors to what the archive reads, drops and takes back."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from gateway.exchange.archive_rows import DayRow, ManifestRow, Page, PartRow, Values


class ArchiveTables(Protocol):
    """Rows as values of the database, by the tables that are archived."""

    def archivable_days(self, before: int) -> list[DayRow]:
        """Return the days that ended before a moment, hold rows and are not closed, in order."""

    def day_named(self, day: str) -> DayRow:
        """Return a day by its date."""

    def open_work(self, day: DayRow, now: int, return_days: int, *, forwards: bool) -> Mapping[str, int]:
        """Return what of a day is not done yet, by kind.

        An account of returns keeps its day open for `return_days` after it was opened; with `forwards` a day
        is open until its received batches are forwarded.
        """

    def archive_page(self, table: str, day: DayRow, after: int, limit: int) -> Page | None:
        """Return the next rows of a day whose key is above `after`, whole by key; none if there are none."""

    def archive_range(self, table: str, day: DayRow, first: int, last: int) -> list[Values]:
        """Return the rows of a day between two keys, in order."""

    def drop_archived(self, table: str, day: DayRow, first: int, last: int) -> None:
        """Delete the rows of a day between two keys; of messages and batches the head stays, emptied."""

    def manifests(self, day: str = "") -> list[ManifestRow]:
        """Return the manifests of a day or of all, by day and revision."""

    def add_manifest(self, row: ManifestRow, parts: Sequence[PartRow]) -> None:
        """Insert a revision with its new files; the one before it is replaced."""

    def set_manifest(self, manifest: int, state: str) -> None:
        """Set the state of a revision."""

    def parts(self, day: str = "") -> list[PartRow]:
        """Return the files that count, of a day or of all, by id."""

    def set_part(self, part: int, state: str) -> None:
        """Set the state of a file."""

    def archived_rows(self, table: str, ids: Sequence[int]) -> list[Values]:
        """Return rows that are in the archive only; needs a transaction that reads the archive."""

    def put_archived(self, table: str, rows: Sequence[Values]) -> None:
        """Insert rows of an archived day into a database that holds none of them."""

    def take_back(self, table: str, rows: Sequence[Values]) -> None:
        """Put archived rows into the database again, and note that the archive still holds them."""

    def taken_back(self, day: DayRow) -> Mapping[str, frozenset[int]]:
        """Return the ids by table that are in the database and still in files of a day."""

    def forget_taken(self, day: DayRow) -> None:
        """Note that the files of a day hold nothing any more that was taken back."""
