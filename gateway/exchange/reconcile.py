# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Compare with a partner which batches of a channel both hold, and find in few questions where they part.

Both lay the batches of a span of time out by sequence number, one slot each. A slot is made from what is
stored now, not from what was noted once: the digest of the statement, and the root over its records computed
anew. So a batch that was removed, added or edited on one side shows. One with erased records does not: its
root follows from the commitments. Answers are those of the TLS identity; they are not signed.
"""

import hashlib
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

from gateway.audit.commitment import batch_root
from gateway.audit.reconcile import Missing, Side, missing, reconcile, slots
from gateway.errors import InputError, PolicyRefusal, VerificationError
from gateway.exchange.ports import Store, Transaction
from gateway.exchange.rows import BatchRow, InboundRow
from gateway.finding import finding
from gateway.wire.convert import parse_batch_statement, unpack_envelope
from gateway.wire.payload import commitment_of, unpack_entries

PAGE = 64
LARGEST_SPAN = 1 << 20
LARGEST_QUESTION = 8192
REMEMBER_SECONDS = 60.0
REMEMBER_SIDES = 4
CHANNEL_PARTS = 3


@dataclass(frozen=True, slots=True)
class Question:
    """One round: the span in milliseconds, the sequence numbers laid out, and subtrees (level, index).

    With empty `places` it asks which sequence numbers fall into the span.
    """

    channel: str
    span: tuple[int, int]
    places: range = range(0)
    nodes: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """The sequence numbers of the span, how many batches there are among the places, root and hashes."""

    places: range
    count: int = 0
    root: bytes = b""
    hashes: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a comparison of one channel found; `rounds` is how often the partner was asked."""

    channel: str
    places: range
    our_count: int
    their_count: int
    rounds: int
    missing: Missing

    @property
    def equal(self) -> bool:
        """Say whether both hold the same."""
        return self.missing == Missing((), (), ())


