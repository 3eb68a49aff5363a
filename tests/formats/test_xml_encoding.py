# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Character encodings of XML: declaration, byte-order mark and bytes must agree."""

from dataclasses import dataclass

import pytest

from gateway.formats import xml

TEXT = "陶瓷杯 é"


@dataclass(frozen=True)
class Limits:
    max_bytes: int = 100_000
    max_depth: int = 5
    max_elements: int = 50


def declared(name, text=TEXT):
    """Return a message that declares its encoding."""
    return f'<?xml version="1.0" encoding="{name}"?>\n<a>{text}</a>'


@pytest.mark.parametrize(
    ("raw", "repaired"),
    [
        (declared("UTF-8").encode(), False),
        (declared("utf-8").encode("utf-8-sig"), True),
        (f"<a>{TEXT}</a>".encode(), False),
        (declared("UTF-16").encode("utf-16"), False),
        (b"\xfe\xff" + declared("UTF-16BE").encode("utf-16-be"), False),
        (declared("UTF-16LE").encode("utf-16-le"), False),
        (f"<a>{TEXT}</a>".encode("utf-16"), False),
        (declared("GBK").encode("gbk"), False),
        (declared("gb2312").encode("gbk"), False),
        (declared("GB18030").encode("gb18030"), False),
    ],
)
def test_a_declared_encoding_is_read(raw, repaired):
    """The text is the same in every supported encoding; only a UTF-8 mark counts as a deviation."""
    parsed = xml.parse(raw, Limits())
    assert parsed.root.text == TEXT
    assert [one.code for one in parsed.findings] == ["SCHEMA-REPAIRED"] * repaired


def test_line_numbers_survive_another_encoding():
    """A line of a GBK message is the line that its sender counts."""
    root = xml.parse(declared("GBK", "\n<b>杯</b>").encode("gbk"), Limits()).root
    assert xml.position(root[0]) == "line 3"


@pytest.mark.parametrize(
    "raw",
    [
        declared("GBK").encode(),
        declared("UTF-8").encode("gbk"),
        f"<a>{TEXT}</a>".encode("gbk"),
        declared("UTF-16").encode(),
        declared("UTF-8").encode("utf-16"),
        declared("GBK").encode("utf-8-sig"),
        declared("UTF-16BE").encode("utf-16"),
        declared("UTF-16").encode("utf-16") + b"\x00",
        declared("UTF-32").encode("utf-32"),
        declared("KOI8-R").encode(),
        declared("US-ASCII").encode(),
        b"<a>\xc0\xaf</a>",
        b"<a>\xed\xa0\x80</a>",
        "<a>x</a>".encode("utf-16-le"),
    ],
)
def test_a_mismatch_is_refused(raw):
    """Bytes that are not what they are said to be are refused as such, not guessed at."""
    parsed = xml.parse(raw, Limits())
    assert parsed.root is None
    assert parsed.findings[-1].code == "XML-ENCODING"
