# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""A message as it was read: its segments with their places in the guide, and what is wrong with it."""

from dataclasses import dataclass, field

from gateway.finding import Finding
from gateway.formats.edifact.check_value import Problem
from gateway.formats.edifact.fault import Fault, fault_of
from gateway.formats.edifact.frame import Frame
from gateway.formats.edifact.grammar import Node
from gateway.formats.edifact.guide import Guide, Identity, Values


@dataclass(slots=True, eq=False)
class Message:
    """One UNH to UNT.

    `segments` holds (node, values, segment number) of every segment with a place in the guide; it is empty
    if there is no guide. `count` is the number of segments seen, UNH and UNT included.
    """

    number: int
    reference: str
    identity: Identity
    guide: Guide | None
    access: str = ""
    group: str = ""
    faults: list[Fault] = field(default_factory=list)
    segments: list[tuple[Node, Values, int]] = field(default_factory=list)
    count: int = 0
    more: int = 0  # faults beyond the limit
    most: int = 1000
    frames: list[tuple[int, Frame]] = field(default_factory=list)  # segment number of index 0, frame

    @property
    def accepted(self) -> bool:
        """Say whether nothing forbids taking the message."""
        return not self.faults or not any(one.rejects for one in self.faults)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Return every fault as a finding."""
        return tuple(one.finding() for one in self.faults)

    def offset(self, segment: int, element: int = 0, repetition: int = 1, component: int = 0) -> int:
        """Return the byte offset of a part of a segment, so that rules can say where, too."""
        first, frame = next(pair for pair in reversed(self.frames) if pair[0] <= segment)
        return frame.offset(segment - first, element, repetition, component)

    def add(self, problem: Problem, segment: int, tag: str, path: str = "") -> Fault | None:
        """Note a problem within a segment; past the limit it is only counted."""
        if len(self.faults) >= self.most:
            self.more += 1
            return None
        place = self.offset(segment, problem.element, problem.repetition, problem.component)
        fault = fault_of(
            problem, message=self.number, segment=segment, tag=tag, offset=place, path=path or tag
        )
        self.faults.append(fault)
        return fault
