# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Signatures of posts: what they are over, what passes as one, and files that hold no key."""

import base64
import hmac

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from gateway.envelope.posted import PartnerKey, SharedSecret, load_posted_key, signed_bytes
from gateway.errors import ConfigError, VerificationError

SECRET = bytes(range(32))
SIGNED = signed_bytes("k-1", 17, b"body")


def header(secret=SECRET, signed=SIGNED, name="v1"):
    """Return a signature header."""
    return f"{name},{base64.b64encode(hmac.digest(secret, signed, 'sha256')).decode()}"


def test_signed_bytes_are_key_time_body() -> None:
    """Key, time and body are joined by dots."""
    assert signed_bytes("msg_1", 1700000000, b'{"a":1}') == b'msg_1.1700000000.{"a":1}'


def test_one_right_signature_of_several_suffices() -> None:
    """While a secret is changed a header may hold the signatures of both."""
    text = f"{header(b'x' * 32)} {header()}"
    assert SharedSecret(SECRET).check(SIGNED, text) == hmac.digest(SECRET, SIGNED, "sha256")


def test_more_signatures_than_allowed_are_not_read() -> None:
    """A header with many signatures is not searched to its end."""
    with pytest.raises(VerificationError):
        SharedSecret(SECRET).check(SIGNED, " ".join([header(b"x" * 32)] * 4 + [header()]))


@given(text=st.text(max_size=200), body=st.binary(max_size=50))
def test_no_text_passes_as_a_signature(text, body) -> None:
    """Whatever stands in the header, nothing but a right signature holds, and nothing else is raised."""
    for key in (SharedSecret(SECRET), PartnerKey(Ed25519PrivateKey.generate().public_key())):
        with pytest.raises(VerificationError):
            key.check(signed_bytes("k", 1, body), text)


def test_partner_key_takes_its_own_signature_only() -> None:
    """Ed25519 holds for the signed bytes and no others, and never under the name of the shared secret."""
    private = Ed25519PrivateKey.generate()
    key, value = PartnerKey(private.public_key()), base64.b64encode(private.sign(SIGNED)).decode()
    assert key.check(SIGNED, f"v1a,{value}") == private.sign(SIGNED)
    for text, signed in ((f"v1a,{value}", SIGNED + b"x"), (f"v1,{value}", SIGNED)):
        with pytest.raises(VerificationError):
            key.check(signed, text)


@pytest.mark.parametrize(
    ("scheme", "text"),
    [
        ("hmac-sha256", "whsec_" + base64.b64encode(bytes(23)).decode()),
        ("hmac-sha256", base64.b64encode(SECRET).decode()),
        ("hmac-sha256", "whpk_" + base64.b64encode(SECRET).decode()),
        ("hmac-sha256", "whsec_not base64"),
        ("ed25519", "whpk_" + base64.b64encode(bytes(31)).decode()),
        ("ed25519", "whpk_" + base64.b64encode(bytes(32)).decode()),
        ("ed25519", "whsec_" + base64.b64encode(SECRET).decode()),
        ("rsa", "whsec_" + base64.b64encode(SECRET).decode()),
    ],
)
def test_file_without_a_right_key_is_refused(tmp_path, scheme, text) -> None:
    """A short secret, another kind of key, or one of low order keeps the node from starting."""
    place = tmp_path / "key"
    place.write_text(text)
    place.chmod(0o600)
    with pytest.raises(ConfigError) as caught:
        load_posted_key(scheme, place)
    assert text not in str(caught.value)


def test_file_open_to_others_is_refused(tmp_path) -> None:
    """A secret that others can read keeps the node from starting."""
    place = tmp_path / "key"
    place.write_text("whsec_" + base64.b64encode(SECRET).decode())
    place.chmod(0o640)
    with pytest.raises(ConfigError, match="open to others"):
        load_posted_key("hmac-sha256", place)
