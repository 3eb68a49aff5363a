# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Add up cells of roll-ups by what a question tells apart, in whole numbers.

It reads some ten thousand rows for a long answer, so the loop over them makes as few objects as it can.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import cache, partial
from itertools import groupby
from operator import itemgetter
from typing import TypeAlias, TypeVar

import msgspec

from gateway.exchange.ports import Transaction
from gateway.exchange.rollup_rows import MASS_PLACES, VALUE_PARTS, VALUE_PLACES, FigureRow, SumRow, ValueRow
from gateway.trade.exchange_rates import RATE_PLACES, Rates
from gateway.trade.statistics_question import MEMBERS, TIMES, Question, Span, days_alone, spans

_EXACT = Context(prec=80, rounding=ROUND_HALF_EVEN)
_CENT = Decimal("0.01")
_PERIOD = FigureRow._fields.index("period")
_FLOWS = ("direction", "mode")

Names: TypeAlias = tuple[str, ...]
Runs: TypeAlias = Iterator[tuple[str, Iterator[SumRow], Callable[[str], int | None]]]


# A long answer makes ten thousand of each: these are cheap to make, and the collector passes them over.
class Earlier(msgspec.Struct, gc=False):
    """What growth is reckoned from: figures of the year before."""

    items: int = 0
    not_converted: int = 0
    converted: int = 0

    def holds(self) -> bool:
        """Say whether there is anything."""
        return bool(self.items or self.converted)


class Sum(Earlier, gc=False):
    """Figures being added up."""

    weighed: int = 0
    mass: int = 0
    no_value: int = 0
    value: dict[str, int] = {}

    def values(self) -> dict[str, Decimal]:
        """Return the value by original currency."""
        scaled = _EXACT.scaleb
        return {name: scaled(value, -VALUE_PLACES) for name, value in sorted(self.value.items()) if value}

    def kilograms(self) -> Decimal:
        """Return the mass."""
        return _EXACT.scaleb(self.mass, -MASS_PLACES)

    def holds(self) -> bool:
        """Say whether there is anything."""
        return bool(self.items or any(self.value.values()))


Figure = TypeVar("Figure", bound=Earlier)


def in_cents(converted: int) -> Decimal:
    """Return a converted value, half a cent to the even one."""
    return _EXACT.quantize(_EXACT.scaleb(converted, -VALUE_PLACES - RATE_PLACES), _CENT)


def sums(tx: Transaction, question: Question, rates: Rates) -> dict[Names, Sum]:
    """Return sums by what was asked for."""
    key = _told_apart(question)
    found: defaultdict[str, defaultdict[Names, Sum]] = defaultdict(partial(defaultdict, Sum))
    for time, rows, rate in _runs(tx, question, rates):
        held = found[time]
        for row in rows:
            _, _, _, _, currency, items, units, parts, weighed, mass = row
            one = held[key(row)]
            one.items += items
            one.weighed += weighed
            one.mass += mass
            if not currency:
                one.no_value += items
                continue
            value = units * VALUE_PARTS + parts
            one.value[currency] = one.value.get(currency, 0) + value
            scaled = rate(currency)
            if scaled is None:
                one.not_converted += items
            else:
                one.converted += value * scaled
    _convert_days(tx, question, rates, found)
    return _named(question.by, found)


def sums_before(tx: Transaction, question: Question, rates: Rates) -> dict[Names, Earlier]:
    """Return sums over the year before, by what was asked for and named as of the year of the question."""
    key = _told_apart(question)
    found: defaultdict[str, defaultdict[Names, Earlier]] = defaultdict(partial(defaultdict, Earlier))
    for time, rows, rate in _runs(tx, question.year_before(), rates, years_later=1):
        held = found[time]
        for row in rows:
            _, _, _, _, currency, items, units, parts, _, _ = row
            one = held[key(row)]
            one.items += items
            if currency and (scaled := rate(currency)) is not None:
                one.converted += (units * VALUE_PARTS + parts) * scaled
            elif currency:
                one.not_converted += items
    _convert_days(tx, question.year_before(), rates, found, years_later=1)
    return _named(question.by, found)


