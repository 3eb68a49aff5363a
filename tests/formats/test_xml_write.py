# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Writing XML: names, namespace, escaping, and characters that XML cannot carry."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.formats import xml

_NEVER = "\ufffe\uffff"
LEGAL = st.text(
    st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters=_NEVER) | st.sampled_from("\t\n\r")
)


@dataclass(frozen=True)
class Limits:
    max_bytes: int = 1_000_000
    max_depth: int = 5
    max_elements: int = 100


def test_a_message_is_compact_and_in_one_namespace():
    """No white space between elements, the prefix on all of them, attributes on the document element."""
    written = xml.write(
        "M", [("a", "1"), ("b", [("c", "")])], namespace="urn:x", prefix="p", attributes={"guid": 'x"y'}
    )
    assert written.findings == ()
    assert written.body.decode() == (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<p:M xmlns:p="urn:x" guid="x&quot;y"><p:a>1</p:a><p:b><p:c/></p:b></p:M>'
    )


def test_the_default_namespace_needs_no_prefix():
    """Without a prefix the namespace is the default one; without a namespace none is declared."""
    assert b'<M xmlns="urn:x"><a>1</a></M>' in xml.write("M", [("a", "1")], namespace="urn:x").body
    assert xml.write("M", "t").body.endswith(b"<M>t</M>")


@given(LEGAL, LEGAL)
def test_every_legal_text_comes_back(text, attribute):
    """What is written is read again, character by character."""
    body = xml.write("M", [("a", text), ("b", "x")], attributes={"k": attribute}).body
    root = xml.parse(body, Limits()).root
    assert (root[0].text or "") == text
    assert root.get("k") == attribute


@pytest.mark.parametrize("character", ["\x00", "\x0b", "\x1f", "\ud800", "\ufffe", "\uffff"])
def test_a_character_that_xml_cannot_carry_is_refused(character):
    """The finding names path, place and code point; nothing is written."""
    written = xml.write("M", [("a", "1"), ("b", [("c", "xy" + character)])], attributes={"k": character})
    assert written.body == b""
    assert [(one.code, one.path, one.position) for one in written.findings] == [
        ("XML-CHARACTER", "@k", "character 0"),
        ("XML-CHARACTER", "b/c", "character 2"),
    ]
    assert written.findings[0].actual == f"U+{ord(character):04X}"


@pytest.mark.parametrize("name", ["", "1a", "a b", "a>", "a:b:c"])
def test_a_name_is_the_callers_own_duty(name):
    """A name that is no XML name is a fault of the program."""
    with pytest.raises(ValueError, match="not an XML name"):
        xml.write("M", [(name, "1")])
