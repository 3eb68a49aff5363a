# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Salted commitments, derived salts and batch roots."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.audit import commitment, proof, tree
from gateway.errors import VerificationError

salts = st.binary(min_size=32, max_size=32)


@given(salts, st.binary(max_size=200))
def test_commitment_opens(salt, data):
    """Salt and data open the commitment; another salt or other data do not."""
    made = commitment.commit(salt, data)
    commitment.open_commitment(made, salt, data)
    for other_salt, other in (
        (salt, data + b"\x00"),
        (bytes(one ^ 1 for one in salt), data),
        (salt[:31], data),
    ):
        with pytest.raises(VerificationError) as raised:
            commitment.open_commitment(made, other_salt, other)
        assert raised.value.findings[0].code == "AUDIT-COMMITMENT"


def test_commitment_is_sha256_under_its_own_domain():
    """The written definition and the code agree, so that a third party can open a commitment."""
    expected = hashlib.sha256(b"customs-ead/commitment/v1\x00" + bytes(32) + b"value").digest()
    assert commitment.commit(bytes(32), b"value") == expected


def test_salt_of_another_length_is_refused():
    """Only 32 bytes are a salt, so salt and data cannot be shifted against each other."""
    with pytest.raises(ValueError, match="32 bytes"):
        commitment.commit(bytes(31), b"value")


@given(salts, st.text(max_size=20), st.text(max_size=20))
def test_salts_differ_by_label(secret, one, other):
    """A label always has the same salt, and two labels have two."""
    assert (commitment.derive_salt(secret, one) == commitment.derive_salt(secret, other)) == (one == other)


def test_erased_secret_gives_no_salt():
    """After erasure no salt can be derived, not even a predictable one."""
    with pytest.raises(ValueError, match="32 bytes"):
        commitment.derive_salt(b"", "label")


def test_batch_root_proves_one_item():
    """The commitments are the leaves of the batch tree, so one of them has an inclusion proof."""
    made = [commitment.commit(bytes(32), bytes([one])) for one in range(10)]
    root = commitment.batch_root(made)
    stored = {
        (level, index): value
        for level, index, value in tree.append(0, (), [tree.leaf_hash(x) for x in made]).hashes
    }
    path = proof.inclusion(7, 10, lambda level, index: stored[level, index])
    proof.verify_inclusion(tree.leaf_hash(made[7]), 7, 10, path, root)
    assert commitment.batch_root([]) == tree.EMPTY_ROOT
