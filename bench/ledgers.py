# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What the two stores say, read beside the running nodes with plain read-only SQLite.

Readers of a database in WAL mode do not stop its writer. Polling looks at `PRAGMA data_version`, which costs
microseconds, and asks a question only after a commit of somebody else.
"""

import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Self, TypeVar

T = TypeVar("T")
PATIENCE = 120.0  # seconds

_CONFIRMED = "select value from counter where name = 'batch_records.accepted'"
_RECEIPTED = "select id, state from batch where id > ? order by id"
_ACCEPTED = """
    select i.tracking_number from item i join share s on s.item = i.id
    where s.state = 'accepted' order by i.id limit ?
"""
_BATCH_OF_ITEMS = """
    select c.message_row, s.batch
    from contribution c
    join item i on c.join_key = 'trk:' || i.tracking_number
    join share s on s.item = i.id
    where c.kind = 'list' and c.message_row >= ?
"""

_RECEIPT_OF_ITEMS = """
    select c.message_row, b.receipted_at
    from contribution c
    join item i on c.join_key = 'trk:' || i.tracking_number
    join share s on s.item = i.id
    join batch b on b.id = s.batch
    where c.kind = 'list' and c.message_row >= ? and b.state = 'receipted'
"""


class Ledger:
    """A reader of one node's store; belongs to one thread."""

    def __init__(self, folder: Path, stop: threading.Event | None = None) -> None:
        """Open the store in a node folder; `stop` ends what follows receipts before its time."""
        self._stop = stop or threading.Event()
        path = folder / "data" / "gateway.sqlite"
        self._connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)
        self.size_files = (path, path.with_name(path.name + "-wal"))

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def confirmed(self) -> int:
        """Return how many records of ours verified receipts of the partner confirm."""
        found = self._connection.execute(_CONFIRMED).fetchone()
        return int(found[0]) if found else 0

    def newest_batch(self) -> int:
        """Return the id of the newest batch, 0 if there is none."""
        return int(self._connection.execute("select coalesce(max(id), 0) from batch").fetchone()[0])

    def wait_confirmed(self, count: int) -> float:
        """Return the moment (seconds since 1970) at which so many records were seen confirmed.

        Raises:
            TimeoutError: it did not come to that.
        """
        return self.follow(lambda: time.time() if self.confirmed() >= count else None, PATIENCE, 0.01)

    def follow_receipts(self, after: int, records: int) -> dict[int, float]:
        """Return when the receipt of each batch above an id was seen committed, by batch id.

        Ends when `records` are confirmed; `TimeoutError` if that never comes.
        """
        settled: dict[int, float] = {}
        cursor = after

        def look() -> dict[int, float] | None:
            nonlocal cursor
            now = time.time()
            for key, state in self._connection.execute(_RECEIPTED, (cursor,)).fetchall():
                if state != "receipted":
                    break
                settled[key] = now
                cursor = key
            done = self.confirmed() >= records or self._stop.is_set()
            return settled if done else None

        return self.follow(look, PATIENCE, 0.002)

    def batches_of_messages(self, first: int) -> list[tuple[int, int]]:
        """Return (message, batch) of every listed item of the messages from an id on."""
        return [
            (int(message), int(batch))
            for message, batch in self._connection.execute(_BATCH_OF_ITEMS, (first,))
        ]

    def receipts_of_messages(self, first: int) -> list[tuple[int, float]]:
        """Return (message, receipt in seconds since 1970) of every confirmed item from a message on."""
        return [
            (int(message), at / 1000) for message, at in self._connection.execute(_RECEIPT_OF_ITEMS, (first,))
        ]

    def log_sizes(self) -> dict[str, int]:
        """Return the number of entries about batches and receipts in each audit log that has any."""
        events = "('sent', 'received', 'receipt-sent', 'receipt-received')"
        return dict(
            self._connection.execute(
                f"select log, count(*) from log_entry where event in {events} group by log"
            )
        )

    def accepted(self, count: int) -> list[str]:
        """Return the tracking numbers of some items whose records the partner has accepted."""
        rows = self._connection.execute(_ACCEPTED, (count,)).fetchall()
        return [str(one) for (one,) in rows]

    def batch_counts(self) -> tuple[int, int]:
        """Return how many batches went out and how many came in."""
        query = "select (select count(*) from batch), (select count(*) from inbound)"
        sent, received = self._connection.execute(query).fetchone()
        return int(sent), int(received)

    def megabytes(self) -> float:
        """Return the size of the database and its log on disk."""
        return sum(one.stat().st_size for one in self.size_files if one.exists()) / 1e6

    def follow(self, look: Callable[[], T | None], seconds: float, pause: float) -> T:
        """Ask after every commit until there is an answer."""
        end = time.monotonic() + seconds
        version = -1
        while time.monotonic() < end:
            current = self._connection.execute("pragma data_version").fetchone()[0]
            if current != version or self._stop.is_set():
                version = current
                answer = look()
                if answer is not None:
                    return answer
            time.sleep(pause)
        raise TimeoutError(f"receipts did not all come within {seconds:.0f} s; confirmed {self.confirmed()}")


class Watcher:
    """Follows receipts in a thread of its own while the submitter runs."""

    def __init__(self, folder: Path, after: int, records: int) -> None:
        """Prepare to follow the batches of a node above an id until so many records are confirmed."""
        self._stop = threading.Event()
        self._pool = ThreadPoolExecutor(1)
        self._future = self._pool.submit(self._run, folder, after, records)

    def __enter__(self) -> Self:
        """Watch from here on."""
        return self

    def __exit__(self, *_: object) -> None:
        """Give up if it is not done."""
        self._stop.set()
        self._pool.shutdown()

    def result(self) -> dict[int, float]:
        """Wait for all receipts."""
        return self._future.result()

    def _run(self, folder: Path, after: int, records: int) -> dict[int, float]:
        """Follow with a connection of this thread."""
        ledger = Ledger(folder, self._stop)
        try:
            return ledger.follow_receipts(after, records)
        finally:
            ledger.close()
