# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Add up cells of roll-ups by what a question tells apart, in whole numbers.

It reads some ten thousand rows for a long answer, so the loop over them makes as few objects as it can.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import cache, partial
from operator import itemgetter
from typing import Any, TypeAlias

from gateway.exchange.ports import Transaction
from gateway.exchange.rollup_rows import MASS_PLACES, VALUE_PARTS, VALUE_PLACES, FigureRow, SumRow
from gateway.trade.exchange_rates import RATE_PLACES, Rates
from gateway.trade.statistics_question import MEMBERS, TIMES, Question, Span, spans

_EXACT = Context(prec=80, rounding=ROUND_HALF_EVEN)
_CENT = Decimal("0.01")
_PERIOD, _CURRENCY = (FigureRow._fields.index(one) for one in ("period", "currency"))
_NO_VALUES: dict[str, int] = {}

Names: TypeAlias = tuple[str, ...]
Key: TypeAlias = tuple[Any, ...]


class Sum:
    """Figures being added up."""

    __slots__ = ("converted", "items", "mass", "no_value", "not_converted", "value", "weighed")

    def __init__(self) -> None:
        """Begin with nothing."""
        self.items = self.weighed = self.mass = self.not_converted = self.no_value = self.converted = 0
        self.value = _NO_VALUES

    def add(self, row: SumRow, rate: int | None) -> None:
        """Add cells of one currency, with the rate of their period."""
        _, _, _, _, currency, items, units, parts, weighed, mass = row
        self.items += items
        self.weighed += weighed
        self.mass += mass
        if not currency:
            self.no_value += items
            return
        value = units * VALUE_PARTS + parts
        if self.value is _NO_VALUES:
            self.value = {currency: value}
        else:
            self.value[currency] = self.value.get(currency, 0) + value
        if rate is None:
            self.not_converted += items
        else:
            self.converted += value * rate

    def absorb(self, other: "Sum") -> None:
        """Add another sum."""
        self.items += other.items
        self.weighed += other.weighed
        self.mass += other.mass
        self.not_converted += other.not_converted
        self.no_value += other.no_value
        self.converted += other.converted
        self.value = {
            currency: self.value.get(currency, 0) + other.value.get(currency, 0)
            for currency in {**self.value, **other.value}
        }

    def values(self) -> dict[str, Decimal]:
        """Return the value by original currency, without ending zeros."""
        return {name: _exact(value, VALUE_PLACES) for name, value in sorted(self.value.items()) if value}

    def kilograms(self) -> Decimal:
        """Return the mass."""
        return _exact(self.mass, MASS_PLACES)

    def in_cents(self) -> Decimal:
        """Return the converted value, half a cent to the even one."""
        return _exact(self.converted, VALUE_PLACES + RATE_PLACES).quantize(_CENT, context=_EXACT)

    def holds(self) -> bool:
        """Say whether there is anything."""
        return bool(self.items or any(self.value.values()))


def sums(tx: Transaction, question: Question, rates: Rates, *, shift: int) -> dict[Names, Sum]:
    """Return sums by what was asked for; `shift` is how many years later their periods are named."""
    # What was not asked for is empty, so the two at the end tell nothing apart; they make it a tuple.
    told_apart = itemgetter(*[_place(one) for one in question.by], _place("direction"), _place("mode"))
    rate = cache(rates.of_period)
    found: defaultdict[Key, Sum] = defaultdict(Sum)
    for span in spans(question, rates):
        for row in _rows(tx, question, span):
            found[told_apart(row)].add(row, rate(row[_CURRENCY], row[_PERIOD]))
    return _named(question.by, found, shift)


def _rows(tx: Transaction, question: Question, span: Span) -> Sequence[SumRow]:
    """Return the cells of a span, as far as they must be told apart."""
    fields = {"currency", *(one for one in question.by if one in ("direction", "mode"))}
    if not span.month:
        fields.add("period")
    where = {name: value for name in ("direction", "mode") if (value := getattr(question, name))}
    rows = tx.figures(question.member, (span.first, span.last), frozenset(fields), where)
    if not span.month:
        return rows
    return [_of_month(row, span.month, span.sign) for row in rows]


def _of_month(row: SumRow, month: int, sign: int) -> SumRow:
    """Return a sum over days of one month as the month's, or as what the month has too much."""
    _, direction, mode, member, currency, items, units, parts, weighed, mass = row
    amounts = (sign * items, sign * units, sign * parts, sign * weighed, sign * mass)
    return (month, direction, mode, member, currency, *amounts)


def _place(by: str) -> int:
    """Return where a row has what tells figures apart."""
    if by in TIMES:
        return _PERIOD
    return FigureRow._fields.index("member" if by in MEMBERS else by)


def _named(by: Names, found: Mapping[Key, Sum], shift: int) -> dict[Names, Sum]:
    """Return sums by the names of what tells them apart; those of days may fall into one month."""
    times = [place for place, one in enumerate(by) if one in TIMES]
    period = cache(partial(_period, by="day" if "day" in by else "month", shift=shift))
    named: dict[Names, Sum] = {}
    for key, one in found.items():
        if one.holds():
            name = key[: len(by)]
            for place in times:
                name = (*name[:place], period(key[place]), *name[place + 1 :])
            held = named.setdefault(name, one)
            if held is not one:
                held.absorb(one)
    return named


def _period(number: int, *, by: str, shift: int) -> str:
    """Return the name of a day or month; a month may be that of a day."""
    text = str(number)
    month = f"{int(text[:4]) + shift:04d}-{text[4:6]}"
    return f"{month}-{text[6:]}" if by == "day" else month


def _exact(value: int, places: int) -> Decimal:
    """Return a whole number of small units in large ones, without ending zeros."""
    return Decimal(value).scaleb(-places, context=_EXACT)
