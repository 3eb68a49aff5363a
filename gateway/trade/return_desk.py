# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Work on returns inside one transaction: match, judge, draw, log, and say what came of it.

The rules:

1. A return that names its office and has nothing against it is drawn at once. Without an office it is
   announced, and drawn when an office has it. With a warning it waits for a person; an error refuses it.
2. Drawing is one conditional statement for each line; a case is drawn whole or not at all.
3. The same parcel (number of the way back, same list) announced twice is drawn once. The word of an office
   about a parcel that a partner announced settles the partner's case.
4. A later word about an announcement replaces the former: what that had drawn is given back first.
5. Case, draws, log entry and what others are told are one unit of work; of two at one time the second waits.
"""

from collections.abc import Callable, Sequence

import msgspec

from gateway.audit.entry import Event
from gateway.errors import GatewayError, InputError
from gateway.exchange.assemble import assemble
from gateway.exchange.assemble import judge as judge_documents
from gateway.exchange.journal import Journal
from gateway.exchange.log_rows import DecisionRow
from gateway.exchange.ports import Ids, Transaction
from gateway.exchange.return_rows import ReturnCaseRow
from gateway.exchange.touched import Arrival, Touched
from gateway.finding import finding
from gateway.trade import return_outcome
from gateway.trade.return_account import opened
from gateway.trade.return_case import (
    ANNOUNCED,
    DRAWN,
    LIVE,
    REFUSED,
    REPEATED,
    WAITING,
    WITHDRAWN,
    Candidate,
    Case,
    Claim,
    Draw,
    Step,
)
from gateway.trade.return_look import Looked, Pending, as_problems, case_of, judged, possible, same_parcel
from gateway.trade.return_rules import ReturnRules

LOG = "returns"
_replace = msgspec.structs.replace


class Announcement(msgspec.Struct, frozen=True, kw_only=True):
    """An announcement as it comes: `reference` is its own within everything, `source` the way it came."""

    reference: str
    claim: Claim
    source: str
    actor: str
    partner: str = ""
    agreement: str = ""


class Done(msgspec.Struct, frozen=True):
    """A case after an act, and the records that say so."""

    case: Case
    touched: tuple[Touched, ...]


class Desk:
    """The work; one serves one gateway."""

    def __init__(
        self,
        *,
        organisation: str,
        rules: ReturnRules,
        ids: Ids,
        journal: Journal,
        random: Callable[[int], bytes],
    ) -> None:
        """Take the doors."""
        self.rules = rules
        self._organisation = organisation
        self._ids = ids
        self._journal = journal
        self._random = random

    def look(
        self, tx: Transaction, claim: Claim, now: int, *, pending: Pending, own: Case | None
    ) -> tuple[Case, Sequence[Draw]]:
        """Say what would become of a claim and what it would draw, and write nothing.

        `own` is the case that it would change, `pending` what is drawn beside what the accounts say.
        """
        number, reference = (0, "") if own is None else (own.id, own.reference)
        bare = Case(id=number, reference=reference, state=WAITING, claim=claim, source="")
        case, found = judged(tx, bare, self.rules, now=now, pending=pending)
        same = same_parcel(tx, case)
        if same is not None and same.state != ANNOUNCED:
            case = self._again(case, same)
        return case, found.judgement.draws if case.state == DRAWN else ()

    def take(self, tx: Transaction, said: Announcement, now: int) -> Done | None:
        """Give an announcement its effect; none if it says nothing new."""
        tx.log_state(self._journal.name(LOG))
        row = tx.return_case_of(said.reference)
        if row is None:
            case = Case(
                id=self._ids.take(1)[0],
                reference=said.reference,
                state=WAITING,
                claim=said.claim,
                source=said.source,
                partner=said.partner,
                agreement=said.agreement,
            )
            what = "announce"
        else:
            held = case_of(row)
            if held.claim == said.claim and held.state != WITHDRAWN:
                return None
            case, what = _replace(self._undo(tx, held), claim=said.claim, state=WAITING, same_as=0), "change"
        return self._place(tx, case, what, said.actor, now)

    def withdraw(self, tx: Transaction, reference: str, actor: str, now: int) -> Done | None:
        """Take an announcement back; none if there is nothing to take back."""
        tx.log_state(self._journal.name(LOG))
        row = tx.return_case_of(reference)
        if row is None or row.state == WITHDRAWN:
            return None
        case = _replace(self._undo(tx, case_of(row)), state=WITHDRAWN)
        return self._keep(tx, case, "withdraw", actor, now)

    def receive(
        self,
        tx: Transaction,
        key: int,
        claim: Callable[[Claim], Claim],
        *,
        original: str,
        actor: str,
        now: int,
    ) -> Done:
        """Settle a case at an office: with what the office says, and the original it chose, if it chose one.

        Raises:
            InputError: there is no such case, it is settled, or the original is no candidate.
        """
        tx.log_state(self._journal.name(LOG))
        case = self._case(tx, key, (ANNOUNCED, WAITING))
        case = _replace(case, claim=claim(case.claim))
        choice = None
        if original:
            choice = next((one for one in possible(tx, case, self.rules) if original in _names(one)), None)
            if choice is None:
                raise InputError("no candidate", (finding("RETURN-LIST", path="original", actual=original),))
            choice = _replace(choice, reasons=(*choice.reasons, f"chosen by {actor}"))
        case, found = judged(tx, case, self.rules, now=now, pending={}, choice=choice)
        return self._keep(tx, self._drawn(tx, case, found, now), "match", actor, now)

    def decide(self, tx: Transaction, key: int, *, accept: bool, note: str, actor: str, now: int) -> Done:
        """Accept a waiting case in spite of its warnings, or refuse a case.

        Raises:
            InputError: there is no such case, or it is not in a state for that; then nothing changed.
        """
        tx.log_state(self._journal.name(LOG))
        if not accept:
            case = _replace(self._undo(tx, self._case(tx, key, tuple(LIVE))), state=REFUSED)
            return self._keep(tx, case, "refuse", actor, now, note=note)
        case = self._case(tx, key, (WAITING,))
        choice = next((one for one in case.candidates if one.item == case.original), None)
        if choice is None or not case.claim.office:
            wanted = "an original and an office: match first"
            raise InputError("cannot be accepted", (finding("RETURN-STATE", path="case", expected=wanted),))
        case, found = judged(tx, case, self.rules, now=now, pending={}, choice=choice)
        if case.state == WAITING:
            case = _replace(case, state=DRAWN)
        return self._keep(tx, self._drawn(tx, case, found, now), "accept", actor, now, note=note)

    def _place(self, tx: Transaction, case: Case, what: str, actor: str, now: int) -> Done:
        """Settle an announcement, or let it settle the case of the same parcel."""
        case, found = judged(tx, case, self.rules, now=now, pending={})
        same = same_parcel(tx, case)
        if same is None or (same.state == ANNOUNCED and case.state == REFUSED):
            return self._keep(tx, self._drawn(tx, case, found, now), what, actor, now)
        if same.state != ANNOUNCED or not case.claim.office:
            return self._keep(tx, self._again(case, same), what, actor, now)
        settled = _replace(same, claim=_merged(same.claim, case.claim))
        settled, found = judged(tx, settled, self.rules, now=now, pending={}, choice=found.candidate)
        first = self._keep(tx, self._drawn(tx, settled, found, now), "arrive", actor, now)
        second = self._keep(tx, self._again(case, first.case), what, actor, now)
        return Done(second.case, (*first.touched, *second.touched))

    def _again(self, case: Case, same: Case) -> Case:
        """Return an announcement of a parcel that has a case already: repeated, or refused if it differs."""
        if _lines(same.claim) == _lines(case.claim):
            problem = finding("RETURN-REPEATED", path="tracking_number", expected=f"case {same.id}")
            state = REPEATED
        else:
            problem = finding("RETURN-TWICE", path="tracking_number", expected=f"as in case {same.id}")
            state = REFUSED
        return _replace(case, state=state, same_as=same.id, problems=as_problems([problem]), draws=())

    def _drawn(self, tx: Transaction, case: Case, found: Looked, now: int) -> Case:
        """Draw for a case that is to be drawn, whole; leave any other as it is.

        Raises:
            GatewayError: an account did not give what it had a moment before; all must be undone.
        """
        if case.state != DRAWN or found.original is None:
            return case
        original = found.original
        accounts = opened(tx, original.row, original.item, ids=self._ids, now=now)
        draws: list[Draw] = []
        for planned in found.judgement.draws:
            account = accounts.get(planned.line)
            if account is None or not tx.draw_return(account.id, planned.amounts):
                raise GatewayError(f"the return account of line {planned.line} changed meanwhile")
            draws.append(_replace(planned, account=account.id))
        return _replace(case, draws=tuple(draws))

    def _undo(self, tx: Transaction, case: Case) -> Case:
        """Give back what a case holds of accounts.

        Raises:
            GatewayError: the account never gave that; the unit of work must be undone.
        """
        for one in case.draws:
            first, second, third = one.amounts
            if not tx.draw_return(one.account, (-first, -second, -third)):
                raise GatewayError(f"the return account of case {case.id} does not hold what it drew")
        return _replace(case, draws=())

    def _case(self, tx: Transaction, key: int, states: Sequence[str]) -> Case:
        """Return a case in one of some states.

        Raises:
            InputError: there is none, or it is in another.
        """
        row = tx.return_case(key)
        if row is None:
            raise InputError("no such case", (finding("RETURN-UNKNOWN", path="case", actual=str(key)),))
        if row.state not in states:
            expected = " or ".join(sorted(states))
            found = finding("RETURN-STATE", path="case", expected=expected, actual=row.state)
            raise InputError("not in this state", (found,))
        return case_of(row)

    def _keep(self, tx: Transaction, case: Case, what: str, actor: str, now: int, *, note: str = "") -> Done:
        """Log an act, keep the case, and make the records that tell of it."""
        step = Step(what=what, state=case.state, actor=actor, at_ms=now, note=note)
        statement = msgspec.json.encode(_replace(case, steps=(step,)))
        number = self._ids.take(1)[0]
        recorded = self._journal.record_event(
            tx, LOG, Event.ACCESS, statement=statement, subject=f"decision:{number}", now=now
        )
        tx.add_decision(
            DecisionRow(id=number, partner=LOG, made_at=now, statement=statement, log_index=recorded.index)
        )
        case = _replace(case, steps=(*case.steps, _replace(step, log_index=recorded.index)))
        tx.put_return_case(_row(case, now, recorded.index))
        return Done(case, tuple(self._tell(tx, case, now)))

    def _tell(self, tx: Transaction, case: Case, now: int) -> list[Touched]:
        """Make the records about a case; where they go is for agreements."""
        if case.state == REPEATED:
            return []
        said = return_outcome.documents(case, self._organisation, now)
        if not said:
            return []
        number = self._ids.take(1)[0]
        arrival = Arrival(number, f"{self._organisation}|{LOG}", now, self._ids, self._random)
        tx.add_message(return_outcome.message(case, number, now, len(said)))
        return assemble(tx, judge_documents(tx, said, arrival), arrival)


def _row(case: Case, now: int, index: int) -> ReturnCaseRow:
    """Return the row of a case."""
    return ReturnCaseRow(
        id=case.id,
        reference=case.reference,
        state=case.state,
        list_number=case.list_number,
        tracking_number=case.claim.tracking_number,
        partner=case.partner,
        version=len(case.steps),
        created_at=case.steps[0].at_ms,
        updated_at=now,
        log_index=index,
        body=msgspec.json.encode(case),
    )


def _names(one: Candidate) -> tuple[str, str]:
    """Return what a person may call a candidate."""
    return one.list_number, one.tracking_number


def _lines(claim: Claim) -> list[tuple[object, ...]]:
    """Return what comes back, comparably: what only one of two announcements states is no difference."""
    return sorted((one.line, one.quantity.value) for one in claim.lines)


def _merged(announced: Claim, arrived: Claim) -> Claim:
    """Return an announcement with what an office says of the same parcel in place of it."""
    said = {name: value for name in Claim.__struct_fields__ if (value := getattr(arrived, name))}
    return _replace(announced, **said)
