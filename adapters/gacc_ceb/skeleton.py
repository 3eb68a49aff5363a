# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Read the documents of a message as text and let the parser see only what stands around them.

Once layouts are known from earlier messages, all documents of an ordinary message match them. Such a
document is a balanced element of plain leaves, so the message is well-formed if it is well-formed with one
empty document in place of them all: that skeleton goes through the hardened parser, which finds everything
else, and the empty document must come back as a child of the root. Whatever does not fit, a single document
included, sends the whole message to the full parser. A differential test holds the two together (ADR 0020).
"""

import codecs
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from adapters.gacc_ceb import siblings
from adapters.gacc_ceb.messages import MESSAGES
from adapters.gacc_ceb.reading import RawDocument
from adapters.gacc_ceb.template import Layout, TextScan, plain_text
from gateway.sdk import Limits, xml

MAX_TEXT = 10_000_000  # bytes; longer texts in one element are refused by the parser
MOST_KNOWN = 8  # layouts of a group that are remembered
WORTH = 64  # documents of a layout before it is: a pattern costs as much as reading some fifty of them
_MOST_SEEN = 1024  # layouts that are counted at one time
_DEPTH = 4  # message, document, group, field
_ROOT = re.compile(r"(?:<\?xml[^>]*\?>)?\s*<(?:([A-Za-z_][A-Za-z0-9_.-]*):)?(CEB\d{3})Message[\s>]")


@dataclass(frozen=True, slots=True)
class Read:
    """A message whose documents were read as text: its root with one empty document, and the documents."""

    root: Any
    documents: list[RawDocument]


class Memory:
    """The layouts that plain documents had lately, by message and group; bounded."""

    def __init__(self, worth: int = WORTH) -> None:
        """Know nothing yet; remember what came `worth` times."""
        self._worth = worth
        self._seen: dict[tuple[str, Layout], int] = {}
        self._layouts: defaultdict[str, dict[str, list[Layout]]] = defaultdict(dict)

    def known(self, name: str) -> dict[str, list[Layout]]:
        """Return the layouts of a message by group, latest first."""
        return self._layouts[name]

    def learn(self, name: str, documents: Iterable[RawDocument]) -> None:
        """Take the layouts of documents that the parser has read; the oldest give way."""
        for one in documents:
            for layout in dict.fromkeys(one.layouts) if one.plain else ():
                if len(self._seen) >= _MOST_SEEN:
                    self._seen.clear()
                count = self._seen[name, layout] = self._seen.get((name, layout), 0) + 1
                if count == self._worth:
                    self._admit(name, layout)

    def _admit(self, name: str, layout: Layout) -> None:
        """Remember a layout."""
        known = dict(self._layouts[name])
        held = [one for one in known.get(layout.group, ()) if one is not layout]
        known[layout.group] = [layout, *held[: MOST_KNOWN - 1]]
        self._layouts[name] = known  # as a whole, so that no other thread sees half of it


def read(raw: bytes, limits: Limits, memory: Memory) -> Read | None:
    """Return a message read as text, none if the parser must read it all."""
    if len(raw) > min(limits.max_bytes, MAX_TEXT) or limits.max_depth < _DEPTH:
        return None
    text = None if raw.startswith(codecs.BOM_UTF8) else plain_text(raw)
    start = _ROOT.match(text) if text is not None else None
    message = MESSAGES.get(start[2]) if start is not None else None
    if text is None or start is None or message is None or "]]>" in text:
        return None
    prefix = start[1] or ""
    scan = TextScan(text, prefix, message.document, memory.known(message.name))
    first = scan.position
    documents: list[RawDocument] = []
    while (written := scan.next_document(message.groups)) is not None:
        documents.append(RawDocument(f"document {len(documents) + 1}", written))
    if not 1 <= len(documents) <= message.max_documents:
        return None
    before, after = text[:first], text[scan.position :]
    name = f"{prefix}:{message.document}" if prefix else message.document
    if f"<{name}" in after:
        return None
    root = xml.parse(f"{before}<{name}/>{after}".encode(), limits).root
    if root is None or not _is_skeleton(root, message.name, message.document):
        return None
    return Read(root, documents) if _elements(root, documents) <= limits.max_elements else None


def _is_skeleton(root: Any, name: str, document: str) -> bool:
    """Say whether a root is that of the message and holds one document, first, and nothing unknown."""
    if xml.local_name(root) != f"{name}Message" or not len(root):
        return False
    first, *others = (xml.local_name(one) for one in root)
    own = first == document and xml.namespace(root[0]) == xml.namespace(root)
    return own and all(one in siblings.NAMES for one in others)


def _elements(root: Any, documents: Iterable[RawDocument]) -> int:
    """Return how many elements the whole message has."""
    inside = 0
    for one in documents:
        inside += 1
        for layout, texts in one.written:
            inside += len(texts) + bool(layout.group)
    return inside + sum(1 for _ in root.iter()) - 1
