# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Channels and outgoing batches."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import bindparam, insert, select, update

from gateway.exchange.rows import BatchRow, ChannelRow
from gateway.store import form
from gateway.store.dialect import upsert
from gateway.store.schema import batch, channel
from gateway.store.session import Session
from gateway.store.statement import KeyedStatement, Statement

_CHANNEL = Statement(lambda _: select(channel).where(channel.c.name == bindparam("name")))
_CHANNELS = Statement(lambda _: select(channel).order_by(channel.c.name))
_PUT_CHANNEL = Statement(lambda backend: upsert(channel, backend))
_ADD_BATCH = Statement(lambda _: insert(batch))
_BATCHES = KeyedStatement(lambda keys: select(batch).where(batch.c.id.in_(keys)).order_by(batch.c.id))
_OUTCOME = Statement(
    lambda _: select(batch.c.state, batch.c.accepted, batch.c.rejected).where(batch.c.id == bindparam("id"))
)
_AFTER = Statement(
    lambda _: (
        select(batch)
        .where(batch.c.channel == bindparam("channel"), batch.c.sequence > bindparam("sequence"))
        .order_by(batch.c.sequence)
        .limit(bindparam("limit"))
    )
)
_BY_SEQUENCE = Statement(
    lambda _: select(batch).where(
        batch.c.channel == bindparam("channel"), batch.c.sequence == bindparam("sequence")
    )
)
_PUT_RECEIPT = Statement(
    lambda _: (
        update(batch)
        .where(batch.c.id == bindparam("key"))
        .values(
            state=bindparam("new_state"),
            receipt=bindparam("new_receipt"),
            receipted_at=bindparam("at"),
            receipt_log_index=bindparam("index"),
            accepted=bindparam("new_accepted"),
            rejected=bindparam("new_rejected"),
        )
    )
)


class Outgoing(Session):
    """The part of a transaction about what goes to partners."""

    def channel(self, name: str) -> ChannelRow | None:
        """Return a channel."""
        found = self._row(_CHANNEL, name=name)
        return None if found is None else form.channel_row(found)

    def channels(self) -> list[ChannelRow]:
        """Return every channel, in name order."""
        return [form.channel_row(one) for one in self._rows(_CHANNELS)]

    def put_channel(self, row: ChannelRow) -> None:
        """Insert or replace a channel."""
        self._change_many(_PUT_CHANNEL, [msgspec.structs.astuple(row)])

    def add_batch(self, row: BatchRow) -> None:
        """Insert an outgoing batch."""
        self._change_many(_ADD_BATCH, [form.batch_values(row, self._compression)])
        self.differences.update(
            {
                f"batches.{row.state}": 1,
                "batch_records": row.count,
                "batch_records.accepted": row.accepted,
                "batch_records.rejected": row.rejected,
            }
        )

    def batch(self, key: int) -> BatchRow | None:
        """Return an outgoing batch by id."""
        found = self.batches([key])
        return found[0] if found else None

    def batches(self, ids: Sequence[int]) -> list[BatchRow]:
        """Return outgoing batches by id, in id order."""
        return [form.batch_row(one, self._compression) for one in self._rows_by_key(_BATCHES, ids)]

    def batches_after(self, channel: str, sequence: int, limit: int) -> list[BatchRow]:
        """Return the batches of a channel above a sequence number, in sequence order."""
        rows = self._rows(_AFTER, channel=channel, sequence=sequence, limit=limit)
        return [form.batch_row(one, self._compression) for one in rows]

    def batch_by_sequence(self, channel: str, sequence: int) -> BatchRow | None:
        """Return one batch of a channel."""
        found = self._row(_BY_SEQUENCE, channel=channel, sequence=sequence)
        return None if found is None else form.batch_row(found, self._compression)

    def put_receipt(
        self, batch: int, *, state: str, receipt: bytes, at: int, log_index: int, accepted: int, rejected: int
    ) -> None:
        """Store the receipt of a batch."""
        before = self._row(_OUTCOME, id=batch)
        if before is None:
            return
        self.differences[f"batches.{before[0]}"] -= 1
        self.differences[f"batches.{state}"] += 1
        self.differences["batch_records.accepted"] += accepted - before[1]
        self.differences["batch_records.rejected"] += rejected - before[2]
        self._change(
            _PUT_RECEIPT,
            key=batch,
            new_state=state,
            new_receipt=receipt,
            at=at,
            index=log_index,
            new_accepted=accepted,
            new_rejected=rejected,
        )
