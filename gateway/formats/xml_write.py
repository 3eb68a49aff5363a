# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Compact XML out of ordered names and texts, UTF-8, with one declared namespace (XML 1.0)."""

import functools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, Union

from gateway.finding import Finding, finding

Content: TypeAlias = Union[str, Sequence[tuple[str, "Content"]]]  # noqa: UP007 - a string cannot be joined with | at run time

_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*(:[A-Za-z_][A-Za-z0-9_.-]*)?")
# A carriage return would come back as a line feed, and white space in attributes as blanks, so both are
# written as references.
_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
_ATTRIBUTE = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}
)
_SPECIAL = re.compile("[&<>\r]").search


@dataclass(frozen=True, slots=True)
class Written:
    """A written message; `body` is empty if a value could not be written, and the findings name it."""

    body: bytes
    findings: tuple[Finding, ...] = ()


def write(
    root: str,
    content: Content,
    *,
    namespace: str = "",
    prefix: str = "",
    attributes: Mapping[str, str] | None = None,
) -> Written:
    """Write a document whose elements all stand in one namespace, without white space between them.

    Args:
        root: local name of the document element.
        content: text, or (local name, content) pairs in document order; empty text gives an empty element.
        namespace: declared once on the document element; none if empty.
        prefix: prefix of every element; the default namespace is used if empty.
        attributes: attributes of the document element, in order, without namespace.

    Raises:
        ValueError: a name is not an XML name; names are the caller's own, not the sender's.
    """
    pieces = ['<?xml version="1.0" encoding="UTF-8"?>']
    mark = f"{prefix}:" if prefix else ""
    declared = {f"xmlns:{prefix}" if prefix else "xmlns": namespace} if namespace else {}
    start = "".join(
        f' {_checked(name)}="{value.translate(_ATTRIBUTE)}"'
        for name, value in {**declared, **(attributes or {})}.items()
    )
    _element(pieces.append, mark, root, content, start)
    text = "".join(pieces)
    # What is printable is allowed; the expression takes ten times as long to say so.
    if not text.isprintable() and _ILLEGAL.search(text):
        named = [(f"@{name}", value) for name, value in (attributes or {}).items()]
        return Written(b"", tuple(_illegal("", named, content)))
    return Written(text.encode("utf-8"))


def _element(
    emit: Callable[[str], None], mark: str, name: str, content: Content, attributes: str = ""
) -> None:
    tag = _checked(mark + name)
    if not content:
        emit(f"<{tag}{attributes}/>")
    elif isinstance(content, str):
        emit(f"<{tag}{attributes}>{content.translate(_TEXT) if _SPECIAL(content) else content}</{tag}>")
    else:
        leaves = _leaves(mark, content)
        if leaves is not None:
            emit(f"<{tag}{attributes}>{leaves}</{tag}>")
            return
        emit(f"<{tag}{attributes}>")
        for child, inner in content:
            if inner and isinstance(inner, str):  # most are: a call for each of them costs twice as much
                leaf = _checked(mark + child)
                emit(f"<{leaf}>{inner.translate(_TEXT) if _SPECIAL(inner) else inner}</{leaf}>")
            else:
                _element(emit, mark, child, inner)
        emit(f"</{tag}>")


def _leaves(mark: str, content: Sequence[tuple[str, Content]]) -> str | None:
    """Return leaves that all have text, formatted at once; None if one is empty or no leaf."""
    names, texts = zip(*content, strict=True)
    if not all(texts):
        return None
    try:
        joined = "".join(texts)
    except TypeError:
        return None
    if _SPECIAL(joined):
        texts = tuple([one.translate(_TEXT) for one in texts])
    return _format(mark, names) % texts


@functools.lru_cache(maxsize=1024)
def _format(mark: str, names: tuple[str, ...]) -> str:
    """Return the format of leaves; remembers names only, which are the caller's own."""
    return "".join(f"<{tag}>%s</{tag}>" for tag in (_checked(mark + one) for one in names))


@functools.lru_cache(maxsize=4096)
def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError("not an XML name")
    return name


def _illegal(path: str, attributes: Sequence[tuple[str, str]], content: Content) -> Iterable[Finding]:
    for name, text in attributes:
        yield from _illegal(f"{path}/{name}" if path else name, (), text)
    if isinstance(content, str):
        match = _ILLEGAL.search(content)
        if match:
            yield finding(
                "XML-CHARACTER",
                path=path,
                position=f"character {match.start()}",
                actual=f"U+{ord(match[0]):04X}",
            )
        return
    for name, inner in content:
        yield from _illegal(f"{path}/{name}" if path else name, (), inner)
