# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Erase what is known of an item, inside one transaction, and leave every other proof standing.

The rules:

1. Of an item nothing stays but its row, without secret, body, keys and findings. Its salts and the references
   under which partners know it derive from the secret, so they can never be made again.
2. Contributions that speak of this item alone are emptied. One that another item is merged from as well
   (an order of two parcels) stays: it is that item's too.
3. The verbatim messages that brought what is emptied are emptied whole, with their answers; what they said
   of other items stays in the contributions of those. Random bytes replace their digests, since the digest of
   a guessed message would tell that it came.
4. In every batch, sent or received, salt and record are replaced by the commitment. Root, statement,
   signatures, receipt and log stay as they were, so every other record is proved as before.
5. What has not left yet does not leave.
6. What is kept beside an item goes with it: referrals are emptied, movements removed. Dispatches
   name it no more (`dispatch_erasing`), and questions that asked for it are emptied (`erasing`).
7. A received record takes with it what it became here, whole, and those that it was sent on to are told. If
   only its retention has ended they are not: they go by their own clock.
8. Each partner that was sent a record gets a signed notice, logged and kept until it is confirmed. An erasure
   of which nobody need be told is logged all the same.

The files of the database still hold old bytes until they are scrubbed; that is the store's part.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import msgspec

from gateway.audit.entry import Event
from gateway.exchange.dispatch_erasing import strip
from gateway.exchange.ports import Ids, Transaction
from gateway.exchange.reach import (
    ERASED,
    day_apart,
    forget_course,
    forget_number,
    own_contributions,
    restated,
)
from gateway.exchange.release import reference
from gateway.exchange.rows import BatchRow, ErasureRow, InboundRow, ItemRow, ShareRow
from gateway.exchange.sealing import Sealer
from gateway.model import ShareState
from gateway.wire.payload import redact, redact_salts, unpack_entries
from gateway.wire.statement import STATEMENT_VERSION
from gateway.wire.v1 import envelope_pb2

LARGEST_NOTICE = 1000


@dataclass(slots=True)
class Erased:
    """What one erasure did; `digests` are those of messages that are gone, for the files they came as.

    `files` are received batches whose records may have been forwarded, with the references erased.
    """

    items: int = 0
    sent: int = 0
    received: int = 0
    notices: list[str] = field(default_factory=list)
    digests: list[bytes] = field(default_factory=list)
    files: list[tuple[InboundRow, tuple[str, ...]]] = field(default_factory=list)

    def add(self, other: "Erased") -> None:
        """Count in what another erasure did."""
        self.items += other.items
        self.sent += other.sent
        self.received += other.received
        self.notices += other.notices
        self.digests += other.digests
        self.files += other.files


