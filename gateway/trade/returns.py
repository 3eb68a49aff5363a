# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Returns of one gateway: takes them out of messages, and does what people ask.

A return comes as an event of a list message, as item data of nature "returned goods" from our own side or
from a partner, or through one of our faces. `return_desk` has the rules of the work.
"""

from collections.abc import Callable, Sequence
from datetime import date

import msgspec

from gateway.agreement import AgreementSet
from gateway.clock import Clock, milliseconds
from gateway.errors import InputError
from gateway.exchange.assemble import scoped
from gateway.exchange.ports import Ids, Store, Transaction
from gateway.exchange.route import route
from gateway.exchange.rows import FROM_PARTNER, PackedDocument
from gateway.exchange.touched import OPEN, Arrival, Touched
from gateway.exchange.unmerged import join_key
from gateway.finding import Finding, finding, has_errors
from gateway.model import ContributionKind, Function, unpack_contribution
from gateway.trade.return_account import AccountLine, Amounts, account
from gateway.trade.return_case import STATES, Case, Claim, Problem
from gateway.trade.return_claim import claim_of, is_return
from gateway.trade.return_desk import Announcement, Desk, Done
from gateway.trade.return_look import case_of
from gateway.trade.return_release import is_release

PAGE = 500


class Arrived(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an office says of a parcel that was announced; `original` is a list or tracking number."""

    office: str
    site: str = ""
    day: date | None = None
    original: str = ""


