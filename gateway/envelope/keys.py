# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Keys: their ids, the four algorithms, and the check of one signature.

A key id is the SHA-256 of the SubjectPublicKeyInfo, so nobody can choose it. Only P-256, ML-DSA-65 and
ML-DSA-44 (FIPS 204, with the empty context) and Ed25519 (RFC 8032) exist here; there is no way to name a
weaker one. Private keys are read from files that nobody else can read.
"""

import enum
import hashlib
import stat
from pathlib import Path
from typing import TypeAlias

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import (
    MLDSA44PrivateKey,
    MLDSA44PublicKey,
    MLDSA65PrivateKey,
    MLDSA65PublicKey,
)
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from gateway.errors import ConfigError, VerificationError
from gateway.finding import finding

PublicKey: TypeAlias = EllipticCurvePublicKey | MLDSA65PublicKey | MLDSA44PublicKey | Ed25519PublicKey
PrivateKey: TypeAlias = EllipticCurvePrivateKey | MLDSA65PrivateKey | MLDSA44PrivateKey | Ed25519PrivateKey

_ED25519_PRIME = 2**255 - 19
_ED25519_ORDER_8 = int.from_bytes(
    bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"
)
# The y coordinates of the eight points whose order divides 8: the neutral element, order 2, 4 and 8.
_ED25519_LOW_ORDER = frozenset(
    {0, 1, _ED25519_PRIME - 1, _ED25519_ORDER_8, _ED25519_PRIME - _ED25519_ORDER_8}
)


class Algorithm(enum.StrEnum):
    """What a key can do; the name says curve or parameter set and hash."""

    ECDSA_P256 = "ecdsa-p256-sha256"
    ML_DSA_65 = "ml-dsa-65"
    ML_DSA_44 = "ml-dsa-44"
    ED25519 = "ed25519"


class Purpose(enum.StrEnum):
    """What a key may be used for; one key has one purpose."""

    TLS = "tls"
    SEAL = "seal"
    RECEIPT = "receipt"
    LOG = "log"
    WITNESS = "witness"


# Deterministic (RFC 6979): a broken random source cannot leak the key. Verification does not look at it.
ECDSA_SHA256 = ECDSA(hashes.SHA256(), deterministic_signing=True)


def spki(public_key: PublicKey) -> bytes:
    """Return the SubjectPublicKeyInfo in DER."""
    return public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def key_id(public_key: PublicKey) -> str:
    """Return the hex SHA-256 of the SubjectPublicKeyInfo."""
    return hashlib.sha256(spki(public_key)).hexdigest()


def checked(public_key: object) -> tuple[Algorithm, PublicKey]:
    """Return a public key with its algorithm, if it is one that may be trusted at all.

    Raises:
        VerificationError: another key type or curve, or an Ed25519 key of low order.
    """
    if isinstance(public_key, EllipticCurvePublicKey) and isinstance(public_key.curve, SECP256R1):
        return Algorithm.ECDSA_P256, public_key
    if isinstance(public_key, MLDSA65PublicKey):
        return Algorithm.ML_DSA_65, public_key
    if isinstance(public_key, MLDSA44PublicKey):
        return Algorithm.ML_DSA_44, public_key
    if isinstance(public_key, Ed25519PublicKey):
        _refuse_low_order(public_key)
        return Algorithm.ED25519, public_key
    actual = type(public_key).__name__
    if isinstance(public_key, EllipticCurvePublicKey):
        actual = public_key.curve.name
    problem = finding("TRUST-KEY-TYPE", expected=", ".join(Algorithm), actual=actual)
    raise VerificationError("the key type is not allowed", (problem,))


def ed25519(raw: bytes) -> PublicKey:
    """Make a public key of the 32 bytes of RFC 8032.

    Raises:
        VerificationError: it is no key, or one of low order.
    """
    try:
        return checked(Ed25519PublicKey.from_public_bytes(raw))[1]
    except ValueError as error:
        problem = finding("TRUST-KEY-TYPE", expected="an Ed25519 key of 32 bytes")
        raise VerificationError("this is not an Ed25519 key", (problem,)) from error


def ml_dsa_44(raw: bytes) -> PublicKey:
    """Make a public key of the 1312 bytes of FIPS 204.

    Raises:
        VerificationError: it is no key.
    """
    try:
        return MLDSA44PublicKey.from_public_bytes(raw)
    except ValueError as error:
        problem = finding("TRUST-KEY-TYPE", expected="an ML-DSA-44 key of 1312 bytes")
        raise VerificationError("this is not an ML-DSA-44 key", (problem,)) from error


def verify_ml_dsa_44(public_key: bytes, message: bytes, signature: bytes) -> None:
    """Check a signature of a raw ML-DSA-44 key (`audit.cosign.Check`).

    Raises:
        VerificationError: it is no key, or the signature does not hold.
    """
    verify(ml_dsa_44(public_key), message, signature)


def verify(public_key: PublicKey, message: bytes, signature: bytes) -> None:
    """Check one signature; the algorithm follows from the key alone, never from the message.

    Raises:
        VerificationError: the signature does not hold.
    """
    try:
        if isinstance(public_key, EllipticCurvePublicKey):
            public_key.verify(signature, message, ECDSA_SHA256)
        else:
            public_key.verify(signature, message)
    except (InvalidSignature, ValueError) as error:
        problem = finding("TRUST-SIGNATURE-INVALID", actual=key_id(public_key))
        raise VerificationError("a signature does not hold", (problem,)) from error


def sign(private_key: PrivateKey, message: bytes) -> bytes:
    """Sign a message with the one algorithm that belongs to the key."""
    if isinstance(private_key, EllipticCurvePrivateKey):
        return private_key.sign(message, ECDSA_SHA256)
    return private_key.sign(message)


def read_private_file(path: Path) -> bytes:
    """Read a file that only its owner may read.

    Raises:
        ConfigError: it is absent, unreadable, or open to group or others.
    """
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077:
            raise ConfigError(
                f"private key {path.name} is open to others (mode {mode:o}); run chmod 600 on it"
            )
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(f"cannot read private key {path.name}: {error.strerror}") from error


def load_private_key(path: Path) -> PrivateKey:
    """Read a PEM private key of one of the four algorithms.

    Raises:
        ConfigError: the file is absent, open to others, or holds no such key.
    """
    raw = read_private_file(path)
    try:
        key = load_pem_private_key(raw, None)
        checked(key.public_key())
    except (ValueError, TypeError, UnsupportedAlgorithm, VerificationError) as error:
        raise ConfigError(f"{path.name} holds no private key of an allowed type") from error
    if isinstance(key, PrivateKey):
        return key
    raise ConfigError(f"{path.name} holds no private key of an allowed type")


def _refuse_low_order(public_key: Ed25519PublicKey) -> None:
    """Refuse keys under which anybody can sign, and encodings that are not the canonical one."""
    y = int.from_bytes(public_key.public_bytes_raw(), "little") & ((1 << 255) - 1)
    if y in _ED25519_LOW_ORDER or y >= _ED25519_PRIME:
        problem = finding("TRUST-KEY-LOW-ORDER", actual=key_id(public_key))
        raise VerificationError("an Ed25519 key of low order proves nothing", (problem,))
