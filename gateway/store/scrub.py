# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Remove from the files of a database what was overwritten or deleted in its tables.

A change leaves old bytes in free space of pages and in the write-ahead log. SQLite: VACUUM writes every page
anew, then the log is moved into the file and cut to nothing (https://www.sqlite.org/lang_vacuum.html,
https://www.sqlite.org/pragma.html#pragma_wal_checkpoint). It takes the time of copying the database, during
which others wait to write. PostgreSQL: VACUUM FULL of the tables that hold such values.
"""

import sqlite3
from contextlib import closing

from gateway.store.control_schema import consolidation, control_result, recognition
from gateway.store.dialect import make_engine, parse_url
from gateway.store.errors import StoreBusy
from gateway.store.postal_schema import movement, referral
from gateway.store.query_schema import inquiry
from gateway.store.schema import batch, contribution, inbound, inbound_record, item, message

_TABLES = (
    message,
    contribution,
    item,
    batch,
    inbound,
    inbound_record,
    control_result,
    consolidation,
    recognition,
    movement,
    referral,
    inquiry,
)


def scrub(url: str, *, busy_seconds: float = 60.0) -> None:
    """Write the database anew without what is no longer in its tables.

    Raises:
        ConfigError: the address is wrong.
        StoreBusy: another process used the database all the time; nothing is wrong, try again.
    """
    parts = parse_url(url)
    if parts.get_backend_name() != "sqlite":
        engine = make_engine(parts, writes=True, busy_seconds=busy_seconds)
        try:
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                for table in _TABLES:
                    connection.exec_driver_sql(f"VACUUM FULL {table.name}")
        finally:
            engine.dispose()
        return
    with closing(
        sqlite3.connect(str(parts.database), timeout=busy_seconds, isolation_level=None)
    ) as connection:
        connection.execute("PRAGMA secure_delete = ON")
        try:
            connection.execute("VACUUM")
            busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.OperationalError as error:
            raise StoreBusy("another process uses the database") from error
        if busy:
            raise StoreBusy("another process reads the database, so its log could not be emptied")
