# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What leaves under an agreement, and what became of it."""

import enum

from gateway.model.item import Item
from gateway.model.record import Record


class ReleaseFunction(enum.StrEnum):
    """What a released record does to what the partner already holds of the item."""

    ORIGINAL = "original"
    AMENDMENT = "amendment"
    CANCELLATION = "cancellation"


class FieldCommitment(Record, frozen=True, kw_only=True, gc=False):
    """A withheld value that can be opened later; `digest` is its salted SHA-256 commitment."""

    path: str
    digest: bytes


class Release(Record, frozen=True, kw_only=True, gc=False):
    """One record as a partner receives it.

    `reference` is the sender's opaque id of the item; `version` grows with each release of the same item
    under the same agreement, from 1.
    """

    reference: str
    version: int
    function: ReleaseFunction
    item: Item
    commitments: tuple[FieldCommitment, ...] = ()


class ShareState(enum.StrEnum):
    """The life of one item under one agreement."""

    WAITING = "waiting"
    READY = "ready"
    BATCHED = "batched"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    DROPPED = "dropped"
    SUPERSEDED = "superseded"