class Books:
    """The lists of batches of one gateway."""

    def __init__(self, organisation: str, store: Store, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` counts seconds, for how long a list is remembered between the rounds of a comparison."""
        self._organisation = organisation
        self._store = store
        self._clock = clock
        self._sides: dict[tuple[str, range], tuple[float, Side, int]] = {}

    async def reconcile(self, partner: str, question: Question) -> Told:
        """Told one round of a partner.

        Raises:
            PolicyRefusal: the channel is not one between the two.
            InputError: the question is too large, or asks for what does not exist.
        """
        ends = question.channel.split("/")
        if len(ends) != CHANNEL_PARTS or {ends[0], ends[1]} != {partner, self._organisation}:
            raise PolicyRefusal("not a channel of the partner", (finding("SERVER-CHANNEL", path="channel"),))
        if not question.places:
            return Told(await self.places(question.channel, question.span))
        if len(question.places) > LARGEST_SPAN or len(question.nodes) > LARGEST_QUESTION:
            limit = f"at most {LARGEST_SPAN} numbers and {LARGEST_QUESTION} subtrees"
            raise InputError("too large", (finding("RECONCILE-TOO-LARGE", path="places", expected=limit),))
        side, count = await self.side(question.channel, question.places)
        return Told(question.places, count, side.root, tuple(side.answer(question.nodes)))

    async def compare(
        self, channel: str, span: tuple[int, int], ask: Callable[[Question], Awaitable[Told]]
    ) -> Comparison:
        """Compare a channel with the partner at its other end; `ask` brings a question there.

        Raises:
            VerificationError: the partner contradicts itself.
            DeliveryError: it cannot be reached.
        """
        ours = await self.places(channel, span)
        theirs = (await ask(Question(channel, span))).places
        known = [one for one in (ours, theirs) if one]
        places = range(min(one.start for one in known), max(one.stop for one in known)) if known else range(0)
        if not places:
            return Comparison(channel, places, 0, 0, 1, Missing((), (), ()))
        if len(places) > LARGEST_SPAN:
            problem = finding(
                "RECONCILE-TOO-LARGE", path="places", expected=f"at most {LARGEST_SPAN} numbers"
            )
            raise VerificationError("the span holds too many batches", (problem,))
        side, count = await self.side(channel, places)
        first = await ask(Question(channel, span, places))
        rounds, asked = 2, reconcile(side, len(places), first.root)
        try:
            nodes = next(asked)
            while True:
                rounds += 1
                hashes = await _ask_all(ask, Question(channel, span, places), nodes)
                nodes = asked.send(hashes)
        except StopIteration as end:
            found = missing(places, side, end.value)
        return Comparison(channel, places, count, first.count, rounds, found)

    async def places(self, channel: str, span: tuple[int, int]) -> range:
        """Return the sequence numbers of the batches made in a span of time."""
        row = await self._store.read(lambda tx: tx.channel(channel))
        if row is None:
            return range(0)
        first = await self._first(channel, row.sequence, span[0])
        return range(first, max(first, await self._first(channel, row.sequence, span[1])))

    async def side(self, channel: str, places: range) -> tuple[Side, int]:
        """Return what is stored at sequence numbers, and how many batches that is."""
        key = (channel, places)
        known = self._sides.get(key)
        if known is not None and self._clock() - known[0] < REMEMBER_SECONDS:
            return known[1], known[2]
        digests: dict[int, bytes] = {}
        after = places.start - 1
        while after < places.stop - 1:
            read = partial(_page, channel=channel, after=after, sends=self._sends(channel))
            page = await self._store.read(read)
            if not page:
                break
            digests.update((number, digest) for number, digest in page if number in places)
            after = page[-1][0]
        found = Side(slots(places, digests)), len(digests)
        while len(self._sides) >= REMEMBER_SIDES:
            del self._sides[next(iter(self._sides))]
        self._sides[key] = (self._clock(), *found)
        return found

    def _sends(self, channel: str) -> bool:
        """Say whether we are the sender on a channel."""
        return channel.split("/", maxsplit=1)[0] == self._organisation

    async def _first(self, channel: str, last: int, moment: int) -> int:
        """Return the lowest sequence number whose batch was made at a moment or later, by halving.

        Batches of one channel are made in the order of their numbers. A number that is missing counts as the
        next one that is there.
        """
        low, high = 1, last + 1
        while low < high:
            middle = (low + high) // 2
            read = partial(_made_at, channel=channel, sequence=middle, sends=self._sends(channel))
            made = await self._store.read(read)
            if made is None or made >= moment:
                high = middle
            else:
                low = middle + 1
        return low


async def _ask_all(
    ask: Callable[[Question], Awaitable[Told]], question: Question, nodes: Sequence[tuple[int, int]]
) -> list[bytes]:
    """Ask for the hashes of subtrees in questions of bounded size."""
    hashes: list[bytes] = []
    for start in range(0, len(nodes), LARGEST_QUESTION):
        part = tuple(nodes[start : start + LARGEST_QUESTION])
        answer = await ask(Question(question.channel, question.span, question.places, part))
        hashes += answer.hashes
    return hashes


def _rows(
    tx: Transaction, channel: str, after: int, limit: int, *, sends: bool
) -> Sequence[BatchRow | InboundRow]:
    """Return batches of a channel above a sequence number."""
    if sends:
        return tx.batches_after(channel, after, limit)
    return tx.inbound_after_sequence(channel, after, limit)


def _page(tx: Transaction, channel: str, after: int, *, sends: bool) -> list[tuple[int, bytes]]:
    """Return sequence numbers with what is stored under them."""
    return [(one.sequence, _digest(one)) for one in _rows(tx, channel, after, PAGE, sends=sends)]


def _made_at(tx: Transaction, channel: str, sequence: int, *, sends: bool) -> int | None:
    """Return when the first batch at or above a sequence number was made, as its statement says."""
    rows = _rows(tx, channel, sequence - 1, 1, sends=sends)
    if not rows:
        return None
    try:
        return parse_batch_statement(unpack_envelope(rows[0].envelope).statement).created_at_ms
    except InputError:  # what was broken is placed by its own row
        return rows[0].received_at if isinstance(rows[0], InboundRow) else rows[0].created_at


def _digest(row: BatchRow | InboundRow) -> bytes:
    """Return the digest of a batch as it is stored now; of one that cannot be read, that of its bytes."""
    try:
        statement = unpack_envelope(row.envelope).statement
        root = batch_root([commitment_of(one) for one in unpack_entries(row.payload)])
    except (InputError, ValueError):
        return hashlib.sha256(b"unreadable\x00" + row.envelope + row.payload).digest()
    return hashlib.sha256(hashlib.sha256(statement).digest() + root).digest()
