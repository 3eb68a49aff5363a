# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The table of the register of enterprises."""

from sqlalchemy import Index, Table

from gateway.store.columns import blob, key, metadata, number, small, text

enterprise = Table(
    "enterprise",
    metadata,
    key(),
    number("revision"),
    text("uscc"),
    small("version"),
    text("customs_code"),
    text("state"),
    text("valid_from"),
    number("recorded_at"),
    number("log_index"),
    blob("body"),
)
Index(None, enterprise.c.revision, unique=True)
Index(None, enterprise.c.uscc, enterprise.c.version, unique=True)
Index(None, enterprise.c.customs_code)
