# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Erasure: values are overwritten where they stand, and what tells of it is kept.

The old bytes leave the file with `scrub`; a change alone leaves them in free space.
"""

from collections.abc import Callable, Sequence

from sqlalchemy import bindparam, insert, literal_column, select, true, update

from gateway.exchange.rows import ErasureRow, InboundRecordRow, InboundRow, ItemRow, MessageRow
from gateway.store import form
from gateway.store.incoming import Arrivals
from gateway.store.schema import (
    batch,
    contribution,
    erasure,
    inbound,
    inbound_record,
    is_pending,
    item,
    message,
)
from gateway.store.session import Values
from gateway.store.statement import KeyedStatement, Statement

DIGEST_BYTES = 32
_NO_FINDINGS = b"\x90"  # an empty list in MessagePack

_ITEMS_AFTER = Statement(
    lambda _: select(item).where(item.c.id > bindparam("key")).order_by(item.c.id).limit(bindparam("limit"))
)
_ITEMS = KeyedStatement(lambda keys: select(item).where(item.c.id.in_(keys)).order_by(item.c.id))
_INBOUND_AFTER = Statement(
    lambda _: (
        select(inbound)
        .where(inbound.c.id > bindparam("key"))
        .order_by(inbound.c.id)
        .limit(bindparam("limit"))
    )
)
_INBOUND_BY_SEQUENCE = Statement(
    lambda _: select(inbound).where(
        inbound.c.channel == bindparam("channel"), inbound.c.sequence == bindparam("sequence")
    )
)
_INBOUND_AFTER_SEQUENCE = Statement(
    lambda _: (
        select(inbound)
        .where(inbound.c.channel == bindparam("channel"), inbound.c.sequence > bindparam("sequence"))
        .order_by(inbound.c.sequence)
        .limit(bindparam("limit"))
    )
)
_RECORDS = Statement(
    lambda _: (
        select(inbound_record)
        .where(inbound_record.c.inbound == bindparam("key"))
        .order_by(inbound_record.c.position)
    )
)
_WITH_FINDINGS = Statement(
    lambda _: (
        select(message)
        .where(message.c.id > bindparam("key"), message.c.findings != bindparam("nothing"))
        .order_by(message.c.id)
        .limit(bindparam("limit"))
    )
)
_ERASE_CONTRIBUTION = Statement(
    lambda _: (
        update(contribution)
        .where(contribution.c.id == bindparam("key"))
        .values(
            reference=literal_column("'erased'"),
            join_key=literal_column("'erased'"),
            keys=literal_column("'[]'"),
            body=bindparam("nothing"),
            retired=true(),
        )
    )
)
_PUT_WORDS = Statement(
    lambda _: (
        update(contribution).where(contribution.c.id == bindparam("key")).values(body=bindparam("new_body"))
    )
)
_ERASE_MESSAGE = Statement(
    lambda _: (
        update(message)
        .where(message.c.id == bindparam("key"))
        .values(
            digest=bindparam("new_digest"),
            raw=bindparam("new_raw"),
            acknowledgement=bindparam("nothing"),
            findings=bindparam("new_findings"),
        )
    )
)
_PUT_BATCH = Statement(
    lambda _: (
        update(batch)
        .where(batch.c.id == bindparam("key"))
        .values(payload=bindparam("new_payload"), salts=bindparam("new_salts"))
    )
)
_PUT_INBOUND = Statement(
    lambda _: update(inbound).where(inbound.c.id == bindparam("key")).values(payload=bindparam("new_payload"))
)
_ERASE_RECORD = Statement(
    lambda _: (
        update(inbound_record)
        .where(inbound_record.c.id == bindparam("key"))
        .values(tracking_number=literal_column("''"), state=literal_column("'erased'"))
    )
)
_ADD = Statement(lambda _: insert(erasure))
_PUT_ANSWER = Statement(
    lambda _: (
        update(erasure)
        .where(erasure.c.id == bindparam("key"))
        .values(
            state=literal_column("'confirmed'"), answer=bindparam("new_answer"), answered_at=bindparam("now")
        )
    )
)
_BY_NOTICE = Statement(
    lambda _: select(erasure).where(
        erasure.c.partner == bindparam("partner"), erasure.c.notice_id == bindparam("notice")
    )
)
_PENDING = Statement(
    lambda _: (
        select(erasure)
        .where(is_pending, erasure.c.id > bindparam("key"))
        .order_by(erasure.c.id)
        .limit(bindparam("limit"))
    )
)
_ALL = Statement(
    lambda _: (
        select(erasure)
        .where(erasure.c.id > bindparam("key"))
        .order_by(erasure.c.id)
        .limit(bindparam("limit"))
    )
)


class Erasures(Arrivals):
    """The part of a transaction about erasure."""

    def items_after(self, key: int, limit: int) -> list[ItemRow]:
        """Return items with an id above `key`, in id order."""
        return [form.item_row(one) for one in self._rows(_ITEMS_AFTER, key=key, limit=limit)]

    def items(self, ids: Sequence[int]) -> list[ItemRow]:
        """Return items by id, in id order."""
        return [form.item_row(one) for one in self._rows_by_key(_ITEMS, ids)]

    def inbound_after(self, key: int, limit: int) -> list[InboundRow]:
        """Return received batches with an id above `key`, in id order."""
        rows = self._rows(_INBOUND_AFTER, key=key, limit=limit)
        return [form.inbound_row(one, self._compression) for one in rows]

    def inbound_after_sequence(self, channel: str, sequence: int, limit: int) -> list[InboundRow]:
        """Return received batches of a channel above a sequence number, in sequence order."""
        rows = self._rows(_INBOUND_AFTER_SEQUENCE, channel=channel, sequence=sequence, limit=limit)
        return [form.inbound_row(one, self._compression) for one in rows]

    def inbound_by_sequence(self, channel: str, sequence: int) -> InboundRow | None:
        """Return one received batch of a channel."""
        found = self._row(_INBOUND_BY_SEQUENCE, channel=channel, sequence=sequence)
        return None if found is None else form.inbound_row(found, self._compression)

    def records_in_inbound(self, inbound: int) -> list[InboundRecordRow]:
        """Return the record index of a received batch, in position order."""
        return [form.inbound_record_row(one) for one in self._rows(_RECORDS, key=inbound)]

    def messages_with_findings(self, after: int, limit: int) -> list[MessageRow]:
        """Return messages about which something was found, with an id above `after`, in id order."""
        rows = self._rows(_WITH_FINDINGS, key=after, nothing=_NO_FINDINGS, limit=limit)
        return [form.message_row(one, self._compression) for one in rows]

    def erase_contributions(self, ids: Sequence[int]) -> None:
        """Empty contributions and everything by which they could be found."""
        for key in ids:
            self._change(_ERASE_CONTRIBUTION, key=key, nothing=b"")

    def put_contribution_body(self, contribution: int, body: bytes) -> None:
        """Replace the words of a contribution."""
        self._change(_PUT_WORDS, key=contribution, new_body=body)

    def erase_messages(self, ids: Sequence[int], random: Callable[[int], bytes]) -> None:
        """Empty verbatim messages, answers and findings; random bytes replace their digests."""
        for key in ids:
            self._change(
                _ERASE_MESSAGE,
                key=key,
                new_digest=random(DIGEST_BYTES),
                new_raw=self._compression.pack(b""),
                new_findings=_NO_FINDINGS,
                nothing=b"",
            )

    def put_batch_payload(self, batch: int, payload: bytes, salts: bytes) -> None:
        """Replace what a sent batch holds of its records."""
        self._change(_PUT_BATCH, key=batch, new_payload=self._compression.pack(payload), new_salts=salts)

    def put_inbound_payload(self, inbound: int, payload: bytes, positions: Sequence[int]) -> None:
        """Replace what a received batch holds; the records at the positions are erased from its index."""
        self._change(_PUT_INBOUND, key=inbound, new_payload=self._compression.pack(payload))
        erased = set(positions)
        rows = [
            one
            for one in self.records_in_inbound(inbound)
            if one.position in erased and one.state != "erased"
        ]
        channel = self._channel_of(inbound)
        self.differences.subtract(f"inbound_records.{one.state}:{channel}" for one in rows)
        self.differences[f"inbound_records.erased:{channel}"] += len(rows)
        for one in rows:
            self._change(_ERASE_RECORD, key=one.id)

    def add_erasure(self, row: ErasureRow) -> None:
        """Insert an erasure."""
        self._change_many(_ADD, [tuple(getattr(row, column.name) for column in erasure.columns)])

    def put_answer(self, erasure: int, answer: bytes, now: int) -> None:
        """Store the confirmation of a notice."""
        self._change(_PUT_ANSWER, key=erasure, new_answer=answer, now=now)

    def erasure_by_notice(self, partner: str, notice_id: str) -> ErasureRow | None:
        """Return the erasure of a notice from or to a partner."""
        found = self._row(_BY_NOTICE, partner=partner, notice=notice_id)
        return None if found is None else _erasure_row(found)

    def pending_erasures(self, after: int, limit: int) -> list[ErasureRow]:
        """Return erasures that the partner has not confirmed, with an id above `after`, in id order."""
        return [_erasure_row(one) for one in self._rows(_PENDING, key=after, limit=limit)]

    def erasures(self, after: int, limit: int) -> list[ErasureRow]:
        """Return erasures with an id above `after`, in id order."""
        return [_erasure_row(one) for one in self._rows(_ALL, key=after, limit=limit)]


def _erasure_row(values: Values) -> ErasureRow:
    """Read an erasure."""
    names = [column.name for column in erasure.columns]
    return ErasureRow(**dict(zip(names, values, strict=True)))
