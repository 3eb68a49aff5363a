# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The second signature of a hybrid checkpoint: ML-DSA-44 of the log itself, beside its Ed25519 one.

C2SP tlog-cosignature lets a log sign with type 0x06 as a witness does; what tells them apart is the key name,
which for a log is its origin. Both lines are demanded of a log whose ML-DSA-44 key is known, so that taking
one away is seen; a log without such a key is what it was before.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from gateway.audit import cosign
from gateway.audit.checkpoint import Checkpoint
from gateway.audit.checkpoint import format as format_checkpoint
from gateway.audit.note import KeyType, Note, NoteKey, NoteSigner, add_signatures
from gateway.envelope.keys import Algorithm
from gateway.errors import VerificationError
from gateway.finding import finding

# The type of a log key by what it signs with.
LOG_KIND_OF: Mapping[Algorithm, KeyType] = MappingProxyType(
    {Algorithm.ED25519: KeyType.ED25519, Algorithm.ML_DSA_44: KeyType.ML_DSA_44}
)


@dataclass(frozen=True, slots=True)
class Cosigner:
    """A signer and the public half of its key under its name in notes."""

    key: NoteKey
    signer: NoteSigner


def add_second(note: bytes, checkpoint: Checkpoint, second: Cosigner, time: int) -> bytes:
    """Return a log's signed note of a checkpoint with its second signature; `time` is in seconds since 1970.

    Raises:
        ValueError: the key's name is not the origin, or the key is not of type 0x06.
    """
    if second.key.name != checkpoint.origin or second.key.kind is not KeyType.ML_DSA_44:
        raise ValueError("the second key of a log is of type 0x06 and has the origin as its name")
    body = format_checkpoint(checkpoint.origin, checkpoint.size, checkpoint.root)
    return add_signatures(note, [cosign.cosign(body, second.key, second.signer, time)])


def verify_second(note: Note, keys: Sequence[NoteKey], ml_dsa_44: cosign.Check | None) -> None:
    """Check the second signature of a log with these keys of type 0x06; without keys none is asked for.

    Raises:
        VerificationError: no key has signed, or a line of one is wrong.
        CouldNotCheck: `ml_dsa_44` is not given.
    """
    if keys and not cosign.cosignatures(note, keys, ml_dsa_44=ml_dsa_44):
        found = finding("AUDIT-KEY", expected=f"a line of {keys[0].name}+{keys[0].hash.hex()}")
        raise VerificationError("the second signature of the log is missing", (found,))
