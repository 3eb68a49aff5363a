# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Bring a database to the tables of this version, with the alembic migrations inside the package.

So that nodes of two versions can share a database while they are exchanged one by one:

1. A migration adds (tables, columns with a default, indexes): the program before it goes on as it was.
2. A migration that takes away says `CONTRACTS = True`. It waits until no node lives that does not know it;
   the program that brings it must work before and after it.
3. The database remembers the oldest version whose program may use it, for programs older than its tables.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, column, inspect, select, table, text
from sqlalchemy.exc import DBAPIError

from gateway.errors import ConfigError
from gateway.store.dialect import make_engine, parse_url, prepare_place
from gateway.store.errors import translate

# The newest migration; known here so that opening a store that is up to date need not load alembic.
NEWEST = "0019"
# The newest one that this program cannot do without.
NEEDED = "0019"
ALIVE_SECONDS = 60

_VERSION = table("alembic_version", column("version_num"))
_RANGE = table("schema_range", column("oldest"))
_CLOCKS = {
    "postgresql": "extract(epoch FROM clock_timestamp()) * 1000",
    "sqlite": "strftime('%s', 'now') * 1000",
}


def migrate(url: str) -> None:
    """Make the database if it does not exist, and run every migration that it lacks.

    Several processes may do so at once: one does, the others wait for it.

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
    """Run every migration that the database lacks, in one transaction, as far as other nodes let us.

    Raises:
        ConfigError: nodes that live are too old for what this program needs.
    """
    from alembic import command  # noqa: PLC0415  # 0.2 s that only a migration should cost
    from alembic.config import Config  # noqa: PLC0415  # as above
    from alembic.script import ScriptDirectory  # noqa: PLC0415  # as above

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    scripts = ScriptDirectory.from_config(config)
    with engine.begin() as connection:
        version = _version(connection)
        lacking = [one for one in reversed(list(scripts.walk_revisions())) if one.revision > version]
        last, oldest = _reachable(connection, lacking)
        if last is None:
            return
        if last < NEEDED:
            raise ConfigError(f"nodes that run know only version {last} of the database; stop them first")
        config.attributes["connection"] = connection
        command.upgrade(config, last)
        if oldest:
            connection.execute(_RANGE.update().values(oldest=oldest))


def _reachable(connection: Connection, lacking: Iterable[Any]) -> tuple[str | None, str]:
    """Return the last migration that may run now, and the last among them that takes away."""
    last, oldest = None, ""
    for one in lacking:
        if getattr(one.module, "CONTRACTS", False):
            if _living_below(connection, one.revision):
                break
            oldest = one.revision
        last = one.revision
    return last, oldest


def _living_below(connection: Connection, version: str) -> bool:
    """Say whether a node lives that does not know a version."""
    if not inspect(connection).has_table("node"):
        return False
    clock = _CLOCKS[connection.dialect.name]
    words = text(
        f"SELECT count(*) FROM node WHERE serves AND schema < :version"  # noqa: S608  # the clock is a constant
        f" AND seen_at > {clock} - {ALIVE_SECONDS * 1000}"
    )
    return bool(connection.execute(words, {"version": version}).scalar_one())


def check_version(engine: Engine) -> None:
    """Refuse a database that this program cannot use as it is.

    Raises:
        ConfigError: it lacks tables, or its tables are too new.
    """
    with engine.connect() as connection:
        version = _version(connection)
        known = inspect(connection).has_table("schema_range")
        oldest = connection.execute(select(_RANGE.c.oldest)).scalar_one() if known else version
    if version < NEEDED or (version > NEWEST and oldest > NEWEST):
        raise ConfigError(f"the database has version {version or 'none'}, this program needs {NEWEST}")


def database_version(url: str) -> str:
    """Return the newest migration that a database has had, empty if none; nothing is made or changed.

    Raises:
        ConfigError: the address is wrong, or there is no such file.
        StoreError: the database does not answer, or is none.
    """
    parts = parse_url(url)
    prepare_place(parts, create=False)
    engine = make_engine(parts, writes=False, busy_seconds=5)
    try:
        return stored_version(engine)
    except DBAPIError as error:
        raise translate(error) from None
    finally:
        engine.dispose()


def stored_version(engine: Engine) -> str:
    """Return the newest migration that the database has had, empty if none."""
    with engine.connect() as connection:
        return _version(connection)


def _version(connection: Connection) -> str:
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return str(connection.execute(select(_VERSION.c.version_num)).scalar_one_or_none() or "")
