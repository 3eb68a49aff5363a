# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What lets somebody in: keys, kept as digests."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this version."""
    key = sa.BigInteger().with_variant(sa.INTEGER(), "sqlite")
    op.create_table(
        "credential",
        sa.Column("id", key, autoincrement=False, nullable=False),
        *[sa.Column(name, sa.Text(), nullable=False) for name in ("kind", "name", "roles")],
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        *[
            sa.Column(name, sa.BigInteger(), nullable=False)
            for name in ("created_at", "expires_at", "used_at", "ended_at", "log_index")
        ],
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credential")),
    )
    op.create_index(op.f("ix_credential_kind_id"), "credential", ["kind", "id"], unique=True)


def downgrade() -> None:
    """Go back to the version before."""
    op.drop_table("credential")
