# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The modules of an audit room, the real one or a changed copy, and what attacks ask of it."""

import importlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from gateway.envelope.signer import FileSigner
from gateway.errors import GatewayError

ORIGIN = "customs-cn/customs-nl"
SIGNER = FileSigner(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
WITNESS = FileSigner(Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33))))
SECOND = FileSigner(MLDSA44PrivateKey.from_seed_bytes(bytes(range(2, 34))))


class Room:
    """The modules of an audit room under the name of its package."""

    def __init__(self, package="gateway.audit"):
        self.package = package

    def __getattr__(self, name):
        return importlib.import_module(f"{self.package}.{name}")

    def key(self, origin=ORIGIN):
        """Return the log key."""
        return self.note.NoteKey.of(origin, SIGNER.public_key)

    def witness_key(self, name="witness.example"):
        """Return the key of a witness."""
        return self.note.NoteKey.of(name, WITNESS.public_key, self.note.KeyType.COSIGNATURE)

    def second(self, origin=ORIGIN):
        """Return the second signer of the log."""
        key = self.note.NoteKey.of(origin, SECOND.public_key, self.note.KeyType.ML_DSA_44)
        return self.hybrid.Cosigner(key, SECOND)

    def leaves(self, count, kind=b""):
        """Return leaf hashes."""
        return [self.tree.leaf_hash(kind + bytes([one % 251, one // 251])) for one in range(count)]

    def read(self, leaves):
        """Return a reader of complete subtrees."""
        stored = {(level, index): one for level, index, one in self.tree.append(0, (), leaves).hashes}
        return lambda level, index: stored[level, index]

    def signed(self, size, root, origin=ORIGIN):
        """Return a signed checkpoint."""
        return self.checkpoint.sign(self.checkpoint.Checkpoint(origin, size, root), self.key(origin), SIGNER)


def refused(code, call, *arguments):
    """Check that a call is refused with one finding."""
    with pytest.raises(GatewayError) as caught:
        call(*arguments)
    assert [one.code for one in caught.value.findings] == [code]
