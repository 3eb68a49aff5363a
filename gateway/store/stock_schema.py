# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The table of reports about the stock of overseas warehouses."""

from sqlalchemy import Index, Table

from gateway.store.columns import blob, key, metadata, number, text

stock_report = Table(
    "stock_report",
    metadata,
    key(),
    text("order_key"),
    text("reference"),
    number("recorded_at"),
    number("log_index"),
    blob("body"),
)
Index(None, stock_report.c.order_key)
Index(None, stock_report.c.reference, unique=True)
