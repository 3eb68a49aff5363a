# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Compile a guide into a table: after this segment, that tag leads there.

Matching follows the standard: what has come is the first fitting place at or after the current one, walking
down the message and out of groups. Neighbours of one tag with different qualifiers share one place and may
come in any order. Counters per place hold cardinality; those of a group's inside are cleared when an instance
begins.
"""

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from gateway.formats.edifact.check import compile_deep, repeating_matcher
from gateway.formats.edifact.guide import GroupUse, Guide, Part, SegmentUse, Values
from gateway.formats.edifact.pattern import Matcher, compile_use


class Edge(NamedTuple):
    """One way on: where the segment fits, which counter it moves, what must be complete before."""

    match: Matcher
    slot: int
    limit: int
    clear: tuple[slice, list[int]] | None
    least: tuple[tuple[int, int, Part], ...]  # counter, minimum, and whose they are
    node: "Node"


@dataclass(slots=True, eq=False)
class Node:
    """A segment use compiled; also the state of a message after that segment."""

    use: SegmentUse
    path: tuple[GroupUse, ...]
    match: Matcher
    names: tuple[str, ...]
    deep: tuple[Callable[[Values], bool], ...]  # what is left to check after the match
    edges: dict[str, tuple[Edge, ...]] = field(default_factory=dict, repr=False)
    at: tuple["_Level", ...] = field(default=(), repr=False)
    begins: GroupUse | None = None
    end: tuple[tuple[int, int, Part], ...] | None = (
        None  # what UNT after this still asks; None if more must come
    )
    marks: tuple["Mark", ...] = ()

    @property
    def groups(self) -> tuple[str, ...]:
        """Return the names of the groups around the segment, outermost first."""
        return tuple(one.name for one in self.path)


class Mark(NamedTuple):
    """What a segment means to the conditions of a group around it."""

    group: GroupUse
    name: str
    place: int  # of the value, or -1 for its being there
    begins: bool  # the segment begins an instance of the group


class Way(NamedTuple):
    """A place further on, with what would have been left out on the way there; `edge` is None for the end."""

    edge: Edge | None
    skipped: tuple[Part, ...]
    least: tuple[tuple[int, int, Part], ...]


@dataclass(slots=True, eq=False)
class _Place:
    """Parts of one level that share a place, with their counters."""

    parts: tuple[Part, ...]
    slots: tuple[int, ...]
    firsts: tuple[Node, ...]
    clears: tuple[tuple[slice, list[int]] | None, ...]

    def least(self) -> tuple[tuple[int, int, Part], ...]:
        """Return the counters that arriving here once does not already satisfy."""
        return tuple(
            (slot, part.min, part)
            for slot, part in zip(self.slots, self.parts, strict=True)
            if part.min > 1 or (part.min and len(self.parts) > 1)
        )

    def edges(self, least: tuple[tuple[int, int, Part], ...]) -> Iterator[Edge]:
        """Yield the ways into this place."""
        for part, slot, first, clear in zip(self.parts, self.slots, self.firsts, self.clears, strict=True):
            yield Edge(first.match, slot, part.max, clear, least, first)


@dataclass(slots=True, eq=False)
class _Level:
    """A place within the places of its group."""

    places: list[_Place]
    index: int


@dataclass(slots=True, eq=False)
class Grammar:
    """A compiled guide; immutable once made and shared by every message of its type."""

    guide: Guide
    start: Node
    nodes: tuple[Node, ...]
    slots: int
    by_tag: Mapping[str, tuple[Node, ...]]
    watched: Mapping[int, GroupUse]  # groups that have conditions, by identity

    def ways(self, node: Node) -> Iterator[Way]:
        """Yield every place after a segment, near to far, whether or not something mandatory lies between."""
        return _ways(node.at, strict=False)


@functools.lru_cache(maxsize=256)
def compile_guide(guide: Guide, decimal: str) -> Grammar:
    """Return the grammar of a guide for one set of decimal marks."""
    builder = _Builder(decimal)
    places = builder.places(guide.root, (), ())
    start_use = SegmentUse("UNH", guide.root.trigger.segment, 1, 1)
    start = Node(start_use, (), builder.nodes[0].match, (), (), at=(_Level(places, -1),))
    by_tag: dict[str, tuple[Node, ...]] = {}
    for node in builder.nodes:
        by_tag[node.use.tag] = (*by_tag.get(node.use.tag, ()), node)
    for node in (start, *builder.nodes):
        node.edges = _edges(node.at)
        node.end = next((way.least for way in _ways(node.at, strict=True) if way.edge is None), None)
        node.marks = tuple(_marks(node))
    watched = {id(mark.group): mark.group for node in builder.nodes for mark in node.marks}
    return Grammar(guide, start, tuple(builder.nodes), builder.slots, by_tag, watched)


class _Builder:
    """Numbers counters so that those inside a group follow each other."""

    def __init__(self, decimal: str) -> None:
        self.decimal = decimal
        self.nodes: list[Node] = []
        self.slots = 0

    def places(self, group: GroupUse, path: tuple[GroupUse, ...], above: tuple[_Level, ...]) -> list[_Place]:
        """Return the places of a group's parts; nodes know the places they stand in."""
        places: list[_Place] = []
        for number, parts in enumerate(_together(group.parts)):
            level = _Level(places, number)
            made = [self._part(part, path, (*above, level)) for part in parts]
            slots, firsts, clears = zip(*made, strict=True)
            places.append(_Place(tuple(parts), slots, firsts, clears))
        return places

    def _part(
        self, part: Part, path: tuple[GroupUse, ...], at: tuple[_Level, ...]
    ) -> tuple[int, Node, tuple[slice, list[int]] | None]:
        slot = self.slots
        self.slots += 1
        if isinstance(part, SegmentUse):
            return slot, self._node(part, path, at), None
        place = len(self.nodes)
        self.places(part, (*path, part), at)
        first = self.nodes[place]
        first.begins = part
        # The trigger counts once by its own counter, which an instance sets.
        inside = self.slots - slot - 1
        return slot, first, (slice(slot + 1, self.slots), [1, *[0] * (inside - 1)])

    def _node(self, use: SegmentUse, path: tuple[GroupUse, ...], at: tuple[_Level, ...]) -> Node:
        match = compile_use(use, self.decimal) or repeating_matcher(use, self.decimal)
        node = Node(use, path, match, use.names, compile_deep(use), at=at)
        self.nodes.append(node)
        return node


