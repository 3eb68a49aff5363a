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
    Table,
    Text,
    false,
    literal_column,
    true,
)

from gateway.store.columns import blob, is_filled, is_state, key, metadata, number, parent, small, text

message = Table(
    "message",
    metadata,
    key(),
    blob("digest"),
    text("source"),
    text("submitter"),
    text("adapter"),
    text("message_type"),
    text("message_id"),
    number("received_at"),
    text("outcome"),
    small("documents"),
    small("accepted"),
    blob("raw"),
    blob("acknowledgement"),
    text("content_type"),
    blob("findings"),
)
Index(None, message.c.digest, unique=True)
Index(None, message.c.message_id)
is_refused = message.c.outcome == literal_column("'refused'")
Index("ix_message_refused", message.c.id, sqlite_where=is_refused, postgresql_where=is_refused)

contribution = Table(
    "contribution",
    metadata,
    key(),
    parent("message_row", "message.id"),
    small("position"),
    text("kind"),
    text("function"),
    text("reference"),
    text("join_key"),
    text("keys"),
    blob("body"),
    Column("retired", Boolean, nullable=False),
)
Index(None, contribution.c.join_key)
Index(None, contribution.c.reference)

item = Table(
    "item",
    metadata,
    key(),
    text("tracking_number"),
    text("order_key"),
    text("list_key"),
    text("state"),
    small("version"),
    number("created_at"),
    number("updated_at"),
    blob("secret"),
    blob("body"),
    blob("findings"),
    Column("record", Text, nullable=False, server_default="item"),
    Column("ucr", Text, nullable=False, server_default=""),
    Column("mrn", Text, nullable=False, server_default=""),
    Column("counted", Text, nullable=False, server_default=""),
)
# Not unique: a postal number may be used again after twelve months.
Index(None, item.c.tracking_number)
for _column in (item.c.order_key, item.c.list_key, item.c.ucr, item.c.mrn):
    Index(None, _column, sqlite_where=is_filled(_column), postgresql_where=is_filled(_column))

share = Table(
    "share",
    metadata,
    key(),
    parent("item", "item.id"),
    text("agreement"),
    text("channel"),
    text("state"),
    small("version"),
    text("function"),
    number("deadline"),
    text("missing"),
    number("batch"),
    small("position"),
    number("updated_at"),
    small("item_version"),
)
is_ready = is_state(share, "ready")
is_waiting = is_state(share, "waiting")
is_rejected = is_state(share, "rejected")
is_batched = share.c.batch > literal_column("0")
Index(None, share.c.item)
Index("ix_share_ready", share.c.channel, share.c.id, sqlite_where=is_ready, postgresql_where=is_ready)
Index("ix_share_waiting", share.c.deadline, share.c.id, sqlite_where=is_waiting, postgresql_where=is_waiting)
Index(
    "ix_share_batched", share.c.batch, share.c.position, sqlite_where=is_batched, postgresql_where=is_batched
)
Index(
    "ix_share_waiting_group",
    share.c.channel,
    share.c.missing,
    share.c.id,
    sqlite_where=is_waiting,
    postgresql_where=is_waiting,
)
Index(
    "ix_share_rejected", share.c.channel, share.c.id, sqlite_where=is_rejected, postgresql_where=is_rejected
)

channel = Table(
    "channel",
    metadata,
    Column("name", Text, primary_key=True),
    text("partner"),
    text("direction"),
    number("sequence"),
    blob("last_digest"),
    number("confirmed"),
    text("stopped"),
)

batch = Table(
    "batch",
    metadata,
    key(),
    text("batch_id"),
    text("channel"),
    number("sequence"),
    blob("statement_digest"),
    small("count"),
    text("agreement"),
    number("created_at"),
    blob("envelope"),
    blob("payload"),
    blob("salts"),
    number("log_index"),
    text("state"),
    blob("receipt"),
    number("receipted_at"),
    number("receipt_log_index"),
    small("accepted"),
    small("rejected"),
)
Index(None, batch.c.channel, batch.c.sequence, unique=True)
Index(None, batch.c.batch_id, unique=True)

