# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The referral loop: what authorities ask about items before they may be loaded, and how far it has come.

The rules, for each item, told apart by number and posting date:

1. RFI, RFS and a demand to amend open a referral, which waits for an answer until a time.
2. An answer of the right kind makes it answered: data or an amendment to RFI and AMEND, screening to RFS. An
   answer that is taken back leaves it open.
3. Only the authority releases: "complete" or "release" releases every referral of its own about the item
   that is not blocked. It may ask again instead, which opens the next referral, or the same once more.
4. DNL blocks the item with all its referrals, those to come as well. No answer clears it and no "complete"
   either; only the authority that takes back the DNL itself does, by its reference. What was asked before
   is then open or answered as it was.
5. An item reported as loaded while a referral is not released is kept as it was said, with a finding, and the
   referral remembers it.
6. An answer that is overdue is escalated once: a warning in the log of the node and in the list.

An authority is the partner that speaks, or our own systems, with the name that it gives itself, if any.
Numbers of referrals are the authority's own and correlate question and answer; transport ids never do.
`checked` only reads and gives findings for the answer to the submitter; `settle` writes.
"""

import tomllib
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from functools import cache
from importlib import resources

import msgspec

from gateway.clock import milliseconds
from gateway.exchange import disclosed, movement
from gateway.exchange.ports import Ids, Transaction
from gateway.exchange.postal_rows import ReferralRow
from gateway.exchange.referral_state import ANSWERED, BLOCKED, DNL, OPEN, RELEASED, Asker, Loop
from gateway.exchange.rows import PackedDocument
from gateway.exchange.touched import DELETED, Touched
from gateway.finding import Finding, finding
from gateway.model import (
    Answer,
    Assessment,
    ContributionKind,
    Function,
    Item,
    unpack_contribution,
    unpack_item,
)

ASKS = frozenset({"rfi", "rfs", "amend"})
FREES = frozenset({"complete", "release"})
SUITS = {
    "rfi": frozenset({"data", "amendment"}),
    "amend": frozenset({"data", "amendment"}),
    "rfs": frozenset({"screening"}),
}
_FOLLOWED = frozenset(
    {
        ContributionKind.EVENT,
        ContributionKind.DISPATCH,
        ContributionKind.ASSESSMENT,
        ContributionKind.ANSWER,
    }
)
pack_findings = msgspec.msgpack.Encoder().encode


@cache
def answer_hours() -> dict[str, int]:
    """Return the hours within which each kind of referral is to be answered where it does not say itself."""
    text = resources.files("gateway.exchange").joinpath("referral_rules.toml").read_text("utf-8")
    return {str(kind): int(hours) for kind, hours in tomllib.loads(text)["answer_hours"].items()}


def checked(tx: Transaction, documents: Sequence[PackedDocument]) -> Sequence[PackedDocument]:
    """Return the documents with what is to be said about referrals added to their findings."""
    if not any(one.kind in _FOLLOWED for document in documents for one in document.contributions):
        return documents
    return [
        msgspec.structs.replace(document, findings=(*document.findings, *found)) if found else document
        for document, found in ((one, tuple(_check(tx, one))) for one in documents)
    ]


def settle(tx: Transaction, touched: Iterable[Touched], *, ids: Ids, now: int, organisation: str) -> None:
    """Bring the referrals up to date with the records that changed."""
    for one in touched:
        rows = list(_changes(tx, one, ids, now, organisation)) if one.row.record != "item" else []
        if rows:
            tx.put_referrals(rows)


def escalate(tx: Transaction, now: int, limit: int) -> list[ReferralRow]:
    """Mark referrals whose answer is overdue; return them."""
    rows = [msgspec.structs.replace(one, escalated_at=now) for one in tx.overdue_referrals(now, limit)]
    if rows:
        tx.put_referrals(rows)
    return rows


def _check(tx: Transaction, document: PackedDocument) -> Iterator[Finding]:
    """Yield what is to be said about the referrals that a document touches."""
    for one in document.contributions:
        if one.kind in _FOLLOWED and one.function is not Function.DELETE:
            item = unpack_contribution(one.body).item
            if one.kind is ContributionKind.ASSESSMENT:
                yield from _check_assessment(item, item.assessment or Assessment(), _of(tx, item))
            elif one.kind is ContributionKind.ANSWER:
                answer = item.answer or Answer()
                yield from _check_answer(answer, _of(tx, item))
                yield from disclosed.check(tx, item, answer)
            elif any(row.state != RELEASED for row in _held(tx, movement.loaded(item))):
                yield finding("REFERRAL-LOADED", path="tracking_number")


def _check_assessment(item: Item, said: Assessment, held: Sequence[ReferralRow]) -> Iterator[Finding]:
    """Yield what is to be said about an assessment."""
    if said.outcome in ASKS and not (said.referral or said.reference):
        yield finding("REFERRAL-NO-NUMBER", path="assessment.referral")
    if (said.outcome in ASKS or said.outcome == DNL) and not item.tracking_number:
        yield finding("REFERRAL-NO-ITEM", path="tracking_number")
    if said.outcome in FREES and any(row.state == BLOCKED for row in held):
        yield finding("REFERRAL-BLOCKED", path="assessment.outcome", actual=said.outcome)


def _check_answer(said: Answer, held: Sequence[ReferralRow]) -> Iterator[Finding]:
    """Yield what is to be said about an answer."""
    asked = [row for row in held if row.referral == said.referral]
    if not asked:
        yield finding("REFERRAL-UNKNOWN", path="answer.referral", actual=said.referral or "")
    if any(row.state in (OPEN, ANSWERED) and _suits(said, row) for row in asked):
        return
    for row in asked:
        if row.state == BLOCKED:
            yield finding("REFERRAL-BLOCKED", path="answer.referral", actual=row.referral)
        elif row.state == RELEASED:
            yield finding("REFERRAL-RELEASED", path="answer.referral", actual=row.referral)
        else:
            expected = " or ".join(sorted(SUITS.get(row.kind, ())))
            yield finding("REFERRAL-KIND", path="answer.kind", expected=expected, actual=said.kind or "")


def _changes(tx: Transaction, one: Touched, ids: Ids, now: int, organisation: str) -> Iterable[ReferralRow]:
    """Return the referrals to write after a record changed."""
    if one.row.record == "assessment":
        return _assessed(tx, one, ids=ids, now=now, organisation=organisation)
    if one.row.record == "answer":
        return _answered(one, _of(tx, one.item), now)
    if one.row.state == DELETED:
        return ()
    held = _held(tx, movement.loaded(one.item))
    return [
        msgspec.structs.replace(row, loaded_at=now)
        for row in held
        if row.state != RELEASED and not row.loaded_at
    ]


def _answered(one: Touched, held: Sequence[ReferralRow], now: int) -> Iterator[ReferralRow]:
    """Yield the referrals that an answer answers, or no longer answers."""
    was = one.before.answer if one.before is not None else None
    said = one.item.answer if one.row.state != DELETED else None
    for row in held:
        before, after = _answers(was, row), _answers(said, row)
        if after and not before and row.state in (OPEN, ANSWERED):
            yield msgspec.structs.replace(row, state=ANSWERED, answered_at=now, answers=row.answers + 1)
        elif before and not after and row.answers:
            left = row.answers - 1
            reopens = row.state == ANSWERED and not left
            yield msgspec.structs.replace(
                row,
                state=OPEN if reopens else row.state,
                answered_at=row.answered_at if left else 0,
                answers=left,
            )


def _answers(said: Answer | None, row: ReferralRow) -> bool:
    """Say whether an answer is to a referral, and of a kind that suits it."""
    return said is not None and said.referral == row.referral and _suits(said, row)


def _suits(said: Answer, row: ReferralRow) -> bool:
    """Say whether an answer is of a kind that suits a referral."""
    return said.kind in SUITS.get(row.kind, ())


def _assessed(
    tx: Transaction, one: Touched, *, ids: Ids, now: int, organisation: str
) -> Iterable[ReferralRow]:
    """Return the referrals that an assessment opens, releases or blocks."""
    said = one.item.assessment or Assessment()
    was = one.before.assessment if one.before is not None else None
    gone = one.row.state == DELETED
    loop = Loop(_of(tx, one.item), _authority(one, said, organisation), now)
    fresh = not gone and (was is None or _question(was) != _question(said))
    if gone or (was is not None and fresh and said.outcome in ASKS | FREES | {DNL}):
        for question in _asked_before(tx, one) - (set() if gone else {_question(said)}):
            if not _still_said(tx, one, said, question):
                loop.take_back(*question)
    if fresh and said.outcome in FREES:
        loop.release()
    if fresh and said.outcome == DNL:
        loop.block()
    if not gone and (said.outcome in ASKS or said.outcome == DNL) and one.item.tracking_number:
        kind, number = _question(said)
        due = _due(said, now)
        if not fresh:
            loop.put_off(kind, number, due if said.answer_by else 0)
        elif not loop.again(kind, number, due):
            loop.raise_(
                ReferralRow(
                    id=ids.take(1)[0],
                    tracking_number=one.item.tracking_number,
                    posting_date=_day(one.item),
                    authority=loop.asker.name,
                    referral=number,
                    kind=kind,
                    state=OPEN,
                    raised_at=now,
                    answer_by=due,
                    partner=loop.asker.partner,
                )
            )
    return loop.changed()


def _question(said: Assessment) -> tuple[str, str]:
    """Return kind and number of what an assessment asks."""
    return said.outcome or "", said.referral or said.reference or ""


def _due(said: Assessment, now: int) -> int:
    """Return when an answer is due, 0 for what asks none."""
    if said.outcome not in ASKS:
        return 0
    if said.answer_by:
        return milliseconds(said.answer_by)
    hours = timedelta(hours=answer_hours()[said.outcome])
    return now + int(hours.total_seconds() * 1000)


def _authority(one: Touched, said: Assessment, organisation: str) -> Asker:
    """Return who speaks in an assessment."""
    partner = min((each.partner for each in one.said_by), default="")
    return Asker(partner, said.authority or "", partner or organisation)


def _asked_before(tx: Transaction, one: Touched) -> set[tuple[str, str]]:
    """Return everything that a record ever asked."""
    said = [unpack_contribution(row.body) for row in tx.contributions_of_item(one.row) if row.body]
    return {
        _question(each.item.assessment)
        for each in said
        if each.item.assessment is not None and each.function is not Function.DELETE
    }


def _still_said(tx: Transaction, one: Touched, said: Assessment, question: tuple[str, str]) -> bool:
    """Say whether another assessment of the authority that stands asks the same about the same posting."""
    for row in tx.items_by_tracking([one.item.tracking_number or ""]):
        if row.record == "assessment" and row.state == "open" and row.id != one.row.id:
            item = unpack_item(row.body)
            other = item.assessment or Assessment()
            if (_question(other), other.authority, item.posting_date) == (
                question,
                said.authority,
                one.item.posting_date,
            ):
                return True
    return False


def _of(tx: Transaction, item: Item) -> list[ReferralRow]:
    """Return the referrals of an item."""
    return _held(tx, [item])


def _held(tx: Transaction, items: Sequence[Item]) -> list[ReferralRow]:
    """Return the referrals of items; a posting date that one side does not say is no difference."""
    days: dict[str, set[str]] = {}
    for one in items:
        if one.tracking_number:
            days.setdefault(one.tracking_number, set()).add(_day(one))
    rows = tx.referrals_of(list(days)) if days else []
    return [row for row in rows if {"", row.posting_date} & days[row.tracking_number] or not row.posting_date]


def _day(item: Item) -> str:
    """Return the posting date as rows have it."""
    return item.posting_date.isoformat() if item.posting_date else ""
