# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Pointers of a response to elements of a declaration, as one path and back.

A chain of pointers names sections by their WCO ids and ends in a tag. It becomes the canonical path of the
element (`content[2].description`, counted from 1) if that says all the chain says; else it is kept as
`wco:42A/67A/68A[2]/23A.137`, where special characters are percent-encoded.
"""

import functools
import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias
from urllib.parse import quote, unquote

from adapters.uk_cds.catalogue import DEC, elements, table
from gateway.sdk import xml

Segment: TypeAlias = tuple[str, str, str]  # sequence number, section code, tag; empty if absent
MARK = "wco:"
PARTS = ("SequenceNumeric", "DocumentSectionCode", "TagID")
_SEGMENT = re.compile(r"([^\[.]*)(?:\[([^\]]*)\])?(?:\.(.*))?")
_NUMBER = re.compile(r"\[([0-9]+)\]")


def read(pointer: Any) -> Segment:
    """Return what a Pointer element says."""
    texts = {xml.local_name(one): (one.text or "").strip() for one in pointer}
    return (texts.get(PARTS[0], ""), texts.get(PARTS[1], ""), texts.get(PARTS[2], ""))


def told(pointer: Any) -> bool:
    """Say whether the parts of a Pointer element hold all of it."""
    names = [xml.local_name(one) for one in pointer]
    return len(set(names)) == len(names) and set(names) <= set(PARTS)


def join(path: str, segment: Segment) -> str:
    """Return a kept path with one more segment."""
    number, section, tag = (quote(one, safe="").replace(".", "%2E") for one in segment)
    text = section + (f"[{number}]" if number else "") + (f".{tag}" if tag else "")
    return f"{path}/{text}" if path else MARK + text


def split(path: str) -> list[Segment]:
    """Return the segments of a kept path."""
    found: list[Segment] = []
    for text in path.removeprefix(MARK).split("/"):
        match = _SEGMENT.fullmatch(text)
        section, number, tag = match.groups() if match else ("", "", "")
        found.append((unquote(number or ""), unquote(section or ""), unquote(tag or "")))
    return found


def canonical(path: str) -> str:
    """Return the canonical path that says the same as a kept path, else the kept path."""
    names: list[str] = []
    numbers: list[str] = []
    known = _by_id()
    for number, section, tag in split(path):
        for wco in (section, tag):
            if wco:
                below = known.get(("/".join(names), wco))
                if below is None:
                    return path
                names.append(below)
        if number:
            numbers.append(number)
    outside = _canonical().get("/".join(names))
    if outside is None or outside.count("[]") != len(numbers):
        return path
    for number in numbers:
        outside = outside.replace("[]", f"[{number}]", 1)
    return outside if kept(outside) == path else path


def kept(path: str) -> str:
    """Return the kept path of a canonical path of a mapped element; empty if there is none."""
    if path.startswith(MARK):
        return path
    numbers = iter(_NUMBER.findall(path))
    place = _outside().get(_NUMBER.sub("[]", path))
    if place is None:
        return ""
    element, groups = place
    known, result, so_far = elements(DEC.name), "", ""
    *way, last = element.split("/")
    for name in way:
        so_far = f"{so_far}/{name}" if so_far else name
        tag = known[element].wco if so_far == "/".join(way) else ""
        result = join(result, (next(numbers, "") if so_far in groups else "", known[so_far].wco, tag))
    return result if last else ""


@functools.cache
def _by_id() -> Mapping[tuple[str, str], str]:
    """Return the name of each element by the path above it and its WCO id; the first of equal ids."""
    found: dict[tuple[str, str], str] = {}
    for path, element in elements(DEC.name).items():
        above, _, name = path.rpartition("/")
        found.setdefault((above, element.wco), name)
    return found


@functools.cache
def _outside() -> Mapping[str, tuple[str, frozenset[str]]]:
    """Return the element of each canonical path, and the repeated groups on the way to it."""
    found: dict[str, tuple[str, frozenset[str]]] = {}
    for row, element, groups in _rows():
        found.setdefault(row, (element, groups))
    return found


@functools.cache
def _canonical() -> Mapping[str, str]:
    found: dict[str, str] = {}
    for row, element, _ in _rows():
        found.setdefault(element, row)
    return found


def _rows() -> Iterator[tuple[str, str, frozenset[str]]]:
    """Yield canonical path, element, and the repeated groups around it, of each row that is an element."""
    for group in table(DEC.name).groups:
        around = frozenset(filter(None, (group.parent, group.name if "[]" in group.target else "")))
        for row in group.rows:
            if row.path and "@" not in row.outside:
                yield row.path, f"{group.name}/{row.outside.partition('[')[0]}", around
