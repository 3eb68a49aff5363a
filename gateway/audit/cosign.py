# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
r"""Cosignatures of witnesses as in C2SP tlog-cosignature: a time and a signature on somebody's checkpoint.

Type 0x04 (v1.0.0): Ed25519 over `cosignature/v1\ntime <seconds>\n` and the checkpoint body. Type 0x06
(v1.1.0-rc.1, still a draft): ML-DSA-44 (FIPS 204, empty context) over

    "subtree/v1\n\0" || u8 length, cosigner name || u64 time || u8 length, origin || u64 0 || u64 size || root

with big-endian integers. What is certain about the draft: the label subtree/v1, the algorithm, and that names
and subtrees are signed and extension lines are not. Order and width of the members, the time included, are as
written here and must be compared with the released text before a cosignature of this type leaves the circle
of partners. Both kinds stand in the note as u64 time || signature.

The check of ML-DSA-44 is an argument, because who verifies may leave the draft aside; without it a 0x06 key
says "could not check", which is neither good nor bad. This system passes `envelope.keys.verify_ml_dsa_44`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

from gateway.audit import checkpoint as checkpoints
from gateway.audit.note import (
    KeyType,
    Note,
    NoteKey,
    NoteSigner,
    bad_signature,
    find_signature,
    signature_line,
)
from gateway.envelope import keys
from gateway.envelope.keys import Algorithm
from gateway.errors import CouldNotCheck, VerificationError
from gateway.finding import finding

# Public key, message, signature; raises VerificationError.
Check: TypeAlias = Callable[[bytes, bytes, bytes], None]

MAX_TIME = 2**63 - 1

# The type of a witness key by what it signs with.
KIND_OF: Mapping[Algorithm, KeyType] = MappingProxyType(
    {Algorithm.ED25519: KeyType.COSIGNATURE, Algorithm.ML_DSA_44: KeyType.ML_DSA_44}
)

_ALGORITHMS = {kind: algorithm for algorithm, kind in KIND_OF.items()}
# RFC 8032 section 5.1.6; FIPS 204 table 2.
_SIGNATURE_LENGTHS = {KeyType.COSIGNATURE: 64, KeyType.ML_DSA_44: 2420}
_TIME_BYTES = 8
_MAX_NAME_BYTES = 255


@dataclass(frozen=True, slots=True)
class Cosignature:
    """A verified cosignature; `time` is what the witness says, in seconds since 1970."""

    key: NoteKey
    time: int


def message(body: bytes, key: NoteKey, time: int) -> bytes:
    """Return the bytes that a cosigner signs.

    Raises:
        VerificationError: the body is not a checkpoint.
        ValueError: the key is not one of a witness, or the time or a name cannot be written.
    """
    checkpoint = checkpoints.parse(body)
    if not 0 < time <= MAX_TIME:
        raise ValueError("a cosignature of a checkpoint has a time after 1970")
    if key.kind is KeyType.COSIGNATURE:
        return f"cosignature/v1\ntime {time}\n".encode() + body
    if key.kind is KeyType.ML_DSA_44:
        return b"".join(
            (
                b"subtree/v1\n\x00",
                _name(key.name),
                time.to_bytes(_TIME_BYTES, "big"),
                _name(checkpoint.origin),
                bytes(_TIME_BYTES),
                checkpoint.size.to_bytes(_TIME_BYTES, "big"),
                checkpoint.root,
            )
        )
    raise ValueError("a log key does not cosign")


def cosign(body: bytes, key: NoteKey, signer: NoteSigner, time: int) -> bytes:
    """Return the signature line of a cosigner; `key` is the public half of the signer.

    Precondition: the witness has checked the body (`witness.consider`) and saved its new state.

    Raises:
        VerificationError: the body is not a checkpoint.
        ValueError: key, signer and time do not make a cosignature.
    """
    said = message(body, key, time)
    if signer.algorithm != _ALGORITHMS[key.kind]:
        raise ValueError(f"a key of type {key.kind.name} signs with {_ALGORITHMS[key.kind]}")
    return signature_line(key, time.to_bytes(_TIME_BYTES, "big") + signer.sign(said))


def verify_cosignature(note: Note, key: NoteKey, *, ml_dsa_44: Check | None = None) -> Cosignature:
    """Check the cosignature of one witness on a checkpoint.

    The log's own signature is not looked at; the caller has verified it with `checkpoint.verify`.

    Raises:
        VerificationError: no line is of this key, two are, or form, time or signature is wrong.
        CouldNotCheck: the key is of type 0x06 and `ml_dsa_44` is not given.
    """
    if key.kind not in _ALGORITHMS:
        found = finding("AUDIT-KEY-TYPE", expected="a witness key", actual=key.kind.name)
        raise VerificationError("a log key does not cosign", (found,))
    line = find_signature(note, key).value
    time = int.from_bytes(line[:_TIME_BYTES], "big")
    if len(line) != _TIME_BYTES + _SIGNATURE_LENGTHS[key.kind]:
        found = finding("AUDIT-COSIGNATURE-FORM", actual=f"{len(line)} bytes")
        raise VerificationError("not a cosignature", (found,))
    try:
        said = message(note.text, key, time)
    except ValueError as error:
        found = finding(
            "AUDIT-COSIGNATURE-FORM", actual=f"time {time}", expected="a time, names of at most 255 bytes"
        )
        raise VerificationError("nobody can have cosigned this", (found,)) from error
    check = _check_ed25519 if key.kind is KeyType.COSIGNATURE else ml_dsa_44
    if check is None:
        found = finding("AUDIT-KEY-TYPE", expected="a check of ML-DSA-44", actual=key.kind.name)
        raise CouldNotCheck("no check of ML-DSA-44 at hand", (found,))
    try:
        check(key.public_key, said, line[_TIME_BYTES:])
    except VerificationError as error:
        raise bad_signature(key) from error
    return Cosignature(key, time)


def cosignatures(
    note: Note, witnesses: Iterable[NoteKey], *, ml_dsa_44: Check | None = None
) -> tuple[Cosignature, ...]:
    """Return the verified cosignatures of those witnesses that have signed; unknown lines are ignored.

    Raises:
        VerificationError: a line of a known witness is wrong: the note was altered or forged.
        CouldNotCheck: a known witness has signed with ML-DSA-44 and there is no check for it.
    """
    present = {(one.name, one.key_hash) for one in note.signatures}
    return tuple(
        verify_cosignature(note, key, ml_dsa_44=ml_dsa_44)
        for key in dict.fromkeys(witnesses)
        if (key.name, key.hash) in present
    )


def require_quorum(
    note: Note, witnesses: Sequence[NoteKey], quorum: int, *, ml_dsa_44: Check | None = None
) -> tuple[Cosignature, ...]:
    """Check that at least `quorum` witnesses, counted by name, have cosigned.

    Raises:
        VerificationError: fewer have, or a cosignature is wrong.
        CouldNotCheck: see `cosignatures`.
    """
    found = cosignatures(note, witnesses, ml_dsa_44=ml_dsa_44)
    names = {one.key.name for one in found}
    if len(names) < quorum:
        problem = finding(
            "AUDIT-COSIGNATURE-QUORUM", expected=str(quorum), actual=", ".join(sorted(names)) or "none"
        )
        raise VerificationError("too few witnesses have cosigned", (problem,))
    return found


def _name(text: str) -> bytes:
    """Return a name behind its length in one byte."""
    raw = text.encode()
    if len(raw) > _MAX_NAME_BYTES:
        raise ValueError("a name in a cosignature has at most 255 bytes")
    return bytes((len(raw),)) + raw


def _check_ed25519(public_key: bytes, said: bytes, signature: bytes) -> None:
    """Check an Ed25519 signature."""
    keys.verify(keys.ed25519(public_key), said, signature)
