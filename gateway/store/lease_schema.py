# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The tables of leases and of the nodes that take them."""

from sqlalchemy import BigInteger, Boolean, Column, Integer, Table, Text, literal_column

from gateway.store.columns import metadata, number, text

# A row stays when its lease ends, so that its token never goes back.
lease = Table(
    "lease",
    metadata,
    Column("name", Text, primary_key=True),
    text("holder"),
    number("until"),
    Column("token", BigInteger, nullable=False, server_default=literal_column("0")),
)

# One row: the oldest version whose program may use the database.
schema_range = Table("schema_range", metadata, Column("oldest", Text, primary_key=True))

node = Table(
    "node",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    text("holder"),
    text("schema"),
    Column("serves", Boolean, nullable=False),
    number("started_at"),
    number("seen_at"),
)
