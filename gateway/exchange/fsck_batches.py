# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Compare every stored batch with its signed statement: columns, payload, index rows, receipt, and the chain.

Batches are read a few at a time, in the order of their channel. A record that was erased leaves its
commitment, so the root still speaks for the payload; only its digest does not.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from gateway.audit import batch_root
from gateway.audit.entry import SALT_LENGTH
from gateway.clock import moment
from gateway.envelope import policy
from gateway.envelope.dsse import Envelope
from gateway.envelope.seal import unseal
from gateway.envelope.trust import Keyring
from gateway.errors import CouldNotCheck, GatewayError, InputError
from gateway.exchange.fsck_entries import check_place
from gateway.exchange.fsck_report import Found
from gateway.exchange.ports import Transaction
from gateway.exchange.rows import BatchRow, ChannelRow, InboundRow, StatementRow
from gateway.exchange.unmerged import about
from gateway.wire.convert import (
    parse_batch_statement,
    unpack_envelope,
    unpack_release,
)
from gateway.wire.payload import Entry, commitment_of, unpack_entries
from gateway.wire.receipts import is_attested, read_receipt
from gateway.wire.statement import BATCH_TYPE, RECEIPT_TYPE, WEBHOOK_RECEIPT_TYPE
from gateway.wire.v1 import envelope_pb2

WINDOW = 16
Batch = BatchRow | InboundRow
_Receipt = envelope_pb2.ReceiptStatement


@dataclass(frozen=True, slots=True)
class _Seal:
    """Whose seal an envelope must bear: payload type, owner, purpose, policy, and when it must be good."""

    kind: str
    owner: str
    purpose: str
    policy: str
    at: int


