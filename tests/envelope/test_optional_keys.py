# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The ML-DSA-44 keys of log and witness: issued and listed like the others, and dispensable."""

from datetime import timedelta

import pytest

from gateway.envelope import issue
from gateway.envelope.bundle import read_bundle
from gateway.envelope.identity import LAYOUT, OPTIONAL, KeySet
from gateway.envelope.keys import Algorithm, Purpose
from gateway.envelope.material import judge
from gateway.envelope.trust import Keyring
from gateway.errors import ConfigError

HOUR = timedelta(hours=1)
PURPOSES = {"log-mldsa44": Purpose.LOG, "witness-mldsa44": Purpose.WITNESS}


@pytest.fixture(name="old")
def _old(folder):
    """A keys folder from before the optional keys."""
    for name in OPTIONAL:
        for suffix in (".key", ".pem"):
            (folder / f"{name}{suffix}").unlink()
    return folder


def algorithms(bundle, now, purpose):
    """Return the algorithms of the keys of a purpose that a bundle lists."""
    held = judge(bundle.material(), now=now).keys
    return sorted(one.algorithm for one in held if one.purpose is purpose)


def test_only_log_and_witness_have_optional_keys() -> None:
    """The optional keys are the ML-DSA-44 keys of log and witness, and nothing else may sign with that."""
    found = {
        (name, purpose)
        for purpose, names in LAYOUT.items()
        for name, algorithm in names.items()
        if algorithm is Algorithm.ML_DSA_44
    }
    assert found == set(PURPOSES.items())
    assert set(PURPOSES) == OPTIONAL


def test_new_folder_lists_them_in_its_bundle(alpha, export, now) -> None:
    """A made folder has both, and its bundle is signed by them and lists them."""
    read = read_bundle(export(alpha), now)
    assert algorithms(read, now, Purpose.LOG) == ["ecdsa-p256-sha256", "ed25519", "ml-dsa-44"]
    assert algorithms(read, now, Purpose.WITNESS) == ["ed25519", "ml-dsa-44"]


def test_folder_without_them_loads_and_exports(old, export, now) -> None:
    """A folder and a bundle from before them are good as they are."""
    keyset = KeySet.load(old)
    assert (keyset.log_mldsa44, keyset.witness_mldsa44) == (None, None)
    read = read_bundle(export(keyset), now)
    assert algorithms(read, now, Purpose.LOG) == ["ecdsa-p256-sha256", "ed25519"]
    assert Keyring([read.material()], now=now).findings == ()


@pytest.mark.parametrize("name", PURPOSES)
def test_rotation_brings_the_first_one(old, export, now, name) -> None:
    """The next rotation of an older folder makes the key, lists it, and brings it into use."""
    purpose = PURPOSES[name]
    issue.rotate(old, purpose, now + HOUR)
    listed = read_bundle(export(KeySet.load(old), now=now + 2 * HOUR), now + 2 * HOUR)
    assert algorithms(listed, now + 2 * HOUR, purpose).count("ml-dsa-44") == 1
    issue.activate(old, purpose)
    held = {own.name: own.signer for own in KeySet.load(old).keys if not own.slot}
    assert held[name].algorithm is Algorithm.ML_DSA_44
    issue.retire(old, purpose)
    assert not (old / f"{name}.old.pem").exists()


def test_three_sets_of_keys_fit_in_a_bundle(folder, export, now) -> None:
    """While one rotation ends and the next begins, old, present and next keys are listed together."""
    issue.rotate(folder, Purpose.LOG, now)
    issue.activate(folder, Purpose.LOG)
    issue.rotate(folder, Purpose.LOG, now)
    read = read_bundle(export(KeySet.load(folder)), now)
    assert len(read.certificates["log"]) == 9


@pytest.mark.parametrize("name", PURPOSES)
def test_half_of_a_pair_is_refused(folder, name) -> None:
    """An optional certificate without its key, or with another's, stops the start like any other."""
    (folder / f"{name}.key").unlink()
    with pytest.raises(ConfigError, match=name):
        KeySet.load(folder)
