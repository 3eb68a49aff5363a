# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Changes of keys that gateways tell each other, and our own rotations."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_OPEN = sa.text("answered_at = 0")


def _key() -> "sa.Column[int]":
    """Return the key of a table."""
    kind = sa.BigInteger().with_variant(sa.INTEGER(), "sqlite")
    return sa.Column("id", kind, autoincrement=False, nullable=False)


def upgrade() -> None:
    """Go to this version."""
    op.create_table(
        "announcement",
        _key(),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("announcement_id", "partner", "direction")),
        sa.Column("serial", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("state", "reason")),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.LargeBinary(), nullable=False) for name in ("announcement", "answer")),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("answered_at", "log_index")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcement")),
    )
    op.create_index(
        op.f("ix_announcement_partner_direction_announcement_id"),
        "announcement",
        ["partner", "direction", "announcement_id"],
        unique=True,
    )
    op.create_index(op.f("ix_announcement_direction_serial"), "announcement", ["direction", "serial"])
    op.create_index(
        "ix_announcement_open", "announcement", ["id"], sqlite_where=_OPEN, postgresql_where=_OPEN
    )
    op.create_table(
        "rotation",
        _key(),
        sa.Column("serial", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("state", "purposes", "keys")),
        *(
            sa.Column(name, sa.BigInteger(), nullable=False)
            for name in ("overlap_ms", "started_at", "switched_at", "retired_at")
        ),
        sa.Column("bundle", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rotation")),
    )


def downgrade() -> None:
    """Go back to the version before."""
    op.drop_table("rotation")
    op.drop_table("announcement")
