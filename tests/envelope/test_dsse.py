# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The envelope and its pre-authentication encoding."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.envelope import dsse
from gateway.envelope.dsse import Envelope, Signature
from gateway.errors import VerificationError

SIGNATURES = st.lists(st.builds(Signature, st.text(max_size=20), st.binary(max_size=40)), max_size=4)


def test_vector_of_the_specification() -> None:
    """The encoding is that of the example in the DSSE protocol text."""
    expected = b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    assert dsse.pae("http://example.com/HelloWorld", b"hello world") == expected


def test_length_counts_bytes() -> None:
    """Lengths count UTF-8 bytes, not characters."""
    assert dsse.pae("ä", b"") == b"DSSEv1 2 \xc3\xa4 0 "


@given(st.text(max_size=30), st.binary(max_size=30), st.text(max_size=30), st.binary(max_size=30))
def test_encoding_is_injective(kind, body, other_kind, other_body) -> None:
    """Two different pairs of type and body never have the same encoding."""
    same = (kind, body) == (other_kind, other_body)
    assert (dsse.pae(kind, body) == dsse.pae(other_kind, other_body)) is same


@given(st.text(max_size=30), st.binary(max_size=60), SIGNATURES)
def test_json_form_round_trip(kind, statement, signatures) -> None:
    """Reading what was written gives the same envelope."""
    envelope = Envelope(kind, statement, tuple(signatures))
    assert dsse.from_json(dsse.to_json(envelope)) == envelope


def test_url_safe_base64_is_read() -> None:
    """A verifier takes both base64 alphabets, as the standard demands."""
    body = b"\xfb\xff\xfe"
    raw = {"payload": base64.urlsafe_b64encode(body).decode(), "payloadType": "t", "signatures": []}
    assert dsse.from_json(json.dumps(raw).encode()).statement == body


@given(st.binary(max_size=80))
def test_other_bytes_are_refused(raw) -> None:
    """Bytes that are no envelope raise a finding and nothing else."""
    with pytest.raises(VerificationError) as caught:
        dsse.from_json(raw)
    assert caught.value.findings[0].code == "TRUST-ENVELOPE"


@pytest.mark.parametrize(
    "raw",
    [
        b'{"payload":"","payloadType":"\\ud800","signatures":[]}',
        b'{"x":' + b"[" * 100_000 + b"]" * 100_000 + b',"payload":"","payloadType":"","signatures":[]}',
        b'{"payload":"","payloadType":"t","signatures":[{"sig":""}]}',
        b'{"payload":"","payloadType":"t","signatures":null}',
    ],
    ids=["lone_surrogate", "depth_bomb", "no_key_id", "no_signatures"],
)
def test_hostile_json_is_refused(raw) -> None:
    """JSON made to break a reader is refused like any other bytes."""
    with pytest.raises(VerificationError):
        dsse.from_json(raw)


@pytest.mark.parametrize("payload", ["a", "YQ=", "Y Q==", "YQ==x", "é"])
def test_wrong_base64_is_refused(payload) -> None:
    """Base64 with foreign characters or wrong padding is not repaired."""
    raw = {"payload": payload, "payloadType": "t", "signatures": []}
    with pytest.raises(VerificationError):
        dsse.from_json(json.dumps(raw).encode())


def test_too_many_signatures_are_refused() -> None:
    """The number of signatures is bounded before any of them costs time."""
    many = (Signature("k", b"s"),) * (dsse.MAX_SIGNATURES + 1)
    with pytest.raises(VerificationError) as caught:
        dsse.from_json(dsse.to_json(Envelope("t", b"", many)))
    assert caught.value.findings[0].code == "TRUST-SIGNATURE-COUNT"
