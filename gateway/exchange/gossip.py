# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Compare with one partner what each has said of its log, and have our own cosigned.

The rules:

1. Ordinary traffic starts a round: a receipt tells a state of the partner's log. Without traffic there is a
   round from time to time.
2. The partner's newest checkpoint must continue the one cosigned last, and every state that was told must be
   a beginning of it. The partner proves that; a proof that shows something else is a contradiction: alarm,
   evidence, every channel with the partner stops. If a proof shows nothing, the tiles are read.
3. When our log has grown, the partner is asked to cosign it, and so is our anchor log.
4. A partner that does not answer delays cosignatures, nothing else.
"""

import asyncio
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Protocol

import structlog

from gateway.audit import checkpoint as checkpoints
from gateway.audit import proof
from gateway.audit.compare import Head, Verdict, compare
from gateway.audit.tile_reader import TileReader
from gateway.audit.witness import Outcome, Request, format_request
from gateway.clock import Clock, milliseconds, moment
from gateway.errors import GatewayError, VerificationError
from gateway.exchange.alarm import Alarm
from gateway.exchange.journal import ANCHOR
from gateway.exchange.lane import wait
from gateway.exchange.log_ports import Checkpoints
from gateway.exchange.log_rows import CosignedRow, PublishedRow
from gateway.exchange.ports import Store, Transaction
from gateway.exchange.witness import NoteKeys, Witness, cosignature_lines

SHORTEST_PAUSE_SECONDS = 2.0
_ALARMS = {Verdict.SPLIT_VIEW: "AUDIT-SPLIT-VIEW", Verdict.ROLLBACK: "AUDIT-ROLLBACK"}
_log = structlog.get_logger()


class LogSession(Protocol):
    """One connection to a partner's logs."""

    async def checkpoint(self, log: str) -> bytes:
        """Return the newest signed checkpoint."""

    async def consistency(self, log: str, old: int, new: int) -> Sequence[bytes]:
        """Return the proof that a log has only grown between two sizes."""

    async def tile(self, log: str, path: str) -> bytes:
        """Return a static file of a log."""

    async def witness(self, request: bytes) -> tuple[bytes, int | None]:
        """Bring a checkpoint of ours; return the cosignatures, or the size last cosigned if we are stale."""


class LogClient(Protocol):
    """The way to one partner's logs."""

    def session(self) -> AbstractAsyncContextManager[LogSession]:
        """Connect for one round."""


