# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Who can sign. `FileSigner` is one key home, `pkcs11.Pkcs11Signer` the other of this shape."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from gateway.envelope import keys
from gateway.envelope.dsse import Envelope, Signature, pae
from gateway.envelope.keys import Algorithm, PrivateKey, PublicKey


class Signer(Protocol):
    """A private key that is used but never seen."""

    @property
    def key_id(self) -> str:
        """Hex SHA-256 of the public key's SubjectPublicKeyInfo."""

    @property
    def algorithm(self) -> Algorithm:
        """The one algorithm of the key."""

    @property
    def public_key(self) -> PublicKey:
        """The public half."""

    def sign(self, message: bytes) -> bytes:
        """Return a signature of the message; callers pass an encoding that names its own use."""


class FileSigner:
    """A private key read from a PEM file that only its owner may read."""

    def __init__(self, private_key: PrivateKey) -> None:
        """Take a key of one of the four algorithms."""
        self._private_key = private_key
        self.algorithm, self.public_key = keys.checked(private_key.public_key())
        self.key_id = keys.key_id(self.public_key)

    @classmethod
    def load(cls, path: Path) -> "FileSigner":
        """Read a key file.

        Raises:
            ConfigError: the file is absent, open to group or others, or holds no key of an allowed type.
        """
        return cls(keys.load_private_key(path))

    def sign(self, message: bytes) -> bytes:
        """Return a signature of the message."""
        return keys.sign(self._private_key, message)


def sign_envelope(payload_type: str, statement: bytes, signers: Sequence[Signer]) -> Envelope:
    """Sign the pre-authentication encoding of a statement with every signer, in the order given."""
    message = pae(payload_type, statement)
    signatures = tuple(Signature(signer.key_id, signer.sign(message)) for signer in signers)
    return Envelope(payload_type, statement, signatures)