class Eraser:
    """The erasing step of one gateway."""

    def __init__(
        self, *, organisation: str, ids: Ids, sealer: Sealer, random: Callable[[int], bytes]
    ) -> None:
        """Take the doors."""
        self._organisation = organisation
        self._ids = ids
        self._sealer = sealer
        self._random = random

    def items(
        self, tx: Transaction, rows: Iterable[ItemRow], *, messages: Sequence[int] = (), reason: str, now: int
    ) -> Erased:
        """Erase items; `messages` are further messages that name them without having had an effect."""
        done = Erased()
        told: dict[str, list[envelope_pb2.ErasedRecord]] = defaultdict(list)
        emptied = set(messages)
        for row in rows:
            for partner, record in self._unsend(tx, row, now):
                told[partner].append(record)
                done.sent += 1
            emptied.update(self._forget(tx, row, done, now))
            done.items += 1
        self._empty(tx, emptied, done)
        for partner, records in sorted(told.items()):
            for start in range(0, len(records), LARGEST_NOTICE):
                part = records[start : start + LARGEST_NOTICE]
                done.notices.append(self._notice(tx, partner, part, reason, now))
        if done.items and not told:
            self._own(tx, self._organisation, done.items, reason, now)
        return done

    def received(self, tx: Transaction, tracking_number: str, *, reason: str, now: int) -> Erased:
        """Erase what partners sent about a tracking number; they keep their own copies."""
        done = Erased()
        places: dict[int, list[int]] = defaultdict(list)
        batches: dict[int, InboundRow] = {}
        for record, inbound in tx.inbound_records(tracking_number):
            places[inbound.id].append(record.position)
            batches[inbound.id] = inbound
        for key, positions in places.items():
            self.inbound(tx, batches[key], positions, done, reason=reason, now=now)
        stripped = strip(tx, tracking_number)
        done.files += stripped.files
        self._empty(tx, stripped.messages, done)
        forget_number(tx, tracking_number)
        for partner in sorted({one.partner for one in batches.values()}):
            count = sum(len(places[key]) for key, one in batches.items() if one.partner == partner)
            self._own(tx, partner, count, reason, now)
        return done

    def inbound(
        self,
        tx: Transaction,
        row: InboundRow,
        positions: Sequence[int],
        done: Erased,
        *,
        reason: str,
        now: int,
    ) -> None:
        """Erase records of a received batch, and what they became here, and tell those who were sent it."""
        for own in self._became(tx, row, positions, done):
            done.add(self.items(tx, [own], reason=reason, now=now))

    def _became(
        self, tx: Transaction, row: InboundRow, positions: Sequence[int], done: Erased
    ) -> Iterable[ItemRow]:
        """Erase records of a received batch; yield what they became here and what must go with them."""
        known = {one.position: one for one in tx.records_in_inbound(row.id)}
        payload = redact(row.payload, positions)
        tx.put_inbound_payload(row.id, payload, positions)
        after = msgspec.structs.replace(row, payload=payload)
        done.files.append((after, tuple(known[one].reference for one in positions)))
        done.received += len(positions)
        for one in positions:
            yield from restated(tx, row, known[one].reference, known[one].tracking_number)

    def expired(
        self, tx: Transaction, row: BatchRow | InboundRow, *, partner: str, reason: str, now: int
    ) -> Erased:
        """Erase every record of a batch whose retention has ended; the partner goes by its own clock."""
        done = Erased()
        positions = [place for place, one in enumerate(unpack_entries(row.payload)) if not one.erased]
        if not positions:
            return done
        if isinstance(row, InboundRow):
            for own in self._became(tx, row, positions, done):
                _drop_unsent(tx, tx.shares_of([own.id]), now)
                self._end(tx, [own], done, now)
        else:
            _redact(tx, row, positions)
            done.sent = len(positions)
            inside = tx.items(sorted({one.item for one in tx.shares_in_batch(row.id)}))
            gone = [one for one in inside if one.state != ERASED and _all_gone(tx, one)]
            self._end(tx, gone, done, now)
        self._own(tx, partner, len(positions), reason, now)
        return done

    def _end(self, tx: Transaction, rows: Sequence[ItemRow], done: Erased, now: int) -> None:
        """Erase items of which nobody need be told."""
        emptied = {one for row in rows for one in self._forget(tx, row, done, now)}
        self._empty(tx, emptied, done)
        done.items += len(rows)

    def _empty(self, tx: Transaction, emptied: Iterable[int], done: Erased) -> None:
        """Empty messages whole."""
        gone = tx.messages(sorted(emptied))
        done.digests += [one.digest for one in gone if one.raw]
        tx.erase_messages([one.id for one in gone], self._random)

    def _unsend(
        self, tx: Transaction, row: ItemRow, now: int
    ) -> Iterable[tuple[str, envelope_pb2.ErasedRecord]]:
        """Take an item out of the batches and shares; return who holds it under which reference."""
        shares = tx.shares_of([row.id])
        batches = {one.id: one for one in tx.batches(sorted({one.batch for one in shares if one.batch}))}
        _drop_unsent(tx, shares, now)
        for share in shares:
            batch = batches.get(share.batch)
            if batch is None:
                continue
            # A batch may hold two versions of one item, so the payload is read anew for each.
            batches[batch.id] = _redact(tx, batch, [share.position])
            yield (
                batch.channel.split("/")[1],
                envelope_pb2.ErasedRecord(
                    batch_id=batch.batch_id,
                    channel=batch.channel,
                    sequence=batch.sequence,
                    index=share.position,
                    reference=reference(row.secret, share.agreement),
                ),
            )

    def _forget(self, tx: Transaction, row: ItemRow, done: Erased, now: int) -> set[int]:
        """Empty an item and what it alone was merged from; return the messages that brought it."""
        mine, others = own_contributions(tx, row), set[int]()
        if row.record == "item":
            stripped = strip(tx, row.tracking_number, day_apart(tx, row))
            others, done.files = stripped.messages, done.files + stripped.files
        forget_course(tx, row)
        tx.erase_contributions([one.id for one in mine])
        tx.put_items(
            [
                msgspec.structs.replace(
                    row,
                    tracking_number=f"{ERASED}-{row.id:016x}",
                    order_key="",
                    list_key="",
                    state=ERASED,
                    updated_at=now,
                    secret=b"",
                    body=b"",
                    findings=b"",
                    counted="",
                )
            ]
        )
        return others | {one.message_row for one in mine}

    def _notice(
        self,
        tx: Transaction,
        partner: str,
        records: Sequence[envelope_pb2.ErasedRecord],
        reason: str,
        now: int,
    ) -> str:
        """Sign, log and keep a notice that the partner must confirm."""
        number = self._ids.take(1)[0]
        notice = envelope_pb2.ErasureStatement(
            version=STATEMENT_VERSION,
            notice_id=f"{number:016x}",
            sender=self._organisation,
            recipient=partner,
            records=records,
            created_at_ms=now,
        )
        statement, envelope = self._sealer.seal_notice(notice)
        self._record(
            tx,
            statement,
            ErasureRow(
                id=number,
                notice_id=notice.notice_id,
                partner=partner,
                direction="sent",
                state="pending",
                records=len(records),
                reason=reason,
                created_at=now,
                notice=envelope,
                log_index=0,
            ),
        )
        return notice.notice_id

    def _own(self, tx: Transaction, partner: str, records: int, reason: str, now: int) -> None:
        """Log an erasure of which nobody is told."""
        number = self._ids.take(1)[0]
        statement = envelope_pb2.ErasureStatement(
            version=STATEMENT_VERSION,
            notice_id=f"{number:016x}",
            sender=self._organisation,
            created_at_ms=now,
        ).SerializeToString(deterministic=True)
        self._record(
            tx,
            statement,
            ErasureRow(
                id=number,
                notice_id=f"{number:016x}",
                partner=partner,
                direction="own",
                state="done",
                records=records,
                reason=reason,
                created_at=now,
                notice=statement,
                log_index=0,
            ),
        )

    def _record(self, tx: Transaction, statement: bytes, row: ErasureRow) -> None:
        """Log an erasure and keep what was said about it."""
        recorded = self._sealer.journal.record_event(
            tx,
            row.partner,
            Event.ERASURE,
            statement=statement,
            subject=f"erasure:{row.id}",
            now=row.created_at,
        )
        tx.add_erasure(msgspec.structs.replace(row, log_index=recorded.index))


