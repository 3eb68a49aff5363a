# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What the two generators share: numbered rows of one edition, names of variables, and lines of Python."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from gateway.mapping.table import Group, Row, Table
from gateway.model import Item, leaf_types
from gateway.model.record import Record


@dataclass(frozen=True, slots=True)
class Plan:
    """A table in one edition; a row's number is its place in `rows`, a group's its place in `groups`."""

    table: Table
    edition: str
    groups: tuple[Group, ...]
    rows: tuple[Row, ...]

    def inside(self, group: Group) -> Iterator[tuple[int, Group]]:
        """Yield the groups that lie inside a group, with their numbers."""
        return ((number, one) for number, one in enumerate(self.groups) if one.parent == group.name)

    def numbered(self, group: Group) -> Iterator[tuple[int, Row]]:
        """Yield the rows of a group with their numbers."""
        return ((number, row) for number, row in enumerate(self.rows) if row.group == group.name)

    @property
    def paths(self) -> Mapping[str, int]:
        """Return the number of the row that fills each canonical path."""
        return {row.path: number for number, row in enumerate(self.rows) if row.path}


@dataclass(slots=True)
class Source:
    """Generated lines, and the objects that they name."""

    lines: list[str] = field(default_factory=list)
    names: dict[str, Any] = field(default_factory=dict)

    def add(self, depth: int, line: str) -> None:
        """Append one line at an indentation."""
        self.lines.append("    " * depth + line)

    def let(self, name: str, value: Any) -> str:
        """Make an object known under a name and return the name."""
        self.names[name] = value
        return name

    @property
    def text(self) -> str:
        """Return the whole source."""
        return "\n".join(self.lines) + "\n"

    def build(self, function: str, label: str) -> Any:
        """Run the source and return the function that it defines."""
        space = dict(self.names)
        # The source is made of table rows that were checked at load; texts enter it only as repr or by name.
        exec(compile(self.text, f"<mapping {label}>", "exec"), space)  # noqa: S102 - see above
        return space[function]


def plan(table: Table, edition: str) -> Plan:
    """Return the table as it stands in an edition."""
    groups = tuple(
        dataclasses.replace(group, rows=tuple(row for one in group.rows if (row := one.in_edition(edition))))
        for group in table.groups
    )
    return Plan(table, edition, groups, tuple(row for group in groups for row in group.rows))


def variable(path: str) -> str:
    """Return the variable that holds a canonical leaf or record."""
    return "v_" + path.replace("[]", "_each").replace(".", "__") if path else "item"


def members(record: type[Record], prefix: str) -> Sequence[tuple[str, str, type[Record] | None]]:
    """Return (field name, canonical path, record type or `None` for a leaf) in declaration order."""
    found: list[tuple[str, str, type[Record] | None]] = []
    for one in msgspec.structs.fields(record):
        path = f"{prefix}.{one.name}" if prefix else one.name
        if path in leaf_types(Item):
            found.append((one.name, path, None))
        else:
            found.append((one.name, path, record_type(one.type)))
    return found


def record_type(annotation: Any) -> type[Record]:
    """Return the record inside an annotation such as `Party | None` or `tuple[ContentPiece, ...]`."""
    return next(one for one in annotation.__args__ if isinstance(one, type) and issubclass(one, Record))


def record_at(target: str) -> type[Record]:
    """Return the type of the records at a canonical place such as `content[].filing.documents[]`."""
    kind: type[Record] = Item
    for name in target.replace("[]", "").split("."):
        kind = record_type(next(one.type for one in msgspec.structs.fields(kind) if one.name == name))
    return kind


def repeated(record: type[Record]) -> Mapping[str, type[Record]]:
    """Return the fields of a record that hold a tuple of records."""
    return {
        one.name: record_type(one.type)
        for one in msgspec.structs.fields(record)
        if getattr(one.type, "__origin__", None) is tuple
    }
