# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""From groups and fields to XML: which fields stand where is worked out once for each set of fields.

The template of a set of fields holds the elements in schema order with a place for each text; writing is then
one substitution. Templates are remembered up to a limit, since senders fill few different sets.
"""

import functools
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from adapters.uk_cds import pointers
from adapters.uk_cds.catalogue import DOCUMENTS, DocumentType, Element, compiled, elements
from adapters.uk_cds.tree import FIRST, NUMBER, PACKAGING, POINTER

_SPECIAL = re.compile('[&<>"\r]').search
_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
_ATTRIBUTE = str.maketrans(
    {"&": "&amp;", "<": "&lt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}
)
_MEMORY = 4096


def write(document: DocumentType, groups: Mapping[str, Any]) -> str:
    """Return the elements of one document."""
    within: dict[str, str] = {}
    parts = _parts(document.name)
    for name, below in parts:
        if name == document.root or name not in groups:
            continue
        if not below:
            within[name] = "".join([_group(document.name, name, one, {}) for one in groups[name]])
            continue
        inner = [(one, groups[one]) for one in below if one in groups]
        within[name] = "".join(
            [
                _group(document.name, name, one, _inside(document.name, inner, index))
                for index, one in enumerate(groups[name])
            ]
        )
    return _group(document.name, document.root, groups[document.root][0], within)


def _inside(name: str, inner: Sequence[tuple[str, Sequence[Any]]], index: int) -> dict[str, str]:
    """Return the groups inside one repetition of a group, written."""
    return {
        group: "".join([_group(name, group, one, {}) for one in lists[index]])
        for group, lists in inner
        if lists[index]
    }


def _group(name: str, group: str, fields: Mapping[str, str], within: Mapping[str, str]) -> str:
    """Write one group of fields with the written groups inside it."""
    template = _template(name, group, tuple(fields), tuple(within))
    if _SPECIAL("\0".join(fields.values())) or POINTER in fields:
        fields = {key: _escaped(key, text) for key, text in fields.items()}
    return template % {**fields, **within} if within else template % fields


def _escaped(key: str, text: str) -> str:
    if key == POINTER:
        return "".join(_pointer(one) for one in pointers.split(text))
    return text.translate(_ATTRIBUTE if "@" in key else _TEXT)


def _pointer(segment: pointers.Segment) -> str:
    parts = zip(pointers.PARTS, segment, strict=True)
    return (
        "<Pointer>"
        + "".join(f"<{name}>{text.translate(_TEXT)}</{name}>" for name, text in parts if text)
        + "</Pointer>"
    )


@functools.cache
def _parts(name: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the groups that stand by themselves, with those inside each."""
    groups = compiled(name).table.groups
    return tuple(
        (one.name, tuple(two.name for two in groups if two.parent == one.name))
        for one in groups
        if not one.parent
    )


@functools.lru_cache(maxsize=_MEMORY)
def _template(name: str, group: str, fields: tuple[str, ...], within: tuple[str, ...]) -> str:
    """Return the template of a group for one set of fields."""
    root: dict[str, Any] = {}
    known = elements(name)
    places = [
        (f"{group}/{one.partition('[')[0].partition('/@')[0]}", one) for one in fields if "@" not in one
    ]
    places += [(one, one) for one in within]
    given = frozenset(fields)
    for path, key in sorted(places, key=lambda one: _order(known, group, one[0], is_group=one[1] in within)):
        _place(root, path.removeprefix(f"{group}/").split("/"), key, is_group=key in within)
    last = group.rpartition("/")[2]
    return f"<{last}>{_written(DOCUMENTS[name], root, given)}</{last}>"


def _order(
    known: Mapping[str, Element], group: str, path: str, *, is_group: bool
) -> tuple[tuple[int, bool], ...]:
    """Return the place of a path step by step; a group stands after what is mapped of its first element."""
    steps = path.removeprefix(f"{group}/").split("/")
    orders = [known["/".join((group, *steps[: number + 1]))].order for number in range(len(steps))]
    return tuple((one, is_group and one == orders[-1]) for one in orders)


def _place(node: dict[str, Any], way: list[str], key: str, *, is_group: bool) -> None:
    *above, last = way
    for name in above:
        node = node.setdefault(name, {})
    node[f"{last} group" if is_group else last] = key


def _written(document: DocumentType, node: Mapping[str, Any], given: Iterable[str]) -> str:
    pieces: list[str] = []
    for name, below in node.items():
        if isinstance(below, dict):
            number = f"<{NUMBER}>{FIRST}</{NUMBER}>" if name == PACKAGING else ""
            pieces.append(f"<{name}>{number}{_written(document, below, given)}</{name}>")
        elif name.endswith(" group") or below == POINTER:
            pieces.append(f"%({below})s")
        elif "[" in below:
            code = below.partition("[")[2].rstrip("]")
            pieces.append(
                f'<{name}><d:DateTimeString formatCode="{code}">%({below})s</d:DateTimeString></{name}>'
            )
        else:
            attributes = (one for one in given if one.startswith(f"{below}/@"))
            text = "".join(f' {one.rpartition("@")[2]}="%({one})s"' for one in attributes)
            pieces.append(f"<{name}{text}>%({below})s</{name}>")
    return "".join(pieces)
