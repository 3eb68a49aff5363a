# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The tables of returns."""

from sqlalchemy import Column, Index, Table, Text

from gateway.store.columns import blob, is_filled, key, metadata, number, small, text

return_account = Table(
    "return_account",
    metadata,
    key(),
    text("list_number"),
    small("line"),
    number("item"),
    small("item_version"),
    number("quantity"),
    number("legal"),
    number("second"),
    number("drawn_quantity"),
    number("drawn_legal"),
    number("drawn_second"),
    text("units"),
    number("opened_at"),
)
Index(None, return_account.c.list_number, return_account.c.line, unique=True)
Index(None, return_account.c.item)

return_case = Table(
    "return_case",
    metadata,
    key(),
    text("reference"),
    text("state"),
    text("list_number"),
    text("tracking_number"),
    text("partner"),
    small("version"),
    number("created_at"),
    number("updated_at"),
    number("log_index"),
    blob("body"),
)
has_list = is_filled(return_case.c.list_number)
Index(None, return_case.c.reference, unique=True)
Index(None, return_case.c.state, return_case.c.id)
Index(None, return_case.c.list_number, sqlite_where=has_list, postgresql_where=has_list)

return_cursor = Table(
    "return_cursor",
    metadata,
    Column("channel", Text, primary_key=True),
    number("sequence"),
)
