# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The right edge of one log in memory: what the next tiles are made of, without reading the log again.

It holds the hashes and entries of the tiles that are still partial, so its size does not grow with the log.
"""

from collections.abc import Sequence

from gateway.audit import tree
from gateway.audit.tiles import TILE_HEIGHT, TILE_WIDTH, TilePath, grow, grow_bundles


class Edge:
    """The edge of a tree of `size` leaves; owned by one publication at a time."""

    def __init__(
        self,
        size: int,
        frontier: tuple[bytes, ...],
        hashes: dict[tuple[int, int], bytes],
        entries: dict[int, bytes],
    ) -> None:
        """`hashes` are those of the partial tiles by row and index, `entries` those of the partial bundle."""
        self.size = size
        self.frontier = frontier
        self._hashes = hashes
        self._entries = entries

    @property
    def root(self) -> bytes:
        """The root of the tree."""
        return tree.root(self.frontier)

    def grow(self, entries: Sequence[bytes]) -> dict[str, bytes]:
        """Append entries and return the files to write."""
        before = self.size
        grown = tree.append(before, self.frontier, [tree.leaf_hash(one) for one in entries])
        self.size, self.frontier = grown.size, grown.frontier
        for level, index, value in grown.hashes:
            if not level % TILE_HEIGHT:
                self._hashes[level // TILE_HEIGHT, index] = value
        self._entries.update(enumerate(entries, before))
        tiles = grow(before, self.size, lambda level, index: self._hashes[level // TILE_HEIGHT, index])
        tiles += grow_bundles(before, self.size, self._entries.__getitem__)
        self._hashes = {
            (row, index): value
            for (row, index), value in self._hashes.items()
            if index >= _first(self.size >> TILE_HEIGHT * row)
        }
        self._entries = {index: one for index, one in self._entries.items() if index >= _first(self.size)}
        return {one.path.text: one.content for one in tiles}


def partial_paths(size: int) -> list[TilePath]:
    """Return the partial files that a log of this size has, hash tiles first."""
    paths: list[TilePath] = []
    row, nodes = 0, size
    while nodes:
        if width := nodes % TILE_WIDTH:
            paths.append(TilePath(row, nodes // TILE_WIDTH, width))
        row, nodes = row + 1, nodes // TILE_WIDTH
    if width := size % TILE_WIDTH:
        paths.append(TilePath(None, size // TILE_WIDTH, width))
    return paths


def outdated(before: int, after: int) -> list[str]:
    """Return the partial files of a log of one size that those of a larger one replace."""
    kept = {one.text for one in partial_paths(after)}
    return [one.text for one in partial_paths(before) if one.text not in kept]


def _first(nodes: int) -> int:
    """Return the first node of the partial tile at the end of a row."""
    return nodes // TILE_WIDTH * TILE_WIDTH
