# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Read interchanges from bytes as they come, in bounded memory; whatever is wrong becomes a fault.

>>> reader = Reader(own_guides())
>>> reader.feed(b"UNB+UNOA:3+A+B+261122:1200+1'UNZ+0+1'")[0].faults[0].code
'EDIFACT-EMPTY'
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gateway.finding import Finding
from gateway.formats.edifact.envelope import Envelope, Event
from gateway.formats.edifact.fault import Fault
from gateway.formats.edifact.frame import Frame
from gateway.formats.edifact.interchange import Guides, Interchange, Limits, own_guides
from gateway.formats.edifact.message import Message
from gateway.formats.edifact.service import Opening, read_opening
from gateway.formats.edifact.tokenise import last_end

__all__ = ["Parsed", "Reader", "own_guides", "parse", "read"]

SLICE = 65_536
_BOM = b"\xef\xbb\xbf"
_BLANK = b" \t\r\n"


class Reader:
    """Give it bytes in pieces of any size; it gives back messages, each interchange after its own."""

    def __init__(self, guides: Guides, limits: Limits | None = None) -> None:
        """Begin before the first interchange."""
        self._guides, self._limits = guides, limits or Limits()
        self._buffer = bytearray()
        self._base = 0  # offset of the buffer in the input
        self._envelope: Envelope | None = None
        self._opening: Opening
        self._number = 0
        self._refused = False
        self._marked = False  # a byte-order mark was skipped

    def feed(self, data: bytes) -> list[Event]:
        """Take bytes and return what they complete."""
        events: list[Event] = []
        for begin in range(0, len(data), SLICE):
            self._buffer += data[begin : begin + SLICE] if len(data) > SLICE else data
            while self._buffer and self._step(events):
                pass
        return events

    def close(self) -> list[Event]:
        """Take the end of the input and return what it leaves open."""
        if self._refused:
            return []
        rest, empty = bytes(self._buffer), self._number == 0
        self._buffer.clear()
        if self._envelope is not None:
            events = self._envelope.end(rest, self._base)
            self._envelope = None
            return events
        if rest.strip(_BLANK) or empty:
            code, expected = "EDIFACT-NO-INTERCHANGE", "UNA or UNB"
            if rest[:3] in (b"UNA", b"UNB"):
                code, expected = "EDIFACT-TRUNCATED", "a whole UNB"
            return [self._nothing(code, expected, ascii(rest[:6].decode("latin-1"))[1:-1])]
        return []

    def _step(self, events: list[Event]) -> bool:
        """Read one frame or one opening; return whether another step may succeed."""
        if self._refused:
            self._buffer.clear()
            return False
        if self._envelope is None:
            return self._open(events)
        cut = self._cut()
        if not cut:
            if len(self._buffer) > self._limits.max_segment_bytes:
                expected = f"segments of at most {self._limits.max_segment_bytes} bytes"
                self._envelope.refuse("EDIFACT-LIMIT", expected, self._base)
                events += self._envelope.end(b"", self._base)
                self._refused = True
            return False
        raw = bytes(self._buffer[:cut])
        opening = self._opening
        frame = Frame(raw, self._base, opening.service, opening.charset)
        envelope = self._envelope
        taken = envelope.take(frame, events)
        if taken < len(frame.segments):
            cut = frame.span(taken)[0]
        if envelope.closed:
            self._envelope = None
        self._advance(cut)
        return True

    def _cut(self) -> int:
        """Return where the next frame ends: behind UNZ if there is one, else behind the last terminator."""
        service = self._opening.service
        last = last_end(self._buffer, service)
        trailer = self._buffer.find(b"UNZ" + service.element.encode("latin-1"), 0, last)
        if trailer >= 0:
            stop = self._buffer.find(service.terminator.encode("latin-1"), trailer)
            return last_end(self._buffer[: stop + 1], service) if stop >= 0 else last
        return last

    def _open(self, events: list[Event]) -> bool:
        """Begin an interchange."""
        blank = len(self._buffer) - len(self._buffer.lstrip(_BLANK))
        marked = not self._base and not self._number and self._buffer.startswith(_BOM)
        self._marked = self._marked or marked
        self._advance(blank or (len(_BOM) if marked else 0))
        if blank or marked:
            return bool(self._buffer)
        opening = read_opening(bytes(self._buffer[:64]))
        if opening is None:
            return False
        if not opening.readable:
            events.append(self._nothing(*opening.faults[0]))
            self._refused = True
            return False
        self._number += 1
        self._opening = opening
        interchange = Interchange(
            self._number, self._base, syntax=opening.syntax, charset=opening.charset.name
        )
        if self._marked:
            self._marked = False
            interchange.faults.append(Fault("SCHEMA-REPAIRED", 0, 1, "UNB", 0, actual="byte-order mark"))
        for code, expected, actual in opening.faults:
            place = self._base + opening.skip + 4
            interchange.faults.append(Fault(code, 0, 1, "UNB", place, 1, 0, 1, expected, actual, "UNB/S001"))
        self._advance(opening.skip)
        self._envelope = Envelope(interchange, self._guides, self._limits, opening.decimal)
        return True

    def _advance(self, count: int) -> None:
        del self._buffer[:count]
        self._base += count

    def _nothing(self, code: str, expected: str, actual: str) -> Interchange:
        """Return what stands for input that is no interchange."""
        self._number += 1
        fault = Fault(code, 0, 0, "", self._base, expected=expected, actual=actual)
        return Interchange(self._number, self._base, faults=[fault])


@dataclass(frozen=True, slots=True)
class Parsed:
    """Everything in one input."""

    interchanges: tuple[Interchange, ...]

    @property
    def messages(self) -> tuple[Message, ...]:
        """Return every message."""
        return tuple(one for interchange in self.interchanges for one in interchange.messages)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Return every finding, in the order of the bytes within each interchange."""
        return tuple(one for interchange in self.interchanges for one in interchange.findings)


def read(pieces: Iterable[bytes], guides: Guides, limits: Limits | None = None) -> Iterator[Event]:
    """Yield messages and interchanges from pieces of input."""
    reader = Reader(guides, limits)
    for piece in pieces:
        yield from reader.feed(piece)
    yield from reader.close()


def parse(raw: bytes, guides: Guides, limits: Limits | None = None) -> Parsed:
    """Read a whole input that fits in memory."""
    interchanges: list[Interchange] = []
    messages: list[Message] = []
    for event in read((raw,), guides, limits):
        if isinstance(event, Message):
            messages.append(event)
        else:
            event.messages, messages = messages, []
            interchanges.append(event)
    return Parsed(tuple(interchanges))
