# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""One violation with its place in numbers; `finding` makes the sentence of it."""

from dataclasses import dataclass

from gateway.finding import Finding, Severity, catalogue, finding
from gateway.formats.edifact.check_value import Problem
from gateway.formats.edifact.tokenise import unmask


@dataclass(frozen=True, slots=True)
class Fault:
    """A violation.

    `message` counts from 1 in the interchange, 0 outside any. `segment` counts from UNH as 1 in a message,
    from UNB as 1 outside. `element` counts data elements from 1, 0 is the segment as a whole; `component`
    counts from 1, 0 is the element as a whole. `offset` counts bytes from 0 at the start of the input.
    """

    code: str
    message: int
    segment: int
    tag: str
    offset: int
    element: int = 0
    component: int = 0
    repetition: int = 1
    expected: str = ""
    actual: str = ""
    path: str = ""
    rule: str = ""

    @property
    def rejects(self) -> bool:
        """Say whether what it is about cannot be taken."""
        return catalogue()[self.code].severity is Severity.ERROR

    def finding(self) -> Finding:
        """Return the finding."""
        parts = [f"message {self.message}"] * bool(self.message) + [f"segment {self.segment}"]
        parts += [f"element {self.element}"] * bool(self.element)
        parts += [f"repetition {self.repetition}"] * (self.repetition > 1)
        parts += [f"component {self.component}"] * bool(self.component)
        return finding(
            self.code,
            path=self.path or self.tag,
            position=", ".join([*parts, f"byte {self.offset}"]),
            expected=self.expected,
            actual=self.actual,
            rule=self.rule,
        )


def fault_of(problem: Problem, *, message: int, segment: int, tag: str, offset: int, path: str) -> Fault:
    """Return what is wrong within a segment as a violation at its place."""
    condition = problem.code == "EDIFACT-CONDITION"
    tag, path = unmask(tag), unmask(path)
    return Fault(
        problem.code,
        message,
        segment,
        tag,
        offset,
        problem.element,
        problem.component,
        problem.repetition,
        problem.expected,
        problem.actual,
        f"{path}/{problem.name}" if problem.name and not condition else path,
        problem.name if condition else "",
    )
