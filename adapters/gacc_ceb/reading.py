# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""From the tree of a message to documents, groups and fields; nothing is interpreted here.

Rules: one walk; leaves hold text only; whatever stands where nothing should is a finding; a flat document
inside a head wrapper is unwrapped and said. Comments and processing instructions are gone before.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from adapters.gacc_ceb.catalogue import MessageType
from adapters.gacc_ceb.template import Layout, TextScan, Written, layout
from gateway.sdk import Finding, finding


@dataclass
class RawDocument:
    """One business document as it was written: its groups in order, each with fields and layout.

    White space around values is the table's to judge. One that is not `plain` shows a fault of form.
    """

    position: str
    written: list[Written] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    plain: bool = True

    @property
    def layouts(self) -> list[Layout]:
        """Return the layout of each group."""
        return [own for own, _ in self.written]

    @cached_property
    def groups(self) -> dict[str, list[dict[str, str]]]:
        """Return the fields of the groups by name; made only where somebody asks for names."""
        groups: dict[str, list[dict[str, str]]] = {}
        for own, texts in self.written:
            groups.setdefault(own.group, []).append(dict(zip(own.tags, texts, strict=True)))
        return groups

    def head(self) -> dict[str, str]:
        """Return the fields of the first group, empty if the document has none; made anew in every call."""
        if not self.written:
            return {}
        own, texts = self.written[0]
        return dict(zip(own.tags, texts, strict=True))

    def said(self, name: str) -> str:
        """Return the text of a field of the first group, empty if it is not there."""
        if not self.written:
            return ""
        own, texts = self.written[0]
        return texts[own.tags.index(name)] if name in own.tags else ""


def _join(group: str, tag: str) -> str:
    """Return the path of a field in its group."""
    return f"{group}/{tag}" if group else tag


def read_documents(
    elements: Sequence[Any], message: MessageType, namespace: str, scan: TextScan | None
) -> Iterator[RawDocument]:
    """Yield the documents, by learnt layouts where they match and by the tree where not."""
    groups = message.groups
    if scan is not None and not scan.fits(len(elements)):
        scan = None
    for index, element in enumerate(elements, 1):
        quick = scan.next_document(groups) if scan is not None else None
        document = RawDocument(f"document {index}")
        if quick is not None:
            document.written = quick
        else:
            _Walk(message, namespace, document).read(element)
            if scan is not None:
                scan.skip()
                if document.plain:
                    scan.learn(document.layouts)
        yield document


class _Walk:
    """The tree walk over one document."""

    def __init__(self, message: MessageType, namespace: str, document: RawDocument) -> None:
        self._message = message
        self._mark = f"{{{namespace}}}" if namespace else ""
        self._document = document

    def read(self, element: Any) -> None:
        """Read a document element into groups."""
        if self._message.head:
            self._read_groups(element)
            return
        if len(element) == 1 and self._name(element[0]) == self._message.wrapper:
            self._repair(self._message.wrapper, "a flat document")
            self._stray(element, "")
            element = element[0]
        self._read_fields(element, "")

    def _read_groups(self, element: Any) -> None:
        """Read head and lines; anything else in a document is unknown."""
        self._stray(element, "")
        last = 0
        for child in element:
            name = self._name(child)
            if name not in self._message.groups:
                self._add("SCHEMA-UNKNOWN-FIELD", name)
                continue
            place = self._message.groups.index(name)
            if place < last:
                self._add("SCHEMA-ORDER", name, expected=" then ".join(self._message.groups))
            last = max(last, place)
            self._read_fields(child, name)

    def _read_fields(self, group: Any, name: str) -> None:
        """Read the leaves of one group."""
        self._stray(group, name)
        tags: list[str] = []
        texts: list[str] = []
        for leaf in group:
            tag = self._name(leaf)
            text = leaf.text or ""
            if len(leaf) or leaf.attrib:
                text = self._odd_leaf(leaf, _join(name, tag))
            tags.append(tag)
            texts.append(text)
        self._document.written.append((layout(name, tuple(tags)), tuple(texts)))

    def _odd_leaf(self, leaf: Any, path: str) -> str:
        """Return the text of a leaf with attributes or elements in it, which are said."""
        for attribute in leaf.attrib:
            self._add("SCHEMA-UNKNOWN-FIELD", f"{path}/@{attribute}")
        text = leaf.text or ""
        for child in leaf:
            self._add("SCHEMA-FORMAT", path, expected="text only")
            text += child.tail or ""
        return text

    def _stray(self, element: Any, path: str) -> None:
        """Say attributes on a container and text between its elements."""
        for attribute in element.attrib:
            self._add("SCHEMA-UNKNOWN-FIELD", f"{path}/@{attribute}")
        between = [element.text, *(child.tail for child in element)]
        if any(text and text.strip(" \t\r\n") for text in between):
            self._add("SCHEMA-FORMAT", path, expected="elements only")

    def _name(self, element: Any) -> str:
        """Return the local name; an element of another namespace keeps its full name and so is unknown."""
        tag: str = element.tag
        if self._mark:
            return tag.removeprefix(self._mark) if tag.startswith(self._mark) else tag
        return tag

    def _repair(self, path: str, expected: str) -> None:
        """Say a tolerated deviation."""
        self._document.plain = False
        self._document.findings.append(
            finding("SCHEMA-REPAIRED", path=path, position=self._document.position, expected=expected)
        )

    def _add(self, code: str, path: str, expected: str = "") -> None:
        """Say a fault of form; such a document is no model for others."""
        self._document.plain = False
        self._document.findings.append(
            finding(code, path=path, position=self._document.position, expected=expected)
        )
