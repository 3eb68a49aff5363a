# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Rebuild the tree of a log from its entries; compare every stored hash, right edge and checkpoint with it.

Chunks of 4096 leaves are reduced level by level and compared as lists, since a loop over single hashes costs
several times as much. Memory is bounded by one chunk.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

from gateway.audit import append, cosignatures, leaf_hash, root
from gateway.audit import checkpoint as checkpoints
from gateway.audit.note import KeyType, NoteKey, read_note
from gateway.envelope.keys import verify_ml_dsa_44
from gateway.errors import VerificationError
from gateway.exchange.fsck_report import Found
from gateway.exchange.ports import Transaction
from gateway.exchange.rows import LogEntryRow, LogState

CHUNK_LEVEL = 12
CHUNK = 1 << CHUNK_LEVEL
HIGHEST_LEVEL = 63
SHOWN = 10
_sha256 = hashlib.sha256

Seen = Callable[[Sequence[LogEntryRow]], None]


def check_tree(tx: Transaction, state: LogState, keys: Sequence[NoteKey], found: Found, seen: Seen) -> int:
    """Check one log of a snapshot; every chunk of entries is also given to `seen`. Return the leaves read.

    `keys` are the log keys that this gateway has had, under the name of the log.
    """
    name, size = state.name, state.size
    frontier: tuple[bytes, ...] = ()
    chunks: tuple[bytes, ...] = ()
    whole = True
    for start in range(0, size, CHUNK):
        end = min(start + CHUNK, size)
        rows = tx.stored_entries(name, start, end)
        seen(rows)
        leaves = _leaves(tx, name, start=start, end=end, rows=rows, found=found)
        if leaves is None:
            whole = False
            break
        if len(leaves) == CHUNK:
            top = _compare_chunk(tx, name, start, leaves, found)
            grown = append(start >> CHUNK_LEVEL, chunks, [top])
            chunks = frontier = grown.frontier
            _compare(tx, name, ((CHUNK_LEVEL + lv, ix, one) for lv, ix, one in grown.hashes if lv), found)
        else:
            rest = append(start, frontier, leaves)
            frontier = rest.frontier
            _compare(tx, name, rest.hashes, found)
    _check_beyond(tx, name, size, found)
    if whole:
        if frontier != state.frontier:
            found.add("AUDIT-FSCK-ROOT", f"log:{name}", "the right edge is not that of the entries")
        _check_checkpoint(state, root(frontier), keys, found)
    return size


def _leaves(
    tx: Transaction, name: str, *, start: int, end: int, rows: Sequence[LogEntryRow], found: Found
) -> list[bytes] | None:
    """Return the leaf hashes of a chunk; for a missing entry its stored hash, none if that is missing too."""
    if len(rows) == end - start and rows[-1].index == end - 1:
        return [_sha256(b"\x00" + row.leaf).digest() for row in rows]
    held = {row.index: leaf_hash(row.leaf) for row in rows}
    stored = dict(tx.log_hashes(name, 0, start, end))
    for index in range(start, end):
        if index not in held:
            found.add("AUDIT-FSCK-MISSING", f"log_entry:{name}#{index}", "no such entry")
    leaves = [held.get(index) or stored.get(index) for index in range(start, end)]
    return None if None in leaves else [one for one in leaves if one is not None]


def _compare_chunk(tx: Transaction, name: str, start: int, leaves: list[bytes], found: Found) -> bytes:
    """Compare all levels of a full chunk; return its root."""
    level, hashes = 0, leaves
    while True:
        first = start >> level
        stored = tx.log_hashes(name, level, first, first + len(hashes))
        if [one for _, one in stored] != hashes:
            expected = {(level, first + place): one for place, one in enumerate(hashes)}
            _report(name, expected, {(level, index): one for index, one in stored}, found)
        if len(hashes) == 1:
            return hashes[0]
        pairs = zip(hashes[0::2], hashes[1::2], strict=True)
        hashes = [_sha256(b"\x01" + left + right).digest() for left, right in pairs]
        level += 1


def _compare(
    tx: Transaction,
    name: str,
    computed: Sequence[tuple[int, int, bytes]] | Iterator[tuple[int, int, bytes]],
    found: Found,
) -> None:
    """Compare computed hashes with those that are stored."""
    levels: defaultdict[int, dict[tuple[int, int], bytes]] = defaultdict(dict)
    for level, index, one in computed:
        levels[level][level, index] = one
    for level, expected in levels.items():
        indexes = [index for _, index in expected]
        stored = tx.log_hashes(name, level, min(indexes), max(indexes) + 1)
        _report(name, expected, {(level, index): one for index, one in stored}, found)


def _report(
    name: str,
    expected: dict[tuple[int, int], bytes],
    stored: dict[tuple[int, int], bytes],
    found: Found,
) -> None:
    """Report every hash that is missing or another one."""
    for (level, index), one in expected.items():
        held = stored.get((level, index))
        if held is None:
            found.add("AUDIT-FSCK-MISSING", f"log_hash:{name}#{level}/{index}", "no such hash")
        elif held != one:
            found.add("AUDIT-FSCK-HASH", f"log_hash:{name}#{level}/{index}", "not the hash of the entries")


def _check_beyond(tx: Transaction, name: str, size: int, found: Found) -> None:
    """Report entries and hashes beyond the size of the log."""
    for row in tx.stored_entries(name, size, size + SHOWN):
        found.add("AUDIT-FSCK-EXTRA", f"log_entry:{name}#{row.index}", f"the log has {size} entries")
    for level in range(HIGHEST_LEVEL + 1):
        first = size >> level
        for index, _ in tx.log_hashes(name, level, first, first + (1 << 32))[:SHOWN]:
            found.add("AUDIT-FSCK-EXTRA", f"log_hash:{name}#{level}/{index}", f"the log has {size} entries")


def _check_checkpoint(state: LogState, top: bytes, keys: Sequence[NoteKey], found: Found) -> None:
    """Check that a log key has signed the root of the entries."""
    for key in keys:
        try:
            signed = checkpoints.verify(state.checkpoint, key)
            _check_second(state, keys)
        except VerificationError:
            continue
        if (signed.size, signed.root) != (state.size, top):
            says = f"signed for {signed.size} entries, root {signed.root.hex()[:16]}"
            found.add("AUDIT-FSCK-ROOT", f"log:{state.name}", says)
        return
    if state.size or state.checkpoint:
        found.add("AUDIT-FSCK-CHECKPOINT", f"log:{state.name}", "not signed as our keys demand")


def _check_second(state: LogState, keys: Sequence[NoteKey]) -> None:
    """Check the second signature if the checkpoint has one; a checkpoint from before the key has none.

    Raises:
        VerificationError: it does not hold.
    """
    second = [key for key in keys if key.kind is KeyType.ML_DSA_44]
    cosignatures(read_note(state.checkpoint), second, ml_dsa_44=verify_ml_dsa_44)
