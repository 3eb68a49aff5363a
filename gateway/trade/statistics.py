# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Answer questions from the roll-ups: sums, values converted by the dated rates, growth, coverage.

The cost of an answer depends on the span and on how many different members were seen, never on how many
items were counted.
"""

from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Context, Decimal
from operator import attrgetter
from typing import Any

import msgspec

from gateway.exchange.ports import Store, Transaction
from gateway.exchange.rollup_rows import MASS_PLACES, VALUE_PLACES, FigureRow
from gateway.trade import census
from gateway.trade.exchange_rates import RATE_PLACES, Rates, RateSource
from gateway.trade.statistics_question import TIMES, Question, spans
from gateway.trade.statistics_tables import bands, chapters, modes

_EXACT = Context(prec=80, rounding=ROUND_HALF_EVEN)
_CENT = Decimal("0.01")
STATEMENT = (
    "Counted is every item, as merged, that a list of our own declares, with a known mode and a day.",
    "It counts once, however many orders, payments, waybills, lists and postal records speak of it.",
    "Every announced return counts once; it states no value and no mass, so it has none here.",
    "Corrections, deletions and cancellations take back what was counted.",
    "The day is that of declaration where stated, else that of the border; of a return that of its message.",
    "Not counted: items without a list, declared otherwise, of an unknown mode or without a day.",
    "Not counted: items cancelled, deleted or known from a partner alone, and refused documents.",
    "Not counted: goods of other systems, and firms that only a survey reaches; this is not the whole trade.",
    "Orders and other documents that name no item yet are no items; they count once their list joins them.",
    "An item in several chapters counts once in each, and its mass in none of them.",
    "An erased item stays in the sums; nothing that names it does.",
)


class Figures(msgspec.Struct, kw_only=True, frozen=True):
    """One line of an answer.

    `value` is by original currency. `converted` is what of it has a rate, in the currency of the rates;
    `not_converted` counts the items whose first currency has none, `no_value` and `no_mass` those that state
    none. The figures `before` are those of the same period of the year before; growth follows from them.
    """

    by: dict[str, str]
    items: int
    value: dict[str, Decimal]
    converted: Decimal
    not_converted: int
    no_value: int
    mass_kg: Decimal
    no_mass: int
    items_before: int = 0
    converted_before: Decimal = Decimal(0)
    growth_items: float | None = None
    growth_converted: float | None = None


class TableSource(msgspec.Struct, kw_only=True, frozen=True):
    """A table behind the figures."""

    title: str
    source: str
    status: str


class Coverage(msgspec.Struct, kw_only=True, frozen=True):
    """What is counted and what is not.

    `classes` are records by class, of those that came within the span; the other counts are of everything.
    """

    statement: tuple[str, ...]
    classes: dict[str, int]
    documents: int
    refused_documents: int
    messages: dict[str, int]
    waiting_to_be_shared: int


class Answer(msgspec.Struct, kw_only=True, frozen=True):
    """An answer with everything that it rests on."""

    first: str
    last: str
    by: tuple[str, ...]
    direction: str
    mode: str
    rates: RateSource
    tables: tuple[TableSource, ...]
    rows: tuple[Figures, ...]
    total: Figures
    coverage: Coverage


class Statistics:
    """Answers questions from a store."""

    def __init__(self, store: Store, rates: Rates) -> None:
        """Take the store and the rates of the node."""
        self._store = store
        self._rates = rates

    async def answer(self, question: Question) -> Answer:
        """Answer a question; all of it is of one moment."""
        return await self._store.read(lambda tx: answer(tx, question, self._rates))


def answer(tx: Transaction, question: Question, rates: Rates) -> Answer:
    """Answer a question from the store."""
    everything = Question((), question.first, question.last, question.direction, question.mode)
    total = _rows(tx, everything, rates) or (_empty(),)
    return Answer(
        first=question.first.isoformat(),
        last=question.last.isoformat(),
        by=question.by,
        direction=question.direction,
        mode=question.mode,
        rates=rates.about,
        tables=tuple(
            TableSource(title=one.title, source=one.source, status=one.status)
            for one in (modes(), bands(), chapters())
        ),
        rows=_rows(tx, question, rates),
        total=total[0],
        coverage=_coverage(tx, question, rates),
    )


def _empty() -> Figures:
    """Return the figures of nothing."""
    return _NONE.figures({}, _NONE)


class _Sum:
    """Figures being added up."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.items = self.weighed = self.mass = self.not_converted = self.no_value = self.converted = 0
        self.value: dict[str, int] = {}

    def add(self, row: FigureRow, rates: Rates) -> None:
        """Add cells of one period and currency."""
        self.items += row.items
        self.weighed += row.weighed
        self.mass += row.mass
        if not row.currency:
            self.no_value += row.items
            return
        self.value[row.currency] = self.value.get(row.currency, 0) + row.value
        rate = rates.of_period(row.currency, row.period)
        if rate is None:
            self.not_converted += row.items
        else:
            self.converted += row.value * rate

    def absorb(self, other: "_Sum") -> None:
        """Add another sum."""
        self.items += other.items
        self.weighed += other.weighed
        self.mass += other.mass
        self.not_converted += other.not_converted
        self.no_value += other.no_value
        self.converted += other.converted
        for currency, value in other.value.items():
            self.value[currency] = self.value.get(currency, 0) + value

    def figures(self, by: dict[str, str], before: "_Sum") -> Figures:
        """Return the figures, those of the year before beside them."""
        converted, earlier = self.in_cents(), before.in_cents()
        return Figures(
            by=by,
            items=self.items,
            value={name: _exact(value, VALUE_PLACES) for name, value in sorted(self.value.items()) if value},
            converted=converted,
            not_converted=self.not_converted,
            no_value=self.no_value,
            mass_kg=_exact(self.mass, MASS_PLACES),
            no_mass=self.items - self.weighed,
            items_before=before.items,
            converted_before=earlier,
            growth_items=_growth(self.items, before.items),
            growth_converted=_growth(self.converted, before.converted),
        )

    def in_cents(self) -> Decimal:
        """Return the converted value, half a cent to the even one."""
        return _exact(self.converted, VALUE_PLACES + RATE_PLACES).quantize(_CENT, context=_EXACT)

    def holds(self) -> bool:
        """Say whether there is anything."""
        return bool(self.items or any(self.value.values()))


