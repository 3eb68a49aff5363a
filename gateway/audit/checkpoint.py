# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Checkpoints as in C2SP tlog-checkpoint v1: a signed note of origin, tree size and root hash.

The body is three lines and nothing else: extension lines are refused, because cosignatures of newer kinds do
not cover them. The size is decimal without leading zeros, the root standard base64 with padding. The key that
signs has the origin as its name.
"""

import base64
import binascii
import re
from dataclasses import dataclass

from gateway.audit.note import NoteKey, NoteSigner, read_note, sign_note, verify_note
from gateway.audit.tree import HASH_LENGTH
from gateway.errors import VerificationError
from gateway.finding import finding

MAX_SIZE = 2**63 - 1

_SIZE = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state of a log at one moment: its unique name, number of leaves, and root."""

    origin: str
    size: int
    root: bytes


def format(origin: str, size: int, root: bytes) -> bytes:  # noqa: A001 - read as checkpoint.format(...)
    """Return the body of a checkpoint.

    Raises:
        ValueError: a part has no form that a checkpoint could hold.
    """
    if not origin or any(one.isspace() or not one.isprintable() for one in origin):
        raise ValueError("an origin has no spaces or control characters")
    if not 0 <= size <= MAX_SIZE or len(root) != HASH_LENGTH:
        raise ValueError("a checkpoint has a size of at most 2^63-1 and a root of 32 bytes")
    return f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n".encode()


def parse(body: bytes) -> Checkpoint:
    """Read the body of a checkpoint, which must be exactly what `format` writes.

    Raises:
        VerificationError: it is not.
    """
    try:
        origin, size, encoded, end = body.decode("utf-8").split("\n")
        root = base64.b64decode(encoded, validate=True)
        if end or not _SIZE.fullmatch(size) or format(origin, int(size), root) != body:
            raise ValueError("not in the form that is written")  # noqa: TRY301 - one way out for all faults
    except (ValueError, binascii.Error) as error:
        found = finding("AUDIT-CHECKPOINT-FORM", expected="origin, size and root on three lines")
        raise VerificationError("not a checkpoint", (found,)) from error
    return Checkpoint(origin, int(size), root)


def sign(checkpoint: Checkpoint, key: NoteKey, signer: NoteSigner) -> bytes:
    """Return the signed note of a checkpoint; `key` is the public half of the signer.

    Raises:
        ValueError: the key's name is not the origin, or the signer is not Ed25519.
    """
    if key.name != checkpoint.origin:
        raise ValueError("the key of a log has the origin as its name")
    return sign_note(format(checkpoint.origin, checkpoint.size, checkpoint.root), key, signer)


def verify(raw: bytes, key: NoteKey) -> Checkpoint:
    """Return the checkpoint in a signed note of the log that owns the key.

    Raises:
        VerificationError: form, origin, key or signature is wrong.
    """
    checkpoint = parse(verify_note(read_note(raw), key))
    if checkpoint.origin != key.name:
        found = finding("AUDIT-ORIGIN", expected=key.name, actual=checkpoint.origin)
        raise VerificationError("the checkpoint is of another log", (found,))
    return checkpoint
