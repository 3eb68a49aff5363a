# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What to make of a segment that does not fit: name every fault, then go on."""

import re
from collections import deque

from gateway.formats.edifact.check import check_segment
from gateway.formats.edifact.check_value import Problem
from gateway.formats.edifact.conditions import expected, holds
from gateway.formats.edifact.fault import Fault
from gateway.formats.edifact.grammar import Edge, Grammar, Node, Way
from gateway.formats.edifact.guide import GroupUse, Part, Value
from gateway.formats.edifact.message import Message
from gateway.formats.edifact.tokenise import unmask

_TAG = re.compile("[A-Z][A-Z0-9]{2}")
LATELY = 16


class Recovery:
    """The slow way through one message, beside `Matching`; both move the same counters."""

    def __init__(self, message: Message, grammar: Grammar, decimal: str, counts: list[int]) -> None:
        """Serve one message."""
        self._message, self._grammar, self._decimal, self._counts = message, grammar, decimal, counts
        # Only what was found missing lately can be what comes too late.
        self._missing: deque[tuple[Part, Fault]] = deque(maxlen=LATELY)

    def recover(self, node: Node, segment: str, number: int) -> Node:
        """Note what is wrong with a segment and return the state after it."""
        tag = unmask(segment.partition("+")[0])
        if not _TAG.fullmatch(tag):
            self._message.add(
                Problem("EDIFACT-SEGMENT-TAG", expected="three capital letters or digits", actual=tag[:20]),
                number,
                tag[:3],
            )
            return node
        known = self._grammar.by_tag.get(tag, ())
        if not known:
            self._message.add(Problem("EDIFACT-SEGMENT-UNKNOWN", actual=tag), number, tag)
            return node
        qualifier = unmask(re.split("[+:*]", segment, maxsplit=2)[1]) if "+" in segment else ""
        ways = [one for one in self._grammar.ways(node) if one.edge and _leads_to(one.edge, tag)]
        fitting = [one for one in ways if one.edge and _fits(one.edge.node, qualifier)]
        if fitting:
            way = min(fitting, key=self._cost)
            if not (self._lacking(way) and self._was_missing(tag, qualifier)):
                return self._accept(way, segment, number)
        earlier = next((one for one in known if _fits(one, qualifier)), None)
        if earlier is not None or not ways:
            return self._late(node, earlier or known[0], segment, number)
        return self._accept(min(ways, key=self._cost), segment, number)

    def look_again(self, node: Node, segment: str, number: int) -> None:
        """Note what the checks after the match found."""
        _, problems = check_segment(node.use, segment, self._decimal)
        self._note(node, problems, number)

    def finish(self, node: Node, number: int) -> None:
        """Note what is missing at the end, and the conditions of group instances that do not hold."""
        if node.end is None or any(self._counts[slot] < few for slot, few, _ in node.end):
            end = next(one for one in self._grammar.ways(node) if one.edge is None)
            for part in self._lacking(end):
                self._note_missing(part, number, "UNT")
        if self._grammar.watched:
            self._check_groups()

    def _accept(self, way: Way, segment: str, number: int) -> Node:
        """Take the segment at a place, with all that is wrong about that."""
        edge = way.edge
        if edge is None:
            raise ValueError("the end of a message is no place for a segment")
        node = edge.node
        for part in self._lacking(way):
            self._note_missing(part, number, node.use.tag)
        if self._counts[edge.slot] >= edge.limit:
            code = "EDIFACT-GROUP-REPEATED" if edge.clear else "EDIFACT-SEGMENT-REPEATED"
            count = self._counts[edge.slot] + 1
            problem = Problem(code, expected=f"at most {edge.limit}", actual=f"{count}")
            self._message.add(problem, number, node.use.tag, _path(node))
        self._move(edge)
        values, problems = check_segment(node.use, segment, self._decimal)
        self._note(node, problems, number)
        self._message.segments.append((node, values, number))
        return node

    def _late(self, node: Node, earlier: Node, segment: str, number: int) -> Node:
        """Note a segment whose place has passed or has not begun; the state stays."""
        tag = earlier.use.tag
        for pair in self._missing:
            if pair[0].tag == tag and pair[1] in self._message.faults:
                self._message.faults.remove(pair[1])
                self._missing.remove(pair)
                break
        after = f"not after {node.use.tag}" if node is not self._grammar.start else "not at the start"
        self._message.add(
            Problem("EDIFACT-SEGMENT-ORDER", expected=after, actual=tag), number, tag, _path(earlier)
        )
        self._note(earlier, check_segment(earlier.use, segment, self._decimal)[1], number)
        return node

    def _move(self, edge: Edge) -> None:
        self._counts[edge.slot] += 1
        if edge.clear is not None:
            self._counts[edge.clear[0]] = edge.clear[1]

    def _lacking(self, way: Way) -> tuple[Part, ...]:
        """Return the mandatory parts that a way leaves out; what several parts share counts for each."""
        return (*(part for slot, few, part in way.least if self._counts[slot] < few), *way.skipped)

    def _cost(self, way: Way) -> int:
        lacking = len(self._lacking(way))
        over = way.edge is not None and self._counts[way.edge.slot] >= way.edge.limit
        return over + (1 + lacking if lacking else 0)

    def _was_missing(self, tag: str, qualifier: str) -> bool:
        return any(
            part.tag == tag and (not part.qualifiers or qualifier in part.qualifiers)
            for part, _ in self._missing
        )

    def _note(self, node: Node, problems: tuple[Problem, ...], number: int) -> None:
        for one in problems:
            self._message.add(one, number, node.use.tag, _path(node))

    def _note_missing(self, part: Part, number: int, found: str) -> None:
        problem = Problem("EDIFACT-SEGMENT-MISSING", expected=_described(part), actual=found)
        fault = self._message.add(problem, number, part.tag, part.name)
        if fault:
            self._missing.append((part, fault))

    def _check_groups(self) -> None:
        """Check the conditions of every group instance."""
        instances: dict[int, tuple[Node, int, dict[str, Value]]] = {}
        for node, values, number in self._message.segments:
            for group, name, place, begins in node.marks:
                if begins:
                    self._close(instances.get(id(group)), group)
                    instances[id(group)] = (node, number, {name: "present"})
                else:
                    instances[id(group)][2][name] = values[place] if place >= 0 else "present"
        for key, instance in instances.items():
            self._close(instance, self._grammar.watched[key])

    def _close(self, instance: tuple[Node, int, dict[str, Value]] | None, group: GroupUse) -> None:
        if instance is None:
            return
        node, number, seen = instance
        for one in group.conditions:
            if not holds(one, seen):
                problem = Problem("EDIFACT-CONDITION", expected=expected(one), name=one.rule)
                self._message.add(problem, number, node.use.tag, _path(node))


def _leads_to(edge: Edge, tag: str) -> bool:
    """Say whether an edge takes a tag; a trigger again is another instance, never a repetition inside one."""
    return edge.node.use.tag == tag and (edge.node.begins is None or edge.clear is not None)


def _fits(node: Node, qualifier: str) -> bool:
    return not node.use.qualifiers or qualifier in node.use.qualifiers


def _path(node: Node) -> str:
    return "/".join((*node.groups, node.use.name))


def _described(part: Part) -> str:
    named = f"{part.tag} ({part.name})" if part.name != part.tag else part.tag
    return f"{named} with {' or '.join(part.qualifiers)}" if part.qualifiers else named
