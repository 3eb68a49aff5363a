# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Judge export lists and their orders by what one document cannot show; the answer stands in the receipt.

The rules:

1. A list has a mode of the rules; before a mode was nationwide, lists of it come from pilot offices only.
2. A list and the order that it names fit: the type of the order is that of the mode. Whichever comes second
   is refused; a list whose order has not come is not judged.
3. Value in other currencies is compared in yuan by the rates of the node; invented rates compare nothing.
4. Goods under a heading of the tables of tax or inspection are refused; a test without table is named.
5. While a rule asks for a payment receipt, one must be there for the order of the list.
6. What the adapter judged of the same document is not judged again; what it left open and is judged here, its
   notice is taken out.

The day is that of issue in China, else of the border, else the day on which the document came.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

import msgspec

from gateway.clock import moment
from gateway.exchange.ports import Transaction
from gateway.exchange.rows import FROM_PARTNER, ContributionRow, PackedContribution, PackedDocument
from gateway.exchange.touched import OPEN, Arrival, Touched
from gateway.finding import Finding, finding, has_errors
from gateway.model import ContributionKind, Function
from gateway.trade.b2b_rules import MODE, ORDER_TYPE, PILOT, Mode, Rule, Rules, mode_rule
from gateway.trade.exchange_rates import RATE_PLACES, Rates
from gateway.trade.statistics_tables import modes

EXPORT = "export"
VALUE, CURRENCY = "CEB-B2B-LIST-VALUE", "CEB-B2B-VALUE-CURRENCY"
PAYMENT_BEFORE = "CEB-B2B-PAYMENT-BEFORE"
LIST, ORDER = ContributionKind.LIST, ContributionKind.ORDER


class _Trade(msgspec.Struct, frozen=True, gc=False):
    """The few fields of an item that say whether there is anything to judge."""

    direction: str | None = None
    trade_mode: str | None = None
    order_type: str | None = None
    border_date: date | None = None
    declaration_office: str | None = None


class _Words(msgspec.Struct, frozen=True, gc=False):
    """The same of a contribution."""

    item: _Trade
    issued_at: datetime | None = None


class _Worth(msgspec.Struct, frozen=True, gc=False):
    """A value as far as it is compared."""

    amount: Decimal | None = None
    currency: str | None = None


class _Piece(msgspec.Struct, frozen=True, gc=False):
    """The few fields of a piece of content that rules look at."""

    commodity_code: str | None = None
    hs: str | None = None
    value: _Worth | None = None


class _Goods(msgspec.Struct, frozen=True, gc=False):
    """The content of an item."""

    content: tuple[_Piece, ...] = ()


class _Listed(msgspec.Struct, frozen=True, gc=False):
    """The same of a contribution."""

    item: _Goods


_words = msgspec.msgpack.Decoder(_Words).decode
_listed = msgspec.msgpack.Decoder(_Listed).decode
_trade = msgspec.msgpack.Decoder(_Trade).decode


class _Known(NamedTuple):
    """What is there about the orders of a message, by order key."""

    types: Mapping[str, set[str]]
    paid: frozenset[str]
    modes: Mapping[str, set[str]]


@dataclass(slots=True)
class _Case:
    """A document under judgement: its place, its day and office, and the notices that no longer hold."""

    position: int
    settled: set[str]
    day: date = date.min
    office: str = ""
    paid: bool = False


