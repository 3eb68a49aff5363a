# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Indexes for the lists of operators, and received records counted by channel."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_INDEXES = (
    ("ix_share_waiting_group", "share", ["channel", "missing", "id"], "state = 'waiting'"),
    ("ix_share_rejected", "share", ["channel", "id"], "state = 'rejected'"),
    ("ix_message_refused", "message", ["id"], "outcome = 'refused'"),
    (
        "ix_movement_receptacle_tracking_number",
        "movement",
        ["receptacle", "tracking_number"],
        "receptacle != ''",
    ),
)


def upgrade() -> None:
    """Go to this version; a program before it goes on counting without channels, which sums bear."""
    for name, table, columns, words in _INDEXES:
        op.create_index(name, table, columns, sqlite_where=sa.text(words), postgresql_where=sa.text(words))
    op.execute("DELETE FROM counter WHERE name LIKE 'inbound_records.%'")
    op.execute(
        "INSERT INTO counter (name, value)"
        " SELECT 'inbound_records.' || inbound_record.state || ':' || inbound.channel, count(*)"
        " FROM inbound_record JOIN inbound ON inbound.id = inbound_record.inbound"
        " GROUP BY inbound_record.state, inbound.channel"
    )


def downgrade() -> None:
    """Go back to the version before; its sums bear the names with channels."""
    for name, table, _, _ in _INDEXES:
        op.drop_index(name, table)
