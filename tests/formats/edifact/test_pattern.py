# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The fast expression and the slow check agree on every segment."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.formats.edifact import own_guides
from gateway.formats.edifact.check import check_segment, compile_deep
from gateway.formats.edifact.grammar import compile_guide
from gateway.formats.edifact.service import service_segments

DECIMAL = ".,"
USES = {
    f"{guide.identity.name} {'/'.join(node.groups)} {node.use.name}": (node.use, node.match)
    for guide in own_guides()
    for node in compile_guide(guide, DECIMAL).nodes
}
USES |= {tag: (one.use, one.match) for tag, one in service_segments().items()}
PIECES = st.one_of(
    st.text(st.sampled_from("AB1"), max_size=5),
    st.sampled_from(["", "CZ", "MS", "39", "KGM", "1.5", "-2", ".5", "5.", "1.2.3", "EUR", "202611221200"]),
    st.sampled_from(["X" * 36, "9" * 17, "123456789.123456789", "\ud801", "20260230", "102"]),
)
SEGMENT = st.lists(st.lists(PIECES, min_size=1, max_size=4).map(":".join), max_size=10).map("+".join)


def trailing(segment):
    """Say whether a separator stands before nothing, which both leave to the frame."""
    return segment.endswith(("+", ":")) or ":+" in segment


@pytest.mark.parametrize("name", sorted(USES))
@settings(max_examples=60)
@given(text=SEGMENT)
def test_fast_and_slow_agree(name, text):
    """A segment matches and passes what is checked after the match exactly if nothing is wrong with it."""
    use, match = USES[name]
    segment = f"{use.tag}+{text}" if text else use.tag
    if trailing(segment):
        return
    found = match(segment)
    values, problems = check_segment(use, segment, DECIMAL)
    if found is None:
        assert problems
        return
    passed = not any(wrong(found.groups("")) for wrong in compile_deep(use))
    assert passed == (not problems)
    if passed and "\ud801" not in segment:
        assert tuple(found.groups("")) == values
