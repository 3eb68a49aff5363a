# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What the archive reads, drops and takes back, day by day.

A day is a range of ids, since ids begin with the time. Rows pass as the database holds them.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any, TypeVar

import msgspec
from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    Table,
    bindparam,
    delete,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)

from gateway.archive.parts import Column
from gateway.clock import milliseconds, moment
from gateway.exchange.archive_rows import CLOSED, REPLACED, DayRow, ManifestRow, Page, PartRow, Values
from gateway.store.archive_schema import archive_manifest, archive_part, archive_taken
from gateway.store.archived_tables import ARCHIVED, SHIFT, Archived, kind_of
from gateway.store.columns import is_state
from gateway.store.errors import StoreError
from gateway.store.ids import EPOCH, TICK
from gateway.store.postal_schema import is_open, referral
from gateway.store.return_schema import return_account, return_case
from gateway.store.schema import batch, inbound, is_unforwarded, is_unrestated, item, message, share
from gateway.store.session import Session
from gateway.store.statement import Statement

T = TypeVar("T", ManifestRow, PartRow)

DAY = 86_400_000
_ROOTS = (message, item, batch, inbound)


def columns_of(table: str) -> tuple[Column, ...]:
    """Return the columns of an archived table as files hold them."""
    one = ARCHIVED[table]
    return tuple(Column(str(col.name), kind_of(col), col.name in one.sought) for col in one.table.columns)


def archived_columns() -> dict[str, tuple[Column, ...]]:
    """Return the columns of every archived table, in the order in which rows are dropped."""
    return {table: columns_of(table) for table in ARCHIVED}


def day_of(key: int) -> DayRow:
    """Return the day of an id."""
    at = (key >> SHIFT) * TICK + EPOCH
    start = at - at % DAY
    ticks = DAY // TICK
    first = (start - EPOCH) // TICK
    day = moment(start).date().isoformat()
    return DayRow(day=day, first=first << SHIFT, end=(first + ticks) << SHIFT)


_FIRST = {
    one.name: Statement(
        lambda _, table=one: select(func.min(table.c.id)).where(table.c.id >= bindparam("first"))  # type: ignore[misc]  # a default binds the table of this turn
    )
    for one in _ROOTS
}


def _page(one: Archived) -> Statement:
    """Return the query of the next rows of a day."""
    return Statement(
        lambda _: (
            select(one.table)
            .where(*one.of_day(), one.by > bindparam("after"))
            .order_by(one.by, one.table.c.id)
            .limit(bindparam("limit"))
        )
    )


def _range(one: Archived) -> Statement:
    """Return the query of the rows of a day between two keys."""
    return Statement(
        lambda _: (
            select(one.table)
            .where(*one.of_day(), one.by >= bindparam("low"), one.by <= bindparam("high"))
            .order_by(one.by, one.table.c.id)
        )
    )


def _drop(one: Archived) -> Statement:
    """Return the change that drops the rows of a day between two keys, or empties them."""
    conditions = (*one.of_day(), one.by >= bindparam("low"), one.by <= bindparam("high"))
    if not one.emptied:
        return Statement(lambda _: delete(one.table).where(*conditions))
    values: dict[str, BindParameter[bytes]] = {name: bindparam(f"new_{name}") for name in one.emptied}
    return Statement(lambda _: update(one.table).where(*conditions).values(values))


def _refill(one: Archived) -> Statement:
    """Return the change that fills an emptied row again."""
    names = (*one.emptied, *one.packed)
    values: dict[str, BindParameter[bytes]] = {name: bindparam(f"new_{name}") for name in names}
    return Statement(lambda _: update(one.table).where(one.table.c.id == bindparam("key")).values(values))


_PAGES = {name: _page(one) for name, one in ARCHIVED.items()}
_RANGES = {name: _range(one) for name, one in ARCHIVED.items()}
_DROPS = {name: _drop(one) for name, one in ARCHIVED.items()}
_REFILLS = {name: _refill(one) for name, one in ARCHIVED.items() if one.emptied}
_INSERTS = {
    name: Statement(lambda _, table=one.table: insert(table))  # type: ignore[misc]  # a default binds the table of this turn
    for name, one in ARCHIVED.items()
}


def _counted(table: Table, *conditions: ColumnElement[bool]) -> Statement:
    return Statement(lambda _: select(func.count()).select_from(table).where(*conditions))


def _in_day(column: ColumnElement[int]) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return column >= bindparam("first"), column < bindparam("end")


