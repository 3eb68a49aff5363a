# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0

"""Dated exchange rates: a day and currency without a rate are not converted, never guessed.

Rates are exact decimals; sums are whole numbers, so that the order of adding changes nothing.
"""

import hashlib
import tomllib
from datetime import date, timedelta
from decimal import Decimal
from importlib import resources
from itertools import pairwise
from pathlib import Path
from typing import Annotated

import msgspec

from gateway.errors import ConfigError

RATE_PLACES = 8
_SCALE: int = 10**RATE_PLACES
_LAST_MONTH = 10**7
SAMPLE = "exchange_rates_sample.toml"


class Period(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one unit of a currency is worth from a day to a last day."""

    currency: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{3}$")]
    first: date = msgspec.field(name="from")
    until: date
    rate: Decimal


class RateFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of rates; `status` is verified, unverified or sample."""

    title: str
    source: str
    status: str
    currency: str
    rates: tuple[Period, ...]


class RateSource(msgspec.Struct, frozen=True, kw_only=True):
    """Which rates stand behind converted figures."""

    title: str
    source: str
    status: str
    currency: str
    sha256: str


class Rates:
    """The rates of a node."""

    def __init__(self, table: RateFile, digest: str) -> None:
        """Index a table.

        Raises:
            ConfigError: two rates are for the same day, or one is no positive number of few enough places.
        """
        self.about = RateSource(
            title=table.title,
            source=table.source,
            status=table.status,
            currency=table.currency,
            sha256=digest,
        )
        self.currency = table.currency
        self._periods: dict[str, list[tuple[int, int, int]]] = {}
        self._known: dict[tuple[str, int], int | None] = {}
        changes: dict[str, set[date]] = {}
        for one in sorted(table.rates, key=lambda each: (each.currency, each.first)):
            scaled = one.rate * _SCALE
            if not one.rate.is_finite() or one.rate <= 0 or scaled != scaled.to_integral_value():
                raise ConfigError(f"rate of {one.currency} from {one.first}: not a positive number")
            if one.until < one.first:
                raise ConfigError(f"rate of {one.currency} from {one.first}: ends before it begins")
            known = self._periods.setdefault(one.currency, [])
            known.append((_day(one.first), _day(one.until), int(scaled)))
            changes.setdefault(one.currency, set()).update((one.first, one.until + timedelta(days=1)))
        for currency, known in self._periods.items():
            if any(later[0] <= earlier[1] for earlier, later in pairwise(known)):
                raise ConfigError(f"rates of {currency}: two for the same day")
        last = {one.currency: one.until for one in sorted(table.rates, key=lambda each: each.until)}
        self.covered_until = min(last.values(), default=None)
        """The last day for which every currency of the table has a rate; none if the table is empty."""
        self._broken = frozenset(
            (currency, _day(one) // 100)
            for currency, days in changes.items()
            for one in days
            if one.day != 1 and currency != self.currency
        )
        self._broken_months = frozenset(month for _, month in self._broken)

    def scaled(self, currency: str, day: int) -> int | None:
        """Return the rate of a day (20261123) times 10**8, none if there is none."""
        if currency == self.currency:
            return _SCALE
        key = (currency, day)
        if key not in self._known:
            self._known[key] = self._find(currency, day)
        return self._known[key]

    def changes_within(self, month: int) -> bool:
        """Say whether some rate changes, begins or ends inside a month (202611)."""
        return month in self._broken_months

    def of_period(self, currency: str, period: int) -> int | None:
        """Return the scaled rate of a day or a month; 0 for a month in which it changes: its days tell."""
        if period > _LAST_MONTH:
            return self.scaled(currency, period)
        return 0 if self._changes(currency, period) else self.scaled(currency, period * 100 + 1)

    def of_day_alone(self, currency: str, day: int) -> int | None:
        """Return the scaled rate of a day; 0 if it is that of the whole month."""
        return self.scaled(currency, day) if self._changes(currency, day // 100) else 0

    def _changes(self, currency: str, month: int) -> bool:
        """Say whether the rate of a currency changes inside a month."""
        return (currency, month) in self._broken

    def _find(self, currency: str, day: int) -> int | None:
        for first, until, rate in self._periods.get(currency, ()):
            if first <= day <= until:
                return rate
        return None


def load_rates(path: str = "") -> Rates:
    """Read a file of rates, the invented sample without one.

    Raises:
        ConfigError: the file is absent or wrong.
    """
    place = Path(path) if path else resources.files("gateway.trade").joinpath("data", SAMPLE)
    try:
        raw = place.read_bytes()
        table = msgspec.convert(tomllib.loads(raw.decode("utf-8")), RateFile)
    except OSError as error:
        raise ConfigError(f"cannot read the rates {path}: {error.strerror}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ConfigError(f"rates {path}: {error}") from error
    return Rates(table, hashlib.sha256(raw).hexdigest())


def _day(one: date) -> int:
    """Return a day as a whole number."""
    return one.year * 10_000 + one.month * 100 + one.day
