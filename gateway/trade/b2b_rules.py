# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The dated rules of export lists: read, checked, and asked what holds for a mode on a day."""

import tomllib
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
        if len(self.modes) < len(table.mode) or len({one.id for one in table.rule}) < len(table.rule):
            raise ConfigError("rules of export lists: a mode or a rule stands twice")
        for rule in table.rule:
            if (rule.test == "value") != (rule.limit.is_finite() and rule.limit > 0):
                raise ConfigError(f"rule {rule.id} of export lists: a limit belongs to a test of value")
            if not self.modes.keys() >= set(rule.modes):
                raise ConfigError(f"rule {rule.id} of export lists: unknown mode")
            if rule.first is not None and rule.until is not None and rule.until < rule.first:
                raise ConfigError(f"rule {rule.id} of export lists: ends before it begins")

    def of(self, mode: str, day: date) -> tuple[Rule, ...]:
        """Return what is in force for a mode on a day."""
        key = (mode, day)
        if key not in self._in_force:
            if len(self._in_force) > 10_000:  # noqa: PLR2004  # days come from outside: keep memory bounded
                self._in_force.clear()
            self._in_force[key] = tuple(r for r in self._rules if mode in r.modes and r.holds_on(day))
        return self._in_force[key]

    def goods_on(self, day: date) -> list[Goods]:
        """Return the tables of goods in force."""
        return [one for one in self.goods if one.holds_on(day)]


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
