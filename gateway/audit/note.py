# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
r"""Signed notes as in C2SP signed-note v1: text, blank line, one signature line per key.

A line is `— <key name> <base64(4 bytes key hash || signature)>`. The signature covers the text with its last
newline. A key is known by name and key hash = SHA-256(name || "\n" || type || public key)[:4]; lines of other
keys are kept and ignored, as the specification demands: they neither help nor hurt. Key types: 0x01, Ed25519
over the text, verified here; 0x04 and 0x06, cosignatures of witnesses, whose messages `cosign` knows. A key
of another type cannot be read, so no line can ever be accepted because of it.
"""

import base64
import binascii
import enum
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.envelope import keys
from gateway.envelope.keys import Algorithm, PublicKey
from gateway.errors import VerificationError
from gateway.finding import finding

MAX_NOTE_BYTES = 64 * 1024
MAX_SIGNATURES = 64

_DASH = "\u2014 "
_HASH_LENGTH = 4
_SPACE = 0x20


class KeyType(enum.IntEnum):
    """The signature types of C2SP signed-note and tlog-cosignature that are understood."""

    ED25519 = 0x01
    COSIGNATURE = 0x04
    ML_DSA_44 = 0x06


# RFC 8032 section 5.1.5; FIPS 204 table 2.
_PUBLIC_KEY_LENGTHS = {KeyType.ED25519: 32, KeyType.COSIGNATURE: 32, KeyType.ML_DSA_44: 1312}
_ALGORITHMS = {
    KeyType.ED25519: Algorithm.ED25519,
    KeyType.COSIGNATURE: Algorithm.ED25519,
    KeyType.ML_DSA_44: Algorithm.ML_DSA_44,
}


class NoteSigner(Protocol):
    """What signs a note; every signer of the envelope room with an Ed25519 or ML-DSA-44 key is one."""

    @property
    def algorithm(self) -> str:
        """The algorithm; the key type says which it must be."""

    def sign(self, message: bytes) -> bytes:
        """Return the signature over the message."""


@dataclass(frozen=True, slots=True)
class NoteKey:
    """A public key under the name by which notes call it, with the raw bytes of RFC 8032 or FIPS 204.

    One key has one type: a log key is not the key of a witness.
    """

    name: str
    public_key: bytes
    kind: KeyType = KeyType.ED25519

    def __post_init__(self) -> None:
        """Refuse names that a signature line cannot hold, and keys of another length."""
        if not is_name(self.name):
            raise ValueError("a key name has no spaces, control characters or plus signs")
        if len(self.public_key) != _PUBLIC_KEY_LENGTHS[self.kind]:
            raise ValueError(f"a raw public key of type {self.kind.name} has another length")

    @classmethod
    def of(cls, name: str, public_key: PublicKey, kind: KeyType = KeyType.ED25519) -> "NoteKey":
        """Return the note key of a trusted key.

        Raises:
            ValueError: the key is not of the algorithm of the type.
        """
        if keys.checked(public_key)[0] is not _ALGORITHMS[kind]:
            raise ValueError(f"a note key of type {kind.name} has an {_ALGORITHMS[kind]} key")
        # RFC 8410 and RFC 9881: the raw key is the end of the SubjectPublicKeyInfo.
        return cls(name, keys.spki(public_key)[-_PUBLIC_KEY_LENGTHS[kind] :], kind)

    @property
    def hash(self) -> bytes:
        """Return the four bytes that tell keys of one name apart."""
        return hashlib.sha256(self.name.encode() + b"\n" + self._typed).digest()[:_HASH_LENGTH]

    @property
    def text(self) -> str:
        """Return the written form `<name>+<key hash>+<base64(type || public key)>`."""
        return f"{self.name}+{self.hash.hex()}+{base64.b64encode(self._typed).decode()}"

    @property
    def _typed(self) -> bytes:
        """Return the type and the public key."""
        return bytes((self.kind,)) + self.public_key


def is_name(name: str) -> bool:
    """Say whether a signature line can hold a key name."""
    return bool(name) and not any(one.isspace() or not one.isprintable() or one == "+" for one in name)


