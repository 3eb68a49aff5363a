# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What a message guide says: segments, elements, formats, code lists, conditions and their order.

Passive records. A guide restates the segment tables of one message in the terms of ISO 9735; `guide_load`
reads it from TOML and checks it, `grammar` compiles it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

Value = str | tuple[str, ...]
# What a segment said, in the order of `SegmentUse.names`: empty if left out, a tuple if the element repeats.
Values = tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Format:
    """A representation: `a` letters, `n` a number, `an` any characters; lengths in characters."""

    kind: str
    min: int
    max: int

    def __str__(self) -> str:
        """Return the notation of the standard."""
        if self.min == self.max:
            return f"{self.kind}{self.max}"
        return f"{self.kind}{self.min if self.min > 1 else ''}..{self.max}"


@dataclass(frozen=True, slots=True)
class CodeSet:
    """The codes a component may hold; others are wrong, or only unknown if the list is open."""

    name: str
    codes: Mapping[str, str]
    open: bool = False


@dataclass(frozen=True, slots=True)
class Component:
    """A simple data element; `date` names the component that holds its date format code (2379)."""

    id: str
    name: str
    mandatory: bool
    format: Format
    codes: CodeSet | None = None
    pattern: str = ""
    date: str = ""


@dataclass(frozen=True, slots=True)
class Element:
    """What stands between two data element separators: one component, or several of a composite."""

    id: str
    mandatory: bool
    components: tuple[Component, ...]
    repeat: int = 1
    composite: bool = False


@dataclass(frozen=True, slots=True)
class Condition:
    """A dependency between parts of one segment or of one group instance (ISO 9735-1, dependency notes).

    `kind` is a key of `conditions.KINDS`; it applies only where `when_field` holds one of `when_values`,
    or always if that is empty.
    """

    rule: str
    kind: str
    of: tuple[str, ...]
    text: str
    when_field: str = ""
    when_values: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Segment:
    """The definition of a segment."""

    tag: str
    elements: tuple[Element, ...]
    conditions: tuple[Condition, ...] = ()

    @property
    def components(self) -> tuple[Component, ...]:
        """Return every component, in order."""
        return tuple(one for element in self.elements for one in element.components)


@dataclass(frozen=True, slots=True)
class SegmentUse:
    """A segment at one place of a message; `qualifiers` are the values its first component may have there."""

    name: str
    segment: Segment
    min: int
    max: int
    qualifiers: tuple[str, ...] = ()

    @property
    def tag(self) -> str:
        """Return the tag that starts it."""
        return self.segment.tag

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of its components, in order."""
        return tuple(one.name for one in self.segment.components)

    @property
    def constant(self) -> Mapping[str, str]:
        """Return what a writer says to make it this use: the first of its qualifiers, if it has any."""
        return {self.names[0]: self.qualifiers[0]} if self.qualifiers else {}


@dataclass(frozen=True, slots=True)
class GroupUse:
    """A segment group; its first part is the trigger, which stands exactly once."""

    name: str
    min: int
    max: int
    parts: tuple["Part", ...]
    conditions: tuple[Condition, ...] = ()

    @property
    def trigger(self) -> SegmentUse:
        """Return the segment that starts an instance."""
        first = self.parts[0]
        return first.trigger if isinstance(first, GroupUse) else first

    @property
    def tag(self) -> str:
        """Return the tag that starts it."""
        return self.trigger.tag

    @property
    def qualifiers(self) -> tuple[str, ...]:
        """Return the qualifiers that start it."""
        return self.trigger.qualifiers


Part = SegmentUse | GroupUse


class Identity(NamedTuple):
    """What UNH calls a message: 0065, 0052, 0054, 0051, 0057."""

    name: str
    version: str
    release: str
    agency: str
    association: str = ""

    def __str__(self) -> str:
        """Return the components as UNH has them."""
        return ":".join(self).rstrip(":")


@dataclass(frozen=True, slots=True, eq=False)
class Guide:
    """A checked message guide; `root` holds what stands between UNH and UNT."""

    identity: Identity
    title: str
    source: str
    root: GroupUse
    digest: str

    def uses(self) -> Iterator[tuple[tuple[str, ...], SegmentUse]]:
        """Yield every segment use with the names of the groups around it, in message order."""
        yield from _uses((), self.root)


def _uses(path: tuple[str, ...], group: GroupUse) -> Iterator[tuple[tuple[str, ...], SegmentUse]]:
    for part in group.parts:
        if isinstance(part, GroupUse):
            yield from _uses((*path, part.name), part)
        else:
            yield path, part
