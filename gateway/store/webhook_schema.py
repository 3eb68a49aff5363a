# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The table of what partners without a gateway delivered by webhook."""

from sqlalchemy import Index, Table

from gateway.store.columns import blob, key, metadata, number, text

webhook = Table(
    "webhook",
    metadata,
    key(),
    text("partner"),
    text("key"),
    blob("body_digest"),
    number("message"),
    number("received_at"),
    blob("delivery"),
    blob("receipt"),
    number("log_index"),
)
Index(None, webhook.c.partner, webhook.c["key"], unique=True)
