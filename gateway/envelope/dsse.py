# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The DSSE v1 envelope: exact bytes, their type, and signatures over both.

Knows nothing of what the bytes say, of keys, or of trust. Nothing is ever serialised again: the bytes that
were signed are the bytes that are stored and parsed. Standard: DSSE v1.0.2, protocol.md and envelope.md.
"""

import base64
from dataclasses import dataclass

import msgspec

from gateway.errors import VerificationError
from gateway.finding import finding

MAX_SIGNATURES = 32


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature; `key_id` is a hint where to look, never proof. `value` is never an identity."""

    key_id: str
    value: bytes


@dataclass(frozen=True, slots=True)
class Envelope:
    """A statement with its type and signatures, none of them checked."""

    payload_type: str
    statement: bytes
    signatures: tuple[Signature, ...]


class _JsonSignature(msgspec.Struct, frozen=True):
    """A signature as the JSON form writes it."""

    keyid: str
    sig: str


class _JsonEnvelope(msgspec.Struct, frozen=True):
    """The JSON form; other fields are ignored, as the standard asks."""

    payload: str
    payloadType: str  # noqa: N815 - the field name of the standard
    signatures: tuple[_JsonSignature, ...]


_decoder = msgspec.json.Decoder(_JsonEnvelope)


def pae(payload_type: str, body: bytes) -> bytes:
    """Return the pre-authentication encoding, which is what every signer signs."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(body), body)


def to_json(envelope: Envelope) -> bytes:
    """Write the JSON form, for files."""
    signatures = tuple(
        _JsonSignature(one.key_id, base64.b64encode(one.value).decode()) for one in envelope.signatures
    )
    statement = base64.b64encode(envelope.statement).decode()
    return msgspec.json.encode(_JsonEnvelope(statement, envelope.payload_type, signatures))


def from_json(raw: bytes) -> Envelope:
    """Read the JSON form without checking any signature.

    Raises:
        VerificationError: it is no DSSE envelope, or holds more signatures than a statement can need.
    """
    try:
        read = _decoder.decode(raw)
        signatures = tuple(Signature(one.keyid, _decode(one.sig)) for one in read.signatures)
        statement = _decode(read.payload)
    except (ValueError, RecursionError) as error:
        raise VerificationError(
            "this is not a DSSE envelope", (finding("TRUST-ENVELOPE", actual=str(error)),)
        ) from error
    check_count(signatures)
    return Envelope(read.payloadType, statement, signatures)


def check_count(signatures: tuple[Signature, ...]) -> None:
    """Refuse more signatures than a statement can need, before any of them costs time.

    Raises:
        VerificationError: there are too many.
    """
    if len(signatures) > MAX_SIGNATURES:
        problem = finding(
            "TRUST-SIGNATURE-COUNT", expected=f"at most {MAX_SIGNATURES}", actual=str(len(signatures))
        )
        raise VerificationError("the envelope holds too many signatures", (problem,))


def _decode(text: str) -> bytes:
    """Decode base64; a verifier must take the standard and the URL-safe alphabet (envelope.md)."""
    return base64.b64decode(text.replace("-", "+").replace("_", "/"), validate=True)
