# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The doors to lists: pages in the order of an index, so that their cost does not grow with the store."""

from collections.abc import Sequence
from typing import Protocol

from gateway.exchange.listing_rows import (
    ListedBatch,
    ListedItem,
    ListedMessage,
    ListedRecord,
    ListedRefusal,
    ListedShare,
)


class Listings(Protocol):
    """The part of a transaction that lists; read-only."""

    def waiting_group_after(self, channel: str, missing: tuple[str, ...] | None) -> tuple[str, ...] | None:
        """Return what is missing in the next group of waiting shares of a channel.

        None asks for the first group, and stands for the end.
        """

    def count_waiting(self, channel: str, missing: tuple[str, ...], limit: int) -> int:
        """Count the waiting shares of a group, up to a limit."""

    def list_waiting(
        self, channel: str, missing: tuple[str, ...], after: int, limit: int
    ) -> list[ListedShare]:
        """Return waiting shares of a group with an id above `after`, in id order."""

    def list_ready(self, channel: str, after: int, limit: int) -> list[ListedShare]:
        """Return shares in state ready with an id above `after`, in id order."""

    def list_rejected(self, channel: str, before: int, limit: int) -> list[ListedShare]:
        """Return rejected shares with an id below `before`, in falling id order."""

    def list_sent(self, channel: str, before: int, limit: int) -> list[ListedBatch]:
        """Return outgoing batches below a sequence number, in falling order."""

    def list_received(self, channel: str, before: int, limit: int) -> list[ListedBatch]:
        """Return received batches below a sequence number, in falling order."""

    def recent(self, direction: str, channel: str, limit: int) -> list[tuple[int, int]]:
        """Return records and time of the newest batches, newest first; `direction` is out or in."""

    def list_in_batch(self, batch: int) -> list[ListedShare]:
        """Return the shares of an outgoing batch, in position order."""

    def list_in_inbound(self, inbound: int) -> list[ListedRecord]:
        """Return the records of a received batch, in position order."""

    def list_items(self, ids: Sequence[int]) -> list[ListedItem]:
        """Return items by id, in id order."""

    def list_under_orders(self, first: str, after: tuple[str, int], limit: int) -> list[tuple[str, int]]:
        """Return order key and id of items whose order key begins with `first`, above `after`, in order."""

    def list_numbers_in(self, receptacle: str, after: str, limit: int) -> list[str]:
        """Return the tracking numbers that were said to be in a receptacle, above `after`, in order."""

    def list_messages(self, message_id: str, after: int, limit: int) -> list[ListedMessage]:
        """Return the messages with an id of their sender's and an id of ours above `after`, in order."""

    def list_refused_messages(self, before: int, limit: int) -> list[ListedMessage]:
        """Return the messages that were refused whole with an id below `before`, in falling order."""

    def join_keys_of(self, message: int, limit: int) -> list[str]:
        """Return the keys under which the contributions of a message wait, among the `limit` after it."""

    def list_refusals(self, before: int, limit: int) -> list[ListedRefusal]:
        """Return refused envelopes with an id below `before`, in falling order."""

    def receipts(self, batches: Sequence[int]) -> dict[int, bytes]:
        """Return the receipts of outgoing batches by id, empty bytes where there is none."""