class B2bExport:
    """Judges the documents of our own side; one serves one database thread."""

    def __init__(self, rules: Rules, rates: Rates) -> None:
        """Take the rules; rates count if they are in yuan and not invented."""
        self._rules = rules
        self._rates = rates if rates.currency == "CNY" and rates.about.status != "sample" else None
        self._zone = timedelta(hours=modes().zone_hours)

    def checked(
        self, tx: Transaction, documents: Sequence[PackedDocument], arrival: Arrival
    ) -> Sequence[PackedDocument]:
        """Return the documents with what the rules say of them."""
        listed, ordered = set[str](), set[str]()
        for document in documents:
            for one in document.contributions:
                if one.kind is LIST:
                    listed.add(_order_key(one))
                elif one.kind is ORDER:
                    ordered.add(_order_key(one))
        if not listed and not ordered:
            return documents
        known = _known(tx, listed - {""}, ordered - {""})
        return [self._document(one, known, arrival) for one in documents]

    def follow(
        self,
        _tx: Transaction,
        _rows: Sequence[ContributionRow],
        _touched: Sequence[Touched],
        _arrival: Arrival,
    ) -> list[Touched]:
        """Make no records."""
        return []

    def _document(self, document: PackedDocument, known: _Known, arrival: Arrival) -> PackedDocument:
        """Return one document with its findings; one that is refused already stays as it is."""
        if has_errors(document.findings):
            return document
        said: list[Finding] = []
        case = _Case(document.position, set())
        for one in document.contributions:
            if (one.kind is LIST or one.kind is ORDER) and one.function is not Function.DELETE:
                said += self._contribution(one, known, arrival, case)
        if not said and case.settled.isdisjoint(one.code for one in document.findings):
            return document
        kept = [one for one in document.findings if one.code not in case.settled]
        place = str(document.position)
        placed = [one if one.position else replace(one, position=place) for one in said]
        return msgspec.structs.replace(document, findings=(*kept, *placed))

    def _contribution(
        self, one: PackedContribution, known: _Known, arrival: Arrival, case: _Case
    ) -> Iterator[Finding]:
        """Yield what is to be said of a list or order."""
        words = _words(one.body)
        order, item = _order_key(one), words.item
        if item.direction != EXPORT:
            return
        if one.kind is ORDER:
            yield from self._order(item.order_type, known.modes.get(order, set()))
            return
        if item.trade_mode is None:
            return  # of another kind of declaration; a CEB list always has a mode
        mode = self._rules.modes.get(item.trade_mode)
        if mode is None:
            expected = ", ".join(sorted(self._rules.modes))
            actual = item.trade_mode
            yield finding("B2B-MODE", path="trade_mode", expected=expected, actual=actual, rule=MODE)
            return
        day = item.border_date
        if words.issued_at is not None or day is None:
            day = ((words.issued_at or moment(arrival.now)) + self._zone).date()
        if mode.first is not None or mode.nationwide is not None:
            yield from self._mode(mode, item.declaration_office or "", day)
        if order in known.types:
            yield from _misfits(mode, known.types[order])
        rules = self._rules.of(mode.code, day)
        if rules:
            case.day, case.office, case.paid = day, item.declaration_office or "", order in known.paid
            content = _listed(one.body).item.content
            for rule in rules:
                yield from self._rule(rule, content, case)

    def _order(self, kind: str | None, listed: set[str]) -> Iterator[Finding]:
        """Yield a finding if an order comes to lists of another mode."""
        for code in sorted(listed):
            mode = self._rules.modes.get(code)
            if kind and mode is not None:
                yield from _misfits(mode, (kind,))

    def _mode(self, mode: Mode, office: str, day: date) -> Iterator[Finding]:
        """Yield what is to be said of a mode on a day at an office."""
        if mode.first is not None and day < mode.first:
            named, expected = mode_rule(MODE, mode.code), f"from {mode.first}"
            yield finding("B2B-MODE", path="trade_mode", expected=expected, actual=str(day), rule=named)
        elif mode.nationwide is not None and day < mode.nationwide:
            named, path = mode_rule(PILOT, mode.code), "declaration_office"
            if not self._rules.pilot_offices:
                yield finding("B2B-NOT-TESTED", path=path, actual="pilot offices", rule=named)
            elif not office.startswith(self._rules.pilot_offices):
                expected = ", ".join(self._rules.pilot_offices)
                yield finding("B2B-PILOT", path=path, expected=expected, actual=office, rule=named)

    def _rule(self, rule: Rule, content: Sequence[_Piece], case: _Case) -> Iterator[Finding]:
        """Yield what one rule says of a list."""
        match rule.test:
            case "value":
                yield from self._value(rule, content, case)
            case "goods":
                yield from self._goods(rule, content, case)
            case "digits":
                if self._rules.zones and not case.office.startswith(self._rules.zones):
                    yield from _digits(rule, content)
            case "payment":
                case.settled.add(PAYMENT_BEFORE)
                if not case.paid:
                    yield finding("B2B-PAYMENT", path="order_number", expected="CEB403", rule=rule.id)

    def _value(self, rule: Rule, content: Sequence[_Piece], case: _Case) -> Iterator[Finding]:
        """Compare a value in several or foreign currencies; the adapter has compared one in yuan."""
        values = [one.value for one in content]
        if self._rates is None or all(one is not None and one.currency == "CNY" for one in values):
            return
        day, total = case.day, Decimal(0)
        number = day.year * 10_000 + day.month * 100 + day.day
        for one in values:
            rate = None
            if one is not None and one.amount is not None and one.currency is not None:
                rate = self._rates.scaled(one.currency, number)
                total += one.amount * (rate or 0)
            if rate is None:
                return
        case.settled.add(CURRENCY)
        total = total.scaleb(-RATE_PLACES)
        if total > rule.limit:
            expected, source = f"at most {rule.limit:f} CNY", self._rates.about.title
            actual = f"{total.normalize():f} CNY by {source} of {day}"
            yield finding(VALUE, path="content.value", expected=expected, actual=actual, rule=rule.id)

    def _goods(self, rule: Rule, content: Sequence[_Piece], case: _Case) -> Iterator[Finding]:
        """Compare the goods with the tables of tax and inspection."""
        headings, absent = self._rules.goods_on(case.day)
        for index, piece in enumerate(content, 1) if headings else ():
            code = piece.commodity_code or piece.hs or ""
            for about, some in headings:
                if code.startswith(some):
                    path = f"content[{index}].commodity_code"
                    yield finding(
                        "B2B-LIST-GOODS", path=path, expected=f"no {about}", actual=code, rule=rule.id
                    )
        if absent:
            yield _not_tested(absent, rule.id, case.position)