inbound = Table(
    "inbound",
    metadata,
    key(),
    text("batch_id"),
    text("channel"),
    number("sequence"),
    text("partner"),
    text("agreement"),
    blob("statement_digest"),
    small("count"),
    small("accepted"),
    number("received_at"),
    blob("envelope"),
    blob("payload"),
    blob("receipt"),
    number("log_index"),
    Column("forwarded", Boolean, nullable=False),
    Column("restated", Boolean, nullable=False, server_default=true()),
)
is_unrestated = inbound.c.restated.is_(false())
Index("ix_inbound_unrestated", inbound.c.id, sqlite_where=is_unrestated, postgresql_where=is_unrestated)
is_unforwarded = inbound.c.forwarded.is_(false())
Index("ix_inbound_unforwarded", inbound.c.id, sqlite_where=is_unforwarded, postgresql_where=is_unforwarded)
Index(None, inbound.c.partner, inbound.c.batch_id, unique=True)
Index(None, inbound.c.channel, inbound.c.sequence, unique=True)

inbound_record = Table(
    "inbound_record",
    metadata,
    key(),
    parent("inbound", "inbound.id"),
    small("position"),
    text("tracking_number"),
    text("reference"),
    small("version"),
    text("state"),
)
Index(None, inbound_record.c.inbound)
Index(None, inbound_record.c.tracking_number)

refusal = Table(
    "refusal",
    metadata,
    key(),
    text("partner"),
    text("channel"),
    number("received_at"),
    text("codes"),
    blob("envelope"),
    blob("receipt"),
    number("log_index"),
)

log = Table(
    "log",
    metadata,
    Column("name", Text, primary_key=True),
    number("size"),
    blob("frontier"),
    blob("checkpoint"),
)

log_entry = Table(
    "log_entry",
    metadata,
    Column("log", Text, ForeignKey("log.name"), primary_key=True),
    Column("index", BigInteger, primary_key=True, autoincrement=False),
    text("event"),
    text("subject"),
    blob("leaf"),
    blob("salt"),
    number("created_at"),
    sqlite_with_rowid=False,
)

log_hash = Table(
    "log_hash",
    metadata,
    Column("log", Text, ForeignKey("log.name"), primary_key=True),
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("index", BigInteger, primary_key=True, autoincrement=False),
    blob("hash"),
    sqlite_with_rowid=False,
)

seen_checkpoint = Table(
    "seen_checkpoint",
    metadata,
    Column("partner", Text, primary_key=True),
    text("origin"),
    number("size"),
    blob("root"),
    number("seen_at"),
)

witnessed = Table(
    "witnessed",
    metadata,
    Column("log", Text, primary_key=True),
    text("partner"),
    number("size"),
    blob("root"),
    blob("note"),
    number("cosigned_at"),
)

cosigned = Table(
    "cosigned",
    metadata,
    Column("log", Text, primary_key=True),
    Column("witness", Text, primary_key=True),
    number("size"),
    blob("note"),
    number("cosigned_at"),
)

conflict = Table(
    "conflict",
    metadata,
    key(),
    text("partner"),
    text("log"),
    text("code"),
    number("found_at"),
    blob("first"),
    blob("second"),
    number("claimed_size"),
    blob("claimed_root"),
    number("settled_at"),
)

erasure = Table(
    "erasure",
    metadata,
    key(),
    text("notice_id"),
    text("partner"),
    text("direction"),
    text("state"),
    small("records"),
    text("reason"),
    number("created_at"),
    blob("notice"),
    blob("answer"),
    number("answered_at"),
    number("log_index"),
)
is_pending = is_state(erasure, "pending")
Index(None, erasure.c.partner, erasure.c.notice_id, unique=True)
Index("ix_erasure_pending", erasure.c.id, sqlite_where=is_pending, postgresql_where=is_pending)

decision = Table(
    "decision",
    metadata,
    key(),
    text("partner"),
    number("made_at"),
    blob("statement"),
    number("log_index"),
)

counter = Table(
    "counter",
    metadata,
    Column("name", Text, primary_key=True),
    number("value"),
)
