# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The record of what was withheld has one form and one digest, and opens field by field."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.audit import commitment, withheld

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
rows = st.lists(
    st.tuples(texts.filter(bool), texts, texts, texts, st.none() | st.binary(min_size=32, max_size=32)),
    unique_by=lambda row: row[0],
)


@given(rows, st.randoms())
def test_one_record_has_one_form(given_rows, random):
    """The order in which rows are given does not matter, and they are read back in order of path."""
    turned = list(given_rows)
    random.shuffle(turned)
    raw = withheld.canonical(given_rows)
    assert withheld.canonical(turned) == raw
    assert withheld.parse(raw) == tuple(
        withheld.FieldTreatment(*row) for row in sorted(given_rows, key=lambda row: row[0])
    )
    assert withheld.verify_treatments(raw, hashlib.sha256(raw).digest()) == withheld.parse(raw)


def test_written_form():
    """The bytes are those that the module states, so that others can make them."""
    raw = withheld.canonical([("a", "commit", "R", "7", b"c" * 32), ("B", "omit", "", "\u00a7", None)])
    assert raw == (
        b"customs-ead/treatments/v1\x00\x00\x00\x00\x02"
        b"\x00\x01B\x00\x04omit\x00\x00\x00\x02\xc2\xa7\x00"
        b"\x00\x01a\x00\x06commit\x00\x01R\x00\x017\x01" + b"c" * 32
    )


@pytest.mark.parametrize(
    "fault",
    [
        [("a", "omit", "", "", None), ("a", "pass", "", "", None)],
        [("", "omit", "", "", None)],
        [("a", "commit", "", "", b"short")],
        [("a", "omit", "x" * 65_536, "", None)],
        [("a", "commit", "", "", None), ("a", "commit", "", "", bytes(32))],
    ],
)
def test_what_has_no_form_is_refused(fault):
    """A path stands once, texts and commitments have their lengths."""
    with pytest.raises(ValueError, match="a "):
        withheld.canonical(fault)


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=50))
def test_withheld_field_opens(salt, value):
    """A committed field opens with its salt and value and says how it was treated."""
    row = ("item.party[0].name", "commit", "R-1", "7(2)", commitment.commit(salt, value))
    raw = withheld.canonical([row, ("item.value", "pass", "R-2", "7(1)", None)])
    assert withheld.open_field(raw, withheld.digest(raw), row[0], salt, value) == row
