# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Every table and every statement works on both databases, those of tomorrow too."""

import re

import pytest
from sqlalchemy import Boolean, Integer, LargeBinary, insert, select

from gateway.store.columns import metadata
from gateway.store.postgres import COPY_ROWS
from gateway.store.statement import KeyedStatement, Statement
from tests.postgres import connect
from tests.store.test_statement import STATEMENTS

TABLES = {one.name: one for one in metadata.sorted_tables if not one.foreign_keys}
CHILDREN = {one.name: one for one in metadata.sorted_tables if one.foreign_keys}


def value(column, number):
    """Return a value of the kind of a column, another one for each number."""
    if isinstance(column.type, Boolean):
        return bool(number % 2)
    if isinstance(column.type, LargeBinary):
        return bytes([number, 0, 255])
    if isinstance(column.type, Integer):
        return number + 1
    return f"text {number}\t\N{CJK UNIFIED IDEOGRAPH-4E2D}"


def made(table, count):
    """Return rows of a table in the order of its columns."""
    return [tuple(value(column, number) for column in table.columns) for number in range(count)]


def put(table, rows):
    """Return a work that inserts rows as the store does."""
    statement = Statement(lambda _: insert(table))
    return lambda tx: tx._change_many(statement, rows)


def read(table):
    """Return a work that reads a table by its key."""
    statement = Statement(lambda _: select(table).order_by(*table.primary_key.columns))
    return lambda tx: [tuple(one) for one in tx._rows(statement)]


@pytest.mark.parametrize("count", [COPY_ROWS - 1, COPY_ROWS])
def test_rows_of_every_table_come_back_as_they_went(store, count):
    """Whatever kind of value a table holds, both databases give it back, by statements and in bulk."""
    for table in TABLES.values():
        if table.name == "schema_range":
            continue
        store.run(put(table, made(table, count)))
        found = store.run_read(read(table))
        assert found == sorted(made(table, count)), table.name


def test_rows_that_point_to_others_come_back_too(store):
    """Tables with parents hold the same, once the parents are there."""
    for table in CHILDREN.values():
        for parent in {key.column.table for key in table.foreign_keys} & set(TABLES.values()):
            if not store.run_read(read(parent)):
                store.run(put(parent, made(parent, COPY_ROWS)))
    for table in CHILDREN.values():
        store.run(put(table, made(table, COPY_ROWS)))
        assert store.run_read(read(table)) == sorted(made(table, COPY_ROWS)), table.name


def test_every_statement_is_understood_by_postgresql(postgres_url):
    """The server takes the text of every statement, and knows the type of every parameter."""
    from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg  # noqa: PLC0415  # an extra

    dialect = PGDialect_psycopg(paramstyle="format")
    refused = {}
    with connect(postgres_url) as connection:
        for name, statement in STATEMENTS.items():
            if isinstance(statement, KeyedStatement):
                text = statement.text(dialect, 4)
            else:
                text = statement.compiled(dialect).text
            numbers = iter(range(1, 1000))
            numbered = re.sub(r"%s", lambda _, of=numbers: f"${next(of)}", text).replace("%%", "%")
            try:
                connection.execute(f"PREPARE asked AS {numbered}".encode())
                connection.execute("DEALLOCATE asked")
            except Exception as error:  # noqa: BLE001  # every refusal is listed, whatever its kind
                refused[name] = str(error)
    assert refused == {}
    assert len(STATEMENTS) > 100
