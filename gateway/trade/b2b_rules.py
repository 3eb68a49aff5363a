# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The dated rules of export lists: read, checked, and asked what holds for a mode on a day."""

import tomllib
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from importlib import resources
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import msgspec

from gateway.errors import ConfigError
from gateway.trade.facilitation_rules import Goods

PACKAGED = "packaged"
FILE = "b2b_export.toml"
ABOUT = ("tax", "inspection")
MODE, PILOT, ORDER_TYPE = "B2B-MODE", "B2B-PILOT", "B2B-ORDER-TYPE"
OF_MODES = (MODE, PILOT, ORDER_TYPE)
"""The ids of what `[[mode]]` says; `B2B-PILOT-9710` is the part about one mode."""
_MOST_DAYS = 10_000
"""Days come from outside: what is kept of them is bounded."""

Status: TypeAlias = Literal["verified", "unverified", "sample"]
Prefix: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,4}$")]


class Mode(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A mode that lists may have; before `nationwide` only at pilot offices."""

    code: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{4}$")]
    source: str
    status: Status
    order_type: Literal["", "E", "B", "W"] = ""
    first: date | None = msgspec.field(default=None, name="from")
    nationwide: date | None = None


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One dated rule; `limit` is in RMB."""

    id: Annotated[str, msgspec.Meta(pattern=r"^[A-Z0-9][A-Z0-9-]*$", max_length=40)]
    test: Literal["value", "goods", "digits", "payment"]
    modes: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    source: str
    status: Status
    first: date | None = msgspec.field(default=None, name="from")
    until: date | None = None
    limit: Decimal = Decimal(0)
    digits: Annotated[int, msgspec.Meta(ge=0, le=10)] = 0

    def holds_on(self, day: date) -> bool:
        """Say whether the rule is in force."""
        return (self.first is None or self.first <= day) and (self.until is None or day <= self.until)


class RuleFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file of rules; offices are codes or how they begin."""

    title: str
    source: str
    status: Status
    mode: tuple[Mode, ...]
    rule: tuple[Rule, ...] = ()
    goods: tuple[Goods, ...] = ()
    pilot_offices: tuple[Prefix, ...] = ()
    zones: tuple[Prefix, ...] = ()


class Rules:
    """The rules of a node."""

    def __init__(self, table: RuleFile) -> None:
        """Index a table.

        Raises:
            ConfigError: a mode or rule stands twice, or names a mode that is not there, or ends too early.
        """
        self.modes = {one.code: one for one in table.mode}
        self.goods, self.pilot_offices, self.zones = table.goods, table.pilot_offices, table.zones
        self._rules = table.rule
        self._in_force: dict[tuple[str, date], tuple[Rule, ...]] = {}
        self._goods: dict[date, tuple[Sequence[tuple[str, tuple[str, ...]]], str]] = {}
        if len(self.modes) < len(table.mode) or len({one.id for one in table.rule}) < len(table.rule):
            raise ConfigError("rules of export lists: a mode or a rule stands twice")
        for rule in table.rule:
            if (rule.test == "value") != (rule.limit.is_finite() and rule.limit > 0):
                raise ConfigError(f"rule {rule.id} of export lists: a limit belongs to a test of value")
            if not self.modes.keys() >= set(rule.modes):
                raise ConfigError(f"rule {rule.id} of export lists: unknown mode")
            if rule.first is not None and rule.until is not None and rule.until < rule.first:
                raise ConfigError(f"rule {rule.id} of export lists: ends before it begins")
            if rule.id.startswith(OF_MODES):
                raise ConfigError(f"rule {rule.id} of export lists: the id of what is said of modes")

    def rule(self, name: str) -> Rule | None:
        """Return the rule of a name, whatever its dates."""
        return next((one for one in self._rules if one.id == name), None)

    def of_modes(self, name: str) -> tuple[str, tuple[Mode, ...]]:
        """Return which of `OF_MODES` a name means, and the modes of which it says something; none if none."""
        for kind in OF_MODES:
            said = tuple(one for one in self.modes.values() if _says(kind, one))
            if name == kind:
                return kind, said
            chosen = tuple(one for one in said if name == mode_rule(kind, one.code))
            if chosen:
                return kind, chosen
        return "", ()

    def of(self, mode: str, day: date) -> tuple[Rule, ...]:
        """Return what is in force for a mode on a day."""
        key = (mode, day)
        if key not in self._in_force:
            if len(self._in_force) > _MOST_DAYS:
                self._in_force.clear()
            self._in_force[key] = tuple(r for r in self._rules if mode in r.modes and r.holds_on(day))
        return self._in_force[key]

    def goods_on(self, day: date) -> tuple[Sequence[tuple[str, tuple[str, ...]]], str]:
        """Return the headings in force, each table after what it is about, and of what there is no table."""
        if day not in self._goods:
            if len(self._goods) > _MOST_DAYS:
                self._goods.clear()
            tables = [one for one in self.goods if one.holds_on(day)]
            headings = [
                (about, tuple(heading for one in tables if one.about == about for heading in one.headings))
                for about in ABOUT
            ]
            absent = [about for about in ABOUT if all(one.about != about for one in tables)]
            self._goods[day] = [(about, some) for about, some in headings if some], " and ".join(absent)
        return self._goods[day]


def mode_rule(kind: str, mode: str) -> str:
    """Return the id of what is said of one mode."""
    return f"{kind}-{mode}"


def _says(kind: str, mode: Mode) -> bool:
    """Say whether anything of a kind is said of a mode."""
    if kind == PILOT:
        return mode.nationwide is not None
    return kind == MODE or bool(mode.order_type)


def load_rules(path: str) -> Rules | None:
    """Read a file of rules, or those of the package; none without a path.

    Raises:
        ConfigError: the file is absent or wrong.
    """
    if not path:
        return None
    packaged = path == PACKAGED
    place = resources.files("gateway.trade").joinpath("data", FILE) if packaged else Path(path)
    try:
        table = msgspec.convert(tomllib.loads(place.read_bytes().decode("utf-8")), RuleFile)
    except OSError as error:
        raise ConfigError(f"cannot read the rules of export lists {path}: {error.strerror}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ConfigError(f"rules of export lists {path}: {error}") from error
    return Rules(table)
