# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Groups that are laid out once by the components they fill."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.formats.edifact import Laid, Layout, Outgoing, write_interchange
from gateway.formats.edifact.tokenise import DEFAULT_4, escape
from tests.formats.edifact.test_write import SERVICES, TRIAL, header, tree


def laid(layout, group, place=""):
    """Return the text and the size of a group as a layout writes it."""
    inner, size = {}, 0
    for one in group.groups:
        text, more = laid(layout, one, f"{place}/{one.name}".lstrip("/"))
        inner[one.name] = inner.get(one.name, "") + text
        size += more
    texts = {f"{said.name}/{key}": text for said in group.segments for key, text in said.values.items()}
    text, more = layout.write(place, texts, inner)
    return text, size + more


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_layout_writes_what_a_tree_is_written_as(data):
    """Laid-out groups are the very bytes that the segment by segment way writes."""
    said = tree(data)
    text, size = laid(Layout(TRIAL, {}, {}), said)
    one = write_interchange(header(), [Outgoing(TRIAL, "7", said)])
    other = write_interchange(header(), [Laid(TRIAL, "7", text, size)])
    assert one.body == other.body
    assert one.body


def test_constants_and_forms_come_by_themselves():
    """What says which segment it is need not be said, and a per cent sign is data."""
    layout = Layout(TRIAL, {"BGM": {"1001": "33%"}}, {})
    assert layout.write("", {"BGM/reference": "5%s"}) == ("BGM+33%+5%s'", 1)
    assert layout.write("item/sender", {"NAD/name": "A+B"})[0].startswith("NAD+CZ+")


@pytest.mark.parametrize("text", ["A+B", "a\x1fb", "\x1f+", "?''", "%s"])
def test_every_text_is_escaped_for_itself(text):
    """Whatever a text holds, it goes to its own place, with its separators released."""
    written, _ = Layout(TRIAL, {}, {}).write("item/sender", {"NAD/name": text, "NAD/street": "1:2"})
    assert f"{escape(text, DEFAULT_4)}+1?:2" in written


@pytest.mark.parametrize(
    ("place", "texts"), [("nowhere", {}), ("", {"XXX/a": "1"}), ("", {"BGM/colour": "red"})]
)
def test_what_a_guide_lacks_is_refused(place, texts):
    """A group, a segment and a component that the guide does not have cannot be written."""
    with pytest.raises(ValueError, match=r"no group|not in"):
        Layout(TRIAL, {}, {}).write(place, texts)


def test_other_separators_cannot_take_what_is_laid_out():
    """Laid-out text has the separators of the standard, so no others may stand around it."""
    with pytest.raises(ValueError, match="separators"):
        write_interchange(header(), [Laid(TRIAL, "1", "", 0)], service=SERVICES[1])
