# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What other nodes committed, told by PostgreSQL at once (LISTEN); else loops find out by their timers."""

import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sqlalchemy import URL, Connection

CHANNEL = "ead_gateway"
LARGEST = 7000  # bytes; the server takes fewer than 8000
POLL_SECONDS = 0.5


def tell(connection: Connection, names: Iterable[str]) -> None:
    """Tell all nodes of names when this transaction is committed; of all, if they are too many to name."""
    said = "\n".join(sorted(names))
    connection.exec_driver_sql(
        "SELECT pg_notify(%s, %s)", (CHANNEL, said if len(said.encode()) <= LARGEST else "")
    )


class Listener:
    """A thread that hears what is told, and listens again after a lost connection."""

    def __init__(self, url: URL, heard: Callable[[Sequence[str]], None]) -> None:
        """Start; `heard` is called in the thread with names, without any if all may be meant."""
        self._address = url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._heard = heard
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="store-listener", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the thread; safe to repeat."""
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        import psycopg  # noqa: PLC0415  # an extra

        while not self._ended.is_set():
            try:
                with psycopg.connect(
                    self._address, autocommit=True, connect_timeout=5, application_name="ead-gateway listener"
                ) as connection:
                    self._listen(connection)
            except psycopg.Error:
                self._ended.wait(POLL_SECONDS)

    def _listen(self, connection: Any) -> None:
        """Hear until the end or an error."""
        connection.execute(f"LISTEN {CHANNEL}")
        self._heard(())  # whatever was told before, nobody heard it here
        while not self._ended.is_set():
            for one in connection.notifies(timeout=POLL_SECONDS):
                self._heard(one.payload.split("\n") if one.payload else ())
