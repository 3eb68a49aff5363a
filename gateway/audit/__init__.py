# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The tamper-evident log as RFC 6962/9162 and the C2SP tlog specifications have it; no database, no network.

`tree` and `proof` are the arithmetic, `entry` what a leaf says, `commitment` what hides values, `note` and
`checkpoint` what is signed, `proof_file` a proof that can be handed to anybody.
"""

from gateway.audit.checkpoint import Checkpoint
from gateway.audit.commitment import batch_root, commit, derive_salt, open_commitment
from gateway.audit.entry import Entry, Event, leaf, salted_digest
from gateway.audit.note import NoteKey, read_key
from gateway.audit.proof import RootMismatch, consistency, inclusion, verify_consistency, verify_inclusion
from gateway.audit.tree import EMPTY_ROOT, Appended, append, leaf_hash, node_hash, root, tree_root

__all__ = [
    "EMPTY_ROOT",
    "Appended",
    "Checkpoint",
    "Entry",
    "Event",
    "NoteKey",
    "RootMismatch",
    "append",
    "batch_root",
    "commit",
    "consistency",
    "derive_salt",
    "inclusion",
    "leaf",
    "leaf_hash",
    "node_hash",
    "open_commitment",
    "read_key",
    "root",
    "salted_digest",
    "tree_root",
    "verify_consistency",
    "verify_inclusion",
]