@dataclass(slots=True)
class Books:
    """The batches of one gateway under audit; `records` counts those that were read."""

    tx: Transaction
    organisation: str
    keyring: Keyring
    found: Found
    records: int = 0

    def check_channel(self, channel: ChannelRow) -> int:
        """Check all batches of a channel; return how many there are."""
        kind = "batch" if channel.direction == "out" else "inbound"
        sequence, digest, count = 0, b"", 0
        for row in self._rows(channel):
            count += 1
            where = f"{kind}:{row.id}"
            if row.sequence != sequence + 1:
                says = f"number {row.sequence} follows {sequence} in {channel.name}"
                self.found.add("AUDIT-FSCK-SEQUENCE", where, says)
                self.found.add("AUDIT-FSCK-MISSING", f"{kind}:{channel.name}#{sequence + 1}", "no such batch")
            if row.sequence > channel.sequence:
                self.found.add("AUDIT-FSCK-EXTRA", where, f"{channel.name} ends at {channel.sequence}")
            said = self._check(kind, row, where)
            if said is not None and row.sequence == sequence + 1 and said.previous_digest != digest:
                self.found.add("AUDIT-FSCK-SEQUENCE", where, "names another statement before")
            sequence, digest = row.sequence, _digest(row)
        if sequence < channel.sequence:
            where = f"{kind}:{channel.name}#{channel.sequence}"
            self.found.add("AUDIT-FSCK-MISSING", where, f"the last batch is {sequence}")
        elif digest != channel.last_digest:
            self.found.add("AUDIT-FSCK-ROW", f"channel:{channel.name}", "last_digest")
        return count

    def _rows(self, channel: ChannelRow) -> Iterator[Batch]:
        """Yield the batches of a channel in order of sequence."""
        last = 0
        while rows := self.tx.stored_batches(channel.direction, channel.name, last, WINDOW):
            yield from rows
            last = rows[-1].sequence

    def _check(self, kind: str, row: Batch, where: str) -> envelope_pb2.BatchStatement | None:
        """Check one batch; return its statement if it can be read."""
        try:
            envelope = unpack_envelope(row.envelope)
            said = parse_batch_statement(envelope.statement)
        except InputError:
            self.found.add("AUDIT-FSCK-SEAL", where, "envelope cannot be read")
            return None
        made = row.created_at if isinstance(row, BatchRow) else row.received_at
        seal = _Seal(BATCH_TYPE, said.sender, "seal", said.signature_policy, made)
        self._check_seal(envelope, seal, where)
        for column, stored, expected in self._columns(row, said, envelope):
            if stored != expected:
                self.found.add("AUDIT-FSCK-ROW", where, column)
        other = said.recipient if kind == "batch" else said.sender
        receipt_index = row.receipt_log_index if isinstance(row, BatchRow) else -1
        placed = StatementRow(
            id=row.id, first=b"", second=b"", log_index=row.log_index, second_index=receipt_index
        )
        check_place(self.tx, f"{self.organisation}/{other}", kind, placed, self.found)
        entries = self._check_payload(row, said, where)
        rejected = self._check_receipt(row, said, where)
        if entries is not None:
            self.records += len(entries)
            if isinstance(row, BatchRow):
                self._check_shares(row, where)
            else:
                self._check_records(row, entries, rejected, where)
        return said

    def _check_seal(self, envelope: Envelope, seal: _Seal, where: str) -> None:
        """Check the signatures of a stored envelope at its time."""
        try:
            unseal(
                envelope,
                payload_type=seal.kind,
                keyring=self.keyring,
                owner=seal.owner,
                purpose=seal.purpose,
                policy=policy.get(seal.policy),
                at=moment(seal.at),
            )
        except CouldNotCheck as error:
            self.found.add("AUDIT-FSCK-SEAL", where, f"could not be checked: {error}")
        except GatewayError as error:
            self.found.add("AUDIT-FSCK-SEAL", where, str(error))

    def _columns(
        self, row: Batch, said: envelope_pb2.BatchStatement, envelope: Envelope
    ) -> Iterator[tuple[str, object, object]]:
        """Yield every column that repeats what the statement says: name, stored, expected."""
        yield "batch_id", row.batch_id, said.batch_id
        yield "channel", row.channel, said.channel
        yield "sequence", row.sequence, said.sequence
        yield "agreement", row.agreement, said.agreement_id
        yield "count", row.count, said.count
        yield "statement_digest", row.statement_digest, hashlib.sha256(envelope.statement).digest()
        if isinstance(row, BatchRow):
            yield "created_at", row.created_at, said.created_at_ms
            yield "batch_id", row.batch_id, f"{row.id:016x}"
            yield "sender", said.sender, self.organisation
        else:
            yield "partner", row.partner, said.sender
            yield "recipient", said.recipient, self.organisation

    def _check_payload(self, row: Batch, said: envelope_pb2.BatchStatement, where: str) -> list[Entry] | None:
        """Check payload and salts against the statement; return the entries if they can be relied on."""
        try:
            entries = unpack_entries(row.payload)
        except InputError:
            self.found.add("AUDIT-FSCK-PAYLOAD", where, "payload cannot be read")
            return None
        good = all(one.well_formed for one in entries) and len(entries) == said.count
        if not any(one.erased for one in entries):
            good = good and hashlib.sha256(row.payload).digest() == said.payload_digest
        if not good or batch_root([commitment_of(one) for one in entries]) != said.commitment_root:
            self.found.add("AUDIT-FSCK-PAYLOAD", where, "payload is not the one that was signed")
            return None
        if isinstance(row, BatchRow):
            salts = b"".join(one.salt or bytes(SALT_LENGTH) for one in entries)
            if row.salts != salts:
                self.found.add("AUDIT-FSCK-ROW", where, "salts")
        return entries

    def _check_receipt(self, row: Batch, said: envelope_pb2.BatchStatement, where: str) -> set[int]:
        """Check the receipt of a batch; return the positions that it rejects."""
        if isinstance(row, BatchRow) and (row.state == "pending") != (not row.receipt):
            self.found.add("AUDIT-FSCK-ROW", where, "state")
        if not row.receipt:
            if isinstance(row, InboundRow):
                self.found.add("AUDIT-FSCK-SEAL", where, "receipt is gone")
            return set()
        try:
            envelope = unpack_envelope(row.receipt)
            told = read_receipt(envelope)
        except InputError:
            self.found.add("AUDIT-FSCK-SEAL", where, "receipt cannot be read")
            return set()
        at = row.receipted_at if isinstance(row, BatchRow) else row.received_at
        rule = told.signature_policy or said.signature_policy
        kind, owner = RECEIPT_TYPE, said.recipient
        if isinstance(row, BatchRow) and is_attested(envelope):
            kind, owner = WEBHOOK_RECEIPT_TYPE, said.sender
        self._check_seal(envelope, _Seal(kind, owner, "receipt", rule, at), where)
        if told.statement_digest != row.statement_digest:
            self.found.add("AUDIT-FSCK-SEAL", where, "receipt is about another statement")
        rejected = {one.index for one in told.records if not one.accepted}
        if told.outcome == _Receipt.OUTCOME_REFUSED:
            accepted, refused = 0, 0
        else:
            accepted, refused = said.count - len(rejected), len(rejected)
        if row.accepted != accepted or (isinstance(row, BatchRow) and row.rejected != refused):
            self.found.add("AUDIT-FSCK-ROW", where, "accepted or rejected")
        return rejected

    def _check_shares(self, row: BatchRow, where: str) -> None:
        """Check that one share stands at every place of a batch."""
        places = self.tx.places_in_batch(row.id)
        if places != list(range(row.count)):
            self.found.add("AUDIT-FSCK-INDEX", where, f"{len(places)} shares for {row.count} records")

    def _check_records(self, row: InboundRow, entries: list[Entry], rejected: set[int], where: str) -> None:
        """Check the index of a received batch against its records."""
        index = sorted(self.tx.records_in_inbound(row.id), key=lambda one: one.position)
        if [one.position for one in index] != list(range(len(entries))):
            says = f"{len(index)} index rows for {len(entries)} records"
            self.found.add("AUDIT-FSCK-INDEX", where, says)
            return
        for one, entry in zip(index, entries, strict=True):
            at = f"inbound_record:{one.id}"
            if entry.erased:
                if one.tracking_number or one.state not in ("erased", "accepted", "forwarded"):
                    self.found.add("AUDIT-FSCK-INDEX", at, "of an erased record")
                continue
            if (one.state == "rejected") != (one.position in rejected):
                self.found.add("AUDIT-FSCK-INDEX", at, "state")
            if (one.tracking_number, one.reference, one.version) != _identity(entry.record):
                self.found.add("AUDIT-FSCK-INDEX", at, "tracking number, reference or version")


def _identity(record: bytes) -> tuple[str, str, int]:
    """Return what the index says of a record; of one that cannot be read, nothing."""
    try:
        release = unpack_release(record)
    except InputError:
        return "", "", 0
    return about(release.item), release.reference, release.version


def _digest(row: Batch) -> bytes:
    """Return the digest of the stored statement, empty if it cannot be read."""
    try:
        return hashlib.sha256(unpack_envelope(row.envelope).statement).digest()
    except InputError:
        return b""
