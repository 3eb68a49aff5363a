# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Tell a partner what was erased here, and take the same from it.

The rules:

1. A notice counts only if its seal is the partner's, made with seal keys, and it is between the two ends of
   the connection. Its answer is sealed with receipt keys and names the notice by digest.
2. The recipient erases its copy of each record, unless the agreement lets it keep records until their
   retention ends. Erasure, log entry and signed answer are one transaction. Forwarded files follow before the
   answer leaves.
   The answer leaves only after a checkpoint that includes its entry is published.
3. The same notice again gets the stored answer again; the same id with other words is refused.
4. A notice leaves only when every batch it names has its receipt, so that it cannot overtake the record.
5. It is sent again, at growing intervals, until a good answer has come and is stored and logged.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

import structlog

from gateway.agreement import Agreement, AgreementSet
from gateway.audit.entry import Event
from gateway.clock import Clock, milliseconds, moment
from gateway.envelope.trust import Keyring
from gateway.errors import GatewayError, InputError, PolicyRefusal, VerificationError
from gateway.exchange.archive_doors import TakeBack, nothing_archived
from gateway.exchange.erase import Erased, Eraser, notice_digest
from gateway.exchange.forward import erase_forwarded
from gateway.exchange.log_ports import Gate
from gateway.exchange.ports import Ids, Store, Transaction
from gateway.exchange.rows import ErasureRow, InboundRow
from gateway.exchange.sealing import Sealer
from gateway.exchange.trust import prove
from gateway.finding import finding
from gateway.wire.convert import (
    parse_batch_statement,
    parse_erasure_confirmation,
    parse_erasure_statement,
    unpack_envelope,
)
from gateway.wire.payload import unpack_entries
from gateway.wire.statement import ERASURE_CONFIRMATION_TYPE, ERASURE_TYPE, STATEMENT_VERSION
from gateway.wire.v1 import envelope_pb2

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 300.0
AT_ONCE = 64
# A notice and its answer are two entries, the first at the index of the notice.
_ENTRIES = 2
_Confirmation = envelope_pb2.ErasureConfirmation
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Taken:
    """An answer, the size of the log that holds it, and the received batches whose files must follow."""

    answer: bytes
    files: tuple[tuple[InboundRow, tuple[str, ...]], ...]
    size: int


