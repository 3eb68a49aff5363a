# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The canonical records: frozen, passive, without verbs."""

from gateway.model.contribution import (
    Contribution,
    ContributionKind,
    Function,
    pack_contribution,
    pack_item,
    unpack_contribution,
    unpack_item,
)
from gateway.model.fields import is_present, leaf_types, leaf_values, values
from gateway.model.item import (
    Address,
    Charge,
    ContentPiece,
    Item,
    Mass,
    Money,
    Party,
    Quantity,
    Record,
    Transport,
)
from gateway.model.message import (
    Acknowledgement,
    DecodedDocument,
    DecodedMessage,
    DocumentOutcome,
    Encoded,
    Loss,
)
from gateway.model.release import FieldCommitment, Release, ReleaseFunction, ShareState

__all__ = [
    "Acknowledgement",
    "Address",
    "Charge",
    "ContentPiece",
    "Contribution",
    "ContributionKind",
    "DecodedDocument",
    "DecodedMessage",
    "DocumentOutcome",
    "Encoded",
    "FieldCommitment",
    "Function",
    "Item",
    "Loss",
    "Mass",
    "Money",
    "Party",
    "Quantity",
    "Record",
    "Release",
    "ReleaseFunction",
    "ShareState",
    "Transport",
    "is_present",
    "leaf_types",
    "leaf_values",
    "pack_contribution",
    "pack_item",
    "unpack_contribution",
    "unpack_item",
    "values",
]
