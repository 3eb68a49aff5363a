# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The groups of a message as nested records, in the names of its guide."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from gateway.formats.edifact.guide import Value
from gateway.formats.edifact.message import Message


@dataclass(frozen=True, slots=True)
class Said:
    """One segment: its name in the guide, its components by name, and its number in the message."""

    name: str
    values: Mapping[str, Value]
    number: int = field(default=0, compare=False)


@dataclass(slots=True)
class Group:
    """One instance of a group; the message itself is the nameless one."""

    name: str = ""
    segments: list[Said] = field(default_factory=list)
    groups: list["Group"] = field(default_factory=list)

    def each(self, name: str) -> Iterator[Said]:
        """Yield the segments of a name."""
        return (one for one in self.segments if one.name == name)

    def inner(self, name: str) -> Iterator["Group"]:
        """Yield the groups of a name."""
        return (one for one in self.groups if one.name == name)

    def value(self, path: str) -> str:
        """Return a component as `segment/component`, of the first segment of that name, empty if absent."""
        segment, _, component = path.partition("/")
        for one in self.each(segment):
            value = one.values.get(component, "")
            return value if isinstance(value, str) else next(iter(value), "")
        return ""


def tree_of(message: Message) -> Group:
    """Return the segments of a message in their groups; absent components are left out."""
    root = Group()
    stack = [root]
    for node, values, number in message.segments:
        depth = len(node.path)
        if node.begins is not None:
            del stack[depth:]
            group = Group(node.begins.name)
            stack[-1].groups.append(group)
            stack.append(group)
        else:
            del stack[depth + 1 :]
        said = {name: value for name, value in zip(node.names, values, strict=True) if value}
        stack[-1].segments.append(Said(node.use.name, said, number))
    return root
