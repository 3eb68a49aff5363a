# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Reading interchanges: streams, service segments, bad input, positions."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.formats.edifact import Interchange, Limits, Reader, own_guides, parse
from gateway.sample.edifact_faults import HEAD, interchange, joined, message, own_faults, ten_faults

FAULTS = {one.name: one for one in (*ten_faults(), *own_faults())}
GOOD = joined(interchange())


def codes(raw, limits=None):
    """Return the codes of all findings."""
    return [one.code for one in parse(raw, own_guides(), limits).findings]


def told(events):
    """Return what can be said of events, for comparison."""
    return [
        (type(one).__name__, one.number, [(fault.code, fault.offset, fault.segment) for fault in one.faults])
        for one in events
    ]


def in_pieces(raw, sizes):
    """Return the events of reading in pieces whose sizes repeat."""
    reader, events, place, turn = Reader(own_guides()), [], 0, 0
    while place < len(raw):
        size = sizes[turn % len(sizes)]
        events += reader.feed(raw[place : place + size])
        place, turn = place + size, turn + 1
    return events + reader.close()


def test_a_faultless_interchange_has_no_findings(guides):
    """The trial interchange is accepted, and its header says who sent it."""
    (found,) = parse(GOOD, guides).interchanges
    assert found.findings == ()
    assert found.accepted
    assert found.header is not None
    assert (found.header.sender, found.header.recipient, found.header.reference) == (
        "SENDER",
        "RECIPIENT",
        "REF1",
    )
    (one,) = found.messages
    assert one.accepted
    assert (one.reference, one.count, len(one.segments)) == ("1", 27, 25)


@pytest.mark.parametrize("name", FAULTS)
def test_every_planted_fault_is_caught(name, guides):
    """The fault is found under its code, and decides whether the interchange is taken."""
    planted = FAULTS[name]
    parsed = parse(planted.raw, guides)
    assert planted.code in {one.code for one in parsed.findings}
    taken = all(one.accepted for one in (*parsed.interchanges, *parsed.messages))
    assert taken == (not planted.rejects)


def test_there_are_ten_and_at_least_twenty_more():
    """The comparison has ten faults and we name at least twenty of our own."""
    assert len(list(ten_faults())) == 10
    assert len(list(own_faults())) >= 20


@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.parametrize("sizes", [(1,), (7, 50)])
def test_pieces_make_no_difference(name, sizes):
    """Byte by byte or at once, the same is found at the same places."""
    raw = FAULTS[name].raw
    assert told(in_pieces(raw, sizes)) == told(in_pieces(raw, (len(raw),)))


def test_positions_point_into_the_bytes(guides):
    """Segment, element, component and byte offset of a finding lead to the value."""
    raw = FAULTS["not_a_number"].raw
    (found,) = parse(raw, guides).messages[0].faults
    assert raw[found.offset : found.offset + 3] == b"ABC"
    assert (
        raw.split(b"'")[found.segment].split(b"+")[found.element].split(b":")[found.component - 1] == b"ABC"
    )
    finding = found.finding()
    assert finding.position == f"message 1, segment 10, element 1, component 2, byte {found.offset}"
    assert finding.path == "item/MOA/amount"


def test_every_fault_is_reported_not_the_first(guides):
    """Three faults in one segment and one in another are four findings."""
    raw = GOOD.replace(b"MOA+39:45.50:EUR", b"MOA+999:4x:E1").replace(b"GID+1", b"GID+A")
    assert codes(raw) == [
        "EDIFACT-NUMBER",
        "EDIFACT-CODE",
        "EDIFACT-NUMBER",
        "EDIFACT-ALPHABETIC",
        "EDIFACT-TOO-SHORT",
    ]


def test_a_missing_segment_found_later_is_out_of_order():
    """A segment that comes too late is not missing as well."""
    assert codes(FAULTS["wrong_order"].raw) == ["EDIFACT-SEGMENT-ORDER"]


