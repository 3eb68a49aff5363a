# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""National rules, as dated data (rules.toml), and their judgement of an item.

A value in another currency than that of a threshold is not judged: the adapter has no rates of exchange.
"""

import functools
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from adapters.uk_cds.catalogue import FOLDER
from gateway.sdk import Function, Item


@dataclass(frozen=True, slots=True)
class LowValue:
    """The low-value procedure as it stands from one day up to another."""

    first: date
    until: date
    amount: Decimal
    currency: str
    data_set: str
    reliefs: frozenset[str]
    limited: frozenset[str]

    def faults(self, item: Item) -> Iterator[tuple[str, str]]:
        """Yield what contradicts the rule, as what was expected and what was there."""
        codes = {
            one.code for piece in item.content if piece.filing for one in piece.filing.additional_procedures
        }
        if self.data_set in codes and not codes & self.reliefs:
            yield f"{self.data_set} with {' or '.join(sorted(self.reliefs))}", "without"
        value = _value(item, self.currency)
        if codes & self.limited and value is not None and value > self.amount:
            yield f"at most {self.amount} {self.currency}", f"{value} {self.currency}"


@dataclass(frozen=True, slots=True)
class Response:
    """What a function code of a response means."""

    name: str
    outcome: str
    phase: str


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules of one file."""

    low_value: Sequence[LowValue]
    functions: Mapping[tuple[str, str], Function]
    responses: Mapping[str, Response]
    codes: Mapping[str, str]

    def low_value_on(self, day: date) -> LowValue | None:
        """Return the low-value rule in force on a day."""
        return next((one for one in self.low_value if one.first <= day < one.until), None)

    def function(self, code: str, kind: str) -> Function | None:
        """Return what a declaration does, `None` if its codes have no known meaning."""
        return self.functions.get((code, kind)) or self.functions.get((code, ""))


def load(text: str) -> Rules:
    """Return the rules of a text in the form of rules.toml."""
    document = tomllib.loads(text)
    responses: Mapping[str, Any] = document["response"]
    return Rules(
        low_value=tuple(
            LowValue(
                first=one["from"],
                until=one.get("until", date.max),
                amount=Decimal(one["amount"]),
                currency=one["currency"],
                data_set=one["data_set"],
                reliefs=frozenset(one["reliefs"]),
                limited=frozenset(one["limited"]),
            )
            for one in document["low_value"]
        ),
        functions={(one["code"], one["type"]): Function(one["does"]) for one in document["function"]},
        responses={
            code: Response(one["name"], one["outcome"], one["phase"]) for code, one in responses.items()
        },
        codes={one["outcome"]: code for code, one in responses.items() if one.get("write")},
    )


@functools.cache
def rules() -> Rules:
    """Return the rules that the adapter ships."""
    return load((FOLDER / "rules.toml").read_text("utf-8"))


def _value(item: Item, currency: str) -> Decimal | None:
    """Return the value of all goods, else the invoice total; `None` if any of it is in another currency."""
    values = [piece.value for piece in item.content if piece.value]
    if not values or len(values) < len(item.content):
        values = [item.goods_value] if item.goods_value else []
    amounts = [one.amount for one in values if one.currency == currency and one.amount is not None]
    return sum(amounts, Decimal(0)) if amounts and len(amounts) == len(values) else None
