# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Turn the fault tuples of generated code into findings in the message's own terms."""

from collections.abc import Iterable
from typing import Any, TypeAlias

from gateway.finding import Finding, finding
from gateway.mapping.source import Plan
from gateway.mapping.table import Group, Row

Fault: TypeAlias = tuple[Any, ...]  # kind, number of row or group, text, index[, detail]

_CODES = {
    "missing": "SCHEMA-MISSING",
    "length": "SCHEMA-LENGTH",
    "format": "SCHEMA-FORMAT",
    "code": "SCHEMA-CODE",
    "kept": "SCHEMA-CODE-UNKNOWN",
    "conflict": "SCHEMA-CONFLICT",
    "truncated": "SCHEMA-TRUNCATED",
    "rounded": "SCHEMA-ROUNDED",
}
_REPAIRS = {"blank": "white space around", "case": "letter case of"}


Index: TypeAlias = int | tuple[int, int]  # of a repetition, or of one inside another


def place(group: Group, index: Index, outside: str = "") -> str:
    """Return the path of a group or field as findings say it; an index only where the group may repeat."""
    name = group.name
    if isinstance(index, tuple):
        name = f"{group.parent}[{index[0]}]{group.name.removeprefix(group.parent)}"
        index = index[1]
    name = f"{name}[{index}]" if group.max > 1 and index else name
    return f"{name}/{outside}" if name and outside else name or outside


def row_place(group: Group, row: Row, index: Index) -> str:
    """Return the path of a row: its outside field, or the canonical leaf of a constant."""
    return place(group, index, row.outside) if row.outside else canonical_place(row.path, index)


def canonical_place(path: str, index: Index) -> str:
    """Return a canonical path with the numbers of its repetitions."""
    for one in index if isinstance(index, tuple) else (index,):
        path = path.replace("[]", f"[{one}]", 1)
    return path


def describe(plan: Plan, faults: Iterable[Fault], position: str) -> list[Finding]:
    """Return one finding per fault and one for all repairs together; rows of the same field speak once."""
    groups = {group.name: group for group in plan.groups}
    seen: set[tuple[str, str]] = set()
    found: list[Finding] = []
    repaired: dict[str, list[str]] = {}
    for kind, number, text, index, *detail in faults:
        if kind == "blank":
            repaired.setdefault(kind, []).append(place(plan.groups[number], index, text))
            continue
        if kind in _CODES or kind == "case":
            row = plan.rows[number]
            path = row_place(groups[row.group], row, index)
            if (kind, path) in seen:
                continue
            seen.add((kind, path))
            if kind == "case":
                repaired.setdefault(kind, []).append(path)
            else:
                found.append(_of_row(kind, row, path=path, position=position, text=text, detail=detail))
        else:
            found.append(_of_group(plan, kind, number, text, index=index, position=position))
    if repaired:
        what = "; ".join(f"{_REPAIRS[kind]} {', '.join(paths)}" for kind, paths in repaired.items())
        found.append(finding("SCHEMA-REPAIRED", position=position, actual=what))
    return found


def _of_row(kind: str, row: Row, *, path: str, position: str, text: Any, detail: list[str]) -> Finding:
    expected = row.limits
    if detail:
        expected = detail[0]
    elif kind == "missing":
        expected = f"{row.limits}{f'; canonical field {row.path}' if row.path else ''}"
    elif kind == "kept":
        expected = f"a code of {row.converter}"
    return finding(
        _CODES[kind],
        path=path,
        position=position,
        expected=expected,
        actual="" if text is None else str(text),
        rule=row.rule,
    )


def _of_group(plan: Plan, kind: str, number: int, text: str, *, index: Index, position: str) -> Finding:
    if kind == "unknown-group":
        return finding("SCHEMA-UNKNOWN-FIELD", path=text, position=position)
    group = plan.groups[number]
    if kind == "unknown":
        return finding("SCHEMA-UNKNOWN-FIELD", path=place(group, index, text), position=position)
    path = place(group, (index, 0) if group.parent and isinstance(index, int) else 0)
    if kind == "absent":
        return finding("SCHEMA-MISSING", path=path, position=position, expected=f"at least {group.min}")
    if kind == "count":
        expected = f"{group.min} to {group.max}"
        return finding("SCHEMA-COUNT", path=path, position=position, expected=expected, actual=text)
    expected = "once in one item"
    return finding("SCHEMA-REPEATED", path=path, position=position, expected=expected, actual=text)
