# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Read the rows of one code table from TOML and check every one of them.

A file holds a `[list]` head and `rows`. A row has a `code` and what it stands for in the other list
(`value`; left out = the code itself, empty = the other list has no counterpart). `source` and `status` of the
head hold for rows that do not state their own. Nothing is verified that does not say where it was checked.
"""

import enum
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from gateway.errors import ConfigError
from gateway.finding import Finding, finding

_HEAD = {"title": str, "source": str, "status": str}
_ROW = {
    "code": str,
    "value": str,
    "name": str,
    "note": str,
    "source": str,
    "status": str,
    "valid_from": date,
    "valid_until": date,
    "preferred": bool,
}


class Status(enum.StrEnum):
    """Whether a row was checked against its primary source."""

    VERIFIED = "verified"
    UNVERIFIED = "unverified"


@dataclass(frozen=True, slots=True)
class CodeRow:
    """One code; valid from the first to the last day named, both included."""

    code: str
    value: str
    name: str
    source: str
    status: Status
    valid_from: date = date.min
    valid_until: date = date.max
    preferred: bool = False
    note: str = ""

    def valid(self, on: date) -> bool:
        """Say whether the row holds on a day."""
        return self.valid_from <= on <= self.valid_until


def read_rows(file: Path) -> tuple[str, tuple[CodeRow, ...]]:
    """Return the title and all rows of a file, whatever their dates.

    Raises:
        ConfigError: the file is absent or not TOML, or rows are faulty; every fault is a finding.
    """
    try:
        raw = tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(f"cannot read code list {file.name}: {error.strerror}") from error
    except ValueError as error:  # not UTF-8 or not TOML
        fault = finding("CODELIST-FORM", path=file.name, expected="TOML in UTF-8", actual=str(error))
        raise ConfigError(f"code list {file.name} is not TOML", (fault,)) from error
    head, rows = raw.get("list", {}), raw.get("rows", [])
    faults = (
        [] if set(raw) == {"list", "rows"} else [_fault(file, "", "exactly [list] and rows", ", ".join(raw))]
    )
    faults += _check(file, "list", head, _HEAD, set(_HEAD))
    if not isinstance(rows, list):
        faults.append(_fault(file, "rows", "a list of tables", type(rows).__name__))
        rows = []
    good = []
    for number, row in enumerate(rows, 1):
        where = f"rows[{number}]"
        wrong = _check(file, where, row, _ROW, {"code"})
        if not wrong and row.get("valid_from", date.min) > row.get("valid_until", date.max):
            wrong = [_fault(file, where, "valid_from not after valid_until", "")]
        if not wrong and not row["code"]:
            wrong = [_fault(file, where, "a code", "")]
        faults += wrong
        if not wrong:
            good.append(row)
    if faults:
        raise ConfigError(f"code list {file.name} has {len(faults)} faults", tuple(faults))
    return head["title"], tuple(_row(head, row) for row in good)


def _row(head: Mapping[str, str], row: Mapping[str, Any]) -> CodeRow:
    """Build a checked row."""
    return CodeRow(
        code=row["code"],
        value=row.get("value", row["code"]),
        name=row.get("name", ""),
        source=row.get("source", head["source"]),
        status=Status(row.get("status", head["status"])),
        valid_from=row.get("valid_from", date.min),
        valid_until=row.get("valid_until", date.max),
        preferred=row.get("preferred", False),
        note=row.get("note", ""),
    )


def _check(
    file: Path, where: str, table: Any, types: Mapping[str, type], mandatory: set[str]
) -> list[Finding]:
    """Return a finding for every unknown, missing or mistyped key."""
    if not isinstance(table, dict):
        return [_fault(file, where, "a table", type(table).__name__)]
    faults = [_fault(file, f"{where}.{key}", "a known key", key) for key in table if key not in types]
    faults += [_fault(file, f"{where}.{key}", "a value", "") for key in sorted(mandatory - set(table))]
    faults += [
        _fault(file, f"{where}.{key}", types[key].__name__, type(value).__name__)
        for key, value in table.items()
        if key in types and type(value) is not types[key]
    ]
    if not faults and table.get("status", "verified") not in set(Status):
        faults.append(_fault(file, f"{where}.status", " or ".join(Status), table["status"]))
    return faults


def _fault(file: Path, where: str, expected: str, actual: str) -> Finding:
    """Make a finding about a code list file."""
    path = f"{file.name}: {where}" if where else file.name
    return finding("CODELIST-FORM", path=path, expected=expected, actual=actual)