class NoticeTaker:
    """The way in for notices of erasure."""

    def __init__(
        self,
        *,
        organisation: str,
        store: Store,
        ids: Ids,
        clock: Clock,
        keyring: Keyring,
        agreements: AgreementSet,
        sealer: Sealer,
        eraser: Eraser,
        gate: Gate,
        folder: Path | None = None,
        recall: TakeBack = nothing_archived,
    ) -> None:
        """Take the doors; `folder` is where accepted records were forwarded to."""
        self._recall = recall
        self._organisation = organisation
        self._store = store
        self._ids = ids
        self._clock = clock
        self._keyring = keyring
        self._agreements = agreements
        self._sealer = sealer
        self._eraser = eraser
        self._gate = gate
        self._folder = folder

    async def notify(self, partner: str, envelope: bytes) -> bytes:
        """Take a notice; return the envelope of its confirmation.

        Raises:
            PolicyRefusal: the partner is not known here.
            InputError, VerificationError, CouldNotCheck: the notice cannot be trusted; nothing changed.
        """
        if partner == self._organisation or partner not in self._keyring.organisations():
            raise PolicyRefusal("not a partner of this gateway", (finding("RECEIVE-PARTNER"),))
        now = milliseconds(self._clock())
        sealed = unpack_envelope(envelope)
        proved = prove(
            sealed,
            payload_type=ERASURE_TYPE,
            keyring=self._keyring,
            owner=partner,
            purpose="seal",
            agreements=self._agreements.between(partner, self._organisation),
            at=moment(now),
        )
        notice = parse_erasure_statement(proved.statement)
        if (notice.version, notice.sender, notice.recipient) != (
            STATEMENT_VERSION,
            partner,
            self._organisation,
        ):
            raise InputError("notice between others", (finding("ERASE-NOTICE", path="recipient"),))
        if tuple(sorted(notice.key_ids)) != proved.key_ids:
            raise VerificationError("notice of other keys", (finding("RECEIVE-KEYS", path="key_ids"),))
        work = partial(self._take, notice=notice, statement=proved.statement, envelope=envelope, now=now)
        await self._recall(work)
        taken = await self._store.transact(work)
        if self._folder is not None:
            for row, references in taken.files:
                await asyncio.to_thread(erase_forwarded, self._folder, row, references)
        await self._gate.published(partner, taken.size)
        _log.info("erasure.taken", partner=partner, notice=notice.notice_id, records=len(notice.records))
        return taken.answer

    def _take(
        self,
        tx: Transaction,
        notice: envelope_pb2.ErasureStatement,
        statement: bytes,
        envelope: bytes,
        now: int,
    ) -> _Taken:
        """Erase what the notice names, once; return the answer."""
        known = tx.erasure_by_notice(notice.sender, notice.notice_id)
        if known is not None:
            if unpack_envelope(known.notice).statement != statement:
                raise VerificationError(
                    "another notice of this id", (finding("ERASE-NOTICE-CONFLICT", path="notice_id"),)
                )
            return _Taken(known.answer, tuple(_files(tx, notice)), known.log_index + _ENTRIES)
        number = self._ids.take(1)[0]
        answer = _Confirmation(
            notice_id=notice.notice_id,
            recipient=notice.sender,
            notice_digest=notice_digest(statement),
            confirmed_at_ms=now,
        )
        done = Erased()
        for record in notice.records:
            outcome, until = self._one(tx, notice.sender, record, done, now)
            answer.outcomes.append(outcome)
            answer.kept_until_ms = max(answer.kept_until_ms, until)
        journal = self._sealer.journal
        recorded = journal.record_event(
            tx, notice.sender, Event.ERASURE, statement=statement, subject=f"erasure:{number}", now=now
        )
        answer.log_index = recorded.index
        said, sealed = self._sealer.seal_confirmation(answer)
        last = journal.record_event(
            tx, notice.sender, Event.ERASURE, statement=said, subject=f"erasure:{number}", now=now
        )
        tx.add_erasure(
            ErasureRow(
                id=number,
                notice_id=notice.notice_id,
                partner=notice.sender,
                direction="received",
                state="done",
                records=len(notice.records),
                reason="",
                created_at=now,
                notice=envelope,
                log_index=recorded.index,
                answer=sealed,
                answered_at=now,
            )
        )
        return _Taken(sealed, tuple(done.files), last.size)

    def _one(
        self, tx: Transaction, partner: str, record: envelope_pb2.ErasedRecord, done: Erased, now: int
    ) -> tuple["_Confirmation.Outcome.ValueType", int]:
        """Erase one record; return its outcome, and until when it is kept if it is."""
        row = tx.inbound_by_batch(partner, record.batch_id)
        held = _held(tx, row, record)
        if row is None or held is None:
            return _Confirmation.OUTCOME_UNKNOWN, 0
        if not held:
            return _Confirmation.OUTCOME_ERASED, 0
        agreement = self._agreement(row)
        if agreement is not None and agreement.on_erasure == "keep":
            until = row.received_at + milliseconds_of(agreement)
            return _Confirmation.OUTCOME_KEPT, until
        self._eraser.inbound(tx, row, [record.index], done, reason="", now=now)
        return _Confirmation.OUTCOME_ERASED, 0

    def _agreement(self, row: InboundRow) -> Agreement | None:
        """Return the version of the agreement under which a batch came."""
        statement = parse_batch_statement(unpack_envelope(row.envelope).statement)
        return self._agreements.get(statement.agreement_id, statement.agreement_version)


