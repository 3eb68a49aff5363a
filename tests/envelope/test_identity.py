# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The keys folder: what is loaded, what is refused."""

import shutil

import pytest

from gateway.envelope import issue
from gateway.envelope.identity import KeySet
from gateway.envelope.keys import Algorithm, Purpose
from gateway.errors import ConfigError


def test_folder_gives_every_key(alpha, made) -> None:
    """A made folder holds a signer for every purpose, each of the right algorithm."""
    assert alpha.organisation == "alpha"
    assert [one.algorithm for one in alpha.seal] == [Algorithm.ECDSA_P256, Algorithm.ML_DSA_65]
    assert [one.algorithm for one in alpha.receipt] == [Algorithm.ECDSA_P256, Algorithm.ML_DSA_65]
    assert alpha.log.algorithm is Algorithm.ECDSA_P256
    assert alpha.log_ed25519.algorithm is Algorithm.ED25519
    assert alpha.witness.algorithm is Algorithm.ED25519
    assert alpha.log_mldsa44.algorithm is alpha.witness_mldsa44.algorithm is Algorithm.ML_DSA_44
    assert alpha.tls_certificate == (made / "alpha" / "tls.pem").read_bytes()
    assert alpha.tls_key == (made / "alpha" / "tls.key").read_bytes()


def test_keys_are_all_different(alpha) -> None:
    """No key serves two purposes."""
    assert len({one.signer.key_id for one in alpha.keys}) == 10


@pytest.mark.parametrize("name", ["tls", "seal-mldsa65", "receipt-p256", "log-ed25519", "witness-ed25519"])
def test_open_key_is_refused(folder, name) -> None:
    """One private key that others can read is enough not to start."""
    (folder / f"{name}.key").chmod(0o640)
    with pytest.raises(ConfigError, match=name):
        KeySet.load(folder)


@pytest.mark.parametrize("file", ["seal-p256.pem", "seal-p256.key", "ca.pem", "crl.pem"])
def test_missing_file_is_named(folder, file) -> None:
    """A missing file is named in the error."""
    (folder / file).unlink()
    with pytest.raises(ConfigError, match=file.split(".")[0]):
        KeySet.load(folder)


def test_key_of_another_certificate_is_refused(folder) -> None:
    """A private key that does not belong to the certificate beside it is refused."""
    shutil.copy(folder / "receipt-p256.key", folder / "seal-p256.key")
    with pytest.raises(ConfigError, match="does not belong"):
        KeySet.load(folder)


def test_shared_key_is_refused(folder) -> None:
    """One key under two names is refused."""
    for suffix in (".key", ".pem"):
        shutil.copy(folder / f"receipt-p256{suffix}", folder / f"seal-p256{suffix}")
    with pytest.raises(ConfigError, match="same key"):
        KeySet.load(folder)


def test_wrong_algorithm_is_refused(folder) -> None:
    """A pair of another algorithm than its name says is refused."""
    for suffix in (".key", ".pem"):
        shutil.copy(folder / f"seal-p256{suffix}", folder / f"seal-mldsa65{suffix}")
    with pytest.raises(ConfigError, match="ml-dsa-65"):
        KeySet.load(folder)


def test_mixed_organisations_are_refused(folder, made) -> None:
    """Keys of two organisations in one folder are refused."""
    for suffix in (".key", ".pem"):
        shutil.copy(made / "beta" / f"tls{suffix}", folder / f"tls{suffix}")
    with pytest.raises(ConfigError, match="alpha, beta"):
        KeySet.load(folder)


def test_garbage_certificate_is_refused(folder) -> None:
    """A certificate file that holds none is the operator's to mend."""
    (folder / "tls.pem").write_text("nothing")
    with pytest.raises(ConfigError, match=r"tls\.pem"):
        KeySet.load(folder)


def test_rotation_moves_the_current_keys(folder, now) -> None:
    """Next keys become current only when activated; the old ones stay until they are retired."""
    first = KeySet.load(folder)
    issue.rotate(folder, Purpose.SEAL, now)
    assert [one.key_id for one in KeySet.load(folder).seal] == [one.key_id for one in first.seal]
    issue.activate(folder, Purpose.SEAL)
    second = KeySet.load(folder)
    assert not {one.key_id for one in second.seal} & {one.key_id for one in first.seal}
    held = {own.signer.key_id for own in second.keys if own.signer}
    assert {one.key_id for one in first.seal} <= held
    issue.retire(folder, Purpose.SEAL)
    third = KeySet.load(folder)
    assert [own.signer for own in third.keys if own.slot == ".old"] == [None, None]
    assert not list(folder.glob("*.old.*"))
    assert not list((folder / "retired").glob("*.key"))
