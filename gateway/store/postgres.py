# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What only PostgreSQL needs: its connections, the one writer, bulk rows, and text that it cannot hold.

1. One group commit at a time, among all nodes: each begins by taking one advisory lock, which ends with it.
   So a step sees what every step before it did, on any node, exactly as on SQLite.
2. A group whose process stands still is ended by the server after `idle_seconds`, and its lock with it.
3. A connection that is lost is made again before the next group; of the group that lost it nothing counts.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import URL, Boolean, Connection, Engine, Integer, LargeBinary, Table, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry

from gateway.errors import ConfigError
from gateway.store.driver import driver_of, run

IDLE_SECONDS = 10.0
READ_IDLE_SECONDS = 600.0  # a reader holds nobody up, but old rows cannot be cleared away
CONNECT_SECONDS = 5
SILENT_MILLISECONDS = 10_000  # how long the other side may leave what was sent unacknowledged
COPY_ROWS = 8  # fewer rows go faster as statements
WRITER_LOCK = 0x6561_6467_7772_6974  # any number that no other program of the database uses
_NOTHING = "\N{SYMBOL FOR NULL}"


def make_engine(
    url: URL, *, writes: bool, busy_seconds: float, idle_seconds: float = IDLE_SECONDS, turn: bool = True
) -> Engine:
    """Return an engine with one connection, for one thread; without `turn` it does not wait for its turn."""
    engine = create_engine(
        url,
        hide_parameters=True,
        pool_size=1,
        max_overflow=0,
        paramstyle="format",
        isolation_level="READ COMMITTED" if writes else "REPEATABLE READ",
        connect_args=connect_args(busy_seconds, idle_seconds=idle_seconds, writes=writes),
    )
    event.listen(engine, "connect", _settle)
    event.listen(engine, "begin", _take_turn if writes and turn else _look)
    return engine


def connect_args(busy_seconds: float, *, idle_seconds: float, writes: bool) -> dict[str, Any]:
    """Return the settings of a session: how long it waits, and how soon either side finds the other gone."""
    idle = idle_seconds if writes else READ_IDLE_SECONDS
    return {
        "application_name": "ead-gateway",
        "client_encoding": "utf8",
        "connect_timeout": CONNECT_SECONDS,
        "keepalives_idle": CONNECT_SECONDS,
        "keepalives_interval": 2,
        "keepalives_count": 3,
        "tcp_user_timeout": SILENT_MILLISECONDS,
        "options": f"-c lock_timeout={int(busy_seconds * 1000)}"
        f" -c idle_in_transaction_session_timeout={int(idle * 1000)}"
        " -c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3"
        f" -c default_transaction_read_only={'off' if writes else 'on'}",
    }


def _settle(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    """Refuse a database of another encoding, and fit the types of values to those of SQLite."""
    from psycopg.adapt import Loader  # noqa: PLC0415  # psycopg is an extra
    from psycopg.types.string import StrBinaryDumper, StrDumper  # noqa: PLC0415  # the same

    class Text(StrDumper):
        """Text without the one character that PostgreSQL does not take; verbatim bytes are not text."""

        def dump(self, obj: str) -> Any:
            return super().dump(obj.replace("\0", _NOTHING) if "\0" in obj else obj)

    class Copied(StrBinaryDumper):
        """The same for bulk rows."""

        def dump(self, obj: str) -> Any:
            return super().dump(obj.replace("\0", _NOTHING) if "\0" in obj else obj)

    class Whole(Loader):
        """Sums of whole numbers, which the server calls numeric."""

        def load(self, data: Any) -> int:
            return int(bytes(data))

    driver: Any = connection
    encoding = driver.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise ConfigError(f"the encoding of the database must be UTF8, it is {encoding}")
    driver.adapters.register_dumper(str, Copied)
    driver.adapters.register_dumper(str, Text)
    driver.adapters.register_loader("numeric", Whole)


def _take_turn(connection: Connection) -> None:
    """Wait until no other node writes."""
    run(connection, f"SELECT pg_advisory_xact_lock({WRITER_LOCK})")


def _look(connection: Connection) -> None:
    """Find out before the first query that the connection is gone."""
    run(connection, "SELECT 1")


def is_lost(error: DBAPIError) -> bool:
    """Say whether the database could not be reached, or the connection to it is gone."""
    cause = error.orig
    if cause is None or not type(cause).__module__.startswith("psycopg"):
        return False
    state = getattr(cause, "sqlstate", None) or ""
    # No state: the driver itself did not get a session.
    # 57P: the server begins or ends. 25P03: it ended this session. 53300: it takes no more of them.
    unreached = type(cause).__name__ == "OperationalError" and not state
    return error.connection_invalidated or unreached or state.startswith(("08", "57P", "25P03", "53300"))


def copy_text(table: Table) -> str:
    """Return the command that takes whole rows of a table."""
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    return f'COPY "{table.name}" ({names}) FROM STDIN (FORMAT BINARY)'


def copy_types(table: Table) -> tuple[str, ...]:
    """Return the types of the columns, which binary rows must have exactly."""
    return tuple(_type_name(column.type) for column in table.columns)


def _type_name(kind: object) -> str:
    if isinstance(kind, Boolean):
        return "bool"
    if isinstance(kind, LargeBinary):
        return "bytea"
    if isinstance(kind, Integer):
        return "int8" if kind.__class__.__name__ in {"BigInteger", "BIGINT"} else "int4"
    return "text"


def copy_rows(
    connection: Connection, command: str, types: Sequence[str], rows: Sequence[Sequence[Any]]
) -> None:
    """Insert whole rows in bulk.

    Raises:
        DBAPIError: the database refuses one, so it has none.
    """
    with driver_of(connection, command) as driver, driver.cursor() as cursor, cursor.copy(command) as copy:
        copy.set_types(types)
        for row in rows:
            copy.write_row(row)
