# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Service characters, release characters and plain splitting."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.formats.edifact.tokenise import (
    DEFAULT,
    DEFAULT_4,
    INFORMATION_SEPARATORS,
    ServiceCharacters,
    ends,
    last_end,
    locate,
    tokenise,
)
from gateway.formats.edifact.write import write_segments

ODD = ServiceCharacters("/", "|", ",", "\\", "^", "~")
SETS = (DEFAULT, DEFAULT_4, ODD)
TEXT = st.text(st.sampled_from("AB0 ?+:'*/|\\^~é王"), max_size=6)


def slow(text, service):
    """Tokenise one character at a time, as the standard describes it."""
    segments, level = [], None
    release = service.release if service.release != " " else None
    index = 0
    while index < len(text):
        char = text[index]
        if level is None:
            level = [[[""]]]
            segments.append(level)
        if char == release and index + 1 < len(text):
            index += 1
            level[-1][-1][-1] += text[index]
        elif char == service.terminator:
            level = None
        elif char == service.element:
            level.append([[""]])
        elif char == service.component:
            level[-1][-1].append("")
        elif char == service.repetition and char != " ":
            level[-1].append([""])
        else:
            level[-1][-1][-1] += char
        index += 1
    return [(one[0][0][0], one[1:]) for one in segments if one != [[[""]]]]


def trimmed(elements):
    """Return elements as writing cuts them: without empty ends."""
    cut = [[list(parts) for parts in element] for element in elements]
    for element in cut:
        for parts in element:
            while len(parts) > 1 and not parts[-1]:
                parts.pop()
    while cut and cut[-1] == [[""]]:
        cut.pop()
    return cut


@pytest.mark.parametrize("service", SETS, ids=("syntax 3", "syntax 4", "odd"))
@given(data=st.data())
def test_reading_undoes_writing(service, data):
    """Whatever stands in the components, tokenising what was written gives it back."""
    most = 3 if service.repetition != " " else 1
    elements = st.lists(
        st.lists(st.lists(TEXT, min_size=1, max_size=3), min_size=1, max_size=most), max_size=4
    )
    rows = data.draw(st.lists(st.tuples(st.sampled_from(["ABC", "NAD"]), elements), max_size=4))
    expected = [(tag, trimmed(one)) for tag, one in rows]
    assert tokenise(write_segments(rows, service), service) == expected


@given(
    st.lists(
        st.lists(st.sampled_from(["A", "+", ":", "*", " ", "??", "?+", "?:", "?'"]), max_size=12), max_size=4
    ),
    st.sampled_from([DEFAULT, DEFAULT_4]),
)
def test_splitting_agrees_with_the_standard(segments, service):
    """Masking and splitting give what reading one character at a time gives."""
    text = "".join(f"ABC+{''.join(pieces)}'" for pieces in segments)
    assert tokenise(text, service) == slow(text, service)


def test_release_characters_release():
    """A doubled release character, and released separators, are data."""
    assert tokenise("FTX+A??+B?+C?:D?'E:F'") == [("FTX", [[["A?"]], [["B+C:D'E", "F"]]])]


def test_asterisk_repeats_in_syntax_4_only():
    """In syntax 3 the asterisk is an ordinary character."""
    assert tokenise("COM+1*2'", DEFAULT) == [("COM", [[["1*2"]]])]
    assert tokenise("COM+1*2'", DEFAULT_4) == [("COM", [[["1"], ["2"]]])]


def test_information_separators_have_no_release():
    """The separators of old level B let every printable character be data."""
    assert tokenise("FTX\x1dA+B?\x1fC\x1c", INFORMATION_SEPARATORS) == [("FTX", [[["A+B?", "C"]]])]


def test_line_breaks_after_terminators_are_skipped():
    """Line breaks between segments vanish; a released terminator before a line break does not count."""
    assert tokenise("A+1'\r\nB+2?'\n3'") == [("A", [[["1"]]]), ("B", [[["2'\n3"]]])]


@given(st.binary(max_size=60).map(lambda raw: raw.replace(b"\x00", b"'").replace(b"\x01", b"?")))
def test_last_end_is_the_last_of_all_ends(raw):
    """Looking from the back finds the terminator that scanning from the front finds last."""
    found = ends(raw, DEFAULT)
    assert last_end(raw, DEFAULT) == (found[-1] if found else 0)


def test_components_are_located_in_bytes():
    """Positions count bytes, also behind released characters and letters of several bytes."""
    raw = "NAD+王?+:B*C:D+E'".encode()
    places = [locate(raw, DEFAULT_4, *at) for at in ((0,), (1, 1, 1), (1, 1, 2), (1, 2, 2), (2,))]
    assert [raw[place : place + 1] for place in places] == [b"N", "王".encode()[:1], b"B", b"D", b"E"]
