# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What partners and we announced of keys, and our own rotations."""

from typing import Any

import msgspec
from sqlalchemy import bindparam, insert, literal_column, select, update

from gateway.exchange.announcement_rows import AnnouncementRow, RotationRow
from gateway.store.announcement_schema import announcement, is_open, rotation
from gateway.store.session import Session, Values
from gateway.store.statement import Statement

_ADD = Statement(lambda _: insert(announcement))
_ONE = Statement(
    lambda _: select(announcement).where(
        announcement.c.partner == bindparam("partner"),
        announcement.c.direction == literal_column("'received'"),
        announcement.c.announcement_id == bindparam("announcement"),
    )
)
_OF_SERIAL = Statement(
    lambda _: (
        select(announcement)
        .where(
            announcement.c.direction == literal_column("'sent'"),
            announcement.c.serial == bindparam("number"),
        )
        .order_by(announcement.c.id)
    )
)
_OPEN = Statement(lambda _: select(announcement).where(is_open).order_by(announcement.c.id))
_PUT = Statement(
    lambda _: (
        update(announcement)
        .where(announcement.c.id == bindparam("key"))
        .values(
            state=bindparam("new_state"),
            reason=bindparam("new_reason"),
            answer=bindparam("new_answer"),
            answered_at=bindparam("now"),
        )
    )
)
# Every change of keys of every partner, ever: a few rows a year of each.
_RECEIVED = Statement(
    lambda _: (
        select(announcement)
        .where(announcement.c.direction == literal_column("'received'"))
        .order_by(announcement.c.serial)
    )
)
_ADD_ROTATION = Statement(lambda _: insert(rotation))
_PUT_ROTATION = Statement(
    lambda _: (
        update(rotation)
        .where(rotation.c.id == bindparam("key"))
        .values(
            state=bindparam("new_state"),
            switched_at=bindparam("switched"),
            retired_at=bindparam("retired"),
        )
    )
)
_NEWEST = Statement(lambda _: select(rotation).order_by(rotation.c.id.desc()).limit(literal_column("1")))


class AnnouncementTables(Session):
    """The part of a transaction about announced keys and our own rotations."""

    def add_announcement(self, row: AnnouncementRow) -> None:
        """Insert an announcement."""
        self._change_many(_ADD, [msgspec.structs.astuple(row)])

    def received_announcement(self, partner: str, announcement_id: str) -> AnnouncementRow | None:
        """Return what a partner announced under an id."""
        found = self._row(_ONE, partner=partner, announcement=announcement_id)
        return None if found is None else _announcement(found)

    def announcements(self, serial: int) -> list[AnnouncementRow]:
        """Return what was sent of the bundle with this serial number, in id order."""
        return [_announcement(one) for one in self._rows(_OF_SERIAL, number=serial)]

    def unconfirmed_announcements(self) -> list[AnnouncementRow]:
        """Return what partners have not confirmed, in id order."""
        return [_announcement(one) for one in self._rows(_OPEN)]

    def put_announcement(self, row: AnnouncementRow) -> None:
        """Replace state, reason and answer of an announcement."""
        self._change(
            _PUT,
            key=row.id,
            new_state=row.state,
            new_reason=row.reason,
            new_answer=row.answer,
            now=row.answered_at,
        )

    def announced(self) -> list[AnnouncementRow]:
        """Return the newest bundle that each partner announced, by partner."""
        newest = {one.partner: one for one in map(_announcement, self._rows(_RECEIVED))}
        return [newest[name] for name in sorted(newest)]

    def add_rotation(self, row: RotationRow) -> None:
        """Insert a rotation."""
        self._change_many(_ADD_ROTATION, [msgspec.structs.astuple(row)])

    def put_rotation(self, row: RotationRow) -> None:
        """Replace state and times of a rotation."""
        self._change(
            _PUT_ROTATION,
            key=row.id,
            new_state=row.state,
            switched=row.switched_at,
            retired=row.retired_at,
        )

    def rotation(self) -> RotationRow | None:
        """Return the newest rotation."""
        found = self._row(_NEWEST)
        return None if found is None else RotationRow(**_named(RotationRow, found))


def _announcement(values: Values) -> AnnouncementRow:
    """Read an announcement."""
    return AnnouncementRow(**_named(AnnouncementRow, values))


def _named(kind: type[AnnouncementRow | RotationRow], values: Values) -> dict[str, Any]:
    """Return the values of a row by name."""
    return dict(zip(kind.__struct_fields__, values, strict=True))
