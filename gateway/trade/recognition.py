# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Decide whether a partner's control is relied on, log the decision, and tell the partner.

The rules:

1. Every result of a partner is kept, with the batch that proves it; a decision is made where there are rules.
2. The decisions about one batch are one entry in the log about the partner, in the transaction that makes its
   records our own. The statement names our rows and the partner's batch, nothing that leads to a person.
3. The answer is an assessment: `decision_code` control-accept, -sample or -ignore, `reference` the control's
   own, `reason_code` the rule. It leaves under the agreement about assessments, and is registered, never
   released: no referral is settled by it.
4. An amended control is decided about anew, and the answer is changed; what was decided before is replaced.
"""

from collections.abc import Iterable, Sequence

import msgspec

from gateway.audit.entry import Event
from gateway.clock import milliseconds, moment
from gateway.exchange.assemble import assemble
from gateway.exchange.control_rows import RecognitionRow
from gateway.exchange.journal import Journal
from gateway.exchange.log_rows import DecisionRow
from gateway.exchange.ports import Ids, Transaction
from gateway.exchange.touched import DELETED, Touched
from gateway.model import (
    Control,
)
from gateway.trade.outcomes import THEIRS, day_of
from gateway.trade.own_records import Speaker
from gateway.trade.received import chapters, received_item
from gateway.trade.recognition_answers import DECISIONS, REPLACED, WITHDRAWN, Subject, answer
from gateway.trade.recognition_rules import IGNORE, Rules


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    """One decision of a statement; `record` and `version` are of our row of the control."""

    record: int
    version: int
    decision: str
    rule: str
    draw: int


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """The statement of the decisions about a batch; `number` is its own."""

    what: str
    number: int
    partner: str
    batch: str
    statement_sha256: str
    log_index: int
    rules_sha256: str
    at_ms: int
    decisions: tuple[Decided, ...]


class Recogniser:
    """Makes the decisions of one gateway; none without rules."""

    def __init__(
        self, *, organisation: str, ids: Ids, journal: Journal, speaker: Speaker, rules: Rules | None
    ) -> None:
        """Take the doors."""
        self._organisation = organisation
        self._ids = ids
        self._journal = journal
        self._speaker = speaker
        self.rules = rules

    def decide(
        self, tx: Transaction, subjects: Iterable[Subject], now: int, *, again: bool = False
    ) -> list[Touched]:
        """Decide about controls; return the answers. `again` decides also about what has not changed."""
        if self.rules is None:
            return []
        by_batch: dict[int, list[Subject]] = {}
        for one in subjects:
            by_batch.setdefault(one.batch.id, []).append(one)
        made: list[Touched] = []
        for batch in by_batch.values():
            made += self._decide(tx, batch, self.rules, now, again=again)
        return made

    def _decide(
        self, tx: Transaction, subjects: Sequence[Subject], rules: Rules, now: int, *, again: bool
    ) -> list[Touched]:
        """Decide about the controls of one batch."""
        fresh: list[tuple[Subject, RecognitionRow, list[RecognitionRow]]] = []
        ended: list[RecognitionRow] = []
        for one in subjects:
            held = [row for row in tx.recognitions_of([one.row.tracking_number]) if row.record == one.row.id]
            standing = [row for row in held if row.decision in DECISIONS]
            if one.row.state == DELETED:
                ended += [msgspec.structs.replace(row, decision=WITHDRAWN) for row in standing]
                continue
            row = self._judged(tx, one, rules, now)
            if standing and not again and _told(standing[-1]) == _told(row):
                continue
            ended += [msgspec.structs.replace(each, decision=REPLACED) for each in standing]
            fresh.append((one, row, held))
        if not fresh and not ended:
            return []
        statement, index = self._logged(tx, subjects[0], [row for _, row, _ in fresh] + ended, rules, now)
        rows = [msgspec.structs.replace(row, log_index=index) for _, row, _ in fresh]
        tx.put_recognitions([*ended, *rows])
        answers = [answer(one, row, held, self._organisation) for one, row, held in fresh]
        if not answers:
            return []
        judged, arrival = self._speaker.say(tx, answers, raw=statement, actor=self._organisation, now=now)
        return assemble(tx, judged, arrival)

    def _judged(self, tx: Transaction, one: Subject, rules: Rules, now: int) -> RecognitionRow:
        """Return the decision about a control."""
        said = one.item.control or Control()
        number, partner = one.row.tracking_number, one.source.partner
        goods = chapters(received_item(tx, number, partner)) if rules.asks_chapters else ()
        row = RecognitionRow(
            id=self._ids.take(1)[0],
            side=THEIRS,
            partner=partner,
            agreement=one.source.agreement,
            tracking_number=number,
            posting_date=day_of(one.item),
            reference=said.reference or "",
            version=one.row.version,
            office=said.office or "",
            at=milliseconds(said.at) if said.at else 0,
            method=said.method or "",
            stage=said.stage or "",
            result=said.result or "",
            chapters=" ".join(goods),
            decision=IGNORE,
            rule="",
            rules=rules.sha256,
            draw=-1,
            decided_at=now,
            inbound=one.batch.id,
            record=one.row.id,
            log_index=-1,
        )
        ruling = rules.judge(row, moment(now).date())
        return msgspec.structs.replace(row, decision=ruling.decision, rule=ruling.rule, draw=ruling.draw)

    def _logged(
        self, tx: Transaction, one: Subject, rows: Sequence[RecognitionRow], rules: Rules, now: int
    ) -> tuple[bytes, int]:
        """Log decisions; return their statement and the index of the entry."""
        number, partner = self._ids.take(1)[0], one.source.partner
        statement = msgspec.json.encode(
            Act(
                what="controls recognised",
                number=number,
                partner=partner,
                batch=one.batch.batch_id,
                statement_sha256=one.batch.statement_digest.hex(),
                log_index=one.batch.log_index,
                rules_sha256=rules.sha256,
                at_ms=now,
                decisions=tuple(
                    Decided(
                        record=row.record,
                        version=row.version,
                        decision=row.decision,
                        rule=row.rule,
                        draw=row.draw,
                    )
                    for row in rows
                ),
            )
        )
        entry = self._journal.record_event(
            tx, partner, Event.ACCESS, statement=statement, subject=f"decision:{number}", now=now
        )
        tx.add_decision(
            DecisionRow(id=number, partner=partner, made_at=now, statement=statement, log_index=entry.index)
        )
        return statement, entry.index


def _told(row: RecognitionRow) -> tuple[object, ...]:
    """Return what a partner told, as far as decisions rest on it."""
    return row.reference, row.office, row.at, row.method, row.stage, row.result, row.chapters