def _misfits(mode: Mode, kinds: Collection[str]) -> Iterator[Finding]:
    """Yield the types of orders that do not belong to a mode."""
    for kind in sorted(kinds):
        if mode.order_type and kind != mode.order_type:
            named, path = mode_rule(ORDER_TYPE, mode.code), "order_type"
            yield finding("B2B-ORDER-TYPE", path=path, expected=mode.order_type, actual=kind, rule=named)


def _digits(rule: Rule, content: Sequence[_Piece]) -> Iterator[Finding]:
    """Yield the codes of which only the subheading is given where all digits are asked for."""
    for index, piece in enumerate(content, 1):
        code = piece.commodity_code or ""
        if code and not code[6 : rule.digits].strip("0"):
            path, expected = f"content[{index}].commodity_code", f"{rule.digits} digits that mean something"
            yield finding("B2B-HS-DIGITS", path=path, expected=expected, actual=code, rule=rule.id)


def _known(tx: Transaction, listed: Collection[str], ordered: Collection[str]) -> _Known:
    """Read once what is there about the orders that lists name, and about those that come."""
    types: dict[str, set[str]] = {}
    paid = set[str]()
    for row in tx.contributions(sorted(listed)) if listed else ():
        if row.retired or row.reference.startswith(FROM_PARTNER) or row.function is Function.DELETE:
            continue
        if row.kind is ORDER:
            kind = _words(row.body).item.order_type
            types.setdefault(row.join_key, set()).update((kind,) if kind else ())
        elif row.kind is ContributionKind.PAYMENT:
            paid.add(row.join_key)
    found: dict[str, set[str]] = {}
    for item in tx.items_by_order(sorted(ordered)) if ordered else ():
        if item.record == "item" and item.state == OPEN and item.body:
            trade = _trade(item.body)
            if trade.direction == EXPORT and trade.trade_mode:
                found.setdefault(item.order_key, set()).add(trade.trade_mode)
    return _Known(types, frozenset(paid), found)


def _order_key(one: PackedContribution) -> str:
    """Return the order that a contribution names, empty if none."""
    for key in one.keys:
        if key.startswith("ord:"):
            return key
    return ""


@lru_cache(maxsize=4096)
def _not_tested(absent: str, rule: str, position: int) -> Finding:
    """Return the notice of a test that has no table; every list of a mode gets it, so it is made once."""
    path = "content.commodity_code"
    return finding("B2B-NOT-TESTED", path=path, position=str(position), actual=absent, rule=rule)
