# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Find the dated rule that a finding about an export list names: of the node, else of an adapter."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, Protocol, runtime_checkable

import msgspec

from gateway.sdk import Adapter
from gateway.trade.b2b_rules import ORDER_TYPE, PACKAGED, PILOT, Mode, Rules, load_rules


@runtime_checkable
class Ruled(Protocol):
    """An adapter that judges by dated rules of its own."""

    def rule(self, name: str) -> Mapping[str, Any] | None:
        """Return a dated rule by the id that findings name, none if there is no such rule."""


def dated_rule(name: str, file: str, adapter: Adapter) -> dict[str, Any] | None:
    """Return a rule as data, with the file or the adapter it stands in; none if neither has it.

    Raises:
        ConfigError: the file is absent or wrong.
    """
    place = file or PACKAGED
    rules = load_rules(place)
    one = None if rules is None else rules.rule(name)
    if one is not None:
        return {**msgspec.to_builtins(one), "in": place}
    kind, said = ("", ()) if rules is None else rules.of_modes(name)
    if rules is not None and kind:
        rows = [msgspec.to_builtins(_of_mode(kind, each, rules)) for each in said]
        return {"id": name, "modes": rows, "in": place}
    row = adapter.rule(name) if isinstance(adapter, Ruled) else None
    return None if row is None else {**msgspec.to_builtins(row), "in": adapter.name}


def rule_lines(row: Mapping[str, Any]) -> list[str]:
    """Return a rule as lines of text: what it judges, when it holds, what it rests on."""
    if "test" not in row and "code" not in row:
        return [f"{row['id']} ({row['in']})", *_mode_lines(row["modes"])]
    of = ", ".join(filter(None, row.get("modes") or row.get("of") or ()))
    bound = f", at most {row['limit']} {row.get('currency', 'CNY')}" if float(row.get("limit", 0)) else ""
    digits = f", {row['digits']} digits" if row.get("digits") else ""
    return [
        f"{row['id']}: {row.get('test') or row['code']}{' of ' + of if of else ''}{bound}{digits}",
        f"  from {row.get('from') or 'the beginning'} until {row.get('until') or 'further notice'}",
        f"  {row['source']} ({row['status']}; {row['in']})",
    ]


def _of_mode(kind: str, mode: Mode, rules: Rules) -> dict[str, Any]:
    """Return what is said of one mode: since when, where at first, or which type of order."""
    row: dict[str, Any] = {"mode": mode.code, "from": mode.first}
    row |= {"source": mode.source, "status": mode.status}
    if kind == PILOT and mode.nationwide is not None:
        until, offices = mode.nationwide - timedelta(days=1), rules.pilot_offices
        where = ", ".join(offices) or "no office is named, so nothing is judged"
        return row | {"until": until, "says": f"at pilot offices only: {where}", "offices": offices}
    if kind == ORDER_TYPE:
        return row | {"says": f"the order is of type {mode.order_type}", "order_type": mode.order_type}
    return row | {"says": "a list may have this mode"}


def _mode_lines(rows: list[Mapping[str, Any]]) -> Iterator[str]:
    """Yield what is said of modes as lines of text."""
    for row in rows:
        yield f"  {row['mode']}: {row['says']}"
        yield f"    from {row['from'] or 'the beginning'} until {row.get('until') or 'further notice'}"
        yield f"    {row['source']} ({row['status']})"