def notice_digest(statement: bytes) -> bytes:
    """Return the digest by which a confirmation names its notice."""
    return hashlib.sha256(statement).digest()


def _drop_unsent(tx: Transaction, shares: Sequence[ShareRow], now: int) -> None:
    """Drop what has not left."""
    tx.put_shares(
        [
            msgspec.structs.replace(one, state=ShareState.DROPPED, missing=(), updated_at=now)
            for one in shares
            if one.state in (ShareState.WAITING, ShareState.READY)
        ]
    )


def _redact(tx: Transaction, batch: BatchRow, positions: Sequence[int]) -> BatchRow:
    """Replace records of a sent batch by their commitments; return what is stored now."""
    after = msgspec.structs.replace(
        batch, payload=redact(batch.payload, positions), salts=redact_salts(batch.salts, positions)
    )
    tx.put_batch_payload(batch.id, after.payload, after.salts)
    return after


def _all_gone(tx: Transaction, row: ItemRow) -> bool:
    """Say whether nothing of an item is in a batch any more, nor on its way into one."""
    shares = tx.shares_of([row.id])
    if any(one.state in (ShareState.WAITING, ShareState.READY) for one in shares):
        return False
    batches = {one.id: one for one in tx.batches(sorted({one.batch for one in shares if one.batch}))}
    return all(unpack_entries(batches[one.batch].payload)[one.position].erased for one in shares if one.batch)
