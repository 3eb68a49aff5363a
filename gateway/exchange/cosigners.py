# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Which keys of this gateway sign notes, under which names."""

from gateway.audit.cosign import KIND_OF
from gateway.audit.hybrid import Cosigner
from gateway.audit.note import KeyType, NoteKey
from gateway.envelope.identity import KeySet
from gateway.exchange.journal import ANCHOR


def witness_name(organisation: str) -> str:
    """Return the name under which an organisation cosigns."""
    return f"{organisation}/witness"


def witness_cosigners(own: KeySet) -> tuple[Cosigner, ...]:
    """Return what cosigns as the witness of this gateway: Ed25519, and ML-DSA-44 if the folder holds it."""
    name = witness_name(own.organisation)
    return tuple(
        Cosigner(NoteKey.of(name, one.public_key, KIND_OF[one.algorithm]), one)
        for one in (own.witness, own.witness_mldsa44)
        if one is not None
    )


def anchor_second(own: KeySet) -> Cosigner | None:
    """Return the second signer of our anchor log, none if the folder holds no such key."""
    signer = own.log_mldsa44
    if signer is None:
        return None
    name = f"{own.organisation}/{ANCHOR}"
    return Cosigner(NoteKey.of(name, signer.public_key, KeyType.ML_DSA_44), signer)
