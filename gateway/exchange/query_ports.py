# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The doors to questions between partners."""

from collections.abc import Sequence
from typing import Protocol

from gateway.exchange.query_rows import InquiryRow
from gateway.exchange.rows import ItemRow


class Inquiries(Protocol):
    """The part of a transaction about questions."""

    def put_inquiry(self, row: InquiryRow) -> None:
        """Insert or replace a question."""

    def inquiry(self, partner: str, query_id: str) -> InquiryRow | None:
        """Return a question from or to a partner."""

    def inquiries_after(self, key: int, limit: int) -> list[InquiryRow]:
        """Return questions with an id above `key`, in id order."""

    def keys_asked(self, partner: str, agreement: str, since: int) -> int:
        """Return for how many numbers a partner has asked under an agreement since a time."""

    def items_by_ucr(self, ucrs: Sequence[str]) -> list[ItemRow]:
        """Return the items with one of these unique consignment references, in id order."""

    def items_by_mrn(self, mrns: Sequence[str]) -> list[ItemRow]:
        """Return the items with one of these movement reference numbers, in id order."""
