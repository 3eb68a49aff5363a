# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Salted commitments to values and records, and the root of a batch of them.

A commitment is SHA-256(domain || salt || data) with a salt of exactly 32 bytes, so the parts cannot be
shifted. Without the salt nothing can be guessed from it; destroying the salt is erasure. Salts derive from
one secret per item by HMAC-SHA-256 (RFC 2104), so that one secret is all there is to keep and to destroy.
"""

import hashlib
import hmac
from collections.abc import Sequence

from gateway.audit.entry import SALT_LENGTH
from gateway.audit.tree import leaf_hash, tree_root
from gateway.errors import VerificationError
from gateway.finding import finding

SECRET_LENGTH = 32

_COMMITMENT = b"customs-ead/commitment/v1\x00"
_SALT = b"customs-ead/salt/v1\x00"

_sha256 = hashlib.sha256


def commit(salt: bytes, data: bytes) -> bytes:
    """Return the commitment to data.

    Raises:
        ValueError: the salt does not have 32 bytes.
    """
    if len(salt) != SALT_LENGTH:
        raise ValueError("a salt has 32 bytes")
    return _sha256(_COMMITMENT + salt + data).digest()


def open_commitment(commitment: bytes, salt: bytes, data: bytes) -> None:
    """Check that salt and data are what was committed to.

    Raises:
        VerificationError: they are not.
    """
    if len(salt) != SALT_LENGTH or not hmac.compare_digest(commit(salt, data), commitment):
        raise VerificationError("the commitment does not open", (finding("AUDIT-COMMITMENT"),))


def derive_salt(secret: bytes, label: str) -> bytes:
    """Return the salt of 32 bytes that belongs to a label under an item's secret.

    Raises:
        ValueError: the secret has fewer than 32 bytes; an erased secret is empty.
    """
    if len(secret) < SECRET_LENGTH:
        raise ValueError("a secret has at least 32 bytes")
    return hmac.digest(secret, _SALT + label.encode(), "sha256")


def salt_source(secret: bytes) -> hmac.HMAC:
    """Return what `next_salt` makes the salts of one secret from; cheaper from the second salt on.

    Raises:
        ValueError: the secret has fewer than 32 bytes; an erased secret is empty.
    """
    if len(secret) < SECRET_LENGTH:
        raise ValueError("a secret has at least 32 bytes")
    return hmac.new(secret, _SALT, "sha256")


def next_salt(source: hmac.HMAC, label: str) -> bytes:
    """Return the salt that belongs to a label, as `derive_salt` does."""
    keyed = source.copy()
    keyed.update(label.encode())
    return keyed.digest()


def batch_root(commitments: Sequence[bytes]) -> bytes:
    """Return the root of the RFC 6962 tree whose leaves are the commitments of a batch, in order."""
    return tree_root([leaf_hash(one) for one in commitments])
