# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The certificate profiles as they are published."""

import itertools
from pathlib import Path

from gateway.envelope.certificates import PROFILES, profiles
from gateway.envelope.identity import LAYOUT
from gateway.envelope.keys import Purpose


def test_every_purpose_has_a_profile() -> None:
    """There is one profile per purpose, and it allows the keys that a folder holds."""
    assert set(profiles().purposes) == set(Purpose)
    for purpose, names in LAYOUT.items():
        assert set(names.values()) == set(profiles().purposes[purpose].algorithms)


def test_purposes_cannot_be_confused() -> None:
    """No two purposes share an extended key usage."""
    for one, other in itertools.combinations(profiles().purposes.values(), 2):
        assert not one.extended_key_usage & other.extended_key_usage


def test_no_profile_may_issue() -> None:
    """No leaf profile allows signing certificates or revocation lists."""
    for profile in profiles().purposes.values():
        assert not profile.key_usage & {"key_cert_sign", "crl_sign"}


def test_limits_are_those_of_the_design() -> None:
    """Chains have at most four certificates, and three between leaf and authority."""
    assert (profiles().max_chain, profiles().max_depth) == (4, 3)


def test_no_private_key_is_committed() -> None:
    """The folder of the profiles holds no key."""
    folder = Path(PROFILES).parent
    for path in folder.iterdir():
        if path.is_file():
            assert b"PRIVATE KEY-----" not in path.read_bytes()
