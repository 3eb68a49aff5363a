# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Tiles and entry bundles: what is written for a tree, and that everything can be proven from it alone."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.audit import proof, tiles, tree
from gateway.audit.tile_reader import CACHED_TILES, TileReader

ENTRIES = [number.to_bytes(4, "big") for number in range(70_000)]
GROWN = tree.append(0, (), [tree.leaf_hash(one) for one in ENTRIES])
STORED = {(level, index): value for level, index, value in GROWN.hashes}
ROOT = tree.root(GROWN.frontier)


def read(level, index):
    """Read a stored subtree hash."""
    return STORED[level, index]


def files(size, steps=()):
    """Return the files of the tree of this size, written at these sizes on the way."""
    written = {}
    for before, after in zip((0, *steps), (*steps, size), strict=True):
        made = tiles.grow(before, after, read) + tiles.grow_bundles(before, after, ENTRIES.__getitem__)
        written |= {one.path.text: one.content for one in made}
    return written


WHOLE = files(70_000)


def root_of(size):
    """Return the root of the first entries."""
    levels = [level for level in range(17) if size >> level & 1]
    return tree.root([read(level, (size >> level) - 1) for level in reversed(levels)])


@given(st.none() | st.integers(0, 7), st.integers(0, 2**60), st.integers(1, 256))
def test_path_round_trip(level, index, width):
    """Every path that lies within a possible tree is read as it was written."""
    path = tiles.TilePath(level, index % (2**55 >> 8 * (level or 0) or 1), width)
    if path.index * 256 + path.width <= (2**63 - 1) >> 8 * (level or 0):
        assert tiles.parse_path(path.text) == path


@given(st.lists(st.integers(0, 3000), min_size=1, max_size=5))
def test_growing_in_steps_writes_what_one_step_writes(sizes):
    """However a tree grew, all files of its last size are there, with the same content."""
    *steps, size = sorted(sizes)
    assert files(size).items() <= files(size, steps).items()
    assert [one.text for one in tiles.tile_paths(size)] == [
        name for name in files(size) if "entries" not in name
    ]


def test_full_tiles_never_change():
    """A later size writes no file under the name of an earlier one with another content."""
    seen = {}
    for size in (1, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537, 70_000):
        for name, content in files(size).items():
            assert seen.setdefault(name, content) == content


def test_nothing_is_written_for_no_growth():
    """A tree that has not grown has no new files, the empty one none at all."""
    assert tiles.grow(300, 300, read) == tiles.grow_bundles(300, 300, ENTRIES.__getitem__) == []
    assert list(tiles.tile_paths(0)) == list(tiles.bundle_paths(0, 0)) == []


@pytest.mark.parametrize("sizes", [(5, 4), (-1, 4), (0, 2**63)])
def test_sizes_out_of_order_are_refused(sizes):
    """A tree grows, from zero or more to what a checkpoint can state."""
    for call in (tiles.grown_paths, tiles.bundle_paths):
        with pytest.raises(ValueError, match="grow"):
            list(call(*sizes))


def test_what_fits_no_file_is_refused():
    """Hashes have 32 bytes, entries at most 65,535, bundles at most 256 entries."""
    with pytest.raises(ValueError, match="32 bytes"):
        tiles.grow(0, 1, lambda *_: b"short")
    assert tiles.parse_bundle(tiles.bundle([b"x" * 65_535, b""]), 2) == [b"x" * 65_535, b""]
    for entries in ([b"x" * 65_536], [b""] * 257):
        with pytest.raises(ValueError, match="bundle"):
            tiles.bundle(entries)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 70_000), st.data())
def test_proofs_from_tiles_equal_proofs_from_the_store(size, data):
    """From the files of any size come the proofs, roots and entries that the store gives, and they verify."""
    reader = TileReader(files(size).__getitem__ if size < 3000 else sub(size), size, root_of(size))
    assert reader.root_at(size) == root_of(size)
    if not size:
        return
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    path = reader.inclusion(index)
    assert path == proof.inclusion(index, size, read)
    proof.verify_inclusion(tree.leaf_hash(reader.entry(index)), index, size, path, reader.root)
    assert reader.entry(index) == ENTRIES[index]
    between = reader.consistency(old)
    assert between == proof.consistency(old, size, read)
    proof.verify_consistency(old, size, between, reader.root_at(old), reader.root)
    assert reader.root_at(old) == root_of(old)


def sub(size):
    """Return a server of the files of a smaller size, made as they are asked for."""

    def fetch(name):
        path = tiles.parse_path(name)
        if path.level is None:
            first = path.index * 256
            return tiles.bundle(ENTRIES[first : first + path.width])
        assert path in set(tiles.tile_paths(size))
        nodes = range(path.index * 256, path.index * 256 + path.width)
        return b"".join(read(8 * path.level, index) for index in nodes)

    return fetch


def test_full_file_serves_for_a_partial_one_that_is_gone():
    """Where the partial files of an older size were deleted, the full ones of today prove the same."""
    kept = {name: content for name, content in files(1024).items() if ".p/" not in name or "tile/1" in name}
    kept["tile/1/000.p/3"] = files(1000)["tile/1/000.p/3"]
    reader = TileReader(kept.__getitem__, 1000, root_of(1000))
    assert reader.entry(999) == ENTRIES[999]
    assert len(reader.entries(3)) == 232
    assert reader.inclusion(999) == proof.inclusion(999, 1000, read)


def test_each_tile_is_fetched_once():
    """A reader asks for the edge at once, for another tile when it is needed, and for none twice."""
    asked = []

    def fetch(name):
        asked.append(name)
        return WHOLE[name]

    reader = TileReader(fetch, 70_000, ROOT)
    assert asked == ["tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1"]
    for _ in range(2):
        reader.inclusion(70)
    assert sorted(asked[3:]) == ["tile/0/000", "tile/1/000"]
    for index in range(0, 69_000, 256):
        reader.inclusion(index)
    assert len(reader._full) <= CACHED_TILES
