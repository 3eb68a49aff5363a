# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""A log key made for the tests."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.audit import NoteKey
from gateway.envelope.signer import FileSigner

ORIGIN = "customs-cn/customs-nl"


@pytest.fixture(name="signer", scope="session")
def _signer():
    return FileSigner(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))


@pytest.fixture(name="key", scope="session")
def _key(signer):
    return NoteKey.of(ORIGIN, signer.public_key)