_NONE = _Sum()


def _rows(tx: Transaction, question: Question, rates: Rates) -> tuple[Figures, ...]:
    """Return the figures of a question with those of the year before beside them."""
    now = _sums(tx, question, rates, shift=0)
    before = _sums(tx, question.year_before(), rates, shift=1)
    found = []
    for key in sorted({*now, *before}):
        by = dict(zip(question.by, key, strict=True))
        found.append(now.get(key, _NONE).figures(by, before.get(key, _NONE)))
    return tuple(found)


def _sums(tx: Transaction, question: Question, rates: Rates, *, shift: int) -> dict[tuple[str, ...], _Sum]:
    """Return sums by what was asked for; `shift` is how many years later their periods are named."""
    cube = question.member
    fields = {"period", "currency"} | {one for one in question.by if one in ("direction", "mode")}
    fields |= {"member"} if cube != census.TOTAL else set()
    where = {name: value for name in ("direction", "mode") if (value := getattr(question, name))}
    # What was not asked for is empty, so the two at the end tell nothing apart; they make it a tuple.
    told_apart = attrgetter(*[_FIELDS.get(one, "member") for one in question.by], "direction", "mode")
    raw: dict[tuple[Any, ...], _Sum] = {}
    for row in tx.figures(cube, spans(question, rates), frozenset(fields), where):
        key = told_apart(row)
        held = raw.get(key)
        if held is None:
            held = raw[key] = _Sum()
        held.add(row, rates)
    named: dict[tuple[str, ...], _Sum] = {}
    for key, one in raw.items():
        if one.holds():
            name = tuple([_name(by, value, shift) for by, value in zip(question.by, key, strict=False)])
            named.setdefault(name, _Sum()).absorb(one)
    return named


_FIELDS = {
    "day": "period",
    "month": "period",
    "direction": "direction",
    "mode": "mode",
    "currency": "currency",
}


def _name(by: str, value: Any, shift: int) -> str:
    """Return the name of a dimension's value; a month may be that of a day."""
    if by not in TIMES:
        return str(value)
    text = str(value)
    year = f"{int(text[:4]) + shift:04d}-{text[4:6]}"
    return f"{year}-{text[6:]}" if by == "day" else year


def _coverage(tx: Transaction, question: Question, rates: Rates) -> Coverage:
    """Return what is counted and what is not."""
    classes: dict[str, int] = {}
    for row in tx.figures(census.COVERAGE, spans(question, rates), frozenset({"member"}), {}):
        classes[row.member] = classes.get(row.member, 0) + row.items
    counts = tx.counts()
    documents = counts.get("documents", 0)
    return Coverage(
        statement=STATEMENT,
        classes={name: items for name, items in sorted(classes.items()) if items},
        documents=documents,
        refused_documents=documents - counts.get("documents.accepted", 0),
        messages=_under("messages.", counts.items()),
        waiting_to_be_shared=sum(_under("shares.waiting", counts.items()).values()),
    )


def _under(prefix: str, counts: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Return the counts whose name begins so, by the rest of it."""
    return {name.removeprefix(prefix): count for name, count in sorted(counts) if name.startswith(prefix)}


def _exact(value: int, places: int) -> Decimal:
    """Return a whole number of small units in large ones, without ending zeros."""
    return Decimal(value).scaleb(-places, context=_EXACT)


def _growth(now: int, before: int) -> float | None:
    """Return the growth, none of nothing."""
    return (now - before) / before if before else None
