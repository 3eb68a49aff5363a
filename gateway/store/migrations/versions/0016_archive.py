# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Closed days in the archive."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def _key() -> "sa.Column[int]":
    """Return a column of keys."""
    kind = sa.BigInteger().with_variant(sa.INTEGER(), "sqlite")
    return sa.Column("id", kind, autoincrement=False, nullable=False)


def _texts(*names: str) -> "list[sa.Column[str]]":
    """Return columns of text."""
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _numbers(*names: str) -> "list[sa.Column[int]]":
    """Return columns of large integers."""
    return [sa.Column(name, sa.BigInteger(), nullable=False) for name in names]


def upgrade() -> None:
    """Go to this version."""
    op.create_table(
        "archive_manifest",
        _key(),
        *_texts("day"),
        sa.Column("revision", sa.Integer(), nullable=False),
        *_texts("state"),
        *_numbers("created_at", "rows"),
        *_texts("partner"),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        *_numbers("log_index"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_archive_manifest")),
    )
    op.create_index(
        op.f("ix_archive_manifest_day_revision"), "archive_manifest", ["day", "revision"], unique=True
    )
    op.create_table(
        "archive_part",
        _key(),
        *_texts("day", "table", "file"),
        *_numbers("first", "last", "rows"),
        *_texts("rows_digest", "sha256"),
        *_numbers("bytes"),
        *_texts("state"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_archive_part")),
    )
    op.create_index(op.f("ix_archive_part_day"), "archive_part", ["day"])
    op.create_index(op.f("ix_return_account_item"), "return_account", ["item"])
    op.create_table(
        "archive_taken",
        *_texts("table"),
        _key(),
        *_texts("day"),
        sa.PrimaryKeyConstraint("table", "id", name=op.f("pk_archive_taken")),
    )
    op.create_index(op.f("ix_archive_taken_day"), "archive_taken", ["day"])


def downgrade() -> None:
    """Go back to the version before."""
    op.drop_index(op.f("ix_return_account_item"), "return_account")
    op.drop_table("archive_taken")
    op.drop_table("archive_part")
    op.drop_table("archive_manifest")
