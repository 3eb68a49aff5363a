# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The dated rules of returns: read, checked, and asked for a verdict with its source."""

import calendar
import hashlib
import tomllib
from datetime import date, timedelta, timezone
from importlib import resources
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from gateway.errors import ConfigError

PACKAGED = "packaged"
MONTHS = 12
RETURN, RELIEF, ZONE = "return", "relief", "zone"
YES, NO, UNKNOWN = "yes", "no", "unknown"
_FILE = "return_rules.toml"

Direction = Literal["export", "import"]
Status = Literal["verified", "second-hand", "unverified", "sample"]


class Ruling(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a rule says of a return: `verdict` is yes, no or unknown.

    `basis` is the leaf that `counted_from` was read from, `unchecked` what a person must see to.
    """

    about: str
    verdict: str
    reason: str
    rule: str = ""
    source: str = ""
    status: str = ""
    counted_from: date | None = None
    basis: str = ""
    last_day: date | None = None
    unchecked: tuple[str, ...] = ()


class _Dated(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule that is in force from a day, until a day or further notice."""

    id: Annotated[str, msgspec.Meta(pattern=r"^[A-Z0-9][A-Z0-9-]*$", max_length=40)]
    modes: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    first: date = msgspec.field(name="from")
    source: str
    status: Status
    until: date | None = None
    unchecked: tuple[str, ...] = ()

    def holds_on(self, day: date) -> bool:
        """Say whether the rule is in force."""
        return self.first <= day and (self.until is None or day <= self.until)


class Clock(_Dated, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long goods exported, or imported, on a day of its period may come back."""

    about: Literal["return", "relief"]
    direction: Direction
    months: int = 0
    days: int = 0

    def last_day(self, start: date) -> date:
        """Return the last day on which goods are back in time."""
        if self.days:
            return start + timedelta(days=self.days)
        month = start.month - 1 + self.months
        year, month = start.year + month // MONTHS, month % MONTHS + 1
        return date(year, month, min(start.day, calendar.monthrange(year, month)[1]))


class Zone(_Dated, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When goods may come back at another office; `pilot`: only at those that the configuration names."""

    pilot: bool = False
    needs_site: bool = False


class Form(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a return is declared; without a message by full declaration."""

    mode: str
    direction: Direction
    source: str
    status: Status
    message: str = ""
    code: str = ""


class Matching(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What each piece of evidence is worth, in per cent."""

    automatic: int
    apart: int
    list_number: int
    tracking_number: int
    order_number: int
    exporter: int
    goods: int
    country: int
    other_goods: int
    other_country: int


class ReturnFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file of rules."""

    title: str
    source: str
    status: str
    zone_hours: Annotated[int, msgspec.Meta(ge=-12, le=14)]
    matching: Matching
    clock: tuple[Clock, ...]
    zone: tuple[Zone, ...] = ()
    form: tuple[Form, ...] = ()


class ReturnRules:
    """The rules of a node; `pilots` are the offices, or the first digits of offices, of a pilot.

    `releasers` are the submitters whose receipts say when a list was released: `name` for bare messages,
    `name|sender` for those in envelopes of that sender.
    """

    def __init__(
        self,
        table: ReturnFile,
        digest: str,
        pilots: tuple[str, ...] = (),
        releasers: tuple[str, ...] = (),
    ) -> None:
        """Check a table.

        Raises:
            ConfigError: a rule is there twice, ends before it begins, or a clock does not say how long.
        """
        dated: tuple[_Dated, ...] = (*table.clock, *table.zone)
        if len({one.id for one in dated}) < len(dated):
            raise ConfigError("returns: a rule stands twice")
        for one in dated:
            if one.until is not None and one.until < one.first:
                raise ConfigError(f"return rule {one.id}: ends before it begins")
        for clock in table.clock:
            if (clock.months > 0) is (clock.days > 0):
                raise ConfigError(f"return rule {clock.id}: gives not exactly one of months and days")
        self.sha256 = digest
        self.matching = table.matching
        self.zone = timezone(timedelta(hours=table.zone_hours))
        self._table = table
        self._pilots = pilots
        self.releasers = frozenset(one if "|" in one else f"{one}|" for one in releasers)

    def form(self, mode: str, direction: str) -> Form | None:
        """Return how a return of goods of a mode is declared."""
        chosen = (one for one in self._table.form if (one.mode, one.direction) == (mode, direction))
        return next(chosen, None)

    def clock(
        self, about: str, *, mode: str, direction: str, start: tuple[date, str] | None, day: date
    ) -> Ruling:
        """Say whether goods are back in time; `start` is the day of the export and the leaf that says it."""
        if start is None:
            return Ruling(about=about, verdict=UNKNOWN, reason="the day of the original is not known")
        begun, basis = start
        for one in self._table.clock:
            if (one.about, one.direction) != (about, direction) or mode not in one.modes:
                continue
            if not one.holds_on(begun):
                continue
            last = one.last_day(begun)
            late = f"on {day}, last day {last}"
            return Ruling(
                about=about,
                verdict=YES if begun <= day <= last else NO,
                reason=f"back {late}" if day <= last else f"back too late: {late}",
                rule=one.id,
                source=one.source,
                status=one.status,
                counted_from=begun,
                basis=basis,
                last_day=last,
                unchecked=one.unchecked,
            )
        reason = f"no rule for mode {mode or 'unknown'} and a day {begun}"
        return Ruling(about=about, verdict=UNKNOWN, reason=reason)

    def across(self, *, mode: str, original: str, office: str, site: str, day: date) -> Ruling:
        """Say whether goods may come back at an office."""
        if not original:
            return Ruling(about=ZONE, verdict=UNKNOWN, reason="the office of the original is not known")
        if office == original:
            return Ruling(about=ZONE, verdict=YES, reason="the office of the original")
        why, refused = f"no rule allows mode {mode or 'unknown'} at another office on {day}", None
        for one in self._table.zone:
            if mode not in one.modes or not one.holds_on(day):
                continue
            ruling = Ruling(
                about=ZONE,
                verdict=YES,
                reason=f"{office} for {original}",
                rule=one.id,
                source=one.source,
                status=one.status,
                unchecked=one.unchecked,
            )
            if one.pilot and not office.startswith(self._pilots or ("-",)):
                lacks = "office is no configured pilot office"
            elif one.needs_site and not site:
                lacks = "no supervised site is named"
            else:
                return ruling
            refused = msgspec.structs.replace(ruling, verdict=NO, reason=lacks)
        return refused or Ruling(about=ZONE, verdict=NO, reason=why)


def load_return_rules(
    path: str, pilots: tuple[str, ...] = (), releasers: tuple[str, ...] = ()
) -> ReturnRules | None:
    """Read a file of rules, those of the package for `packaged`; none without a path.

    Raises:
        ConfigError: the file is absent or wrong.
    """
    if not path:
        return None
    if any(not one.isdigit() for one in pilots):
        raise ConfigError("returns: a pilot office is not a number of customs, or the first digits of some")
    place = resources.files("gateway.trade").joinpath("data", _FILE) if path == PACKAGED else Path(path)
    try:
        raw = place.read_bytes()
        table = msgspec.convert(tomllib.loads(raw.decode("utf-8")), ReturnFile)
    except OSError as error:
        raise ConfigError(f"cannot read the return rules {path}: {error.strerror}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ConfigError(f"return rules {path}: {error}") from error
    return ReturnRules(table, hashlib.sha256(raw).hexdigest(), pilots, releasers)
