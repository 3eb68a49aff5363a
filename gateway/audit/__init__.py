# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The tamper-evident log as RFC 6962/9162 and the C2SP tlog specifications have it; no database, no network.

`tree` and `proof` are the arithmetic, `tiles` and `tile_reader` its static files, `entry` what a leaf says,
`commitment` what hides values, `withheld` what became of every field, `note`, `checkpoint` and `cosign` what
is signed, `witness` and `compare` how one log is watched by others, `reconcile` how two sides find where
their books part, `proof_file` a proof that can be handed to anybody.
"""

from gateway.audit.checkpoint import Checkpoint
from gateway.audit.commitment import batch_root, commit, derive_salt, open_commitment
from gateway.audit.compare import Comparison, Head, Verdict
from gateway.audit.cosign import Cosignature, cosignatures, require_quorum, verify_cosignature
from gateway.audit.entry import Entry, Event, leaf, salted_digest
from gateway.audit.note import KeyType, NoteKey, add_signatures, read_key
from gateway.audit.proof import RootMismatch, consistency, inclusion, verify_consistency, verify_inclusion
from gateway.audit.reconcile import Difference, Side, find_difference
from gateway.audit.tile_reader import TileReader
from gateway.audit.tiles import Tile, TilePath, grow, grow_bundles
from gateway.audit.tree import (
    EMPTY_ROOT,
    Appended,
    append,
    extend,
    leaf_hash,
    node_hash,
    rebuild,
    root,
    tree_root,
)
from gateway.audit.withheld import FieldTreatment, open_field, verify_treatments
from gateway.audit.witness import Decision, Outcome, Request, consider

__all__ = [
    "EMPTY_ROOT",
    "Appended",
    "Checkpoint",
    "Comparison",
    "Cosignature",
    "Decision",
    "Difference",
    "Entry",
    "Event",
    "FieldTreatment",
    "Head",
    "KeyType",
    "NoteKey",
    "Outcome",
    "Request",
    "RootMismatch",
    "Side",
    "Tile",
    "TilePath",
    "TileReader",
    "Verdict",
    "add_signatures",
    "append",
    "batch_root",
    "commit",
    "consider",
    "consistency",
    "cosignatures",
    "derive_salt",
    "extend",
    "find_difference",
    "grow",
    "grow_bundles",
    "inclusion",
    "leaf",
    "leaf_hash",
    "node_hash",
    "open_commitment",
    "open_field",
    "read_key",
    "rebuild",
    "require_quorum",
    "root",
    "salted_digest",
    "tree_root",
    "verify_consistency",
    "verify_cosignature",
    "verify_inclusion",
    "verify_treatments",
]
