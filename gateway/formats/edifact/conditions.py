# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Dependencies between parts of a segment or of a group instance (ISO 9735-1, dependency notes D1 to D7).

Syntax only: a condition speaks of which parts are present. What their values mean together is a matter of
rules, which live with the mappings.
"""

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter

from gateway.formats.edifact.guide import Condition, Value, Values

# What a kind is called, and whether it holds among values, of which empty ones are absent.
KINDS: Mapping[str, tuple[str, Callable[[Sequence[Value]], bool]]] = {
    "one": ("exactly one of", lambda has: sum(map(bool, has)) == 1),
    "all-or-none": ("all or none of", lambda has: all(has) or not any(has)),
    "one-or-more": ("one or more of", any),
    "one-or-none": ("at most one of", lambda has: sum(map(bool, has)) <= 1),
    "if-first-then-all": ("with the first all of", lambda has: not has[0] or all(has)),
    "if-first-then-one": ("with the first at least one more of", lambda has: not has[0] or any(has[1:])),
    "if-first-then-none": ("with the first none of", lambda has: not has[0] or not any(has[1:])),
}


def holds(condition: Condition, values: Mapping[str, Value]) -> bool:
    """Say whether a condition holds among named values."""
    if condition.when_field and values.get(condition.when_field) not in condition.when_values:
        return True
    return KINDS[condition.kind][1]([values.get(name, "") for name in condition.of])


def compile_condition(condition: Condition, names: Sequence[str]) -> Callable[[Values], bool]:
    """Return what says of the values of a segment whether they break a condition."""
    places = [names.index(name) for name in condition.of]
    test = KINDS[condition.kind][1]
    # A slice, so that one place alone does not come back bare.
    pick = itemgetter(*places) if len(places) > 1 else itemgetter(slice(places[0], places[0] + 1))
    if not condition.when_field:
        return lambda values: not test(pick(values))
    when, allowed = names.index(condition.when_field), condition.when_values
    return lambda values: values[when] in allowed and not test(pick(values))


def expected(condition: Condition) -> str:
    """Return what a condition asks for, in words."""
    return condition.text or f"{KINDS[condition.kind][0]} {', '.join(condition.of)}"
