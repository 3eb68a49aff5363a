# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Reading XML: what is refused, what is tolerated, what comes out of one walk."""

from dataclasses import dataclass

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.formats import xml


@dataclass(frozen=True)
class Limits:
    max_bytes: int = 100_000
    max_depth: int = 5
    max_elements: int = 50


def codes(raw, limits=None):
    """Return the codes of all findings."""
    return [one.code for one in xml.parse(raw, limits or Limits()).findings]


def test_children_come_in_order_with_their_texts():
    """One walk gives the sequence of names and the text of every leaf, without namespaces."""
    root = xml.parse(b'<a xmlns="urn:x"><b>1</b><c/><d><e>2</e></d><b>3</b></a>', Limits()).root
    assert xml.children_text(root) == (("b", "c", "d", "b"), {"b": "1", "c": ""})


def test_stray_text_is_not_lost():
    """Text between elements appears under a name of its own."""
    root = xml.parse(b"<a> one <b>1</b> two </a>", Limits()).root
    assert xml.children_text(root) == (("b", "#text"), {"b": "1", "#text": "one two"})


def test_prefix_and_default_namespace_read_alike():
    """Names are local whether the namespace has a prefix, is the default, or is missing."""
    forms = (b'<p:a xmlns:p="urn:x"><p:b>1</p:b></p:a>', b'<a xmlns="urn:x"><b>1</b></a>', b"<a><b>1</b></a>")
    roots = [xml.parse(one, Limits()).root for one in forms]
    assert {xml.local_name(one) for one in roots} == {"a"}
    assert [xml.namespace(one) for one in roots] == ["urn:x", "urn:x", ""]
    assert [xml.children_text(one) for one in roots] == [(("b",), {"b": "1"})] * 3


def test_position_is_the_line_of_the_element():
    """An element knows the line on which it begins."""
    assert xml.position(xml.parse(b"<a>\n<b>1</b></a>", Limits()).root[0]) == "line 2"


def test_comments_and_instructions_are_left_out():
    """Comments and processing instructions neither appear as children nor cut a text."""
    root = xml.parse(b"<?go?><!-- x --><a><!-- y --><b>1<!-- z -->2</b><?pi?></a><?end?>", Limits()).root
    assert xml.children_text(root) == (("b",), {"b": "12"})


@pytest.mark.parametrize(
    "raw",
    [
        b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
        b'<?xml version="1.0"?>\n<!-- c --><?pi?>\n<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        b'<!DOCTYPE l [<!ENTITY a "xxxx"><!ENTITY b "&a;&a;&a;">]><l>&b;</l>',
        b'<!DOCTYPE a [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x.dtd"> %x;]><a/>',
        "<!DOCTYPE a><a/>".encode("utf-16"),
        b"\xef\xbb\xbf<!DOCTYPE a><a/>",
    ],
)
def test_a_document_type_declaration_is_refused(raw):
    """A DTD is refused before a parser sees it, in every encoding and behind any prologue."""
    assert "XML-DTD" in codes(raw)


def test_the_word_doctype_inside_a_text_is_harmless():
    """Only a declaration in the prologue counts."""
    assert codes(b"<a><![CDATA[<!DOCTYPE a>]]></a>") == []


@pytest.mark.parametrize(
    "raw", [b"", b" ", b"<a>", b"<a></b>", b"<a/><a/>", b"<a>&nope;</a>", b"<a>\x01</a>", b"<p:a/>", b"text"]
)
def test_what_is_not_well_formed_is_a_finding_with_a_place(raw):
    """Broken XML gives XML-SYNTAX with line and column, never an exception."""
    (one,) = xml.parse(raw, Limits()).findings
    assert one.code == "XML-SYNTAX"
    assert one.position.startswith("line ")


def test_size_is_checked_before_anything_else():
    """One byte too many is refused whatever the bytes are."""
    assert codes(b"\xff" * 11, Limits(max_bytes=10)) == ["XML-SIZE"]


def test_depth_is_limited():
    """The limit itself passes, one level more does not; very deep nesting neither."""
    assert codes(b"<a>" * 5 + b"</a>" * 5) == []
    assert codes(b"<a>" * 6 + b"</a>" * 6) == ["XML-DEPTH"]
    assert codes(b"<a>" * 3000 + b"</a>" * 3000) == ["XML-DEPTH"]


def test_the_number_of_elements_is_limited():
    """The limit itself passes, one element more does not."""
    assert codes(b"<a>" + b"<b/>" * 49 + b"</a>") == []
    assert codes(b"<a>" + b"<b/>" * 50 + b"</a>") == ["XML-ELEMENTS"]


@given(st.binary(max_size=300))
@example(b"<?xml")
@example(b'<?xml version="1.0" encoding="x"?>')
@example(b"\xff\xfe<")
@example(b"\xfe\xff\x00<\x00")
@example(b"<!--")
def test_no_bytes_raise(raw):
    """Whatever the bytes, there is a tree or a finding."""
    parsed = xml.parse(raw, Limits())
    assert (parsed.root is None) == any(one.code.startswith("XML-") for one in parsed.findings)
