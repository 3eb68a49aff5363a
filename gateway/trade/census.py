# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0

"""Count the records of one message: what each of them adds to the roll-ups, and what it takes back.

The rules:

1. An item is counted once, as merged, if a list of our own declares it, its mode is one of the table and it
   states its day. What was counted is kept with the item, so that a correction or cancellation takes back
   exactly that, whatever tables and rates say by then.
2. The day is that of declaration where stated, else of the border; of a return that of its event.
3. The value is the sum of the lines, each in its currency. The band is that of the sum at the rates of the
   day, `not converted` if one is missing.
4. In the cube of chapters an item counts once in each of its chapters, and its mass only if it has one.
5. Each record is in one class of coverage, on the day on which it came.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, TypeAlias

import msgspec

from gateway.clock import moment
from gateway.exchange.rollup_rows import VALUE_PLACES, Amounts, Cells
from gateway.exchange.rows import FROM_PARTNER, ContributionRow
from gateway.exchange.touched import CANCELLED, DELETED, OPEN
from gateway.model import ContributionKind, Function, Item, Mass, Money
from gateway.trade.exchange_rates import RATE_PLACES, Rates
from gateway.trade.statistics_tables import BandFinder, bands, modes

TOTAL, COUNTRY, OFFICE, CHAPTER, BAND, COVERAGE = "total", "country", "office", "chapter", "band", "coverage"
COUNTED = "counted"
LIST, DELETE = ContributionKind.LIST, Function.DELETE
NOT_CONVERTED, NO_VALUE = "not converted", "no value"
NO_MASS = -1
LARGEST_VALUE = 10**14  # 10**9 units: above, an amount is a mistake and would crowd out true figures
LARGEST_MASS = 10**12  # 10**7 kg
_KILOGRAMS = {"KGM": Decimal(10**5), "GRM": Decimal(10**2)}
_PARTS = Decimal(10**VALUE_PLACES)
_CHAPTER_DIGITS = 2
_CHAPTERS = frozenset(f"{number:02d}" for number in range(1, 100))
_NOTHING = {"": 0}
_ONCE = (0, 0, 0)
_new_amounts = [0, 0, 0, 0].copy

Line: TypeAlias = tuple[str, str, int]
"""Chapter, currency and value; the currency is empty if the line has no value that counts."""

Facts: TypeAlias = tuple[int, str, str, str, str, str, int, tuple[Line, ...]]
"""Day, direction, mode, country, office, band, mass and lines."""

Counted: TypeAlias = tuple[int, str, Facts | None]
"""The day on which the record came, its class, and what was counted of it."""

Cubes: TypeAlias = tuple[
    defaultdict[tuple[str, str], Amounts],
    defaultdict[tuple[str, str, str], Amounts],
    defaultdict[tuple[str, str], Amounts],
]
"""Of one day, direction and mode: by chapter, by office and country, by band; each by currency too."""

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Counted)


@lru_cache(1024)  # what comes before its list is counted in few ways, and read back with each list
def _counted(text: str) -> Counted:
    """Return what was counted, as it is kept."""
    counted: Counted = _decoder.decode(text)
    return counted


class CensusTables:
    """What a census needs to know, prepared once."""

    def __init__(self, rates: Rates) -> None:
        """Compile the tables."""
        table = modes()
        self.rate = rates.scaled
        self.currency = rates.currency
        self.unit = 10**RATE_PLACES
        self.bands_of = BandFinder(bands()).of_day
        self.modes = {one.code: one.mode for one in table.mode}
        self.returned = {(one.nature, one.direction): one.mode for one in table.returned}
        self.records = {(one.scheme, one.code): one.mode for one in table.record}
        self.zone = table.zone
        self.zone_ms = table.zone_hours * 3_600_000

    def census(self) -> "Census":
        """Return what counts one message."""
        return Census(self)


class Census:
    """Counts the records of one message."""

    def __init__(self, tables: CensusTables) -> None:
        """Begin with nothing."""
        self._classes: dict[tuple[int, str], int] = {}
        self._heads: dict[tuple[int, str, str], Cubes] = {}
        self._tables = tables
        self._came_at = self._came_on = self._banded = -1
        self._bounds: list[int] = []
        self._bands: list[str] = []

    def item(
        self, item: Item, state: str, rows: Sequence[ContributionRow], created_at: int, before: str
    ) -> str:
        """Count an item that is merged from `rows`; return what was counted."""
        group, mode = self._class(item, state, rows)
        return self._settle(self._counted(item, group, mode, None, created_at), before)

    def record(self, item: Item, record: str, state: str, created_at: int, before: str) -> str:
        """Count another record: a return, or nothing."""
        event = item.event
        if record != "event" or event is None:
            return before
        mode = self._tables.records.get((event.scheme or "", event.code or ""))
        if mode is None:
            return before
        day = event.at.astimezone(self._tables.zone).date() if event.at else None
        group = COUNTED if state == OPEN else "deleted"
        return self._settle(self._counted(item, group, mode, day, created_at), before)

    def recall(self, counted: str) -> None:
        """Count once more what was counted of a record."""
        self._spread(_decoder.decode(counted), 1)

    def _settle(self, counted: Counted, before: str) -> str:
        """Take back what was counted before, and count anew."""
        kept = _encoder.encode(counted).decode()
        if kept != before:
            if before:
                self._spread(_counted(before), -1)
            self._spread(counted, 1)
        return kept

    def _class(self, item: Item, state: str, rows: Sequence[ContributionRow]) -> tuple[str, str]:
        """Return the class of an item, and its mode if it is counted."""
        if state != OPEN:
            return ("cancelled" if state == CANCELLED else "deleted" if state == DELETED else state), ""
        for row in rows:  # as `_is_own`, without a call for each record
            if row.kind is LIST and row.function is not DELETE and not row.reference.startswith(FROM_PARTNER):
                break
        else:
            return _undeclared(rows), ""
        direction = item.direction or ""
        nature = item.nature_of_transaction
        mode = self._tables.returned.get((nature, direction)) if nature else None
        mode = mode or self._tables.modes.get(item.trade_mode or "")
        return (COUNTED, mode) if mode else ("unknown mode", "")

    def _counted(self, item: Item, group: str, mode: str, at: date | None, created_at: int) -> Counted:
        """Return the class of a record and what is counted of it."""
        if self._came_at != created_at:  # most records of a message came at the same moment
            came = moment(created_at + self._tables.zone_ms)
            self._came_at, self._came_on = created_at, _number(came)
        if group != COUNTED:
            return self._came_on, group, None
        stated = at or item.declared_on or item.border_date
        if stated is None:
            return self._came_on, "no day", None
        day = _number(stated)
        direction = item.direction or ""
        country = item.destination_country if direction == "export" else item.departure_country
        office = item.declaration_office or ""
        lines = _lines(item)
        mass = NO_MASS if item.gross_mass is None else _mass(item.gross_mass)
        facts = (day, direction, mode, country or "", office, self._band(day, lines), mass, lines)
        return self._came_on, group, facts

    def _band(self, day: int, lines: tuple[Line, ...]) -> str:
        """Return the band of a value that may be in several currencies."""
        tables = self._tables
        own, unit = tables.currency, tables.unit
        scaled, valued = 0, False
        for _, currency, value in lines:
            if currency:
                rate = unit if currency == own else tables.rate(currency, day)
                if rate is None:
                    return NOT_CONVERTED
                scaled += value * rate
                valued = True
        if not valued:
            return NO_VALUE
        if self._banded != day:
            self._bounds, self._bands = tables.bands_of(day)
            self._banded = day
        return self._bands[bisect_right(self._bounds, scaled) - 1]

    def _spread(self, counted: Counted, sign: int) -> None:
        """Add what was counted to the cells, or take it back."""
        came, group, facts = counted
        key = (came, group)
        self._classes[key] = self._classes.get(key, 0) + sign
        if facts is None:
            return
        day, direction, mode, country, office, band, mass, lines = facts
        head = (day, direction, mode)
        cubes = self._heads.get(head)
        if cubes is None:
            new: Cubes = (defaultdict(_new_amounts), defaultdict(_new_amounts), defaultdict(_new_amounts))
            cubes = self._heads[head] = new
        chapter, currency, value = lines[0]
        by_chapter = {}
        if len(lines) > 1:
            by_chapter[chapter] = value
            for other, money, more in lines[1:]:
                if money != currency:
                    _spread_mixed(cubes, facts, sign)
                    return
                by_chapter[other] = by_chapter.get(other, 0) + more
                value += more
        cells = [cubes[1][office, country, currency], cubes[2][band, currency]]
        if len(by_chapter) <= 1:
            cells.append(cubes[0][chapter, currency])
        else:
            for other, part in by_chapter.items():
                held = cubes[0][other, currency]
                held[0] += sign
                held[1] += sign * part
        weighed, kilograms = (0, 0) if mass == NO_MASS else (sign, sign * mass)
        value *= sign
        for (
            held
        ) in cells:  # in place: this is the hottest loop, and a call would cost as much as what it does
            held[0] += sign
            held[1] += value
            held[2] += weighed
            held[3] += kilograms

    def cells(self) -> Cells:
        """Return the differences that the records make, by cell."""
        found: Cells = {}
        for (came, group), items in self._classes.items():
            found[COVERAGE, came, "", "", group, ""] = [items, 0, 0, 0]
        for head, (chapters, places, in_bands) in self._heads.items():
            for (chapter, currency), amounts in chapters.items():
                found[(CHAPTER, *head, chapter, currency)] = amounts
            for (band, currency), amounts in in_bands.items():
                found[(BAND, *head, band, currency)] = amounts
                _add(found, (TOTAL, *head, "", currency), *amounts)
            for (office, country, currency), amounts in places.items():
                _add(found, (COUNTRY, *head, country, currency), *amounts)
                _add(found, (OFFICE, *head, office, currency), *amounts)
        return found


def _spread_mixed(cubes: Cubes, facts: Facts, sign: int) -> None:
    """Add an item whose lines are in several currencies, or not all valued."""
    *_, country, office, band, mass, lines = facts
    values: dict[str, int] = {}
    by_chapter: dict[str, dict[str, int]] = {}
    for chapter, currency, value in lines:
        within = by_chapter.setdefault(chapter, {})
        if currency:
            values[currency] = values.get(currency, 0) + value
            within[currency] = within.get(currency, 0) + value
    # An item and its mass count once, with its first currency.
    whole = (sign, 0, 0) if mass == NO_MASS else (sign, sign, sign * mass)
    once = whole
    for currency, value in values.items():
        _add(cubes[1], (office, country, currency), once[0], sign * value, once[1], once[2])
        _add(cubes[2], (band, currency), once[0], sign * value, once[1], once[2])
        once = _ONCE
    for chapter, within in by_chapter.items():
        once = whole if len(by_chapter) == 1 else (sign, 0, 0)
        for currency, value in (within or _NOTHING).items():
            _add(cubes[0], (chapter, currency), once[0], sign * value, once[1], once[2])
            once = _ONCE


def _add(  # noqa: PLR0917 - names cost 0.1 microseconds on the hottest path
    to: dict[Any, Amounts], key: Any, items: int, value: int, weighed: int, mass: int
) -> None:
    """Add to a cell."""
    held = to.get(key)
    if held is None:
        to[key] = [items, value, weighed, mass]
    else:
        held[0] += items
        held[1] += value
        held[2] += weighed
        held[3] += mass


def _number(day: date) -> int:
    """Return a day as a whole number."""
    return day.year * 10_000 + day.month * 100 + day.day


def _is_own(row: ContributionRow) -> bool:
    """Say whether words are in force and our own side's."""
    return row.function is not DELETE and not row.reference.startswith(FROM_PARTNER)


