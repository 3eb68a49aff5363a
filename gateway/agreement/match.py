# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Which items fall under an agreement, and what such an item still lacks.

Both questions are asked of every item, so each is compiled once for each agreement.
"""

import functools
from collections.abc import Callable, Sequence
from decimal import Decimal

from gateway.agreement.agreement import Agreement, Match
from gateway.agreement.straight import Source, compile_source
from gateway.model import Item

Predicate = Callable[[Item], bool]
Missing = Callable[[Item], tuple[str, ...]]


@functools.lru_cache(maxsize=1024)
def compile_match(agreement: Agreement) -> Predicate:
    """Compile the conditions of an agreement; a condition on an absent value is not met."""
    match = agreement.match
    source = Source()
    for variable, allowed in (
        ("item.destination_country", match.destinations),
        ("item.departure_country", match.departures),
        ("item.direction", match.directions),
        ("item.trade_mode", match.trade_modes),
        ("item.nature_of_transaction", match.natures),
    ):
        if allowed:
            source.add(f"if {variable} not in {source.bind(allowed)}:")
            source.add("    return False")
    if match.modes:
        source.add(f"if item.transport is None or item.transport.mode not in {source.bind(match.modes)}:")
        source.add("    return False")
    if match.values:
        source.add(f"return {source.bind(_in_band(match))}(item)")
    else:
        source.add("return True")
    predicate: Predicate = compile_source(source, "item")
    return predicate


def _in_band(match: Match) -> Predicate:
    """Return the test of the goods value; a currency without a band does not match."""
    lowest, highest = Decimal("-Infinity"), Decimal("Infinity")
    bands = {
        band.currency: (
            lowest if band.minimum is None else band.minimum,
            highest if band.maximum is None else band.maximum,
        )
        for band in match.values
    }

    def inside(item: Item) -> bool:
        value = item.goods_value
        if (
            value is None
            or value.amount is None
            or value.currency not in bands
            or not value.amount.is_finite()
        ):
            return False
        low, high = bands[value.currency]
        return low <= value.amount <= high

    return inside


def missing(agreement: Agreement, item: Item) -> tuple[str, ...]:
    """Return the leaves that the agreement requires and the item lacks, in the order of the agreement.

    A repeated leaf is there only if every repetition has it, and there is at least one.
    """
    return compile_missing(agreement.required)(item)


@functools.lru_cache(maxsize=1024)
def compile_missing(required: tuple[str, ...]) -> Missing:
    """Compile the search for absent leaves."""
    source = Source()
    source.add("lacks = []")
    for path in required:
        with source.block(f"if {_absent('item', path.split('.'))}:"):
            source.add(f"lacks.append({path!r})")
    source.add("return tuple(lacks)")
    lacks: Missing = compile_source(source, "item")
    return lacks


def _absent(variable: str, parts: Sequence[str], depth: int = 0) -> str:
    """Return the expression that is true if a leaf below a record is absent."""
    head, *rest = parts
    inner = f"x{depth}"
    if head.endswith("[]"):
        below = _absent(inner, rest, depth + 1)
        group = f"{variable}.{head.removesuffix('[]')}"
        return f"(not {group} or any([{below} for {inner} in {group}]))"
    reference = f"({inner} := {variable}.{head})"
    if rest:
        return f"({reference} is None or {_absent(inner, rest, depth + 1)})"
    return f"({reference} is None or {inner} == '')"
