# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Signature policies: which algorithms must all have signed before a statement counts.

A policy is chosen by the agreement, never by the envelope, so a sender cannot talk the recipient down.
"""

from dataclasses import dataclass

from gateway.envelope.keys import Algorithm
from gateway.errors import ConfigError


@dataclass(frozen=True, slots=True)
class SignaturePolicy:
    """A name and the algorithms that it requires, each by a key of its own."""

    name: str
    required: frozenset[Algorithm]


HYBRID = SignaturePolicy("p256+mldsa65", frozenset({Algorithm.ECDSA_P256, Algorithm.ML_DSA_65}))
CLASSICAL = SignaturePolicy("p256", frozenset({Algorithm.ECDSA_P256}))
_POLICIES = {policy.name: policy for policy in (HYBRID, CLASSICAL)}


def get(name: str) -> SignaturePolicy:
    """Return a policy by name.

    Raises:
        ConfigError: there is no such policy.
    """
    try:
        return _POLICIES[name]
    except KeyError:
        raise ConfigError(f"unknown signature policy {name}; known are {', '.join(_POLICIES)}") from None
