# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Character sets: nothing is read silently in a wrong one."""

import pytest

from gateway.formats.edifact import parse
from gateway.formats.edifact.charset import CHARSETS
from gateway.sample.edifact_faults import HEAD, interchange

TEXTS = {
    "UNOC": "MÜLLER ÅSE",
    "UNOD": "ŁÓDŹ ŻÓŁW",
    "UNOE": "ИВАН ПЕТРОВ",
    "UNOF": "ΓΙΩΡΓΟΣ",
    "UNOG": "ĦAŻ ĠEBEL",
    "UNOH": "RĪGA ŪDENS",
    "UNOI": "محمد علي",
    "UNOJ": "שלום עולם",
    "UNOK": "IŞIK ĞÜL",
    "UNOL": "ŒUVRE €",
    "UNOW": "王小明",
    "UNOY": "王小明 ИВАН",
}


def named(charset, text, codec):
    """Return an interchange in a character set, with a text in it, as a codec writes it."""
    segments = [one.replace("ANNA VERHAGE", text) for one in interchange(1, HEAD.replace("UNOC", charset))]
    return ("'".join(segments) + "'").encode(codec)


@pytest.mark.parametrize("charset", TEXTS)
def test_every_set_is_read(charset, guides):
    """Text in its own character set comes through without a finding."""
    parsed = parse(named(charset, TEXTS[charset], CHARSETS[charset].codec), guides)
    assert parsed.findings == ()
    names = [values[5] for node, values, _ in parsed.messages[0].segments if node.use.name == "NAD"]
    assert TEXTS[charset] in names


@pytest.mark.parametrize("charset", sorted(set(TEXTS) - {"UNOW", "UNOY"}))
def test_utf_8_under_another_name_is_never_silent(charset, guides):
    """UTF-8 in an interchange that names a single-byte set is refused where it is more than a letter."""
    parsed = parse(named(charset, "王小明 ИВАН", "utf-8"), guides)
    assert "EDIFACT-CHARSET-MISMATCH" in {one.code for one in parsed.findings}
    assert not parsed.messages[0].accepted


def test_latin_1_under_utf_8_is_refused(guides):
    """Bytes that are no UTF-8 are refused under UNOY, with the byte in the finding."""
    findings = parse(named("UNOY", "MÜLLER", "latin-1"), guides).findings
    assert [(one.code, one.actual) for one in findings] == [("EDIFACT-CHARACTER", "byte DC")]


def test_what_is_no_character_is_never_a_lone_surrogate(guides):
    """A refused value and a damaged tag hold text that can be stored; the finding still names the byte."""
    raw = named("UNOY", "MÜLLER", "latin-1").replace(b"QTY+", b"QT?+", 1)
    (message,) = parse(raw, guides).messages
    assert "M\ufffdLLER" in [value for _, values, _ in message.segments for value in values]
    assert {"EDIFACT-CHARACTER", "EDIFACT-SEGMENT-TAG"} <= {one.code for one in message.findings}
    assert all(one.tag.encode("utf-8") and one.path.encode("utf-8") for one in message.faults)


@pytest.mark.parametrize("charset", ["UNOA", "UNOB"])
def test_letters_beyond_the_basic_sets_are_refused(charset, guides):
    """UNOA and UNOB have no letters beyond the basic alphabet."""
    codes = {one.code for one in parse(named(charset, "MÜLLER", "latin-1"), guides).findings}
    assert codes == {"EDIFACT-CHARACTER"}


def test_control_characters_are_refused(guides):
    """A tab inside a value is refused."""
    codes = [one.code for one in parse(named("UNOC", "A\tB", "latin-1"), guides).findings]
    assert codes == ["EDIFACT-CHARACTER"]


def test_positions_count_bytes_not_letters(guides):
    """Behind letters of several bytes the offset still points at the component in the bytes."""
    raw = named("UNOY", "王小明", "utf-8").replace(b"QTY+47:2", b"QTY+47:X")
    (found,) = parse(raw, guides).messages[0].faults
    assert raw[found.offset : found.offset + 1] == b"X"
