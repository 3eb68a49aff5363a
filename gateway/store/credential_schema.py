# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The table of what lets somebody in."""

from sqlalchemy import Index, Table

from gateway.store.columns import blob, key, metadata, number, text

credential = Table(
    "credential",
    metadata,
    key(),
    text("kind"),
    text("name"),
    text("roles"),
    blob("digest"),
    text("made_by"),
    number("created_at"),
    number("expires_at"),
    number("used_at"),
    number("ended_at"),
    number("log_index"),
)
Index(None, credential.c.kind, credential.c.id, unique=True)
