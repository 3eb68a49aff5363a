# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What one entry of a log says: fixed length, nothing personal, nothing that can be guessed.

Version 1 is 66 bytes: version (1), event number (1), salted digest of the statement (32), root of the item
commitments (32, zeros where the event has none). The salt is stored beside the log and can be destroyed.
"""

import enum
import hashlib
from dataclasses import dataclass

from gateway.errors import VerificationError
from gateway.finding import finding

ENTRY_VERSION = 1
ENTRY_LENGTH = 66
SALT_LENGTH = 32
NO_ROOT = bytes(32)

_DOMAIN = b"customs-ead/entry-digest/v1\x00"


class Event(enum.StrEnum):
    """What happened; the numbers written into entries are in `_NUMBERS` and never change."""

    SENT = "sent"
    RECEIVED = "received"
    RECEIPT_SENT = "receipt-sent"
    RECEIPT_RECEIVED = "receipt-received"
    REFUSED = "refused"
    KEY_CHANGE = "key-change"
    AGREEMENT_CHANGE = "agreement-change"
    ERASURE = "erasure"
    ACCESS = "access"
    QUERY = "query"
    ARCHIVE = "archive"


_NUMBERS = {
    Event.SENT: 1,
    Event.RECEIVED: 2,
    Event.RECEIPT_SENT: 3,
    Event.RECEIPT_RECEIVED: 4,
    Event.REFUSED: 5,
    Event.KEY_CHANGE: 6,
    Event.AGREEMENT_CHANGE: 7,
    Event.ERASURE: 8,
    Event.ACCESS: 9,
    Event.QUERY: 10,
    Event.ARCHIVE: 11,
}
_EVENTS = {number: event for event, number in _NUMBERS.items()}


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry, read."""

    event: Event
    digest: bytes
    batch_root: bytes


def salted_digest(salt: bytes, statement: bytes) -> bytes:
    """Return SHA-256(domain || salt || statement), which says nothing about the statement without the salt.

    Raises:
        ValueError: the salt does not have 32 bytes.
    """
    if len(salt) != SALT_LENGTH:
        raise ValueError("a salt has 32 bytes")
    return hashlib.sha256(_DOMAIN + salt + statement).digest()


def leaf(event: Event, digest_salted: bytes, batch_root: bytes = NO_ROOT) -> bytes:
    """Return the bytes of an entry; an empty `batch_root` stands for none.

    Raises:
        ValueError: the digest or the root does not have 32 bytes.
    """
    batch_root = batch_root or NO_ROOT
    if len(digest_salted) != len(NO_ROOT) or len(batch_root) != len(NO_ROOT):
        raise ValueError("digest and root of an entry have 32 bytes each")
    return bytes((ENTRY_VERSION, _NUMBERS[event])) + digest_salted + batch_root


def parse(raw: bytes) -> Entry:
    """Read an entry.

    Raises:
        VerificationError: the bytes are not an entry of a known version and event.
    """
    if len(raw) != ENTRY_LENGTH or raw[0] != ENTRY_VERSION or raw[1] not in _EVENTS:
        found = finding(
            "AUDIT-ENTRY-FORM",
            expected=f"{ENTRY_LENGTH} bytes, version {ENTRY_VERSION}, a known event",
            actual=f"{len(raw)} bytes beginning {raw[:2].hex()}",
        )
        raise VerificationError("not a log entry", (found,))
    return Entry(_EVENTS[raw[1]], raw[2:34], raw[34:66])
