# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What writing a document did to the values of an item, told without repeating the values."""

from collections.abc import Iterable

from gateway.mapping.faults import Fault, canonical_place, place
from gateway.mapping.source import Plan
from gateway.model import Item, Loss, leaf_types, values

_DETAIL = {
    "derived": "the record says nothing; the message states it",
    "lost": "the message states it only beside a value",
}


def losses(plan: Plan, item: Item, faults: Iterable[Fault]) -> list[Loss]:
    """Return one loss per cut, rounded or derived value and per canonical leaf that has no row."""
    groups = {group.name: group for group in plan.groups}
    found: list[Loss] = []
    walk = False
    for kind, number, _, index, *detail in faults:
        if kind == "uncovered":
            walk = True
        elif kind in {"truncated", "rounded", "derived", "lost"}:
            row = plan.rows[number]
            path = canonical_place(row.path, index)
            outside = place(groups[row.group], index, row.outside) if row.outside else ""
            text = detail[0] if detail else _DETAIL[kind]
            found.append(Loss(kind=kind, path=path, outside_path=outside, rule=row.rule, detail=text))
    return [*found, *_uncovered(plan, item)] if walk else found


def _uncovered(plan: Plan, item: Item) -> Iterable[Loss]:
    for path in leaf_types(Item):
        if path in plan.paths:
            continue
        count = sum(one is not None and one != "" for one in values(item, path))
        if count:
            detail = f"{plan.table.name} has no field for it{f', {count} values' if count > 1 else ''}"
            yield Loss(kind="lost", path=path, detail=detail)