class Gossip:
    """The comparing with one partner."""

    def __init__(
        self,
        partner: str,
        *,
        organisation: str,
        store: Store,
        clock: Clock,
        checkpoints: Checkpoints,
        client: LogClient,
        witness: Witness,
        keys: NoteKeys,
        alarm: Alarm,
        seconds: float,
    ) -> None:
        """Take the doors; without traffic there is a round every so many seconds."""
        self.partner = partner
        self._organisation = organisation
        self._store = store
        self._clock = clock
        self._checkpoints = checkpoints
        self._client = client
        self._witness = witness
        self._keys = keys
        self._alarm = alarm
        self._seconds = seconds
        self._bell = asyncio.Event()
        self._claims: list[Head] = []

    def heard(self, claim: Head) -> None:
        """Take a state of the partner's log that one of its receipts tells; the receipt is its note."""
        self._claims.append(claim)
        self._bell.set()

    def look(self) -> None:
        """Compare soon."""
        self._bell.set()

    async def run(self) -> None:
        """Compare until cancelled."""
        while True:
            await wait(self._bell, self._seconds)
            try:
                await self.round()
            except GatewayError as error:
                _log.info("gossip.failed", partner=self.partner, error=str(error))
            await asyncio.sleep(SHORTEST_PAUSE_SECONDS)

    async def round(self) -> None:
        """Compare once, in both directions.

        Raises:
            GatewayError: the partner could not be asked, or gave an answer that shows nothing.
        """
        taken, self._claims = self._claims, []
        claims = _extremes(taken)
        async with self._client.session() as session:
            try:
                await self._compare(session, f"{self.partner}/{self._organisation}", claims)
            except GatewayError:
                self._claims = claims + self._claims  # to be held against the log as soon as it answers
                raise
            for log in (f"{self._organisation}/{self.partner}", f"{self._organisation}/{ANCHOR}"):
                await self._ask(session, log)

    async def _compare(self, session: LogSession, log: str, claims: Sequence[Head]) -> None:
        """Fetch the partner's newest checkpoint and hold it against what is known."""
        known = await self._store.read(lambda tx: tx.witnessed(log))
        note = await session.checkpoint(log)
        newest = self._verified(log, note)
        old = known.size if known is not None else 0
        hashes: Sequence[bytes] = ()
        if 0 < old < newest.size:
            hashes = await session.consistency(log, old, newest.size)
        request = Request(min(old, newest.size), tuple(hashes), note)
        answer = await self._witness.judge(self.partner, request, known)
        if answer.outcome is Outcome.BAD_PROOF and known is not None:
            await self._look_inside(session, log, Head(known.size, known.root, known.note), newest)
        if answer.outcome not in (Outcome.COSIGN, Outcome.SAME):
            _log.warning("gossip.not-cosigned", partner=self.partner, outcome=answer.outcome)
            return
        for claim in claims:
            await self._check_claim(session, log, claim, newest)

    async def _check_claim(self, session: LogSession, log: str, claim: Head, newest: Head) -> None:
        """Let the partner prove that a state it told is a beginning of its log."""
        hashes: Sequence[bytes] | None = None
        if 0 < claim.size <= newest.size:
            same = claim.size == newest.size
            hashes = () if same else await session.consistency(log, claim.size, newest.size)
        # A receipt leaves after its checkpoint is published, so a claim above the newest is a rollback.
        found = compare(claim, newest, hashes)
        code = _ALARMS.get(found.verdict)
        if code is not None:
            await self._alarmed(log, code, claim, newest)
        elif found.verdict is Verdict.BAD_PROOF:
            await self._look_inside(session, log, claim, newest)

    async def _look_inside(self, session: LogSession, log: str, known: Head, newest: Head) -> None:
        """Find out from tiles, each checked against the signed root, what a log was at a known size.

        A proof that fails does not say by itself what the tree holds; noise would look the same.
        """
        loop = asyncio.get_running_loop()

        def fetch(path: str) -> bytes:
            try:
                return asyncio.run_coroutine_threadsafe(session.tile(log, path), loop).result()
            except GatewayError as error:
                raise LookupError(path) from error

        def read() -> bytes:
            return TileReader(fetch, newest.size, newest.root).root_at(known.size)

        if await asyncio.to_thread(read) != known.root:
            await self._alarmed(log, _ALARMS[Verdict.SPLIT_VIEW], known, newest)

    async def _alarmed(self, log: str, code: str, known: Head, newest: Head) -> None:
        """Keep both states and stop the channels."""
        now = milliseconds(self._clock())
        await self._store.transact(
            lambda tx: self._alarm.contradiction(
                tx,
                self.partner,
                code,
                log=log,
                first=known.note,
                second=newest.note,
                claimed=(newest.size, newest.root),
                now=now,
            )
        )

    async def _ask(self, session: LogSession, log: str) -> None:
        """Have the newest checkpoint of one of our logs cosigned, if it has grown since."""
        newest = self._checkpoints.newest(log)
        if newest is None:
            return
        rows = await self._store.read(lambda tx: tx.cosigned())
        before = next((one for one in rows if (one.log, one.witness) == (log, self.partner)), None)
        old = before.size if before is not None else 0
        if old >= newest.size:
            return
        lines, cosigned = await session.witness(await self._request(newest, old))
        if cosigned is not None and 0 <= cosigned <= newest.size:
            lines, _ = await session.witness(await self._request(newest, cosigned))
        if not lines:
            _log.warning("gossip.no-cosignature", partner=self.partner, log=log)
            return
        now = self._clock()
        note = cosignature_lines(newest.note, self._keys.witness_keys(self.partner, now), lines)
        row = CosignedRow(
            log=log, witness=self.partner, size=newest.size, note=note, cosigned_at=milliseconds(now)
        )
        await self._store.transact(lambda tx: tx.put_cosigned(row))

    async def _request(self, newest: PublishedRow, old: int) -> bytes:
        """Return an add-checkpoint request with the proof from an old size."""

        def prove(tx: Transaction) -> list[bytes]:
            return proof.consistency(old, newest.size, partial(tx.log_hash, newest.origin)) if old else []

        hashes = await self._store.read(prove)
        return format_request(Request(old, tuple(hashes), newest.note))

    def _verified(self, log: str, note: bytes) -> Head:
        """Return the checkpoint of a log that its owner signed.

        Raises:
            VerificationError: no current key of the partner signed it.
        """
        at = moment(milliseconds(self._clock()))
        error: VerificationError | None = None
        for key in self._keys.log_keys(self.partner, at):
            if key.name == log:
                try:
                    return Head.of(checkpoints.verify(note, key), note)
                except VerificationError as problem:
                    error = problem
        raise error or VerificationError(f"no log key of {self.partner} is known")


def _extremes(claims: Sequence[Head]) -> list[Head]:
    """Return the smallest and the largest of many states."""
    if not claims:
        return []
    ordered = sorted(claims, key=lambda one: one.size)
    return [ordered[0]] if len(ordered) == 1 else [ordered[0], ordered[-1]]
