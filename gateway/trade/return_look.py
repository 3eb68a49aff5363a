# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Look at a return: what it may be of, what is to be said of it, whether it is known. Writes nothing."""

from collections.abc import Mapping, Sequence

import msgspec

from gateway.clock import moment
from gateway.exchange.ports import Transaction
from gateway.exchange.return_rows import ReturnCaseRow
from gateway.finding import Finding, finding, has_errors
from gateway.model import unpack_item
from gateway.trade.return_account import Amounts, view
from gateway.trade.return_case import (
    ANNOUNCED,
    DRAWN,
    LIVE,
    REFUSED,
    WAITING,
    Candidate,
    Case,
    Problem,
    check,
)
from gateway.trade.return_judge import Judgement, Original, judge
from gateway.trade.return_match import candidates, chosen
from gateway.trade.return_release import release_of
from gateway.trade.return_rules import ReturnRules

Pending = Mapping[tuple[str, int], Amounts]
"""What is drawn, by list number and line, beside what the accounts say."""

_decode = msgspec.json.Decoder(Case).decode
_replace = msgspec.structs.replace


class Looked(msgspec.Struct, frozen=True):
    """What looking at a claim gave, before anything is written."""

    candidates: tuple[Candidate, ...]
    candidate: Candidate | None
    original: Original | None
    judgement: Judgement


def case_of(row: ReturnCaseRow) -> Case:
    """Return the case that a row holds."""
    return _decode(row.body)


def same_parcel(tx: Transaction, case: Case) -> Case | None:
    """Return the case of the same parcel, if its number is that of the way back."""
    number = case.claim.tracking_number
    if not case.list_number or not number or number == case.original_tracking_number:
        return None
    others = (case_of(row) for row in tx.return_cases_of_list(case.list_number) if row.id != case.id)
    return next((one for one in others if one.state in LIVE and one.claim.tracking_number == number), None)


def possible(tx: Transaction, case: Case, rules: ReturnRules) -> tuple[Candidate, ...]:
    """Return what a case may be of: what its numbers find, and what they found before."""
    now = candidates(tx, case.claim, rules.matching)
    known = {one.item for one in now}
    return (*now, *(one for one in case.candidates if one.item not in known))


def judged(
    tx: Transaction,
    case: Case,
    rules: ReturnRules,
    *,
    now: int,
    pending: Pending,
    choice: Candidate | None = None,
) -> tuple[Case, Looked]:
    """Return a case with what is to be said of it; writes nothing."""
    problems: list[Finding] = list(check(case.claim))
    known = () if has_errors(problems) else possible(tx, case, rules)
    candidate = choice or chosen(known, rules.matching)
    judgement = Judgement((), (), (), "")
    original = None
    if candidate is None and not has_errors(problems):
        where = "list_number" if case.claim.list_number else "tracking_number"
        code = "RETURN-MATCH" if known else "RETURN-LIST"
        problems.append(finding(code, path=where, actual=getattr(case.claim, where)))
    elif candidate is not None:
        (row,) = tx.items([candidate.item])
        item = unpack_item(row.body)
        original = Original(row, item, view(tx, row, item), release_of(tx, item, rules))
        held = {line: amounts for (name, line), amounts in pending.items() if name == candidate.list_number}
        today = moment(now).astimezone(rules.zone).date()
        judgement = judge(case.claim, original, rules, today=today, pending=held)
        problems += judgement.problems
    severities = {one.severity.value for one in problems}
    state = REFUSED if "error" in severities else WAITING if candidate is None else DRAWN
    if state == DRAWN and not case.claim.office:
        state = ANNOUNCED
    elif state == DRAWN and "warning" in severities:
        state = WAITING
    seen = _replace(
        case,
        state=state,
        list_number=candidate.list_number if candidate else "",
        original=candidate.item if candidate else 0,
        original_tracking_number=candidate.tracking_number if candidate else "",
        confidence=candidate.confidence if candidate else 0,
        reasons=candidate.reasons if candidate else (),
        candidates=known,
        declaration=judgement.declaration,
        rulings=judgement.rulings,
        problems=as_problems(problems),
        draws=(),
        rules=rules.sha256,
    )
    return seen, Looked(tuple(known), candidate, original, judgement)


def as_problems(findings: Sequence[Finding]) -> tuple[Problem, ...]:
    """Return findings as a case keeps them."""
    return tuple(
        Problem(
            code=one.code,
            severity=one.severity.value,
            path=one.path,
            expected=one.expected,
            actual=one.actual,
            rule=one.rule,
        )
        for one in findings
    )
