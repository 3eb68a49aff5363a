# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Logs made for measuring, in real stores: their entries are those of the gateway, written in bulk.

The log of 10 million leaves is synthetic. All its leaves are the same, so that every complete subtree of a
level has one hash and the whole tree is known at once. Stored are all rows from level 6 upwards and,
for the leaves that are asked about, the rows of their blocks of 64. Code, table and index are those of a real
log, but the table has some 440,000 rows (312,000 of them from level 6 on) instead of 20 million.
"""

import os
from collections.abc import Sequence
from functools import partial

from gateway.audit import append, leaf_hash, node_hash, root
from gateway.audit import checkpoint as checkpoints
from gateway.audit.entry import SALT_LENGTH, Event, leaf, salted_digest
from gateway.audit.note import NoteKey
from gateway.envelope.signer import Signer
from gateway.exchange.ports import Transaction
from gateway.exchange.rows import LogEntryRow, LogState
from gateway.store import SqlStore

CHUNK = 4096
LOWEST_FULL_LEVEL = 6
_LEAF = leaf_hash(b"synthetic")


def fill(store: SqlStore, name: str, leaves: int, signer: Signer) -> None:
    """Write a log of so many salted entries, with the hashes over them and a signed checkpoint."""
    state = LogState(name=name, size=0, frontier=())
    for start in range(0, leaves, CHUNK):
        entries = [_entry(name, index) for index in range(start, min(start + CHUNK, leaves))]
        grown = append(state.size, state.frontier, [leaf_hash(one.leaf) for one in entries])
        head = checkpoints.Checkpoint(name, grown.size, root(grown.frontier))
        note = checkpoints.sign(head, NoteKey.of(name, signer.public_key), signer)
        state = LogState(name=name, size=grown.size, frontier=grown.frontier, checkpoint=note)
        store.run(partial(_add, state=state, entries=entries, hashes=grown.hashes))


def fill_synthetic(store: SqlStore, name: str, size: int, asked: Sequence[int]) -> bytes:
    """Write what proofs about some leaves of a log of equal leaves read; return its root."""
    tops = [_LEAF]
    while 1 << len(tops) <= size:
        tops.append(node_hash(tops[-1], tops[-1]))
    frontier = tuple(tops[level] for level in range(len(tops) - 1, -1, -1) if size >> level & 1)
    # The last block may be the ragged right edge, which every proof reads.
    blocks = {one >> LOWEST_FULL_LEVEL for one in (*asked, size - 1)}
    hashes = [
        (level, index, tops[level])
        for level in range(LOWEST_FULL_LEVEL, len(tops))
        for index in range(size >> level)
    ]
    for level in range(LOWEST_FULL_LEVEL):
        width = 1 << LOWEST_FULL_LEVEL - level
        last = size >> level
        hashes += [
            (level, index, tops[level])
            for block in sorted(blocks)
            for index in range(block * width, min((block + 1) * width, last))
        ]
    store.run(lambda tx: tx.append_log(LogState(name=name, size=0, frontier=()), [], hashes))
    return root(frontier)


def synthetic_leaf() -> bytes:
    """Return the hash of every leaf of a synthetic log."""
    return _LEAF


def _add(
    tx: Transaction,
    *,
    state: LogState,
    entries: Sequence[LogEntryRow],
    hashes: Sequence[tuple[int, int, bytes]],
) -> None:
    """Append some entries to a log."""
    tx.append_log(state, entries, hashes)


def _entry(name: str, index: int) -> LogEntryRow:
    """Return an entry about the opening of a field, of which the store keeps no statement."""
    salt = os.urandom(SALT_LENGTH)
    data = leaf(Event.ACCESS, salted_digest(salt, index.to_bytes(8, "big")))
    return LogEntryRow(
        log=name,
        index=index,
        event=Event.ACCESS.value,
        subject=f"opening:{index}",
        leaf=data,
        salt=salt,
        created_at=0,
    )
