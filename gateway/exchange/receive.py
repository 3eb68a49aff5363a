# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Take a partner's transfer and answer it with a signed receipt.

The rules:

1. What needs no database is checked by `opening.open_transfer` in a worker, several at once; what follows is
   one transaction per transfer, in the order of arrival.
2. The same batch again (same id, same statement) gets the stored receipt again, the same bytes. The same id
   or sequence number with another statement is a conflict: refused, kept as evidence, and an alarm.
3. A batch must follow the last stored one of its channel in number and in digest; else it is refused, and the
   receipt says which number is expected.
4. Stored batch, record index, audit entries and receipt are one transaction. Every record is accepted or
   rejected by itself.
5. What is refused gets a signed negative receipt, an audit entry, and its evidence is kept.
6. A stranger gets no receipt, but an audit entry all the same.
7. A receipt leaves only after a checkpoint that includes its entries is published; a stored one likewise.
8. A partner that has seen our log in a state it never had: alarm, evidence, all channels with it stop. The
   batch that told it is taken, for its sender cannot seal it anew. A stopped channel takes nothing more.

Nothing that a partner sends makes `receive` raise, except `PolicyRefusal` for strangers and stopped channels.
"""

import asyncio
import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import msgspec
import structlog

from gateway.agreement import AgreementSet
from gateway.audit.entry import Event
from gateway.clock import Clock, milliseconds, moment
from gateway.envelope import policy
from gateway.envelope.trust import Keyring
from gateway.errors import GatewayError, InputError, PolicyRefusal
from gateway.exchange.alarm import Alarm
from gateway.exchange.journal import STRANGERS, Recorded
from gateway.exchange.log_ports import Gate
from gateway.exchange.ports import Ids, Store, Transaction, Workers
from gateway.exchange.receipt import record_outcomes, wire_finding
from gateway.exchange.rows import (
    ChannelRow,
    InboundRecordRow,
    InboundRow,
    OpenedRecord,
    OpenedTransfer,
    RefusalRow,
)
from gateway.exchange.sealing import Sealer, seen_message
from gateway.exchange.turn import check_sequence, stopped
from gateway.fairness import working_for
from gateway.finding import Finding, finding, has_errors
from gateway.wire.convert import parse_batch_statement, unpack_envelope
from gateway.wire.v1 import envelope_pb2

# A received batch and its receipt are two entries, the first at the index of the batch.
_ENTRIES = 2
_Receipt = envelope_pb2.ReceiptStatement
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Arrival:
    """A transfer after its checks; `said` is its statement, only claimed unless the seal held."""

    opened: OpenedTransfer
    said: envelope_pb2.BatchStatement
    envelope: bytes
    payload: bytes
    now: int

    @property
    def partner(self) -> str:
        """The organisation at the other end of the connection."""
        return self.opened.partner


class Receiver:
    """The way in for partners."""

    def __init__(
        self,
        *,
        organisation: str,
        store: Store,
        workers: Workers,
        ids: Ids,
        clock: Clock,
        keyring: Keyring,
        agreements: AgreementSet,
        sealer: Sealer,
        gate: Gate,
        alarm: Alarm,
        restates: Callable[[str], bool] = lambda record: record != "item",
    ) -> None:
        """Take the doors; `restates` says which kinds of record are to become records of our own."""
        self._organisation = organisation
        self._store = store
        self._workers = workers
        self._ids = ids
        self._clock = clock
        self._keyring = keyring
        self._agreements = agreements
        self._sealer = sealer
        self._journal = sealer.journal
        self._gate = gate
        self._alarm = alarm
        self._restates = restates
        self._turns: dict[str, asyncio.Future[None]] = {}

    async def hello(self, partner: str, channel: str) -> int:
        """Return the last sequence number stored of a channel that the partner may send on.

        Raises:
            PolicyRefusal: no agreement in force has this channel from this partner to us, or it is stopped.
        """
        self._require_partner(partner)
        current = self._agreements.in_force(self._clock())
        ends = (partner, self._organisation, channel)
        if not any((one.sender, one.recipient, one.channel) == ends for one in current):
            raise PolicyRefusal("no agreement for this channel", (finding("RECEIVE-CHANNEL"),))
        row = await self._store.read(lambda tx: tx.channel(channel))
        if row is not None and row.stopped:
            raise stopped(row)
        return 0 if row is None else row.sequence

    async def receive(self, partner: str, envelope: bytes, payload: bytes) -> bytes:
        """Take one transfer; return the envelope of the receipt.

        Raises:
            PolicyRefusal: the partner is not known here, or the channel is stopped.
            GatewayError: the log cannot be published now, so there is no receipt yet.
        """
        with working_for(partner):
            return await self._receive(partner, envelope, payload)

    async def _receive(self, partner: str, envelope: bytes, payload: bytes) -> bytes:
        """Take one transfer in the turns of the partner's works."""
        now = milliseconds(self._clock())
        try:
            self._require_partner(partner)
        except PolicyRefusal:
            await self._store.transact(lambda tx: self._note_stranger(tx, envelope, now))
            raise
        before = self._turns.get(partner)
        turn = self._turns[partner] = asyncio.get_running_loop().create_future()
        try:
            opened = await self._open(partner, envelope, payload, now)
            if before is not None:
                await asyncio.wait([before])
            said = parse_batch_statement(opened.statement) if opened.statement else _claimed(envelope)
            arrival = _Arrival(opened, said, envelope, payload, now)
            settled = asyncio.ensure_future(self._store.transact(lambda tx: self._settle(tx, arrival)))
            await asyncio.sleep(0)  # the transaction stands in its queue: the next one may follow
        finally:
            turn.set_result(None)
            if self._turns.get(partner) is turn:
                del self._turns[partner]
        receipt, codes, size = await settled
        await self._gate.published(partner, size)
        if codes:
            _log.warning("receive.refused", partner=partner, codes=codes)
        if "RECEIVE-CONFLICT" in codes:
            _log.error("alarm", partner=partner, codes=codes)
        return receipt

    def _require_partner(self, partner: str) -> None:
        """Refuse who is not a partner."""
        if partner == self._organisation or partner not in self._keyring.organisations():
            raise PolicyRefusal("not a partner of this gateway", (finding("RECEIVE-PARTNER"),))

    async def _open(self, partner: str, envelope: bytes, payload: bytes, now: int) -> OpenedTransfer:
        """Let a worker check the transfer; one that breaks the worker is refused."""
        try:
            return await self._workers.open(partner, envelope, payload, now)
        except GatewayError as error:
            _log.error("receive.unreadable", partner=partner, error=str(error))
            return OpenedTransfer(
                partner=partner,
                statement=b"",
                statement_digest=hashlib.sha256(envelope).digest(),
                findings=(finding("RECEIVE-MALFORMED"),),
            )

    def _note_stranger(self, tx: Transaction, envelope: bytes, now: int) -> None:
        """Log that somebody unknown sent something."""
        number = self._ids.take(1)[0]
        recorded = self._journal.record_event(
            tx, STRANGERS, Event.REFUSED, statement=envelope, subject=f"refusal:{number}", now=now
        )
        tx.add_refusal(
            RefusalRow(
                id=number,
                partner="",
                channel="",
                received_at=now,
                codes=("RECEIVE-PARTNER",),
                envelope=envelope,
                receipt=b"",
                log_index=recorded.index,
            )
        )

    def _settle(self, tx: Transaction, arrival: _Arrival) -> tuple[bytes, tuple[str, ...], int]:
        """Store or refuse; return receipt, codes of a refusal, and the log size that includes both."""
        opened, said = arrival.opened, arrival.said
        findings = list(opened.findings)
        if not opened.statement:
            return self._refuse(tx, arrival, findings)
        known = tx.inbound_by_batch(opened.partner, said.batch_id)
        if known is not None and known.statement_digest != opened.statement_digest:
            findings.append(finding("RECEIVE-CONFLICT", path="batch_id"))
        elif known is not None and not any(one.code == "RECEIVE-PAYLOAD" for one in findings):
            return known.receipt, (), known.log_index + _ENTRIES
        if has_errors(findings):
            return self._refuse(tx, arrival, findings)
        channel = tx.channel(said.channel) or ChannelRow(
            name=said.channel, partner=opened.partner, direction="in"
        )
        if channel.stopped:
            raise stopped(channel)
        findings += check_sequence(said, channel)
        if has_errors(findings):
            return self._refuse(tx, arrival, findings, channel.sequence + 1)
        tx.put_channel(
            msgspec.structs.replace(channel, sequence=said.sequence, last_digest=opened.statement_digest)
        )
        self._compare_views(tx, arrival, findings)
        receipt, size = self._accept(tx, arrival, findings)
        return receipt, (), size

    def _compare_views(self, tx: Transaction, arrival: _Arrival, findings: list[Finding]) -> None:
        """Stop the channels if the partner has seen our log in a state that it never had."""
        seen, partner = arrival.said.last_seen, arrival.partner
        if not arrival.said.HasField("last_seen") or self._journal.had(
            tx, partner, seen.origin, seen.size, seen.root
        ):
            return
        findings.append(finding("RECEIVE-SPLIT-VIEW", path="last_seen"))
        log = self._journal.name(partner)
        self._alarm.contradiction(
            tx,
            partner,
            "RECEIVE-SPLIT-VIEW",
            log=log,
            first=tx.log_state(log).checkpoint,
            second=arrival.envelope,
            claimed=(seen.size, seen.root),
            now=arrival.now,
        )

    def _accept(self, tx: Transaction, arrival: _Arrival, findings: list[Finding]) -> tuple[bytes, int]:
        """Store a batch; return its receipt and the log size that includes both."""
        opened, statement, now = arrival.opened, arrival.said, arrival.now
        partner = opened.partner
        number, *record_ids = self._ids.take(1 + len(opened.records))
        recorded = self._journal.record_event(
            tx,
            partner,
            Event.RECEIVED,
            statement=opened.statement,
            subject=f"inbound:{number}",
            root=statement.commitment_root,
            now=now,
        )
        accepted = sum(one.accepted for one in opened.records)
        receipt = self._receipt(arrival, findings, recorded)
        receipt.payload_digest = statement.payload_digest
        receipt.commitment_root = statement.commitment_root
        receipt.count = statement.count
        receipt.outcome = (
            _Receipt.OUTCOME_ACCEPTED if accepted == len(opened.records) else _Receipt.OUTCOME_PARTIAL
        )
        receipt.records.extend(record_outcomes(opened))
        answer, size = self._answer(tx, partner, receipt, f"inbound:{number}", now)
        tx.add_inbound(
            InboundRow(
                id=number,
                batch_id=statement.batch_id,
                channel=statement.channel,
                sequence=statement.sequence,
                partner=partner,
                agreement=statement.agreement_id,
                statement_digest=opened.statement_digest,
                count=statement.count,
                accepted=accepted,
                received_at=now,
                envelope=arrival.envelope,
                payload=arrival.payload,
                receipt=answer,
                log_index=recorded.index,
                restated=not self._restates(statement.record_type),
            ),
            [
                InboundRecordRow(
                    id=record_id,
                    inbound=number,
                    position=position,
                    tracking_number=one.tracking_number,
                    reference=one.reference,
                    version=one.version,
                    state=_state(one),
                )
                for position, (record_id, one) in enumerate(zip(record_ids, opened.records, strict=True))
            ],
        )
        return answer, size

    def _refuse(
        self, tx: Transaction, arrival: _Arrival, findings: list[Finding], expected: int = 0
    ) -> tuple[bytes, tuple[str, ...], int]:
        """Keep the evidence; return a negative receipt, its codes, and the log size that includes it."""
        opened, now = arrival.opened, arrival.now
        number = self._ids.take(1)[0]
        recorded = self._journal.record_event(
            tx,
            opened.partner,
            Event.REFUSED,
            statement=opened.statement or arrival.envelope,
            subject=f"refusal:{number}",
            now=now,
        )
        receipt = self._receipt(arrival, findings, recorded)
        receipt.payload_digest = hashlib.sha256(arrival.payload).digest()
        receipt.outcome = _Receipt.OUTCOME_REFUSED
        receipt.expected_sequence = expected
        answer, size = self._answer(tx, opened.partner, receipt, f"refusal:{number}", now)
        codes = tuple(dict.fromkeys(one.code for one in findings))
        tx.add_refusal(
            RefusalRow(
                id=number,
                partner=opened.partner,
                channel=arrival.said.channel,
                received_at=now,
                codes=codes,
                envelope=arrival.envelope,
                receipt=answer,
                log_index=recorded.index,
            )
        )
        return answer, codes, size

    def _receipt(
        self, arrival: _Arrival, findings: Iterable[Finding], recorded: Recorded
    ) -> envelope_pb2.ReceiptStatement:
        """Begin a receipt with what every receipt says."""
        opened, statement, now = arrival.opened, arrival.said, arrival.now
        agreement = self._agreements.current(statement.agreement_id, moment(now))
        mine = agreement is not None and agreement.sender == opened.partner
        return _Receipt(
            recipient=opened.partner,
            batch_id=statement.batch_id,
            channel=statement.channel,
            sequence=statement.sequence,
            statement_digest=opened.statement_digest,
            findings=[wire_finding(one) for one in findings],
            received_at_ms=now,
            log_index=recorded.index,
            own_checkpoint=envelope_pb2.SeenCheckpoint(
                origin=recorded.origin, size=recorded.size, root=recorded.root
            ),
            signature_policy=agreement.policy if agreement is not None and mine else policy.HYBRID.name,
        )

    def _answer(
        self, tx: Transaction, partner: str, receipt: envelope_pb2.ReceiptStatement, subject: str, now: int
    ) -> tuple[bytes, int]:
        """Sign a receipt and log that it was given; return it and the size of the log then."""
        seen = seen_message(tx.seen_checkpoint(partner))
        if seen is not None:
            receipt.last_seen.CopyFrom(seen)
        statement, envelope = self._sealer.seal_receipt(receipt)
        recorded = self._journal.record_event(
            tx, partner, Event.RECEIPT_SENT, statement=statement, subject=subject, now=now
        )
        return envelope, recorded.size


def _state(one: OpenedRecord) -> str:
    """Name what becomes of a record."""
    if not one.accepted:
        return "rejected"
    return "accepted" if one.reference else "erased"


def _claimed(envelope: bytes) -> envelope_pb2.BatchStatement:
    """Return what an unproved envelope says of itself, only so that the refusal can name it."""
    claimed = envelope_pb2.BatchStatement()
    try:
        said = parse_batch_statement(unpack_envelope(envelope).statement)
    except InputError:
        return claimed
    claimed.batch_id, claimed.channel = said.batch_id[:64], said.channel[:200]
    claimed.sequence = said.sequence
    return claimed