def _undeclared(rows: Sequence[ContributionRow]) -> str:
    """Return the class of an item that no list of our own declares."""
    own = {row.kind for row in rows if _is_own(row)}
    if ContributionKind.FILING in own:
        return "other declaration"
    return "no list" if own else "from a partner"


def _lines(item: Item) -> tuple[Line, ...]:
    """Return chapter and value of each line; an item without lines has one of its whole value."""
    if not item.content:
        return (("", *_value(item.goods_value)),)
    lines: list[Line] = []
    for piece in item.content:
        chapter = (piece.hs or piece.commodity_code or "")[:_CHAPTER_DIGITS]
        if chapter not in _CHAPTERS:
            chapter = ""
        money = piece.value
        if money is None or money.amount is None or not money.currency:
            lines.append((chapter, "", 0))
        else:  # as `_value`, without a call for each line
            value = int(money.amount * _PARTS)
            known = 0 <= value <= LARGEST_VALUE
            lines.append((chapter, money.currency, value) if known else (chapter, "", 0))
    return tuple(lines)


def _value(money: Money | None) -> tuple[str, int]:
    """Return currency and amount; an empty currency if there is no amount that counts."""
    if money is None or money.amount is None or not money.currency:
        return "", 0
    value = int(money.amount * _PARTS)
    return (money.currency, value) if 0 <= value <= LARGEST_VALUE else ("", 0)


def _mass(mass: Mass) -> int:
    """Return a mass in 10**-5 kg, `NO_MASS` if it is none that counts."""
    factor = _KILOGRAMS.get(mass.unit or "")
    if mass.value is None or factor is None:
        return NO_MASS
    value = int(mass.value * factor)
    return value if 0 <= value <= LARGEST_MASS else NO_MASS
