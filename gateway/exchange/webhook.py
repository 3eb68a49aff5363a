# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Take what a partner without a gateway posts, and answer with the format's own receipt and a signed one.

The rules:

1. Only the partner's signature over key, time and body lets anything happen. An unknown partner and a wrong
   signature are one refusal, of which nothing is kept, so that strangers cannot write here.
2. A signed post counts against the partner's rate before all else.
3. Its time is within the tolerance. The same idempotency key with the same body gets the stored answer, for
   ever; with another body it is a conflict: refused, kept as evidence, and an alarm.
4. It comes under the configured agreement, which must be in force from that partner to us, and its channel
   must not be stopped. Every record is compared with the agreement; a document that departs is refused alone.
5. It speaks in the name of partner and agreement, so it goes on only as far as that agreement allows.
6. The message with its exact bytes and its effect, two audit entries and our signed receipt are one
   transaction. The answer leaves only after a checkpoint that includes the entries is published.
"""

import contextlib
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import msgspec
import structlog

from gateway.agreement import Agreement, AgreementSet
from gateway.audit.entry import Event
from gateway.clock import Clock, milliseconds, moment
from gateway.envelope.posted import PostedKey, SharedSecret, signed_bytes, unauthorised
from gateway.errors import GatewayError, InputError, PolicyRefusal, VerificationError
from gateway.exchange.intake import Intake, Source, Submission
from gateway.exchange.log_ports import Gate
from gateway.exchange.ports import Ids, Store, Transaction, Workers
from gateway.exchange.rate import Rate
from gateway.exchange.receipt import MAX_RECEIPT_FINDINGS, wire_finding
from gateway.exchange.rows import MessageRow, PackedMessage, RefusalRow
from gateway.exchange.sealing import STATEMENT_VERSION, Sealer
from gateway.exchange.touched import partner_scope
from gateway.exchange.webhook_rows import WebhookRow
from gateway.finding import Finding, finding
from gateway.wire.v1 import envelope_pb2

WAY = "webhook"
STRANGER_BYTES = 4 * 1024 * 1024
# A delivery and its receipt are two entries, the first at the index of the row.
_ENTRIES = 2
# The same bytes may have come here by another way; that must not stand in for the partner's words.
_DIGESTED = b"webhook\x00"
_KEY = re.compile(r"[A-Za-z0-9_.:-]{1,200}", re.ASCII)
_TIME = re.compile(r"[0-9]{1,12}", re.ASCII)
# Whatever it says of a signature, nobody is let in by it.
_NOBODY = SharedSecret(bytes(32))
_Receipt = envelope_pb2.ReceiptStatement
_findings = msgspec.msgpack.Decoder(list[Finding])
_log = structlog.get_logger()


class TooOften(GatewayError):
    """The partner posts faster than its limit; `retry_seconds` says when to come again."""

    def __init__(self, retry_seconds: int) -> None:
        """Tell the partner when to come again."""
        super().__init__("too many posts", (finding("WEBHOOK-RATE"),))
        self.retry_seconds = retry_seconds


@dataclass(frozen=True, slots=True)
class Door:
    """What one partner may post: under which agreement, in which format, signed how, how much, how often."""

    agreement: str
    adapter: str
    key: PostedKey
    tolerance: timedelta
    max_bytes: int
    rate: Rate


@dataclass(frozen=True, slots=True)
class Post:
    """One post as it came; nothing in it is proved."""

    key: str
    timestamp: str
    signature: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """Our answer: the format's own acknowledgement and the envelope of our receipt; or why it is refused.

    `size` is that of the log with all entries of it, `channels` those that have something ready.
    """

    message: int = 0
    accepted: int = 0
    body: bytes = b""
    content_type: str = ""
    receipt: bytes = b""
    size: int = 0
    refusal: Finding | None = None
    channels: frozenset[str] = frozenset()


class WebhookTaker:
    """The way in for partners without a gateway."""

    def __init__(
        self,
        *,
        organisation: str,
        store: Store,
        workers: Workers,
        ids: Ids,
        clock: Clock,
        agreements: AgreementSet,
        sealer: Sealer,
        gate: Gate,
        intake: Intake,
        doors: Mapping[str, Door],
    ) -> None:
        """Take the doors to everything, and the `doors` of the partners by organisation."""
        self._organisation = organisation
        self._store = store
        self._workers = workers
        self._ids = ids
        self._clock = clock
        self._agreements = agreements
        self._sealer = sealer
        self._gate = gate
        self._intake = intake
        self._doors = doors

    def max_bytes(self, partner: str) -> int:
        """Return how large a post may be; of a stranger, how much of it is read."""
        known = self._doors.get(partner)
        return known.max_bytes if known else STRANGER_BYTES

    async def take(self, partner: str, post: Post) -> Answer:
        """Take one post.

        Raises:
            VerificationError: it is not signed by a known partner; nothing is kept.
            TooOften: the partner's rate is used up; nothing is kept.
            InputError, PolicyRefusal: it is refused; that and why is kept and logged.
            GatewayError: it cannot be taken now.
        """
        door, delivery = self._authenticated(partner, post)
        now = self._clock()
        wait = door.rate.take(now)
        if wait:
            raise TooOften(wait)
        work = _Taking(partner, post, delivery, milliseconds(now))
        early = await self._store.transact(lambda tx: self._early(tx, work, door))
        answer = early or await self._through(work, door)
        await self._gate.published(partner, answer.size)
        if answer.refusal is not None:
            code = answer.refusal.code
            _log.warning("webhook.refused", partner=partner, codes=[code])
            if code == "WEBHOOK-CONFLICT":
                _log.error("alarm", partner=partner, codes=[code])
                raise InputError("another post of this key", (answer.refusal,))
            raise PolicyRefusal("the post is refused", (answer.refusal,))
        self._intake.wake(answer.channels)
        _log.info("webhook.taken", partner=partner, message=answer.message, accepted=answer.accepted)
        return answer

    def _authenticated(self, partner: str, post: Post) -> tuple[Door, envelope_pb2.WebhookDelivery]:
        """Return the door of the partner and what it has signed.

        Raises:
            VerificationError: nobody known has signed it.
        """
        door = self._doors.get(partner)
        if not _KEY.fullmatch(post.key) or not _TIME.fullmatch(post.timestamp):
            raise unauthorised()
        if door is None:  # takes as long as a wrong signature, so that time does not tell who is known
            with contextlib.suppress(VerificationError):
                _NOBODY.check(signed_bytes(post.key, int(post.timestamp), post.body), post.signature)
            raise unauthorised()
        timestamp = int(post.timestamp)
        signature = door.key.check(signed_bytes(post.key, timestamp, post.body), post.signature)
        return door, envelope_pb2.WebhookDelivery(
            version=STATEMENT_VERSION,
            sender=partner,
            recipient=self._organisation,
            message_id=post.key,
            timestamp=timestamp,
            body_digest=hashlib.sha256(post.body).digest(),
            scheme=door.key.scheme,
            signature=signature,
            adapter=door.adapter,
        )

    async def _through(self, work: "_Taking", door: Door) -> Answer:
        """Let a worker read the body, then give it its effect."""
        async with self._intake.place(work.partner):
            reading = self._workers.decode_under(door.adapter, work.post.body, door.agreement, work.now)
            message = await self._intake.read(door.adapter, reading)
            return await self._store.transact(lambda tx: self._settle(tx, work, door, message))

    def _early(self, tx: Transaction, work: "_Taking", door: Door) -> Answer | None:
        """Answer what needs no reading: a repetition, or a refusal; none if the body must be read."""
        known = tx.webhook(work.partner, work.post.key)
        if known is not None and known.body_digest == work.delivery.body_digest:
            return _stored(tx, known)
        apart = abs(work.delivery.timestamp * 1000 - work.now)
        if known is not None:
            return self._refuse(tx, work, finding("WEBHOOK-CONFLICT", path="webhook-id"))
        if apart > door.tolerance.total_seconds() * 1000:
            expected = f"within {door.tolerance.total_seconds():.0f} s"
            return self._refuse(
                tx, work, finding("WEBHOOK-STALE", path="webhook-timestamp", expected=expected)
            )
        agreement = self._agreement(work, door)
        if agreement is None:
            return self._refuse(tx, work, finding("WEBHOOK-AGREEMENT", actual=door.agreement))
        channel = tx.channel(agreement.channel)
        if channel is not None and channel.stopped:
            return self._refuse(tx, work, finding("WEBHOOK-STOPPED", path=agreement.channel))
        return None

    def _agreement(self, work: "_Taking", door: Door) -> Agreement | None:
        """Return the agreement under which the partner posts, if it is in force between the two."""
        found = self._agreements.current(door.agreement, moment(work.now))
        ends = (work.partner, self._organisation)
        return found if found is not None and (found.sender, found.recipient) == ends else None

    def _settle(self, tx: Transaction, work: "_Taking", door: Door, message: PackedMessage) -> Answer:
        """Store, give effect, log and sign, unless the same came first."""
        early = self._early(tx, work, door)
        agreement = self._agreement(work, door)
        if early is not None or agreement is None:
            return early or self._refuse(tx, work, finding("WEBHOOK-AGREEMENT", actual=door.agreement))
        body, channels = work.post.body, frozenset[str]()
        digest = hashlib.sha256(_DIGESTED + work.partner.encode() + b"\x00" + body).digest()
        row = tx.message_by_digest(digest)
        if row is None:
            source = Source(body, digest, WAY, partner_scope(work.partner, agreement.id))
            submission, channels = self._intake.take(tx, message, source, moment(work.now))
            row = _message(tx, submission)
        work.delivery.agreement_id = agreement.id
        work.delivery.agreement_version = agreement.version
        work.delivery.agreement_digest = agreement.digest
        number = self._ids.take(1)[0]
        subject, journal = f"webhook:{number}", self._sealer.journal
        said = work.delivery.SerializeToString(deterministic=True)
        recorded = journal.record_event(
            tx, work.partner, Event.RECEIVED, statement=said, subject=subject, now=work.now
        )
        receipt = envelope_pb2.WebhookDeliveryReceipt(
            recipient=work.partner,
            delivery=work.delivery,
            outcome=_outcome(row),
            documents=row.documents,
            accepted=row.accepted,
            findings=[wire_finding(one) for one in _findings.decode(row.findings)[:MAX_RECEIPT_FINDINGS]],
            received_at_ms=work.now,
            log_index=recorded.index,
            own_checkpoint=envelope_pb2.SeenCheckpoint(
                origin=recorded.origin, size=recorded.size, root=recorded.root
            ),
        )
        statement, envelope = self._sealer.seal_delivery_receipt(receipt)
        last = journal.record_event(
            tx, work.partner, Event.RECEIPT_SENT, statement=statement, subject=subject, now=work.now
        )
        tx.add_webhook(
            WebhookRow(
                id=number,
                partner=work.partner,
                key=work.post.key,
                body_digest=work.delivery.body_digest,
                message=row.id,
                received_at=work.now,
                delivery=said,
                receipt=envelope,
                log_index=recorded.index,
            )
        )
        return _answer(row, envelope, last.size, channels)

    def _refuse(self, tx: Transaction, work: "_Taking", why: Finding) -> Answer:
        """Keep and log what the partner has signed, and that it was refused."""
        number = self._ids.take(1)[0]
        said = work.delivery.SerializeToString(deterministic=True)
        recorded = self._sealer.journal.record_event(
            tx, work.partner, Event.REFUSED, statement=said, subject=f"refusal:{number}", now=work.now
        )
        tx.add_refusal(
            RefusalRow(
                id=number,
                partner=work.partner,
                channel="",
                received_at=work.now,
                codes=(why.code,),
                envelope=said,
                receipt=b"",
                log_index=recorded.index,
            )
        )
        return Answer(refusal=why, size=recorded.size)


@dataclass(frozen=True, slots=True)
class _Taking:
    """One authenticated post in work."""

    partner: str
    post: Post
    delivery: envelope_pb2.WebhookDelivery
    now: int


def _message(tx: Transaction, submission: Submission) -> MessageRow:
    """Return the row that a submission has become."""
    return tx.messages([submission.id])[0]


def _stored(tx: Transaction, known: WebhookRow) -> Answer:
    """Return the stored answer."""
    return _answer(tx.messages([known.message])[0], known.receipt, known.log_index + _ENTRIES, frozenset())


def _answer(row: MessageRow, receipt: bytes, size: int, channels: frozenset[str]) -> Answer:
    """Return the answer that a row holds."""
    return Answer(
        message=row.id,
        accepted=row.accepted,
        body=row.acknowledgement,
        content_type=row.content_type,
        receipt=receipt,
        size=size,
        channels=channels,
    )


def _outcome(row: MessageRow) -> "_Receipt.Outcome.ValueType":
    """Return what became of a message."""
    return {"accepted": _Receipt.OUTCOME_ACCEPTED, "partial": _Receipt.OUTCOME_PARTIAL}.get(
        row.outcome, _Receipt.OUTCOME_REFUSED
    )
