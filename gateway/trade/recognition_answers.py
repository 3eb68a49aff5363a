# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Answers about controls: ours to a partner, and what partners tell about our own.

An answer of a partner counts if it names a control of our own that left for that partner, and its item. It is
kept as the partner says it; what it rests on is not ours to check.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from gateway.clock import milliseconds, moment
from gateway.exchange.assemble import scoped
from gateway.exchange.control_rows import RecognitionRow
from gateway.exchange.ports import Ids, Transaction
from gateway.exchange.rows import InboundRow, ItemRow
from gateway.exchange.touched import DELETED, SaidBy, Touched
from gateway.exchange.unmerged import join_key
from gateway.model import (
    IDENTIFICATION,
    Assessment,
    Contribution,
    ContributionKind,
    Function,
    Item,
    ShareState,
)
from gateway.trade.controls import COUNTRIES
from gateway.trade.outcomes import OURS
from gateway.trade.own_records import SCOPE
from gateway.trade.recognition_rules import ACCEPT, IGNORE, SAMPLE

REPLACED, WITHDRAWN = "replaced", "withdrawn"
DECISIONS = (ACCEPT, SAMPLE, IGNORE)
CODE = "control-"


class Subject(NamedTuple):
    """A control of a partner: our row of it, what it says, who said it, and the batch that brought it."""

    row: ItemRow
    item: Item
    source: SaidBy
    batch: InboundRow


def subject(tx: Transaction, one: Touched) -> Subject | None:
    """Return a changed record as a subject, none if no batch of a partner is its source."""
    source = min(one.said_by, default=None)
    if source is None:
        return None
    words = [row for row in tx.contributions_of_item(one.row) if not row.retired]
    messages = tx.messages([words[-1].message_row]) if words else []
    batch = tx.inbound_by_batch(source.partner, messages[0].message_id) if messages else None
    return None if batch is None else Subject(one.row, one.item, source, batch)


class Answers:
    """What partners decide about the controls of one gateway."""

    def __init__(self, *, organisation: str, ids: Ids) -> None:
        """Take the doors."""
        self._organisation = organisation
        self._ids = ids

    def told(self, tx: Transaction, subjects: Iterable[Subject], now: int) -> list[str]:
        """Keep what partners decided about our own controls; return the numbers that it is about."""
        rows = [row for one in subjects if (row := self._of_partner(tx, one, now)) is not None]
        if rows:
            tx.put_recognitions(rows)
        return sorted({one.tracking_number for one in rows})

    def _of_partner(self, tx: Transaction, one: Subject, now: int) -> RecognitionRow | None:
        """Return what an assessment decides about a control of our own, none if it does not."""
        said = one.item.assessment or Assessment()
        decision = (said.decision_code or "").removeprefix(CODE)
        mine = tx.controls_by_reference(said.reference) if said.reference and decision in DECISIONS else []
        if not mine or mine[-1].tracking_number != one.row.tracking_number:
            return None
        if not self._was_told(tx, mine[-1].reference, one.source.partner):
            return None
        held = [row for row in tx.recognitions_of([one.row.tracking_number]) if row.record == one.row.id]
        last = mine[-1]
        return RecognitionRow(
            id=held[0].id if held else self._ids.take(1)[0],
            side=OURS,
            partner=one.source.partner,
            agreement=one.source.agreement,
            tracking_number=last.tracking_number,
            posting_date=last.posting_date,
            reference=last.reference,
            version=one.row.version,
            office=last.office,
            at=last.at,
            method="",
            stage="",
            result=last.result,
            chapters="",
            decision=WITHDRAWN if one.row.state == DELETED else decision,
            rule=said.reason_code or "",
            rules="",
            draw=-1,
            decided_at=milliseconds(said.at) if said.at else now,
            inbound=one.batch.id,
            record=one.row.id,
            log_index=one.batch.log_index,
        )

    def _was_told(self, tx: Transaction, reference: str, partner: str) -> bool:
        """Say whether a control of our own left for a partner."""
        rows = tx.items_by_order([join_key(ContributionKind.CONTROL, scoped(SCOPE, reference))])
        channel = f"{self._organisation}/{partner}/control"
        left = (ShareState.BATCHED, ShareState.ACCEPTED)
        return any(
            one.channel == channel and one.state in left for one in tx.shares_of([row.id for row in rows])
        )


def answer(
    one: Subject, row: RecognitionRow, held: Sequence[RecognitionRow], organisation: str
) -> Contribution:
    """Return the answer to a partner."""
    known = {name: getattr(one.item, name) for name in (*IDENTIFICATION, *COUNTRIES)}
    text = f"rule {row.rule} of rules {row.rules[:16]}: {row.decision}"
    said = Assessment(
        reference=row.reference or None,
        authority=organisation,
        phase="pre_arrival",
        outcome="registered",
        decision_code=f"{CODE}{row.decision}",
        reason_code=row.rule,
        reason=text,
        at=moment(row.decided_at),
    )
    return Contribution(
        kind=ContributionKind.ASSESSMENT,
        function=Function.CHANGE if held else Function.NEW,
        reference=f"recognition|{row.partner}|{row.record}",
        keys=(f"trk:{row.tracking_number}",),
        item=Item(**known, assessment=said),
    )
