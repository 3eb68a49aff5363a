# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The table of questions between partners."""

from sqlalchemy import Index, Table

from gateway.store.columns import blob, key, metadata, number, small, text

inquiry = Table(
    "inquiry",
    metadata,
    key(),
    text("query_id"),
    text("partner"),
    text("direction"),
    text("agreement"),
    small("keys"),
    text("state"),
    number("created_at"),
    blob("query"),
    number("log_index"),
    blob("answer"),
    number("answered_at"),
)
Index(None, inquiry.c.partner, inquiry.c.query_id, unique=True)
Index(None, inquiry.c.partner, inquiry.c.agreement, inquiry.c.created_at)
