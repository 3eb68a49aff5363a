# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The quick way from the text of a message to its fields: literal patterns learnt from the message itself.

Documents of one message nearly always have the same fields in the same order. Once the tree walk has seen
such a layout, the following documents are matched against it as text, at a third of the cost. The text
has been proven well-formed before, and a pattern matches plain leaves only: no attribute, comment, CDATA,
entity or stray text. Whatever does not match goes to the tree walk, which decides alone. Both ways give the
same fields; a property test holds them together.
"""

import codecs
import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

MAX_LAYOUTS = 4
MOST_KNOWN_TAGS = 200
_BLANK = "[ \\t\\n]*"
# Character data of XML 1.0 without references; CR is gone, surrogates never come out of UTF-8.
_TEXT = "[^<&\\x00-\\x08\\x0b-\\x1f\\ufffe\\uffff]*"
_ENCODING = re.compile(rb"\s*(?:\xef\xbb\xbf)?<\?xml[^>]*?encoding\s*=\s*[\"']([\w.-]+)")


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """The fields of one group in the order in which they came; `layout` makes one for each order.

    Compared by identity: the comparison by fields was a tenth of reading a document.
    """

    group: str
    tags: tuple[str, ...]


def layout(group: str, tags: tuple[str, ...]) -> Layout:
    """Return the layout of a group; the same for the same order, unless it is absurdly long."""
    return _known(group, tags) if len(tags) <= MOST_KNOWN_TAGS else Layout(group, tags)


Written: TypeAlias = tuple[Layout, tuple[str, ...]]
"""A group as it was written: its layout, and the text of each of its fields."""


@functools.lru_cache(maxsize=256)
def _known(group: str, tags: tuple[str, ...]) -> Layout:
    """Return the one layout of an order of fields."""
    return Layout(group, tags)


@functools.lru_cache(maxsize=256)
def _pattern(prefix: str, layout: Layout) -> re.Pattern[str]:
    """Return the pattern of a group; an unnamed group is the document itself and has no tags of its own."""
    fields = "".join(
        f"<{tag}(?:>({_TEXT})</{tag}>|/>){_BLANK}" for tag in (re.escape(prefix + one) for one in layout.tags)
    )
    if not layout.group:
        return re.compile(fields)
    name = re.escape(prefix + layout.group)
    return re.compile(f"<{name}>{_BLANK}{fields}</{name}>{_BLANK}")


class TextScan:
    """A walk over the documents of one message, in step with the tree.

    Call `next_document` once per document; where it returns None call `skip` after reading the tree.
    """

    def __init__(
        self, text: str, prefix: str, document: str, known: Mapping[str, Sequence[Layout]] | None = None
    ) -> None:
        """Start before the first document of a text whose documents are `<prefix:document>`."""
        self._text = text
        self._prefix = f"{prefix}:" if prefix else ""
        self._opening = f"<{self._prefix}{document}>"
        self._closing = f"</{self._prefix}{document}>"
        self._start = re.compile(_BLANK + re.escape(self._opening) + _BLANK)
        self._layouts = {group: list(layouts) for group, layouts in (known or {}).items()}
        self._position = max(text.find(self._opening), 0)

    @property
    def position(self) -> int:
        """Return where the next document is looked for."""
        return self._position

    def fits(self, documents: int) -> bool:
        """Say whether text and tree are sure to stay in step.

        They count the same documents, every document opens in the plain form, and no name is bound anew
        between the first and the last.
        """
        text, end = self._text, self._text.rfind(self._closing)
        counted = text.count(self._opening)
        return (
            counted == documents == text.count(self._closing)
            and text.find("xmlns", self._position, end) < 0
            and re.search(rf"{re.escape(self._opening[:-1])}[\s/]", text) is None
        )

    def learn(self, layouts: Sequence[Layout]) -> None:
        """Take the layouts of a document that the tree walk found plain."""
        for layout in layouts:
            known = self._layouts.setdefault(layout.group, [])
            if layout not in known and len(known) < MAX_LAYOUTS:
                known.append(layout)

    def skip(self) -> None:
        """Pass over the document that the tree walk has read."""
        self._position = self._text.index(self._closing, self._position) + len(self._closing)

    def next_document(self, groups: Sequence[str]) -> list[Written] | None:
        """Return the groups of the next document with their texts, or None where no layout matches.

        The first of `groups` comes once, the second at least once.
        """
        opening = self._start.match(self._text, self._position)
        if opening is None:
            return None
        found: list[Written] = []
        position = self._group(groups[0], opening.end(), found)
        if position is not None and len(groups) > 1:
            after = self._group(groups[1], position, found)
            position = after
            while after is not None:
                position = after
                after = self._group(groups[1], position, found)
        if position is None or not self._text.startswith(self._closing, position):
            return None
        self._position = position + len(self._closing)
        return found

    def _group(self, name: str, position: int, found: list[Written]) -> int | None:
        """Match one group here; add it to what was found and return where it ends."""
        for layout in self._layouts.get(name, ()):
            match = _pattern(self._prefix, layout).match(self._text, position)
            if match is not None:
                found.append((layout, match.groups("")))
                return match.end()
        return None


def plain_text(raw: bytes) -> str | None:
    """Return the text of a message that patterns may read, with line ends as XML 1.0 §2.11 has them.

    None for other encodings than UTF-8 and for comments, CDATA and processing instructions.
    """
    declaration = _ENCODING.match(raw)
    if declaration is not None and declaration[1].lower() not in (b"utf-8", b"utf8"):
        return None
    raw = raw.removeprefix(codecs.BOM_UTF8)
    if b"<!" in raw or raw.count(b"<?") > raw.startswith(b"<?xml"):  # searched as bytes: a tenth of the time
        return None
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return text.replace("\r\n", "\n").replace("\r", "\n") if b"\r" in raw else text
