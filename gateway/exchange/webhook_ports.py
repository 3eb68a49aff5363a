# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The doors to partners without a gateway: their formats, and what they deliver."""

from collections.abc import Mapping
from typing import Protocol

from gateway.exchange.rows import PackedMessage
from gateway.exchange.webhook_rows import WebhookRow, WrittenBatch


class Deliveries(Protocol):
    """The part of a transaction about deliveries by webhook."""

    def add_webhook(self, row: WebhookRow) -> None:
        """Insert a delivery."""

    def webhook(self, partner: str, key: str) -> WebhookRow | None:
        """Return the delivery of a partner under an idempotency key."""


class Translates(Protocol):
    """The part of the workers that speaks the formats of partners."""

    async def decode_under(self, adapter: str, raw: bytes, agreement: str, now: int) -> PackedMessage:
        """Read a partner's message; documents that depart from the agreement have findings."""

    async def write(self, adapter: str, types: Mapping[str, str], payload: bytes, now: int) -> WrittenBatch:
        """Write the records of a payload in a partner's format; `types` are message types by function."""
