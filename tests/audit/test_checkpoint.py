# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Signed checkpoints: the written form, and every way in which another form is refused."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from gateway.audit import checkpoint, note, tree
from gateway.envelope.signer import FileSigner
from gateway.errors import VerificationError

ORIGIN = "customs-cn/customs-nl"
POINT = checkpoint.Checkpoint(ORIGIN, 9, tree.leaf_hash(b"any"))
ROOT = base64.b64encode(POINT.root).decode()


def code(raised):
    """Return the code of the first finding."""
    return raised.value.findings[0].code


def test_form_is_three_lines_and_a_signature(signer, key):
    """The note is origin, size, root, blank line and one signature line of the log key."""
    lines = checkpoint.sign(POINT, key, signer).decode().split("\n")
    assert lines[:4] == [ORIGIN, "9", ROOT, ""]
    assert lines[4].startswith(f"\u2014 {ORIGIN} ")
    assert base64.b64decode(lines[4].split(" ")[2])[:4] == key.hash
    assert lines[5:] == [""]


@given(st.integers(0, 2**63 - 1), st.binary(min_size=32, max_size=32))
def test_body_round_trip(size, root):
    """Every checkpoint that can be written is read back."""
    written = checkpoint.format(ORIGIN, size, root)
    assert checkpoint.parse(written) == checkpoint.Checkpoint(ORIGIN, size, root)


def test_sign_and_verify(signer, key):
    """A signed checkpoint verifies under the key of its log."""
    assert checkpoint.verify(checkpoint.sign(POINT, key, signer), key) == POINT


@pytest.mark.parametrize(
    "body",
    [
        f"{ORIGIN}\n9\n{ROOT}\nextension\n",
        f"{ORIGIN}\n9\n{ROOT}\n\n",
        f"{ORIGIN}\n9\n",
        f"{ORIGIN}\n09\n{ROOT}\n",
        f"{ORIGIN}\n+9\n{ROOT}\n",
        f"{ORIGIN}\n-9\n{ROOT}\n",
        f"{ORIGIN}\n\u0669\n{ROOT}\n",
        f"{ORIGIN}\n 9\n{ROOT}\n",
        f"{ORIGIN}\n9.0\n{ROOT}\n",
        f"{ORIGIN}\n9223372036854775808\n{ROOT}\n",
        f"{ORIGIN}\n9\n{ROOT.rstrip('=')}\n",
        f"{ORIGIN}\n9\n{ROOT[:20]}\n",
        f"{ORIGIN}\n9\n{ROOT[:-2]}_=\n",
        f"\n9\n{ROOT}\n",
        f"two words\n9\n{ROOT}\n",
        f"{ORIGIN}\r\n9\r\n{ROOT}\r\n",
        f"{ORIGIN}\n9\n{ROOT}",
    ],
)
def test_other_bodies_are_refused(body):
    """Extra lines, another form of size or root, and a wrong origin are not a checkpoint."""
    with pytest.raises(VerificationError) as raised:
        checkpoint.parse(body.encode())
    assert code(raised) == "AUDIT-CHECKPOINT-FORM"


def test_signed_extension_lines_are_refused(signer, key):
    """A body with an extension line is refused although the log itself has signed it."""
    signed = note.sign_note(f"{ORIGIN}\n9\n{ROOT}\nmore\n".encode(), key, signer)
    with pytest.raises(VerificationError) as raised:
        checkpoint.verify(signed, key)
    assert code(raised) == "AUDIT-CHECKPOINT-FORM"


def test_key_name_must_be_the_origin(signer, key):
    """A log cannot sign a checkpoint in the name of another log."""
    with pytest.raises(ValueError, match="origin"):
        checkpoint.sign(checkpoint.Checkpoint("customs-cn/customs-de", 9, POINT.root), key, signer)
    foreign = note.sign_note(checkpoint.format("customs-cn/customs-de", 9, POINT.root), key, signer)
    with pytest.raises(VerificationError) as raised:
        checkpoint.verify(foreign, key)
    assert code(raised) == "AUDIT-ORIGIN"