def test_qualified_neighbours_come_in_any_order():
    """Segments of one place that differ by qualifier may be swapped, but not left out."""
    first, second = b"NAD+MS+J1CXXA'", b"NAD+MR+J1CXXB'"
    assert codes(GOOD.replace(first + second, second + first)) == []
    lacking = GOOD.replace(second, b"").replace(b"UNT+27", b"UNT+26")
    assert codes(lacking) == ["EDIFACT-SEGMENT-MISSING"]


def test_conditions_between_segments_of_a_group():
    """A dependency inside a group instance is checked per instance, with the place of its trigger."""
    raw = GOOD.replace(b"RFF+AAU:LX473124829XX'", b"").replace(b"UNT+27", b"UNT+26")
    found = parse(raw, own_guides()).messages[0].faults
    assert [(one.code, one.rule) for one in found] == [
        ("EDIFACT-CONDITION", "TRL-ITEM-01"),
        ("EDIFACT-SEGMENT-MISSING", ""),
    ]


def test_an_open_list_lets_unknown_codes_pass(guides):
    """An unknown code of an open list is a warning, and its value is kept."""
    parsed = parse(GOOD.replace(b"GIS+31", b"GIS+77"), guides)
    assert [one.code for one in parsed.findings] == ["EDIFACT-CODE-OPEN"]
    assert parsed.messages[0].accepted
    assert ("77",) in [values for node, values, _ in parsed.messages[0].segments if node.use.name == "GIS"]


def test_missing_trailers_lose_nothing(guides):
    """Without UNT and UNZ the messages still come out, refused, and the next interchange is read."""
    text = b"'".join(part for part in GOOD.split(b"'") if not part.startswith((b"UNT", b"UNZ")))
    parsed = parse(text + GOOD, guides)
    assert [one.accepted for one in parsed.interchanges] == [False, True]
    assert [one.accepted for one in parsed.messages] == [False, True]
    assert len(parsed.messages[0].segments) == 25


def test_many_interchanges_in_one_input(guides):
    """Interchanges follow each other with or without line breaks and may differ in separators."""
    odd = GOOD.replace(b"+ PARTNERS", b" PARTNERS").replace(b"?", b"").replace(b"MEN'S", b"MENS")
    odd = b"UNA/|.!^~" + odd.replace(b"+", b"|").replace(b":", b"/").replace(b"'", b"~")
    parsed = parse(GOOD + b"\r\n" + odd.replace(b"ANNA/V", b"ANNA V") + GOOD, guides)
    assert parsed.findings == ()
    assert [one.number for one in parsed.interchanges] == [1, 2, 3]


def test_line_breaks_between_segments_are_told_once(guides):
    """A file with a segment per line is read, with one note."""
    parsed = parse(GOOD.replace(b"'", b"'\r\n").replace(b"?'\r\n", b"?'"), guides)
    assert [one.code for one in parsed.findings] == ["EDIFACT-LINE-BREAK"]
    assert parsed.messages[0].accepted


def test_a_byte_order_mark_is_told(guides):
    """A byte-order mark in front is skipped with a note."""
    assert [one.code for one in parse(b"\xef\xbb\xbf" + GOOD, guides).findings] == ["SCHEMA-REPAIRED"]


def test_functional_groups(guides):
    """Groups are read, and messages know theirs."""
    head, *inside, _ = interchange()
    group = "UNG+TRLITM+SENDER+RECIPIENT+261122:1200+G1+ZZ+1:0:EADGW1"
    parsed = parse(joined([head, group, *inside, "UNE+1+G1", "UNZ+1+REF1"]), guides)
    assert parsed.findings == ()
    assert parsed.messages[0].group == "G1"
    wrong = parse(joined([head, group, *inside, "UNE+2+G2", "UNZ+1+REF1"]), guides)
    assert [one.code for one in wrong.findings] == ["EDIFACT-COUNT", "EDIFACT-REFERENCE"]
    unclosed = parse(joined([head, group, *inside, "UNZ+1+REF1"]), guides)
    assert [one.code for one in unclosed.findings] == ["EDIFACT-TRAILER-MISSING"]


