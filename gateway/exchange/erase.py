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
6. Each partner that was sent a record gets a signed notice, logged and kept until it is confirmed. An erasure
   of which nobody need be told is logged all the same.

The files of the database still hold old bytes until they are scrubbed; that is the store's part.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import msgspec

from gateway.audit.entry import Event
from gateway.exchange.ports import Ids, Transaction
from gateway.exchange.release import reference
from gateway.exchange.rows import BatchRow, ContributionRow, ErasureRow, InboundRow, ItemRow
from gateway.exchange.sealing import Sealer
from gateway.model import ShareState
from gateway.wire.payload import redact, redact_salts, unpack_entries
from gateway.wire.statement import STATEMENT_VERSION
from gateway.wire.v1 import envelope_pb2

ERASED = "erased"
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
            emptied.update(self._forget(tx, row, now))
            done.items += 1
        gone = tx.messages(sorted(emptied))
        done.digests = [one.digest for one in gone if one.raw]
        tx.erase_messages([one.id for one in gone], self._random)
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
            self.inbound(tx, batches[key], positions, done)
        for partner in sorted({one.partner for one in batches.values()}):
            count = sum(len(places[key]) for key, one in batches.items() if one.partner == partner)
            self._own(tx, partner, count, reason, now)
        return done

    def inbound(self, tx: Transaction, row: InboundRow, positions: Sequence[int], done: Erased) -> None:
        """Erase records of a received batch."""
        known = {one.position: one for one in tx.records_in_inbound(row.id)}
        payload = redact(row.payload, positions)
        tx.put_inbound_payload(row.id, payload, positions)
        after = msgspec.structs.replace(row, payload=payload)
        done.files.append((after, tuple(known[one].reference for one in positions)))
        done.received += len(positions)

    def expired(
        self, tx: Transaction, row: BatchRow | InboundRow, *, partner: str, reason: str, now: int
    ) -> Erased:
        """Erase every record of a batch whose retention has ended; the partner goes by its own clock."""
        done = Erased()
        positions = [place for place, one in enumerate(unpack_entries(row.payload)) if not one.erased]
        if not positions:
            return done
        if isinstance(row, InboundRow):
            self.inbound(tx, row, positions, done)
        else:
            _redact(tx, row, positions)
            done.sent = len(positions)
            done.items, done.digests = self._end_items(tx, row, now)
        self._own(tx, partner, len(positions), reason, now)
        return done

    def _end_items(self, tx: Transaction, batch: BatchRow, now: int) -> tuple[int, list[bytes]]:
        """Erase the items of a batch of which nothing else is shared, or still to be."""
        ended, emptied = 0, set()
        for row in tx.items(sorted({one.item for one in tx.shares_in_batch(batch.id)})):
            if row.state != ERASED and _all_gone(tx, row):
                emptied.update(self._forget(tx, row, now))
                ended += 1
        gone = tx.messages(sorted(emptied))
        tx.erase_messages([one.id for one in gone], self._random)
        return ended, [one.digest for one in gone if one.raw]

    def _unsend(
        self, tx: Transaction, row: ItemRow, now: int
    ) -> Iterable[tuple[str, envelope_pb2.ErasedRecord]]:
        """Take an item out of the batches and shares; return who holds it under which reference."""
        shares = tx.shares_of([row.id])
        batches = {one.id: one for one in tx.batches(sorted({one.batch for one in shares if one.batch}))}
        for share in shares:
            if share.state in (ShareState.WAITING, ShareState.READY):
                tx.put_shares(
                    [msgspec.structs.replace(share, state=ShareState.DROPPED, missing=(), updated_at=now)]
                )
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

    def _forget(self, tx: Transaction, row: ItemRow, now: int) -> set[int]:
        """Empty an item and what it alone was merged from; return the messages that brought it."""
        mine = _own_contributions(tx, row)
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
                )
            ]
        )
        return {one.message_row for one in mine}

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


def _redact(tx: Transaction, batch: BatchRow, positions: Sequence[int]) -> BatchRow:
    """Replace records of a sent batch by their commitments; return what is stored now."""
    after = msgspec.structs.replace(
        batch, payload=redact(batch.payload, positions), salts=redact_salts(batch.salts, positions)
    )
    tx.put_batch_payload(batch.id, after.payload, after.salts)
    return after


def _own_contributions(tx: Transaction, row: ItemRow) -> list[ContributionRow]:
    """Return the contributions, retired ones too, that speak of this item and no other."""
    shared = {
        key
        for key, others in (
            (row.order_key, tx.items_by_order([row.order_key]) if row.order_key else []),
            (row.list_key, tx.items_by_list([row.list_key]) if row.list_key else []),
        )
        if key and any(one.id != row.id for one in others)
    }
    direct = [one for one in tx.contributions_of_item(row) if one.join_key not in shared]
    kinds = {(one.kind, one.reference) for one in direct}
    # What a document said before it was changed may have stood under other keys.
    before = tx.contributions_by_reference(sorted({one.reference for one in direct}))
    found = {one.id: one for one in direct}
    found.update({one.id: one for one in before if one.retired and (one.kind, one.reference) in kinds})
    return [found[key] for key in sorted(found)]


def _all_gone(tx: Transaction, row: ItemRow) -> bool:
    """Say whether nothing of an item is in a batch any more, nor on its way into one."""
    shares = tx.shares_of([row.id])
    if any(one.state in (ShareState.WAITING, ShareState.READY) for one in shares):
        return False
    batches = {one.id: one for one in tx.batches(sorted({one.batch for one in shares if one.batch}))}
    return all(unpack_entries(batches[one.batch].payload)[one.position].erased for one in shares if one.batch)
