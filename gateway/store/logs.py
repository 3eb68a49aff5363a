# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The audit logs: right edge, entries, and hashes of complete subtrees (RFC 9162, section 2.1).

A log only grows. The new right edge replaces the stored one only if the stored one is what the new one was
made from; otherwise nothing of the work is kept.
"""

from collections.abc import Sequence

import msgspec
from sqlalchemy import bindparam, insert, select, update

from gateway.exchange.rows import LogEntryRow, LogState, SeenRow
from gateway.store import form
from gateway.store.dialect import upsert
from gateway.store.errors import StoreConflict
from gateway.store.schema import log, log_entry, log_hash, seen_checkpoint
from gateway.store.session import Session
from gateway.store.statement import Statement

_STATE = Statement(lambda _: select(log).where(log.c.name == bindparam("key")))
_LOCKED_STATE = Statement(lambda _: select(log).where(log.c.name == bindparam("key")).with_for_update())
_STATES = Statement(lambda _: select(log).order_by(log.c.name))
_ADD = Statement(lambda _: insert(log))
_GROW = Statement(
    lambda _: (
        update(log)
        .where(log.c.name == bindparam("key"), log.c.size == bindparam("expected"))
        .values(
            size=bindparam("new_size"),
            frontier=bindparam("new_frontier"),
            checkpoint=bindparam("new_checkpoint"),
        )
    )
)
_ADD_ENTRIES = Statement(lambda _: insert(log_entry))
_ADD_HASHES = Statement(lambda _: insert(log_hash))
_HASH = Statement(
    lambda _: select(log_hash.c.hash).where(
        log_hash.c.log == bindparam("name"),
        log_hash.c.level == bindparam("level"),
        log_hash.c.index == bindparam("index"),
    )
)
_ENTRIES = Statement(
    lambda _: (
        select(log_entry)
        .where(
            log_entry.c.log == bindparam("name"),
            log_entry.c.index >= bindparam("start"),
            log_entry.c.index < bindparam("end"),
        )
        .order_by(log_entry.c.index)
    )
)

_SEEN = Statement(lambda _: select(seen_checkpoint).where(seen_checkpoint.c.partner == bindparam("key")))
_PUT_SEEN = Statement(lambda backend: upsert(seen_checkpoint, backend))


class Logs(Session):
    """The part of a transaction about audit logs."""

    def log_state(self, name: str) -> LogState:
        """Return the state of a log, an empty one if it does not exist; locks it for writing."""
        found = self._row(_LOCKED_STATE if self._writes else _STATE, key=name)
        return LogState(name=name, size=0, frontier=()) if found is None else form.log_state(found)

    def log_states(self) -> list[LogState]:
        """Return the state of every log, by name."""
        return [form.log_state(one) for one in self._rows(_STATES)]

    def append_log(
        self, state: LogState, entries: Sequence[LogEntryRow], hashes: Sequence[tuple[int, int, bytes]]
    ) -> None:
        """Store entries, the new complete subtree hashes (level, index, hash) and the new state.

        Raises:
            StoreConflict: the log has another size than `state` less the entries, or an entry has another
                place than the next one.
        """
        expected = state.size - len(entries)
        places = [(entry.log, entry.index) for entry in entries]
        if places != [(state.name, index) for index in range(expected, state.size)]:
            raise StoreConflict(f"log {state.name}: the entries do not continue the log at {expected}")
        name, size, frontier, checkpoint = form.log_values(state)
        grown = self._change(
            _GROW,
            key=name,
            expected=expected,
            new_size=size,
            new_frontier=frontier,
            new_checkpoint=checkpoint,
        )
        if not grown:
            if expected or self._row(_STATE, key=name) is not None:
                raise StoreConflict(f"log {name} does not have the size {expected}")
            self._change_many(_ADD, [(name, size, frontier, checkpoint)])
        self._change_many(_ADD_ENTRIES, [msgspec.structs.astuple(entry) for entry in entries])
        self._change_many(_ADD_HASHES, [(name, *one) for one in hashes])

    def log_hash(self, name: str, level: int, index: int) -> bytes:
        """Return the hash of a complete subtree of 2**level leaves.

        Raises:
            KeyError: there is no such subtree.
        """
        found = self._row(_HASH, name=name, level=level, index=index)
        if found is None:
            raise KeyError((name, level, index))
        value: bytes = found[0]
        return value

    def log_entries(self, name: str, start: int, end: int) -> list[LogEntryRow]:
        """Return the entries with start <= index < end, in order."""
        return [form.log_entry_row(one) for one in self._rows(_ENTRIES, name=name, start=start, end=end)]

    def seen_checkpoint(self, partner: str) -> SeenRow | None:
        """Return the last checkpoint that was seen of a partner's log."""
        found = self._row(_SEEN, key=partner)
        return None if found is None else form.seen_row(found)

    def put_seen_checkpoint(self, row: SeenRow) -> None:
        """Insert or replace the last checkpoint seen of a partner."""
        self._change_many(_PUT_SEEN, [msgspec.structs.astuple(row)])
