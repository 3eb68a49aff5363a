# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The rows of a table as a tree of elements, so that a document is read in one walk.

Outside paths of the tables: `A/B` is the text of an element, `A/B/@x` an attribute of it, `A/B[304]` the
DateTimeString in it that has this format code.
"""

import functools
from dataclasses import dataclass, field

from adapters.uk_cds.catalogue import DOCUMENTS, DocumentType, compiled, elements
from gateway.sdk import Group

POINTER = "Pointer"
KILOGRAM = "KGM"
PACKAGING, NUMBER, FIRST = "Packaging", "SequenceNumeric", "1"


@dataclass(slots=True, eq=False)
class Node:
    """One element that is read; exactly one of text, dates, group or children says what it holds.

    `key` is the outside path of its text. `dates` holds outside paths by format code. `attribute` is the one
    attribute that is mapped, `attribute_key` its outside path, `default` what its absence means. A node with
    `first` may repeat, and only its first occurrence is mapped. A node with a `constant` is written by
    itself and tells nothing if it says just that.
    """

    path: str
    key: str = ""
    dates: dict[str, str] = field(default_factory=dict)
    attribute: str = ""
    attribute_key: str = ""
    default: str = ""
    group: str = ""
    first: bool = False
    constant: str = ""
    other: "Node | None" = None
    children: dict[str, "Node"] = field(default_factory=dict)


@functools.cache
def tree(name: str) -> Node:
    """Return the node of a document's root."""
    document = DOCUMENTS[name]
    groups = compiled(name).table.groups
    top = Node(document.root)
    for group in sorted(groups, key=lambda one: len(one.name)):
        node = top if group.name == document.root else _group_node(top, document, group)
        for row in group.rows:
            if row.outside:
                _add(node, document, row.outside)
    return top


def tag(document: DocumentType, name: str) -> str:
    """Return an element name as the parser gives it."""
    return f"{{{document.namespace}}}{name}"


def _group_node(top: Node, document: DocumentType, group: Group) -> Node:
    """Return the node of a group; if its element is mapped already (a first occurrence), stand beside it."""
    *way, last = group.name.split("/")[1:]
    parent = top
    for name in way:
        parent = _child(parent, document, name)
    node = parent.children.get(tag(document, last))
    if node is None:
        node = _child(parent, document, last)
        node.first = False
        node.group = group.name
        return node
    node.other = Node(node.path, group=group.name)
    return node.other


def _child(node: Node, document: DocumentType, name: str) -> Node:
    path = f"{node.path}/{name}"
    found = node.children.get(tag(document, name))
    if found is None:
        repeats = elements(document.name)[path].repeats
        found = node.children[tag(document, name)] = Node(path, first=repeats)
        if name == PACKAGING:
            found.children[tag(document, NUMBER)] = Node(f"{path}/{NUMBER}", constant=FIRST)
    return found


def _add(node: Node, document: DocumentType, outside: str) -> None:
    *way, last = outside.split("/")
    for name in way:
        node = _child(node, document, name.partition("[")[0])
    if last.startswith("@"):
        node.attribute, node.attribute_key = last[1:], outside
        if last == "@unitCode" and node.path.endswith(("MassMeasure", "WeightMeasure")):
            node.default = KILOGRAM
        return
    name, _, code = last.partition("[")
    node = _child(node, document, name)
    if code:
        node.dates[code.rstrip("]")] = outside
    else:
        node.key = outside