_numbers_of_day = select(item.c.tracking_number).where(*_in_day(item.c.id))
_lists_of_day: Select[tuple[str]] = (
    select(literal_column("substr(list_key, 5)")).select_from(item).where(*_in_day(item.c.id))
)
_WORK = {
    **{
        f"shares {state}": _counted(share, *_in_day(share.c.item), is_state(share, state))
        for state in ("waiting", "ready", "batched")
    },
    "batches without a receipt": _counted(batch, *_in_day(batch.c.id), is_state(batch, "pending")),
    "batches refused": _counted(batch, *_in_day(batch.c.id), is_state(batch, "refused")),
    "received batches not yet our own": _counted(inbound, *_in_day(inbound.c.id), is_unrestated),
    "open referrals": _counted(referral, is_open, referral.c.tracking_number.in_(_numbers_of_day)),
    "open returns": _counted(
        return_case,
        or_(is_state(return_case, "announced"), is_state(return_case, "waiting")),
        return_case.c.list_number.in_(_lists_of_day),
    ),
}
_ACCOUNTS = _counted(
    return_account, *_in_day(return_account.c.item), return_account.c.opened_at > bindparam("since")
)
_UNFORWARDED = _counted(inbound, *_in_day(inbound.c.id), is_unforwarded)

_MANIFESTS = Statement(
    lambda _: (
        select(archive_manifest)
        .where(archive_manifest.c.state != literal_column(f"'{REPLACED}'"))
        .order_by(archive_manifest.c.day, archive_manifest.c.revision)
    )
)
_MANIFESTS_OF = Statement(
    lambda _: (
        select(archive_manifest)
        .where(archive_manifest.c.day == bindparam("day"))
        .order_by(archive_manifest.c.revision)
    )
)
_CLOSED = Statement(
    lambda _: select(archive_manifest.c.day).where(archive_manifest.c.state == literal_column(f"'{CLOSED}'"))
)
_ADD_MANIFEST = Statement(lambda _: insert(archive_manifest))
_REPLACE = Statement(
    lambda _: (
        update(archive_manifest)
        .where(archive_manifest.c.day == bindparam("of_day"))
        .values(state=literal_column(f"'{REPLACED}'"))
    )
)
_SET_MANIFEST = Statement(
    lambda _: (
        update(archive_manifest)
        .where(archive_manifest.c.id == bindparam("key"))
        .values(state=bindparam("new_state"))
    )
)
_counts = archive_part.c.state != literal_column(f"'{REPLACED}'")
_PARTS = Statement(lambda _: select(archive_part).where(_counts).order_by(archive_part.c.id))
_PARTS_OF = Statement(
    lambda _: (
        select(archive_part)
        .where(_counts, archive_part.c.day == bindparam("day"))
        .order_by(archive_part.c.id)
    )
)
_ADD_PARTS = Statement(lambda _: insert(archive_part))
_SET_PART = Statement(
    lambda _: (
        update(archive_part).where(archive_part.c.id == bindparam("key")).values(state=bindparam("new_state"))
    )
)
_REOPEN = Statement(
    lambda _: (
        update(archive_manifest)
        .where(
            archive_manifest.c.day == bindparam("of_day"),
            archive_manifest.c.state == literal_column(f"'{CLOSED}'"),
        )
        .values(state=literal_column("'written'"))
    )
)
_TAKE = Statement(lambda _: insert(archive_taken))
_TAKEN = Statement(
    lambda _: select(archive_taken.c.table, archive_taken.c.id).where(archive_taken.c.day == bindparam("day"))
)
_FORGET = Statement(lambda _: delete(archive_taken).where(archive_taken.c.day == bindparam("of_day")))


