# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What is checked on the bytes of an XML message before a parser sees them (XML 1.0, §2.8, §4.3.3, App. F).

The byte-order mark and the declaration must agree. Everything that is not UTF-8 is turned into UTF-8 here, by
strict codecs, so that the prologue can be searched for a document type declaration as plain bytes.
"""

import codecs
import re
from typing import Protocol

from gateway.finding import Finding, finding

_DECLARATION = re.compile(
    rb"<\?xml[ \t\r\n]+version[ \t\r\n]*=[ \t\r\n]*[\"'][0-9.]{1,8}[\"']"
    rb"(?:[ \t\r\n]+encoding[ \t\r\n]*=[ \t\r\n]*[\"']([A-Za-z][A-Za-z0-9._-]{0,39})[\"'])?"
    rb"[^?>]{0,80}\?>"
)
# Declared name -> (strict codec, width of a character unit). GB 2312 is read as its superset GBK, because
# senders declare the older name for the newer repertoire.
_CODECS = {
    "utf-8": ("utf-8", 1),
    "utf8": ("utf-8", 1),
    "us-ascii": ("ascii", 1),
    "ascii": ("ascii", 1),
    "iso-8859-1": ("latin-1", 1),
    "gb2312": ("gbk", 1),
    "gbk": ("gbk", 1),
    "gb18030": ("gb18030", 1),
    "utf-16": ("utf-16", 2),
    "utf-16le": ("utf-16", 2),
    "utf-16be": ("utf-16", 2),
}
_SUPPORTED = "UTF-8, UTF-16, GBK, GB2312, GB18030, ISO-8859-1 or US-ASCII, as declared"
_UTF16 = (
    (codecs.BOM_UTF16_LE, "utf-16-le", 2),
    (codecs.BOM_UTF16_BE, "utf-16-be", 2),
    (b"<\x00", "utf-16-le", 0),
    (b"\x00<", "utf-16-be", 0),
)
_BLANK = b" \t\r\n"


class XmlLimits(Protocol):
    """What one message may cost; the gateway's own limits fit this shape."""

    @property
    def max_bytes(self) -> int:
        """The largest number of bytes read."""

    @property
    def max_depth(self) -> int:
        """The deepest nesting of elements, the document element counting as 1."""

    @property
    def max_elements(self) -> int:
        """The largest number of elements."""


def to_utf8(raw: bytes) -> tuple[bytes | None, tuple[Finding, ...]]:
    """Return the message as UTF-8 bytes the parser may read, or `None` and the finding that refuses it."""
    if raw.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, b"\x00\x00\x00<", b"<\x00\x00\x00")):
        return None, (_refusal("UTF-32"),)
    for mark, codec, skip in _UTF16:
        if raw.startswith(mark):
            return _from_utf16(raw[skip:], codec, marked=skip > 0)
    if raw.startswith(codecs.BOM_UTF8):
        text, found = _from_bytes(raw[3:], marked=True)
        repaired = finding("SCHEMA-REPAIRED", position="byte 0", actual="UTF-8 byte-order mark removed")
        return text, (repaired, *found)
    return _from_bytes(raw, marked=False)


def has_doctype(text: bytes) -> bool:
    """Say whether a document type declaration stands before the document element."""
    at = 0
    while True:
        while text[at : at + 1] and text[at] in _BLANK:
            at += 1
        if text.startswith(b"<?", at):
            end = text.find(b"?>", at + 2)
        elif text.startswith(b"<!--", at):
            end = text.find(b"-->", at + 4)
        else:
            return text.startswith(b"<!", at)
        if end < 0:
            return False
        at = end + 2 if text[end] == ord("?") else end + 3


def _from_utf16(raw: bytes, codec: str, *, marked: bool) -> tuple[bytes | None, tuple[Finding, ...]]:
    try:
        text = raw.decode(codec).encode("utf-8")
    except UnicodeError as error:
        return None, (_undecodable(codec, error),)
    declared = _declared(text)
    if _CODECS.get(declared, ("", 0))[1] != 2 if declared else not marked:  # noqa: PLR2004 - UTF-16 units
        return None, (_refusal(f"{codec} bytes, declared as {declared or 'nothing'}"),)
    if declared in {"utf-16le", "utf-16be"} and declared.replace("-", "") != codec.replace("-", ""):
        return None, (_refusal(f"{codec} bytes, declared as {declared}"),)
    return _undeclared(text), ()


def _from_bytes(raw: bytes, *, marked: bool) -> tuple[bytes | None, tuple[Finding, ...]]:
    declared = _declared(raw) or "utf-8"
    codec, width = _CODECS.get(declared, ("", 0))
    if width != 1 or (marked and codec != "utf-8"):
        return None, (_refusal(f"{'UTF-8 mark' if marked else 'bytes'}, declared as {declared}"),)
    if codec == "utf-8":
        return raw, ()  # the parser checks UTF-8 itself and names line and column
    try:
        return _undeclared(raw.decode(codec).encode("utf-8")), ()
    except UnicodeError as error:
        return None, (_undecodable(codec, error),)


def _declared(text: bytes) -> str:
    match = _DECLARATION.match(text)
    return match[1].decode("ascii").lower() if match and match[1] else ""


def _undeclared(text: bytes) -> bytes:
    """Take the declaration off, keeping its line breaks so that line numbers stay true."""
    match = _DECLARATION.match(text)
    return b"\n" * match[0].count(b"\n") + text[match.end() :] if match else text


def _refusal(actual: str) -> Finding:
    return finding("XML-ENCODING", expected=_SUPPORTED, actual=actual)


def _undecodable(codec: str, error: UnicodeError) -> Finding:
    at = error.start if isinstance(error, UnicodeDecodeError) else 0
    return finding("XML-ENCODING", position=f"byte {at}", expected=f"bytes of {codec}")
