# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Every statement compiles for both databases and is served by an index."""

import importlib
import pkgutil

import pytest
from sqlalchemy import create_engine
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.schema import CreateIndex, CreateTable

import gateway.store
from gateway.exchange import (
    access_rows,
    announcement_rows,
    lease_rows,
    log_rows,
    postal_rows,
    rows,
    webhook_rows,
)
from gateway.store import (
    announcement_schema,
    columns,
    credential_schema,
    lease_schema,
    postal_schema,
    schema,
    shares,
    webhook_schema,
)
from gateway.store.statement import KeyedStatement, Statement

DIALECTS = [SQLiteDialect_pysqlite(), PGDialect_psycopg(paramstyle="format")]


def _statements():
    """Return every statement of the room by name."""
    found = {}
    for module in pkgutil.iter_modules(gateway.store.__path__):
        if not module.ispkg:
            loaded = importlib.import_module(f"gateway.store.{module.name}")
            for name, value in vars(loaded).items():
                if isinstance(value, Statement | KeyedStatement):
                    found[f"{module.name}{name}"] = value
    return found


STATEMENTS = _statements()
# These read a whole small table, an index from its end with a limit, or what an inner limit has bounded.
SCANS = {
    "announcements_NEWEST",
    "announcements_OPEN",
    "archived_DROPPED",
    "archived_TAKEN",
    "archives_CLOSED",
    "archives_MANIFESTS",
    "archives_PARTS",
    "incoming_REFUSALS",
    "incoming_TO_RESTATE",
    "leases_LIVING",
    "leases_NODES",
    "ledger_COUNTS",
    "ledger_LOGS",
    "listings_COUNT",
    "listings_JOIN_KEYS",
    "logs_STATES",
    "outgoing_CHANNELS",
    "self_audit_LOGS",
    "shares_WAITING",
    "stocks_ANY_ORDERS",
    "witness_ALL_WITNESSED",
    "witness_CONFLICTS",
    "witness_COSIGNED",
    "witness_SETTLE",
}


def _text(statement, dialect):
    if isinstance(statement, KeyedStatement):
        return statement.text(dialect, 4), 4
    compiled = statement.compiled(dialect)
    return compiled.text, len(compiled.names)


@pytest.mark.parametrize("name", STATEMENTS)
@pytest.mark.parametrize("dialect", DIALECTS, ids=["sqlite", "postgresql"])
def test_statement_compiles_with_positional_parameters(name, dialect):
    """The text has one place per parameter in the style of the driver."""
    text, count = _text(STATEMENTS[name], dialect)
    assert text.count("?" if dialect.name == "sqlite" else "%s") == count


@pytest.mark.parametrize("name", sorted(set(STATEMENTS) - SCANS))
def test_statement_is_served_by_an_index(name):
    """SQLite plans a search, never a scan."""
    engine = create_engine("sqlite://")
    columns.metadata.create_all(engine)
    text, count = _text(STATEMENTS[name], engine.dialect)
    with engine.connect() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", (1,) * count).fetchall()
    engine.dispose()
    assert not [step[-1] for step in plan if step[-1].startswith("SCAN")]


@pytest.mark.parametrize("name", STATEMENTS)
def test_locks_are_asked_for_where_the_database_needs_them(name):
    """On PostgreSQL only a lease, or the state of a log or witness, that will be written is locked."""
    text, _ = _text(STATEMENTS[name], DIALECTS[1])
    assert ("FOR UPDATE" in text) == (name in {"leases_FREE", "logs_LOCKED_STATE", "witness_LOCKED"})


def test_tables_compile_for_postgresql():
    """Tables and indexes can be made on PostgreSQL, partial indexes with their condition."""
    for table in columns.metadata.sorted_tables:
        assert "WITHOUT ROWID" not in str(CreateTable(table).compile(dialect=DIALECTS[1]))
        for index in table.indexes:
            made = str(CreateIndex(index).compile(dialect=DIALECTS[1]))
            assert ("WHERE" in made) == bool(index.dialect_options["sqlite"]["where"] is not None)


def test_updates_by_tuple_have_the_expected_order():
    """The values of `batch_shares` and `settle_shares` stand in the order of their statements."""
    assert shares._REJECT.compiled(DIALECTS[0]).names == ("now", "of_batch", "at_position")
    assert shares._BATCH.compiled(DIALECTS[0]).names == ("new_batch", "new_position", "now", "key")


@pytest.mark.parametrize(
    ("table", "row"),
    [
        (schema.message, rows.MessageRow),
        (schema.contribution, rows.ContributionRow),
        (schema.item, rows.ItemRow),
        (schema.share, rows.ShareRow),
        (schema.channel, rows.ChannelRow),
        (schema.batch, rows.BatchRow),
        (schema.inbound, rows.InboundRow),
        (schema.inbound_record, rows.InboundRecordRow),
        (schema.refusal, rows.RefusalRow),
        (schema.log, rows.LogState),
        (schema.log_entry, rows.LogEntryRow),
        (schema.seen_checkpoint, rows.SeenRow),
        (schema.witnessed, log_rows.WitnessedRow),
        (schema.cosigned, log_rows.CosignedRow),
        (schema.conflict, log_rows.ConflictRow),
        (postal_schema.referral, postal_rows.ReferralRow),
        (postal_schema.movement, postal_rows.MovementRow),
        (lease_schema.node, lease_rows.NodeRow),
        (schema.decision, log_rows.DecisionRow),
        (announcement_schema.announcement, announcement_rows.AnnouncementRow),
        (announcement_schema.rotation, announcement_rows.RotationRow),
        (webhook_schema.webhook, webhook_rows.WebhookRow),
        (credential_schema.credential, access_rows.CredentialRow),
    ],
)
def test_columns_are_the_fields_of_the_row(table, row):
    """Columns and fields have the same names in the same order."""
    assert tuple(table.columns.keys()) == row.__struct_fields__
