# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What the customs' own systems do when records change, inside the transaction that changes them."""

from collections.abc import Sequence
from typing import Protocol

from gateway.exchange.ports import Transaction
from gateway.exchange.rows import ContributionRow, PackedDocument
from gateway.exchange.touched import Arrival, Touched


class Follows(Protocol):
    """Follows what records say about controls."""

    def checked(
        self, tx: Transaction, documents: Sequence[PackedDocument], arrival: Arrival
    ) -> Sequence[PackedDocument]:
        """Return the documents of our own side with what is to be said of them; writes nothing."""

    def follow(
        self,
        tx: Transaction,
        rows: Sequence[ContributionRow],
        touched: Sequence[Touched],
        arrival: Arrival,
    ) -> list[Touched]:
        """Keep what changed contributions and records mean; return the records that this made."""


class InTurn:
    """Several that follow, one after the other."""

    def __init__(self, *each: Follows) -> None:
        """Take them in order."""
        self._each = each

    def checked(
        self, tx: Transaction, documents: Sequence[PackedDocument], arrival: Arrival
    ) -> Sequence[PackedDocument]:
        """Return the documents with what all of them say."""
        for one in self._each:
            documents = one.checked(tx, documents, arrival)
        return documents

    def follow(
        self,
        tx: Transaction,
        rows: Sequence[ContributionRow],
        touched: Sequence[Touched],
        arrival: Arrival,
    ) -> list[Touched]:
        """Return the records that all of them made; none sees those of another."""
        return [made for one in self._each for made in one.follow(tx, rows, touched, arrival)]


class Unfollowed:
    """What a gateway does that has no part in controls: nothing."""

    def checked(
        self, _tx: Transaction, documents: Sequence[PackedDocument], _arrival: Arrival
    ) -> Sequence[PackedDocument]:
        """Return the documents as they are."""
        return documents

    def follow(
        self,
        _tx: Transaction,
        _rows: Sequence[ContributionRow],
        _touched: Sequence[Touched],
        _arrival: Arrival,
    ) -> list[Touched]:
        """Return nothing."""
        return []
