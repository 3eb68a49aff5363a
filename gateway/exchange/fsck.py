# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Audit what this gateway has stored against what it and its partners have signed.

The rules:

1. Everything is read in one snapshot, so that a serving node neither disturbs nor is disturbed.
2. Every root is made anew from entries, never taken from a stored hash (`fsck_tree`).
3. Every entry is made anew from the statement that is stored for it, and every stored statement stands in the
   log where it says (`fsck_entries`).
4. Every batch is what its statement says: columns, payload, index rows, receipt, chain (`fsck_batches`).
5. Each edited, missing or extra row gets a finding of its own that names table and id.

Consistency proofs do not find an edited row: they are about hashes. Memory is bounded by one chunk of a log.
"""

import time
from collections.abc import Iterator, Sequence

from gateway.audit import NoteKey
from gateway.audit.hybrid import LOG_KIND_OF
from gateway.envelope.keys import Purpose
from gateway.envelope.trust import Keyring
from gateway.exchange.fsck_batches import Books
from gateway.exchange.fsck_entries import Entries, check_place
from gateway.exchange.fsck_report import Found, Report
from gateway.exchange.fsck_tree import check_tree
from gateway.exchange.journal import STRANGERS
from gateway.exchange.ports import Transaction
from gateway.exchange.rows import ChannelRow, LogEntryRow

PAGE = 256


class SelfAudit:
    """The self-audit of one gateway."""

    def __init__(self, organisation: str, keyring: Keyring) -> None:
        """Take the keys of this gateway and of its partners, former ones included."""
        self._organisation = organisation
        self._keyring = keyring

    def run(self, tx: Transaction, log: str = "") -> Report:
        """Audit everything in a snapshot, or what belongs to one log."""
        started = time.perf_counter()
        report = Report(Found())
        for state in tx.stored_logs():
            if log in ("", state.name):
                entries = Entries(tx, report.found)
                spent = _Spent()

                def compare(
                    rows: Sequence[LogEntryRow], entries: Entries = entries, spent: _Spent = spent
                ) -> None:
                    """Compare a chunk, apart from the time of the tree."""
                    with spent:
                        entries.check(rows)

                before = time.perf_counter()
                report.logs[state.name] = check_tree(tx, state, self._keys(state.name), report.found, compare)
                report.tree_seconds += time.perf_counter() - before - spent.seconds
                report.unkept += entries.unkept
        if log and log not in report.logs:
            report.found.add("AUDIT-FSCK-MISSING", f"log:{log}", "no such log")
        books = Books(tx, self._organisation, self._keyring, report.found)
        for channel in self._channels(tx, report.found):
            if log in ("", f"{self._organisation}/{channel.partner}"):
                report.channels[channel.name] = books.check_channel(channel)
        report.records = books.records
        self._check_evidence(tx, report.found, log)
        if not log:
            self._check_orphans(tx, report.found)
        report.seconds = time.perf_counter() - started
        return report

    def _keys(self, log: str) -> list[NoteKey]:
        """Return the log keys that this gateway has had, under the name of a log."""
        held = self._keyring.of(self._organisation, Purpose.LOG)
        return [
            NoteKey.of(log, one.public_key, LOG_KIND_OF[one.algorithm])
            for one in held
            if one.algorithm in LOG_KIND_OF
        ]

    def _channels(self, tx: Transaction, found: Found) -> Iterator[ChannelRow]:
        """Yield every channel, those too that only batches name."""
        known = {row.name for row in tx.channels()}
        yield from tx.channels()
        for direction, name in tx.batch_channels():
            if name not in known:
                found.add("AUDIT-FSCK-MISSING", f"channel:{name}", "its batches are there")
                ends = name.split("/")
                partner = ends[1 if direction == "out" else 0] if len(ends) > 1 else name
                yield ChannelRow(name=name, partner=partner, direction=direction)

    def _check_evidence(self, tx: Transaction, found: Found, log: str) -> None:
        """Check that every refusal, erasure, decision and archived day stands in its log."""
        for kind in ("refusal", "erasure", "inquiry", "decision", "webhook", "announcement", "archive"):
            last = 0
            while rows := tx.statements_after(kind, last, PAGE):
                for partner, row in rows:
                    name = f"{self._organisation}/{partner or STRANGERS}"
                    if log in ("", name):
                        check_place(tx, name, kind, row, found)
                last = rows[-1][1].id

    def _check_orphans(self, tx: Transaction, found: Found) -> None:
        """Check that no index row belongs to a batch that is not there."""
        for table, rows in tx.orphans().items():
            if rows:
                found.add("AUDIT-FSCK-EXTRA", f"{table}:*", f"{rows} rows belong to no batch")


class _Spent:
    """Adds up the time spent inside."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._since = 0.0

    def __enter__(self) -> None:
        self._since = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self.seconds += time.perf_counter() - self._since
