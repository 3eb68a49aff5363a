# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Say which facilitations an item gets, while it is assembled: the flags, with their reason, as leaves.

The rules:

1. Items that our own side declares for export under a mode of the rules get flags; those of partners keep
   what they came with. Flags that a submitter of ours claims do not count.
2. The day is that of declaration where stated, else of the border, else the day on which the item is
   assembled. The enterprise is the seller, as the register has it on that day.
3. A party that an item names by a registered code alone gets its registered name.
4. The reason ends with the digests of the rules and, where a value was converted, of the rates.
5. Nothing else of the register reaches an item, and what of the item reaches a partner is for agreements.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from operator import attrgetter
from typing import Any, TypeAlias

import msgspec

from gateway.clock import moment
from gateway.errors import ConfigError
from gateway.exchange.claims import unclaimed
from gateway.exchange.enterprise_ports import Judge, Registered
from gateway.exchange.rows import FROM_PARTNER, ContributionRow
from gateway.model import ContributionKind, Facilitation, Item, Money, Party
from gateway.trade.enterprise_directory import Directory
from gateway.trade.exchange_rates import RATE_PLACES, Rates
from gateway.trade.facilitation_pins import pinned
from gateway.trade.facilitation_rules import Case, Rules
from gateway.trade.statistics_tables import modes

EXPORT = "export"
PARTIES = (
    "seller",
    "sender",
    "platform",
    "declarant",
    "carrier",
    "producer",
    "zone_enterprise",
    "site_operator",
)
LARGEST = 20_000
_parties = attrgetter(*PARTIES)
_replace = msgspec.structs.replace
_NO_TESTS: tuple[str, ...] = ()
_LICENCE = ("licence",)

_Key: TypeAlias = tuple[str, date, str, int, int, tuple[str, ...], bool]


class Facilitator:
    """Judges items; one serves one database thread."""

    def __init__(self, rules: Rules, rates: Rates, directory: Directory | None = None) -> None:
        """Compile the rules.

        Raises:
            ConfigError: the rates are not in RMB, as thresholds are.
        """
        if rates.currency != "CNY":
            raise ConfigError(f"facilitation needs rates in CNY, not {rates.currency}")
        self._rules = rules
        self._rate = rates.scaled
        self._own, self._rates_sha256 = rates.currency, rates.about.sha256
        self._directory = directory or Directory()
        self._limits = [Decimal(one).scaleb(RATE_PLACES) for one in rules.limits]
        self._zone = timedelta(hours=modes().zone_hours)
        self._revision = (0, 0)
        self._verdicts: dict[_Key, Facilitation] = {}

    def begin(self, tx: Registered, now: int) -> Judge:
        """Return what judges the items of one message; nothing is judged while nobody is registered."""
        revision = self._directory.refresh(tx)
        if revision != self._revision:
            self._verdicts.clear()
            self._revision = revision
        if not any(revision):
            return unclaimed
        today, modes_known, judge = (moment(now) + self._zone).date(), self._rules.modes, self._judge

        def judged(item: Item, rows: Sequence[ContributionRow]) -> Item:
            if item.trade_mode not in modes_known or item.direction != EXPORT or not declared_here(rows):
                return unclaimed(item, rows)
            return judge(tx, item, item.declared_on or item.border_date or today)

        return judged

    def _judge(self, tx: Registered, item: Item, day: date) -> Item:
        """Return an item with its flags, and with the names of parties that it knows by code alone."""
        find, seller = self._directory.find, item.seller or item.sender
        version = None
        if seller is not None and seller.identifier is not None:
            version = find(tx, seller.identifier, day)
        applies = _LICENCE if item.licence_number else _NO_TESTS
        if self._rules.goods:
            applies += self._goods(item, day)
        uscc, number = (version.uscc, version.version) if version is not None else ("", 0)
        converted = any(one is not None and one.currency != self._own for one in _worth(item))
        key = (item.trade_mode or "", day, uscc, number, self._band(item, day), applies, converted)
        verdict = self._verdicts.get(key)
        if verdict is None:
            if len(self._verdicts) >= LARGEST:
                self._verdicts.clear()
            case = Case(key[0], day, version, key[4], applies, self._without_table(day))
            verdict = self._verdicts[key] = self._pinned(self._rules.judge(case), converted=converted)
        for party in _parties(item):
            if party is not None and party.name is None and party.identifier is not None:
                return self._named(tx, item, day, verdict)
        return _replace(item, facilitation=verdict)

    def _pinned(self, verdict: Facilitation, *, converted: bool) -> Facilitation:
        """Return flags whose reason says by which files they were given."""
        rates = self._rates_sha256 if converted else ""
        return _replace(verdict, reason=pinned(verdict.reason or "", self._rules.sha256, rates))

    def _named(self, tx: Registered, item: Item, day: date, verdict: Facilitation) -> Item:
        """Return an item with its flags and the registered names of parties without one."""
        said: dict[str, Any] = {"facilitation": verdict}
        for name in PARTIES:
            party: Party | None = getattr(item, name)
            if party is not None and party.name is None and party.identifier is not None:
                version = self._directory.find(tx, party.identifier, day)
                if version is not None:
                    said[name] = _replace(party, name=version.name)
        return _replace(item, **said)

    def _band(self, item: Item, day: date) -> int:
        """Return how many thresholds the value is above, -1 if it is not known in RMB."""
        money = item.goods_value
        if money is not None and money.amount is not None and money.currency is not None:
            rate = self._rate(money.currency, day.year * 10_000 + day.month * 100 + day.day)
            return -1 if rate is None else bisect_left(self._limits, money.amount * rate)
        total, number = Decimal(0), day.year * 10_000 + day.month * 100 + day.day
        for piece in item.content:
            money = piece.value
            if money is None or money.amount is None or money.currency is None:
                return -1
            rate = self._rate(money.currency, number)
            if rate is None:
                return -1
            total += money.amount * rate
        return bisect_left(self._limits, total) if item.content else -1

    def _goods(self, item: Item, day: date) -> tuple[str, ...]:
        """Return the tests that apply because of the headings of the goods."""
        codes = [piece.commodity_code or piece.hs or "" for piece in item.content]
        return tuple(
            sorted(
                {
                    table.about
                    for table in self._rules.goods
                    if table.holds_on(day) and any(code.startswith(table.headings) for code in codes)
                }
            )
        )

    def _without_table(self, day: date) -> tuple[str, ...]:
        """Return the tests for which no table is in force."""
        held = {table.about for table in self._rules.goods if table.holds_on(day)}
        return tuple(test for test in ("tax", "inspection") if test not in held)


def _worth(item: Item) -> Iterator[Money | None]:
    """Yield the values that thresholds are compared with."""
    money = item.goods_value
    if money is not None and money.amount is not None and money.currency is not None:
        yield money
    else:
        yield from (piece.value for piece in item.content)


def declared_here(rows: Sequence[ContributionRow]) -> bool:
    """Say whether our own side declares an item."""
    for row in rows:
        if row.kind is ContributionKind.LIST and not row.reference.startswith(FROM_PARTNER):
            return True
    return False