def read_key(text: str) -> NoteKey:
    """Read the written form of a key.

    Raises:
        VerificationError: the text is not a key of a known type, or its hash is not that of the key.
    """
    name, _, rest = text.strip().partition("+")
    digest, _, encoded = rest.partition("+")
    try:
        typed = base64.b64decode(encoded, validate=True)
        key = NoteKey(name, typed[1:], KeyType(typed[0]))
    except (ValueError, IndexError) as error:
        found = finding("AUDIT-KEY", expected="<name>+<hash>+<base64 of a key of a known type>")
        raise VerificationError("not a note key", (found,)) from error
    if key.hash.hex() != digest or key.text != text.strip():
        found = finding("AUDIT-KEY", expected=key.hash.hex(), actual=digest)
        raise VerificationError("the key hash is not that of the key", (found,))
    return key


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line."""

    name: str
    key_hash: bytes
    value: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """A note, read but not verified; `text` ends with a newline."""

    text: bytes
    signatures: tuple[NoteSignature, ...]


def sign_note(text: bytes, key: NoteKey, signer: NoteSigner) -> bytes:
    """Return the note of a text with one signature; `key` is the public half of the signer.

    Raises:
        ValueError: the text does not end with a newline, or key or signer is not plain Ed25519.
    """
    if not text.endswith(b"\n") or signer.algorithm != Algorithm.ED25519 or key.kind is not KeyType.ED25519:
        raise ValueError("a note is a text ending with a newline, signed by an Ed25519 key")
    return text + b"\n" + signature_line(key, signer.sign(text))


def signature_line(key: NoteKey, value: bytes) -> bytes:
    """Return the line of one signature, with its newline; lines are added at the end of a note."""
    return f"{_DASH}{key.name} {base64.b64encode(key.hash + value).decode()}\n".encode()


def add_signatures(raw: bytes, lines: Sequence[bytes]) -> bytes:
    """Return a note with more signature lines, each as `signature_line` writes it.

    Raises:
        VerificationError: the result is not a note, or one key would have two lines.
    """
    added = raw + b"".join(lines)
    owners = [(one.name, one.key_hash) for one in read_note(added).signatures]
    if len(set(owners)) != len(owners):
        found = finding("AUDIT-KEY", expected="one line of each key")
        raise VerificationError("a key has two lines", (found,))
    return added


def read_note(raw: bytes) -> Note:
    """Read the form of a note; nothing in it can be trusted before `verify_note`.

    Raises:
        VerificationError: the bytes are not a note.
    """
    text, blank, tail = raw.rpartition(b"\n\n")
    if not blank or len(raw) > MAX_NOTE_BYTES or not tail.endswith(b"\n"):
        raise _malformed("text, blank line, signature lines, final newline")
    try:
        lines = tail.decode("utf-8").removesuffix("\n").split("\n")
        characters = text.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _malformed("UTF-8") from error
    if any(ord(one) < _SPACE and one != "\n" for one in characters):
        raise _malformed("no control characters")
    if len(lines) > MAX_SIGNATURES:
        raise _malformed(f"at most {MAX_SIGNATURES} signatures")
    return Note(text + b"\n", tuple(_signature(line) for line in lines))


def verify_note(note: Note, key: NoteKey) -> bytes:
    """Check the signature of one key and return the text, the only part of a note that may be used.

    Raises:
        VerificationError: no line is of this key, two are, or the signature is wrong.
    """
    if key.kind is not KeyType.ED25519:
        found = finding("AUDIT-KEY-TYPE", expected=KeyType.ED25519.name, actual=key.kind.name)
        raise VerificationError("a cosignature does not sign a note as its log does", (found,))
    value = find_signature(note, key).value
    try:
        keys.verify(keys.ed25519(key.public_key), note.text, value)
    except VerificationError as error:
        raise bad_signature(key) from error
    return note.text


def find_signature(note: Note, key: NoteKey) -> NoteSignature:
    """Return the one line of a key; it is not verified.

    Raises:
        VerificationError: no line is of this key, or two are.
    """
    mine = [one for one in note.signatures if one.name == key.name and one.key_hash == key.hash]
    if len(mine) != 1:
        others = ", ".join(f"{one.name}+{one.key_hash.hex()}" for one in note.signatures)
        found = finding("AUDIT-KEY", expected=f"one line of {key.name}+{key.hash.hex()}", actual=others)
        raise VerificationError(f"{len(mine)} signatures of {key.name}", (found,))
    return mine[0]


def bad_signature(key: NoteKey) -> VerificationError:
    """Return the error of a signature that does not hold."""
    found = finding("AUDIT-SIGNATURE", expected=f"{key.name}+{key.hash.hex()}")
    return VerificationError(f"the signature of {key.name} is wrong", (found,))


def _signature(line: str) -> NoteSignature:
    """Read one signature line."""
    parts = line.removeprefix(_DASH).split(" ")
    if not line.startswith(_DASH) or len(parts) != 2 or not is_name(parts[0]):  # noqa: PLR2004 - name, value
        raise _malformed("signature lines of a dash, a key name and base64")
    try:
        value = base64.b64decode(parts[1], validate=True)
    except binascii.Error as error:
        raise _malformed("base64 signatures") from error
    # Unused bits of the last letter must be zero, or one note would have many forms.
    if len(value) <= _HASH_LENGTH or base64.b64encode(value).decode() != parts[1]:
        raise _malformed("base64 of a key hash and a signature")
    return NoteSignature(parts[0], value[:_HASH_LENGTH], value[_HASH_LENGTH:])


def _malformed(expected: str) -> VerificationError:
    """Return the error of bytes that are not a note."""
    return VerificationError("not a signed note", (finding("AUDIT-NOTE-FORM", expected=expected),))
