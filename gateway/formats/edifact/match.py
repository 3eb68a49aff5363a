# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Walk a message through the grammar: one look-up and one match per segment while all is well."""

from gateway.formats.edifact.frame import Frame
from gateway.formats.edifact.grammar import Edge, Grammar, Node
from gateway.formats.edifact.guide import Values
from gateway.formats.edifact.guide_parts import SERVICE_TAGS
from gateway.formats.edifact.message import Message
from gateway.formats.edifact.recover import Recovery
from gateway.formats.edifact.tokenise import unmask

_NONE: tuple[Edge, ...] = ()


class Matching:
    """The state of one open message; without a grammar its segments are only counted."""

    __slots__ = ("_counts", "_node", "_recovery", "grammar", "message")

    def __init__(self, message: Message, grammar: Grammar | None, decimal: str) -> None:
        """Begin after UNH."""
        self.message = message
        self.grammar = grammar
        if grammar is not None:
            self._node: Node = grammar.start
            self._counts = [0] * grammar.slots
            self._recovery = Recovery(message, grammar, decimal, self._counts)

    def run(self, frame: Frame, index: int, first: int) -> int:  # noqa: C901 - the hot loop; calls cost more than it does
        """Take segments up to the next service segment or the end of the frame; return where that is.

        Args:
            frame: where the segments are.
            index: the next of them.
            first: segment number within the message that index 0 of the frame would have.
        """
        if self.grammar is None:
            return self._skip(frame, index)
        segments, counts, append = frame.segments, self._counts, self.message.segments.append
        node, masked, size = self._node, frame.masked, len(frame.segments)
        edges = node.edges
        while index < size:
            segment = segments[index]
            for match, slot, limit, clear, least, target in edges.get(segment[:3], _NONE):
                if counts[slot] >= limit or (least and any(counts[one] < few for one, few, _ in least)):
                    continue
                found = match(segment)
                if found is None:
                    continue
                counts[slot] += 1
                if clear is not None:
                    counts[clear[0]] = clear[1]
                values = found.groups("")
                if masked and not segment.isascii():
                    values = _unmasked(values)
                append((target, values, first + index))
                for wrong in target.deep:
                    if wrong(values):
                        self._recovery.look_again(target, segment, first + index)
                        break
                node = target
                edges = node.edges
                break
            else:
                if segment.partition("+")[0] in SERVICE_TAGS:
                    break
                node = self._recovery.recover(node, segment, first + index)
                edges = node.edges
            index += 1
        self._node = node
        return index

    def finish(self, number: int) -> None:
        """Note what is missing at the end of the message, which is the segment of this number."""
        if self.grammar is not None:
            self._recovery.finish(self._node, number)

    def give_up(self) -> None:
        """Read no further: what remains is only counted, and what was read is let go."""
        self.grammar = None
        self.message.segments.clear()

    def _skip(self, frame: Frame, index: int) -> int:
        while index < len(frame.segments) and frame.segments[index].partition("+")[0] not in SERVICE_TAGS:
            index += 1
        return index


def _unmasked(values: Values) -> Values:
    """Return values with their released characters."""
    return tuple([(one if one.isascii() else unmask(one)) if one.__class__ is str else one for one in values])
