# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What partners without a gateway delivered, by their idempotency keys."""

import msgspec
from sqlalchemy import bindparam, insert, select

from gateway.exchange.webhook_rows import WebhookRow
from gateway.store.session import Session
from gateway.store.statement import Statement
from gateway.store.webhook_schema import webhook

_ADD = Statement(lambda _: insert(webhook))
_ONE = Statement(
    lambda _: select(webhook).where(
        webhook.c.partner == bindparam("partner"), webhook.c["key"] == bindparam("key")
    )
)


class Webhooks(Session):
    """The part of a transaction about deliveries by webhook."""

    def add_webhook(self, row: WebhookRow) -> None:
        """Insert a delivery."""
        self._change_many(_ADD, [msgspec.structs.astuple(row)])

    def webhook(self, partner: str, key: str) -> WebhookRow | None:
        """Return the delivery of a partner under an idempotency key."""
        found = self._row(_ONE, partner=partner, key=key)
        if found is None:
            return None
        return WebhookRow(**dict(zip(WebhookRow.__struct_fields__, found, strict=True)))
