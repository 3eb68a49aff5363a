# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""UNB to UNZ around the messages: order of the service segments, references, counts (ISO 9735-1)."""

from typing import cast

from gateway.formats.edifact.charset import CHARSETS
from gateway.formats.edifact.check import check_segment
from gateway.formats.edifact.check_value import Problem
from gateway.formats.edifact.dates import is_date
from gateway.formats.edifact.fault import Fault, fault_of
from gateway.formats.edifact.frame import Frame
from gateway.formats.edifact.grammar import compile_guide
from gateway.formats.edifact.guide import Identity, Values
from gateway.formats.edifact.interchange import FunctionalGroup, Guides, Interchange, Limits
from gateway.formats.edifact.match import Matching
from gateway.formats.edifact.message import Message
from gateway.formats.edifact.service import header_of, service_segments
from gateway.formats.edifact.tokenise import DEFAULT, unmask

Event = Message | Interchange
_NO_FRAME = Frame(b"", 0, DEFAULT, CHARSETS["UNOA"])


class Envelope:
    """The state of one open interchange; segments come frame by frame."""

    def __init__(self, interchange: Interchange, guides: Guides, limits: Limits, decimal: str) -> None:
        """Begin before UNB."""
        self.interchange, self._guides, self._limits, self._decimal = interchange, guides, limits, decimal
        self._matching: Matching | None = None
        self._group: FunctionalGroup | None = None
        self._grouped: bool | None = None
        self._in_group = 0
        self._outer: list[tuple[FunctionalGroup | None, int]] = []  # groups that another began in
        self._groups = 0
        self._seen = 0  # segments of earlier frames
        self._message_first = 0  # segment of the interchange that is UNH of the open message
        self._references: set[str] = set()
        self._group_references: set[str] = set()
        self._events: list[Event] = []
        self._frame = _NO_FRAME
        self._suspects: dict[int, tuple[Problem, ...]] = {}
        self.closed = False

    def take(self, frame: Frame, events: list[Event]) -> int:
        """Read whole segments; return how many were taken before the next interchange begins."""
        self._frame, self._events, self._suspects = frame, events, {}
        if frame.suspect:
            self._suspects = {
                index: found
                for index, segment in enumerate(frame.segments)
                if not (frame.letters and segment.isascii()) and (found := tuple(frame.problems(index)))
            }
            frame.mend()
        index, size = 0, len(frame.segments)
        self.interchange.breaks = self.interchange.breaks or frame.breaks
        if self._matching is not None:
            self._continue()
        while index < size:
            if self._matching is not None:
                index = self._run(self._matching, index)
                if index == size:
                    break
            segment = frame.segments[index]
            tag = segment.partition("+")[0]
            if self._seen + index and tag in ("UNA", "UNB"):
                self.close(index, "UNZ")
                return index
            self._service(tag, segment, index)
            index += 1
            if self.closed:
                break
        self._seen += index
        return index

    def close(self, index: int, missing: str = "") -> None:
        """End the interchange, with a finding about the trailer that is missing, if any."""
        self._abandon(index)
        if missing and not self.closed:
            self._note(Problem("EDIFACT-TRAILER-MISSING", expected=missing), index, missing)
        if not self.interchange.message_count and self.interchange.header and not missing:
            self._note(Problem("EDIFACT-EMPTY"), index, "UNZ")
        interchange = self.interchange
        if interchange.breaks:
            interchange.faults.append(Fault("EDIFACT-LINE-BREAK", 0, 1, "UNB", interchange.offset))
        interchange.faults.sort(key=lambda one: one.offset)
        if interchange.more:
            more = fault_of(
                Problem("EDIFACT-MORE", actual=f"{interchange.more}"),
                message=0,
                segment=self._seen + index + 1,
                tag="UNZ",
                offset=self._frame.base,
                path="UNZ",
            )
            interchange.faults.append(more)
        self.closed = True
        self._events.append(interchange)

    def end(self, rest: bytes, offset: int) -> list[Event]:
        """End at the end of input; `rest` is what stands at an offset behind the last terminator."""
        self._events = []
        last = len(self._frame.segments) - 1
        self._seen -= last + 1
        if rest.strip():
            problem = Problem(
                "EDIFACT-TRUNCATED", expected="a segment terminator", actual=f"{len(rest)} bytes"
            )
            self._note(problem, last, rest[:3].decode("latin-1"), offset)
        self.close(last, "UNZ")
        return self._events

    def refuse(self, code: str, expected: str, offset: int) -> None:
        """Note that the rest of the interchange is not read."""
        self._note(Problem(code, expected=expected), len(self._frame.segments) - 1, "", offset)

    def _run(self, matching: Matching, index: int) -> int:
        """Let the open message take its segments."""
        first = self._seen - self._message_first + 1
        stop = matching.run(self._frame, index, first)
        message = matching.message
        if self._suspects:
            for at in range(index, stop):
                for one in self._suspects.get(at, ()):
                    message.add(one, first + at, self._frame.segments[at][:3])
        message.count += stop - index
        if message.count > self._limits.max_message_segments and matching.grammar is not None:
            expected = f"at most {self._limits.max_message_segments} segments"
            message.add(Problem("EDIFACT-LIMIT", expected=expected), first + stop - 1, message.identity.name)
            matching.give_up()
        return stop

    def _continue(self) -> None:
        """Let the open message know the frame it goes on in."""
        if self._matching is not None:
            self._matching.message.frames.append((self._seen - self._message_first + 1, self._frame))

    def _service(self, tag: str, segment: str, index: int) -> None:
        """Check a segment between messages and act on it."""
        service = service_segments().get(tag)
        if service is None:
            code = "EDIFACT-OUTSIDE-MESSAGE"
            if tag in ("UNO", "UNP", "UIB", "UIH", "UIT", "UIZ"):
                code = "EDIFACT-UNSUPPORTED-SEGMENT"
            self._envelope_problems(
                (*self._suspects.get(index, ()), Problem(code, actual=unmask(tag)[:20])), index, tag
            )
            return
        found = service.match(segment)
        problems: tuple[Problem, ...] = self._suspects.get(index, ())
        if found is not None:
            values = found.groups("")
            if self._frame.masked and not segment.isascii():
                values = tuple(unmask(str(one)) for one in values)
        else:
            values, wrong = check_segment(service.use, segment, self._decimal)
            problems += wrong
        if tag in ("UNB", "UNZ"):
            self._envelope_problems(problems, index, tag)
            (self._unb if tag == "UNB" else self._unz)(index, values)
            return
        if tag == "UNT" and self._matching is not None:
            self._message_problems(problems, index, tag)
            problems = ()
        self._act(tag, index, values)
        if tag == "UNH":
            self._message_problems(problems, index, tag)
        else:
            self._envelope_problems(problems, index, tag)

    def _act(self, tag: str, index: int, values: Values) -> None:
        if tag == "UNH":
            self._unh(index, values)
        elif tag == "UNT":
            self._unt(index, values)
        elif tag == "UNG":
            self._ung(index, values)
        else:
            self._une(index, values)

    def _unb(self, index: int, values: Values) -> None:
        self.interchange.header = header_of(values)
        date, time = str(values[13]), str(values[14])
        wanted = "102" if self.interchange.syntax == "4" else "101"
        if date.isdigit() and not is_date(date, wanted):
            self._note(Problem("EDIFACT-DATE", 4, 1, expected=wanted, actual=date), index, "UNB")
        if time.isdigit() and not is_date(time, "401"):
            self._note(Problem("EDIFACT-DATE", 4, 2, expected="HHMM", actual=time), index, "UNB")

    def _ung(self, index: int, values: Values) -> None:
        self._abandon(index)
        if self._group is not None:
            self._note(Problem("EDIFACT-GROUP-NESTED", actual=self._group.reference), index, "UNG")
            self._outer.append((self._group, self._in_group))
        else:
            self._groups += 1
        if self._grouped is False:
            self._note(Problem("EDIFACT-GROUP-MIXED"), index, "UNG")
        self._grouped = True
        group = FunctionalGroup(str(values[7]), str(values[0]), str(values[1]), str(values[3]))
        if group.reference in self._group_references:
            self._note(Problem("EDIFACT-REFERENCE-REPEATED", 5, actual=group.reference), index, "UNG")
        self._group_references.add(group.reference)
        self.interchange.groups.append(group)
        self._group, self._in_group = group, 0

    def _une(self, index: int, values: Values) -> None:
        self._abandon(index)
        group = self._group
        if group is None:
            self._note(Problem("EDIFACT-HEADER-MISSING", expected="UNG"), index, "UNE")
            return
        self._count(index, "UNE", str(values[0]), self._in_group)
        self._match_reference(index, "UNE", str(values[1]), group.reference)
        if not self._in_group:
            self._note(Problem("EDIFACT-EMPTY"), index, "UNE")
        inner = self._in_group
        self._group, self._in_group = self._outer.pop() if self._outer else (None, -inner)
        self._in_group += inner

    def _unz(self, index: int, values: Values) -> None:
        self._abandon(index)
        if self._group is not None:
            self._note(Problem("EDIFACT-TRAILER-MISSING", expected="UNE"), index, "UNZ")
        interchange = self.interchange
        count = self._groups if self._grouped else interchange.message_count
        self._count(index, "UNZ", str(values[0]), count)
        header = interchange.header
        self._match_reference(index, "UNZ", str(values[1]), header.reference if header else "")
        self.close(index)

    def _unh(self, index: int, values: Values) -> None:
        self._abandon(index)
        interchange = self.interchange
        interchange.message_count += 1
        self._in_group += 1
        reference = str(values[0])
        identity = Identity(*cast("tuple[str, ...]", values[1:6]))
        if interchange.message_count > self._limits.max_messages:
            self._note(
                Problem("EDIFACT-LIMIT", expected=f"at most {self._limits.max_messages} messages"),
                index,
                "UNH",
            )
        guide = self._guides.find(identity)
        message = Message(
            interchange.message_count,
            reference,
            identity,
            guide,
            access=str(values[8]),
            group=self._group.reference if self._group else "",
            most=self._limits.max_faults,
            count=1,
        )
        grammar = None if guide is None else compile_guide(guide, self._decimal)
        self._matching = Matching(message, grammar, self._decimal)
        self._message_first = self._seen + index
        message.frames.append((1 - index, self._frame))
        if guide is None:
            known = ", ".join(self._guides.named(identity.name)) or "a message for which there is a guide"
            problem = Problem("EDIFACT-MESSAGE-UNKNOWN", 2, 0, expected=known, actual=str(identity))
            message.add(problem, 1, "UNH")
        self._check_place(message, reference, identity)

    def _check_place(self, message: Message, reference: str, identity: Identity) -> None:
        """Check what a message is to its group and to the other messages."""
        if reference in self._references:
            message.add(Problem("EDIFACT-REFERENCE-REPEATED", 1, actual=reference), 1, "UNH")
        elif len(self._references) < self._limits.max_messages:
            self._references.add(reference)
        if self._group is None and self._grouped:
            message.add(Problem("EDIFACT-GROUP-MIXED"), 1, "UNH")
        elif self._group is None:
            self._grouped = False
        elif self._group.kind and self._group.kind != identity.name:
            problem = Problem("EDIFACT-GROUP-TYPE", 2, 1, expected=self._group.kind, actual=identity.name)
            message.add(problem, 1, "UNH")

    def _unt(self, index: int, values: Values) -> None:
        matching = self._matching
        if matching is None:
            self._note(Problem("EDIFACT-HEADER-MISSING", expected="UNH"), index, "UNT")
            return
        message = matching.message
        message.count += 1
        number = self._seen + index - self._message_first + 1
        matching.finish(number)
        said = str(values[0])
        if said.isdigit() and int(said) != message.count:
            problem = Problem("EDIFACT-COUNT", 1, expected=f"{message.count}", actual=said)
            message.add(problem, number, "UNT")
        if values[1] and values[1] != message.reference:
            problem = Problem("EDIFACT-REFERENCE", 2, expected=message.reference, actual=str(values[1]))
            message.add(problem, number, "UNT")
        self._emit(message)

    def _abandon(self, index: int) -> None:
        """End an open message that has no UNT."""
        if self._matching is None:
            return
        message = self._matching.message
        number = self._seen + index - self._message_first + 1
        last = max(1, min(number, message.count + 1))
        self._matching.finish(last)
        message.add(Problem("EDIFACT-TRAILER-MISSING", expected="UNT"), last, "UNT")
        self._emit(message)

    def _emit(self, message: Message) -> None:
        self._matching = None
        if message.faults:
            message.faults.sort(key=lambda one: one.offset)
            if message.more:
                message.most += 1
                message.add(Problem("EDIFACT-MORE", actual=f"{message.more}"), message.count, "UNT")
            self.interchange.rejected_count += not message.accepted
        self._events.append(message)

    def _count(self, index: int, tag: str, said: str, actual: int) -> None:
        if said.isdigit() and int(said) != actual:
            self._note(Problem("EDIFACT-COUNT", 1, expected=f"{actual}", actual=said), index, tag)

    def _match_reference(self, index: int, tag: str, said: str, expected: str) -> None:
        if said and said != expected:
            self._note(Problem("EDIFACT-REFERENCE", 2, expected=expected, actual=said), index, tag)

    def _message_problems(self, problems: tuple[Problem, ...], index: int, tag: str) -> None:
        if self._matching is not None:
            number = self._seen + index - self._message_first + 1
            for one in problems:
                self._matching.message.add(one, number, tag)

    def _envelope_problems(self, problems: tuple[Problem, ...], index: int, tag: str) -> None:
        for one in problems:
            self._note(one, index, tag)

    def _note(self, problem: Problem, index: int, tag: str, offset: int = -1) -> None:
        """Note a problem of the envelope at a segment of the frame."""
        if len(self.interchange.faults) >= self._limits.max_faults:
            self.interchange.more += 1
            return
        if offset < 0:
            place = (index, problem.element, problem.repetition, problem.component)
            offset = self._frame.offset(*place) if index >= 0 else self.interchange.offset
        self.interchange.faults.append(
            fault_of(problem, message=0, segment=self._seen + index + 1, tag=tag, offset=offset, path=tag)
        )