class Notifier:
    """The loop that brings notices to partners until they are confirmed."""

    def __init__(
        self,
        *,
        organisation: str,
        store: Store,
        clock: Clock,
        keyring: Keyring,
        agreements: AgreementSet,
        sealer: Sealer,
        peers: Mapping[str, Callable[[bytes], Awaitable[bytes]]],
    ) -> None:
        """Take the doors; `peers` bring a notice to a partner and return its answer."""
        self._organisation = organisation
        self._store = store
        self._clock = clock
        self._keyring = keyring
        self._agreements = agreements
        self._sealer = sealer
        self._peers = peers

    async def run(self) -> None:
        """Bring notices until cancelled."""
        pause = FIRST_PAUSE_SECONDS
        while True:
            failed = 0
            try:
                _, failed = await self.notify()
            except GatewayError as error:
                _log.error("erasure.notify-failed", error=str(error))
                failed = 1
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS) if failed else FIRST_PAUSE_SECONDS
            await asyncio.sleep(pause)

    async def notify(self) -> tuple[int, int]:
        """Bring every notice that may leave, once; return how many were confirmed and how many were not."""
        confirmed = failed = after = 0
        unreachable: set[str] = set()
        while rows := await self._store.read(lambda tx, key=after: tx.pending_erasures(key, AT_ONCE)):  # type: ignore[misc]  # the default binds the loop's value
            after = rows[-1].id
            for row in rows:
                if row.partner in unreachable or row.partner not in self._peers:
                    continue
                if not await self._store.read(lambda tx, one=row: _may_leave(tx, one)):  # type: ignore[misc]  # the same
                    continue
                try:
                    await self._bring(row)
                    confirmed += 1
                except GatewayError as error:
                    failed += 1
                    unreachable.add(row.partner)
                    _log.warning(
                        "erasure.unconfirmed",
                        partner=row.partner,
                        notice=row.notice_id,
                        codes=[one.code for one in error.findings],
                    )
        return confirmed, failed

    async def _bring(self, row: ErasureRow) -> None:
        """Bring one notice and store its answer.

        Raises:
            GatewayError: the partner could not be reached, or its answer cannot be trusted.
        """
        answer = await self._peers[row.partner](row.notice)
        now = milliseconds(self._clock())
        proved = prove(
            unpack_envelope(answer),
            payload_type=ERASURE_CONFIRMATION_TYPE,
            keyring=self._keyring,
            owner=row.partner,
            purpose="receipt",
            agreements=self._agreements.between(self._organisation, row.partner),
            at=moment(now),
        )
        said = parse_erasure_confirmation(proved.statement)
        statement = unpack_envelope(row.notice).statement
        if (
            (said.version, said.issuer, said.recipient, said.notice_id)
            != (STATEMENT_VERSION, row.partner, self._organisation, row.notice_id)
            or said.notice_digest != notice_digest(statement)
            or len(said.outcomes) != row.records
            or tuple(sorted(said.key_ids)) != proved.key_ids
        ):
            raise VerificationError("the answer is to another notice", (finding("ERASE-CONFIRMATION"),))

        def keep(tx: Transaction) -> None:
            """Store and log the answer, once."""
            stored = tx.erasure_by_notice(row.partner, row.notice_id)
            if stored is not None and stored.state == "pending":
                self._sealer.journal.record_event(
                    tx,
                    row.partner,
                    Event.ERASURE,
                    statement=proved.statement,
                    subject=f"erasure:{row.id}",
                    now=now,
                )
                tx.put_answer(row.id, answer, now)

        await self._store.transact(keep)
        _log.info("erasure.confirmed", partner=row.partner, notice=row.notice_id)


def milliseconds_of(agreement: Agreement) -> int:
    """Return how long records are kept under an agreement."""
    return int(timedelta(days=agreement.retention_days).total_seconds() * 1000)


def _held(tx: Transaction, row: InboundRow | None, record: envelope_pb2.ErasedRecord) -> bool | None:
    """Say whether a record that a notice names is held, false if erased already, none if never here."""
    if row is None or (row.channel, row.sequence) != (record.channel, record.sequence):
        return None
    index = {one.position: one for one in tx.records_in_inbound(row.id)}
    # An unreadable record was stored without a reference.
    if record.index not in index or index[record.index].reference not in ("", record.reference):
        return None
    return not unpack_entries(row.payload)[record.index].erased


def _files(
    tx: Transaction, notice: envelope_pb2.ErasureStatement
) -> list[tuple[InboundRow, tuple[str, ...]]]:
    """Return the received batches that a notice names and that have erased records."""
    found: list[tuple[InboundRow, tuple[str, ...]]] = []
    for record in notice.records:
        row = tx.inbound_by_batch(notice.sender, record.batch_id)
        if row is not None and _held(tx, row, record) is False:
            found.append((row, (record.reference,)))
    return found


def _may_leave(tx: Transaction, row: ErasureRow) -> bool:
    """Say whether every batch that a notice names has its receipt."""
    notice = parse_erasure_statement(unpack_envelope(row.notice).statement)
    places = {(one.channel, one.sequence) for one in notice.records}
    batches = [tx.batch_by_sequence(channel, sequence) for channel, sequence in sorted(places)]
    return all(one is None or one.state != "pending" for one in batches)
