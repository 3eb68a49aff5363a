# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Writing: what was written reads back as it was meant."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.formats.edifact import (
    FunctionalGroup,
    Group,
    Header,
    Identity,
    Outgoing,
    Said,
    ServiceCharacters,
    own_guides,
    parse,
    tree_of,
    write_interchange,
)
from gateway.sample.edifact_faults import interchange, joined

GUIDES = own_guides()
TRIAL = GUIDES.find(Identity("TRLITM", "1", "0", "ZZ", "EADGW1"))
SERVICES = (None, ServiceCharacters("/", "|", ".", "!", "^", "~"))
NAME = st.text(st.sampled_from("AB ?+:'*/|!^~é王"), min_size=1, max_size=12)
NUMBER = st.integers(0, 10**7).map(str)


def header(syntax="4"):
    """Return a header."""
    date = "20261122" if syntax == "4" else "261122"
    return Header("A'B", "14", "C+D", "", date, "1200", "REF?1", "TRIAL", True, "", True)


def party(name, qualifier, data):
    """Return a party with a name and some places of its address left out."""
    keys = ("street", "city", "postcode")
    values = {"role": qualifier, "name": data.draw(NAME)}
    values |= {key: data.draw(NAME) for key in keys if data.draw(st.booleans())}
    return Group(name, [Said("NAD", values)])


def piece(data):
    """Return one content piece."""
    return Group(
        "piece",
        [
            Said("description", {"subject": "AAA", "text": data.draw(NAME)}),
            Said("QTY", {"qualifier": "47", "quantity": data.draw(NUMBER)}),
            Said("MEA", {"qualifier": "WT", "unit": "KGM", "value": data.draw(NUMBER) + ".5"}),
            Said("MOA", {"qualifier": "66", "amount": data.draw(NUMBER), "currency": "EUR"}),
        ],
    )


def tree(data):
    """Return what a trial message says."""
    items = [
        Group(
            "item",
            [
                Said("GID", {"number": str(number)}),
                Said("RFF", {"qualifier": "AAU", "reference": data.draw(NAME)}),
                Said("MEA", {"qualifier": "WT", "kind": "AAB", "unit": "KGM", "value": "1"}),
            ],
            [party("sender", "CZ", data), party("addressee", "CN", data)]
            + [piece(data) for _ in range(data.draw(st.integers(1, 3)))],
        )
        for number in range(1, data.draw(st.integers(1, 3)) + 1)
    ]
    segments = [
        Said("BGM", {"1001": "335", "reference": data.draw(NAME)}),
        Said("DTM", {"qualifier": "137", "time": "202611221200", "2379": "203"}),
        Said("origin", {"role": "MS", "operator": "J1CXXA"}),
        Said("destination", {"role": "MR", "operator": "J1CXXB"}),
    ]
    return Group("", segments, items)


@settings(max_examples=60, deadline=None)
@given(data=st.data(), syntax=st.sampled_from("34"), service=st.sampled_from(SERVICES))
def test_parse_undoes_write(data, syntax, service):
    """What a message says, its references and its header come back whatever characters they hold."""
    assert TRIAL is not None
    trees = [tree(data) for _ in range(data.draw(st.integers(1, 2)))]
    out = [Outgoing(TRIAL, f"M{number}", one) for number, one in enumerate(trees)]
    written = write_interchange(header(syntax), out, syntax=syntax, service=service)
    assert written.findings == ()
    (found,) = parse(written.body, GUIDES).interchanges
    assert found.findings == ()
    assert found.header == header(syntax)
    assert [(one.reference, tree_of(one)) for one in found.messages] == [
        (one.reference, one.tree) for one in out
    ]


def test_write_undoes_parse():
    """The sample read and written again is the same bytes behind UNA."""
    raw = joined(interchange())
    (found,) = parse(raw, GUIDES).interchanges
    (one,) = found.messages
    assert one.guide is not None
    assert found.header is not None
    out = Outgoing(one.guide, one.reference, tree_of(one))
    written = write_interchange(found.header, [out], syntax="3", charset="UNOC")
    assert written.body == b"UNA:+.? '" + raw


def test_groups_are_written_with_counts():
    """Messages in a functional group are counted by UNE, and the group by UNZ."""
    (one,) = parse(joined(interchange()), GUIDES).messages
    assert one.guide is not None
    out = [Outgoing(one.guide, str(number), tree_of(one)) for number in (1, 2)]
    group = FunctionalGroup("G7", "TRLITM", "X", "Y")
    written = write_interchange(header(), out, group=group)
    assert written.findings == ()
    assert written.body.endswith(b"UNE+2+G7'UNZ+1+REF??1'")


def test_what_cannot_be_encoded_is_refused():
    """Text that the character set lacks is a finding, and no bytes come out."""
    (one,) = parse(joined(interchange()), GUIDES).messages
    assert one.guide is not None
    spoilt = tree_of(one)
    spoilt.segments[0] = Said("BGM", {"1001": "335", "reference": "王"})
    written = write_interchange(header("3"), [Outgoing(one.guide, "1", spoilt)], syntax="3", charset="UNOC")
    assert written.body == b""
    assert [found.code for found in written.findings] == ["EDIFACT-CHARACTER"]


def test_what_would_be_refused_is_not_written():
    """A message that breaks its own guide does not leave."""
    (one,) = parse(joined(interchange()), GUIDES).messages
    assert one.guide is not None
    spoilt = tree_of(one)
    spoilt.segments.pop(0)
    written = write_interchange(header(), [Outgoing(one.guide, "1", spoilt)])
    assert written.body == b""
    assert [found.code for found in written.findings] == ["EDIFACT-SEGMENT-MISSING"]


def test_names_outside_the_guide_are_the_callers_fault():
    """An unknown segment or component name raises."""
    assert TRIAL is not None
    for wrong in (Group("", [Said("XYZ", {})]), Group("", [Said("BGM", {"colour": "red"})])):
        with pytest.raises(ValueError, match="not in"):
            write_interchange(header(), [Outgoing(TRIAL, "1", wrong)])
