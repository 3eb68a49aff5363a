# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0

"""What the statistics know of modes, value bands and chapters: dated data with its source."""

import bisect
import tomllib
from datetime import date, timedelta, timezone
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import TypeVar

import msgspec

from gateway.exchange.rollup_rows import VALUE_PLACES
from gateway.trade.exchange_rates import RATE_PLACES

T = TypeVar("T", bound="Dated")


class Dated(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What all tables state of themselves."""

    title: str
    source: str
    status: str


class Mode(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The mode under which a trade mode code is counted."""

    code: str
    mode: str


class Returned(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The mode of a list whose nature of transaction says that goods come back."""

    nature: str
    direction: str
    mode: str


class ReturnRecord(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The mode of an event that is a return."""

    scheme: str
    code: str
    mode: str


class Modes(Dated, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything about modes; `zone_hours` is the zone of the days."""

    zone_hours: int
    mode: tuple[Mode, ...]
    returned: tuple[Returned, ...]
    record: tuple[ReturnRecord, ...]

    @property
    def zone(self) -> timezone:
        """Return the zone of the days."""
        return timezone(timedelta(hours=self.zone_hours))


class BandPeriod(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The lower bounds of bands from a day on, ascending from 0."""

    first: date = msgspec.field(name="from")
    bounds: tuple[Decimal, ...]


class Bands(Dated, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Value bands."""

    period: tuple[BandPeriod, ...]


class Edition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The chapters from a day on."""

    first: date = msgspec.field(name="from")
    chapters: dict[str, str]


class Chapters(Dated, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Chapters of the Harmonized System."""

    edition: tuple[Edition, ...]


class BandFinder:
    """Finds the band of a value; made once for each period of the table."""

    def __init__(self, bands: Bands) -> None:
        """Compile the table."""
        self._starts = [
            one.first.year * 10_000 + one.first.month * 100 + one.first.day for one in bands.period
        ]
        self._bounds = [
            [int(bound.scaleb(VALUE_PLACES + RATE_PLACES)) for bound in one.bounds] for one in bands.period
        ]
        self._names = [_names([str(bound) for bound in one.bounds]) for one in bands.period]

    def of_day(self, day: int) -> tuple[list[int], list[str]]:
        """Return lower bounds times 10**13 and names of bands; one without a name before the first table."""
        place = bisect.bisect_right(self._starts, day) - 1
        return (self._bounds[place], self._names[place]) if place >= 0 else ([], [""])


def _names(bounds: list[str]) -> list[str]:
    """Return the name of each band; names sort as their bounds do."""
    width = max(len(one) for one in bounds)
    ends = [*bounds[1:], ""]
    return [
        f"{low.zfill(width)}-{high}" if high else f"{low.zfill(width)}+"
        for low, high in zip(bounds, ends, strict=True)
    ]


@cache
def modes() -> Modes:
    """Return the table of modes."""
    return _load("trade_modes.toml", Modes)


@cache
def bands() -> Bands:
    """Return the table of value bands."""
    return _load("value_bands.toml", Bands)


@cache
def chapters() -> Chapters:
    """Return the table of chapters."""
    return _load("hs_chapters.toml", Chapters)


def _load(name: str, kind: type[T]) -> T:
    """Read a table of this package."""
    text = resources.files("gateway.trade").joinpath("data", name).read_text("utf-8")
    return msgspec.convert(tomllib.loads(text), kind)
