# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Take a message in: check its size, keep it verbatim, give it effect once, answer in its own format.

The rules:

1. Sizes are checked before anything is accepted, the expanded size while it expands.
2. The same bytes again get the stored answer again and have no further effect, also at the same moment.
3. Reading happens in a worker; message, items, shares and answer are one transaction.
4. A message refused whole is kept too. A refused document does not touch the others.
5. While intake is closed (`admit`), nothing is taken, not even what was taken before.
6. At most `max_in_flight` messages are in work, and nobody has all these places (`gateway.fairness`); one
   more is told when to come again, never queued.
"""

import contextlib
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
import structlog

from gateway.agreement import AgreementSet
from gateway.clock import Clock, milliseconds, moment
from gateway.errors import CouldNotCheck, GatewayError, InputError
from gateway.exchange import answering
from gateway.exchange.answering import Acknowledges, foreseen
from gateway.exchange.claims import Unjudged
from gateway.exchange.effects import apply, check_and_judge
from gateway.exchange.enterprise_ports import Facilitates
from gateway.exchange.expand import Sizes, expand
from gateway.exchange.following import Follows, Unfollowed
from gateway.exchange.ports import Ids, Store, Transaction, Workers
from gateway.exchange.return_ports import NoReturns, TakesReturns
from gateway.exchange.rollup_ports import Census, Uncounted
from gateway.exchange.rows import MessageRow, PackedMessage
from gateway.exchange.stock import Stock
from gateway.exchange.touched import Arrival
from gateway.fairness import Places, working_for
from gateway.finding import Finding, finding, has_errors
from gateway.model import DocumentOutcome

RETRY_SECONDS = 1
__all__ = ["RETRY_SECONDS", "Acknowledges", "Busy", "Closed", "Intake", "Sizes", "Submission", "expand"]
_log = structlog.get_logger()
_encoder = msgspec.msgpack.Encoder()


class Busy(GatewayError):
    """As many messages as allowed are in work; `retry_seconds` says when to come again."""

    def __init__(self, retry_seconds: int) -> None:
        """Tell the submitter when to come again."""
        super().__init__(f"too many messages in work; come again in {retry_seconds} s")
        self.retry_seconds = retry_seconds


class Closed(CouldNotCheck):
    """Nothing is taken in for now; the finding says why, `retry_seconds` when to come again."""

    def __init__(self, message: str, found: Finding, retry_seconds: int) -> None:
        """Tell the submitter when to come again."""
        super().__init__(message, (found,))
        self.retry_seconds = retry_seconds


async def _open() -> None:
    """Let everything in."""


@dataclass(frozen=True, slots=True)
class Submission:
    """The answer to a submitter; `outcome` is accepted, partial, refused or repeated."""

    id: int
    message_id: str
    outcome: str
    documents: int
    accepted: int
    acknowledgement: bytes
    content_type: str


@dataclass(frozen=True, slots=True)
class Source:
    """The verbatim bytes of a message, the way they came and who sent them."""

    raw: bytes
    digest: bytes
    way: str
    submitter: str


class Intake:
    """The way in for domestic messages."""

    def __init__(
        self,
        *,
        organisation: str,
        store: Store,
        workers: Workers,
        ids: Ids,
        clock: Clock,
        random: Callable[[int], bytes],
        adapters: Mapping[str, Acknowledges],
        agreements: AgreementSet,
        wake: Callable[[frozenset[str]], None],
        sizes: Sizes,
        admit: Callable[[], Awaitable[None]] = _open,
        census: Callable[[], Census] = Uncounted,
        facilitates: Facilitates | None = None,
        follows: Follows | None = None,
        returns: TakesReturns | None = None,
    ) -> None:
        """Take the doors; `wake` is told the channels that have something ready after a commit.

        `admit` raises `Closed` while nothing may be taken in; `census` makes what counts one message.
        `facilitates` says which facilitations items get, `follows` follows what records say of controls.
        """
        self._organisation = organisation
        self._store = store
        self._workers = workers
        self._ids = ids
        self._clock = clock
        self._random = random
        self._adapters = adapters
        self._agreements = agreements
        self.wake = wake
        self._sizes = sizes
        self._admit = admit
        self._census = census
        self._facilitates = facilitates or Unjudged()
        self._follows = follows or Unfollowed()
        self._returns = returns or NoReturns()
        self._places = Places(sizes.max_in_flight)

    async def submit(
        self, raw: bytes, *, source: str, submitter: str, adapter: str = "", encoding: str = ""
    ) -> Submission:
        """Take one message; `source` is the way it came, `submitter` who was authenticated on that way.

        Raises:
            InputError: the bytes cannot be taken at all (size, compression, adapter); nothing is kept.
            Closed: nothing is taken in for now; nothing is kept.
            Busy: too many messages are in work.
        """
        if adapter and adapter not in self._adapters:
            raise InputError(
                "no such adapter", (finding("INTAKE-ADAPTER", expected=", ".join(sorted(self._adapters))),)
            )
        async with self.place(submitter):
            return await self._submit(expand(raw, encoding, self._sizes), source, submitter, adapter)

    @contextlib.asynccontextmanager
    async def place(self, party: str) -> AsyncIterator[None]:
        """Hold one of the places for messages in work; what is done meanwhile takes turns as the party's.

        Raises:
            Closed: nothing is taken in for now.
            Busy: too many messages are in work, or too many of this party.
        """
        await self._admit()
        if not self._places.take(party):
            raise Busy(self._places.pause(party))
        try:
            with working_for(party):
                yield
        finally:
            self._places.give(party)

    async def _submit(self, raw: bytes, source: str, submitter: str, adapter: str) -> Submission:
        """Take one message of known size."""
        digest = hashlib.sha256(raw).digest()
        origin = Source(raw, digest, source, submitter)
        known = await self._store.read(lambda tx: tx.message_by_digest(digest))
        if known is not None:
            return _again(known)
        arrived = milliseconds(self._clock())
        message = await self.read(adapter, self._workers.decode(adapter, raw, arrived))
        now = moment(arrived)

        def take(tx: Transaction) -> tuple[Submission, frozenset[str]]:
            """Give the message its effect, unless the same bytes came first."""
            stored = tx.message_by_digest(digest)
            if stored is not None:
                return _again(stored), frozenset()
            return self.take(tx, message, origin, now)

        submission, channels = await self._store.transact(take)
        if channels:
            self.wake(channels)
        _log.info(
            "intake.message",
            id=submission.id,
            adapter=message.adapter,
            message_type=message.message_type,
            outcome=submission.outcome,
            documents=submission.documents,
            accepted=submission.accepted,
        )
        return submission

    async def read(self, adapter: str, reading: Awaitable[PackedMessage]) -> PackedMessage:
        """Return a message being read; one that breaks its reader is refused whole, kept and answered."""
        try:
            return await reading
        except InputError as error:
            findings = error.findings
        except GatewayError as error:
            _log.error("intake.unreadable", adapter=adapter, error=str(error))
            findings = ()
        return PackedMessage(
            adapter=adapter,
            message_type="",
            message_id="",
            sender="",
            documents=(),
            findings=findings or (finding("INTAKE-UNREADABLE"),),
        )

    def take(
        self, tx: Transaction, message: PackedMessage, source: Source, now: datetime
    ) -> tuple[Submission, frozenset[str]]:
        """Store the message with its effect and its answer; return it with the channels to wake."""
        number = self._ids.take(1)[0]
        at = milliseconds(now)
        if message.once and tx.has_message(message.adapter, message.message_id):
            again = finding("INTAKE-REPLAYED", path="message_id", actual=message.message_id)
            message = msgspec.structs.replace(message, findings=(*message.findings, again), answer=None)
        refused = has_errors(message.findings)
        arrival = Arrival(
            number,
            f"{source.submitter}|{message.sender}",
            at,
            Stock(self._ids),
            self._random,
            self._census(),
            self._facilitates,
            self._returns,
        )
        judged = None if refused else check_and_judge(tx, message.documents, arrival, self._follows)
        outcomes = foreseen(message) if judged is None else judged.outcomes
        accepted = sum(one.accepted for one in outcomes)
        answer = answering.taken(self._adapters.get(message.adapter), message, outcomes, now)
        row = MessageRow(
            id=number,
            digest=source.digest,
            source=source.way,
            submitter=source.submitter,
            adapter=message.adapter,
            message_type=message.message_type,
            message_id=message.message_id,
            received_at=at,
            outcome=_outcome(len(outcomes), accepted, refused=refused),
            documents=len(outcomes),
            accepted=accepted,
            raw=source.raw,
            acknowledgement=answer.body,
            content_type=answer.content_type,
            findings=_encoder.encode(_numbered(message.findings, outcomes)),
        )
        tx.add_message(row)
        channels: frozenset[str] = frozenset()
        if judged is not None:
            channels = apply(
                tx,
                judged,
                arrival,
                agreements=self._agreements,
                organisation=self._organisation,
                follows=self._follows,
            )
        return _submission(row, row.outcome), channels


def _outcome(documents: int, accepted: int, *, refused: bool) -> str:
    """Name what became of a message."""
    if refused or (documents and not accepted):
        return "refused"
    return "accepted" if accepted == documents else "partial"


def _numbered(findings: Sequence[Finding], outcomes: Sequence[DocumentOutcome]) -> list[Finding]:
    """Return all findings of a message, those of documents with their position."""
    numbered = list(findings)
    for one in outcomes:
        where = f"document {one.position}"
        for found in one.findings:
            position = (
                found.position if found.position.startswith("document ") else f"{where} {found.position}"
            )
            numbered.append(
                Finding(
                    found.code,
                    found.severity,
                    found.finding_class,
                    found.path,
                    position.strip(),
                    found.expected,
                    found.actual,
                    found.remedy,
                    found.rule,
                )
            )
    return numbered


def _again(row: MessageRow) -> Submission:
    """Return the stored answer."""
    return _submission(row, "repeated")


def _submission(row: MessageRow, outcome: str) -> Submission:
    """Return the answer that a row holds."""
    return Submission(
        id=row.id,
        message_id=row.message_id,
        outcome=outcome,
        documents=row.documents,
        accepted=row.accepted,
        acknowledgement=row.acknowledgement,
        content_type=row.content_type,
    )
