# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Which programs may use the database."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this version; programs before it look for their own version and nothing else."""
    made = op.create_table(
        "schema_range",
        sa.Column("oldest", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("oldest", name=op.f("pk_schema_range")),
    )
    op.bulk_insert(made, [{"oldest": revision}])


def downgrade() -> None:
    """Go back to the version before."""
    op.drop_table("schema_range")
