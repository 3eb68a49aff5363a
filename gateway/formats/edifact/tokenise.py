# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Bytes to segments: service characters, release characters, canonical text (ISO 9735-1, clauses 5 to 7).

Canonical text has the default separators whatever UNA says, and every released or merely similar character
masked by a lone surrogate, so that plain splitting is exact. `unmask` brings the characters back.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

# Data characters that look like separators: ? + : ' * and blank, in the order of their masks.
_DATA = "?+:'* "
_MASKS = "\ud800\ud801\ud802\ud803\ud804\ud805"
_MEANT = tuple(zip(_MASKS, _DATA, strict=True))
_MASK = dict(zip(_DATA, _MASKS, strict=True))
_BREAKS = re.compile("(?:(?<=')|^)[\r\n]+")

Elements = list[list[list[str]]]  # element, repetition, component


@dataclass(frozen=True, slots=True)
class ServiceCharacters:
    """What UNA says; blank `release` or `repetition` means there is none."""

    component: str = ":"
    element: str = "+"
    decimal: str = ".,"
    release: str = "?"
    repetition: str = " "
    terminator: str = "'"

    @property
    def separators(self) -> str:
        """Return every character that has a function, the release character first."""
        return self.release + self.element + self.component + self.terminator + self.repetition


DEFAULT = ServiceCharacters()
DEFAULT_4 = ServiceCharacters(repetition="*")
# Level B of the early syntax versions: information separators instead of printable characters.
INFORMATION_SEPARATORS = ServiceCharacters("\x1f", "\x1d", ".,", " ", " ", "\x1c")
_CANONICAL = (DEFAULT.separators, DEFAULT_4.separators)


def canonical(text: str, service: ServiceCharacters) -> str:
    """Return canonical text, in which line breaks after a terminator are gone.

    A release character before an ordinary one stays as `?`: it is a fault that only `?` then shows.
    """
    if service.separators in _CANONICAL:
        if "?" in text:
            text = text.replace("??", "\ud800").replace("?+", "\ud801").replace("?:", "\ud802")
            text = text.replace("?'", "\ud803").replace("?*", "\ud804")
        if service.repetition == " " and "*" in text:
            text = text.replace("*", "\ud804")
    else:
        text = _translated(text, service)
    if "\n" in text or "\r" in text:
        text = _BREAKS.sub("", text)
    return text


def _translated(text: str, service: ServiceCharacters) -> str:
    """Replace unusual separators by the default ones and mask what then looks like a separator."""
    roles = {service.element: "+", service.component: ":", service.terminator: "'"}
    if service.repetition != " ":
        roles[service.repetition] = "*"
    release = service.release if service.release != " " else ""
    pieces = []
    for piece in _pieces(text, release):
        if len(piece) == 1:
            pieces.append(roles.get(piece) or _MASK.get(piece, piece) if piece != " " else " ")
        elif piece[1] in roles or piece[1] == release:
            pieces.append(_MASK.get(piece[1], piece[1]))
        else:
            pieces.append("?" + _MASK.get(piece[1], piece[1]))
    return "".join(pieces)


def _pieces(text: str, release: str) -> Iterator[str]:
    """Yield characters, those after a release character together with it."""
    index = 0
    while index < len(text):
        step = 2 if text[index] == release and index + 1 < len(text) else 1
        yield text[index : index + step]
        index += step


def unmask(text: str) -> str:
    """Return data as it was meant."""
    for mask, char in _MEANT:
        if mask in text:
            text = text.replace(mask, char)
    return text


def elements_of(segment: str) -> Elements:
    """Split a canonical segment after its tag; components stay masked."""
    parts = segment.split("+")[1:]
    return [[repetition.split(":") for repetition in part.split("*")] for part in parts]


def split(text: str) -> list[str]:
    """Split canonical text into segments; what stands after the last terminator is the last of them."""
    return text.split("'")


def tokenise(text: str, service: ServiceCharacters = DEFAULT) -> list[tuple[str, Elements]]:
    """Return the tag and the elements of every segment of a decoded text; nothing is checked."""
    segments: list[tuple[str, Elements]] = []
    for segment in split(canonical(text, service)):
        tag, *parts = segment.split("+")
        if "*" in segment:
            elements = [[one.split(":") for one in part.split("*")] for part in parts]
        else:
            elements = [[part.split(":")] for part in parts]
        if not segment.isascii():
            elements = [[[unmask(one) for one in part] for part in element] for element in elements]
            tag = unmask(tag)
        if segment:
            segments.append((tag, elements))
    return segments


def escape(text: str, service: ServiceCharacters) -> str:
    """Return data as it must be written.

    Raises:
        ValueError: it holds a separator and there is no release character.
    """
    release = service.release
    for one in service.separators:  # the release character itself comes first
        if one in text and one != " ":
            if release == " ":
                raise ValueError("a separator inside data cannot be written without a release character")
            text = text.replace(one, release + one)
    return text


def ends(raw: bytes, service: ServiceCharacters) -> list[int]:
    """Return the offset after each terminator in encoded bytes."""
    terminator = service.terminator.encode("latin-1")
    if service.release.encode("latin-1") + terminator not in raw:
        return [
            count + size for count, size in enumerate(accumulate(map(len, raw.split(terminator)[:-1])), 1)
        ]
    match, found = _segment(service).match, [0]
    while segment := match(raw, found[-1]):
        found.append(segment.end())
    return found[1:]


def last_end(raw: bytes | bytearray, service: ServiceCharacters) -> int:
    """Return the offset after the last terminator that is not released, 0 if there is none."""
    terminator, release = service.terminator.encode("latin-1"), ord(service.release)
    place = raw.rfind(terminator)
    while place >= 0:
        before = place
        while service.release != " " and before and raw[before - 1] == release:
            before -= 1
        if (place - before) % 2 == 0:
            return place + 1
        place = raw.rfind(terminator, 0, place)
    return 0


def locate(
    raw: bytes, service: ServiceCharacters, element: int, repetition: int = 1, component: int = 1
) -> int:
    """Return the offset of a component in the bytes of its segment; numbers count from 1, 0 is the tag."""
    wanted = (element, repetition, component)
    at = (0, 1, 1)
    release = ord(service.release) if service.release != " " else -1
    index = 0
    while index < len(raw) and at < wanted:
        char = chr(raw[index])
        if raw[index] == release:
            index += 1
        elif char == service.element:
            at = (at[0] + 1, 1, 1)
        elif char == service.component:
            at = (at[0], at[1], at[2] + 1)
        elif char == service.repetition and char != " ":
            at = (at[0], at[1] + 1, 1)
        elif char == service.terminator:
            return index
        index += 1
        if at > wanted:
            return index - 1
    return min(index, len(raw))


def _segment(service: ServiceCharacters) -> re.Pattern[bytes]:
    terminator = re.escape(service.terminator)
    if service.release == " ":
        return re.compile(f"[^{terminator}]*+{terminator}".encode("latin-1"))
    release = re.escape(service.release)
    plain = f"[^{release}{terminator}]*+"
    text = f"{plain}(?:{release}.{plain})*+{terminator}"
    return re.compile(text.encode("latin-1"), re.DOTALL)
