# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Accounts and cases of returns."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def _key() -> "sa.Column[int]":
    """Return the key of a table."""
    kind = sa.BigInteger().with_variant(sa.INTEGER(), "sqlite")
    return sa.Column("id", kind, autoincrement=False, nullable=False)


def _numbers(*names: str) -> "list[sa.Column[int]]":
    """Return columns of large integers."""
    return [sa.Column(name, sa.BigInteger(), nullable=False) for name in names]


def upgrade() -> None:
    """Go to this version."""
    op.create_table(
        "return_account",
        _key(),
        sa.Column("list_number", sa.Text(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        *_numbers("item"),
        sa.Column("item_version", sa.Integer(), nullable=False),
        *_numbers("quantity", "legal", "second", "drawn_quantity", "drawn_legal", "drawn_second"),
        sa.Column("units", sa.Text(), nullable=False),
        *_numbers("opened_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_account")),
    )
    op.create_index(
        op.f("ix_return_account_list_number_line"), "return_account", ["list_number", "line"], unique=True
    )
    op.create_table(
        "return_case",
        _key(),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("reference", "state", "list_number", "tracking_number", "partner")
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        *_numbers("created_at", "updated_at", "log_index"),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_case")),
    )
    op.create_index(op.f("ix_return_case_reference"), "return_case", ["reference"], unique=True)
    op.create_index(op.f("ix_return_case_state_id"), "return_case", ["state", "id"])
    filled = sa.text("list_number != ''")
    op.create_index(
        op.f("ix_return_case_list_number"),
        "return_case",
        ["list_number"],
        sqlite_where=filled,
        postgresql_where=filled,
    )
    op.create_table(
        "return_cursor",
        sa.Column("channel", sa.Text(), nullable=False),
        *_numbers("sequence"),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_return_cursor")),
    )


def downgrade() -> None:
    """Go back to the version before."""
    op.drop_table("return_cursor")
    op.drop_table("return_case")
    op.drop_table("return_account")
