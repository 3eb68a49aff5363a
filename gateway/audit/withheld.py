# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Proof of what was withheld: the treatment of every field of a release in one canonical form.

The bytes are a domain, the number of rows (u32), and the rows in order of path: path, treatment, rule and
clause as UTF-8 behind a u16 length, then 0x00, or 0x01 and a commitment of 32 bytes. Integers are big-endian.
One record has one form, so its SHA-256 digest can be bound by a statement and compared years later. The rows
hold no values: what a field said stays behind its salted commitment until salt and value are shown.
Knows nothing of agreements; rows are plain tuples.
"""

import hashlib
import hmac
from collections.abc import Iterable
from typing import NamedTuple

from gateway.audit.commitment import open_commitment
from gateway.audit.tree import HASH_LENGTH
from gateway.errors import VerificationError
from gateway.finding import finding

_DOMAIN = b"customs-ead/treatments/v1\x00"
_COUNT_BYTES = 4
_LENGTH_BYTES = 2
_MAX_TEXT = 0xFFFF
_ABSENT, _PRESENT = b"\x00", b"\x01"


class FieldTreatment(NamedTuple):
    """What was done with one field, by which rule, under which clause of the agreement."""

    path: str
    treatment: str
    rule: str
    clause: str
    commitment: bytes | None = None


def canonical(rows: Iterable[tuple[str, str, str, str, bytes | None]]) -> bytes:
    """Return the canonical bytes of the treatments of a release, given in any order.

    Raises:
        ValueError: a path is empty or stands twice, a text is too long, or a commitment has another length.
    """
    fields = sorted((FieldTreatment(*row) for row in rows), key=lambda one: one.path)
    parts = [_DOMAIN, len(fields).to_bytes(_COUNT_BYTES, "big")]
    last = ""
    for one in fields:
        if one.path <= last:
            raise ValueError("a field has one path and one treatment")
        last = one.path
        parts += [_text(value) for value in one[:4]]
        if one.commitment is None:
            parts.append(_ABSENT)
        elif len(one.commitment) == HASH_LENGTH:
            parts += [_PRESENT, one.commitment]
        else:
            raise ValueError("a commitment has 32 bytes")
    return b"".join(parts)


def digest(raw: bytes) -> bytes:
    """Return the digest of canonical bytes, the value that a statement binds."""
    return hashlib.sha256(raw).digest()


def parse(raw: bytes) -> tuple[FieldTreatment, ...]:
    """Read canonical bytes, which must be exactly what `canonical` writes.

    Raises:
        VerificationError: they are not.
    """
    try:
        rows = _rows(raw)
        if canonical(rows) != raw:
            raise ValueError("not in the form that is written")  # noqa: TRY301 - one way out for all faults
    except ValueError as error:
        raise VerificationError("not a record of treatments", (finding("AUDIT-TREATMENT-FORM"),)) from error
    return rows


def verify_treatments(raw: bytes, bound: bytes) -> tuple[FieldTreatment, ...]:
    """Return the treatments whose digest a statement has bound.

    Precondition: `bound` comes from a verified statement.

    Raises:
        VerificationError: the bytes are others than those bound, or not canonical.
    """
    if not hmac.compare_digest(digest(raw), bound):
        problem = finding("AUDIT-TREATMENT-DIGEST", expected=bound.hex(), actual=digest(raw).hex())
        raise VerificationError("these are not the treatments that were bound", (problem,))
    return parse(raw)


def open_field(raw: bytes, bound: bytes, path: str, salt: bytes, value: bytes) -> FieldTreatment:
    """Check that a withheld field had this value, and return how it was treated.

    Raises:
        VerificationError: the treatments are not those bound, the field has no commitment, or salt and value
            do not open it.
    """
    for one in verify_treatments(raw, bound):
        if one.path == path and one.commitment is not None:
            open_commitment(one.commitment, salt, value)
            return one
    raise VerificationError("the field was not committed to", (finding("AUDIT-TREATMENT-PATH", path=path),))


def _text(value: str) -> bytes:
    """Return a text behind its length."""
    raw = value.encode()
    if len(raw) > _MAX_TEXT:
        raise ValueError("a text of a treatment has at most 65,535 bytes")
    return len(raw).to_bytes(_LENGTH_BYTES, "big") + raw


def _rows(raw: bytes) -> tuple[FieldTreatment, ...]:
    """Read rows without looking at domain or order, which writing them again does; raises ValueError."""
    place = len(_DOMAIN)

    def take(length: int) -> bytes:
        nonlocal place
        place += length
        if place > len(raw):
            raise ValueError("too short")
        return raw[place - length : place]

    rows: list[FieldTreatment] = []
    for _ in range(int.from_bytes(take(_COUNT_BYTES), "big")):
        path, treatment, rule, clause = (
            take(int.from_bytes(take(_LENGTH_BYTES), "big")).decode() for _ in range(4)
        )
        commitment = take(HASH_LENGTH) if take(1) == _PRESENT else None
        rows.append(FieldTreatment(path, treatment, rule, clause, commitment))
    return tuple(rows)
