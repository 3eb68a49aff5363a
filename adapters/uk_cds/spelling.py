# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The slow road for texts that the schema allows and a table does not read.

XML Schema allows more spellings of a decimal (`+1`, `1.`, `1.0` for a whole number) and collapses white space
inside tokens (XML Schema Part 2, §3.2.3, §3.3.2). A document with faults is read once more in plain spelling.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from gateway.sdk import CompiledTable, Finding, Item, Row, Severity, finding

_DECIMAL = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)")
_DATE = re.compile(r"20[0-9]{6}(?:[0-9]{6}(?:Z|[-+][0-9]{2}))?")
_DATES = frozenset({"moment304", "date8"})
_MOST = 400


def decode(table: CompiledTable, groups: Mapping[str, Any]) -> tuple[Item, list[Finding]]:
    """Read a document; dates that do not exist are left out with a warning, since the schema allows them."""
    item, found = table.decode(groups)
    if not any(one.severity is Severity.ERROR for one in found):
        return item, found
    plain: dict[str, Any] = {
        name: [
            _plain(table, name, one) if isinstance(one, dict) else [_plain(table, name, two) for two in one]
            for one in repetitions
        ]
        for name, repetitions in groups.items()
    }
    if plain != groups:
        item, found = table.decode(plain)
        found.append(finding("UKCDS-LEXICAL"))
    rules = table.table.rules
    return item, [_milder(one, rules.get(one.rule)) for one in found]


def _plain(table: CompiledTable, group: str, fields: Mapping[str, str]) -> dict[str, str]:
    kinds = {row.outside: row.type for one in table.table.groups if one.name == group for row in one.rows}
    return {
        name: _number(text) if kinds.get(name) in {"N", "I"} else " ".join(text.split())
        for name, text in fields.items()
    }


def _number(text: str) -> str:
    """Return a decimal without plus sign, idle zeros and idle point; other texts as they are."""
    stripped = text.strip()
    if len(stripped) > _MOST or not _DECIMAL.fullmatch(stripped):
        return stripped
    number = format(Decimal(stripped), "f")
    return number.rstrip("0").rstrip(".") if "." in number else number


def _milder(one: Finding, row: Row | None) -> Finding:
    """Turn a fault of a date that has the schema's form into a warning."""
    if row is None or row.converter not in _DATES or not _DATE.fullmatch(one.actual):
        return one
    return replace(
        finding("UKCDS-DATE-UNREADABLE", path=one.path, expected=one.expected, actual=one.actual),
        position=one.position,
        rule=one.rule,
    )
