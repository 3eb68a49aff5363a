# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Records that are not items, referrals, movements, and which received batches are our own records now."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this version; batches received before it are not looked at again."""
    op.add_column("item", sa.Column("record", sa.Text(), nullable=False, server_default="item"))
    op.add_column("inbound", sa.Column("restated", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.create_index(
        "ix_inbound_unrestated",
        "inbound",
        ["id"],
        sqlite_where=sa.text("restated IS 0"),
        postgresql_where=sa.text("restated IS false"),
    )
    op.create_table(
        "referral",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.INTEGER(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("tracking_number", sa.Text(), nullable=False),
        sa.Column("posting_date", sa.Text(), nullable=False),
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("referral", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("raised_at", sa.BigInteger(), nullable=False),
        sa.Column("answer_by", sa.BigInteger(), nullable=False),
        sa.Column("answered_at", sa.BigInteger(), nullable=False),
        sa.Column("settled_at", sa.BigInteger(), nullable=False),
        sa.Column("escalated_at", sa.BigInteger(), nullable=False),
        sa.Column("loaded_at", sa.BigInteger(), nullable=False),
        sa.Column("answers", sa.Integer(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral")),
    )
    op.create_index(op.f("ix_referral_tracking_number"), "referral", ["tracking_number"])
    op.create_index(op.f("ix_referral_state_id"), "referral", ["state", "id"])
    is_open = sa.text("state = 'open'")
    op.create_index(
        "ix_referral_open", "referral", ["answer_by"], sqlite_where=is_open, postgresql_where=is_open
    )

    op.create_index(op.f("ix_message_message_id"), "message", ["message_id"])
    op.create_table(
        "movement",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.INTEGER(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("record", sa.BigInteger(), nullable=False),
        sa.Column("tracking_number", sa.Text(), nullable=False),
        sa.Column("posting_date", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("receptacle", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_movement")),
    )
    op.create_index(op.f("ix_movement_tracking_number"), "movement", ["tracking_number"])
    op.create_index(op.f("ix_movement_record"), "movement", ["record"])


def downgrade() -> None:
    """Go back to the version before."""
    op.drop_table("movement")
    op.drop_index("ix_message_message_id", "message")
    op.drop_table("referral")
    op.drop_index("ix_inbound_unrestated", "inbound")
    op.drop_column("inbound", "restated")
    op.drop_column("item", "record")
