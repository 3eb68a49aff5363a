# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""A run of whole segments: canonical text for reading, the original bytes for saying where something is."""

from collections.abc import Iterator, Sequence

from gateway.formats.edifact.charset import UNDECODED, Charset
from gateway.formats.edifact.check_value import Problem
from gateway.formats.edifact.tokenise import (
    ServiceCharacters,
    canonical,
    elements_of,
    ends,
    locate,
    split,
    unmask,
)


class Frame:
    """Whole segments of one interchange.

    `suspect` says that something on the level of characters may be wrong somewhere, so `problems` must look
    at every segment, or only at those beyond ASCII if `letters`; any other frame costs only its decoding.
    """

    __slots__ = (
        "_ends",
        "base",
        "breaks",
        "charset",
        "letters",
        "masked",
        "raw",
        "segments",
        "service",
        "suspect",
    )

    def __init__(self, raw: bytes, base: int, service: ServiceCharacters, charset: Charset) -> None:
        """Take bytes that end with a terminator; `base` is their offset in the input."""
        text = charset.decode(raw)
        clean = canonical(text, service)
        self.raw, self.base, self.service, self.charset = raw, base, service, charset
        self.breaks = ("\n" in text or "\r" in text) and _breaks(clean) < _breaks(text)
        self.masked = not clean.isascii()
        plain = (
            "?" not in clean
            and "+'" not in clean
            and ":'" not in clean
            and ":+" not in clean
            and ("*" not in clean or not ("*'" in clean or "*+" in clean or ":*" in clean))
            and charset.wrong(clean) is None
        )
        self.letters = plain and charset.single_byte and not raw.isascii()
        self.suspect = self.letters or not plain
        self.segments = split(clean)
        self.segments.pop()
        self._ends: Sequence[int] = ()

    def span(self, index: int) -> tuple[int, int]:
        """Return begin and end of a segment in `raw`, without the line breaks before it."""
        if not self._ends:
            self._ends = ends(self.raw, self.service)
        begin, end = (self._ends[index - 1] if index else 0), self._ends[index]
        while begin < end and self.raw[begin] in b"\r\n":
            begin += 1
        return begin, end

    def offset(self, index: int, element: int = 0, repetition: int = 1, component: int = 0) -> int:
        """Return the offset of a part of a segment in the whole input."""
        begin, end = self.span(index)
        if not element:
            return self.base + begin
        inside = locate(self.raw[begin:end], self.service, element, repetition, component or 1)
        return self.base + begin + inside

    def problems(self, index: int) -> Iterator[Problem]:
        """Yield what is wrong with the characters of a segment."""
        segment = self.segments[index]
        begin, end = self.span(index)
        other = self.charset.misread(self.raw[begin:end])
        if other:
            certain = other == "UTF-8"
            code = "EDIFACT-CHARSET-MISMATCH" if certain else "EDIFACT-CHARSET-DOUBT"
            yield Problem(code, expected=self.charset.name, actual=other)
        yield from self._wrong(0, 1, 0, segment.partition("+")[0])
        elements = elements_of(segment)
        for number, repetitions in enumerate(elements, 1):
            for count, components in enumerate(repetitions, 1):
                for place, text in enumerate(components, 1):
                    yield from self._wrong(number, count, place if len(components) > 1 else 0, text)
                if len(components) > 1 and not components[-1]:
                    yield Problem("EDIFACT-TRAILING-SEPARATOR", number, len(components), count)
            if repetitions[-1] == [""] and (len(repetitions) > 1 or number == len(elements)):
                yield Problem("EDIFACT-TRAILING-SEPARATOR", number, 0, len(repetitions))

    def _wrong(self, element: int, repetition: int, component: int, text: str) -> Iterator[Problem]:
        """Yield the first character of a component that does not belong, and stray release characters."""
        if "?" in text:
            after = text[text.index("?") + 1 :][:1]
            what = f"U+{ord(unmask(after)):04X}" if after else "nothing"
            yield Problem(
                "EDIFACT-RELEASE",
                element,
                component,
                repetition,
                "a separator after the release character",
                what,
            )
            text = text.replace("?", "")
        match = self.charset.wrong(text)
        if match:
            code = ord(match[0])
            shown = f"byte {code - 0xDC00:02X}" if 0xDC80 <= code <= 0xDCFF else f"U+{code:04X}"  # noqa: PLR2004 - the range of undecodable bytes
            yield Problem(
                "EDIFACT-CHARACTER",
                element,
                component,
                repetition,
                f"characters of {self.charset.name}",
                shown,
            )

    def mend(self) -> None:
        """Take out what `problems` has spoken of: stray release characters, bytes that are no characters.

        The latter become U+FFFD, since a lone surrogate can be neither stored nor answered.
        """
        self.segments = [one.replace("?", "") if "?" in one else one for one in self.segments]
        if self.masked:
            self.segments = [one if one.isascii() else UNDECODED.sub("\ufffd", one) for one in self.segments]


def _breaks(text: str) -> int:
    return text.count("\n") + text.count("\r")
