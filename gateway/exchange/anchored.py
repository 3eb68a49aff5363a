# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Find the earliest time stamp that covers a log entry, and the way from the entry to it.

The entry is under every later checkpoint of its log; the first of these in the anchor log is under every
later checkpoint of that; the first of those with a stamp is the earliest proof in time.
"""

from functools import partial

from gateway.audit import inclusion
from gateway.audit.checkpoint import parse
from gateway.evidence.bundle import AnchorPart
from gateway.exchange.journal import ANCHOR
from gateway.exchange.log_ports import StampHistory
from gateway.exchange.ports import Transaction
from gateway.exchange.rows import LogEntryRow

MOST_STAMPS = 256
STRETCH = 4096


def stamped(
    tx: Transaction, organisation: str, entry: LogEntryRow, stamps: StampHistory
) -> AnchorPart | None:
    """Return the way from an entry of a log to its earliest stamp; none if it is not stamped yet."""
    anchor = f"{organisation}/{ANCHOR}"
    start = stamps.size_stamped_before(anchor, entry.created_at)
    for stamp in stamps.stamps_since(anchor, entry.created_at, MOST_STAMPS):
        leaf = _first(tx, anchor, entry, start, stamp.size)
        published = stamps.at(anchor, stamp.size)
        if leaf is not None and published is not None:
            size = parse(leaf.leaf).size
            return AnchorPart(
                body=leaf.leaf.decode(),
                entry_path=tuple(inclusion(entry.index, size, partial(tx.log_hash, entry.log))),
                index=leaf.index,
                path=tuple(inclusion(leaf.index, stamp.size, partial(tx.log_hash, anchor))),
                checkpoint=published.note.decode(),
                stamp=stamp.reply,
            )
        start = max(start, stamp.size)
    return None


def _first(tx: Transaction, anchor: str, entry: LogEntryRow, start: int, end: int) -> LogEntryRow | None:
    """Return the first anchored checkpoint of the entry's log that includes the entry."""
    subject = f"log:{entry.log}"
    for begin in range(start, end, STRETCH):
        for leaf in tx.log_entries(anchor, begin, min(end, begin + STRETCH)):
            if leaf.subject == subject and parse(leaf.leaf).size > entry.index:
                return leaf
    return None