def test_decimal_mark_of_una_counts_in_syntax_3(guides):
    """A comma is no decimal mark where UNA of syntax 3 says point; without UNA both are."""
    raw = GOOD.replace(b"45.50", b"45,50")
    assert parse(raw, guides).findings == ()
    assert [one.code for one in parse(b"UNA:+.? '" + raw, guides).findings] == ["EDIFACT-NUMBER"]


def test_one_repeated_reference_of_the_interchange_is_only_reported(guides):
    """The engine tells the reference of each interchange; remembering it is the caller's."""
    parsed = parse(GOOD + GOOD, guides)
    assert [one.header.reference for one in parsed.interchanges if one.header] == ["REF1", "REF1"]
    assert parsed.findings == ()


def test_a_million_segments(guides):
    """A message of too many segments is refused without being kept; its count is still checked."""
    reader = Reader(guides, Limits(max_message_segments=50_000))
    start = joined([HEAD, "UNH+1+TRLITM:1:0:ZZ:EADGW1"])
    events = reader.feed(start)
    for _ in range(100):
        events += reader.feed(b"GID+1'" * 10_000)
    events += reader.feed(b"UNT+1000002+1'UNZ+1+REF1'")
    one, whole = events
    assert one.count == 1_000_002
    assert one.segments == []
    assert one.faults[-1].code == "EDIFACT-MORE"
    assert len(one.faults) <= 1001
    assert whole.faults == []


def test_an_endless_segment_is_refused(guides):
    """A segment that never ends is refused when it passes the limit, and the rest is not kept."""
    reader = Reader(guides)
    events = reader.feed(joined([HEAD])) + reader.feed(b"A" * 200_000) + reader.feed(b"B" * 200_000)
    assert {fault.code for fault in events[0].faults} == {"EDIFACT-LIMIT", "EDIFACT-TRAILER-MISSING"}
    assert len(reader._buffer) == 0
    assert reader.close() == []


@pytest.mark.parametrize("raw", [b"", b"\r\n", b"UN", b"UNA:+", b"UNB", b"UNB+UNO", b"PK\x03\x04"])
def test_what_is_no_interchange_is_said_to_be_none(raw, guides):
    """Empty, cut and foreign input each give one refused interchange."""
    (found,) = parse(raw, guides).interchanges
    assert found.header is None
    assert not found.accepted


def test_an_empty_segment_has_no_tag():
    """Two terminators in a row are a segment without a tag."""
    assert "EDIFACT-SEGMENT-TAG" in codes(GOOD.replace(b"GID+1'", b"GID+1''"))


def test_packages_are_not_read():
    """Object packages and interactive segments are refused by name."""
    raw = joined([HEAD, "UNO+1", *message(), "UNZ+1+REF1"])
    assert codes(raw) == ["EDIFACT-UNSUPPORTED-SEGMENT"]


def test_the_date_of_the_interchange_is_checked():
    """A day that does not exist in UNB refuses the interchange."""
    assert codes(GOOD.replace(b"261122:1200", b"261322:2500")) == ["EDIFACT-DATE", "EDIFACT-DATE"]


def test_the_envelope_limits_its_findings():
    """Endless faults outside messages are counted, not kept."""
    raw = joined([HEAD, *["ABC+1"] * 5000, *message(), "UNZ+1+REF1"])
    found = parse(raw, own_guides()).interchanges[0].faults
    assert len(found) == 1001
    assert (found[-1].code, found[-1].actual) == ("EDIFACT-MORE", "4000")


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_nothing_raises(data):
    """Whatever replaces part of an interchange, reading ends with an interchange and never raises."""
    begin = data.draw(st.integers(0, len(GOOD)))
    end = data.draw(st.integers(begin, min(len(GOOD), begin + 40)))
    raw = GOOD[:begin] + data.draw(st.binary(max_size=30)) + GOOD[end:]
    events = in_pieces(raw, (data.draw(st.integers(1, 300)),))
    assert isinstance(events[-1], Interchange)
    for event in events:
        for fault in event.faults:
            assert 0 <= fault.offset <= len(raw)
            assert fault.finding().remedy
