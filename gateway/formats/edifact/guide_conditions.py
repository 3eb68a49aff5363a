# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Read the conditions of a guide."""

from collections.abc import Sequence

from gateway.formats.edifact.conditions import KINDS
from gateway.formats.edifact.guide import Condition
from gateway.formats.edifact.guide_toml import REQUIRED, Faults


def read_conditions(
    place: str, rows: Sequence[object], names: Sequence[str], faults: Faults
) -> tuple[Condition, ...]:
    """Return conditions between named parts."""
    conditions = []
    for number, row in enumerate(rows, 1):
        here = f"{place}.condition[{number}]"
        found = faults.take(
            here,
            row,
            {
                "rule": (str, REQUIRED),
                "kind": (str, REQUIRED),
                "of": (list, REQUIRED),
                "text": (str, ""),
                "when": (dict, {}),
            },
        )
        when = found["when"] and faults.take(
            f"{here}.when", found["when"], {"field": (str, REQUIRED), "values": (list, REQUIRED)}
        )
        of = faults.texts(f"{here}.of", found["of"])
        if found["kind"] not in KINDS:
            faults.add(f"{here}.kind", f"one of {', '.join(KINDS)}", found["kind"])
        if not of:
            faults.add(f"{here}.of", "at least one part")
        for name in (*of, *([when["field"]] if when else ())):
            if name not in names:
                faults.add(here, f"one of {', '.join(names)}", name)
        values = frozenset(faults.texts(here, when["values"])) if when else frozenset()
        field = when["field"] if when else ""
        conditions.append(Condition(found["rule"], found["kind"], of, found["text"], field, values))
    return tuple(conditions)
