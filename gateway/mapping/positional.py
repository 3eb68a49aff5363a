# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The short way of reading: where the order of the fields is known, positions take the place of names.

Documents of one sender nearly always have the same fields in the same order. For such an order a function is
generated that knows which fields are there; what is not costs nothing. It answers for sound documents only:
with any fault, blank or surprise it returns `None`, and the full way of `generate_decode` reads again and
says what is wrong. Both give the same item; a property test holds them together (ADR 0020).
"""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from gateway.mapping.generate_decode import Text, construction, field_value
from gateway.mapping.source import Plan, Source, record_at, variable
from gateway.mapping.table import Group
from gateway.model import Item

Written: TypeAlias = tuple[tuple[str, ...], tuple[str, ...]]  # the names of a group's fields, and their texts
_Reader: TypeAlias = Callable[..., Any] | None
_Order: TypeAlias = tuple[int, tuple[str, ...]]
WORTH = 64
"""How often an order of fields must have come before a function is made for it.

Making one costs as much as reading some fifty documents by name, so senders who write every document in
another order, by chance or on purpose, get none.
"""
_MEMORY = 64  # orders of fields with a function of their own
_MOST_SEEN = 1024  # orders that are counted at one time


class Positional:
    """The short way of one table; holds no state but a bounded memory of functions."""

    def __init__(self, plan: Plan, sound: Callable[[str, tuple[str, ...]], bool]) -> None:
        """Take a table; `sound` says whether there is nothing to be said about an order of fields."""
        self._plan = plan
        self._sound = sound
        self._fits = _is_simple(plan)
        self._seen: dict[_Order, int] = {}
        self._readers: dict[_Order, _Reader] = {}

    def read(self, head: Written, lines: Sequence[Written]) -> Item | None:
        """Return the item of a document of one head and its lines, none if the full way must read it."""
        if not self._fits:
            return None
        tags, texts = head
        own = self._reader(0, tags)
        of_lines = [self._reader(1, tags) for tags, _ in lines]
        if own is None or None in of_lines or not self._may_have(len(lines)):
            return None
        faults: list[Any] = []
        bad = faults.append
        pieces = [one(line, bad) for one, (_, line) in zip(of_lines, lines, strict=True) if one is not None]
        item: Item = own(texts, tuple(pieces), bad)
        return None if faults else item

    def _may_have(self, lines: int) -> bool:
        """Say whether a document may have so many lines."""
        if len(self._plan.groups) == 1:
            return not lines
        group = self._plan.groups[1]
        return group.min <= lines <= group.max

    def _reader(self, number: int, tags: tuple[str, ...]) -> _Reader:
        """Return the function for an order of fields, once it has come often enough; the oldest give way."""
        order = (number, tags)
        if order in self._readers:
            return self._readers[order]
        if len(self._seen) >= _MOST_SEEN:
            self._seen.clear()
        self._seen[order] = self._seen.get(order, 0) + 1
        if self._seen[order] < WORTH:
            return None
        if len(self._readers) >= _MEMORY:
            self._readers.pop(next(iter(self._readers)))
        self._readers[order] = self._compile(number, tags)
        return self._readers[order]

    def _compile(self, number: int, tags: tuple[str, ...]) -> _Reader:
        """Return the function that reads a group with these fields; none if there is anything to say."""
        if number >= len(self._plan.groups):
            return None
        group = self._plan.groups[number]
        known = {row.outside for row in group.rows if row.outside}
        absent = (row for row in group.rows if row.required and row.outside not in tags)
        if not known.issuperset(tags) or any(absent) or not self._sound(group.name, tags):
            return None
        source = Source()
        reduced = _reduced(self._plan, number, tags)
        name = _piece(source, reduced, number, tags) if number else _head(source, reduced, tags)
        label = f"{self._plan.table.name} {self._plan.edition} {group.name} in {len(tags)} places"
        return source.build(name, label)  # type: ignore[no-any-return]  # a function of generated source


def _is_simple(plan: Plan) -> bool:
    """Say whether a document is one group about the item, or that and one group of repeated records."""
    first, *others = plan.groups
    if first.target or first.parent or len(others) > 1 or first.max != 1:
        return False
    return all(one.target.endswith("[]") and not one.parent for one in others)


def _reduced(plan: Plan, number: int, tags: Sequence[str]) -> Plan:
    """Return a plan in which a group has only the rows that are there, and constants."""

    def kept(place: int, group: Group) -> Group:
        rows = (row for row in group.rows if place != number or row.constant or row.outside in tags)
        return dataclasses.replace(group, rows=tuple(rows))

    groups = tuple(kept(place, group) for place, group in enumerate(plan.groups))
    return Plan(plan.table, plan.edition, groups, tuple(row for group in groups for row in group.rows))


def _head(source: Source, plan: Plan, tags: Sequence[str]) -> str:
    """Write the function that reads the head and builds the item; return its name."""
    source.add(0, "def head(texts, pieces, bad):")
    _fields(source, plan, 0, tags)
    if len(plan.groups) > 1:
        source.add(1, f"{variable(plan.groups[1].target.removesuffix('[]'))} = pieces")
    source.let("Item", Item)
    source.add(1, f"return {construction(source, plan, Item, '', inside='')}")
    return "head"


def _piece(source: Source, plan: Plan, number: int, tags: Sequence[str]) -> str:
    """Write the function that reads one line; return its name."""
    target = plan.groups[number].target
    source.add(0, "def piece(texts, bad):")
    _fields(source, plan, number, tags)
    source.add(1, f"return {construction(source, plan, record_at(target), target, inside=target)}")
    return "piece"


def _fields(source: Source, plan: Plan, number: int, tags: Sequence[str]) -> None:
    """Write one assignment for each row that is there; `texts` are in the order of `tags`."""
    source.let("strip", str.strip)
    names = [f"t{place}" for place in range(len(tags))]
    source.add(1, f"{', '.join(names)}, = texts" if names else "pass")
    source.add(1, "if (*map(strip, texts),) != texts: bad('blank')")
    places = dict(zip(tags, names, strict=True))
    for row_number, row in plan.numbered(plan.groups[number]):
        if row.constant:
            continue
        text = Text(places[row.outside], "0")
        value = field_value(source, row_number, row, plan.table.converters, text)
        source.add(1, f"{variable(row.path) + ' = ' if row.path else ''}{value}")
