# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What must hold between the parts of a table: unique names, one row per leaf, no idle constant."""

from collections import Counter
from collections.abc import Iterable, Iterator

from gateway.finding import Finding, finding
from gateway.mapping.table import Row, Table

_SAME = ("type", "length", "digits", "required", "codes", "signed", "keep_empty")


def check_together(table: Table) -> Iterator[Finding]:
    """Yield one finding per contradiction within a table whose parts are each right."""
    yield from _once("a group name once", (group.name for group in table.groups))
    yield from _once("a rule id once", (row.rule for group in table.groups for row in group.rows))
    yield from _once(
        "one group for a repeating target", (one.target for one in table.groups if "[]" in one.target)
    )
    for group in table.groups:
        if "[]." in group.target and not (group.parent and group.name.startswith(f"{group.parent}/")):
            yield _fault(f"group {group.name}", "a group around it, whose name begins its own", group.target)
        if "[]" not in group.target and group.max > 1 and group is not table.groups[-1]:
            yield _fault(f"group {group.name}", "a target that repeats, or the last place in the message")
    for edition in table.editions:
        rows = [row for group in table.groups for one in group.rows if (row := one.in_edition(edition))]
        yield from _once(
            f"one row per canonical path in edition {edition}", (row.path for row in rows if row.path)
        )
        yield from _idle_constants(rows)
        yield from _disagreements(rows)


def _once(what: str, names: Iterable[str]) -> Iterator[Finding]:
    for name, count in Counter(names).items():
        if count > 1:
            yield _fault(name or "(empty)", what, f"{count} times")


def _idle_constants(rows: list[Row]) -> Iterator[Finding]:
    """A constant speaks only beside a sibling with a value; without one it would never be said."""
    for row in rows:
        parent = row.path.rpartition(".")[0]
        if row.constant and parent and not parent.endswith("[]"):
            beside = [one for one in rows if not one.constant and one.path.startswith(parent + ".")]
            if not beside:
                yield _fault(row.rule, "a mapped field beside the constant", row.path)


def _disagreements(rows: list[Row]) -> Iterator[Finding]:
    """Rows that read the same field may differ in path and converter, not in the field's own limits."""
    first: dict[tuple[str, str], Row] = {}
    for row in rows:
        if not row.outside:
            continue
        one = first.setdefault((row.group, row.outside), row)
        for key in _SAME:
            if getattr(one, key) != getattr(row, key):
                yield _fault(row.rule, f"the same {key} as row {one.rule}, which reads the same field")


def _fault(place: str, expected: str, actual: str = "") -> Finding:
    return finding("MAPPING-TABLE", path=place, expected=expected, actual=actual)
