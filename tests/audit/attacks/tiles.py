# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Attacks by a server of tiles and entry bundles."""

from tests.audit.attacks.room import Room, refused

SIZE = 70_000
_MADE = {}


def tree_of(size=SIZE):
    """Return files and root of a log of small entries, made once by the room as it is."""
    if size not in _MADE:
        room = Room()
        entries = [number.to_bytes(4, "big") for number in range(size)]
        made = room.tree.append(0, (), [room.tree.leaf_hash(one) for one in entries])
        stored = {(level, index): value for level, index, value in made.hashes}
        written = room.tiles.grow(0, size, lambda level, index: stored[level, index])
        written += room.tiles.grow_bundles(0, size, entries.__getitem__)
        _MADE[size] = {one.path.text: one.content for one in written}, room.tree.root(made.frontier)
    return _MADE[size]


def reader(room, changed=None, size=SIZE):
    """Return a reader of that log with some files changed; None takes a file away."""
    files, root = tree_of(size)
    served = {name: content for name, content in (files | (changed or {})).items() if content is not None}
    return room.tile_reader.TileReader(served.__getitem__, size, root)


def tile_truncated(room):
    """A tile with fewer hashes is refused, at the edge and inside."""
    files, _ = tree_of()
    for name in ("tile/0/000", "tile/1/000"):
        refused("AUDIT-TILE-TRUNCATED", reader(room, {name: files[name][:-32]}).inclusion, 3)
    for name in ("tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1"):
        refused("AUDIT-TILE-TRUNCATED", reader, room, {name: files[name][:-1]})


def tile_oversized(room):
    """A tile with more hashes is refused, at the edge and inside."""
    files, _ = tree_of()
    refused(
        "AUDIT-TILE-OVERSIZED", reader(room, {"tile/0/000": files["tile/0/000"] + bytes(32)}).inclusion, 3
    )
    name = "tile/0/273.p/112"
    refused("AUDIT-TILE-OVERSIZED", reader, room, {name: files[name] + bytes(32)})


def tile_edited(room):
    """A tile with one changed bit is refused, whatever is asked of it."""
    files, _ = tree_of()
    for name, index in (("tile/0/000", 3), ("tile/1/000", 3), ("tile/0/001", 300)):
        content = bytearray(files[name])
        content[-1] ^= 1
        refused("AUDIT-TILE-HASH", reader(room, {name: bytes(content)}).hash, 0, index)


def tile_reordered(room):
    """A tile with two hashes exchanged is refused."""
    content = tree_of()[0]["tile/0/000"]
    turned = content[32:64] + content[:32] + content[64:]
    refused("AUDIT-TILE-HASH", reader(room, {"tile/0/000": turned}).hash, 0, 0)


def tile_swapped(room):
    """Another tile of the same log under this name is refused, and told as what it is."""
    files, _ = tree_of()
    refused("AUDIT-TILE-SWAPPED", reader(room, {"tile/0/000": files["tile/0/001"]}).hash, 0, 0)


def edge_edited(room):
    """No tile of the right edge can change, not even where no proof would ask it."""
    files, _ = tree_of()
    for name in ("tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1"):
        content = bytearray(files[name])
        content[0] ^= 1
        refused("AUDIT-TILE-EDGE", reader, room, {name: bytes(content)})


def edge_of_another_tree(room):
    """Tiles of a tree with another root are refused before anything is answered."""
    files, _ = tree_of()
    refused("AUDIT-TILE-EDGE", room.tile_reader.TileReader, files.__getitem__, SIZE, bytes(32))


def tile_absent(room):
    """What is not served cannot be checked."""
    refused("AUDIT-TILE-MISSING", reader(room, {"tile/0/000": None}).inclusion, 3)
    refused("AUDIT-TILE-MISSING", reader, room, {"tile/0/273.p/112": None})


def question_outside_the_tree(room):
    """Nothing outside the signed tree is answered."""
    tree = reader(room)
    for level, index in ((0, SIZE), (0, -1), (-1, 0), (17, 0), (1, SIZE // 2)):
        refused("AUDIT-RANGE", tree.hash, level, index)
    refused("AUDIT-RANGE", tree.root_at, SIZE + 1)
    refused("AUDIT-RANGE", tree.root_at, -1)
    refused("AUDIT-RANGE", tree.entries, 274)
    refused("AUDIT-RANGE", tree.entries, -1)
    refused("AUDIT-RANGE", tree.entry, SIZE)
    refused("AUDIT-RANGE", tree.entry, -1)
    refused("AUDIT-RANGE", tree.inclusion, SIZE)
    refused("AUDIT-RANGE", tree.consistency, 0)
    refused("AUDIT-RANGE", room.tile_reader.TileReader, {}.__getitem__, 2**63, bytes(32))


def bundle_truncated(room):
    """A bundle that ends too early is refused, between entries, in one and in a length."""
    files, _ = tree_of()
    for cut in (1, 5, 6, 6 * 256):
        content = files["tile/entries/000"][:-cut]
        refused("AUDIT-BUNDLE-TRUNCATED", reader(room, {"tile/entries/000": content}).entries, 0)


def bundle_oversized(room):
    """A bundle with one more entry, or one more byte, is refused."""
    files, _ = tree_of()
    for more in (b"\x00", b"\x00\x01x"):
        content = files["tile/entries/000"] + more
        refused("AUDIT-BUNDLE-OVERSIZED", reader(room, {"tile/entries/000": content}).entries, 0)


def bundle_edited(room):
    """An entry that is not the one in the tree is refused, and its index named."""
    for name, index in (("tile/entries/001", 1), ("tile/entries/273.p/112", 273)):
        content = bytearray(tree_of()[0][name])
        content[-1] ^= 1
        refused("AUDIT-BUNDLE-EDITED", reader(room, {name: bytes(content)}).entries, index)


def bundle_reordered(room):
    """The right entries in another order are refused."""
    content = tree_of()[0]["tile/entries/000"]
    turned = content[6:12] + content[:6] + content[12:]
    refused("AUDIT-BUNDLE-REORDERED", reader(room, {"tile/entries/000": turned}).entry, 5)


def bundle_swapped(room):
    """Another bundle of the same log under this name is refused, and told as what it is."""
    files, _ = tree_of()
    refused("AUDIT-BUNDLE-SWAPPED", reader(room, {"tile/entries/000": files["tile/entries/001"]}).entries, 0)


def path_of_another_form(room):
    """A path has one form and lies within a possible tree."""
    faults = (
        "",
        "tile/0/0",
        "tile/0/1000",
        "tile/0/x000/001",
        "tile/0/x001/2",
        "tile/0/001/002",
        "tile/00/001",
        "tile/8/001",
        "tile/-1/001",
        "tile/0/001.p/0",
        "tile/0/001.p/256",
        "tile/0/001.p/257",
        "tile/0/001.p/07",
        "tile/0/001.p",
        "tile/0/001/",
        "/tile/0/001",
        "tile/0/../001",
        "tile/0/\u0660\u0660\u0661",
        "tile/7/128",
        "tile/7/000",
        "tile/0/x999/x999/x999/x999/x999/x999/999",
        "tile/entries/x36/028/797/018/963/968",
        "tile/0/001\n",
    )
    for fault in faults:
        refused("AUDIT-TILE-PATH", room.tiles.parse_path, fault)
