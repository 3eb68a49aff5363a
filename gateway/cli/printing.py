# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""How findings and JSON look on a terminal."""

import json
import sys
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from gateway.finding import Finding, catalogue


def print_findings(findings: Iterable[Finding]) -> None:
    """Write findings for people to standard error: code, place, meaning and what mends it."""
    for one in findings:
        where = " ".join(part for part in (one.position, one.path) if part)
        sys.stderr.write(f"  {one.severity} {one.code} [{one.finding_class}] {where}\n")
        entry = catalogue().get(one.code)
        if entry is not None:
            sys.stderr.write(f"    {entry.meaning}\n")
        if one.expected or one.actual:
            sys.stderr.write(f"    expected {one.expected or '-'}; actual {one.actual or '-'}\n")
        sys.stderr.write(f"    {one.remedy}\n")


def finding_dict(one: Finding) -> dict[str, str]:
    """Return a finding as JSON holds it."""
    return {("class" if key == "finding_class" else key): str(value) for key, value in asdict(one).items()}


def print_json(value: Any) -> None:
    """Write a value as JSON to standard output."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n")
