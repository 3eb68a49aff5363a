# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Take the HTTP answers of a partner without a gateway, and attest them in the place of its receipt.

The rules:

1. The partner cannot sign, so nothing here is its receipt. Its answers are kept as they came in a statement
   of a payload type of its own, sealed by our receipt key, and everywhere shown as attested by the sender.
2. A batch counts as taken only if every document of it was answered with a status of the 200s. What such an
   answer says in its body is kept, not judged: no format here is known to say it of single records.
3. Records that could not be written in the partner's format are rejected by themselves.
4. Any other answer stops the channel with its code, for the operator to see; what may be tried again never
   comes here.
5. Attestation, states of the shares and audit entry are one transaction. The same batch again has no effect.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec
import structlog

from gateway.agreement import AgreementSet
from gateway.audit.entry import Event
from gateway.clock import Clock, milliseconds
from gateway.envelope import policy
from gateway.errors import DeliveryError
from gateway.exchange.acknowledge import Acknowledged, Effect
from gateway.exchange.ports import Store, Transaction
from gateway.exchange.receipt import wire_finding
from gateway.exchange.rows import BatchRow, ChannelRow
from gateway.exchange.sealing import Sealer
from gateway.finding import Finding, finding
from gateway.wire.convert import parse_batch_statement, parse_webhook_receipt, unpack_envelope
from gateway.wire.v1 import envelope_pb2

_OK, _REDIRECTS, _REFUSALS = range(200, 300), range(300, 400), range(400, 500)
_Receipt = envelope_pb2.ReceiptStatement
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Answered:
    """What the client brought back about a batch, unsigned, and when."""

    partner: str
    said: envelope_pb2.WebhookReceipt
    now: int


class Attestor:
    """Takes answers where `Acknowledger` takes receipts."""

    def __init__(self, *, store: Store, clock: Clock, agreements: AgreementSet, sealer: Sealer) -> None:
        """Take the doors."""
        self._store = store
        self._clock = clock
        self._agreements = agreements
        self._sealer = sealer

    async def acknowledge(self, partner: str, receipt: bytes) -> Acknowledged:
        """Take the answers about one batch, as `client.webhook` hands them on: an unsigned `WebhookReceipt`.

        Raises:
            DeliveryError: they are about no batch of ours.
        """
        answered = _Answered(partner, parse_webhook_receipt(receipt), milliseconds(self._clock()))
        done = await self._store.transact(lambda tx: self._take(tx, answered))
        if done is None:
            raise DeliveryError("the answer is about no batch of ours: RECEIPT-UNKNOWN")
        return done

    def _take(self, tx: Transaction, answered: _Answered) -> Acknowledged | None:
        """Give answers their effect, once; none if they are about nothing that was sent."""
        said = answered.said
        channel = tx.channel(said.channel)
        batch = tx.batch_by_sequence(said.channel, said.sequence) if channel is not None else None
        if (
            channel is None
            or batch is None
            or (channel.partner, channel.direction) != (answered.partner, "out")
            or (batch.batch_id, batch.statement_digest) != (said.batch_id, said.statement_digest)
        ):
            return None
        if batch.state == "receipted":
            return self._confirm(tx, channel, batch, Effect.REPEATED)
        problems = list(_problems(said.exchanges))
        envelope, log_index = self._attest(tx, batch, answered, problems)
        if problems:
            code = problems[0].code
            self._put(tx, batch, envelope, answered, state="refused", log_index=log_index, counts=(0, 0))
            tx.put_channel(msgspec.structs.replace(channel, stopped=code))
            _log.error("channel.stopped", channel=channel.name, code=code, sequence=batch.sequence)
            return Acknowledged(Effect.STOPPED, channel.name, batch.sequence)
        rejected = [one.index for one in said.records]
        counts = (batch.count - len(rejected), len(rejected))
        self._put(tx, batch, envelope, answered, state="receipted", log_index=log_index, counts=counts)
        tx.settle_shares(batch.id, rejected, answered.now)
        return self._confirm(tx, channel, batch, Effect.SETTLED)

    def _attest(
        self, tx: Transaction, batch: BatchRow, answered: _Answered, problems: list[Finding]
    ) -> tuple[bytes, int]:
        """Seal the attestation and log it; return its envelope and its place in the log."""
        sent = parse_batch_statement(unpack_envelope(batch.envelope).statement)
        agreement = self._agreements.get(sent.agreement_id, sent.agreement_version)
        statement = envelope_pb2.WebhookReceipt()
        statement.CopyFrom(answered.said)
        statement.partner = answered.partner
        statement.attested_at_ms = answered.now
        statement.signature_policy = agreement.policy if agreement is not None else policy.HYBRID.name
        statement.findings.extend(wire_finding(one) for one in problems)
        statement.outcome = _Receipt.OUTCOME_REFUSED
        if not problems:
            statement.payload_digest = sent.payload_digest
            statement.commitment_root = sent.commitment_root
            statement.count = sent.count
            partial = bool(statement.records)
            statement.outcome = _Receipt.OUTCOME_PARTIAL if partial else _Receipt.OUTCOME_ACCEPTED
        signed, envelope = self._sealer.seal_attestation(statement)
        recorded = self._sealer.journal.record_event(
            tx,
            answered.partner,
            Event.RECEIPT_RECEIVED,
            statement=signed,
            subject=f"batch:{batch.id}",
            root=statement.commitment_root,
            now=answered.now,
        )
        return envelope, recorded.index

    def _put(
        self,
        tx: Transaction,
        batch: BatchRow,
        envelope: bytes,
        answered: _Answered,
        *,
        state: str,
        log_index: int,
        counts: tuple[int, int],
    ) -> None:
        """Store the attestation where a receipt would stand."""
        accepted, rejected = counts
        tx.put_receipt(
            batch.id,
            state=state,
            receipt=envelope,
            at=answered.now,
            log_index=log_index,
            accepted=accepted,
            rejected=rejected,
        )

    def _confirm(self, tx: Transaction, channel: ChannelRow, batch: BatchRow, effect: Effect) -> Acknowledged:
        """Count a batch as confirmed if it is the next one."""
        if batch.sequence == channel.confirmed + 1:
            tx.put_channel(msgspec.structs.replace(channel, confirmed=batch.sequence))
        return Acknowledged(effect, channel.name, batch.sequence)


def _problems(exchanges: Iterable[envelope_pb2.HttpExchange]) -> Iterable[Finding]:
    """Yield a finding for every answer that is not a taking of its document."""
    for one in exchanges:
        actual = str(one.status)
        if one.cut:
            yield finding("WEBHOOK-REPLY-SIZE", path=one.idempotency_key, actual=actual)
        elif one.status in _REDIRECTS:
            yield finding("WEBHOOK-REDIRECT", path=one.idempotency_key, actual=actual)
        elif one.status in _REFUSALS:
            yield finding("WEBHOOK-REFUSED", path=one.idempotency_key, actual=actual)
        elif one.status not in _OK:
            yield finding("WEBHOOK-STATUS", path=one.idempotency_key, actual=actual)
