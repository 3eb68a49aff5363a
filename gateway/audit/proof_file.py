# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""An inclusion proof as a file of its own, in the form of C2SP tlog-proof v1.

    c2sp.org/tlog-proof@v1
    index <decimal>
    <base64 hash, one line each, lowest first>
    <empty line>
    <signed checkpoint>

It proves one entry offline: given the entry's bytes and the log's public key, nothing else is asked.
"""

import base64
import re
from dataclasses import dataclass

from gateway.audit.checkpoint import Checkpoint, verify
from gateway.audit.note import NoteKey
from gateway.audit.proof import verify_inclusion
from gateway.audit.tree import HASH_LENGTH
from gateway.errors import VerificationError
from gateway.finding import finding

HEADER = "c2sp.org/tlog-proof@v1"
MAX_HASHES = 63

_INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})", re.ASCII)


@dataclass(frozen=True, slots=True)
class ProofFile:
    """Where a leaf stands, its path, and the checkpoint (a signed note) whose root the path leads to."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes


def write(proof: ProofFile) -> bytes:
    """Return the file of a proof."""
    lines = [
        HEADER,
        f"index {proof.index}",
        *(base64.b64encode(one).decode() for one in proof.hashes),
        "",
        "",
    ]
    return "\n".join(lines).encode() + proof.checkpoint


def read(raw: bytes) -> ProofFile:
    """Read the file of a proof.

    Raises:
        VerificationError: the bytes are not such a file.
    """
    head, _, checkpoint = raw.partition(b"\n\n")
    try:
        header, index, *encoded = head.decode("ascii").split("\n")
        number = _INDEX.fullmatch(index)
        hashes = tuple(base64.b64decode(one, validate=True) for one in encoded)
    except ValueError as error:
        raise _malformed() from error
    if header != HEADER or not number or not checkpoint:
        raise _malformed()
    if len(hashes) > MAX_HASHES or any(len(one) != HASH_LENGTH for one in hashes):
        raise _malformed()
    proof = ProofFile(int(number[1]), hashes, checkpoint)
    if write(proof) != raw:
        raise _malformed()
    return proof


def verify_proof_file(raw: bytes, leaf_hash: bytes, key: NoteKey) -> tuple[ProofFile, Checkpoint]:
    """Check that a leaf stands in the log that owns the key, and say where and under which checkpoint.

    Raises:
        VerificationError: the file, its checkpoint or its path is wrong.
    """
    proof = read(raw)
    checkpoint = verify(proof.checkpoint, key)
    verify_inclusion(leaf_hash, proof.index, checkpoint.size, proof.hashes, checkpoint.root)
    return proof, checkpoint


def _malformed() -> VerificationError:
    """Return the error of bytes that are not a proof file."""
    found = finding("AUDIT-PROOF-FORM", expected=f"{HEADER}, index, hashes, empty line, checkpoint")
    return VerificationError("not an inclusion proof file", (found,))
