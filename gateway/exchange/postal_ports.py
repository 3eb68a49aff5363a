# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The doors to what is kept of movements and referrals."""

from collections.abc import Sequence
from typing import Protocol

from gateway.exchange.postal_rows import MovementRow, ReferralRow


class PostalTables(Protocol):
    """The part of a transaction about movements and referrals."""

    def referrals_of(self, tracking_numbers: Sequence[str]) -> list[ReferralRow]:
        """Return every referral about the items, in id order."""

    def put_referrals(self, rows: Sequence[ReferralRow]) -> None:
        """Insert referrals, or replace those whose id exists."""

    def overdue_referrals(self, now: int, limit: int) -> list[ReferralRow]:
        """Return open referrals whose answer was due and that were not escalated, in order of that time."""

    def referrals_in_state(self, state: str, after: int, limit: int) -> list[ReferralRow]:
        """Return referrals in a state with an id above `after`, in id order."""

    def movements_of(self, tracking_numbers: Sequence[str]) -> list[MovementRow]:
        """Return what dispatches and loading events say of items, in id order."""

    def put_movements(self, record: int, rows: Sequence[MovementRow]) -> None:
        """Replace what one record says of items."""

    def put_contribution_body(self, contribution: int, body: bytes) -> None:
        """Replace the words of a contribution, those of a dispatch that names an item no more."""

    def forget_movements(self, tracking_number: str, posting_date: str) -> None:
        """Remove what was said of an item; an empty date stands for every posting."""
