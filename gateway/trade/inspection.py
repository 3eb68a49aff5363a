# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Follow what messages and partners say about controlled items, inside the transaction that brings it.

The rules:

1. Where offices are configured, a result of a control in a message of our own side is taken only from those
   who may record results.
2. A manifest that comes after a control puts the result under its master bill; the result itself stays as it
   is.
3. A result that was recorded before the destination of its item was known gets it, and goes out then.
4. A partner's control is decided about, its answers to ours are kept, and both are compared with later
   controls.

Of a message that speaks of none of this nothing is asked but its kinds; where offices are configured, whether
its items were controlled.
"""

from collections.abc import Collection, Iterable, Sequence

import msgspec

from gateway.exchange.assemble import assemble, scoped
from gateway.exchange.ports import Ids, Transaction
from gateway.exchange.rows import ContributionRow, PackedDocument
from gateway.exchange.touched import OPEN, Arrival, Touched
from gateway.exchange.unmerged import join_key
from gateway.finding import finding
from gateway.model import (
    Contribution,
    ContributionKind,
    Function,
    Item,
    unpack_contribution,
    unpack_item,
)
from gateway.trade import consolidations, outcomes
from gateway.trade.controls import COUNTRIES
from gateway.trade.own_records import SCOPE, Speaker
from gateway.trade.recognition import Recogniser
from gateway.trade.recognition_answers import CODE, Answers, Subject, subject

CONTROL, ASSESSMENT = ContributionKind.CONTROL, ContributionKind.ASSESSMENT


class Inspection:
    """What follows in one gateway (`exchange.following.Follows`)."""

    def __init__(
        self,
        *,
        ids: Ids,
        speaker: Speaker,
        recogniser: Recogniser,
        answers: Answers,
        recorders: Collection[str],
        controls: bool,
    ) -> None:
        """Take the doors; `controls` says that offices of our own record results."""
        self._ids = ids
        self._speaker = speaker
        self._recogniser = recogniser
        self._answers = answers
        self._recorders = recorders
        self._controls = controls

    def checked(
        self, _tx: Transaction, documents: Sequence[PackedDocument], arrival: Arrival
    ) -> Sequence[PackedDocument]:
        """Refuse results of controls from those who may not record any."""
        if not self._controls or arrival.scope.partition("|")[0] in self._recorders:
            return documents
        found = finding("CONTROL-NOT-ALLOWED", path="control")
        return [
            msgspec.structs.replace(one, findings=(*one.findings, found)) if _has_result(one) else one
            for one in documents
        ]

    def follow(
        self,
        tx: Transaction,
        rows: Sequence[ContributionRow],
        touched: Sequence[Touched],
        arrival: Arrival,
    ) -> list[Touched]:
        """Keep manifests, complete results, decide and compare; return the records that this made."""
        made: list[Touched] = []
        if self._controls:
            for number in consolidations.controlled(tx, rows):
                consolidations.note(tx, number, self._ids)
            made += self._completed(tx, touched, arrival.now)
        controls = list(_subjects(tx, touched, CONTROL))
        made += self._recogniser.decide(tx, controls, arrival.now)
        for one in controls:
            outcomes.compare_ours(tx, one.row.tracking_number)
        told = list(_subjects(tx, [one for one in touched if _is_answer(one)], ASSESSMENT))
        self._answers.told(tx, told, arrival.now)
        pairs = {(one.row.tracking_number, one.source.partner) for one in (*controls, *told)}
        for number, partner in sorted(pairs):
            outcomes.compare_theirs(tx, number, partner)
        return made

    def _completed(self, tx: Transaction, touched: Sequence[Touched], now: int) -> list[Touched]:
        """Give results the destination that their items have got since."""
        items = {
            one.row.tracking_number: one.item
            for one in touched
            if one.row.record == "item" and one.row.state == OPEN and one.item.destination_country
        }
        held = tx.controls_of(sorted(items)) if items else []
        made: list[Touched] = []
        for reference, number in sorted({(one.reference, one.tracking_number) for one in held if one.body}):
            for row in tx.items_by_order([join_key(CONTROL, scoped(SCOPE, reference))]):
                record = unpack_item(row.body) if row.body else None
                if record is not None and record.destination_country is None:
                    made += self._say(tx, reference, _with_countries(record, items[number]), row.version, now)
        return made

    def _say(self, tx: Transaction, reference: str, item: Item, version: int, now: int) -> list[Touched]:
        """Say a record of a result again."""
        said = Contribution(
            kind=CONTROL,
            function=Function.CHANGE,
            reference=reference,
            keys=(f"trk:{item.tracking_number}",),
            item=item,
        )
        raw = msgspec.json.encode(["control completed", reference, version, now])
        judged, arrival = self._speaker.say(tx, [said], raw=raw, actor=SCOPE, now=now)
        return assemble(tx, judged, arrival)


def _subjects(tx: Transaction, touched: Iterable[Touched], kind: ContributionKind) -> Iterable[Subject]:
    """Yield the records of a kind that partners sent."""
    for one in touched:
        if one.row.record == kind.value and one.said_by and one.row.tracking_number:
            found = subject(tx, one)
            if found is not None:
                yield found


def _is_answer(one: Touched) -> bool:
    """Say whether a record is an answer about a control."""
    said = one.item.assessment
    return said is not None and (said.decision_code or "").startswith(CODE)


def _has_result(document: PackedDocument) -> bool:
    """Say whether a document tells the result of a control."""
    said = [unpack_contribution(one.body).item for one in document.contributions if one.kind is CONTROL]
    return any(one.control is not None and one.control.result is not None for one in said)


def _with_countries(record: Item, item: Item) -> Item:
    """Return a record with the countries of its item."""
    return msgspec.structs.replace(record, **{name: getattr(item, name) for name in COUNTRIES})
