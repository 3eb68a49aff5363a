# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Cosignatures of witnesses: the signed bytes written out by hand, several on one note, and ML-DSA-44."""

import base64
import struct

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from gateway.audit import checkpoint, cosign, note
from gateway.audit.note import KeyType, NoteKey
from gateway.envelope.keys import verify_ml_dsa_44
from gateway.envelope.signer import FileSigner
from gateway.errors import CouldNotCheck, VerificationError

ORIGIN = "customs-cn/customs-nl"
BODY = checkpoint.format(ORIGIN, 9, bytes(range(32)))
TIME = 1_800_000_000
WITNESS = FileSigner(Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33))))
KEY = NoteKey.of("witness.example", WITNESS.public_key, KeyType.COSIGNATURE)
SECOND = MLDSA44PrivateKey.from_seed_bytes(bytes(32))
SECOND_KEY = NoteKey.of("second.example", SECOND.public_key(), KeyType.ML_DSA_44)


@pytest.fixture(name="cosigned", scope="module")
def _cosigned():
    log = FileSigner(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
    signed = note.sign_note(BODY, NoteKey.of(ORIGIN, log.public_key), log)
    lines = [
        cosign.cosign(BODY, KEY, WITNESS, TIME),
        cosign.cosign(BODY, SECOND_KEY, FileSigner(SECOND), TIME + 1),
    ]
    return note.add_signatures(signed, lines), NoteKey.of(ORIGIN, log.public_key)


def test_ed25519_cosignature_is_time_and_signature():
    """Type 0x04 signs a header, the time and the body, and stands in the note as u64 time and 64 bytes."""
    value = base64.b64decode(cosign.cosign(BODY, KEY, WITNESS, TIME).split(b" ")[2])
    assert value[:4] == KEY.hash
    assert value[4:12] == struct.pack(">Q", TIME)
    WITNESS.public_key.verify(value[12:], b"cosignature/v1\ntime 1800000000\n" + BODY)


def test_ml_dsa_message_is_the_subtree_from_zero():
    """Type 0x06 signs label, names, time, start, end and root, and no text of the checkpoint."""
    expected = (
        b"subtree/v1\n\x00"
        b"\x0esecond.example"
        + struct.pack(">Q", TIME)
        + bytes([len(ORIGIN)])
        + ORIGIN.encode()
        + struct.pack(">QQ", 0, 9)
        + bytes(range(32))
    )
    assert cosign.message(BODY, SECOND_KEY, TIME) == expected


def test_every_kind_of_signature_on_one_note(cosigned):
    """Log, Ed25519 witness and ML-DSA-44 witness sign one note, and each is verified by its own key."""
    raw, key = cosigned
    assert checkpoint.verify(raw, key) == checkpoint.parse(BODY)
    found = cosign.require_quorum(note.read_note(raw), [KEY, SECOND_KEY], 2, ml_dsa_44=verify_ml_dsa_44)
    assert found == (cosign.Cosignature(KEY, TIME), cosign.Cosignature(SECOND_KEY, TIME + 1))


def test_ml_dsa_without_its_check_is_not_checked(cosigned):
    """Without a check of ML-DSA-44 the outcome is "could not check", not "wrong", and never good."""
    with pytest.raises(CouldNotCheck):
        cosign.cosignatures(note.read_note(cosigned[0]), [KEY, SECOND_KEY])
    assert len(cosign.cosignatures(note.read_note(cosigned[0]), [KEY])) == 1


@pytest.mark.parametrize("place", [0, 7, 8, 100, -1])
def test_changed_ml_dsa_cosignature_is_refused(cosigned, place):
    """No byte of time or signature can change."""
    value = bytearray(note.find_signature(note.read_note(cosigned[0]), SECOND_KEY).value)
    value[place] ^= 1
    changed = note.read_note(BODY + b"\n" + note.signature_line(SECOND_KEY, bytes(value)))
    with pytest.raises(VerificationError) as caught:
        cosign.verify_cosignature(changed, SECOND_KEY, ml_dsa_44=verify_ml_dsa_44)
    assert caught.value.findings[0].code == "AUDIT-SIGNATURE"


@given(st.integers(1, 2**63 - 1), st.integers(0, 2**63 - 1), st.binary(min_size=32, max_size=32))
def test_cosignature_round_trip(time, size, root):
    """Every checkpoint can be cosigned at every time and verified."""
    body = checkpoint.format(ORIGIN, size, root)
    line = cosign.cosign(body, KEY, WITNESS, time)
    assert cosign.verify_cosignature(note.read_note(body + b"\n" + line), KEY).time == time


def test_key_types_have_different_key_hashes():
    """One public key as log key and as witness key is told apart by its key hash."""
    log = NoteKey.of("witness.example", WITNESS.public_key)
    assert log.hash != KEY.hash
    assert SECOND_KEY.public_key == SECOND.public_key().public_bytes_raw()
    assert [note.read_key(one.text) for one in (log, KEY, SECOND_KEY)] == [log, KEY, SECOND_KEY]


def test_what_cannot_be_cosigned():
    """A time before 1970, a log key, a signer of another algorithm and other texts are refused."""
    log = NoteKey.of(ORIGIN, WITNESS.public_key)
    faults = ((BODY, KEY, WITNESS, 0), (BODY, KEY, WITNESS, 2**63), (BODY, log, WITNESS, TIME))
    for fault in (*faults, (BODY, KEY, FileSigner(SECOND), TIME), (BODY, SECOND_KEY, WITNESS, TIME)):
        with pytest.raises(ValueError, match=r"time|key"):
            cosign.cosign(*fault)
    with pytest.raises(VerificationError):
        cosign.cosign(b"text\n", KEY, WITNESS, TIME)
    with pytest.raises(ValueError, match="ml-dsa-44"):
        NoteKey.of("witness.example", WITNESS.public_key, KeyType.ML_DSA_44)
    with pytest.raises(ValueError, match="Ed25519"):
        note.sign_note(BODY, KEY, WITNESS)


def test_long_names_do_not_fit_ml_dsa_cosignatures():
    """An origin of more than 255 bytes cannot be cosigned, nor was it by anybody."""
    body = checkpoint.format("x" * 256, 9, bytes(32))
    with pytest.raises(ValueError, match="255"):
        cosign.message(body, SECOND_KEY, TIME)
    line = note.signature_line(SECOND_KEY, struct.pack(">Q", TIME) + bytes(2420))
    with pytest.raises(VerificationError) as caught:
        cosign.verify_cosignature(note.read_note(body + b"\n" + line), SECOND_KEY, ml_dsa_44=verify_ml_dsa_44)
    assert caught.value.findings[0].code == "AUDIT-COSIGNATURE-FORM"
