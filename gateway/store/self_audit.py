# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What only the self-audit reads, in ways that no damaged value can stop.

Bytes are cast to bytes, since a foreign hand may have written text in their place. What cannot be read at all
comes back as `UNREADABLE`, which is no form of anything, so that its row is found wrong like any other.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
import zstandard
from sqlalchemy import Column, LargeBinary, Table, bindparam, cast, exists, func, literal_column, select
from sqlalchemy.sql import ColumnElement

from gateway.exchange.rows import BatchRow, InboundRow, LogEntryRow, LogState, StatementRow
from gateway.store import form
from gateway.store.announcement_schema import announcement
from gateway.store.archive_schema import archive_manifest
from gateway.store.query_schema import inquiry
from gateway.store.schema import (
    batch,
    decision,
    erasure,
    inbound,
    inbound_record,
    is_batched,
    log,
    log_entry,
    log_hash,
    refusal,
    share,
)
from gateway.store.session import Session
from gateway.store.statement import KeyedStatement, Statement
from gateway.store.webhook_schema import webhook

UNREADABLE = b"\xff"


def _plain(table: Table) -> list[ColumnElement[Any]]:
    """Return all columns of a table, bytes as bytes."""
    return [
        cast(column, LargeBinary) if isinstance(column.type, LargeBinary) else column
        for column in table.columns
    ]


_LOGS = Statement(lambda _: select(*_plain(log)).order_by(log.c.name))
_ENTRIES = Statement(
    lambda _: (
        select(*_plain(log_entry))
        .where(
            log_entry.c.log == bindparam("name"),
            log_entry.c.index >= bindparam("start"),
            log_entry.c.index < bindparam("end"),
        )
        .order_by(log_entry.c.index)
    )
)
_STORED = {
    direction: Statement(
        lambda _, table=table: (  # type: ignore[misc]  # a default binds the table of this turn
            select(*_plain(table))
            .where(table.c.channel == bindparam("channel"), table.c.sequence > bindparam("sequence"))
            .order_by(table.c.sequence)
            .limit(bindparam("limit"))
        )
    )
    for direction, table in (("out", batch), ("in", inbound))
}
_PLACES = Statement(
    lambda _: (
        select(share.c.position)
        .where(is_batched, share.c.batch == bindparam("key"))
        .order_by(share.c.position)
    )
)
_HASHES = Statement(
    lambda _: (
        select(log_hash.c.index, cast(log_hash.c.hash, LargeBinary))
        .where(
            log_hash.c.log == bindparam("name"),
            log_hash.c.level == bindparam("level"),
            log_hash.c.index >= bindparam("start"),
            log_hash.c.index < bindparam("end"),
        )
        .order_by(log_hash.c.index)
    )
)
_CHANNELS = {
    "out": Statement(lambda _: select(batch.c.channel).distinct().order_by(batch.c.channel)),
    "in": Statement(lambda _: select(inbound.c.channel).distinct().order_by(inbound.c.channel)),
}
_ORPHANS = {
    "share": Statement(
        lambda _: (
            select(func.count())
            .select_from(share)
            .where(is_batched, ~exists(select(literal_column("1")).where(batch.c.id == share.c.batch)))
        )
    ),
    "inbound_record": Statement(
        lambda _: (
            select(func.count())
            .select_from(inbound_record)
            .where(~exists(select(literal_column("1")).where(inbound.c.id == inbound_record.c.inbound)))
        )
    ),
}


def _columns(
    table: Table, first: Column[bytes], second: Column[bytes] | None, index: Column[int] | None
) -> tuple[ColumnElement[Any], ...]:
    """Return the columns of a statement row."""
    return (
        table.c.id,
        cast(first, LargeBinary),
        literal_column("''") if second is None else cast(second, LargeBinary),
        table.c.log_index,
        literal_column("-1") if index is None else index,
    )


_KINDS = {
    "batch": _columns(batch, batch.c.envelope, batch.c.receipt, batch.c.receipt_log_index),
    "inbound": _columns(inbound, inbound.c.envelope, inbound.c.receipt, None),
    "refusal": _columns(refusal, refusal.c.envelope, refusal.c.receipt, None),
    "erasure": _columns(erasure, erasure.c.notice, erasure.c.answer, None),
    "inquiry": _columns(inquiry, inquiry.c.query, inquiry.c.answer, None),
    "decision": _columns(decision, decision.c.statement, None, None),
    "webhook": _columns(webhook, webhook.c.delivery, webhook.c.receipt, None),
    "announcement": _columns(announcement, announcement.c.announcement, announcement.c.answer, None),
    "archive": _columns(archive_manifest, archive_manifest.c.envelope, None, None),
}
_TABLES = {
    "batch": batch,
    "inbound": inbound,
    "refusal": refusal,
    "erasure": erasure,
    "inquiry": inquiry,
    "decision": decision,
    "webhook": webhook,
    "announcement": announcement,
    "archive": archive_manifest,
}


