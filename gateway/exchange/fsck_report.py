# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What a self-audit has found, and how much it has looked at."""

from dataclasses import dataclass, field

from gateway.finding import Finding, finding

MOST = 1000


@dataclass(slots=True)
class Found:
    """Findings, the first `MOST` of them in full; `beyond` counts the others."""

    findings: list[Finding] = field(default_factory=list)
    beyond: int = 0

    def add(self, code: str, path: str, says: str) -> None:
        """Add a finding; `path` names table and row, as `table:id`."""
        if len(self.findings) < MOST:
            self.findings.append(finding(code, path=path, actual=says))
        else:
            self.beyond += 1


@dataclass(slots=True)
class Report:
    """One self-audit.

    `unkept` are entries about statements that are not stored by design (openings of fields, answers to
    duplicates), of which only the place in the tree can be checked.
    """

    found: Found
    logs: dict[str, int] = field(default_factory=dict)
    channels: dict[str, int] = field(default_factory=dict)
    records: int = 0
    unkept: int = 0
    tree_seconds: float = 0.0
    seconds: float = 0.0

    @property
    def good(self) -> bool:
        """Say whether nothing was found."""
        return not self.found.findings
