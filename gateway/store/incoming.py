# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Received batches, where their records lie, and the evidence of what was refused."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import bindparam, insert, literal_column, select, true, update

from gateway.exchange.rows import InboundRecordRow, InboundRow, RefusalRow
from gateway.store import form
from gateway.store.columns import is_state
from gateway.store.schema import inbound, inbound_record, is_unforwarded, is_unrestated, refusal
from gateway.store.session import Session
from gateway.store.statement import KeyedStatement, Statement

_ADD = Statement(lambda _: insert(inbound))
_PARTNERS = Statement(
    lambda _: (
        select(inbound.c.partner)
        .join(inbound_record, inbound_record.c.inbound == inbound.c.id)
        .where(
            inbound_record.c.tracking_number == bindparam("tracking_number"),
            inbound_record.c.state != literal_column("'rejected'"),
            inbound.c.channel.like(bindparam("channels")),
        )
        .distinct()
    )
)
_TO_RESTATE = Statement(
    lambda _: select(inbound).where(is_unrestated).order_by(inbound.c.id).limit(bindparam("limit"))
)
_RESTATED = Statement(
    lambda _: update(inbound).where(inbound.c.id == bindparam("key")).values(restated=true())
)
_CHANNEL_OF = Statement(lambda _: select(inbound.c.channel).where(inbound.c.id == bindparam("key")))
_ADD_RECORDS = Statement(lambda _: insert(inbound_record))
_BY_BATCH = Statement(
    lambda _: select(inbound).where(
        inbound.c.partner == bindparam("partner"), inbound.c.batch_id == bindparam("batch_id")
    )
)
_BY_ID = KeyedStatement(lambda keys: select(inbound).where(inbound.c.id.in_(keys)).order_by(inbound.c.id))
_AFTER = Statement(
    lambda _: (
        select(inbound)
        .where(is_unforwarded, inbound.c.id > bindparam("after"))
        .order_by(inbound.c.id)
        .limit(bindparam("limit"))
    )
)
_RECORDS = Statement(
    lambda _: (
        select(inbound_record)
        .where(inbound_record.c.tracking_number == bindparam("tracking_number"))
        .order_by(inbound_record.c.id)
    )
)
_FORWARDED = Statement(
    lambda _: update(inbound).where(inbound.c.id == bindparam("key")).values(forwarded=true())
)
_FORWARDED_RECORDS = Statement(
    lambda _: (
        update(inbound_record)
        .where(inbound_record.c.inbound == bindparam("key"), is_state(inbound_record, "accepted"))
        .values(state=literal_column("'forwarded'"))
    )
)
_ADD_REFUSAL = Statement(lambda _: insert(refusal))
_REFUSALS = Statement(lambda _: select(refusal).order_by(refusal.c.id.desc()).limit(bindparam("limit")))


class Arrivals(Session):
    """What changes of received records have in common: they are counted by channel."""

    def _channel_of(self, inbound: int) -> str:
        """Return the channel on which a batch came."""
        found = self._row(_CHANNEL_OF, key=inbound)
        return "" if found is None else str(found[0])


class Incoming(Arrivals):
    """The part of a transaction about what came from partners."""

    def inbound_by_batch(self, partner: str, batch_id: str) -> InboundRow | None:
        """Return a received batch by the partner's batch id."""
        found = self._row(_BY_BATCH, partner=partner, batch_id=batch_id)
        return None if found is None else form.inbound_row(found, self._compression)

    def inbound(self, key: int) -> InboundRow | None:
        """Return a received batch by id."""
        for one in self._rows_by_key(_BY_ID, [key]):
            return form.inbound_row(one, self._compression)
        return None

    def add_inbound(self, row: InboundRow, records: Sequence[InboundRecordRow]) -> None:
        """Insert a received batch with its record index."""
        self._change_many(_ADD, [form.inbound_values(row, self._compression)])
        self._change_many(_ADD_RECORDS, [msgspec.structs.astuple(record) for record in records])
        self.differences["inbound"] += 1
        self.differences.update(f"inbound_records.{record.state}:{row.channel}" for record in records)

    def inbound_to_forward(self, after: int, limit: int) -> list[InboundRow]:
        """Return received batches not yet forwarded with an id above `after`, in id order."""
        return [
            form.inbound_row(one, self._compression) for one in self._rows(_AFTER, after=after, limit=limit)
        ]

    def inbound_to_restate(self, limit: int) -> list[InboundRow]:
        """Return received batches whose records are not yet our own, in id order."""
        return [form.inbound_row(one, self._compression) for one in self._rows(_TO_RESTATE, limit=limit)]

    def mark_restated(self, inbound: int) -> None:
        """Note that the records of a received batch are our own now, or need not be."""
        self._change(_RESTATED, key=inbound)

    def inbound_records(self, tracking_number: str) -> list[tuple[InboundRecordRow, InboundRow]]:
        """Return every received record of a tracking number with its batch, in id order."""
        records = [
            form.inbound_record_row(one) for one in self._rows(_RECORDS, tracking_number=tracking_number)
        ]
        batches = {
            one[0]: form.inbound_row(one, self._compression)
            for one in self._rows_by_key(_BY_ID, [record.inbound for record in records])
        }
        return [(record, batches[record.inbound]) for record in records]

    def inbound_partners(self, tracking_number: str, record: str) -> frozenset[str]:
        """Return the partners of which a record of a kind about a tracking number was accepted."""
        rows = self._rows(_PARTNERS, tracking_number=tracking_number, channels=f"%/{record}")
        return frozenset(one for (one,) in rows)

    def mark_forwarded(self, inbound: int) -> None:
        """Set a received batch and its accepted records to forwarded."""
        self._change(_FORWARDED, key=inbound)
        forwarded = self._change(_FORWARDED_RECORDS, key=inbound)
        channel = self._channel_of(inbound)
        self.differences.update(
            {
                f"inbound_records.forwarded:{channel}": forwarded,
                f"inbound_records.accepted:{channel}": -forwarded,
            }
        )

    def add_refusal(self, row: RefusalRow) -> None:
        """Keep the evidence of a refused envelope."""
        self._change_many(_ADD_REFUSAL, [form.refusal_values(row)])
        self.differences["refusals"] += 1

    def refusals(self, limit: int) -> list[RefusalRow]:
        """Return the latest refusals, latest first."""
        return [form.refusal_row(one) for one in self._rows(_REFUSALS, limit=limit)]
