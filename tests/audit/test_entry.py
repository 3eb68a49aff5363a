# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Log entries: fixed length, both ways, and nothing else accepted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.audit import entry
from gateway.errors import VerificationError

hash32 = st.binary(min_size=32, max_size=32)


@given(st.sampled_from(entry.Event), hash32, hash32)
def test_round_trip(event, digest, root):
    """Every entry is 66 bytes and reads back."""
    raw = entry.leaf(event, digest, root)
    assert len(raw) == entry.ENTRY_LENGTH
    assert entry.parse(raw) == entry.Entry(event, digest, root)


def test_numbers_of_events_never_change():
    """The event numbers are part of the format."""
    raw = [entry.leaf(one, bytes(32))[1] for one in entry.Event]
    assert raw == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]


def test_no_root_is_zeros():
    """An event without items has a root of zeros, given as nothing or as zeros."""
    assert entry.leaf(entry.Event.ERASURE, bytes(32), b"") == entry.leaf(entry.Event.ERASURE, bytes(32))


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        bytes(66),
        b"\x01\x00" + bytes(64),
        b"\x01\x0c" + bytes(64),
        b"\x02\x01" + bytes(64),
        b"\x01\x01" + bytes(65),
    ],
)
def test_other_bytes_are_refused(raw):
    """Unknown versions, unknown events and other lengths are not entries."""
    with pytest.raises(VerificationError) as raised:
        entry.parse(raw)
    assert raised.value.findings[0].code == "AUDIT-ENTRY-FORM"


def test_wrong_lengths_are_not_written():
    """Digest, root and salt have 32 bytes."""
    with pytest.raises(ValueError, match="32 bytes"):
        entry.leaf(entry.Event.SENT, b"short")
    with pytest.raises(ValueError, match="32 bytes"):
        entry.leaf(entry.Event.SENT, bytes(32), b"short")
    with pytest.raises(ValueError, match="32 bytes"):
        entry.salted_digest(b"", b"statement")


def test_salt_hides_the_statement():
    """The same statement under two salts has two digests."""
    assert entry.salted_digest(bytes(32), b"x") != entry.salted_digest(b"\x01" * 32, b"x")
