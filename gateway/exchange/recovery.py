# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What a start finds of one log: may it go on, where is its edge, which files are missing.

The rules:

1. The small store of published checkpoints is the word; the database must continue it (`continuity`).
2. A `checkpoint` file that is ahead of the small store shows that this store itself was restored or lost.
3. Entries at the right edge must hash to the stored leaves; the rest is for `gateway audit fsck`.
4. Files that are missing, or at the edge say something else than the database, are made again.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from gateway.audit import checkpoint as checkpoints
from gateway.audit import tree
from gateway.audit.note import read_note
from gateway.audit.tiles import TILE_HEIGHT, TILE_WIDTH, TilePath, bundle, bundle_paths, tile_paths
from gateway.errors import VerificationError
from gateway.exchange.continuity import contradiction, frontier_at
from gateway.exchange.edge import Edge, partial_paths
from gateway.exchange.log_ports import Tiles
from gateway.exchange.log_rows import PublishedRow
from gateway.exchange.ports import Transaction
from gateway.exchange.rows import LogState
from gateway.finding import Finding, finding


@dataclass(frozen=True, slots=True)
class Recovered:
    """Where to go on; `files` must be written again, `unpublished` says that the checkpoint file must."""

    edge: Edge
    files: dict[str, bytes]
    unpublished: bool


def recover_log(
    tx: Transaction, name: str, newest: PublishedRow | None, tiles: Tiles, *, whole: bool
) -> Recovered | Finding:
    """Compare a stored log with what was published of it; with `whole`, look for every file.

    Returns the finding for which the log must not be signed, if there is one.
    """
    state = tx.log_state(name)
    size = newest.size if newest is not None else 0
    ahead = _told(tiles, name)
    if ahead > size:
        return finding("LOG-CHECKPOINTS", path=name, expected=f"at least {ahead}", actual=str(size))
    found = contradiction(tx, state, newest)
    if found is not None:
        return found
    frontier = frontier_at(tx, name, size)
    edge = None if frontier is None else _edge(tx, name, size, frontier)
    if edge is None or _tree(tx, state) != state.frontier:
        return finding("LOG-DIFFERENT", path=name, actual="entries do not lead to the stored tree")
    files = {} if newest is None else _missing(tx, name, size, tiles, whole=whole)
    return Recovered(edge, files, newest is not None and tiles.read(name, "checkpoint") != newest.note)


def _told(tiles: Tiles, name: str) -> int:
    """Return the size that the checkpoint file tells; zero if there is none that can be read."""
    raw = tiles.read(name, "checkpoint")
    try:
        return 0 if raw is None else checkpoints.parse(read_note(raw).text).size
    except VerificationError:
        return 0


def _tree(tx: Transaction, state: LogState) -> tuple[bytes, ...] | None:
    """Return the edge that the stored hashes give at the stored size."""
    return frontier_at(tx, state.name, state.size)


def _edge(tx: Transaction, name: str, size: int, frontier: tuple[bytes, ...]) -> Edge | None:
    """Return the right edge of a stored log; none if its entries are not those of the leaves."""
    hashes: dict[tuple[int, int], bytes] = {}
    row, nodes = 0, size
    first = size // TILE_WIDTH * TILE_WIDTH
    entries = {one.index: one.leaf for one in tx.log_entries(name, first, size)}
    try:
        while nodes:
            for index in range(nodes // TILE_WIDTH * TILE_WIDTH, nodes):
                hashes[row, index] = tx.log_hash(name, TILE_HEIGHT * row, index)
            row, nodes = row + 1, nodes // TILE_WIDTH
    except KeyError:
        return None
    leaves = {index: hashes[0, index] for index in range(first, size)}
    if {index: tree.leaf_hash(one) for index, one in entries.items()} != leaves:
        return None
    return Edge(size, frontier, hashes, entries)


def _missing(tx: Transaction, name: str, size: int, tiles: Tiles, *, whole: bool) -> dict[str, bytes]:
    """Return the files that are not there, or at the edge are other than the database says."""
    files = {}
    for path in partial_paths(size):
        content = _content(tx, name, path)
        if tiles.read(name, path.text) != content:
            files[path.text] = content
    full: Iterable[TilePath] = (*tile_paths(size), *bundle_paths(0, size)) if whole else ()
    for path in full:
        if path.width == TILE_WIDTH and not tiles.has(name, path.text):
            files[path.text] = _content(tx, name, path)
    return files


def _content(tx: Transaction, name: str, path: TilePath) -> bytes:
    """Return what a file holds, from the database."""
    first = path.index * TILE_WIDTH
    if path.level is None:
        return bundle([one.leaf for one in tx.log_entries(name, first, first + path.width)])
    level = TILE_HEIGHT * path.level
    return b"".join(tx.log_hash(name, level, index) for index in range(first, first + path.width))
