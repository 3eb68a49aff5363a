# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The table of statistics."""

from sqlalchemy import BigInteger, Column, Table, Text

from gateway.store.columns import metadata, number

rollup = Table(
    "rollup",
    metadata,
    Column("cube", Text, primary_key=True),
    Column("period", BigInteger, primary_key=True, autoincrement=False),
    Column("direction", Text, primary_key=True),
    Column("mode", Text, primary_key=True),
    Column("member", Text, primary_key=True),
    Column("currency", Text, primary_key=True),
    number("items"),
    number("units"),
    number("parts"),
    number("weighed"),
    number("mass"),
    sqlite_with_rowid=False,
)
