# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What can be asked of the statistics: a span of days, by what figures are told apart, and conditions."""

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from gateway.errors import InputError
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

    def __init__(self, path: str, actual: str, expected: str) -> None:
        """Say which part of the question it is, and what may stand there."""
        super().__init__(
            f"{path} {actual}: {expected}",
            (finding("TRADE-QUESTION", path=path, actual=actual, expected=expected),),
        )


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
        """Return the cube that answers: that of a member, else the total."""
        return next((one for one in self.by if one in MEMBERS), census.TOTAL)

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
        raise QuestionError("by", unknown[0][:20], f"known are {', '.join(BY)}")
    for group in (TIMES, MEMBERS):
        chosen = [one for one in names if one in group]
        if len(chosen) > 1:
            raise QuestionError("by", " and ".join(chosen), f"only one of {', '.join(group)} at a time")
    last = _bound(end, "to")[1] if end else today
    first = _bound(begin, "from")[0] if begin else date(last.year, 1, 1)
    if last < first or last.year - first.year > LONGEST_YEARS:
        raise QuestionError("from", f"{first} to {last}", f"a span of at most {LONGEST_YEARS} years")
    if direction not in _DIRECTIONS:
        raise QuestionError("direction", direction[:20], "import or export")
    if not _MODE.fullmatch(mode):
        raise QuestionError("mode", mode[:20], "a name of the table of modes")
    return Question(names, first, last, direction, mode)


def spans(question: Question, rates: Rates) -> list[tuple[int, int]]:
    """Return the periods of cells to add up: months where they tell enough, else days."""
    found: list[tuple[int, int]] = []
    for first, last in _months(question.first, question.last):
        month = first.year * 100 + first.month
        whole = first.day == 1 and last.day == _length(first)
        if whole and "day" not in question.by and not rates.changes_within(month):
            span = (month, month)
        else:
            span = (_number(first), _number(last))
        if found and found[-1][1] < 10**7 and span[1] < 10**7:
            span = (found.pop()[0], month)
        found.append(span)
    return found


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
        raise QuestionError(name, text[:20], "YYYY, YYYY-MM or YYYY-MM-DD") from None
    if year <= 1:
        raise QuestionError(name, text[:20], "a year from 2 on")
    return first, last
