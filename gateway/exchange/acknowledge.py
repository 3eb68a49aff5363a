# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Take a partner's receipt: verify it, compare it with what was sent, settle the shares of its batch.

The rules:

1. A receipt counts only if its seal is the partner's, made with receipt keys; one whose seal does not hold is
   kept as evidence and ends the connection, but changes nothing.
2. It must name the batch as it was sent: id, digests, root, count. If not: alarm, evidence, the channel
   stops.
3. Receipt, states of the shares, audit entry and the partner's checkpoint are one transaction.
4. The same outcome again has no effect. Another outcome than the one stored: alarm, evidence, the channel
   stops.
5. A refusal that names an earlier expected number tells a gap, and sending goes on from there. Every other
   refusal stops the channel with its code, for the operator to see.
6. Two checkpoints of one size with different roots are a split view, and so is a state of our log that it
   never had: alarm, evidence, every channel with the partner stops. What a receipt says of the partner's own
   log is passed on to `gossip`, which asks for the proof that nothing but growth has happened to it.
"""

import enum
from collections.abc import Callable
from dataclasses import dataclass

import msgspec
import structlog

from gateway.agreement import AgreementSet
from gateway.audit import checkpoint as checkpoints
from gateway.audit.compare import Head
from gateway.audit.entry import Event
from gateway.clock import Clock, milliseconds, moment
from gateway.envelope.trust import Keyring
from gateway.errors import CouldNotCheck, DeliveryError, InputError, VerificationError
from gateway.exchange.alarm import Alarm
from gateway.exchange.journal import Journal
from gateway.exchange.ports import Ids, Store, Transaction
from gateway.exchange.rows import BatchRow, ChannelRow, RefusalRow, SeenRow
from gateway.exchange.sealing import RECEIPT_TYPE, STATEMENT_VERSION
from gateway.exchange.trust import prove
from gateway.finding import finding
from gateway.wire.convert import (
    parse_batch_statement,
    parse_receipt_statement,
    unpack_envelope,
)
from gateway.wire.receipts import Receipt, read_receipt
from gateway.wire.v1 import envelope_pb2

GAP = "TRUST-SEQUENCE-GAP"
_Receipt = envelope_pb2.ReceiptStatement
_log = structlog.get_logger()


class Effect(enum.StrEnum):
    """What a receipt did."""

    SETTLED = "settled"
    REPEATED = "repeated"
    GAP = "gap"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """What a receipt did to which batch; after a gap, sending goes on at `expected`."""

    effect: Effect
    channel: str
    sequence: int
    expected: int = 0


@dataclass(frozen=True, slots=True)
class _Arrival:
    """A receipt whose seal holds: its envelope, its statement as bytes and parsed, from whom and when."""

    partner: str
    envelope: bytes
    statement: bytes
    said: envelope_pb2.ReceiptStatement
    now: int


class Acknowledger:
    """Takes receipts, for delivery and for collection alike."""

    def __init__(
        self,
        *,
        organisation: str,
        store: Store,
        ids: Ids,
        clock: Clock,
        keyring: Keyring,
        agreements: AgreementSet,
        journal: Journal,
        alarm: Alarm,
        heard: Callable[[str, Head], None] = lambda _partner, _claim: None,
    ) -> None:
        """Take the doors; `heard` is told what partners say of their own logs, with the receipt as note."""
        self._organisation = organisation
        self._store = store
        self._ids = ids
        self._clock = clock
        self._keyring = keyring
        self._agreements = agreements
        self._journal = journal
        self._alarm = alarm
        self._heard = heard

    async def acknowledge(self, partner: str, receipt: bytes) -> Acknowledged:
        """Take one receipt envelope from a partner.

        Raises:
            DeliveryError: the receipt cannot be trusted or names no batch of ours; nothing changed.
        """
        now = milliseconds(self._clock())
        try:
            arrival = self._verify(partner, receipt, now)
        except (InputError, VerificationError, CouldNotCheck) as error:
            codes = tuple(one.code for one in error.findings) or ("RECEIPT-UNKNOWN",)
            await self._store.transact(
                lambda tx: self._keep(tx, codes, receipt, partner=partner, now=now, channel="")
            )
            _log.warning("receipt.untrusted", partner=partner, codes=codes)
            raise DeliveryError(f"the receipt cannot be trusted: {', '.join(codes)}") from error
        done = await self._store.transact(lambda tx: self._take(tx, arrival))
        if done is None:
            _log.warning("receipt.unknown", partner=partner)
            raise DeliveryError("the receipt names no batch of ours: RECEIPT-UNKNOWN")
        own = arrival.said.own_checkpoint
        if done.effect is not Effect.REPEATED:
            self._heard(partner, Head(own.size, own.root, receipt))
        return done

    def _verify(self, partner: str, receipt: bytes, now: int) -> _Arrival:
        """Return the statement of a receipt whose seal holds and that is meant for us."""
        at = moment(now)
        proved = prove(
            unpack_envelope(receipt),
            payload_type=RECEIPT_TYPE,
            keyring=self._keyring,
            owner=partner,
            purpose="receipt",
            agreements=self._agreements.between(self._organisation, partner),
            at=at,
        )
        parsed = parse_receipt_statement(proved.statement)
        ends = (parsed.version, parsed.issuer, parsed.recipient)
        if ends != (STATEMENT_VERSION, partner, self._organisation):
            raise VerificationError("receipt between others", (finding("RECEIPT-MISMATCH", path="issuer"),))
        if tuple(sorted(parsed.key_ids)) != proved.key_ids:
            raise VerificationError("receipt of other keys", (finding("RECEIVE-KEYS", path="key_ids"),))
        return _Arrival(partner, receipt, proved.statement, parsed, now)

    def _take(self, tx: Transaction, arrival: _Arrival) -> Acknowledged | None:
        """Give a trusted receipt its effect; none if it speaks of nothing that was sent."""
        partner, parsed = arrival.partner, arrival.said
        channel = tx.channel(parsed.channel)
        batch = tx.batch_by_sequence(parsed.channel, parsed.sequence) if channel is not None else None
        if channel is None or batch is None or channel.partner != partner or channel.direction != "out":
            self._keep(
                tx,
                ("RECEIPT-UNKNOWN",),
                arrival.envelope,
                partner=partner,
                now=arrival.now,
                channel="",
            )
            return None
        code = _fault(parsed, batch)
        if code:
            return self._stop(tx, channel, batch, code, arrival)
        if self._compare_views(tx, arrival):
            return Acknowledged(Effect.STOPPED, channel.name, batch.sequence)
        self._remember(tx, arrival)
        if parsed.outcome == _Receipt.OUTCOME_REFUSED:
            return self._refused(tx, channel, batch, arrival)
        return self._settle(tx, channel, batch, arrival)

    def _compare_views(self, tx: Transaction, arrival: _Arrival) -> bool:
        """Stop every channel with the partner over states of a log that cannot both be true.

        False if there is no such contradiction, or only one that an operator has settled.
        """
        own, ours = arrival.said.own_checkpoint, arrival.said.last_seen
        seen = tx.seen_checkpoint(arrival.partner)
        if seen is not None and seen.size == own.size and seen.root != own.root:
            first = checkpoints.format(seen.origin, seen.size, seen.root)
            return self._contradiction(tx, arrival, own, first)
        if arrival.said.HasField("last_seen") and not self._journal.had(
            tx, arrival.partner, ours.origin, ours.size, ours.root
        ):
            first = tx.log_state(self._journal.name(arrival.partner)).checkpoint
            return self._contradiction(tx, arrival, ours, first)
        return False

    def _contradiction(
        self, tx: Transaction, arrival: _Arrival, claimed: envelope_pb2.SeenCheckpoint, first: bytes
    ) -> bool:
        """Keep both states and stop the channels; false if it is settled."""
        return self._alarm.contradiction(
            tx,
            arrival.partner,
            "RECEIPT-SPLIT-VIEW",
            log=claimed.origin,
            first=first,
            second=arrival.envelope,
            claimed=(claimed.size, claimed.root),
            now=arrival.now,
        )

    def _remember(self, tx: Transaction, arrival: _Arrival) -> None:
        """Keep the largest checkpoint that the partner has told."""
        own, seen = arrival.said.own_checkpoint, tx.seen_checkpoint(arrival.partner)
        if seen is None or own.size > seen.size:
            tx.put_seen_checkpoint(
                SeenRow(
                    partner=arrival.partner,
                    origin=own.origin,
                    size=own.size,
                    root=own.root,
                    seen_at=arrival.now,
                )
            )

    def _settle(
        self, tx: Transaction, channel: ChannelRow, batch: BatchRow, arrival: _Arrival
    ) -> Acknowledged:
        """Settle a batch, once; and count it as confirmed if it is the next one."""
        repeated = batch.state == "receipted"
        if not repeated:
            rejected = _rejected(arrival.said)
            recorded = self._journal.record_event(
                tx,
                channel.partner,
                Event.RECEIPT_RECEIVED,
                statement=arrival.statement,
                subject=f"batch:{batch.id}",
                root=arrival.said.commitment_root,
                now=arrival.now,
            )
            tx.put_receipt(
                batch.id,
                state="receipted",
                receipt=arrival.envelope,
                at=arrival.now,
                log_index=recorded.index,
                accepted=batch.count - len(rejected),
                rejected=len(rejected),
            )
            tx.settle_shares(batch.id, rejected, arrival.now)
        if batch.sequence == channel.confirmed + 1:
            tx.put_channel(msgspec.structs.replace(channel, confirmed=batch.sequence))
        effect = Effect.REPEATED if repeated else Effect.SETTLED
        return Acknowledged(effect, channel.name, batch.sequence)

    def _refused(
        self, tx: Transaction, channel: ChannelRow, batch: BatchRow, arrival: _Arrival
    ) -> Acknowledged:
        """Take a negative receipt: go back to the gap, or stop."""
        parsed = arrival.said
        recorded = self._journal.record_event(
            tx,
            channel.partner,
            Event.RECEIPT_RECEIVED,
            statement=arrival.statement,
            subject=f"batch:{batch.id}",
            now=arrival.now,
        )
        if _is_gap(parsed) and 0 < parsed.expected_sequence < batch.sequence:
            return Acknowledged(Effect.GAP, channel.name, batch.sequence, parsed.expected_sequence)
        code = next((one.code for one in parsed.findings if one.severity == "error"), "refused")
        if batch.state != "receipted":
            tx.put_receipt(
                batch.id,
                state="refused",
                receipt=arrival.envelope,
                at=arrival.now,
                log_index=recorded.index,
                accepted=0,
                rejected=0,
            )
        tx.put_channel(msgspec.structs.replace(channel, stopped=code))
        _log.error("channel.stopped", channel=channel.name, code=code, sequence=batch.sequence)
        return Acknowledged(Effect.STOPPED, channel.name, batch.sequence)

    def _stop(
        self, tx: Transaction, channel: ChannelRow, batch: BatchRow, code: str, arrival: _Arrival
    ) -> Acknowledged:
        """Stop a channel over a receipt that cannot be true."""
        self._keep(
            tx,
            (code,),
            arrival.envelope,
            partner=channel.partner,
            now=arrival.now,
            channel=channel.name,
        )
        tx.put_channel(msgspec.structs.replace(channel, stopped=code))
        _log.error("alarm", partner=channel.partner, channel=channel.name, codes=[code])
        return Acknowledged(Effect.STOPPED, channel.name, batch.sequence)

    def _keep(
        self, tx: Transaction, codes: tuple[str, ...], receipt: bytes, *, partner: str, now: int, channel: str
    ) -> None:
        """Keep a receipt as evidence, and log that."""
        number = self._ids.take(1)[0]
        recorded = self._journal.record_event(
            tx, partner, Event.REFUSED, statement=receipt, subject=f"refusal:{number}", now=now
        )
        tx.add_refusal(
            RefusalRow(
                id=number,
                partner=partner,
                channel=channel,
                received_at=now,
                codes=codes,
                envelope=receipt,
                receipt=b"",
                log_index=recorded.index,
            )
        )


def _fault(parsed: envelope_pb2.ReceiptStatement, batch: BatchRow) -> str:
    """Return the code of what a receipt says otherwise than we hold it, empty if nothing is."""
    if (parsed.batch_id, parsed.statement_digest) != (batch.batch_id, batch.statement_digest):
        return "RECEIPT-MISMATCH"
    if parsed.own_checkpoint.origin != f"{parsed.issuer}/{parsed.recipient}":
        return "RECEIPT-MISMATCH"
    if not _possible(parsed, batch):
        return "RECEIPT-MISMATCH"
    if batch.state != "receipted":
        return ""
    if parsed.outcome == _Receipt.OUTCOME_REFUSED:
        return "" if _is_gap(parsed) else "RECEIPT-CONTRADICTION"
    before = read_receipt(unpack_envelope(batch.receipt))
    same = (before.outcome, _rejected(before)) == (parsed.outcome, _rejected(parsed))
    return "" if same else "RECEIPT-CONTRADICTION"


def _possible(parsed: envelope_pb2.ReceiptStatement, batch: BatchRow) -> bool:
    """Say whether what a receipt says can be said of the batch at all."""
    if parsed.outcome == _Receipt.OUTCOME_REFUSED:
        return True
    sent = parse_batch_statement(unpack_envelope(batch.envelope).statement)
    if (parsed.payload_digest, parsed.commitment_root, parsed.count) != (
        sent.payload_digest,
        sent.commitment_root,
        sent.count,
    ):
        return False
    indexes = [one.index for one in parsed.records]
    if len(set(indexes)) != len(indexes) or any(index >= batch.count for index in indexes):
        return False
    rejected = bool(_rejected(parsed))
    expected = _Receipt.OUTCOME_PARTIAL if rejected else _Receipt.OUTCOME_ACCEPTED
    return parsed.outcome == expected


def _rejected(parsed: Receipt) -> list[int]:
    """Return the positions of the rejected records."""
    return sorted(one.index for one in parsed.records if not one.accepted)


def _is_gap(parsed: envelope_pb2.ReceiptStatement) -> bool:
    """Say whether a refusal is about the sequence alone."""
    return {one.code for one in parsed.findings if one.severity == "error"} == {GAP}