def _by_id(kind: str) -> KeyedStatement:
    """Return the query of statements by id."""
    table = _TABLES[kind]
    return KeyedStatement(lambda keys: select(*_KINDS[kind]).where(table.c.id.in_(keys)).order_by(table.c.id))


def _after(kind: str) -> Statement:
    """Return the query of statements above an id, each with its partner."""
    table = _TABLES[kind]
    return Statement(
        lambda _: (
            select(*_KINDS[kind], table.c.partner)
            .where(table.c.id > bindparam("key"))
            .order_by(table.c.id)
            .limit(bindparam("limit"))
        )
    )


_BY_ID = {kind: _by_id(kind) for kind in _KINDS}
_AFTER = {
    kind: _after(kind)
    for kind in ("refusal", "erasure", "inquiry", "decision", "webhook", "announcement", "archive")
}


class SelfAuditing(Session):
    """The part of a transaction that only reads, for the self-audit."""

    def stored_logs(self) -> list[LogState]:
        """Return every log, by name; a right edge that cannot be read is a wrong one."""
        return [_log(one) for one in self._rows(_LOGS)]

    def stored_entries(self, name: str, start: int, end: int) -> list[LogEntryRow]:
        """Return the entries with start <= index < end, in order."""
        return [form.log_entry_row(one) for one in self._rows(_ENTRIES, name=name, start=start, end=end)]

    def stored_batches(
        self, direction: str, channel: str, after: int, limit: int
    ) -> list[BatchRow | InboundRow]:
        """Return batches of a channel above a sequence number, in order; `direction` is out or in."""
        rows = self._rows(_STORED[direction], channel=channel, sequence=after, limit=limit)
        kind: type[BatchRow | InboundRow] = BatchRow if direction == "out" else InboundRow
        return [kind(**self._readable(kind, one)) for one in rows]

    def places_in_batch(self, batch: int) -> list[int]:
        """Return the positions of the shares of a batch, in order."""
        return [one[0] for one in self._rows(_PLACES, key=batch)]

    def _readable(self, kind: type[BatchRow | InboundRow], values: Sequence[Any]) -> dict[str, Any]:
        """Return the fields of a batch."""
        fields = dict(zip(kind.__struct_fields__, values, strict=True))
        try:
            fields["payload"] = self._compression.unpack(fields["payload"])
        except zstandard.ZstdError:
            fields["payload"] = UNREADABLE
        return fields

    def log_hashes(self, name: str, level: int, start: int, end: int) -> list[tuple[int, bytes]]:
        """Return the hashes of a level with start <= index < end, each with its index, in order."""
        rows = self._rows(_HASHES, name=name, level=level, start=start, end=end)
        return [(index, value) for index, value in rows]

    def statements(self, kind: str, ids: Sequence[int]) -> list[StatementRow]:
        """Return what entries of a kind are about, by id, in id order."""
        return [_row(one) for one in self._rows_by_key(_BY_ID[kind], ids)]

    def statements_after(self, kind: str, after: int, limit: int) -> list[tuple[str, StatementRow]]:
        """Return rows of a kind with an id above `after`, each with its partner."""
        return [(one[-1], _row(one[:-1])) for one in self._rows(_AFTER[kind], key=after, limit=limit)]

    def batch_channels(self) -> list[tuple[str, str]]:
        """Return direction and name of every channel that a batch names."""
        return [(direction, name) for direction, query in _CHANNELS.items() for (name,) in self._rows(query)]

    def orphans(self) -> dict[str, int]:
        """Return how many rows of each index table belong to a batch that is not there."""
        return {table: self._rows(query)[0][0] for table, query in _ORPHANS.items()}


def _log(values: Sequence[Any]) -> LogState:
    """Read a log."""
    try:
        return form.log_state(tuple(values))
    except msgspec.MsgspecError:
        return LogState(name=values[0], size=values[1], frontier=(UNREADABLE,), checkpoint=values[3])


def _row(values: Sequence[object]) -> StatementRow:
    """Read a statement."""
    key, first, second, index, other = values
    return StatementRow(
        id=key,  # type: ignore[arg-type]  # driver values in the order of the columns
        first=first,  # type: ignore[arg-type]
        second=second or b"",  # type: ignore[arg-type]
        log_index=index,  # type: ignore[arg-type]
        second_index=other,  # type: ignore[arg-type]
    )
