# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Find the returns that partners announce as item data, batch by batch.

Only channels of agreements whose condition names the nature "returned goods" (`natures = ["21"]`) are
searched: the data of exports is never read again for this. Cases, their records and how far the search has
come are one transaction, so each batch is searched once, whatever falls in between.
"""

import asyncio
from collections.abc import Iterable, Sequence

import structlog

from gateway.agreement import AgreementSet
from gateway.clock import Clock, milliseconds
from gateway.errors import GatewayError
from gateway.exchange.ports import Store, Transaction, Workers
from gateway.exchange.rows import InboundRow, PackedDocument
from gateway.exchange.touched import Touched, partner_scope
from gateway.model import Function, unpack_contribution
from gateway.trade.return_claim import NATURE, claim_of
from gateway.trade.return_desk import Announcement, Done
from gateway.trade.returns import Returns
from gateway.wire.convert import parse_receipt_statement, unpack_envelope

IDLE_SECONDS = 0.2
AT_ONCE = 16
_log = structlog.get_logger()


class ReturnWatch:
    """The search."""

    def __init__(
        self,
        *,
        organisation: str,
        store: Store,
        workers: Workers,
        clock: Clock,
        agreements: AgreementSet,
        returns: Returns,
    ) -> None:
        """Take the doors."""
        self._organisation = organisation
        self._store = store
        self._workers = workers
        self._clock = clock
        self._agreements = agreements
        self._returns = returns

    async def run(self) -> None:
        """Search until cancelled."""
        while True:
            try:
                done = await self.search()
            except GatewayError as error:
                _log.error("returns.failed", error=str(error))
                done = 0
            if not done:
                await asyncio.sleep(IDLE_SECONDS)

    async def search(self) -> int:
        """Search what is there now; return how many batches that was."""
        done = 0
        for channel in self._channels():
            before, rows = await self._store.read(lambda tx, name=channel: _unsearched(tx, name))  # type: ignore[misc]  # the default binds the loop's value
            for row in rows:
                receipt = parse_receipt_statement(unpack_envelope(row.receipt).statement)
                rejected = [one.index for one in receipt.records if not one.accepted]
                documents = await self._workers.restate(row.payload, "item", rejected)
                channels = await self._store.transact(_Work(self, row, before, documents))
                self._returns.wake(channels)
                before, done = row.sequence, done + 1
        return done

    def take(
        self, tx: Transaction, row: InboundRow, before: int, documents: Sequence[PackedDocument]
    ) -> frozenset[str]:
        """Give the returns of a batch their effect, unless another node has; return channels to wake."""
        if not tx.move_return_cursor(row.channel, before, row.sequence):
            return frozenset()
        now = milliseconds(self._clock())
        touched: list[Touched] = []
        last: Done | None = None
        for document in documents:
            for done in self._announced(tx, row, document, now):
                last, touched = done, [*touched, *done.touched]
        if last is None:
            return frozenset()
        _log.info("returns.announced", inbound=row.id, channel=row.channel)
        return self._returns.route(tx, Done(last.case, tuple(touched)), now)

    def _announced(
        self, tx: Transaction, row: InboundRow, document: PackedDocument, now: int
    ) -> Iterable[Done]:
        """Yield what the records of a document do."""
        desk = self._returns.desk
        for one in document.contributions:
            reference = f"{partner_scope(row.partner, row.agreement)}|{one.reference}"
            if one.function is Function.DELETE:
                done = desk.withdraw(tx, reference, row.partner, now)
            else:
                item = unpack_contribution(one.body).item
                if item.nature_of_transaction != NATURE:
                    continue
                said = Announcement(
                    reference=reference,
                    claim=claim_of(item, desk.rules.zone),
                    source="item",
                    actor=row.partner,
                    partner=row.partner,
                    agreement=row.agreement,
                )
                done = desk.take(tx, said, now)
            if done is not None:
                yield done

    def _channels(self) -> list[str]:
        """Return the channels to search."""
        return sorted(
            {
                one.channel
                for one in self._agreements
                if one.recipient == self._organisation
                and one.record == "item"
                and NATURE in one.match.natures
            }
        )


class _Work:
    """The search of one batch as one unit of work."""

    def __init__(
        self, watch: ReturnWatch, row: InboundRow, before: int, documents: Sequence[PackedDocument]
    ) -> None:
        """Hold what the unit of work needs."""
        self._watch, self._row, self._before, self._documents = watch, row, before, documents

    def __call__(self, tx: Transaction) -> frozenset[str]:
        """Do it."""
        return self._watch.take(tx, self._row, self._before, self._documents)


def _unsearched(tx: Transaction, channel: str) -> tuple[int, list[InboundRow]]:
    """Return how far a channel was searched, and the next batches."""
    before = tx.return_cursor(channel)
    return before, tx.inbound_after_sequence(channel, before, AT_ONCE)
