# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Questions between partners, and items by the numbers that are asked for."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this version; items made before it are not found by UCR or MRN until they change."""
    for name in ("ucr", "mrn"):
        op.add_column("item", sa.Column(name, sa.Text(), nullable=False, server_default=""))
        filled = sa.text(f"{name} != ''")
        op.create_index(op.f(f"ix_item_{name}"), "item", [name], sqlite_where=filled, postgresql_where=filled)
    op.create_table(
        "inquiry",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.INTEGER(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("query_id", sa.Text(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("agreement", sa.Text(), nullable=False),
        sa.Column("keys", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("query", sa.LargeBinary(), nullable=False),
        sa.Column("log_index", sa.BigInteger(), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.Column("answered_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inquiry")),
    )
    op.create_index(op.f("ix_inquiry_partner_query_id"), "inquiry", ["partner", "query_id"], unique=True)
    op.create_index(
        op.f("ix_inquiry_partner_agreement_created_at"), "inquiry", ["partner", "agreement", "created_at"]
    )


def downgrade() -> None:
    """Go back to the version before."""
    op.drop_table("inquiry")
    for name in ("ucr", "mrn"):
        op.drop_index(f"ix_item_{name}", "item")
        op.drop_column("item", name)
