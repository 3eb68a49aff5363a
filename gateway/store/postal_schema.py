# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The tables of movements and referrals."""

from sqlalchemy import Index, Table

from gateway.store.columns import is_filled, is_state, key, metadata, number, small, text

movement = Table(
    "movement",
    metadata,
    key(),
    number("record"),
    text("tracking_number"),
    text("posting_date"),
    text("stage"),
    text("receptacle"),
    number("at"),
)
Index(None, movement.c.tracking_number)
Index(None, movement.c.record)
_has_receptacle = is_filled(movement.c.receptacle)
Index(
    None,
    movement.c.receptacle,
    movement.c.tracking_number,
    sqlite_where=_has_receptacle,
    postgresql_where=_has_receptacle,
)

referral = Table(
    "referral",
    metadata,
    key(),
    text("tracking_number"),
    text("posting_date"),
    text("authority"),
    text("referral"),
    text("kind"),
    text("state"),
    number("raised_at"),
    number("answer_by"),
    number("answered_at"),
    number("settled_at"),
    number("escalated_at"),
    number("loaded_at"),
    small("answers"),
    text("partner"),
)
is_open = is_state(referral, "open")
Index(None, referral.c.tracking_number)
Index("ix_referral_open", referral.c.answer_by, sqlite_where=is_open, postgresql_where=is_open)
Index(None, referral.c.state, referral.c.id)
