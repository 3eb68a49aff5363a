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

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
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
DAY_MS = 86_400_000
LARGEST_VALUE = 10**14  # 10**9 units: above, an amount is a mistake and would crowd out true figures
LARGEST_MASS = 10**12  # 10**7 kg
_KILOGRAMS = {"KGM": Decimal(10**5), "GRM": Decimal(10**2)}
_CHAPTER_DIGITS = 2
_PARTS = Decimal(10**VALUE_PLACES)
_CHAPTERS = frozenset(f"{number:02d}" for number in range(1, 100))
_NOTHING = {"": 0}
_ONCE = (0, 0, 0)

Line: TypeAlias = tuple[str, str, int]
"""Chapter, currency and value; the currency is empty if the line has no value that counts."""

Facts: TypeAlias = tuple[int, str, str, str, str, str, int, tuple[Line, ...]]
"""Day, direction, mode, country, office, band, mass and lines."""

Counted: TypeAlias = tuple[int, str, Facts | None]
"""The day on which the record came, its class, and what was counted of it."""

Cubes: TypeAlias = tuple[
    dict[tuple[str, str], Amounts], dict[tuple[str, str, str], Amounts], dict[tuple[str, str], Amounts]
]
"""Of one day, direction and mode: by chapter, by office and country, by band; each by currency too."""

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Counted)


class CensusTables:
    """What a census needs to know, prepared once."""

    def __init__(self, rates: Rates) -> None:
        """Compile the tables."""
        table = modes()
        self.rate = rates.scaled
        self.currency = rates.currency
        self.unit = 10**RATE_PLACES
        self.band = BandFinder(bands()).find
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
        self._day: tuple[int, int] = (-1, 0)

    def item(
        self, item: Item, state: str, rows: Sequence[ContributionRow], created_at: int, before: str
    ) -> str:
        """Count an item that is merged from `rows`; return what was counted."""
        group, mode = self._class(item, state, rows)
        return self._settle((self._came(created_at), *self._facts(item, group, mode, None)), before)

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
        return self._settle((self._came(created_at), *self._facts(item, group, mode, day)), before)

    def recall(self, counted: str) -> None:
        """Count once more what was counted of a record."""
        self._spread(_decoder.decode(counted), 1)

    def _settle(self, counted: Counted, before: str) -> str:
        """Take back what was counted before, and count anew."""
        kept = _encoder.encode(counted).decode()
        if kept != before:
            if before:
                self._spread(_decoder.decode(before), -1)
            self._spread(counted, 1)
        return kept

    def _class(self, item: Item, state: str, rows: Sequence[ContributionRow]) -> tuple[str, str]:
        """Return the class of an item, and its mode if it is counted."""
        if state != OPEN:
            return ("cancelled" if state == CANCELLED else "deleted" if state == DELETED else state), ""
        for row in rows:
            if row.kind is LIST and _is_own(row):
                break
        else:
            return _undeclared(rows), ""
        direction = item.direction or ""
        nature = item.nature_of_transaction
        mode = self._tables.returned.get((nature, direction)) if nature else None
        mode = mode or self._tables.modes.get(item.trade_mode or "")
        return (COUNTED, mode) if mode else ("unknown mode", "")

    def _facts(self, item: Item, group: str, mode: str, at: date | None) -> tuple[str, Facts | None]:
        """Return the class of a record and what is counted of it."""
        if group != COUNTED:
            return group, None
        stated = at or item.declared_on or item.border_date
        if stated is None:
            return "no day", None
        day = stated.year * 10_000 + stated.month * 100 + stated.day
        direction = item.direction or ""
        country = item.destination_country if direction == "export" else item.departure_country
        lines = _lines(item)
        mass = NO_MASS if item.gross_mass is None else _mass(item.gross_mass)
        office = item.declaration_office or ""
        return group, (day, direction, mode, country or "", office, self._band(day, lines), mass, lines)

    def _band(self, day: int, lines: tuple[Line, ...]) -> str:
        """Return the band of a value that may be in several currencies."""
        scaled, valued, tables = 0, False, self._tables
        if len(lines) == 1 and lines[0][1] == tables.currency:
            return tables.band(day, lines[0][2] * tables.unit)
        for _, currency, value in lines:
            if currency:
                rate = tables.rate(currency, day)
                if rate is None:
                    return NOT_CONVERTED
                scaled += value * rate
                valued = True
        return tables.band(day, scaled) if valued else NO_VALUE

    def _came(self, created_at: int) -> int:
        """Return the day of a moment; most records of a message came at the same."""
        number = (created_at + self._tables.zone_ms) // DAY_MS
        if self._day[0] != number:
            day = moment(number * DAY_MS)
            self._day = number, day.year * 10_000 + day.month * 100 + day.day
        return self._day[1]

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
            cubes = self._heads[head] = ({}, {}, {})
        weighed, kilograms = (0, 0) if mass == NO_MASS else (sign, sign * mass)
        chapter, currency, value = lines[0]
        by_chapter = {chapter: value}
        for other, money, more in lines[1:]:
            if money != currency:
                _spread_mixed(cubes, facts, sign)
                return
            by_chapter[other] = by_chapter.get(other, 0) + more
            value += more
        if len(by_chapter) == 1:
            _add(cubes[0], (chapter, currency), sign, sign * value, weighed, kilograms)
        else:
            for chapter, part in by_chapter.items():
                _add(cubes[0], (chapter, currency), sign, sign * part, 0, 0)
        _add(cubes[1], (office, country, currency), sign, sign * value, weighed, kilograms)
        _add(cubes[2], (band, currency), sign, sign * value, weighed, kilograms)

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
        lines.append((chapter, *_value(piece.value)))
    return tuple(lines)


def _value(money: Money | None) -> tuple[str, int]:
    """Return currency and amount; an empty currency if there is no amount that counts."""
    if money is None:
        return "", 0
    amount, currency = money.amount, money.currency
    if amount is None or not currency:
        return "", 0
    value = int(amount * _PARTS)
    return (currency, value) if 0 <= value <= LARGEST_VALUE else ("", 0)


def _mass(mass: Mass) -> int:
    """Return a mass in 10**-5 kg, `NO_MASS` if it is none that counts."""
    factor = _KILOGRAMS.get(mass.unit or "")
    if mass.value is None or factor is None:
        return NO_MASS
    value = int(mass.value * factor)
    return value if 0 <= value <= LARGEST_MASS else NO_MASS
