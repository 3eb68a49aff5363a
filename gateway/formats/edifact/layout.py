# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Write groups of one guide from texts: each set of filled components is laid out once, then formatted.

A layout remembers names of segments and components only, never what they say.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from gateway.formats.edifact.guide import GroupUse, Guide, SegmentUse
from gateway.formats.edifact.tokenise import DEFAULT_4, escape

_MOST_SHAPES = 4096
_SERVICE = DEFAULT_4
_SPECIAL = frozenset(one for one in _SERVICE.separators if one != " ")
_SEPARATOR = "\x1f"  # no character set of EDIFACT has it
_NONE: Mapping[str, str] = {}
Texts = Mapping[str, str]


class Laid(NamedTuple):
    """A message whose segments are written already, in the service characters of syntax 4; see `Layout`."""

    guide: Guide
    reference: str
    text: str
    size: int  # segments in `text`
    access: str = ""


class _Shape(NamedTuple):
    """The format of one group with certain components filled, what goes into it, and its segments."""

    format: str
    slots: tuple[str, ...]
    times: tuple[str, ...]
    size: int


class Layout:
    """Made once for a guide; texts are named `segment/component` by the names of the guide."""

    def __init__(self, guide: Guide, constants: Mapping[str, Texts], forms: Mapping[int, str]) -> None:
        """Take what is not said by texts.

        Args:
            guide: of the messages to write.
            constants: by segment, the texts of components that say what it is, beside what the guide fixes.
            forms: by length of a `time`, the text of the `form` beside it.
        """
        self._constants, self._forms = constants, forms
        self._groups = dict(_groups((), guide.root))
        self._shapes: dict[tuple[str, tuple[str, ...], tuple[str, ...]], _Shape] = {}

    def write(self, place: str, texts: Texts, inner: Mapping[str, str] = _NONE) -> tuple[str, int]:
        """Return the text of one group and the number of its own segments.

        Args:
            place: names of the groups from the outermost, joined by `/`; the message itself is empty.
            texts: components; those of one segment make that segment.
            inner: by name, the written text of the groups inside.

        Raises:
            ValueError: the guide has no such group, segment or component.
        """
        key = (place, tuple(texts), tuple(inner))
        shape = self._shapes.get(key)
        if shape is None:
            if len(self._shapes) >= _MOST_SHAPES:
                self._shapes.clear()
            shape = self._shapes[key] = self._shape(*key)
        forms = {f"{one}/form": self._forms.get(len(texts[f"{one}/time"]), "") for one in shape.times}
        if not _SPECIAL.isdisjoint(plain := _SEPARATOR.join(texts.values())):
            texts = dict(zip(texts, _escaped(plain, texts), strict=True))
        said = {**texts, **forms, **inner}
        return shape.format % tuple([said[one] for one in shape.slots]), shape.size

    def _shape(self, place: str, names: Sequence[str], inner: Sequence[str]) -> _Shape:
        """Lay out one group with these components and inner groups."""
        group = self._groups.get(place)
        if group is None:
            raise ValueError(f"{place} is no group of the message")
        filled: dict[str, list[str]] = {}
        for name in names:
            segment, _, component = name.partition("/")
            filled.setdefault(segment, []).append(component)
        parts: list[str] = []
        slots: list[str] = []
        times: list[str] = []
        count = 0
        left = filled.keys() | set(inner)
        for part in group.parts:
            if part.name not in left:
                continue
            left.discard(part.name)
            if isinstance(part, GroupUse):
                parts.append("%s")
                slots.append(part.name)
                continue
            here = dict.fromkeys(filled[part.name])
            if "time" in here and "form" not in here and "form" in part.names:
                here["form"] = None
                times.append(part.name)
            text, more = self._segment(part, here)
            parts.append(text)
            slots += more
            count += 1
        if left:
            raise ValueError(f"{', '.join(sorted(left))} not in group {place or '(message)'}")
        return _Shape("".join(parts), tuple(slots), tuple(times), count)

    def _segment(self, use: SegmentUse, filled: Mapping[str, None]) -> tuple[str, list[str]]:
        """Return the format of a segment and the names of what goes into it."""
        constants = {**self._constants.get(use.name, _NONE), **use.constant}
        unknown = (filled.keys() | constants.keys()) - set(use.names)
        if unknown:
            raise ValueError(f"{', '.join(sorted(unknown))} not in segment {use.name}")
        slots: list[str] = []
        elements: list[str] = []
        for element in use.segment.elements:
            components: list[str] = []
            for one in element.components:
                if one.name in filled:
                    components.append("%s")
                    slots.append(f"{use.name}/{one.name}")
                else:
                    components.append(escape(constants.get(one.name, ""), _SERVICE).replace("%", "%%"))
            elements.append(_SERVICE.component.join(_cut(components)))
        return _SERVICE.element.join([use.tag, *_cut(elements)]) + _SERVICE.terminator, slots


def _escaped(joined: str, texts: Texts) -> list[str]:
    """Return the texts as they must be written: all at once, unless one holds what joins them."""
    if joined.count(_SEPARATOR) == len(texts) - 1:
        return escape(joined, _SERVICE).split(_SEPARATOR)
    return [escape(one, _SERVICE) for one in texts.values()]


def _cut(parts: list[str]) -> list[str]:
    """Return parts without the empty ones at the end."""
    while parts and not parts[-1]:
        parts.pop()
    return parts


def _groups(path: tuple[str, ...], group: GroupUse) -> Iterator[tuple[str, GroupUse]]:
    yield "/".join(path), group
    for part in group.parts:
        if isinstance(part, GroupUse):
            yield from _groups((*path, part.name), part)
