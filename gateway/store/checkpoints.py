# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What has been published of each log, apart from the database (`checkpoint_place`).

The last step before anything leaves is one compare-and-swap here. It is apart from the database because it
must not be restored together with it: a database older than this is recognised by it. Every checkpoint that
was ever published is kept. However many nodes publish, the swap lets one of them go first.

Time stamps lie here too, beside the checkpoint that each is about. They were made once and cannot be made
again, and the exact bytes that they are about are kept nowhere else.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gateway.exchange.log_rows import PublishedRow, StampRow
from gateway.store.checkpoint_place import FilePlace, Place, Rows, SharedPlace
from gateway.store.dialect import parse_url

FILE = "checkpoints.sqlite"
_COLUMNS = "SELECT origin, size, root, note, published_at FROM checkpoint"
_NEWEST = f"{_COLUMNS} WHERE origin = ? ORDER BY size DESC LIMIT 1"
_HISTORY = f"{_COLUMNS} WHERE origin = ? ORDER BY size DESC LIMIT ?"
_AT = f"{_COLUMNS} WHERE origin = ? AND size = ?"
_ORIGINS = "SELECT DISTINCT origin FROM checkpoint ORDER BY origin"
_ADD = "INSERT INTO checkpoint (origin, size, root, note, published_at) VALUES (?, ?, ?, ?, ?)"
_STAMP_COLUMNS = "SELECT origin, size, reply, stamped_at, received_at FROM stamp"
_NEWEST_STAMP = f"{_STAMP_COLUMNS} WHERE origin = ? ORDER BY size DESC LIMIT 1"
_STAMPS_SINCE = f"{_STAMP_COLUMNS} WHERE origin = ? AND received_at >= ? ORDER BY size LIMIT ?"
_STAMP_BEFORE = "SELECT coalesce(max(size), 0) FROM stamp WHERE origin = ? AND received_at < ?"
_ADD_STAMP = """
INSERT INTO stamp (origin, size, reply, stamped_at, received_at) VALUES (?, ?, ?, ?, ?)
ON CONFLICT DO NOTHING
"""
_WAITING = """
SELECT published_at FROM checkpoint
WHERE origin = ? AND size > (SELECT coalesce(max(size), 0) FROM stamp WHERE origin = ?)
ORDER BY size LIMIT 1
"""


class CheckpointStore:
    """The published checkpoints; any thread."""

    def __init__(self, place: Path | Place) -> None:
        """Use a place, or a file that is made if it is absent.

        Raises:
            ConfigError: it cannot be made or is not such a file.
        """
        self._place: Place = FilePlace(place) if isinstance(place, Path) else place

    def newest(self, origin: str) -> PublishedRow | None:
        """Return the last published checkpoint of a log."""
        with self._place.look() as look:
            return _row(look.rows(_NEWEST, (origin,)))

    def at(self, origin: str, size: int) -> PublishedRow | None:
        """Return the checkpoint of a log that was published at a size."""
        with self._place.look() as look:
            return _row(look.rows(_AT, (origin, size)))

    def all_newest(self) -> list[PublishedRow]:
        """Return the last published checkpoint of every log, by name."""
        with self._place.look() as look:
            names = [one for (one,) in look.rows(_ORIGINS, ())]
            return [row for name in names if (row := _row(look.rows(_NEWEST, (name,)))) is not None]

    def history(self, origin: str, limit: int) -> list[PublishedRow]:
        """Return what was published of a log, latest first."""
        with self._place.look() as look:
            found = look.rows(_HISTORY, (origin, limit))
        return [PublishedRow(**_fields(PublishedRow, one)) for one in found]

    def swap(self, before: PublishedRow | None, after: PublishedRow) -> bool:
        """Publish `after` durably if `before` is still the newest; false if it is not."""
        with self._place.turn(after.origin) as turn:
            if _row(turn.rows(_NEWEST, (after.origin,))) != before:
                return False
            turn.change(_ADD, (after.origin, after.size, after.root, after.note, after.published_at))
        return True

    def newest_stamp(self, origin: str) -> StampRow | None:
        """Return the stamp of the largest checkpoint of a log that has one."""
        with self._place.look() as look:
            found = look.rows(_NEWEST_STAMP, (origin,))
        return StampRow(**_fields(StampRow, found[0])) if found else None

    def stamps_since(self, origin: str, received_at: int, limit: int) -> list[StampRow]:
        """Return stamps of a log that were received then or later, smallest checkpoint first."""
        with self._place.look() as look:
            found = look.rows(_STAMPS_SINCE, (origin, received_at, limit))
        return [StampRow(**_fields(StampRow, one)) for one in found]

    def size_stamped_before(self, origin: str, received_at: int) -> int:
        """Return the size of the largest checkpoint that was stamped before then, 0 if none was."""
        with self._place.look() as look:
            return int(look.rows(_STAMP_BEFORE, (origin, received_at))[0][0])

    def add_stamp(self, row: StampRow) -> bool:
        """Keep a stamp durably; false if its checkpoint has one, which stays.

        Raises:
            StoreError: no such checkpoint was published.
        """
        values = (row.origin, row.size, row.reply, row.stamped_at, row.received_at)
        with self._place.turn(row.origin) as turn:
            return turn.change(_ADD_STAMP, values) == 1

    def waiting_since(self, origin: str) -> int | None:
        """Return when the oldest checkpoint that no stamp covers was published; none if all are covered."""
        with self._place.look() as look:
            found = look.rows(_WAITING, (origin, origin))
        return int(found[0][0]) if found else None

    def close(self) -> None:
        """Close the place; safe to repeat."""
        self._place.close()


def open_checkpoints(database: str, data: Path, apart: str = "") -> CheckpointStore:
    """Open what was published: beside PostgreSQL for all nodes on it, else in a file of the data folder.

    `apart` is another address of PostgreSQL to keep it at.

    Raises:
        ConfigError: the place cannot be made.
        StoreError: the database cannot be reached.
    """
    url = parse_url(apart or database)
    return CheckpointStore(SharedPlace(url) if url.get_backend_name() == "postgresql" else data / FILE)


def _row(found: Rows) -> PublishedRow | None:
    """Read the first of some published checkpoints."""
    return PublishedRow(**_fields(PublishedRow, found[0])) if found else None


def _fields(kind: type[PublishedRow | StampRow], values: Sequence[Any]) -> dict[str, Any]:
    """Return fields from columns, which are in their order."""
    return dict(zip(kind.__struct_fields__, values, strict=True))
