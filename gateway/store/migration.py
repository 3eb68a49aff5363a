# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Bring a database to the tables of this version, with the alembic migrations inside the package."""

from pathlib import Path

from sqlalchemy import Engine, column, inspect, select, table

from gateway.store.dialect import make_engine, parse_url, prepare_place

# The newest migration; known here so that opening a store that is up to date need not load alembic.
NEWEST = "0003"

_VERSION = table("alembic_version", column("version_num"))


def migrate(url: str) -> None:
    """Make the database if it does not exist, and run every migration that it lacks.

    On SQLite several processes may do so at once. On PostgreSQL one must, before the others start.

    Raises:
        ConfigError: the address is wrong or the place cannot be made.
    """
    parts = parse_url(url)
    prepare_place(parts, create=True)
    engine = make_engine(parts, writes=True, busy_seconds=60)
    try:
        upgrade(engine)
    finally:
        engine.dispose()


def upgrade(engine: Engine) -> None:
    """Run every migration that the database lacks, in one transaction."""
    from alembic import command  # noqa: PLC0415  # 0.2 s that only a migration should cost
    from alembic.config import Config  # noqa: PLC0415  # as above

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def stored_version(engine: Engine) -> str:
    """Return the newest migration that the database has had, empty if none."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return ""
        return str(connection.execute(select(_VERSION.c.version_num)).scalar_one())