class Returns:
    """The returns of one gateway."""

    def __init__(
        self,
        *,
        organisation: str,
        store: Store,
        ids: Ids,
        clock: Clock,
        agreements: AgreementSet,
        desk: Desk,
        wake: Callable[[frozenset[str]], None],
    ) -> None:
        """Take the doors."""
        self.desk = desk
        self._organisation = organisation
        self._store = store
        self._ids = ids
        self._clock = clock
        self._agreements = agreements
        self._wake = wake

    def checked(
        self, tx: Transaction, documents: Sequence[PackedDocument], arrival: Arrival
    ) -> Sequence[PackedDocument]:
        """Return the documents with what forbids their returns among their findings; writes nothing.

        What a partner announces is never refused here: its case is, and the partner is told.
        """
        if arrival.scope.startswith(FROM_PARTNER):
            return documents
        pending: dict[tuple[str, int], Amounts] = {}
        return [self._checked(tx, one, arrival, pending) for one in documents]

    def settle(self, tx: Transaction, touched: Sequence[Touched], arrival: Arrival) -> list[Touched]:
        """Give returns among changed records their effect; return the records that tell of it."""
        made: list[Touched] = []
        for one in touched:
            if is_return(one.item, one.row.record):
                done = self._settle(tx, one, arrival.now)
                made += done.touched if done is not None else ()
        return made

    async def announce(self, claim: Claim, *, number: str, actor: str) -> Case:
        """Announce a return by its own number; the same number again changes it.

        Raises:
            InputError: it is refused; then nothing is kept.
        """
        said = Announcement(reference=f"face:{actor}|{number}", claim=claim, source="face", actor=actor)

        def work(tx: Transaction, now: int) -> Done:
            done = self.desk.take(tx, said, now)
            row = tx.return_case_of(said.reference)
            if done is None and row is not None:
                return Done(case_of(row), ())
            if done is None or any(one.severity == "error" for one in done.case.problems):
                raise InputError("refused", _findings(done.case.problems if done is not None else ()))
            return done

        return await self._act(work)

    async def match(self, key: int, arrived: Arrived, *, actor: str) -> Case:
        """Settle an announced or waiting case at an office.

        Raises:
            InputError: there is no such case, it is settled, or the original is no candidate.
        """

        def at_office(claim: Claim) -> Claim:
            day = arrived.day or claim.day
            site = arrived.site or claim.site
            return msgspec.structs.replace(claim, office=arrived.office, site=site, day=day)

        return await self._act(
            lambda tx, now: self.desk.receive(
                tx, key, at_office, original=arrived.original, actor=actor, now=now
            )
        )

    async def decide(self, key: int, *, accept: bool, note: str, actor: str) -> Case:
        """Accept a waiting case in spite of its warnings, or refuse a case.

        Raises:
            InputError: there is no such case, or it is not in a state for that.
        """
        return await self._act(
            lambda tx, now: self.desk.decide(tx, key, accept=accept, note=note, actor=actor, now=now)
        )

    async def case(self, key: int) -> Case | None:
        """Return a case."""
        return await self._store.read(lambda tx: find(tx, key))

    async def page(self, state: str = "", after: int = 0, limit: int = PAGE) -> list[Case]:
        """Return cases with a number above `after`, in order; in any state if it is empty."""
        return await self._store.read(lambda tx: page(tx, state, after, limit))

    async def account(self, list_number: str) -> list[AccountLine]:
        """Return the account of a list, line by line."""
        return await self._store.read(lambda tx: account(tx, list_number))

    def route(self, tx: Transaction, done: Done, now: int) -> frozenset[str]:
        """Send what an act made where agreements let it go; return channels with something ready."""
        return route(tx, done.touched, self._agreements, sender=self._organisation, ids=self._ids, now=now)

    def wake(self, channels: frozenset[str]) -> None:
        """Ring the bells of channels."""
        self._wake(channels)

    async def _act(self, work: Callable[[Transaction, int], Done]) -> Case:
        """Do one act as one unit of work."""

        def whole(tx: Transaction) -> tuple[Case, frozenset[str]]:
            now = milliseconds(self._clock())
            done = work(tx, now)
            return done.case, self.route(tx, done, now)

        case, channels = await self._store.transact(whole)
        self._wake(channels)
        return case

    def _settle(self, tx: Transaction, one: Touched, now: int) -> Done | None:
        """Take or withdraw the return that a changed record announces."""
        reference = one.row.order_key if one.row.record == "event" else f"item:{one.row.id}"
        by = min(one.said_by, default=None)
        actor = by.partner if by is not None else "submitter"
        if one.row.state != OPEN:
            return self.desk.withdraw(tx, reference, actor, now)
        said = Announcement(
            reference=reference,
            claim=claim_of(one.item, self.desk.rules.zone),
            source=one.row.record,
            actor=actor,
            partner=by.partner if by is not None else "",
            agreement=by.agreement if by is not None else "",
        )
        return self.desk.take(tx, said, now)

    def _checked(
        self,
        tx: Transaction,
        document: PackedDocument,
        arrival: Arrival,
        pending: dict[tuple[str, int], Amounts],
    ) -> PackedDocument:
        """Return one document; what it would draw is added to `pending`."""
        found: list[Finding] = []
        for one in document.contributions:
            if one.kind is not ContributionKind.EVENT or one.function is Function.DELETE:
                continue
            item = unpack_contribution(one.body).item
            if is_release(item) and arrival.scope not in self.desk.rules.releasers:
                found.append(finding("RETURN-RELEASER", path="returnStatus", actual=arrival.scope))
            if has_errors(document.findings) or not is_return(item, "event"):
                continue
            reference = join_key(one.kind, scoped(arrival.scope, one.reference))
            row, held = tx.return_case_of(reference), dict(pending)
            own = None if row is None else case_of(row)
            for draw in own.draws if own is not None else ():
                key = (own.list_number if own is not None else "", draw.line)
                held[key] = _plus(held.get(key, (0, 0, 0)), draw.amounts, -1)
            claim = claim_of(item, self.desk.rules.zone)
            case, draws = self.desk.look(tx, claim, arrival.now, pending=held, own=own)
            found += _findings(case.problems)
            if not has_errors(found):
                for draw in draws:
                    key = (case.list_number, draw.line)
                    pending[key] = _plus(held.get(key, (0, 0, 0)), draw.amounts, 1)
        return msgspec.structs.replace(document, findings=(*document.findings, *found)) if found else document


def find(tx: Transaction, key: int) -> Case | None:
    """Return a case."""
    row = tx.return_case(key)
    return None if row is None else case_of(row)


def cases_of_list(tx: Transaction, list_number: str) -> list[Case]:
    """Return the cases about the goods of a list, in order."""
    return [case_of(row) for row in tx.return_cases_of_list(list_number)]


def page(tx: Transaction, state: str, after: int, limit: int) -> list[Case]:
    """Return cases with a number above `after`, in order; in any state if it is empty.

    Raises:
        InputError: there is no such state.
    """
    if state and state not in STATES:
        raise InputError(
            "no such state", (finding("RETURN-FORM", path="state", expected=", ".join(STATES), actual=state),)
        )
    return [case_of(row) for row in tx.return_cases(state, after, limit)]


def _plus(one: Amounts, other: Amounts, sign: int) -> Amounts:
    """Return the sum or difference of amounts."""
    return (one[0] + sign * other[0], one[1] + sign * other[1], one[2] + sign * other[2])


def _findings(problems: Sequence[Problem]) -> tuple[Finding, ...]:
    """Return the problems of a case as findings."""
    return tuple(
        finding(one.code, path=one.path, expected=one.expected, actual=one.actual, rule=one.rule)
        for one in problems
    )
