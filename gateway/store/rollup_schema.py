# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The table of statistics."""

from sqlalchemy import BigInteger, Column, PrimaryKeyConstraint, Table, Text

from gateway.store.columns import metadata, number

rollup = Table(
    "rollup",
    metadata,
    Column("cube", Text, nullable=False),
    Column("period", BigInteger, nullable=False, autoincrement=False),
    Column("direction", Text, nullable=False),
    Column("mode", Text, nullable=False),
    Column("member", Text, nullable=False),
    Column("currency", Text, nullable=False),
    number("items"),
    number("units"),
    number("parts"),
    number("weighed"),
    number("mass"),
    # In this order a sum over directions and modes, which nearly every question is, needs no sorting.
    PrimaryKeyConstraint("cube", "period", "member", "currency", "mode", "direction"),
    sqlite_with_rowid=False,
)
