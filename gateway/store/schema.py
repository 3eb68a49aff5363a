# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The tables; their columns stand in the order of the row fields, large ones last where reads skip them.

Keys are time-ordered integers, so inserts go to the right edge. Every index serves a named method of the
port; a partial index is used only by a statement that repeats its condition word for word.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    false,
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


def _key() -> Column[int]:
    return Column("id", Key, primary_key=True, autoincrement=False)


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


def _number(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False)


def _small(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False)


def _bytes(name: str) -> Column[bytes]:
    return Column(name, LargeBinary, nullable=False)


def _parent(name: str, target: str) -> Column[int]:
    return Column(name, BigInteger, ForeignKey(target, deferrable=True, initially="DEFERRED"), nullable=False)


def is_state(table: Table, state: str) -> ColumnElement[bool]:
    """Return the condition on a state as a literal, which partial indexes need."""
    return table.c.state == literal_column(f"'{state}'")


def is_filled(column: Column[str]) -> ColumnElement[bool]:
    """Return the condition that a key is not empty, as a literal."""
    return column != literal_column("''")


message = Table(
    "message",
    metadata,
    _key(),
    _bytes("digest"),
    _text("source"),
    _text("submitter"),
    _text("adapter"),
    _text("message_type"),
    _text("message_id"),
    _number("received_at"),
    _text("outcome"),
    _small("documents"),
    _small("accepted"),
    _bytes("raw"),
    _bytes("acknowledgement"),
    _text("content_type"),
    _bytes("findings"),
)
Index(None, message.c.digest, unique=True)

contribution = Table(
    "contribution",
    metadata,
    _key(),
    _parent("message_row", "message.id"),
    _small("position"),
    _text("kind"),
    _text("function"),
    _text("reference"),
    _text("join_key"),
    _text("keys"),
    _bytes("body"),
    Column("retired", Boolean, nullable=False),
)
Index(None, contribution.c.join_key)
Index(None, contribution.c.reference)

item = Table(
    "item",
    metadata,
    _key(),
    _text("tracking_number"),
    _text("order_key"),
    _text("list_key"),
    _text("state"),
    _small("version"),
    _number("created_at"),
    _number("updated_at"),
    _bytes("secret"),
    _bytes("body"),
    _bytes("findings"),
)
# Not unique: a postal number may be used again after twelve months.
Index(None, item.c.tracking_number)
for _column in (item.c.order_key, item.c.list_key):
    Index(None, _column, sqlite_where=is_filled(_column), postgresql_where=is_filled(_column))

share = Table(
    "share",
    metadata,
    _key(),
    _parent("item", "item.id"),
    _text("agreement"),
    _text("channel"),
    _text("state"),
    _small("version"),
    _text("function"),
    _number("deadline"),
    _text("missing"),
    _number("batch"),
    _small("position"),
    _number("updated_at"),
    _small("item_version"),
)
is_ready = is_state(share, "ready")
is_waiting = is_state(share, "waiting")
is_batched = share.c.batch > literal_column("0")
Index(None, share.c.item)
Index("ix_share_ready", share.c.channel, share.c.id, sqlite_where=is_ready, postgresql_where=is_ready)
Index("ix_share_waiting", share.c.deadline, share.c.id, sqlite_where=is_waiting, postgresql_where=is_waiting)
Index(
    "ix_share_batched", share.c.batch, share.c.position, sqlite_where=is_batched, postgresql_where=is_batched
)

channel = Table(
    "channel",
    metadata,
    Column("name", Text, primary_key=True),
    _text("partner"),
    _text("direction"),
    _number("sequence"),
    _bytes("last_digest"),
    _number("confirmed"),
    _text("stopped"),
)

batch = Table(
    "batch",
    metadata,
    _key(),
    _text("batch_id"),
    _text("channel"),
    _number("sequence"),
    _bytes("statement_digest"),
    _small("count"),
    _text("agreement"),
    _number("created_at"),
    _bytes("envelope"),
    _bytes("payload"),
    _bytes("salts"),
    _number("log_index"),
    _text("state"),
    _bytes("receipt"),
    _number("receipted_at"),
    _number("receipt_log_index"),
    _small("accepted"),
    _small("rejected"),
)
Index(None, batch.c.channel, batch.c.sequence, unique=True)
Index(None, batch.c.batch_id, unique=True)

