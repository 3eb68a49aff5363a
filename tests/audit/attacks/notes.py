# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Attacks on signed notes, checkpoints and cosignatures."""

import base64
import hashlib

from tests.audit.attacks.room import ORIGIN, SIGNER, WITNESS, refused

ROOT = base64.b64encode(bytes(32)).decode()
LINE = "\u2014 name AAAAAAA=\n"


def note_of_another_form(room):
    """Bytes in any other form than a signed note are refused before a signature is looked at."""
    faults = {
        "no blank line": "text\n" + LINE,
        "signature lines only": LINE,
        "no final newline": "text\n\n" + LINE[:-1],
        "control character": "te\txt\n\n" + LINE,
        "carriage return": "text\r\n\n" + LINE,
        "no dash": "text\n\n" + LINE[2:],
        "no name": "text\n\n\u2014  AAAAAAA=\n",
        "tab in the name": "text\n\n\u2014 na\tme AAAAAAA=\n",
        "plus in the name": "text\n\n\u2014 na+me AAAAAAA=\n",
        "third part": "text\n\n\u2014 name AAAAAAA= more\n",
        "not base64": "text\n\n\u2014 name AA*AAAA=\n",
        "loose bits": "text\n\n\u2014 name AAAAAAB=\n",
        "key hash only": "text\n\n\u2014 name AAAAAA==\n",
        "too many lines": "text\n\n" + LINE * 65,
        "too long": "x" * 70_000 + "\n\n" + LINE,
    }
    for fault in faults.values():
        refused("AUDIT-NOTE-FORM", room.note.read_note, fault.encode())
    refused("AUDIT-NOTE-FORM", room.note.read_note, b"\xff\n\n" + LINE.encode())


def note_without_signature_of_the_key(room):
    """A note without a line of the expected key proves nothing."""
    signed = room.note.read_note(b"text\n\n" + LINE.encode())
    refused("AUDIT-KEY", room.note.verify_note, signed, room.key())


def note_signed_under_another_name(room):
    """A line of the right key hash under another name is another key's, and the other way round."""
    signed = room.note.sign_note(b"text\n", room.key(), SIGNER)
    other = room.note.read_note(signed.replace(ORIGIN.encode(), b"customs-cn/customs-de"))
    refused("AUDIT-KEY", room.note.verify_note, other, room.key())
    line = room.note.signature_line(room.key(), SIGNER.sign(b"text\n"))
    words = line.split(b" ")
    value = base64.b64decode(words[2])
    changed = b" ".join((*words[:2], base64.b64encode(b"\x00" + value[1:]) + b"\n"))
    refused("AUDIT-KEY", room.note.verify_note, room.note.read_note(b"text\n\n" + changed), room.key())


def note_with_two_lines_of_the_key(room):
    """Two lines of one key are refused, whichever is good."""
    signed = room.note.sign_note(b"text\n", room.key(), SIGNER)
    doubled = room.note.read_note(signed + room.note.signature_line(room.key(), bytes(64)))
    refused("AUDIT-KEY", room.note.verify_note, doubled, room.key())
    refused("AUDIT-KEY", room.note.add_signatures, signed, [room.note.signature_line(room.key(), b"x")])


def note_with_forged_signature(room):
    """A signature over another text does not hold."""
    signed = room.note.sign_note(b"text\n", room.key(), SIGNER)
    forged = room.note.read_note(signed.replace(b"text", b"test"))
    refused("AUDIT-SIGNATURE", room.note.verify_note, forged, room.key())


def note_signed_by_a_witness_key(room):
    """The key of a witness does not sign what a log says."""
    key = room.witness_key()
    line = room.note.signature_line(key, WITNESS.sign(b"text\n"))
    signed = room.note.read_note(b"text\n\n" + line)
    refused("AUDIT-KEY-TYPE", room.note.verify_note, signed, key)


def _written(name, typed):
    """Return the written form of a key, whatever it is."""
    digest = hashlib.sha256(name.encode() + b"\n" + typed).hexdigest()[:8]
    return f"{name}+{digest}+{base64.b64encode(typed).decode()}"


def key_of_another_form(room):
    """A written key has a name, the hash of the key, a known type and the right length."""
    name, digest, encoded = room.key().text.split("+", 2)
    unknown = base64.b64encode(b"\x05" + base64.b64decode(encoded)[1:]).decode()
    typed = base64.b64decode(encoded)
    long = _written(name, typed + b"\x00")
    faults = (
        "",
        name,
        f"+{digest}+{encoded}",
        f"{name}+00000000+{encoded}",
        f"{name}+{digest}+{unknown}",
        long,
        _written("two words", typed),
        f"{name}+{digest}+%%",
    )
    for fault in faults:
        refused("AUDIT-KEY", room.note.read_key, fault)