def _told_apart(question: Question) -> Callable[[SumRow | ValueRow], Names]:
    """Return what takes the names of a row that tell figures apart, its time left out."""
    places = [FigureRow._fields.index("member" if one in MEMBERS else one) for one in _names(question.by)]
    # What was not asked for is empty, so the two at the end tell nothing apart; they make it a tuple.
    return itemgetter(*places, *map(FigureRow._fields.index, ("direction", "mode")))


def _runs(tx: Transaction, question: Question, rates: Rates, *, years_later: int = 0) -> Runs:
    """Yield rows of one period with the name of its time, empty unless asked for, and the rates in it."""
    of_period = itemgetter(_PERIOD)
    times = [one for one in question.by if one in TIMES]
    for span in spans(question):
        for period, rows in groupby(_rows(tx, question, span), of_period):
            named = _period(period, by=times[0], years_later=years_later) if times else ""
            yield named, rows, cache(partial(_rate, rates, period))


def _rate(rates: Rates, period: int, currency: str) -> int | None:
    """Return the rate of a period."""
    return rates.of_period(currency, period)


def _convert_days(
    tx: Transaction,
    question: Question,
    rates: Rates,
    found: Mapping[str, Mapping[Names, Earlier]],
    *,
    years_later: int = 0,
) -> None:
    """Add what months do not convert: values of currencies whose rate changes within a month, by day."""
    key = _told_apart(question)
    fields, where = _asked(question)
    for span in days_alone(question, rates):
        days = tx.day_values(question.cube, (span.first, span.last), fields, where, rates.currency)
        for day, rows in days:
            held = found[_period(day, by="month", years_later=years_later) if "month" in question.by else ""]
            rate = cache(partial(_rate_alone, rates, day))
            for row in rows:
                _, _, _, _, currency, items, units, parts = row
                scaled = rate(currency)
                if scaled:
                    held[key(row)].converted += (units * VALUE_PARTS + parts) * scaled
                elif scaled is None:
                    held[key(row)].not_converted += items


def _rate_alone(rates: Rates, day: int, currency: str) -> int | None:
    """Return the rate of a day, 0 if it is that of the whole month."""
    return rates.of_day_alone(currency, day)


def _asked(question: Question) -> tuple[frozenset[str], dict[str, str]]:
    """Return the fields besides time, member and currency that tell figures apart, and the conditions."""
    fields = frozenset(one for one in question.by if one in _FLOWS)
    return fields, {name: value for name in _FLOWS if (value := getattr(question, name))}


def _rows(tx: Transaction, question: Question, span: Span) -> Iterator[SumRow]:
    """Yield the cells of a span, as far as they must be told apart."""
    fields, where = _asked(question)
    fields |= {"currency"} if span.month else {"currency", "period"}
    rows = tx.figures(question.cube, (span.first, span.last), fields, where)
    if not span.month:
        return rows
    return (_of_month(row, span.month, span.sign) for row in rows)


def _of_month(row: SumRow, month: int, sign: int) -> SumRow:
    """Return a sum over days of one month as the month's, or as what the month has too much."""
    _, direction, mode, member, currency, items, units, parts, weighed, mass = row
    amounts = (sign * items, sign * units, sign * parts, sign * weighed, sign * mass)
    return (month, direction, mode, member, currency, *amounts)


def _names(by: Names) -> Names:
    """Return what was asked for but for the time."""
    return tuple(one for one in by if one not in TIMES)


def _named(by: Names, found: Mapping[str, Mapping[Names, Figure]]) -> dict[Names, Figure]:
    """Return what holds anything, with the time where it was asked for."""
    kept = len(_names(by))
    at = next((number for number, one in enumerate(by) if one in TIMES), kept)
    times = len(by) - kept
    return {
        (*key[:at], *(time,) * times, *key[at:kept]): one
        for time, held in found.items()
        for key, one in held.items()
        if one.holds()
    }


def _period(number: int, *, by: str, years_later: int) -> str:
    """Return the name of a day or month; a month may be that of a day."""
    text = str(number)
    month = f"{int(text[:4]) + years_later:04d}-{text[4:6]}"
    return f"{month}-{text[6:]}" if by == "day" else month
