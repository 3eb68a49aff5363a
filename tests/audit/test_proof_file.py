# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Proof files, and the two commands that make and check them."""

import base64

import pytest
from typer.testing import CliRunner

from gateway.audit import EMPTY_ROOT, Event, append, leaf, leaf_hash, root
from gateway.audit.checkpoint import Checkpoint, sign
from gateway.audit.proof_file import HEADER, ProofFile, read, verify_proof_file, write
from gateway.cli.audit import app
from gateway.errors import ConfigError, VerificationError

ENTRIES = [leaf(Event.SENT, bytes([one]) * 32, bytes(32)) for one in range(11)]


@pytest.fixture(name="note")
def _note(signer, key):
    tree = append(0, (), [leaf_hash(one) for one in ENTRIES])
    return sign(Checkpoint(key.name, 11, root(tree.frontier)), key, signer)


@pytest.fixture(name="export")
def _export(tmp_path, note, key):
    (tmp_path / "entries.txt").write_text("".join(one.hex() + "\n" for one in ENTRIES))
    (tmp_path / "checkpoint").write_bytes(note)
    (tmp_path / "key").write_text(key.text + "\n")
    return tmp_path


def prove(export, index):
    """Run `gateway audit prove`."""
    arguments = [
        "--index",
        str(index),
        "--checkpoint",
        str(export / "checkpoint"),
        "--out",
        str(export / "proof"),
    ]
    return CliRunner().invoke(app, ["prove", str(export / "entries.txt"), *arguments])


@pytest.mark.parametrize("index", range(11))
def test_every_entry_can_be_proved_offline(export, key, index):
    """A proof file made of exported entries verifies with entry and key alone."""
    assert prove(export, index).exit_code == 0
    proof, checkpoint = verify_proof_file((export / "proof").read_bytes(), leaf_hash(ENTRIES[index]), key)
    assert (proof.index, checkpoint.size) == (index, 11)
    arguments = ["--entry", ENTRIES[index].hex(), "--key", str(export / "key"), "--json"]
    result = CliRunner().invoke(app, ["verify", str(export / "proof"), *arguments])
    assert result.exit_code == 0
    assert '"event": "sent"' in result.output


def test_proof_of_another_entry_is_refused(export, key):
    """A proof does not verify for another entry than the one it was made for."""
    prove(export, 4)
    with pytest.raises(VerificationError):
        verify_proof_file((export / "proof").read_bytes(), leaf_hash(ENTRIES[5]), key)
    result = CliRunner().invoke(
        app, ["verify", str(export / "proof"), "--entry", ENTRIES[5].hex(), "--key", key.text]
    )
    assert isinstance(result.exception, VerificationError)


def test_changed_entries_are_not_proved(export):
    """Entries that do not lead to the signed root, or are too few, give no proof."""
    lines = (export / "entries.txt").read_text().split()
    for changed in (lines[:-1], [lines[1], lines[0], *lines[2:]], []):
        (export / "entries.txt").write_text("\n".join(changed))
        assert isinstance(prove(export, 1).exception, VerificationError)
    assert not (export / "proof").exists()


def test_every_changed_byte_is_refused(export, key):
    """No single byte of a proof file can change."""
    prove(export, 6)
    raw = (export / "proof").read_bytes()
    for place in range(len(raw)):
        changed = raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]
        with pytest.raises(VerificationError):
            verify_proof_file(changed, leaf_hash(ENTRIES[6]), key)


@pytest.mark.parametrize(
    "head",
    [
        "",
        HEADER,
        f"{HEADER}\nindex 01",
        f"{HEADER}\nindex -1",
        "c2sp.org/tlog-proof@v2\nindex 1",
        f"{HEADER}\nindex 1\n" + base64.b64encode(bytes(31)).decode(),
        f"{HEADER}\nindex 1\nAAAA!",
        f"{HEADER}\nindex 1\n" + "\n".join([base64.b64encode(EMPTY_ROOT).decode()] * 64),
    ],
)
def test_other_files_are_refused(head, note):
    """Another header, index, hash length or number of hashes is not a proof file."""
    with pytest.raises(VerificationError) as raised:
        read(head.encode() + b"\n\n" + note)
    assert raised.value.findings[0].code == "AUDIT-PROOF-FORM"


def test_round_trip(note):
    """What is written is read."""
    proof = ProofFile(3, (EMPTY_ROOT, bytes(32)), note)
    assert read(write(proof)) == proof


def test_commands_refuse_what_is_not_hexadecimal(export, key):
    """Entries and arguments that are not hexadecimal are usage errors."""
    (export / "entries.txt").write_text("no entry")
    assert isinstance(prove(export, 0).exception, ConfigError)
    result = CliRunner().invoke(
        app, ["verify", str(export / "checkpoint"), "--entry", "zz", "--key", key.text]
    )
    assert isinstance(result.exception, ConfigError)
