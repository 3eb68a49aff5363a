# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Cells of statistics by a country, office or chapter alone, of all modes and directions together."""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None
CONTRACTS = True
"""A program before it counts without these cells, and they would fall behind."""

_CUBES = "('country', 'office', 'chapter')"
_NUMBERS = ("items", "units", "parts", "weighed", "mass")


def upgrade() -> None:
    """Go to this version."""
    sums = ", ".join(f"sum({name})" for name in _NUMBERS)
    op.execute(
        f"INSERT INTO rollup (cube, period, direction, mode, member, currency, {', '.join(_NUMBERS)})"  # noqa: S608  # constants
        f" SELECT cube || ' alone', period, '', '', member, currency, {sums} FROM rollup"
        f" WHERE cube IN {_CUBES} GROUP BY cube, period, member, currency"
    )


def downgrade() -> None:
    """Go back to the version before."""
    op.execute("DELETE FROM rollup WHERE cube LIKE '% alone'")
