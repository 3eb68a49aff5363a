# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Sign the exact text of an agreement, and check that both parties have.

A signed agreement is a DSSE envelope in JSON around the TOML bytes, which are never written anew. Either
party signs first and hands the file to the other, who adds its own signatures to the same bytes.

Rules of `verify`, in order: the envelope holds an agreement; every signature is of a known key; those of each
organisation hold as its seal; only then are the bytes parsed; sender and recipient have signed, and nobody
else, each as the policy of the agreement demands.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.agreement.agreement import Agreement
from gateway.agreement.parse import parse
from gateway.envelope import dsse, policy
from gateway.envelope.keys import Purpose
from gateway.envelope.seal import seal, unseal
from gateway.envelope.signer import Signer
from gateway.envelope.trust import Keyring
from gateway.errors import VerificationError
from gateway.finding import finding

PAYLOAD_TYPE = "application/vnd.customs-ead.agreement.v1+toml"
SUFFIX = ".agreement.json"


@dataclass(frozen=True, slots=True)
class SignedAgreement:
    """An agreement that both parties have signed; `raw` is the signed text, `digest` its SHA-256."""

    agreement: Agreement
    raw: bytes
    digest: bytes


def file_name(agreement: Agreement) -> str:
    """Return the name under which a signed agreement is kept."""
    return f"{agreement.id}-v{agreement.version}{SUFFIX}"


def sign(raw: bytes, signers: Sequence[Signer]) -> bytes:
    """Sign the text of an agreement; return the DSSE envelope in JSON.

    Raises:
        ConfigError: the text is not an agreement; nobody signs what cannot be used.
    """
    parse(raw)
    return dsse.to_json(seal(PAYLOAD_TYPE, raw, signers))


def countersign(signed: bytes, signers: Sequence[Signer], *, former: Collection[str] = ()) -> bytes:
    """Add signatures over the same bytes; those of the same and of `former` keys (ids) go, others stay.

    Raises:
        VerificationError: the file is not an envelope of an agreement.
        ConfigError: the text in it is not an agreement.
    """
    envelope = _open(signed)
    parse(envelope.statement)
    added = seal(PAYLOAD_TYPE, envelope.statement, signers).signatures
    mine = {*former, *(one.key_id for one in added)}
    kept = tuple(one for one in envelope.signatures if one.key_id not in mine)
    return dsse.to_json(dsse.Envelope(PAYLOAD_TYPE, envelope.statement, (*kept, *added)))


def unverified(signed: bytes) -> bytes:
    """Return the text in a signed file without any check, to be shown to the people who are to sign it.

    Raises:
        VerificationError: the file is not an envelope of an agreement.
    """
    return _open(signed).statement


def signed_by(signed: bytes, keyring: Keyring, now: datetime) -> tuple[str, ...]:
    """Return the organisations whose signatures hold, sorted.

    Raises:
        VerificationError: a signature is of an unknown key, or does not hold.
        CouldNotCheck: a revocation list is missing or stale.
    """
    return tuple(sorted(_signed_by(_open(signed), keyring, now)))


def verify(signed: bytes, keyring: Keyring, now: datetime) -> SignedAgreement:
    """Return the agreement in a signed file.

    Raises:
        VerificationError: a rule of this module is broken; the findings say which.
        CouldNotCheck: a party is unknown here, or its revocation list is missing or stale.
        ConfigError: the text is not an agreement.
    """
    envelope = _open(signed)
    parts = _signed_by(envelope, keyring, now)
    agreement = parse(envelope.statement)
    parties = (agreement.sender, agreement.recipient)
    lacking = [one for one in parties if one not in parts]
    strangers = [one for one in parts if one not in parties]
    if lacking or strangers:
        found = finding(
            "AGREEMENT-NOT-SIGNED", expected=" and ".join(parties), actual=", ".join(sorted(parts))
        )
        raise VerificationError(f"agreement {agreement.id} is not signed by both parties", (found,))
    for party in parties:
        _unseal(parts[party], keyring, party, policy.get(agreement.policy), now)
    return SignedAgreement(agreement, envelope.statement, agreement.digest)


def _open(signed: bytes) -> dsse.Envelope:
    """Read the envelope of a signed file."""
    envelope = dsse.from_json(signed)
    if envelope.payload_type != PAYLOAD_TYPE:
        found = finding("AGREEMENT-NOT-SIGNED", expected=PAYLOAD_TYPE, actual=envelope.payload_type)
        raise VerificationError("the envelope does not hold an agreement", (found,))
    return envelope


def _signed_by(envelope: dsse.Envelope, keyring: Keyring, now: datetime) -> dict[str, dsse.Envelope]:
    """Return who signed, each with an envelope of its own signatures, which hold."""
    owners: dict[str, list[dsse.Signature]] = {}
    for one in envelope.signatures:
        owners.setdefault(keyring.find(one.key_id).owner, []).append(one)
    if not owners:
        raise VerificationError("the agreement is not signed", (finding("AGREEMENT-NOT-SIGNED"),))
    parts = {
        owner: dsse.Envelope(envelope.payload_type, envelope.statement, tuple(signatures))
        for owner, signatures in owners.items()
    }
    for owner, part in parts.items():
        _unseal(part, keyring, owner, policy.CLASSICAL, now)
    return parts


def _unseal(
    envelope: dsse.Envelope, keyring: Keyring, owner: str, wanted: policy.SignaturePolicy, now: datetime
) -> None:
    """Check the seal of one organisation on its part of the signatures."""
    unseal(
        envelope,
        payload_type=PAYLOAD_TYPE,
        keyring=keyring,
        owner=owner,
        purpose=Purpose.SEAL,
        policy=wanted,
        at=now,
    )
