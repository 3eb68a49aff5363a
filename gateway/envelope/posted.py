# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Check the signature over what a partner without a gateway posts.

The scheme is that of Standard Webhooks: signed are the bytes `<id>.<timestamp>.<body>`; the header holds one
signature or several, separated by spaces, each `v1,<base64>` (HMAC-SHA256) or `v1a,<base64>` (Ed25519). The
configuration decides which of the two a partner uses, never the header.
"""

import base64
import binascii
import hmac
from pathlib import Path
from typing import Protocol

from gateway.envelope.keys import PublicKey, ed25519, read_private_file, verify
from gateway.errors import ConfigError, VerificationError
from gateway.finding import finding

HMAC_SHA256, ED25519 = "hmac-sha256", "ed25519"
SCHEMES = (HMAC_SHA256, ED25519)
MAX_SIGNATURES = 4
SECRET_BYTES = range(24, 65)
_SECRET, _PUBLIC = "whsec_", "whpk_"


class PostedKey(Protocol):
    """The key by which a partner's posts are known."""

    scheme: str

    def check(self, signed: bytes, header: str) -> bytes:
        """Return the signature in a header that holds over the signed bytes.

        Raises:
            VerificationError: none does.
        """


class SharedSecret:
    """HMAC-SHA256 under a secret that both sides have."""

    scheme = HMAC_SHA256

    def __init__(self, secret: bytes) -> None:
        """Take the secret."""
        self._secret = secret

    def check(self, signed: bytes, header: str) -> bytes:
        """Compare with every signature of the kind; the time it takes says nothing about the right one."""
        right = hmac.digest(self._secret, signed, "sha256")
        held = False
        for one in _signatures(header, "v1"):
            held |= hmac.compare_digest(one, right)
        if not held:
            raise unauthorised()
        return right


class PartnerKey:
    """Ed25519 under the partner's own key."""

    scheme = ED25519

    def __init__(self, key: PublicKey) -> None:
        """Take the public key."""
        self._key = key

    def check(self, signed: bytes, header: str) -> bytes:
        """Return the first signature of the kind that holds."""
        for one in _signatures(header, "v1a"):
            try:
                verify(self._key, signed, one)
            except VerificationError:
                continue
            return one
        raise unauthorised()


def load_posted_key(scheme: str, path: Path) -> PostedKey:
    """Read a key: `whsec_` and base64 of 24 to 64 bytes, or `whpk_` and base64 of an Ed25519 public key.

    Raises:
        ConfigError: the file is absent, open to others, or holds no such key.
    """
    if scheme not in SCHEMES:
        raise ConfigError(f"webhook.take.scheme must be {' or '.join(SCHEMES)}")
    text = read_private_file(path).decode("ascii", "replace").strip()
    prefix = _SECRET if scheme == HMAC_SHA256 else _PUBLIC
    wrong = ConfigError(f"{path.name} holds no {scheme} key of the form {prefix}<base64>")
    try:
        raw = base64.b64decode(text.removeprefix(prefix), validate=True) if text.startswith(prefix) else b""
        if scheme == ED25519:
            return PartnerKey(ed25519(raw))
    except (ValueError, VerificationError) as error:
        raise wrong from error
    if len(raw) not in SECRET_BYTES:
        raise wrong
    return SharedSecret(raw)


def signed_bytes(key: str, timestamp: int, body: bytes) -> bytes:
    """Return the bytes that a signature is over."""
    return f"{key}.{timestamp}.".encode() + body


def unauthorised() -> VerificationError:
    """Make the error of a post that nobody known has signed; it says nothing about who is known."""
    return VerificationError("not signed by a known partner", (finding("WEBHOOK-UNAUTHORISED"),))


def _signatures(header: str, kind: str) -> list[bytes]:
    """Return the signatures of a kind."""
    found = []
    for one in header.split()[:MAX_SIGNATURES]:
        name, _, text = one.partition(",")
        if name == kind:
            try:
                found.append(base64.b64decode(text, validate=True))
            except binascii.Error:
                continue
    return found
