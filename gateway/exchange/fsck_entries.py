# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Compare the entries of a log with the statements, receipts and notices that are stored for them, both ways.

An entry about a statement must be made anew by its salt and the stored bytes; a stored row must stand in the
log where it says.
"""

import contextlib
from collections import defaultdict
from collections.abc import Sequence

from gateway.audit import checkpoint as checkpoints
from gateway.audit import salted_digest
from gateway.audit.entry import NO_ROOT, SALT_LENGTH, Entry, Event, parse
from gateway.errors import GatewayError, InputError, VerificationError
from gateway.exchange.continuity import root_at
from gateway.exchange.fsck_report import Found
from gateway.exchange.journal import CHECKPOINT
from gateway.exchange.ports import Transaction
from gateway.exchange.rows import LogEntryRow, StatementRow
from gateway.wire.convert import (
    parse_batch_statement,
    parse_receipt_statement,
    parse_webhook_receipt,
    unpack_envelope,
)

KINDS = (
    "batch",
    "inbound",
    "refusal",
    "erasure",
    "inquiry",
    "decision",
    "webhook",
    "announcement",
    "archive",
)
GROUP = 256
_FIRST = {Event.SENT, Event.RECEIVED, Event.REFUSED}
_SECOND = {Event.RECEIPT_SENT, Event.RECEIPT_RECEIVED}


class Entries:
    """The entries of one log, compared chunk by chunk."""

    def __init__(self, tx: Transaction, found: Found) -> None:
        """Take a snapshot; `unkept` counts entries whose statement is not stored by design."""
        self._tx = tx
        self._found = found
        self.unkept = 0

    def check(self, rows: Sequence[LogEntryRow]) -> None:
        """Compare a chunk of entries with what is stored for them."""
        for start in range(0, len(rows), GROUP):
            group = rows[start : start + GROUP]
            subjects = [_subject(row) for row in group]
            wanted: defaultdict[str, set[int]] = defaultdict(set)
            for kind, number in subjects:
                if kind in KINDS:
                    wanted[kind].add(number)
            held = {
                (kind, one.id): one
                for kind, ids in wanted.items()
                for one in self._tx.statements(kind, sorted(ids))
            }
            for row, subject in zip(group, subjects, strict=True):
                self._check(row, subject, held)

    def _check(
        self, row: LogEntryRow, subject: tuple[str, int], held: dict[tuple[str, int], StatementRow]
    ) -> None:
        """Compare one entry; `subject` is what it is about."""
        if row.event == CHECKPOINT:
            self._check_anchor(row)
            return
        kind, number = subject
        try:
            entry = parse(row.leaf)
        except VerificationError:
            self._found.add("AUDIT-FSCK-ENTRY", _where(row), "not an entry")
            return
        if entry.event != row.event or len(row.salt) != SALT_LENGTH:
            self._found.add("AUDIT-FSCK-ENTRY", _where(row), f"event {row.event} or its salt")
            return
        stored = held.get(subject)
        if (entry.event is Event.ACCESS and kind != "decision") or (
            entry.event is Event.KEY_CHANGE
            and kind == "keys"  # its statement is a file, `exchange.key_change`
        ):
            self.unkept += 1
        elif stored is None:
            code = "AUDIT-FSCK-MISSING" if kind in KINDS else "AUDIT-FSCK-ENTRY"
            self._found.add(code, f"{kind}:{number}", f"named by {_where(row)}")
        else:
            self._compare(row, entry, stored)

    def _compare(self, row: LogEntryRow, entry: Entry, stored: StatementRow) -> None:
        """Compare an entry with the row that it is about."""
        kind, number = _subject(row)
        if kind == "inquiry" and not stored.first:  # emptied by an erasure, which is an entry of its own
            self.unkept += 1
            return
        fits = [
            raw for raw in _candidates(entry.event, stored) if salted_digest(row.salt, raw) == entry.digest
        ]
        if not fits:
            if entry.event is Event.RECEIPT_RECEIVED and stored.second_index != row.index:
                self.unkept += 1
            else:
                self._found.add("AUDIT-FSCK-ENTRY", _where(row), f"does not fit {kind}:{number}")
        elif entry.batch_root != _root(kind, entry.event, fits[0]):
            self._found.add("AUDIT-FSCK-ENTRY", _where(row), "names another commitment root")
        elif entry.event in (Event.SENT, Event.RECEIVED) and stored.log_index != row.index:
            self._found.add("AUDIT-FSCK-ROW", f"{kind}:{number}", f"log_index is not {row.index}")

    def _check_anchor(self, row: LogEntryRow) -> None:
        """Compare a checkpoint in the anchor log with the log that it is of."""
        try:
            said = checkpoints.parse(row.leaf)
            same = row.subject == f"log:{said.origin}" and said.root == root_at(
                self._tx, said.origin, said.size
            )
        except (GatewayError, KeyError):
            same = False
        if not same:
            self._found.add("AUDIT-FSCK-ENTRY", _where(row), f"not a state of {row.subject}")


def check_place(tx: Transaction, log: str, kind: str, row: StatementRow, found: Found) -> None:
    """Check that a stored row stands in the log where it says."""
    entries = tx.stored_entries(log, row.log_index, row.log_index + 1)
    if not entries or entries[0].subject != f"{kind}:{row.id}":
        found.add("AUDIT-FSCK-EXTRA", f"{kind}:{row.id}", f"no entry {row.log_index} of {log} is about it")


def _where(row: LogEntryRow) -> str:
    """Return the name of the row of an entry."""
    return f"log_entry:{row.log}#{row.index}"


def _subject(row: LogEntryRow) -> tuple[str, int]:
    """Return kind and id of the row that an entry is about."""
    kind, _, number = row.subject.partition(":")
    return (kind, int(number)) if number.isdecimal() else (kind, -1)


def _candidates(event: Event, stored: StatementRow) -> list[bytes]:
    """Return the stored bytes that an entry of an event can be about: inside of an envelope, or all of it."""
    if event in _FIRST:
        sources = [stored.first]
    else:
        sources = [stored.second] if event in _SECOND else [stored.first, stored.second]
    found = []
    for raw in sources:
        with contextlib.suppress(InputError):
            found.append(unpack_envelope(raw).statement)
        found.append(raw)
    return found


def _root(kind: str, event: Event, statement: bytes) -> bytes:
    """Return the commitment root that an entry about a statement must carry."""
    if kind == "webhook":
        return NO_ROOT
    try:
        if event in (Event.SENT, Event.RECEIVED):
            return parse_batch_statement(statement).commitment_root
        if event is Event.RECEIPT_RECEIVED:
            return _receipt_root(statement) or NO_ROOT
    except InputError:
        return b""
    return NO_ROOT


def _receipt_root(statement: bytes) -> bytes:
    """Return the commitment root in a receipt, or in what stands in its place."""
    try:
        return parse_receipt_statement(statement).commitment_root
    except InputError:  # the two forms exclude each other
        return parse_webhook_receipt(statement).commitment_root