def checkpoint_of_another_form(room):
    """A checkpoint is three lines in one form."""
    faults = (
        f"{ORIGIN}\n9\n{ROOT}\nextension\n",
        f"{ORIGIN}\n9\n{ROOT}\n\n",
        f"{ORIGIN}\n9\n",
        f"{ORIGIN}\n9\n{ROOT}",
        f"{ORIGIN}\n09\n{ROOT}\n",
        f"{ORIGIN}\n-9\n{ROOT}\n",
        f"{ORIGIN}\n\u0669\n{ROOT}\n",
        f"{ORIGIN}\n9223372036854775808\n{ROOT}\n",
        f"{ORIGIN}\n9\n{ROOT[:-2]}B=\n",
        f"{ORIGIN}\n9\n{ROOT[:20]}\n",
        f"two words\n9\n{ROOT}\n",
        f"\n9\n{ROOT}\n",
        f"{ORIGIN}\r\n9\r\n{ROOT}\r\n",
    )
    for fault in faults:
        refused("AUDIT-CHECKPOINT-FORM", room.checkpoint.parse, fault.encode())


def _cosigned(room, time=1_800_000_000):
    """Return a body, a witness key and its line."""
    body = room.checkpoint.format(ORIGIN, 9, bytes(32))
    key = room.witness_key()
    return body, key, room.cosign.cosign(body, key, WITNESS, time)


def _read(room, body, *lines):
    """Return the note of a body with lines."""
    return room.note.read_note(body + b"\n" + b"".join(lines))


def cosignature_moved_to_another_checkpoint(room):
    """A cosignature holds for one checkpoint."""
    _, key, line = _cosigned(room)
    other = room.checkpoint.format(ORIGIN, 10, bytes(32))
    refused("AUDIT-SIGNATURE", room.cosign.verify_cosignature, _read(room, other, line), key)


def cosignature_with_another_time(room):
    """The time is signed."""
    body, key, line = _cosigned(room)
    value = base64.b64decode(line.split(b" ")[2])[4:]
    changed = room.note.signature_line(key, (1_900_000_000).to_bytes(8, "big") + value[8:])
    refused("AUDIT-SIGNATURE", room.cosign.verify_cosignature, _read(room, body, changed), key)


def cosignature_of_another_form(room):
    """A cosignature has a time after 1970 and a signature of the right length."""
    body, key, line = _cosigned(room)
    value = base64.b64decode(line.split(b" ")[2])[4:]
    for fault in (value[:-1], value + b"\x00", bytes(8) + value[8:], b"\xff" + value[1:], value[8:]):
        changed = room.note.signature_line(key, fault)
        note = _read(room, body, changed)
        refused("AUDIT-COSIGNATURE-FORM", room.cosign.verify_cosignature, note, key)


def cosignature_by_the_log_key(room):
    """A log does not witness itself: its key has another type."""
    body, _, _ = _cosigned(room)
    note = room.note.read_note(room.note.sign_note(body, room.key(), SIGNER))
    refused("AUDIT-KEY-TYPE", room.cosign.verify_cosignature, note, room.key())


def cosignature_that_nobody_can_check(room):
    """A key that cannot be checked here is neither good nor bad, and never good."""
    body, _, _ = _cosigned(room)
    key = room.note.NoteKey("witness.example", bytes(1312), room.note.KeyType.ML_DSA_44)
    line = room.note.signature_line(key, (1).to_bytes(8, "big") + bytes(2420))
    refused("AUDIT-KEY-TYPE", room.cosign.verify_cosignature, _read(room, body, line), key)


def quorum_of_one_witness_twice(room):
    """Two keys of one witness are one witness."""
    body, key, line = _cosigned(room)
    second = room.note.NoteKey.of(key.name, SIGNER.public_key, key.kind)
    note = _read(room, body, line, room.cosign.cosign(body, second, SIGNER, 1))
    refused("AUDIT-COSIGNATURE-QUORUM", room.cosign.require_quorum, note, [key, second], 2)


def quorum_with_unknown_witnesses(room):
    """Lines of unknown witnesses and unknown types count for nothing."""
    body, key, line = _cosigned(room)
    note = _read(room, body, line, LINE.encode())
    assert room.cosign.require_quorum(note, [key], 1)[0].key == key
    refused("AUDIT-COSIGNATURE-QUORUM", room.cosign.require_quorum, note, [], 1)


def quorum_with_a_forged_line(room):
    """One wrong line of a known witness spoils the note."""
    body, key, line = _cosigned(room)
    second = room.note.NoteKey.of("other.example", SIGNER.public_key, key.kind)
    forged = room.note.signature_line(second, (1).to_bytes(8, "big") + bytes(64))
    note = _read(room, body, line, forged)
    refused("AUDIT-SIGNATURE", room.cosign.require_quorum, note, [key, second], 1)