inbound = Table(
    "inbound",
    metadata,
    _key(),
    _text("batch_id"),
    _text("channel"),
    _number("sequence"),
    _text("partner"),
    _text("agreement"),
    _bytes("statement_digest"),
    _small("count"),
    _small("accepted"),
    _number("received_at"),
    _bytes("envelope"),
    _bytes("payload"),
    _bytes("receipt"),
    _number("log_index"),
    Column("forwarded", Boolean, nullable=False),
)
is_unforwarded = inbound.c.forwarded.is_(false())
Index("ix_inbound_unforwarded", inbound.c.id, sqlite_where=is_unforwarded, postgresql_where=is_unforwarded)
Index(None, inbound.c.partner, inbound.c.batch_id, unique=True)
Index(None, inbound.c.channel, inbound.c.sequence, unique=True)

inbound_record = Table(
    "inbound_record",
    metadata,
    _key(),
    _parent("inbound", "inbound.id"),
    _small("position"),
    _text("tracking_number"),
    _text("reference"),
    _small("version"),
    _text("state"),
)
Index(None, inbound_record.c.inbound)
Index(None, inbound_record.c.tracking_number)

refusal = Table(
    "refusal",
    metadata,
    _key(),
    _text("partner"),
    _text("channel"),
    _number("received_at"),
    _text("codes"),
    _bytes("envelope"),
    _bytes("receipt"),
    _number("log_index"),
)

log = Table(
    "log",
    metadata,
    Column("name", Text, primary_key=True),
    _number("size"),
    _bytes("frontier"),
    _bytes("checkpoint"),
)

log_entry = Table(
    "log_entry",
    metadata,
    Column("log", Text, ForeignKey("log.name"), primary_key=True),
    Column("index", BigInteger, primary_key=True, autoincrement=False),
    _text("event"),
    _text("subject"),
    _bytes("leaf"),
    _bytes("salt"),
    _number("created_at"),
    sqlite_with_rowid=False,
)

log_hash = Table(
    "log_hash",
    metadata,
    Column("log", Text, ForeignKey("log.name"), primary_key=True),
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("index", BigInteger, primary_key=True, autoincrement=False),
    _bytes("hash"),
    sqlite_with_rowid=False,
)

seen_checkpoint = Table(
    "seen_checkpoint",
    metadata,
    Column("partner", Text, primary_key=True),
    _text("origin"),
    _number("size"),
    _bytes("root"),
    _number("seen_at"),
)

witnessed = Table(
    "witnessed",
    metadata,
    Column("log", Text, primary_key=True),
    _text("partner"),
    _number("size"),
    _bytes("root"),
    _bytes("note"),
    _number("cosigned_at"),
)

cosigned = Table(
    "cosigned",
    metadata,
    Column("log", Text, primary_key=True),
    Column("witness", Text, primary_key=True),
    _number("size"),
    _bytes("note"),
    _number("cosigned_at"),
)

conflict = Table(
    "conflict",
    metadata,
    _key(),
    _text("partner"),
    _text("log"),
    _text("code"),
    _number("found_at"),
    _bytes("first"),
    _bytes("second"),
    _number("claimed_size"),
    _bytes("claimed_root"),
    _number("settled_at"),
)

erasure = Table(
    "erasure",
    metadata,
    _key(),
    _text("notice_id"),
    _text("partner"),
    _text("direction"),
    _text("state"),
    _small("records"),
    _text("reason"),
    _number("created_at"),
    _bytes("notice"),
    _bytes("answer"),
    _number("answered_at"),
    _number("log_index"),
)
is_pending = is_state(erasure, "pending")
Index(None, erasure.c.partner, erasure.c.notice_id, unique=True)
Index("ix_erasure_pending", erasure.c.id, sqlite_where=is_pending, postgresql_where=is_pending)

decision = Table(
    "decision",
    metadata,
    _key(),
    _text("partner"),
    _number("made_at"),
    _bytes("statement"),
    _number("log_index"),
)

lease = Table(
    "lease",
    metadata,
    Column("name", Text, primary_key=True),
    _text("holder"),
    _number("until"),
)

counter = Table(
    "counter",
    metadata,
    Column("name", Text, primary_key=True),
    _number("value"),
)
