# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The quick road gives what the slow road gives, for whatever stands between the same tags."""

import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.uk_cds import UkCdsAdapter
from gateway.sdk import Limits

NAMES = ("dec_import_full", "dec_low_value_postal", "dec_export", "dec_amendment")
TEXT = re.compile(">([^<]+)<")
ODD = (
    *(
        "",
        " ",
        "40",
        "4",
        "1H7",
        "1",
        "2",
        " x",
        "x ",
        "a\nb",
        "\n",
        "&amp;",
        "&#65;",
        "]]>",
        "a>b",
        "\r\n",
        "é中",
    ),
    *(
        "20260301093000Z",
        "20260301",
        "20261301",
        "20260301093000+01",
        "GB",
        "gb",
        "G1",
        "+1",
        "1.0",
        "0.5",
        "half",
    ),
    *("<!-- c -->", "<x/>", "<![CDATA[y]]>", "\x01", "9" * 40, "N" * 600),
)


def changed(raw, draw, share):
    """Return the message with some texts replaced; blanks between tags are texts too."""

    def other(match):
        if draw.random() >= share:
            return match[0]
        return f">{draw.choice(ODD) if draw.random() < 0.7 else match[1] + 'x'}<"

    return TEXT.sub(other, raw)


def trained(raw):
    """Return an adapter that has seen a message often enough to know its tags."""
    made = UkCdsAdapter()
    for _ in range(3):
        made.decode(raw.encode(), Limits())
    return made


@settings(max_examples=300, deadline=None)
@given(name=st.sampled_from(NAMES), seed=st.integers(0, 2**32), share=st.sampled_from([0.005, 0.02, 0.1]))
def test_both_roads_give_the_same(text, name, seed, share) -> None:
    """Any text between the tags of a known message, tidy or not, is read as by its tree."""
    raw = text(name)
    other = changed(raw, random.Random(seed), share).encode()
    assert trained(raw).decode(other, Limits()) == UkCdsAdapter().decode(other, Limits())


def test_both_roads_give_the_same_for_any_valid_document(official, seed) -> None:
    """Documents drawn from the schema, each with changed texts."""
    draw = random.Random(seed)
    for _ in range(60):
        raw = '<?xml version="1.0" encoding="UTF-8"?>' + official.document("DEC", draw, 0.4).decode("ascii")
        known = trained(raw)
        for share in (0, 0.05):
            other = changed(raw, draw, share).encode()
            assert known.decode(other, Limits()) == UkCdsAdapter().decode(other, Limits())


@pytest.mark.parametrize("name", NAMES)
def test_the_quick_road_is_taken(text, monkeypatch, name) -> None:
    """A message of known tags is read without its tree, and its own values come out."""
    raw = text(name)
    known = trained(raw)
    monkeypatch.setattr(known, "_decode_tree", lambda *_: pytest.fail("the tree was read"))
    message = known.decode(raw.replace("LRN2026", "XRN2026").encode(), Limits())
    assert "|XRN2026" in message.documents[0].reference


def test_limits_hold_on_the_quick_road(text) -> None:
    """A known message beyond the limits is refused like an unknown one."""
    raw = text("dec_import_full")
    known = trained(raw)
    for limits in (Limits(max_bytes=100), Limits(max_depth=3), Limits(max_elements=20)):
        assert known.decode(raw.encode(), limits) == UkCdsAdapter().decode(raw.encode(), limits)


def test_the_memory_is_bounded(text) -> None:
    """Ever new tags do not fill the memory."""
    made = UkCdsAdapter()
    raw = text("dec_export")
    for number in range(300):
        other = raw.replace("<Declaration ", f'<Declaration xmlns:n{number}="urn:x" ').encode()
        made.decode(other, Limits())
        made.decode(other, Limits())
    assert len(made._skeletons._known) <= 256
