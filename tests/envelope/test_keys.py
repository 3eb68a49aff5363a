# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Keys, their ids, and which of them may exist at all."""

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_public_key,
)

from gateway.envelope import keys
from gateway.envelope.issue import new_key, write_private
from gateway.envelope.keys import Algorithm
from gateway.envelope.signer import FileSigner
from gateway.errors import ConfigError, VerificationError

PRIME = 2**255 - 19
D = -121665 * pow(121666, -1, PRIME) % PRIME


def _add(one, other):
    """Add two points of edwards25519 (RFC 8032 section 5.1.4, affine)."""
    (x1, y1), (x2, y2) = one, other
    product = D * x1 * x2 * y1 * y2
    x = (x1 * y2 + x2 * y1) * pow(1 + product, -1, PRIME) % PRIME
    return x, (y1 * y2 + x1 * x2) * pow(1 - product, -1, PRIME) % PRIME


def _torsion():
    """Return the eight points of low order, from the y coordinate of one of order eight."""
    y = int.from_bytes(
        bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"
    )
    square = (y * y - 1) * pow(D * y * y + 1, -1, PRIME) % PRIME
    x = pow(square, (PRIME + 3) // 8, PRIME)
    if x * x % PRIME != square:
        x = x * pow(2, (PRIME - 1) // 4, PRIME) % PRIME
    points, point = [], (0, 1)
    for _ in range(8):
        points.append(point)
        point = _add(point, (x, y))
    assert point == (0, 1)
    return points


TORSION = sorted({(y, x & 1) for x, y in _torsion()})


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_sign_and_verify(algorithm) -> None:
    """A signature of each algorithm holds over its message and over no other."""
    private = new_key(algorithm)
    found, public = keys.checked(private.public_key())
    signature = keys.sign(private, b"message")
    keys.verify(public, b"message", signature)
    assert found is algorithm
    with pytest.raises(VerificationError) as caught:
        keys.verify(public, b"massage", signature)
    assert caught.value.findings[0].code == "TRUST-SIGNATURE-INVALID"


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_garbage_is_a_bad_signature(algorithm) -> None:
    """Bytes that do not even have the form of a signature are refused like a wrong one."""
    _, public = keys.checked(new_key(algorithm).public_key())
    for garbage in (b"", b"\x00", b"0" * 64, b"\x30\x06\x02\x01\x00\x02\x01\x00", b"1" * 5000):
        with pytest.raises(VerificationError):
            keys.verify(public, b"message", garbage)


def test_ecdsa_is_deterministic() -> None:
    """Two ECDSA signatures of one message are the same bytes (RFC 6979)."""
    private = new_key(Algorithm.ECDSA_P256)
    assert keys.sign(private, b"message") == keys.sign(private, b"message")


def test_key_id_is_digest_of_spki() -> None:
    """A key id is the SHA-256 of the SubjectPublicKeyInfo."""
    public = ed25519.Ed25519PrivateKey.generate().public_key()
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert keys.key_id(public) == hashlib.sha256(der).hexdigest()


@pytest.mark.parametrize(
    "private",
    [
        ec.generate_private_key(ec.SECP384R1()),
        ec.generate_private_key(ec.SECP192R1()),
        ec.generate_private_key(ec.SECP256K1()),
        rsa.generate_private_key(65537, 1024),
        rsa.generate_private_key(65537, 2048),
        mldsa.MLDSA87PrivateKey.generate(),
    ],
    ids=["p384", "p192", "secp256k1", "rsa1024", "rsa2048", "mldsa87"],
)
def test_other_key_types_are_refused(private, tmp_path) -> None:
    """No key outside the four algorithms is taken, public or private."""
    with pytest.raises(VerificationError) as caught:
        keys.checked(private.public_key())
    assert caught.value.findings[0].code == "TRUST-KEY-TYPE"
    path = tmp_path / "other.key"
    path.touch(0o600)
    path.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    with pytest.raises(ConfigError):
        FileSigner.load(path)


def test_torsion_has_eight_points() -> None:
    """There are exactly eight points of low order, so the list below is whole."""
    assert len(TORSION) == 8


@pytest.mark.parametrize("sign", [0, 1])
@pytest.mark.parametrize("y", sorted({y for y, _ in TORSION}))
def test_low_order_ed25519_is_refused(y, sign) -> None:
    """A key under which everything verifies is refused, whatever its sign bit."""
    raw = (y | sign << 255).to_bytes(32, "little")
    with pytest.raises(VerificationError):
        keys.ed25519(raw)
    der = bytes.fromhex("302a300506032b6570032100") + raw
    with pytest.raises(VerificationError) as caught:
        keys.checked(load_der_public_key(der))
    assert caught.value.findings[0].code == "TRUST-KEY-LOW-ORDER"


@pytest.mark.parametrize("y", [PRIME, PRIME + 1, 2**255 - 1])
def test_non_canonical_ed25519_is_refused(y) -> None:
    """A second spelling of a point is refused, since a key must have one id."""
    with pytest.raises(VerificationError):
        keys.ed25519(y.to_bytes(32, "little"))


@pytest.mark.parametrize("raw", [b"", b"1" * 31, b"1" * 33])
def test_wrong_length_ed25519_is_refused(raw) -> None:
    """An Ed25519 key has 32 bytes."""
    with pytest.raises(VerificationError) as caught:
        keys.ed25519(raw)
    assert caught.value.findings[0].code == "TRUST-KEY-TYPE"


def test_raw_ml_dsa_44_signs_with_the_empty_context() -> None:
    """A raw ML-DSA-44 key checks signatures of the empty context, and no other."""
    private = mldsa.MLDSA44PrivateKey.generate()
    raw = private.public_key().public_bytes_raw()
    keys.verify_ml_dsa_44(raw, b"message", private.sign(b"message"))
    faults = (private.sign(b"massage"), private.sign(b"message", b"context"), bytes(2420), b"")
    for fault in faults:
        with pytest.raises(VerificationError) as caught:
            keys.verify_ml_dsa_44(raw, b"message", fault)
        assert caught.value.findings[0].code == "TRUST-SIGNATURE-INVALID"


@pytest.mark.parametrize("length", [0, 32, 1311, 1313, 1952])
def test_wrong_length_ml_dsa_44_is_refused(length) -> None:
    """An ML-DSA-44 key has 1312 bytes."""
    with pytest.raises(VerificationError) as caught:
        keys.verify_ml_dsa_44(bytes(length), b"message", bytes(2420))
    assert caught.value.findings[0].code == "TRUST-KEY-TYPE"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o610])
def test_open_key_file_is_refused(tmp_path, mode) -> None:
    """A private key that group or others may touch is not loaded."""
    path = tmp_path / "seal.key"
    write_private(path, new_key(Algorithm.ED25519))
    path.chmod(mode)
    with pytest.raises(ConfigError, match="chmod 600"):
        FileSigner.load(path)


def test_written_key_is_private(tmp_path) -> None:
    """A private key is written for its owner alone and loads again."""
    path = tmp_path / "seal.key"
    private = new_key(Algorithm.ML_DSA_65)
    write_private(path, private)
    assert path.stat().st_mode & 0o777 == 0o600
    assert FileSigner.load(path).key_id == keys.key_id(private.public_key())


def test_absent_key_file_is_a_configuration_error(tmp_path) -> None:
    """A key file that is not there is the operator's to mend."""
    with pytest.raises(ConfigError):
        FileSigner.load(tmp_path / "none.key")