class Archives(Session):
    """The part of a transaction about the archive."""

    def archivable_days(self, before: int) -> list[DayRow]:
        """Return the days that ended before a moment, hold rows and are not closed, in order."""
        closed = {day for (day,) in self._rows(_CLOSED)}
        found: list[DayRow] = []
        first = 0
        while keys := [one for query in _FIRST.values() if (one := self._rows(query, first=first)[0][0])]:
            day = day_of(min(keys))
            if milliseconds_of(day.end) > before:
                break
            if day.day not in closed:
                found.append(day)
            first = day.end
        return found

    def day_named(self, day: str) -> DayRow:
        """Return a day by its date."""
        start = milliseconds(datetime.combine(date.fromisoformat(day), time(), UTC))
        return day_of(max(0, (start - EPOCH) // TICK) << SHIFT)

    def open_work(self, day: DayRow, now: int, return_days: int, *, forwards: bool) -> Mapping[str, int]:
        """Return what of a day is not done yet, by kind."""
        bounds = {"first": day.first, "end": day.end}
        found = {name: self._rows(query, **bounds)[0][0] for name, query in _WORK.items()}
        since = now - return_days * DAY
        found["return accounts inside their clock"] = self._rows(_ACCOUNTS, **bounds, since=since)[0][0]
        if forwards:
            found["received batches not yet forwarded"] = self._rows(_UNFORWARDED, **bounds)[0][0]
        return {name: count for name, count in found.items() if count}

    def archive_page(self, table: str, day: DayRow, after: int, limit: int) -> Page | None:
        """Return the next rows of a day whose key is above `after`, whole by key; none if there are none."""
        one = ARCHIVED[table]
        rows = self._rows(_PAGES[table], **self._bounds(one, day), after=after, limit=limit)
        if not rows:
            return None
        place = one.columns.index(one.by.name)
        last = rows[-1][place]
        if len(rows) == limit and one.by.name != "id":  # more of the last key may follow
            kept = [row for row in rows if row[place] < last]
            if not kept:
                return Page(first=last, last=last, rows=tuple(self.archive_range(table, day, last, last)))
            rows, last = kept, kept[-1][place]
        return Page(first=rows[0][place], last=last, rows=tuple(one.row(row) for row in rows))

    def archive_range(self, table: str, day: DayRow, first: int, last: int) -> list[Values]:
        """Return the rows of a day between two keys, in order."""
        one = ARCHIVED[table]
        rows = self._rows(_RANGES[table], **self._bounds(one, day), low=first, high=last)
        return [one.row(row) for row in rows]

    def drop_archived(self, table: str, day: DayRow, first: int, last: int) -> None:
        """Delete the rows of a day between two keys; of messages and batches the head stays, emptied."""
        one = ARCHIVED[table]
        values = {f"new_{name}": value for name, value in one.emptied.items()}
        if one.packed:
            for row in self.archive_range(table, day, first, last):
                held = dict(zip(one.columns, row, strict=True))
                packed = {f"new_{name}": self._compression.pack(held[name]) for name in one.packed}
                self._change(_REFILLS[table], key=row[0], **values, **packed)
            return
        self._change(_DROPS[table], **self._bounds(one, day), low=first, high=last, **values)

    def manifests(self, day: str = "") -> list[ManifestRow]:
        """Return the manifests of a day, those replaced too, or of all days the ones that count."""
        rows = self._rows(_MANIFESTS_OF, day=day) if day else self._rows(_MANIFESTS)
        return [_made(ManifestRow, one) for one in rows]

    def add_manifest(self, row: ManifestRow, parts: Sequence[PartRow]) -> None:
        """Insert a revision with its new files; the one before it is replaced."""
        self._change(_REPLACE, of_day=row.day)
        self._change_many(_ADD_MANIFEST, [msgspec.structs.astuple(row)])
        self._change_many(_ADD_PARTS, [msgspec.structs.astuple(one) for one in parts])

    def set_manifest(self, manifest: int, state: str) -> None:
        """Set the state of a revision."""
        self._change(_SET_MANIFEST, key=manifest, new_state=state)

    def parts(self, day: str = "") -> list[PartRow]:
        """Return the files that count, of a day or of all, by id."""
        rows = self._rows(_PARTS_OF, day=day) if day else self._rows(_PARTS)
        return [_made(PartRow, one) for one in rows]

    def set_part(self, part: int, state: str) -> None:
        """Set the state of a file."""
        self._change(_SET_PART, key=part, new_state=state)

    def archived_rows(self, table: str, ids: Sequence[int]) -> list[Values]:  # noqa: ARG002  # see ArchivedTransaction
        """Return rows that are in the archive only; needs a transaction that reads the archive.

        Raises:
            StoreError: this transaction does not.
        """
        raise StoreError("the archive is not open here")

    def put_archived(self, table: str, rows: Sequence[Values]) -> None:
        """Insert rows of an archived day into a database that holds none of them."""
        self._change_many(_INSERTS[table], rows)

    def take_back(self, table: str, rows: Sequence[Values]) -> None:
        """Put archived rows into the database again, and note that the archive still holds them."""
        one = ARCHIVED[table]
        owner = one.columns.index(one.owner.name)
        if one.emptied:
            for row in rows:
                held = dict(zip(one.columns, row, strict=True))
                values = {f"new_{name}": held[name] for name in (*one.emptied, *one.packed)}
                self._change(_REFILLS[table], key=row[0], **values)
        else:
            self._change_many(_INSERTS[table], rows)
        days = {row[0]: day_of(row[owner]).day for row in rows}
        self._change_many(_TAKE, [(table, key, day) for key, day in days.items()])
        for day in sorted(set(days.values())):
            self._change(_REOPEN, of_day=day)

    def taken_back(self, day: DayRow) -> Mapping[str, frozenset[int]]:
        """Return the ids by table that are in the database and still in files of a day."""
        return by_table(self._rows(_TAKEN, day=day.day))

    def forget_taken(self, day: DayRow) -> None:
        """Note that the files of a day hold nothing any more that was taken back."""
        self._change(_FORGET, of_day=day.day)

    def _bounds(self, one: Archived, day: DayRow) -> dict[str, Any]:
        """Return the values of the conditions on a day."""
        bounds: dict[str, Any] = {"first": day.first, "end": day.end}
        return bounds | {"nothing": b""} if one.emptied else bounds


def milliseconds_of(key: int) -> int:
    """Return the moment with which an id begins."""
    return (key >> SHIFT) * TICK + EPOCH


def by_table(rows: Iterable[Sequence[Any]]) -> dict[str, frozenset[int]]:
    """Return ids by table."""
    found: dict[str, set[int]] = {}
    for table, key in rows:
        found.setdefault(table, set()).add(key)
    return {table: frozenset(keys) for table, keys in found.items()}


def _made(kind: type[T], values: Sequence[Any]) -> T:
    return kind(**dict(zip(kind.__struct_fields__, values, strict=True)))
