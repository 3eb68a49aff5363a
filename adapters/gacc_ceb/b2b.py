# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Dated rules of declaration by list, for the B2B modes 9710 and 9810 above all; the data is in b2b.toml.

Each rule is a finding of the same name. What one document cannot show is said as information, not judged:
whether a payment receipt came before a list, whether an overseas warehouse was filed.
"""

import functools
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from adapters.gacc_ceb.message_type import MessageType
from adapters.gacc_ceb.times import CHINA
from gateway.sdk import Finding, Item, finding

SIMPLIFIED = "A"
FULL_DIGITS = 6
_HEADING = 4
_ZERO = Decimal(0)
_EVER, _NEVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Rule:
    """One dated rule; `of` are trade modes or order types, the empty one where a message has neither.

    It holds from `since` until before `until`, which are midnights of China.
    """

    id: str
    code: str
    messages: frozenset[str]
    of: frozenset[str]
    since: datetime
    until: datetime
    source: str
    limit: Decimal = _ZERO
    currency: str = ""
    digits: int = 0

    def holds(self, at: datetime) -> bool:
        """Say whether the rule holds at a moment."""
        return self.since <= at < self.until


@functools.cache
def _data() -> Mapping[str, Any]:
    """Return the rule file."""
    return tomllib.loads((Path(__file__).parent / "b2b.toml").read_text("utf-8"))


def _midnight(day: date) -> datetime:
    """Return when a day begins in China."""
    return datetime(day.year, day.month, day.day, tzinfo=CHINA).astimezone(UTC)


@functools.cache
def rules() -> tuple[Rule, ...]:
    """Return every rule, whatever its dates."""
    return tuple(
        Rule(
            id=row["id"],
            code=row["code"],
            messages=frozenset(row["messages"]),
            of=frozenset(row["of"]),
            since=_midnight(row["from"]) if "from" in row else _EVER,
            until=_midnight(row["until"] + timedelta(days=1)) if "until" in row else _NEVER,
            source=row["source"],
            limit=Decimal(row.get("limit", "0")),
            currency=row.get("currency", ""),
            digits=row.get("digits", 0),
        )
        for row in _data()["rule"]
    )


def rule_data(name: str) -> Mapping[str, Any] | None:
    """Return a rule by its id as it stands in the file, whatever its dates."""
    return next((row for row in _data()["rule"] if row["id"] == name), None)


@functools.cache
def _concerning(message: str, of: str) -> tuple[Rule, ...]:
    """Return the rules for a message of one mode or type."""
    return tuple(one for one in rules() if message in one.messages and of in one.of)


@functools.cache
def meaningful_digits(trade_mode: str | None, statistics_class: str | None) -> int:
    """Return how many digits of a commodity code mean something."""
    if statistics_class != SIMPLIFIED:
        return FULL_DIGITS
    table = _data()["hs"]
    return int(table["by_mode"].get(trade_mode or "", table["simplified"]))


def check(message: MessageType, item: Item, issued_at: datetime | None, position: str) -> list[Finding]:
    """Return what the rules of the day say of one item; without a time nothing is said."""
    concerned = _concerning(message.name, item.trade_mode or item.order_type or "")
    if not concerned or issued_at is None:
        return []
    return [
        finding(
            code,
            path=path,
            position=position,
            expected=expected,
            actual=actual,
            rule=rule.id,
        )
        for rule in concerned
        if rule.holds(issued_at)
        for code, (path, expected, actual) in _broken(rule, message, item)
    ]


def _broken(rule: Rule, message: MessageType, item: Item) -> Iterator[tuple[str, tuple[str, str, str]]]:
    """Yield code, path, expectation and fact of each breach."""
    match rule.code:
        case "CEB-B2B-LIST-VALUE":
            yield from _value(rule, message, item)
        case "CEB-B2B-LIST-LICENCE":
            if item.licence_number:
                yield rule.code, (f"{message.prefix}licenseNo", "none", item.licence_number)
        case "CEB-B2B-HS-LENGTH":
            for index, piece in enumerate(item.content, 1):
                code = piece.commodity_code or ""
                if code and not code[_HEADING:].strip("0"):
                    path = f"{message.lines}[{index}]/gcode"
                    yield rule.code, (path, f"{rule.digits} digits that mean something", code)
        case "CEB-B2B-MODE-DATE":
            yield rule.code, (f"{message.prefix}tradeMode", "another mode", item.trade_mode or "")
        case _:
            yield rule.code, (message.prefix.rstrip("/") or message.document, "", "")


def _value(rule: Rule, message: MessageType, item: Item) -> Iterator[tuple[str, tuple[str, str, str]]]:
    """Compare the value of all lines with the limit, in the limit's own currency only."""
    values = [piece.value for piece in item.content if piece.value is not None]
    path = f"{message.lines}/totalPrice"
    foreign = sorted({one.currency or "" for one in values} - {rule.currency})
    if foreign:
        yield "CEB-B2B-VALUE-CURRENCY", (path, rule.currency, ", ".join(foreign))
        return
    total = sum((one.amount for one in values if one.amount is not None), _ZERO)
    if total > rule.limit:
        yield rule.code, (path, f"at most {rule.limit:f} {rule.currency}", f"{total:f}")
