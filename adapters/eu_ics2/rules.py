# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What the EU does with a low-value consignment on a day, from dated data with its source."""

import enum
import functools
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from adapters.eu_ics2.tariff import subheading
from gateway.sdk import ContentPiece, Money

_FILE = Path(__file__).parent / "rules.toml"


class Covers(enum.StrEnum):
    """Which reading of the law applies; the sources disagree, so the caller must say."""

    IOSS = "ioss"
    ALL = "all"


class Treatment(enum.StrEnum):
    """What becomes of a consignment."""

    RELIEF = "relief"
    FLAT = "flat"
    STANDARD = "standard"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class LowValueRule:
    """One dated rule; both days are included."""

    id: str
    valid_from: date
    valid_to: date
    threshold: Decimal
    currency: str
    treatment: Treatment
    per_subheading: Decimal
    covers: frozenset[Covers]
    source: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What the rules say; `rule` is the id of the one that spoke, empty if none did.

    `duty` is absent where the rules alone cannot tell it. `reason` says why a treatment is unknown.
    """

    treatment: Treatment
    items: int | None = None
    duty: Money | None = None
    rule: str = ""
    reason: str = ""


@functools.cache
def low_value_rules() -> tuple[LowValueRule, ...]:
    """Return the rules in the order of the file."""
    return tuple(_rule(row) for row in tomllib.loads(_FILE.read_text("utf-8"))["low_value"])


def count_items(content: Sequence[ContentPiece]) -> int | None:
    """Return the number of distinct subheadings of a parcel, `None` if a line states none.

    A silk and a wool blouse are two; two silk blouses on two lines are one.
    """
    found = {subheading(one) for one in content}
    return None if "" in found else len(found)


def judge(  # noqa: PLR0911 - one way out per case of the law
    value: Money, content: Sequence[ContentPiece], day: date, *, covers: Covers, under_ioss: bool
) -> Answer:
    """Say what becomes of a consignment of an intrinsic value on a day.

    The value must be in the currency of the rule; this gateway converts no money.
    """
    rule = next(
        (one for one in low_value_rules() if one.valid_from <= day <= one.valid_to and covers in one.covers),
        None,
    )
    if rule is None:
        return Answer(Treatment.UNKNOWN, reason="no rule for the day")
    if value.amount is None or value.currency != rule.currency:
        return Answer(Treatment.UNKNOWN, rule=rule.id, reason=f"the value is not in {rule.currency}")
    items = count_items(content)
    if value.amount > rule.threshold:
        return Answer(Treatment.STANDARD, items=items, rule=rule.id)
    if rule.treatment is Treatment.RELIEF:
        return Answer(
            Treatment.RELIEF, items=items, duty=Money(amount=Decimal(0), currency=rule.currency), rule=rule.id
        )
    if covers is Covers.IOSS and not under_ioss:
        return Answer(Treatment.STANDARD, items=items, rule=rule.id)
    if items is None:
        return Answer(Treatment.UNKNOWN, rule=rule.id, reason="a line states no subheading of six digits")
    duty = Money(amount=rule.per_subheading * items, currency=rule.currency)
    return Answer(Treatment.FLAT, items=items, duty=duty, rule=rule.id)


def _rule(row: dict[str, Any]) -> LowValueRule:
    return LowValueRule(
        id=row["id"],
        valid_from=row["valid_from"],
        valid_to=row["valid_to"],
        threshold=Decimal(row["threshold"]),
        currency=row["currency"],
        treatment=Treatment(row["treatment"]),
        per_subheading=Decimal(row["per_subheading"]),
        covers=frozenset(map(Covers, row["covers"])),
        source=row["source"],
    )
