# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What can be asked of the statistics: a span of days, by what figures are told apart, and conditions."""

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from gateway.errors import InputError
from gateway.exchange.rollup_rows import ALONE
from gateway.finding import finding
from gateway.trade import census
from gateway.trade.exchange_rates import Rates

TIMES = ("day", "month")
MEMBERS = (census.COUNTRY, census.OFFICE, census.CHAPTER, census.BAND)
BY = (*TIMES, "direction", "mode", "currency", *MEMBERS)
_SPAN = re.compile(r"([0-9]{4})(?:-([0-9]{2}))?(?:-([0-9]{2}))?", re.ASCII)
_DIRECTIONS = ("", "import", "export")
_MODE = re.compile(r"[a-z0-9-]{0,20}", re.ASCII)
LONGEST_YEARS = 20


class QuestionError(InputError):
    """What was asked cannot be answered; who asks must change it."""

    def __init__(self, path: str, expected: str) -> None:
        """Say which part of the question it is, and what may stand there; never what was asked.

        A word that fits nowhere may be a name or a secret in the wrong place, and this gets into logs.
        """
        super().__init__(f"{path}: {expected}", (finding("TRADE-QUESTION", path=path, expected=expected),))


@dataclass(frozen=True, slots=True)
class Question:
    """Figures of the days from `first` to `last`, both included; an empty condition lets everything count."""

    by: tuple[str, ...]
    first: date
    last: date
    direction: str = ""
    mode: str = ""

    @property
    def member(self) -> str:
        """Return what is counted by: a member, else the total."""
        return next((one for one in self.by if one in MEMBERS), census.TOTAL)

    @property
    def cube(self) -> str:
        """Return the smallest cube that answers: of members alone if nobody asks for modes or directions."""
        asked = self.direction or self.mode or "direction" in self.by or "mode" in self.by
        return self.member if asked else ALONE.get(self.member, self.member)

    def year_before(self) -> "Question":
        """Return the question about the same period of the year before."""
        return Question(self.by, _earlier(self.first), _earlier(self.last), self.direction, self.mode)


def ask(by: str, begin: str, end: str, *, today: date, direction: str = "", mode: str = "") -> Question:
    """Return a question from its words: names with commas, days as YYYY, YYYY-MM or YYYY-MM-DD.

    Without `begin` the span begins with the year of its end, without `end` it ends today.

    Raises:
        QuestionError: a name is unknown, two of them need different cubes, or the span is none.
    """
    names = tuple(dict.fromkeys(one.strip() for one in by.split(",") if one.strip()))
    unknown = [one for one in names if one not in BY]
    if unknown:
        raise QuestionError("by", f"known are {', '.join(BY)}")
    for group in (TIMES, MEMBERS):
        chosen = [one for one in names if one in group]
        if len(chosen) > 1:
            raise QuestionError("by", f"only one of {', '.join(group)} at a time")
    last = _bound(end, "to")[1] if end else today
    first = _bound(begin, "from")[0] if begin else date(last.year, 1, 1)
    if last < first or last.year - first.year > LONGEST_YEARS:
        raise QuestionError("from", f"a span of at most {LONGEST_YEARS} years")
    if direction not in _DIRECTIONS:
        raise QuestionError("direction", "import or export")
    if not _MODE.fullmatch(mode):
        raise QuestionError("mode", "a name of the table of modes")
    return Question(names, first, last, direction, mode)


@dataclass(frozen=True, slots=True)
class Span:
    """Periods of cells to add up, or with a `sign` of -1 to take away.

    `month` is the month in which all of them lie and as whose they are added up, so that nothing needs to
    tell them apart; 0 without one.
    """

    first: int
    last: int
    sign: int = 1
    month: int = 0


def spans(question: Question) -> list[Span]:
    """Return what to add up: months where they tell enough, else days, or those that a month has too much."""
    whole: list[int] = []
    found: list[Span] = []
    for first, last in _months(question.first, question.last):
        month = first.year * 100 + first.month
        if "day" in question.by:
            found.append(Span(_number(first), _number(last)))
        elif 2 * (last.day - first.day + 1) > _length(first):
            whole.append(month)
            around = ((1, first.day - 1), (last.day + 1, _length(first)))
            found += [
                Span(month * 100 + begin, month * 100 + end, sign=-1, month=month)
                for begin, end in around
                if begin <= end
            ]
        else:
            found.append(Span(_number(first), _number(last), month=month))
    return [*_runs(whole), *found]


def days_alone(question: Question, rates: Rates) -> list[Span]:
    """Return the days within months that `spans` gives as whole while a rate changes within them."""
    if "day" in question.by:
        return []
    return [
        Span(_number(first), _number(last))
        for first, last in _months(question.first, question.last)
        if rates.changes_within(first.year * 100 + first.month)
    ]


def _runs(months: list[int]) -> Iterator[Span]:
    """Yield months that follow each other as one."""
    for _, run in groupby(enumerate(months), key=lambda one: one[1] // 100 * 12 + one[1] % 100 - one[0]):
        together = [month for _, month in run]
        yield Span(together[0], together[-1])


def _months(first: date, last: date) -> Iterator[tuple[date, date]]:
    """Yield first and last day of each month, as far as the span reaches."""
    while first <= last:
        end = first.replace(day=_length(first))
        yield first, min(end, last)
        if end == date.max:
            return
        first = end + timedelta(days=1)


def _length(day: date) -> int:
    return calendar.monthrange(day.year, day.month)[1]


def _number(day: date) -> int:
    return day.year * 10_000 + day.month * 100 + day.day


def _earlier(day: date) -> date:
    """Return the same day of the year before; the last of February for one that was none."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)


def _bound(text: str, name: str) -> tuple[date, date]:
    """Return the first and last day that a text names."""
    found = _SPAN.fullmatch(text)
    try:
        if found is None:
            raise ValueError  # noqa: TRY301 - one refusal for all
        year, month, day = (int(one) if one else 0 for one in found.groups())
        first = date(year, month or 1, day or 1)
        last = first if day else date(year, month or 12, calendar.monthrange(year, month or 12)[1])
    except (ValueError, calendar.IllegalMonthError):
        raise QuestionError(name, "YYYY, YYYY-MM or YYYY-MM-DD") from None
    if year <= 1:
        raise QuestionError(name, "a year from 2 on")
    return first, last
