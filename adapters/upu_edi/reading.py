# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The segments of a message to the documents that tables read, and what of it no table takes.

A document holds, by group, the texts of its segments under `segment/component`; the outermost group is
nameless, a group within a group is a list for each of the outer ones. What becomes of each component of a
segment is worked out once for its place in the guide.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from adapters.upu_edi.catalogue import FIXED, Entry
from gateway.sdk import Table, edifact

# Components that say what a segment is, which its name in the guide says already.
_STRUCTURE = frozenset(
    {"qualifier", "role", "channel", "purpose", "subject", "category", "function", "list", "stage"}
)
# What a message says of itself; its number and function are read beside the document.
_ENVELOPE = frozenset({"BGM/kind", "BGM/number", "BGM/function", "prepared/time"})
_NUMBERS = frozenset({"value", "amount", "rate", "count"})
_MINUTES = "203"
_DAY = 8
_HEAD, _UNREAD, _DEEPEST = -1, -2, 2
_PLACES = 4096
Texts = dict[str, str]
Document = dict[str, list[Any]]


class Read(NamedTuple):
    """What a message says: documents with the number of their first segment, and what nothing takes.

    `untaken` has the number of the first such segment by path.
    """

    function: str
    number: str
    documents: list[tuple[int, Document]]
    untaken: Mapping[str, int]


class _Place(NamedTuple):
    """What becomes of a segment at its place; `level` counts groups from the document as 0."""

    level: int
    begins: bool
    group: str
    takes: tuple[tuple[int, str, str], ...]  # place of the value, path, kind of text
    form: int
    rest: tuple[tuple[int, str, str], ...]  # place of the value, what it always says, path to tell
    own: tuple[int, int] | None  # places of number and function, in BGM


class Reader:
    """Reads the messages of one name for one table."""

    def __init__(self, entry: Entry, table: Table) -> None:
        """Take what the catalogue says of the message."""
        self._group = entry.group
        self._rows = frozenset((row.group, row.outside) for row in table.rules.values())
        self._places: dict[edifact.Node, _Place] = {}

    def read(self, message: edifact.Message) -> Read:  # noqa: C901, PLR0912 - the hot loop; calls cost more than it does
        """Return what an accepted message says."""
        places, untaken = self._places, dict[str, int]()
        function = number = ""
        opened: list[Texts] = [{}, {}, {}]
        document: Document = {"": [opened[0]]}
        documents: list[tuple[int, Document]] = [] if self._group else [(1, document)]
        for node, values, at in message.segments:
            place = places.get(node)
            if place is None:
                place = self._place(node)
            level, begins, group, takes, form, rest, own = place
            if begins:
                texts: Texts = {}
                if level == 0:
                    document = {"": [texts]}
                    documents.append((at, document))
                elif level == 1:
                    document.setdefault(group, []).append(texts)
                elif level == _DEEPEST:
                    _nested(document, group)[-1].append(texts)
                if level >= 0:
                    opened[level] = texts
            if own:
                number, function = str(values[own[0]]), str(values[own[1]])
            if takes:
                texts = opened[level]
                for index, path, kind in takes:
                    value: Any = values[index]
                    if value:
                        if value.__class__ is not str or path in texts:
                            untaken.setdefault("/".join((*node.groups, path)), at)
                            if path in texts:
                                continue
                            value = value[0]
                        if kind:
                            value = _plain(kind, value, values[form] if form >= 0 else "")
                        texts[path] = value
            for index, constant, path in rest:
                if values[index] and values[index] != constant:
                    untaken.setdefault(path, at)
        for _, one in documents:
            for group in [name for name in one if "/" in name]:
                _nested(one, group)
        return Read(function, number, documents, untaken)

    def _place(self, node: edifact.Node) -> _Place:
        """Return what becomes of a segment; worked out once, since nodes are shared by all messages."""
        names = node.groups
        if self._group:
            level = len(names) - 1 if names[:1] == (self._group,) else _UNREAD if names else _HEAD
            group = "/".join(names[1:])
        else:
            level, group = len(names), "/".join(names)
        if level > _DEEPEST:
            level = _UNREAD
        use = node.use
        constants = {**FIXED.get(use.name, {}), **use.constant}
        shown = "/".join((*names, use.name))
        takes, rest, form = [], [], -1
        for index, name in enumerate(node.names):
            path = f"{use.name}/{name}"
            if name == "form":
                form = index
            elif path in _ENVELOPE and level in (_HEAD, 0) and (group, path) not in self._rows:
                continue
            elif name in _STRUCTURE:
                if path not in _ENVELOPE:
                    rest.append((index, constants.get(name, ""), f"{shown}/{name}"))
            elif level >= 0 and (group, path) in self._rows:
                takes.append((index, path, _kind(use.name, name)))
            else:
                rest.append((index, "", f"{shown}/{name}"))
        own = use.name == "BGM" and {"number", "function"} <= set(node.names)
        place = _Place(
            level,
            node.begins is not None,
            group,
            tuple(takes),
            form,
            tuple(rest),
            (node.names.index("number"), node.names.index("function")) if own else None,
        )
        if len(self._places) >= _PLACES:
            self._places.clear()
        self._places[node] = place
        return place


def _nested(document: Document, path: str) -> list[list[Texts]]:
    """Return the lists of a group within a group, one for each of the outer ones that has come."""
    lists: list[list[Texts]] = document.setdefault(path, [])
    missing = len(document[path.partition("/")[0]]) - len(lists)
    lists += [[] for _ in range(missing)]
    return lists


def _kind(segment: str, component: str) -> str:
    """Return how the text of a component is made plain, empty if it is as it stands."""
    if component == "time":
        return "day" if segment == "posted" else "time"
    return "number" if component in _NUMBERS else ""


def _plain(kind: str, text: str, form: Any) -> str:
    """Return a text as tables read it: a decimal point, and times with seconds."""
    if kind == "number":
        return text.replace(",", ".") if "," in text else text
    if kind == "day":
        return text[:_DAY]
    return f"{text}00" if form == _MINUTES else text
