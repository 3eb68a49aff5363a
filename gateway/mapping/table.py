# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""A mapping table as data: one message, its groups, one row per field. Passive; made by `load_table`."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.mapping.converters import Converter


@dataclass(frozen=True, slots=True)
class Row:
    """One field of a message, or one constant fact of it.

    `path` is the whole canonical leaf path, empty if nothing takes the field. `outside` is the path inside
    the group, empty for a constant. `unknown` is the mark put before a code that the code list lacks.
    """

    group: str
    rule: str
    cite: str
    outside: str = ""
    path: str = ""
    type: str = "C"
    length: tuple[int, int] = (1, 0)
    digits: tuple[int, int] = (0, 0)
    required: bool = False
    converter: str = "text"
    codes: tuple[str, ...] = ()
    constant: str = ""
    overflow: str = "reject"
    unknown: str = ""
    keep_empty: bool = False
    signed: bool = False
    edition: str = ""
    note: str = ""
    overrides: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def in_edition(self, edition: str) -> "Row | None":
        """Return the row as it stands in an edition, `None` if it is not part of it."""
        if self.edition and self.edition != edition:
            return None
        changes = self.overrides.get(edition)
        return dataclasses.replace(self, **changes) if changes else self

    @property
    def limits(self) -> str:
        """Return the limits of the value in words."""
        if self.constant:
            return f'always "{self.constant}"'
        if self.codes:
            return "one of " + ", ".join(self.codes)
        if self.type == "C":
            low, high = self.length
            return f"{high} characters" if low == high else f"{low} to {high} characters"
        if self.type in {"D8", "T14"}:
            return "YYYYMMDD" if self.type == "D8" else "YYYYMMDDhhmmss, China time"
        total, fraction = self.digits
        sign = ", may be negative" if self.signed else ""
        places = f", at most {fraction} of them decimal places" if fraction else ""
        return f"at most {total} digits{places}{sign}"

    def __str__(self) -> str:
        """Return the row on one line, for people."""
        place = (
            f"{self.group}/{self.outside}" if self.group and self.outside else self.outside or "(constant)"
        )
        obliged = "mandatory" if self.required else "optional"
        way = f", by {self.converter}" if self.converter not in {"text", ""} else ""
        edition = f", edition {self.edition} only" if self.edition else ""
        return (
            f"{place} <-> {self.path or '(not mapped)'}  {obliged}, {self.limits}{way}{edition}"
            f"  [{self.rule}; {self.cite}]"
        )


@dataclass(frozen=True, slots=True)
class Group:
    """A group of fields; `target` is the canonical place of its paths, `x[]` if it repeats there.

    A group with a target `x[].y[]` lies inside the group with the target `x[]`, its `parent`, and its name
    begins with the parent's. A document holds it as one list of groups for each repetition of the parent.
    """

    name: str
    min: int
    max: int
    target: str
    rows: tuple[Row, ...]
    parent: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """One message; `digest` is the SHA-256 in hex of the bytes of the table file."""

    name: str
    version: str
    kind: str
    editions: tuple[str, ...]
    source: str
    groups: tuple[Group, ...]
    digest: str
    converters: Mapping[str, Converter]

    @property
    def rules(self) -> Mapping[str, Row]:
        """Return every row by its rule id, in message order."""
        return {row.rule: row for group in self.groups for row in group.rows}


def outer_target(target: str) -> str:
    """Return the target `x[]` around a target `x[].y[]`; for others a target that no group has."""
    outer, mark, inner = target.partition("[].")
    return outer + "[]" if mark and inner else "(none)"
