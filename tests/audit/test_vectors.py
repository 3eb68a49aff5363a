# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The examples of the C2SP specifications and of the format's first implementation."""

import base64
import json
from collections import Counter
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.audit import note, tiles
from gateway.envelope.signer import FileSigner

FOLDER = Path(__file__).parents[1] / "vectors/c2sp"
NOTE = json.loads((FOLDER / "signed_note.json").read_text())
TILES = json.loads((FOLDER / "tiles.json").read_text())


def test_example_note_verifies():
    """The published example note verifies under its published key and gives its text."""
    raw = (NOTE["text"] + "\n" + NOTE["signature_line"]).encode()
    key = note.read_key(NOTE["verifier_key"])
    assert note.verify_note(note.read_note(raw), key) == NOTE["text"].encode()


def test_example_note_is_made():
    """Signing the example text with the example key gives the published bytes."""
    seed = base64.b64decode(NOTE["test_private_key"].split("+", 4)[4])[1:]
    signer = FileSigner(Ed25519PrivateKey.from_private_bytes(seed))
    key = note.NoteKey.of("PeterNeumann", signer.public_key)
    assert key.text == NOTE["verifier_key"]
    expected = (NOTE["text"] + "\n" + NOTE["signature_line"]).encode()
    assert note.sign_note(NOTE["text"].encode(), key, signer) == expected


@pytest.mark.parametrize("text", [NOTE["verifier_key"], *NOTE["other_verifier_keys"]])
def test_published_keys_are_read(text):
    """A published verifier key has the key hash that stands in it."""
    assert note.read_key(text).text == text


def test_example_tile_path():
    """The path of the specification's example is written and read."""
    row = TILES["path"]
    path = tiles.TilePath(row["level"], row["index"])
    assert path.text == row["text"]
    assert tiles.parse_path(row["text"]) == path


def test_example_tree_of_tiles():
    """A tree of 70,000 leaves has the full and partial tiles that the specification counts."""
    row = TILES["tree"]
    paths = list(tiles.tile_paths(row["size"]))
    assert [one.text for one in paths if one.width < 256] == row["partial"]
    full = Counter(one.level for one in paths if one.width == 256)
    assert [full[level] for level in range(3)] == row["full"]
