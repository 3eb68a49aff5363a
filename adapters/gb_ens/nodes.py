# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Elements out of JSON, so that one walk reads both forms; and the place of an element, for findings."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from gateway.sdk import xml


@dataclass(slots=True)
class Node:
    """What an XML element would be; `pointer` is where its value stands in the JSON."""

    tag: str
    pointer: str
    text: str | None = None
    children: "list[Node]" = field(default_factory=list)
    tail: str | None = None

    def __iter__(self) -> "Iterator[Node]":
        return iter(self.children)

    def __len__(self) -> int:
        return len(self.children)


def place(element: Any) -> str:
    """Return the path of an element below the root, or its JSON Pointer."""
    if isinstance(element, Node):
        return element.pointer
    steps = []
    while (parent := element.getparent()) is not None:
        same = [one for one in parent if one.tag == element.tag]
        name = xml.local_name(element)
        steps.append(f"{name}[{same.index(element) + 1}]" if len(same) > 1 else name)
        element = parent
    return "/".join(reversed(steps))


def position(element: Any) -> str:
    """Return the line of an element, empty for JSON."""
    return "" if isinstance(element, Node) else xml.position(element)
