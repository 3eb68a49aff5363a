# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Hardened XML reading: nothing is fetched, nothing expands, nothing raises for bad input.

Size, encoding and document type declaration are settled on the bytes (`xml_encoding`); the parser then runs
without network, without entities and without recovery; depth and count are checked on the finished tree.
Comments and processing instructions are tolerated and left out.
"""

import functools
from dataclasses import dataclass

from lxml import etree

from gateway.finding import Finding, finding
from gateway.formats.xml_encoding import XmlLimits, has_doctype, to_utf8

_Element = etree._Element  # noqa: SLF001 - lxml exports its element type under this name only


@dataclass(frozen=True, slots=True)
class ParsedXml:
    """A message as a tree, or `root` is `None` and the findings say why."""

    root: _Element | None
    findings: tuple[Finding, ...]


def parse(raw: bytes, limits: XmlLimits) -> ParsedXml:
    """Read a message; whatever is wrong with it becomes a finding."""
    if len(raw) > limits.max_bytes:
        return _refused("XML-SIZE", expected=f"at most {limits.max_bytes} bytes", actual=f"{len(raw)} bytes")
    text, found = to_utf8(raw)
    if text is None:
        return ParsedXml(None, found)
    if has_doctype(text):
        return _refused("XML-DTD")
    try:
        root = etree.fromstring(text, _parser())
    except etree.XMLSyntaxError as error:
        return ParsedXml(None, (*found, _syntax(error)))
    return _within(root, limits, found)


def local_name(element: _Element) -> str:
    """Return the name of an element without its namespace."""
    return _local(str(element.tag))


def namespace(element: _Element) -> str:
    """Return the namespace of an element, empty if it has none."""
    return str(element.tag).rpartition("}")[0].removeprefix("{")


def position(element: _Element) -> str:
    """Return where an element begins, as findings say it."""
    return f"line {element.sourceline}"


def children_text(element: _Element) -> tuple[tuple[str, ...], dict[str, str]]:
    """Return the names of the children in document order and the text of each child that is a leaf.

    A repeated leaf keeps its first text; the names show the repetition. Text that stands between the
    children appears under the name `#text`, so that it cannot vanish unseen.
    """
    children = list(element)
    names = _locals(tuple([child.tag for child in children]))
    texts = dict(zip(names, [child.text or "" for child in children], strict=True))
    if len(texts) == len(names) and not _more_than_leaves()(element):
        return names, texts
    texts = {}
    for name, child in zip(names, children, strict=True):
        if not len(child):
            texts.setdefault(name, child.text or "")
    stray = " ".join(filter(None, (text.strip() for text in _own_text(element))))
    if names and stray:
        names = (*names, "#text")
        texts["#text"] = stray
    return names, texts


def _own_text(element: _Element) -> tuple[str, ...]:
    return (element.text or "", *(child.tail or "" for child in element))


@functools.lru_cache(maxsize=4096)
def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


@functools.lru_cache(maxsize=1024)
def _locals(tags: tuple[str, ...]) -> tuple[str, ...]:
    """Return local names; senders write the same few sequences, so most are answered from memory."""
    return tuple(_local(tag) for tag in tags)


@functools.cache
def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        recover=False,
        remove_comments=True,
        remove_pis=True,
        remove_blank_text=True,
    )


@functools.cache
def _more_than_leaves() -> etree.XPath:
    """Find grandchildren and stray text in one question, asked in C because it is asked of every group."""
    return etree.XPath("boolean(*/* | text()[normalize-space()])")


@functools.lru_cache(maxsize=16)
def _deeper_than(depth: int) -> etree.XPath:
    return etree.XPath("boolean(" + "/*" * (depth + 1) + ")")


@functools.lru_cache(maxsize=16)
def _more_than(count: int) -> etree.XPath:
    return etree.XPath(f"count(//*) > {count}")


def _within(root: _Element, limits: XmlLimits, found: tuple[Finding, ...]) -> ParsedXml:
    if root.getroottree().docinfo.internalDTD is not None:  # should the search of the prologue ever miss one
        return _refused("XML-DTD")
    if _deeper_than(limits.max_depth)(root):
        return _refused("XML-DEPTH", expected=f"at most {limits.max_depth} levels")
    if _more_than(limits.max_elements)(root):
        return _refused("XML-ELEMENTS", expected=f"at most {limits.max_elements} elements")
    return ParsedXml(root, found)


def _syntax(error: etree.XMLSyntaxError) -> Finding:
    """Turn the parser's complaint into a finding; bytes of a wrong encoding get their own code."""
    line, column = error.position
    text = str(error.msg).partition("\n")[0]
    code = "XML-SYNTAX"
    if "character encoding" in text or "not proper UTF-8" in text:
        code = "XML-ENCODING"
    elif "Excessive depth" in text:
        code = "XML-DEPTH"
    return finding(
        code, position=f"line {line} column {column}", actual=text.rpartition(", line ")[0] or text
    )


def _refused(code: str, *, expected: str = "", actual: str = "") -> ParsedXml:
    return ParsedXml(None, (finding(code, expected=expected, actual=actual),))
