# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""From the tree of a document to groups and fields, in one walk; nothing is interpreted here.

Whatever the table does not take is said with its path. Rules between elements: the first GovernmentProcedure
that has a previous code, or a code of two characters, is the procedure, all others are additional; of other
elements that may repeat and are mapped once, the first counts.
"""

import re
from typing import Any, TypeAlias

from adapters.uk_cds import pointers
from adapters.uk_cds.catalogue import DocumentType, compiled
from adapters.uk_cds.telling import Telling
from adapters.uk_cds.tree import POINTER, Node, tag, tree
from gateway.sdk import Finding

Fields: TypeAlias = dict[str, str]
Groups: TypeAlias = dict[str, list[Any]]
_FORM = re.compile(r"(20[0-9]{6})([0-9]{6}(?:Z|[-+][0-9]{2}))?")
PROCEDURE_LENGTH = 2


class Reading:
    """One document after the walk: its groups, and what was found on the way."""

    def __init__(self, document: DocumentType, root: Any) -> None:
        """Walk the whole document."""
        self._telling = Telling(document)
        self._date = f"{{{document.types}}}DateTimeString"
        self._codes = tuple(tag(document, name) for name in ("PreviousCode", "CurrentCode"))
        fields: Fields = {}
        self.groups: Groups = {document.root: [fields]}
        self._walk(root, tree(document.name), fields, None)
        for group in compiled(document.name).table.groups:
            if group.parent and group.name in self.groups:
                lists = self.groups[group.name]
                lists += [()] * (len(self.groups[group.parent]) - len(lists))

    @property
    def has_faults(self) -> bool:
        """Whether anything was found that hangs on a value."""
        return self._telling.has_faults

    @property
    def findings(self) -> list[Finding]:
        """What was found on the way, with everything that no field took."""
        return self._telling.findings()

    # One loop for all kinds of elements, because a call for each element would double the time of reading.
    def _walk(self, element: Any, node: Node, fields: Fields, inner: Groups | None) -> None:  # noqa: C901, PLR0912
        """Read the children of an element into fields; `inner` takes the groups inside a repeated group."""
        children = node.children
        seen: list[Node] = []
        for child in element:
            found = children.get(child.tag)
            if found is None:
                self._telling.lose(child)
                continue
            if found.other is not None and not self._is_procedure(child, found, seen):
                found = found.other
            if found.key:
                if found.key in fields or len(child):
                    self._unusual(child, found, fields)
                else:
                    fields[found.key] = child.text or ""
                    if found.attribute or child.keys():
                        self._attributes(child, found, fields)
                continue
            if child.keys():
                self._telling.attributes(child, "")
            if found.dates:
                self._moment(child, found, fields)
            elif found.group:
                self._group(child, found, inner)
            elif found in seen or found.constant:
                if child.text != found.constant or len(child):
                    self._telling.lose(child)
            else:
                if found.first:
                    seen.append(found)
                self._walk(child, found, fields, inner)

    def _group(self, element: Any, node: Node, inner: Groups | None) -> None:
        """Read one repetition of a group, and the groups inside it."""
        fields: Fields = {}
        if inner is not None:
            inner.setdefault(node.group, []).append(fields)
            self._walk(element, node, fields, inner)
            return
        place = self.groups.setdefault(node.group, [])
        within: Groups = {}
        self._walk(element, node, fields, within)
        for name, groups in within.items():
            lists = self.groups.setdefault(name, [])
            lists += [()] * (len(place) - len(lists))
            lists.append(groups)
        place.append(fields)

    def _is_procedure(self, element: Any, node: Node, seen: list[Node]) -> bool:
        """Say whether a GovernmentProcedure is the procedure itself."""
        if node in seen:
            return False
        previous, current = self._codes
        text: str = element.findtext(current) or ""
        return len(text.strip()) == PROCEDURE_LENGTH or element.find(previous) is not None

    def _unusual(self, child: Any, node: Node, fields: Fields) -> None:
        """Join pointers; say what stands twice or holds elements where only text may stand."""
        if node.key == POINTER:
            if not pointers.told(child):
                self._telling.lose(child)
            for part in child:
                self._telling.attributes(part, "")
            fields[POINTER] = pointers.join(fields.get(POINTER, ""), pointers.read(child))
        elif node.key in fields:
            self._telling.twice(child)
        else:
            self._telling.filled(child)

    def _attributes(self, child: Any, node: Node, fields: Fields) -> None:
        """Take the mapped attribute of a value and say the others."""
        value = child.get(node.attribute) if node.attribute else None
        if value is None:
            value = node.default if child.text else ""
            if child.keys():
                self._telling.attributes(child, "")
        elif len(child.keys()) > 1:
            self._telling.attributes(child, node.attribute)
        if value:
            fields[node.attribute_key] = value

    def _moment(self, element: Any, node: Node, fields: Fields) -> None:
        """Read a DateTimeString; the form of the text decides between date and moment, not its code."""
        child = element[0] if len(element) == 1 and element[0].tag == self._date else None
        if child is None or len(child):
            self._telling.lose(element)
            return
        code, text = child.get("formatCode", ""), child.text or ""
        form = _FORM.fullmatch(text.strip())
        meant = code if form is None else "304" if form[2] else "102"
        if not code:
            self._telling.no_format_code(element, meant)
        elif code != meant:
            self._telling.other_format(element, code, meant)
        if len(child.keys()) > 1:
            self._telling.attributes(child, "formatCode")
        key = node.dates.get(meant)
        if key is None or key in fields:
            self._telling.lose(element)
        else:
            fields[key] = text
