# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Count how far controls are recognised, per partner: accepted, sampled, ignored, and agreed with."""

import csv
import io
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

import msgspec

from gateway.clock import milliseconds
from gateway.errors import InputError
from gateway.exchange.control_rows import RecognitionCount
from gateway.exchange.ports import Transaction
from gateway.finding import finding
from gateway.trade.outcomes import AGREED, DISAGREED, OURS, THEIRS
from gateway.trade.recognition_answers import REPLACED, WITHDRAWN
from gateway.trade.recognition_rules import ACCEPT, IGNORE, SAMPLE

BY = ("partner", "office", "method", "rule")
SIDES = (THEIRS, OURS)
MEASURES = (
    "received",
    "accepted",
    "sampled",
    "ignored",
    "withdrawn",
    "sampled_agreed",
    "sampled_disagreed",
    "sampled_open",
    "other_agreed",
    "other_disagreed",
)


class Question(NamedTuple):
    """What is asked: days in UTC, both included; `side` theirs is about what partners found."""

    side: str
    partner: str
    first: date
    last: date
    by: tuple[str, ...]


class Figures(msgspec.Struct, kw_only=True):
    """The counts of one line; `other` are controls that were made though no sample had asked for them."""

    by: dict[str, str]
    received: int = 0
    accepted: int = 0
    sampled: int = 0
    ignored: int = 0
    withdrawn: int = 0
    sampled_agreed: int = 0
    sampled_disagreed: int = 0
    sampled_open: int = 0
    other_agreed: int = 0
    other_disagreed: int = 0


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """The lines of a question, and their sum."""

    side: str
    partner: str
    first: date
    last: date
    rows: tuple[Figures, ...]
    total: Figures


def ask(
    *,
    today: date,
    partner: str = "",
    first: str = "",
    last: str = "",
    by: str = "partner",
    side: str = THEIRS,
) -> Question:
    """Return a question; without days, the month of today so far.

    Raises:
        InputError: a day, the grouping or the side cannot be used.
    """
    end = _day(last, "to") if last else today
    begin = _day(first, "from") if first else end.replace(day=1)
    names = tuple(dict.fromkeys(each.strip() for each in by.split(",") if each.strip()))
    wrong = [
        finding("RECOGNITION-PERIOD", path=path, expected=expected, actual=actual)
        for path, expected, actual, fits in (
            ("from", f"not after {end}", str(begin), begin <= end),
            ("by", ", ".join(BY), by, bool(names) and set(names) <= set(BY)),
            ("side", " or ".join(SIDES), side, side in SIDES),
        )
        if not fits
    ]
    if wrong:
        raise InputError("the question cannot be answered", tuple(wrong))
    return Question(side, partner, begin, end, names)


def figures(tx: Transaction, question: Question) -> Answer:
    """Answer a question from the decisions that are kept."""
    counts = tx.recognition_counts(
        question.side, question.partner, _start(question.first), _start(question.last + timedelta(days=1))
    )
    lines: dict[tuple[str, ...], Figures] = {}
    total = Figures(by={})
    for one in counts:
        key = tuple(str(getattr(one, name)) for name in question.by)
        line = lines.setdefault(key, Figures(by=dict(zip(question.by, key, strict=True))))
        for each in (line, total):
            _add(each, one)
    return Answer(
        side=question.side,
        partner=question.partner,
        first=question.first,
        last=question.last,
        rows=tuple(lines[key] for key in sorted(lines)),
        total=total,
    )


def _add(to: Figures, one: RecognitionCount) -> None:
    """Add decisions to a line; replaced ones are counted by what replaced them."""
    if one.decision == REPLACED:
        return
    to.received += one.count
    name = {ACCEPT: "accepted", SAMPLE: "sampled", IGNORE: "ignored", WITHDRAWN: "withdrawn"}[one.decision]
    setattr(to, name, getattr(to, name) + one.count)
    if one.decision == SAMPLE:
        outcome = {AGREED: "sampled_agreed", DISAGREED: "sampled_disagreed"}.get(one.outcome, "sampled_open")
    elif one.outcome and one.decision != WITHDRAWN:
        outcome = {AGREED: "other_agreed", DISAGREED: "other_disagreed"}[one.outcome]
    else:
        return
    setattr(to, outcome, getattr(to, outcome) + one.count)


def as_csv(answer: Answer) -> bytes:
    """Return a row for each line, without total; the first columns say what was asked."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    names = tuple(answer.rows[0].by) if answer.rows else ()
    writer.writerow(("side", "from", "to", *names, *MEASURES))
    for one in answer.rows:
        counts = [getattr(one, name) for name in MEASURES]
        writer.writerow((answer.side, answer.first, answer.last, *one.by.values(), *counts))
    return text.getvalue().encode()


def as_table(answer: Answer) -> bytes:
    """Return an aligned table for people, with the days."""
    names = tuple(answer.rows[0].by) if answer.rows else ("partner",)
    lines = [[*names, *(name.replace("_", " ") for name in MEASURES)]]
    lines += [[one.by[name] or "-" for name in names] + _counts(one) for one in answer.rows]
    lines.append(["total", *[""] * (len(names) - 1), *_counts(answer.total)])
    widths = [max(len(line[place]) for line in lines) for place in range(len(lines[0]))]
    text = [
        "  ".join(
            cell.ljust(width) if place < len(names) else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    ]
    about = "decided here about controls of partners"
    if answer.side == OURS:
        about = "decided by partners about controls of our own, as they told"
    return "".join(
        f"{line}\n" for line in (*text, "", f"days {answer.first} to {answer.last}; {about}")
    ).encode()


def _counts(one: Figures) -> list[str]:
    return [str(getattr(one, name)) for name in MEASURES]


def _day(text: str, path: str) -> date:
    """Return a day.

    Raises:
        InputError: it is not one.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        found = finding("RECOGNITION-PERIOD", path=path, expected="YYYY-MM-DD", actual=text)
        raise InputError("no day", (found,)) from None


def _start(day: date) -> int:
    """Return the beginning of a day in UTC."""
    return milliseconds(datetime(day.year, day.month, day.day, tzinfo=UTC))
