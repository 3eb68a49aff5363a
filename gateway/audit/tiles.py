# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Where the hashes and entries of a log lie as static files: C2SP tlog-tiles.

`tile/<L>/<N>` holds the hashes of the nodes at tree level 8L with indexes 256N to 256N+255;
`tile/entries/<N>` holds the entries 256N to 256N+255, each behind its length as a big-endian uint16. The
last file of a row may be partial, `.p/<W>` with 1 <= W <= 255, and is written anew for every signed size; a
full one never changes. Knows nothing of where files are kept; `tile_reader` checks them.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from gateway.audit.checkpoint import MAX_SIZE
from gateway.audit.tree import HASH_LENGTH
from gateway.errors import VerificationError
from gateway.finding import finding

TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT
MAX_ENTRY_BYTES = 0xFFFF

Read = Callable[[int, int], bytes]

_PREFIX_BYTES = 2
_PATH = re.compile(
    r"tile/(?:(?P<level>[0-7])|entries)/(?P<index>(?:x[0-9]{3}/)*[0-9]{3})(?:\.p/(?P<width>[1-9][0-9]{0,2}))?",
)
_ENTRIES = "entries"


@dataclass(frozen=True, slots=True)
class TilePath:
    """Names one file; `level` is None for an entry bundle, `width` is below 256 for a partial one."""

    level: int | None
    index: int
    width: int = TILE_WIDTH

    @property
    def text(self) -> str:
        """Return the path as a client asks for it."""
        groups = [f"{self.index % 1000:03}"]
        rest = self.index // 1000
        while rest > 0:
            groups.append(f"x{rest % 1000:03}")
            rest //= 1000
        row = _ENTRIES if self.level is None else str(self.level)
        partial = "" if self.width == TILE_WIDTH else f".p/{self.width}"
        return f"tile/{row}/{'/'.join(reversed(groups))}{partial}"


@dataclass(frozen=True, slots=True)
class Tile:
    """One file to write."""

    path: TilePath
    content: bytes


def parse_path(text: str) -> TilePath:
    """Read a path, which must be exactly what `TilePath.text` writes and lie within a possible tree.

    Raises:
        VerificationError: it is not.
    """
    found = _PATH.fullmatch(text)
    if found:
        level = None if found["level"] is None else int(found["level"])
        index = int(found["index"].replace("x", "").replace("/", ""))
        width = int(found["width"] or TILE_WIDTH)
        path = TilePath(level, index, width)
        nodes = MAX_SIZE >> TILE_HEIGHT * (level or 0)
        if path.text == text and width <= TILE_WIDTH and index * TILE_WIDTH + width <= nodes:
            return path
    problem = finding("AUDIT-TILE-PATH", expected="tile/<level>/<index>[.p/<width>]", actual=text)
    raise VerificationError("not the path of a tile", (problem,))


def grown_paths(before: int, after: int) -> Iterator[TilePath]:
    """Yield the hash tiles that a tree of size `after` has and one of size `before` had not, lowest first.

    Precondition: 0 <= before <= after.

    Raises:
        ValueError: the precondition does not hold.
    """
    if not 0 <= before <= after <= MAX_SIZE:
        raise ValueError(f"a tree does not grow from {before} to {after}")
    level = 0
    while before < after:
        yield from _row(level, before, after)
        level, before, after = level + 1, before >> TILE_HEIGHT, after >> TILE_HEIGHT


def tile_paths(size: int) -> Iterator[TilePath]:
    """Yield the hash tiles that a tree of this size has, lowest level first."""
    return grown_paths(0, size)


def bundle_paths(before: int, after: int) -> Iterator[TilePath]:
    """Yield the entry bundles that a log of size `after` has and one of size `before` had not.

    Raises:
        ValueError: the sizes are out of order.
    """
    if not 0 <= before <= after <= MAX_SIZE:
        raise ValueError(f"a log does not grow from {before} to {after}")
    if before < after:
        yield from _row(None, before, after)


def grow(before: int, after: int, read: Read) -> list[Tile]:
    """Return the hash tiles to write when a tree has grown; partial tiles of other sizes stay as they are.

    `read(level, index)` returns the hash of a complete subtree, as `tree.append` gave it.

    Raises:
        ValueError: the sizes are out of order, or `read` returns something that is not a hash.
    """
    tiles: list[Tile] = []
    for path in grown_paths(before, after):
        level, first = TILE_HEIGHT * (path.level or 0), path.index * TILE_WIDTH
        hashes = [read(level, index) for index in range(first, first + path.width)]
        if any(len(one) != HASH_LENGTH for one in hashes):
            raise ValueError("a hash has 32 bytes")
        tiles.append(Tile(path, b"".join(hashes)))
    return tiles


def grow_bundles(before: int, after: int, entry: Callable[[int], bytes]) -> list[Tile]:
    """Return the entry bundles to write when a log has grown; `entry(index)` returns the bytes of an entry.

    Raises:
        ValueError: the sizes are out of order, or an entry has more than 65,535 bytes.
    """
    tiles: list[Tile] = []
    for path in bundle_paths(before, after):
        first = path.index * TILE_WIDTH
        tiles.append(Tile(path, bundle([entry(index) for index in range(first, first + path.width)])))
    return tiles


def bundle(entries: Sequence[bytes]) -> bytes:
    """Return the content of an entry bundle.

    Raises:
        ValueError: there are more than 256 entries, or one has more than 65,535 bytes.
    """
    if len(entries) > TILE_WIDTH or any(len(one) > MAX_ENTRY_BYTES for one in entries):
        raise ValueError("a bundle has at most 256 entries of at most 65,535 bytes")
    return b"".join(len(one).to_bytes(_PREFIX_BYTES, "big") + one for one in entries)


def parse_bundle(raw: bytes, width: int, name: str = "") -> list[bytes]:
    """Read an entry bundle of exactly `width` entries; the entries are not checked against a tree.

    Raises:
        VerificationError: it holds fewer or more.
    """
    entries: list[bytes] = []
    place = 0
    for _ in range(width):
        start = place + _PREFIX_BYTES
        place = start + int.from_bytes(raw[place:start], "big")
        if start > len(raw) or place > len(raw):
            problem = finding(
                "AUDIT-BUNDLE-TRUNCATED",
                path=name,
                expected=f"{width} entries",
                actual=f"{len(entries)} entries",
            )
            raise VerificationError("an entry bundle is too short", (problem,))
        entries.append(raw[start:place])
    if place != len(raw):
        problem = finding(
            "AUDIT-BUNDLE-OVERSIZED", path=name, expected=f"{place} bytes", actual=f"{len(raw)} bytes"
        )
        raise VerificationError("an entry bundle is too long", (problem,))
    return entries


def _row(level: int | None, before: int, after: int) -> Iterator[TilePath]:
    """Yield the files of one row that change when its nodes grow in number; `before` < `after`."""
    for index in range(before // TILE_WIDTH, (after - 1) // TILE_WIDTH + 1):
        yield TilePath(level, index, min(TILE_WIDTH, after - index * TILE_WIDTH))
