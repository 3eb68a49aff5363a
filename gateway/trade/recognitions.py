# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Ask about the controls that partners told of: show, decide, replay and count."""

from collections.abc import Callable
from typing import NamedTuple

import msgspec

from gateway.agreement import AgreementSet
from gateway.clock import Clock, milliseconds, moment
from gateway.errors import InputError
from gateway.exchange.control_rows import RecognitionRow
from gateway.exchange.ports import Ids, Store, Transaction
from gateway.exchange.route import route
from gateway.exchange.touched import Touched, said_by
from gateway.finding import finding
from gateway.model import unpack_item
from gateway.trade.control_view import Sheet, sheet
from gateway.trade.outcomes import THEIRS
from gateway.trade.recognition import Recogniser
from gateway.trade.recognition_answers import DECISIONS, Subject, subject
from gateway.trade.recognition_figures import Answer, Question, figures
from gateway.trade.recognition_rules import Rules

PAGE = 1000


class Difference(NamedTuple):
    """A kept decision that the rules of now do not give again; `why` is rules, or the decision they give."""

    row: RecognitionRow
    why: str


class Replay(msgspec.Struct, frozen=True, kw_only=True):
    """What replaying gave: decisions compared, those by other rules than the present, differences."""

    compared: int
    other_rules: int
    differences: tuple[Difference, ...]


class Recognitions:
    """The recognition of one gateway."""

    def __init__(
        self,
        *,
        organisation: str,
        store: Store,
        ids: Ids,
        clock: Clock,
        agreements: AgreementSet,
        wake: Callable[[frozenset[str]], None],
        recogniser: Recogniser,
    ) -> None:
        """Take the doors."""
        self._organisation = organisation
        self._store = store
        self._ids = ids
        self._clock = clock
        self._agreements = agreements
        self._wake = wake
        self._recogniser = recogniser

    async def show(self, number: str) -> Sheet | None:
        """Return everything about the controls of a number; none if there is nothing."""
        return await self._store.read(lambda tx: sheet(tx, number, self._organisation))

    async def count(self, question: Question) -> Answer:
        """Count the decisions of a period."""
        return await self._store.read(lambda tx: figures(tx, question))

    async def decide(self, number: str, *, again: bool = False) -> Sheet:
        """Decide about the controls of an item that no decision was made about, or about all of them anew.

        Raises:
            InputError: there are no rules here, or no control that a decision is open about.
        """
        if self._recogniser.rules is None:
            raise InputError("no rules", (finding("RECOGNITION-NO-RULES"),))
        found, channels = await self._store.transact(lambda tx: self._decide(tx, number, again=again))
        if channels:
            self._wake(channels)
        return found

    def _decide(self, tx: Transaction, number: str, *, again: bool) -> tuple[Sheet, frozenset[str]]:
        """Decide, and let the answers go out."""
        now = milliseconds(self._clock())
        subjects = _open_subjects(tx, number, again=again)
        answers = self._recogniser.decide(tx, subjects, now, again=again)
        found = sheet(tx, number, self._organisation) if answers else None
        if found is None:
            problem = finding("RECOGNITION-NOTHING", path="tracking_number", actual=number)
            raise InputError("nothing to decide", (problem,))
        channels = route(tx, answers, self._agreements, sender=self._organisation, ids=self._ids, now=now)
        return found, channels


def _open_subjects(tx: Transaction, number: str, *, again: bool) -> list[Subject]:
    """Return the controls of a number that partners told of and about which a decision is open, or all."""
    decided = {one.record for one in tx.recognitions_of([number]) if one.decision in DECISIONS}
    found = []
    for row in tx.items_by_tracking([number]):
        if row.record != "control" or not row.body or (row.id in decided and not again):
            continue
        sources = said_by([one for one in tx.contributions_of_item(row) if not one.retired])
        one = subject(tx, Touched(row, unpack_item(row.body), sources)) if sources else None
        if one is not None:
            found.append(one)
    return found


def replay(tx: Transaction, rules: Rules) -> Replay:
    """Judge every kept decision anew, on its own day, by the rules of now; writes nothing."""
    compared = other = after = 0
    different: list[Difference] = []
    while rows := tx.recognitions_after(after, PAGE):
        after = rows[-1].id
        for row in rows:
            if (
                row.side != THEIRS
                or row.decision not in DECISIONS
                or row.tracking_number.startswith("erased-")
            ):
                continue
            if row.rules != rules.sha256:
                other += 1
                continue
            compared += 1
            ruling = rules.judge(row, moment(row.decided_at).date())
            if ruling != (row.decision, row.rule, row.draw):
                different.append(Difference(row, f"{ruling.decision} by {ruling.rule}, draw {ruling.draw}"))
    return Replay(compared=compared, other_rules=other, differences=tuple(different))
