# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The doors to returns: their tables, and what takes a return out of a message.

What follows goods that were exported (stocks abroad, for one) reads the account through `return_accounts`.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, TypeAlias

from gateway.exchange.return_rows import ReturnAccountRow, ReturnCaseRow
from gateway.exchange.rows import PackedDocument

if TYPE_CHECKING:
    from gateway.exchange.ports import Transaction
    from gateway.exchange.touched import Arrival, Touched

Amounts: TypeAlias = tuple[int, int, int]
"""Quantity, legal and second legal quantity, in 10⁻⁵ of their units."""


class Returns(Protocol):
    """The part of a transaction about returns."""

    def open_return_accounts(self, rows: Sequence[ReturnAccountRow]) -> None:
        """Insert accounts."""

    def return_accounts(self, list_number: str) -> list[ReturnAccountRow]:
        """Return the accounts of a list, in order of line; none if nothing of it ever came back."""

    def limit_return_account(self, account: int, item_version: int, limits: Amounts) -> bool:
        """Set the limits of an account; false, and nothing changed, if more is drawn than they allow."""

    def draw_return(self, account: int, amounts: Amounts) -> bool:
        """Draw from an account, or give back what is negative; false, and nothing done, if it cannot be."""

    def put_return_case(self, row: ReturnCaseRow) -> None:
        """Insert or replace a case."""

    def return_case(self, key: int) -> ReturnCaseRow | None:
        """Return a case by id."""

    def return_case_of(self, reference: str) -> ReturnCaseRow | None:
        """Return the case of an announcement."""

    def return_cases_of_list(self, list_number: str) -> list[ReturnCaseRow]:
        """Return the cases matched to a list, in id order."""

    def return_cases(self, state: str, after: int, limit: int) -> list[ReturnCaseRow]:
        """Return cases with an id above `after`, in id order; in any state if it is empty."""

    def return_cursor(self, channel: str) -> int:
        """Return the sequence number up to which a channel was searched for returns."""

    def move_return_cursor(self, channel: str, before: int, after: int) -> bool:
        """Note how far a channel was searched; false if it was not at `before`."""


class TakesReturns(Protocol):
    """Takes returns out of the messages of this organisation's own side, and out of records of partners."""

    def checked(
        self, tx: "Transaction", documents: Sequence[PackedDocument], arrival: "Arrival"
    ) -> Sequence[PackedDocument]:
        """Return the documents with what forbids their returns among their findings; writes nothing."""

    def settle(self, tx: "Transaction", touched: Sequence["Touched"], arrival: "Arrival") -> "list[Touched]":
        """Give returns among changed records their effect; return records that came of it."""


class NoReturns:
    """What a gateway without rules for returns does with them: nothing."""

    def checked(
        self, _tx: "Transaction", documents: Sequence[PackedDocument], _arrival: "Arrival"
    ) -> Sequence[PackedDocument]:
        """Return the documents as they are."""
        return documents

    def settle(
        self, _tx: "Transaction", _touched: Sequence["Touched"], _arrival: "Arrival"
    ) -> "list[Touched]":
        """Do nothing."""
        return []
