# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What tables are made of: one metadata, the kinds of columns, conditions as literals."""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    literal_column,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql import ColumnElement

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite makes a key the address of its row only if its type is spelt INTEGER.
Key = BigInteger().with_variant(sqlite.INTEGER(), "sqlite")


def key() -> Column[int]:
    """Return the time-ordered key of a table."""
    return Column("id", Key, primary_key=True, autoincrement=False)


def text(name: str) -> Column[str]:
    """Return a column of text that is never null."""
    return Column(name, Text, nullable=False)


def number(name: str) -> Column[int]:
    """Return a column of large integers that is never null."""
    return Column(name, BigInteger, nullable=False)


def small(name: str) -> Column[int]:
    """Return a column of small integers that is never null."""
    return Column(name, Integer, nullable=False)


def blob(name: str) -> Column[bytes]:
    """Return a column of bytes that is never null."""
    return Column(name, LargeBinary, nullable=False)


def parent(name: str, target: str) -> Column[int]:
    """Return a column that points to the row of another table."""
    return Column(name, BigInteger, ForeignKey(target, deferrable=True, initially="DEFERRED"), nullable=False)


def is_state(table: Table, state: str) -> ColumnElement[bool]:
    """Return the condition on a state as a literal, which partial indexes need."""
    return table.c.state == literal_column(f"'{state}'")


def is_filled(column: Column[str]) -> ColumnElement[bool]:
    """Return the condition that a key is not empty, as a literal."""
    return column != literal_column("''")
