# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The client side of C2SP tlog-tiles: proofs and entries from static files, none used before it is checked.

The partial tiles of a tree hold its whole right edge, so they alone lead to the signed root: all of them are
read first and checked together. Every full tile is then checked against the one hash above it, from the
checked edge downwards, and every entry against its leaf hash. Where the files come from is the caller's.
"""

from collections import OrderedDict
from collections.abc import Callable
from typing import TypeAlias

from gateway.audit import proof
from gateway.audit.checkpoint import MAX_SIZE
from gateway.audit.tiles import TILE_HEIGHT, TILE_WIDTH, TilePath, parse_bundle
from gateway.audit.tree import HASH_LENGTH, leaf_hash, node_hash, root
from gateway.errors import CouldNotCheck, InputError, VerificationError
from gateway.finding import finding

Fetch: TypeAlias = Callable[[str], bytes]
# The complete subtrees inside one tile: first its hashes, then their parents, and so on.
_Levels: TypeAlias = list[list[bytes]]

CACHED_TILES = 256


class TileReader:
    """One signed tree, read from tiles. Not for several threads at once."""

    def __init__(self, fetch: Fetch, size: int, signed_root: bytes) -> None:
        """Read and check the right edge.

        Precondition: size and root come from a verified checkpoint. `fetch(path)` returns the content of a
        file and raises LookupError where there is none; for a partial tile that is gone the full one is
        asked for, as the specification allows servers to delete it.

        Raises:
            VerificationError: a tile of the edge has the wrong length, or the edge leads to another root.
            CouldNotCheck: a tile is absent.
        """
        if not 0 <= size <= MAX_SIZE:
            problem = finding("AUDIT-RANGE", expected=f"0 <= size <= {MAX_SIZE}", actual=f"size {size}")
            raise VerificationError("no such tree size", (problem,))
        self.size = size
        self.root = signed_root
        self._fetch = fetch
        self._full: OrderedDict[tuple[int, int], _Levels] = OrderedDict()
        self._edge: dict[int, _Levels] = {}
        self._read_edge()

    def hash(self, level: int, index: int) -> bytes:
        """Return the hash of a complete subtree of 2**level leaves; the `read` of proofs.

        Raises:
            InputError: the tree has no such complete subtree.
            VerificationError: a tile on the way is wrong.
            CouldNotCheck: a tile is absent.
        """
        if level < 0 or index < 0 or (index + 1) << level > self.size:
            problem = finding("AUDIT-RANGE", expected=f"size {self.size}", actual=f"level {level}, {index}")
            raise InputError("no such complete subtree", (problem,))
        row, inside = divmod(level, TILE_HEIGHT)
        tile = (index << inside) // TILE_WIDTH
        return self._tile(row, tile)[inside][index - (tile * TILE_WIDTH >> inside)]

    def inclusion(self, index: int) -> list[bytes]:
        """Return the inclusion proof of a leaf; see `proof.inclusion`."""
        return proof.inclusion(index, self.size, self.hash)

    def consistency(self, old: int) -> list[bytes]:
        """Return the proof that the tree of `old` leaves is the beginning of this one."""
        return proof.consistency(old, self.size, self.hash)

    def root_at(self, size: int) -> bytes:
        """Return the root this tree had when it had `size` leaves; compare it with an older checkpoint.

        Raises:
            InputError: the tree never had that size.
        """
        return root(self._frontier(size))

    def entries(self, index: int) -> list[bytes]:
        """Return the entries of the bundle with this index, each checked against the tree.

        Raises:
            InputError: the log has no such bundle.
            VerificationError: the bundle is truncated, oversized, reordered, swapped or edited.
            CouldNotCheck: the bundle or a tile is absent.
        """
        width = min(TILE_WIDTH, self.size - index * TILE_WIDTH)
        if index < 0 or width <= 0:
            problem = finding("AUDIT-RANGE", expected=f"size {self.size}", actual=f"bundle {index}")
            raise InputError("no such entry bundle", (problem,))
        path = TilePath(None, index, width)
        name, raw = self._get(path)
        entries = parse_bundle(raw, TILE_WIDTH if name != path.text else width, name)[:width]
        wanted = self._tile(0, index)[0]
        found = [leaf_hash(one) for one in entries]
        if found != wanted:
            raise self._wrong_bundle(name, index, found, wanted)
        return entries

    def entry(self, index: int) -> bytes:
        """Return one entry, checked; whoever reads many takes `entries`."""
        bundle, place = divmod(index, TILE_WIDTH)
        if not 0 <= index < self.size:
            problem = finding("AUDIT-RANGE", expected=f"0 <= index < {self.size}", actual=f"index {index}")
            raise InputError("no such entry", (problem,))
        return self.entries(bundle)[place]

    def _read_edge(self) -> None:
        """Read every partial tile and compare what they lead to with the signed root."""
        row, nodes = 0, self.size
        while nodes > 0:
            if width := nodes % TILE_WIDTH:
                self._edge[row] = _levels(self._hashes(TilePath(row, nodes // TILE_WIDTH, width)))
            row, nodes = row + 1, nodes // TILE_WIDTH
        computed = root(self._frontier(self.size))
        if computed != self.root:
            problem = finding("AUDIT-TILE-EDGE", expected=self.root.hex(), actual=computed.hex())
            raise VerificationError("the edge of the tree leads to another root", (problem,))

    def _frontier(self, size: int) -> list[bytes]:
        """Return the roots of the complete subtrees of a tree of this size, largest first."""
        levels = [level for level in range(size.bit_length()) if size >> level & 1]
        return [self.hash(level, (size >> level) - 1) for level in reversed(levels)]

    def _tile(self, row: int, index: int) -> _Levels:
        """Return the checked content of a tile."""
        if index == (self.size >> TILE_HEIGHT * row) // TILE_WIDTH:
            return self._edge[row]
        levels = self._full.get((row, index))
        if levels is None:
            above = self._tile(row + 1, index // TILE_WIDTH)[0]
            path = TilePath(row, index)
            levels = _levels(self._hashes(path))
            if levels[-1][0] != above[index % TILE_WIDTH]:
                raise _wrong_tile(path.text, levels[-1][0], above, index % TILE_WIDTH)
            self._full[row, index] = levels
            if len(self._full) > CACHED_TILES:
                self._full.popitem(last=False)
        else:
            self._full.move_to_end((row, index))
        return levels

    def _hashes(self, path: TilePath) -> list[bytes]:
        """Fetch a tile and cut it into hashes; only its length is checked."""
        name, raw = self._get(path)
        width = TILE_WIDTH if name != path.text else path.width
        if len(raw) != width * HASH_LENGTH:
            short = len(raw) < width * HASH_LENGTH
            problem = finding(
                "AUDIT-TILE-TRUNCATED" if short else "AUDIT-TILE-OVERSIZED",
                path=name,
                expected=f"{width * HASH_LENGTH} bytes",
                actual=f"{len(raw)} bytes",
            )
            raise VerificationError("a tile has the wrong length", (problem,))
        return [raw[place : place + HASH_LENGTH] for place in range(0, path.width * HASH_LENGTH, HASH_LENGTH)]

    def _get(self, path: TilePath) -> tuple[str, bytes]:
        """Fetch a file, or the full one in place of a partial one; return the name it had with it."""
        for name in dict.fromkeys((path.text, TilePath(path.level, path.index).text)):
            try:
                return name, self._fetch(name)
            except LookupError:
                continue
        problem = finding("AUDIT-TILE-MISSING", path=path.text)
        raise CouldNotCheck(f"the log does not serve {path.text}", (problem,))

    def _wrong_bundle(
        self, name: str, index: int, found: list[bytes], wanted: list[bytes]
    ) -> VerificationError:
        """Say what is wrong with a bundle whose leaf hashes are not those of the tree."""
        if sorted(found) == sorted(wanted):
            return VerificationError("entries are reordered", (finding("AUDIT-BUNDLE-REORDERED", path=name),))
        if len(found) == TILE_WIDTH:
            above = self._tile(1, index // TILE_WIDTH)[0]
            if _levels(found)[-1][0] in above:
                return VerificationError(
                    "this is another bundle", (finding("AUDIT-BUNDLE-SWAPPED", path=name),)
                )
        pairs = zip(found, wanted, strict=True)
        place = index * TILE_WIDTH + next(number for number, (one, two) in enumerate(pairs) if one != two)
        problem = finding("AUDIT-BUNDLE-EDITED", path=name, position=f"entry {place}")
        return VerificationError("an entry is not the one in the tree", (problem,))


def _levels(hashes: list[bytes]) -> _Levels:
    """Return the complete subtrees over hashes, level by level."""
    levels = [hashes]
    for _ in range(TILE_HEIGHT):
        below = levels[-1]
        levels.append([node_hash(left, right) for left, right in zip(below[::2], below[1::2], strict=False)])
    return levels


def _wrong_tile(name: str, computed: bytes, above: list[bytes], place: int) -> VerificationError:
    """Say what is wrong with a full tile that does not lead to the hash above it."""
    code = "AUDIT-TILE-SWAPPED" if computed in above else "AUDIT-TILE-HASH"
    problem = finding(code, path=name, expected=above[place].hex(), actual=computed.hex())
    return VerificationError("a tile does not lead to the hash above it", (problem,))
