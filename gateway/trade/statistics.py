# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Answer questions from the roll-ups: sums, values converted by the dated rates, growth, coverage.

The cost of an answer depends on the span and on how many different members were seen, never on how many
items were counted.
"""

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal

import msgspec

from gateway.exchange.ports import Store, Transaction
from gateway.exchange.rollup_rows import FigureRow
from gateway.trade import census
from gateway.trade.exchange_rates import Rates, RateSource
from gateway.trade.statistics_question import Question, spans
from gateway.trade.statistics_sums import Earlier, Sum, in_cents, sums, sums_before
from gateway.trade.statistics_tables import bands, chapters, modes

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


class Figures(msgspec.Struct, kw_only=True, frozen=True, gc=False):
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
    total = _rows(tx, everything, rates) or (_figures({}, _NONE, _NEVER),)
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
        coverage=_coverage(tx, question),
    )


_NONE = Sum()
_NEVER = Earlier()


def _rows(tx: Transaction, question: Question, rates: Rates) -> tuple[Figures, ...]:
    """Return the figures of a question with those of the year before beside them."""
    now = sums(tx, question, rates)
    before = sums_before(tx, question, rates)
    return tuple(
        [
            _figures(dict(zip(question.by, key, strict=True)), now.get(key, _NONE), before.get(key, _NEVER))
            for key in sorted({*now, *before})
        ]
    )


def _figures(by: dict[str, str], now: Sum, before: Earlier) -> Figures:
    """Return the figures of a sum, those of the year before beside them."""
    return Figures(
        by=by,
        items=now.items,
        value=now.values(),
        converted=in_cents(now.converted),
        not_converted=now.not_converted,
        no_value=now.no_value,
        mass_kg=now.kilograms(),
        no_mass=now.items - now.weighed,
        items_before=before.items,
        converted_before=in_cents(before.converted),
        growth_items=_growth(now.items, before.items),
        growth_converted=_growth(now.converted, before.converted),
    )


def _coverage(tx: Transaction, question: Question) -> Coverage:
    """Return what is counted and what is not."""
    classes: Counter[str] = Counter()
    for span in spans(question):
        rows = tx.figures(census.COVERAGE, (span.first, span.last), frozenset(), {})
        for row in map(FigureRow._make, rows):
            classes[row.member] += span.sign * row.items
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


def _growth(now: int, before: int) -> float | None:
    """Return the growth, none of nothing."""
    return (now - before) / before if before else None
