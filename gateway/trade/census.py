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
from gateway.model import ContentPiece, ContributionKind, Function, Item, Mass
from gateway.trade.exchange_rates import Rates
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
_CHAPTER = slice(2)
_CHAPTERS = {chapter: chapter for chapter in (f"{number:02d}" for number in range(1, 100))}
_NOTHING = {"": 0}
_ONCE = (0, 0, 0)
_PARTNER = slice(len(FROM_PARTNER))
_new_amounts = [0, 0, 0, 0].copy

Line: TypeAlias = tuple[str, str, int]
"""Chapter, currency and value; the currency is empty if the line has no value that counts."""

Facts: TypeAlias = tuple[int, str, str, str, str, str, int, tuple[Line, ...]]
"""Day, direction, mode, country, office, band, mass and lines."""

Counted: TypeAlias = tuple[int, str, Facts | None]
"""The day on which the record came, its class, and what was counted of it."""

Wholes: TypeAlias = defaultdict[tuple[int, int, str, str, str, str, str, str], Amounts]
"""Items by the day on which they came, day, direction, mode, country, office, band and currency.

Every cube but that of chapters follows from it, and the class of what is counted.
"""

Chapters: TypeAlias = defaultdict[tuple[int, str, str, str, str], Amounts]
"""Items by day, direction, mode, chapter and currency."""

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
    """Counts the records of one message.

    What one record states is kept for the next, which mostly states the same: day, bands and rate.
    """

    __slots__ = (
        "_bands",
        "_bounds",
        "_came_at",
        "_came_on",
        "_chapters",
        "_classes",
        "_currency",
        "_day",
        "_rate",
        "_stated",
        "_tables",
        "_wholes",
    )

    def __init__(self, tables: CensusTables) -> None:
        """Begin with nothing."""
        self._classes: defaultdict[tuple[int, str], int] = defaultdict(int)
        self._wholes: Wholes = defaultdict(_new_amounts)
        self._chapters: Chapters = defaultdict(_new_amounts)
        self._tables = tables
        self._came_at = self._came_on = self._day = -1
        self._stated: date | None = None
        self._currency = ""
        self._rate: int | None = None
        self._bounds: list[int] = []
        self._bands: list[str] = []

    def item(
        self, item: Item, state: str, rows: Sequence[ContributionRow], created_at: int, before: str
    ) -> str:
        """Count an item that is merged from `rows`; return what was counted."""
        group, mode = self._class(item, state, rows)
        stated = item.declared_on or item.border_date
        return self._settle(item, group, mode, stated, created_at, before)

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
        stated = day or item.declared_on or item.border_date
        return self._settle(item, group, mode, stated, created_at, before)

    def recall(self, counted: str) -> None:
        """Count once more what was counted of a record."""
        self._spread(_decoder.decode(counted), 1)

    def _settle(  # noqa: PLR0917 - names cost 0.1 microseconds on the hottest path
        self, item: Item, group: str, mode: str, stated: date | None, created_at: int, before: str
    ) -> str:
        """Take back what was counted before, and count anew; return what was counted."""
        if self._came_at != created_at:  # most records of a message came at the same moment
            came = moment(created_at + self._tables.zone_ms)
            self._came_at, self._came_on = created_at, _number(came)
        facts: Facts | None = None
        if group == COUNTED:
            if stated is None:
                group = "no day"
            else:
                facts = self._facts(item, mode, stated)
        counted = (self._came_on, group, facts)
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
            if row.kind is LIST and row.function is not DELETE and row.reference[_PARTNER] != FROM_PARTNER:
                break
        else:
            return _undeclared(rows), ""
        direction = item.direction or ""
        nature = item.nature_of_transaction
        mode = self._tables.returned.get((nature, direction)) if nature else None
        mode = mode or self._tables.modes.get(item.trade_mode or "")
        return (COUNTED, mode) if mode else ("unknown mode", "")

    def _facts(self, item: Item, mode: str, stated: date) -> Facts:
        """Return what is counted of an item."""
        if stated != self._stated:  # most items of a message state the same day
            self._stated, self._day, self._currency = stated, _number(stated), ""
            self._bounds, self._bands = self._tables.bands_of(self._day)
        direction = item.direction or ""
        country = item.destination_country if direction == "export" else item.departure_country
        gross = item.gross_mass
        mass = NO_MASS if gross is None else _mass(gross)
        band, lines = self._lines(item.content or (ContentPiece(value=item.goods_value),))
        return self._day, direction, mode, country or "", item.declaration_office or "", band, mass, lines

    def _lines(self, content: Sequence[ContentPiece]) -> tuple[str, tuple[Line, ...]]:
        """Return the band of all lines together; chapter, currency and value of each."""
        lines: list[Line] = []
        scaled, known = 0, True
        last, rate = self._currency, self._rate
        for piece in content:
            chapter = _CHAPTERS.get((piece.hs or piece.commodity_code or "")[_CHAPTER], "")
            money = piece.value
            if money is not None and (amount := money.amount) is not None and (currency := money.currency):
                value = int(amount * _PARTS)
                if 0 <= value <= LARGEST_VALUE:
                    lines.append((chapter, currency, value))
                    if currency != last:
                        self._currency = last = currency
                        self._rate = rate = self._tables.rate(currency, self._day)
                    if rate is None:
                        known = False
                    else:
                        scaled += value * rate
                    continue
            lines.append((chapter, "", 0))
        if not known:
            band = NOT_CONVERTED
        elif scaled or any(currency for _, currency, _ in lines):
            band = self._bands[bisect_right(self._bounds, scaled) - 1]
        else:
            band = NO_VALUE
        return band, tuple(lines)

    def _spread(self, counted: Counted, sign: int) -> None:
        """Add what was counted to the cells, or take it back.

        All of it is written out in place: this is the hottest path, and a call costs as much as what it does.
        """
        came, group, facts = counted
        if facts is None:
            self._classes[came, group] += sign
            return
        day, direction, mode, country, office, band, mass, lines = facts
        chapter, currency, value = lines[0]
        one_chapter = True
        if len(lines) > 1:
            by_chapter = {chapter: value}
            for other, money, more in lines[1:]:
                if money != currency:
                    self._spread_mixed(came, facts, sign)
                    return
                by_chapter[other] = by_chapter.get(other, 0) + more
                value += more
            if len(by_chapter) > 1:
                chapters = self._chapters
                for other, part in by_chapter.items():
                    held = chapters[day, direction, mode, other, currency]
                    held[0] += sign
                    held[1] += sign * part
                one_chapter = False
        value *= sign
        weighed = 0
        if mass == NO_MASS:
            mass = 0
        else:
            weighed = sign
            mass *= sign
        held = self._wholes[came, day, direction, mode, country, office, band, currency]
        held[0] += sign
        held[1] += value
        held[2] += weighed
        held[3] += mass
        if one_chapter:
            held = self._chapters[day, direction, mode, chapter, currency]
            held[0] += sign
            held[1] += value
            held[2] += weighed
            held[3] += mass

    def _spread_mixed(self, came: int, facts: Facts, sign: int) -> None:
        """Add an item whose lines are in several currencies, or not all valued."""
        day, direction, mode, country, office, band, mass, lines = facts
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
            key = (came, day, direction, mode, country, office, band, currency)
            _add(self._wholes, key, once[0], sign * value, once[1], once[2])
            once = _ONCE
        for chapter, within in by_chapter.items():
            once = whole if len(by_chapter) == 1 else (sign, 0, 0)
            for currency, value in (within or _NOTHING).items():
                key_of_chapter = (day, direction, mode, chapter, currency)
                _add(self._chapters, key_of_chapter, once[0], sign * value, once[1], once[2])
                once = _ONCE

    def cells(self) -> Cells:
        """Return the differences that the records make, by cell."""
        found: Cells = {}
        for (came, group), items in self._classes.items():
            found[COVERAGE, came, "", "", group, ""] = [items, 0, 0, 0]
        for chapter, amounts in self._chapters.items():
            found[(CHAPTER, *chapter)] = amounts
        for key, (items, value, weighed, mass) in self._wholes.items():
            came, day, direction, mode, country, office, band, currency = key
            _add(found, (COVERAGE, came, "", "", COUNTED, ""), items, 0, 0, 0)
            for cube, member in ((TOTAL, ""), (COUNTRY, country), (OFFICE, office), (BAND, band)):
                _add(found, (cube, day, direction, mode, member, currency), items, value, weighed, mass)
        return found


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


def _mass(mass: Mass) -> int:
    """Return a mass in 10**-5 kg, `NO_MASS` if it is none that counts."""
    factor = _KILOGRAMS.get(mass.unit or "")
    if mass.value is None or factor is None:
        return NO_MASS
    value = int(mass.value * factor)
    return value if 0 <= value <= LARGEST_MASS else NO_MASS