def test_wrong_key_name_or_hash_is_refused(signer, key):
    """A note without a line of the expected name and key hash proves nothing."""
    signed = checkpoint.sign(POINT, key, signer)
    other = FileSigner(Ed25519PrivateKey.from_private_bytes(bytes(32)))
    for expected in (note.NoteKey.of(ORIGIN, other.public_key), note.NoteKey("customs-cn", key.public_key)):
        with pytest.raises(VerificationError) as raised:
            checkpoint.verify(signed, expected)
        assert code(raised) == "AUDIT-KEY"


def test_every_changed_byte_is_refused(signer, key):
    """No single byte of a signed checkpoint can change."""
    signed = checkpoint.sign(POINT, key, signer)
    for place in range(len(signed)):
        changed = signed[:place] + bytes([signed[place] ^ 1]) + signed[place + 1 :]
        with pytest.raises(VerificationError):
            checkpoint.verify(changed, key)


def test_cosignatures_of_others_are_ignored(signer, key):
    """Lines of other keys neither help nor hurt; two lines of the log's own key are refused."""
    signed = checkpoint.sign(POINT, key, signer)
    witness = "\u2014 witness.example " + base64.b64encode(b"hash" + bytes(64)).decode() + "\n"
    assert checkpoint.verify(signed + witness.encode(), key) == POINT
    own = signed.rsplit(b"\n\n", 1)[1]
    with pytest.raises(VerificationError) as raised:
        checkpoint.verify(signed + own, key)
    assert code(raised) == "AUDIT-KEY"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"text\n",
        b"text\n\n",
        b"text\n\nno dash AAAAAAA=\n",
        "text\n\n\u2014 name\n".encode(),
        "text\n\n\u2014 name AAAAAAA= more\n".encode(),
        "text\n\n\u2014 name not-base64\n".encode(),
        "text\n\n\u2014 name AAAAAA==\n".encode(),
        "text\n\n\u2014 name AAAAAAB=\n".encode(),
        "text\n\n\u2014 na+me AAAAAAA=\n".encode(),
        "text\n\n\u2014 name AAAAAAA=".encode(),
        "te\txt\n\n\u2014 name AAAAAAA=\n".encode(),
        b"\xff\n\n\xe2\x80\x94 name AAAAAAA=\n",
        b"text\n\n" + "\u2014 name AAAAAAA=\n".encode() * 65,
        b"x" * 70_000 + "\n\n\u2014 name AAAAAAA=\n".encode(),
    ],
)
def test_what_is_not_a_note_is_refused(raw):
    """Bytes in another form than a signed note are refused before any signature is looked at."""
    with pytest.raises(VerificationError) as raised:
        note.read_note(raw)
    assert code(raised) == "AUDIT-NOTE-FORM"


def test_written_key_round_trip(key):
    """A key is read back from its written form, and a wrong hash or type is refused."""
    assert note.read_key(key.text + "\n") == key
    name, digest, encoded = key.text.split("+", 2)
    ecdsa = base64.b64encode(b"\x02" + key.public_key).decode()
    for text in (
        "",
        name,
        f"{name}+00000000+{encoded}",
        f"{name}+{digest}+{ecdsa}",
        f"{name}+{digest}+%%",
        f"+{digest}",
    ):
        with pytest.raises(VerificationError) as raised:
            note.read_key(text)
        assert code(raised) == "AUDIT-KEY"


def test_key_names_that_lines_cannot_hold_are_refused(key):
    """A key name has no spaces or plus signs, and a key has 32 bytes."""
    for name, raw in (
        ("", key.public_key),
        ("a b", key.public_key),
        ("a+b", key.public_key),
        ("a", b"short"),
    ):
        with pytest.raises(ValueError, match="key"):
            note.NoteKey(name, raw)
