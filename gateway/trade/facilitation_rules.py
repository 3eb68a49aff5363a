# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The dated rules of facilitation: read, checked, and asked which flags a case gets."""

import hashlib
import tomllib
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from gateway.errors import ConfigError
from gateway.model import Facilitation
from gateway.trade.enterprise import Version

FLAGS = ("simplified", "priority_inspection", "transfer")

Test = Literal["licence", "tax", "inspection"]


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a flag is given; `value_limit` is in RMB, `levels` and `without_levels` are credit levels.

    `needs_area` asks for an enterprise registered in some zone or pilot area.
    """

    id: Annotated[str, msgspec.Meta(pattern=r"^[A-Z0-9][A-Z0-9-]*$", max_length=40)]
    flag: Literal["simplified", "priority_inspection", "transfer"]
    modes: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    first: date = msgspec.field(name="from")
    gives: str
    source: str
    status: Literal["verified", "unverified", "sample"]
    until: date | None = None
    value_limit: Decimal | None = None
    refuses: tuple[Test, ...] = ()
    levels: tuple[str, ...] = ()
    without_levels: tuple[str, ...] = ()
    needs_area: bool = False

    def holds_on(self, day: date) -> bool:
        """Say whether the rule is in force."""
        return self.first <= day and (self.until is None or day <= self.until)


class Goods(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Headings under which goods are subject to tax or inspection when exported."""

    about: Literal["tax", "inspection"]
    first: date = msgspec.field(name="from")
    source: str
    status: Literal["verified", "unverified", "sample"]
    headings: Annotated[
        tuple[Annotated[str, msgspec.Meta(pattern=r"^[0-9]{2,10}$")], ...], msgspec.Meta(min_length=1)
    ]
    until: date | None = None

    def holds_on(self, day: date) -> bool:
        """Say whether the table is in force."""
        return self.first <= day and (self.until is None or day <= self.until)


class RuleFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file of rules; `credit_levels` are all that its operator registers."""

    title: str
    source: str
    status: str
    rule: tuple[Rule, ...]
    credit_levels: tuple[str, ...] = ()
    goods: tuple[Goods, ...] = ()


class Case(msgspec.Struct, frozen=True):
    """What decides: few enough values that verdicts can be kept.

    `band` counts the thresholds that the value is above, -1 if it is not known in RMB. `applies` names the
    tests that apply, `unchecked` those for which there is no table.
    """

    mode: str
    day: date
    enterprise: Version | None
    band: int
    applies: tuple[str, ...]
    unchecked: tuple[str, ...]


class Rules:
    """The rules of a node."""

    def __init__(self, table: RuleFile, digest: str) -> None:
        """Index a table.

        Raises:
            ConfigError: a rule is there twice, ends before it begins, or names an unknown credit level.
        """
        self.sha256 = digest
        self.modes = frozenset(mode for one in table.rule for mode in one.modes)
        self.limits = sorted({one.value_limit for one in table.rule if one.value_limit is not None})
        self.goods = table.goods
        known = self._levels = frozenset(table.credit_levels)
        if len({one.id for one in table.rule}) < len(table.rule):
            raise ConfigError("facilitation: a rule stands twice")
        for one in table.rule:
            if not known.issuperset((*one.levels, *one.without_levels)):
                raise ConfigError(f"facilitation rule {one.id}: unknown credit level")
            if one.until is not None and one.until < one.first:
                raise ConfigError(f"facilitation rule {one.id}: ends before it begins")
        self._by_flag = {flag: [one for one in table.rule if one.flag == flag] for flag in FLAGS}

    def judge(self, case: Case) -> Facilitation:
        """Return all flags of a case with the rule, source and first day that each rests on."""
        flags, reasons = {}, []
        for flag in FLAGS:
            flags[flag], reason = self._flag(flag, case)
            reasons.append(f"{flag} {flags[flag]}: {reason}")
        return Facilitation(**flags, reason="; ".join(reasons))

    def _flag(self, flag: str, case: Case) -> tuple[str, str]:
        """Return a flag and why."""
        why = f"no rule for mode {case.mode} on {case.day}"
        for one in self._by_flag[flag]:
            if case.mode not in one.modes or not one.holds_on(case.day):
                continue
            lacks = ", ".join(self._lacks(one, case))
            cited = f"{one.id} ({one.source}; from {one.first}; {one.status})"
            if not lacks:
                open_tests = [test for test in one.refuses if test in case.unchecked]
                left = f", not checked: {' and '.join(open_tests)}" if open_tests else ""
                return "yes", f"{cited} gives {one.gives}{left}"
            why = f"{cited} lacks {lacks}"
        return "no", why

    def _lacks(self, rule: Rule, case: Case) -> Iterator[str]:
        """Yield the conditions of a rule that a case does not meet."""
        if case.enterprise is None:
            yield "a registered enterprise"
            return
        level = case.enterprise.level(case.day)
        if level and level not in self._levels and (rule.levels or rule.without_levels):
            yield "a credit level that the rules know"
        elif (rule.levels and level not in rule.levels) or level in rule.without_levels:
            yield "the credit level"
        if rule.needs_area and not case.enterprise.areas:
            yield "a zone or pilot area of the enterprise"
        if rule.value_limit is not None:
            if case.band < 0:
                yield "a value in RMB"
            elif case.band > self.limits.index(rule.value_limit):
                yield f"a value up to RMB {rule.value_limit}"
        for test in rule.refuses:
            if test in case.applies:
                yield f"freedom from {test}"


def load_rules(path: str) -> Rules | None:
    """Read a file of rules; none without a path.

    Raises:
        ConfigError: the file is absent or wrong.
    """
    if not path:
        return None
    try:
        raw = Path(path).read_bytes()
        table = msgspec.convert(tomllib.loads(raw.decode("utf-8")), RuleFile)
    except OSError as error:
        raise ConfigError(f"cannot read the facilitation rules {path}: {error.strerror}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ConfigError(f"facilitation rules {path}: {error}") from error
    return Rules(table, hashlib.sha256(raw).hexdigest())
