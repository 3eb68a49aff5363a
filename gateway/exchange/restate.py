# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Make the records of a received batch records of our own, so that they are followed and may be sent on.

The rules:

1. What partners say of items (assessments, answers, events, dispatches, controls) is always restated: it
   settles referrals. Items are restated where the configuration says so, as at a post.
2. A restated record speaks in the name of its partner and the agreement it came under; `route` sends it on
   only as far as that agreement allows.
3. Message, records, referrals, shares and the mark on the batch are one transaction, so each batch is
   restated once. What was withheld from us stays withheld; commitments are not passed on.
"""

import asyncio
import hashlib
from collections.abc import Callable, Sequence

import structlog

from gateway.agreement import AgreementSet
from gateway.clock import Clock, milliseconds
from gateway.errors import GatewayError
from gateway.exchange import refer
from gateway.exchange.claims import Unjudged
from gateway.exchange.effects import apply, check_and_judge
from gateway.exchange.enterprise_ports import Facilitates
from gateway.exchange.following import Follows, Unfollowed
from gateway.exchange.ports import Ids, Store, Transaction, Workers
from gateway.exchange.return_ports import NoReturns, TakesReturns
from gateway.exchange.rollup_ports import Census, Uncounted
from gateway.exchange.rows import InboundRow, MessageRow, PackedContribution, PackedDocument
from gateway.exchange.touched import Arrival, partner_scope
from gateway.exchange.unmerged import about
from gateway.finding import Finding
from gateway.model import (
    Contribution,
    ContributionKind,
    DocumentOutcome,
    Function,
    Item,
    Release,
    ReleaseFunction,
    pack_contribution,
)
from gateway.wire.convert import (
    parse_batch_statement,
    parse_receipt_statement,
    unpack_envelope,
    unpack_release,
)
from gateway.wire.payload import unpack_entries

IDLE_SECONDS = 0.2
AT_ONCE = 16
WAY = "partner"
# The same bytes may have been submitted here as a message; that must not stand in the way.
_DIGESTED = b"restated\x00"
_FUNCTIONS = {
    ReleaseFunction.ORIGINAL: Function.NEW,
    ReleaseFunction.AMENDMENT: Function.CHANGE,
    ReleaseFunction.CANCELLATION: Function.DELETE,
}
_log = structlog.get_logger()


class Restater:
    """The way from received batches to records of our own."""

    def __init__(
        self,
        *,
        organisation: str,
        store: Store,
        workers: Workers,
        ids: Ids,
        clock: Clock,
        random: Callable[[int], bytes],
        agreements: AgreementSet,
        wake: Callable[[frozenset[str]], None],
        census: Callable[[], Census] = Uncounted,
        facilitates: Facilitates | None = None,
        follows: Follows | None = None,
        returns: TakesReturns | None = None,
    ) -> None:
        """Take the doors; `wake` is told the channels that have something ready after a commit."""
        self._organisation = organisation
        self._store = store
        self._workers = workers
        self._ids = ids
        self._clock = clock
        self._random = random
        self._agreements = agreements
        self._wake = wake
        self._census = census
        self._facilitates = facilitates or Unjudged()
        self._follows = follows or Unfollowed()
        self._returns = returns or NoReturns()

    async def run(self) -> None:
        """Restate until cancelled."""
        while True:
            try:
                done = await self.restate()
            except GatewayError as error:
                _log.error("restate.failed", error=str(error))
                done = 0
            if not done:
                await asyncio.sleep(IDLE_SECONDS)

    async def restate(self) -> int:
        """Restate what is there now; return how many batches that was."""
        rows = await self._store.read(lambda tx: tx.inbound_to_restate(AT_ONCE))
        for row in rows:
            receipt = parse_receipt_statement(unpack_envelope(row.receipt).statement)
            rejected = [one.index for one in receipt.records if not one.accepted]
            record = parse_batch_statement(unpack_envelope(row.envelope).statement).record_type
            documents = await self._workers.restate(row.payload, record, rejected)
            work = _Work(self, row, record, documents)
            channels, refused = await self._store.transact(work)
            self._wake(channels)
            _log.info("restate.batch", inbound=row.id, record=record, records=len(documents))
            if refused:
                _log.warning("restate.refused", inbound=row.id, codes=refused)
        return len(rows)

    def take(
        self, tx: Transaction, row: InboundRow, record: str, documents: Sequence[PackedDocument]
    ) -> tuple[frozenset[str], list[str]]:
        """Give a received batch its effect; return channels with something ready, and codes of refusals.

        What was erased or restated since it was read has none; it is looked at again.
        """
        current = tx.inbound(row.id)
        if current is None or current.restated or current.payload != row.payload:
            return frozenset(), []
        number, at = self._ids.take(1)[0], milliseconds(self._clock())
        arrival = Arrival(
            number,
            partner_scope(row.partner, row.agreement),
            at,
            self._ids,
            self._random,
            self._census(),
            self._facilitates,
            self._returns,
        )
        judged = check_and_judge(tx, documents, arrival, self._follows)
        tx.add_message(_message(row, record, number, at, judged.outcomes))
        channels = apply(
            tx,
            judged,
            arrival,
            agreements=self._agreements,
            organisation=self._organisation,
            follows=self._follows,
        )
        tx.mark_restated(row.id)
        return channels, [one.code for each in judged.outcomes if not each.accepted for one in each.findings]


class _Work:
    """The restating of one batch as one unit of work."""

    def __init__(
        self, restater: Restater, row: InboundRow, record: str, documents: Sequence[PackedDocument]
    ) -> None:
        """Hold what the unit of work needs."""
        self._restater, self._row, self._record, self._documents = restater, row, record, documents

    def __call__(self, tx: Transaction) -> tuple[frozenset[str], list[str]]:
        """Do it."""
        return self._restater.take(tx, self._row, self._record, self._documents)


def documents_of(payload: bytes, record: str, rejected: Sequence[int]) -> tuple[PackedDocument, ...]:
    """Return the records of a received payload as documents; rejected and erased ones are left out."""
    left_out = frozenset(rejected)
    return tuple(
        _document(position, unpack_release(entry.record), record)
        for position, entry in enumerate(unpack_entries(payload))
        if position not in left_out and not entry.erased
    )


def _document(position: int, release: Release, record: str) -> PackedDocument:
    """Return one received record as a document of its own."""
    kind = ContributionKind.POSTAL if record == "item" else ContributionKind(record)
    function = _FUNCTIONS[release.function]
    if release.version > 1 and function is Function.NEW:
        function = Function.CHANGE  # it was cancelled or rejected before and lives again under its reference
    said = Contribution(
        kind=kind,
        function=function,
        reference=release.reference,
        keys=_keys(release.item, release.reference),
        item=release.item,
    )
    packed = PackedContribution(
        kind=kind,
        function=said.function,
        reference=said.reference,
        keys=said.keys,
        body=pack_contribution(said),
    )
    return PackedDocument(
        position=position + 1,
        reference=release.reference,
        echo={},
        contributions=(packed,),
        findings=(),
    )


def _keys(item: Item, reference: str) -> tuple[str, ...]:
    """Return the keys of a received record; one without a number stands under its reference."""
    number = about(item)
    return (f"trk:{number}",) if number else (f"ref:{reference}",)


def _message(
    row: InboundRow, record: str, number: int, at: int, outcomes: Sequence[DocumentOutcome]
) -> MessageRow:
    """Return the message that stands for a received batch; its bytes stay with the batch."""
    accepted = sum(one.accepted for one in outcomes)
    findings: list[Finding] = [found for one in outcomes for found in one.findings]
    return MessageRow(
        id=number,
        digest=hashlib.sha256(_DIGESTED + row.envelope).digest(),
        source=WAY,
        submitter=row.partner,
        adapter="",
        message_type=record,
        message_id=row.batch_id,
        received_at=at,
        outcome="accepted" if accepted == len(outcomes) else "partial" if accepted else "refused",
        documents=len(outcomes),
        accepted=accepted,
        raw=b"",
        acknowledgement=b"",
        content_type="",
        findings=refer.pack_findings(findings),
    )
