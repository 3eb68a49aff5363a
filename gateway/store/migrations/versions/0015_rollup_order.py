# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Cells of statistics in the order in which they are added up."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_TEXTS = ("direction", "mode", "member", "currency")
_NUMBERS = ("items", "units", "parts", "weighed", "mass")


def upgrade() -> None:
    """Go to this version; the program before it works with either order."""
    _order("cube", "period", "member", "currency", "mode", "direction")


def downgrade() -> None:
    """Go back to the version before."""
    _order("cube", "period", "direction", "mode", "member", "currency")


def _order(*key: str) -> None:
    """Put the rows into the order of a key."""
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f("pk_rollup"), "rollup")
        op.create_primary_key(op.f("pk_rollup"), "rollup", list(key))
        return
    op.rename_table("rollup", "rollup_before")
    op.create_table(
        "rollup",
        sa.Column("cube", sa.Text(), nullable=False),
        sa.Column("period", sa.BigInteger(), autoincrement=False, nullable=False),
        *[sa.Column(name, sa.Text(), nullable=False) for name in _TEXTS],
        *[sa.Column(name, sa.BigInteger(), nullable=False) for name in _NUMBERS],
        sa.PrimaryKeyConstraint(*key, name=op.f("pk_rollup")),
        sqlite_with_rowid=False,
    )
    columns = ", ".join(("cube", "period", *_TEXTS, *_NUMBERS))
    op.execute(f"INSERT INTO rollup ({columns}) SELECT {columns} FROM rollup_before")  # noqa: S608  # constants
    op.drop_table("rollup_before")
