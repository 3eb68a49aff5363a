# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The tables of changes of keys: what was announced between partners, and our own rotations."""

from sqlalchemy import Index, Table, literal_column

from gateway.store.columns import blob, key, metadata, number, text

announcement = Table(
    "announcement",
    metadata,
    key(),
    text("announcement_id"),
    text("partner"),
    text("direction"),
    number("serial"),
    text("state"),
    text("reason"),
    number("created_at"),
    blob("announcement"),
    blob("answer"),
    number("answered_at"),
    number("log_index"),
)
is_open = announcement.c.answered_at == literal_column("0")
Index(None, announcement.c.partner, announcement.c.direction, announcement.c.announcement_id, unique=True)
Index(None, announcement.c.direction, announcement.c.serial)
Index("ix_announcement_open", announcement.c.id, sqlite_where=is_open, postgresql_where=is_open)

rotation = Table(
    "rotation",
    metadata,
    key(),
    number("serial"),
    text("state"),
    text("purposes"),
    text("keys"),
    number("overlap_ms"),
    number("started_at"),
    number("switched_at"),
    number("retired_at"),
    blob("bundle"),
)
