# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Questions between partners: may it ask, does it get something, and ask ourselves.

The rules:

1. A question counts only if its seal is the partner's, made with seal keys, it is between the two ends of the
   connection, recent, and names an agreement in force with trigger query by id, version and digest.
2. It asks only by what the agreement allows, for at most `MAX_KEYS` numbers, and all numbers asked for within
   an hour stay within the agreement's limit. Else it is refused whole, in a signed answer with findings.
3. What it gets is a release like any other, in a batch of the agreement's channel. That nothing is found and
   that nothing may leave are one outcome: the answer does not tell what is here.
4. Question, answer, shares and two log entries are one transaction; the answer leaves only after a checkpoint
   that includes them is published. The same question again gets the stored answer again.
5. Our own questions are stored and logged before they leave, and their answers are proved, stored, logged.
"""

import hashlib
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import msgspec
import structlog

from gateway.agreement import Agreement, AgreementSet
from gateway.audit.entry import Event
from gateway.clock import Clock, milliseconds, moment
from gateway.envelope.trust import Keyring
from gateway.errors import InputError, PolicyRefusal, VerificationError
from gateway.exchange.log_ports import Gate
from gateway.exchange.ports import Ids, Store, Transaction
from gateway.exchange.query_rows import InquiryRow
from gateway.exchange.receipt import wire_finding
from gateway.exchange.route import release_asked
from gateway.exchange.rows import ItemRow
from gateway.exchange.sealing import Sealer
from gateway.exchange.touched import Touched, said_by
from gateway.exchange.trust import prove
from gateway.finding import Finding, finding
from gateway.model import ShareState, unpack_item
from gateway.wire.convert import parse_query_answer, parse_query_statement, unpack_envelope
from gateway.wire.statement import FUTURE, QUERY_ANSWER_TYPE, QUERY_TYPE, STATEMENT_VERSION
from gateway.wire.v1 import envelope_pb2

MAX_KEYS = 100
MAX_REASON = 500
HOUR_MS = 3_600_000
LATE = timedelta(hours=1)
# A question and its answer are two entries, the first at the index of the question.
_ENTRIES = 2
_Answer = envelope_pb2.QueryAnswer
_Query = envelope_pb2.QueryStatement
_log = structlog.get_logger()


class Inquiry:
    """Questions of partners, and ours."""

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
        gate: Gate,
        wake: Callable[[frozenset[str]], None],
        peers: Mapping[str, Callable[[bytes], Awaitable[bytes]]],
    ) -> None:
        """Take the doors; `peers` bring a question to a partner and return its answer."""
        self._organisation = organisation
        self._store = store
        self._ids = ids
        self._clock = clock
        self._keyring = keyring
        self._agreements = agreements
        self._sealer = sealer
        self._gate = gate
        self._wake = wake
        self._peers = peers

    async def inquire(self, partner: str, envelope: bytes) -> bytes:
        """Take a partner's question; return the envelope of the answer.

        Raises:
            PolicyRefusal: the partner is not known here.
            InputError, VerificationError, CouldNotCheck: the question cannot be trusted; nothing changed.
        """
        if partner == self._organisation or partner not in self._keyring.organisations():
            raise PolicyRefusal("not a partner of this gateway", (finding("RECEIVE-PARTNER"),))
        now = milliseconds(self._clock())
        proved = prove(
            unpack_envelope(envelope),
            payload_type=QUERY_TYPE,
            keyring=self._keyring,
            owner=partner,
            purpose="seal",
            agreements=self._agreements.between(self._organisation, partner),
            at=moment(now),
        )
        query = parse_query_statement(proved.statement)
        if (query.version, query.sender, query.recipient) != (
            STATEMENT_VERSION,
            partner,
            self._organisation,
        ) or not query.query_id:
            raise InputError("question between others", (finding("QUERY-FORM", path="recipient"),))
        if tuple(sorted(query.key_ids)) != proved.key_ids:
            raise VerificationError("question of other keys", (finding("RECEIVE-KEYS", path="key_ids"),))
        work = _Taking(self, query, proved.statement, envelope, now)
        answer, size, channels = await self._store.transact(work)
        self._wake(channels)
        await self._gate.published(partner, size)
        _log.info("query.answered", partner=partner, query=query.query_id, keys=len(query.keys))
        return answer

    async def ask(self, agreement_id: str, keys: Sequence[tuple[str, str]], reason: str) -> _Answer:
        """Ask the sender of an agreement for records; return its answer.

        Raises:
            PolicyRefusal: there is no such agreement with us as recipient, or no way to the partner.
            GatewayError: the partner could not be reached, or its answer cannot be trusted.
        """
        now = milliseconds(self._clock())
        agreement = self._agreements.current(agreement_id, moment(now))
        if agreement is None or agreement.recipient != self._organisation or agreement.trigger != "query":
            raise PolicyRefusal(
                "no agreement to ask under", (finding("QUERY-AGREEMENT", actual=agreement_id),)
            )
        if agreement.sender not in self._peers:
            raise PolicyRefusal("no way to the partner", (finding("QUERY-NO-WAY", actual=agreement.sender),))
        number = self._ids.take(1)[0]
        query = _Query(
            query_id=f"{number:016x}",
            recipient=agreement.sender,
            agreement_id=agreement.id,
            agreement_version=agreement.version,
            agreement_digest=agreement.digest,
            keys=[envelope_pb2.AskedKey(scheme=scheme, value=value) for scheme, value in keys],
            reason=reason[:MAX_REASON],
            created_at_ms=now,
        )
        statement, envelope = self._sealer.seal_query(query)
        row = InquiryRow(
            id=number,
            query_id=query.query_id,
            partner=agreement.sender,
            direction="sent",
            agreement=agreement.id,
            keys=len(keys),
            state="pending",
            created_at=now,
            query=envelope,
            log_index=0,
        )
        row, size = await self._store.transact(lambda tx: self._begin(tx, row, statement))
        await self._gate.published(row.partner, size)
        answer = await self._peers[row.partner](envelope)
        return await self._settle(row, statement, answer)

    def take(
        self, tx: Transaction, query: _Query, statement: bytes, envelope: bytes, now: int
    ) -> tuple[bytes, int, frozenset[str]]:
        """Answer a question, once; return the answer, the log size that holds it, and channels to wake."""
        known = tx.inquiry(query.sender, query.query_id)
        if known is not None:
            if unpack_envelope(known.query).statement != statement:
                problem = finding("QUERY-CONFLICT", path="query_id")
                raise VerificationError("another question of this id", (problem,))
            return known.answer, known.log_index + _ENTRIES, frozenset()
        number, journal = self._ids.take(1)[0], self._sealer.journal
        agreement, problems = self._allowed(tx, query, now)
        recorded = journal.record_event(
            tx, query.sender, Event.QUERY, statement=statement, subject=f"inquiry:{number}", now=now
        )
        answer = _Answer(
            query_id=query.query_id,
            recipient=query.sender,
            query_digest=hashlib.sha256(statement).digest(),
            channel=agreement.channel if agreement is not None else "",
            findings=[wire_finding(one) for one in problems],
            log_index=recorded.index,
            answered_at_ms=now,
        )
        ready = False
        for key in query.keys if agreement is not None and not problems else ():
            outcome = self._find(tx, key, agreement, now)
            answer.outcomes.append(outcome)
            ready |= outcome == _Answer.OUTCOME_FOLLOWS
        said, sealed = self._sealer.seal_query_answer(answer)
        last = journal.record_event(
            tx, query.sender, Event.QUERY, statement=said, subject=f"inquiry:{number}", now=now
        )
        tx.put_inquiry(
            InquiryRow(
                id=number,
                query_id=query.query_id,
                partner=query.sender,
                direction="received",
                agreement=query.agreement_id,
                keys=len(query.keys),
                state="refused" if problems else "answered",
                created_at=now,
                query=envelope,
                log_index=recorded.index,
                answer=sealed,
                answered_at=now,
            )
        )
        return sealed, last.size, frozenset({answer.channel} if ready else ())

    def _allowed(self, tx: Transaction, query: _Query, now: int) -> tuple[Agreement | None, list[Finding]]:
        """Return the agreement of a question, and why it is refused."""
        at = moment(now)
        agreement = self._agreements.current(query.agreement_id, at)
        if (
            agreement is None
            or agreement.trigger != "query"
            or (agreement.version, agreement.digest) != (query.agreement_version, query.agreement_digest)
            or (agreement.sender, agreement.recipient) != (self._organisation, query.sender)
        ):
            return None, [finding("QUERY-AGREEMENT", path="agreement_id")]
        earliest, latest = milliseconds(at - LATE), milliseconds(at + FUTURE)
        problems = []
        if not earliest <= query.created_at_ms <= latest:
            problems.append(finding("QUERY-CLOCK", path="created_at_ms"))
        if not 0 < len(query.keys) <= MAX_KEYS or not query.reason:
            problems.append(finding("QUERY-FORM", path="keys", expected=f"1 to {MAX_KEYS}, and a reason"))
        problems += [
            finding("QUERY-SCOPE", path=f"keys[{index}]", expected=" or ".join(agreement.asking.by))
            for index, key in enumerate(query.keys)
            if key.scheme not in agreement.asking.by or not key.value
        ]
        asked = tx.keys_asked(query.sender, agreement.id, now - HOUR_MS)
        if asked + len(query.keys) > agreement.asking.per_hour:
            limit = f"{agreement.asking.per_hour} an hour"
            problems.append(finding("QUERY-RATE", path="keys", expected=limit, actual=str(asked)))
        return agreement, problems

    def _find(
        self, tx: Transaction, key: envelope_pb2.AskedKey, agreement: Agreement | None, now: int
    ) -> "_Answer.Outcome.ValueType":
        """Release what bears a number, as far as it may leave."""
        outcome = _Answer.OUTCOME_NOTHING
        if agreement is None:
            return outcome
        for row in _bearers(tx, key.scheme, key.value):
            if row.record != agreement.record or not row.body:
                continue
            one = Touched(row, unpack_item(row.body), said_by(tx.contributions_of_item(row)))
            share = release_asked(tx, one, agreement, self._agreements, ids=self._ids, now=now)
            if share is not None and share.state is ShareState.READY:
                outcome = _Answer.OUTCOME_FOLLOWS
            elif share is not None and outcome == _Answer.OUTCOME_NOTHING:
                outcome = _Answer.OUTCOME_HELD
        return outcome

    def _begin(self, tx: Transaction, row: InquiryRow, statement: bytes) -> tuple[InquiryRow, int]:
        """Store and log our question before it leaves."""
        recorded = self._sealer.journal.record_event(
            tx, row.partner, Event.QUERY, statement=statement, subject=f"inquiry:{row.id}", now=row.created_at
        )
        placed = msgspec.structs.replace(row, log_index=recorded.index)
        tx.put_inquiry(placed)
        return placed, recorded.size

    async def _settle(self, row: InquiryRow, statement: bytes, answer: bytes) -> _Answer:
        """Prove, store and log an answer.

        Raises:
            VerificationError: it is not the partner's answer to this question.
        """
        now = milliseconds(self._clock())
        proved = prove(
            unpack_envelope(answer),
            payload_type=QUERY_ANSWER_TYPE,
            keyring=self._keyring,
            owner=row.partner,
            purpose="receipt",
            agreements=self._agreements.between(row.partner, self._organisation),
            at=moment(now),
        )
        said = parse_query_answer(proved.statement)
        expected = (STATEMENT_VERSION, row.partner, self._organisation, row.query_id)
        if (
            (said.version, said.issuer, said.recipient, said.query_id) != expected
            or said.query_digest != hashlib.sha256(statement).digest()
            or (not said.findings and len(said.outcomes) != row.keys)
            or tuple(sorted(said.key_ids)) != proved.key_ids
        ):
            raise VerificationError("the answer is to another question", (finding("QUERY-ANSWER"),))
        settled = msgspec.structs.replace(
            row, state="refused" if said.findings else "answered", answer=answer, answered_at=now
        )

        def keep(tx: Transaction) -> None:
            """Store and log the answer."""
            self._sealer.journal.record_event(
                tx, row.partner, Event.QUERY, statement=proved.statement, subject=f"inquiry:{row.id}", now=now
            )
            tx.put_inquiry(settled)

        await self._store.transact(keep)
        return said


@dataclass(frozen=True, slots=True)
class _Taking:
    """The taking of one question as one unit of work."""

    inquiry: Inquiry
    query: _Query
    statement: bytes
    envelope: bytes
    now: int

    def __call__(self, tx: Transaction) -> tuple[bytes, int, frozenset[str]]:
        """Do it."""
        return self.inquiry.take(tx, self.query, self.statement, self.envelope, self.now)


def _bearers(tx: Transaction, scheme: str, value: str) -> Iterator[ItemRow]:
    """Yield the records that bear a number."""
    if scheme == "tracking_number":
        yield from tx.items_by_tracking([value])
    elif scheme == "ucr":
        yield from tx.items_by_ucr([value])
    else:
        yield from tx.items_by_mrn([value])
