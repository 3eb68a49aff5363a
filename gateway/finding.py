# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""One problem, described so that its receiver can act on it.

Codes and their texts are data: one TOML file per room under `finding_codes/`. A code that is not in
the catalogue cannot be used, so `gateway errors CODE` always has an answer.
"""

import enum
import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


class Severity(enum.StrEnum):
    """What a finding does to what it is about."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class FindingClass(enum.StrEnum):
    """The five kinds of failure that are never mixed."""

    SYNTAX = "syntax"
    SCHEMA = "schema"
    RULE = "rule"
    AGREEMENT = "agreement"
    TRUST = "trust"


@dataclass(frozen=True, slots=True)
class FindingCode:
    """The catalogue entry of one stable code."""

    code: str
    severity: Severity
    finding_class: FindingClass
    meaning: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem at one place.

    `path` is in the terms of the format it is about (`Inventory[3]/InventoryHead/orderNo`), or a canonical
    path. `position` says where in the bytes: `document 3`, `line 12 column 4`, `byte 812`. `expected` and
    `actual` may quote the submitter's own data and go back to the submitter only; logs carry `code`, `path`
    and `position`. `rule` is the id of the mapping row or rule that spoke.
    """

    code: str
    severity: Severity
    finding_class: FindingClass
    path: str = ""
    position: str = ""
    expected: str = ""
    actual: str = ""
    remedy: str = ""
    rule: str = ""


@functools.cache
def catalogue() -> Mapping[str, FindingCode]:
    """Return every known code, read once from `finding_codes/*.toml`.

    Raises:
        ValueError: a code stands in two files.
    """
    codes: dict[str, FindingCode] = {}
    for file in sorted((Path(__file__).parent / "finding_codes").glob("*.toml")):
        for code, row in tomllib.loads(file.read_text("utf-8")).items():
            if code in codes:
                raise ValueError(f"finding code {code} stands twice, last in {file.name}")
            codes[code] = FindingCode(
                code, Severity(row["severity"]), FindingClass(row["class"]), row["meaning"], row["remedy"]
            )
    return codes


def finding(
    code: str,
    *,
    path: str = "",
    position: str = "",
    expected: str = "",
    actual: str = "",
    remedy: str = "",
    rule: str = "",
) -> Finding:
    """Make a finding from its catalogue entry.

    Raises:
        KeyError: the code is not in the catalogue.
    """
    entry = catalogue()[code]
    return Finding(
        code,
        entry.severity,
        entry.finding_class,
        path,
        position,
        expected,
        actual[:200],
        remedy or entry.remedy,
        rule,
    )


def has_errors(findings: tuple[Finding, ...] | list[Finding]) -> bool:
    """Say whether any finding forbids going on."""
    # Nearly every document has none at all, and beginning to look costs more than that.
    return bool(findings) and any(one.severity is Severity.ERROR for one in findings)