def _together(parts: Sequence[Part]) -> list[list[Part]]:
    """Return neighbours that differ only by qualifier as one."""
    runs: list[list[Part]] = []
    for part in parts:
        if runs and part.qualifiers and runs[-1][-1].qualifiers and runs[-1][-1].tag == part.tag:
            runs[-1].append(part)
        else:
            runs.append([part])
    return runs


def _edges(at: tuple[_Level, ...]) -> dict[str, tuple[Edge, ...]]:
    edges: dict[str, tuple[Edge, ...]] = {}
    for way in _ways(at, strict=True):
        if way.edge is not None:
            tag = way.edge.node.use.tag
            edges[tag] = (*edges.get(tag, ()), way.edge)
    return edges


def _ways(at: tuple[_Level, ...], *, strict: bool) -> Iterator[Way]:
    """Yield the ways on from a place; if strict, only those that leave out nothing mandatory."""
    skipped: tuple[Part, ...] = ()
    least: tuple[tuple[int, int, Part], ...] = ()
    for level in reversed(at):
        places = level.places
        if level.index >= 0:
            here = places[level.index]
            yield from (Way(edge, skipped, least) for edge in here.edges(least))
            least += here.least()
        for place in places[level.index + 1 :]:
            yield from (Way(edge, skipped, least) for edge in place.edges(least))
            must = tuple(part for part in place.parts if part.min)
            if must and strict:
                return
            skipped += must
    yield Way(None, skipped, least)


def _marks(node: Node) -> Iterator[Mark]:
    """Yield what a segment means to the conditions of the groups it is a part of."""
    inner = node.path[-1] if node.path else None
    outer = node.path[-2] if len(node.path) > 1 else None
    if inner and inner.conditions:
        yield Mark(inner, node.use.name, -1, node.begins is inner)
        asked = {one.when_field for one in inner.conditions} | {
            of for one in inner.conditions for of in one.of
        }
        for index, name in enumerate(node.names):
            if f"{node.use.name}/{name}" in asked:
                yield Mark(inner, f"{node.use.name}/{name}", index, begins=False)
    if outer and outer.conditions and inner and node.begins is inner:
        yield Mark(outer, inner.name, -1, begins=False)
