# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What a bundle claims, read before anything is proved, and the ring of keys to prove it with.

Signing times and organisations must be known before a seal can be checked, and stand inside what is sealed.
So they are read first, used to check the seal, and count only once it holds.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from gateway.clock import moment
from gateway.envelope import archive
from gateway.envelope.archive import Anchors
from gateway.envelope.dsse import Envelope
from gateway.envelope.material import Material, TrustedKey
from gateway.envelope.trust import Keyring
from gateway.errors import CouldNotCheck, VerificationError
from gateway.evidence.bundle import Bundle, material_of
from gateway.finding import Finding, finding
from gateway.wire.convert import parse_batch_statement, unpack_envelope
from gateway.wire.receipts import read_receipt
from gateway.wire.v1 import envelope_pb2

# Times outside of this span cannot be computed with; no statement was made then.
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_LATEST = datetime(9000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Claims:
    """The statement and the receipt of a bundle as they read.

    Where the sender attests the answers of a partner that cannot sign, that is `attested`; there is no
    receipt then, and `received_at` is none, since no other side vouches for the time.
    """

    bundle: Bundle
    envelope: Envelope
    batch: envelope_pb2.BatchStatement
    created_at: datetime
    receipt_envelope: Envelope | None
    receipt: envelope_pb2.ReceiptStatement | None
    received_at: datetime | None
    attested: envelope_pb2.WebhookReceipt | None = None

    @property
    def ends(self) -> tuple[str, str]:
        """Sender and recipient."""
        return self.batch.sender, self.batch.recipient


@dataclass(slots=True)
class Ring:
    """The keys of a bundle, and which of them have signed anything that was checked."""

    keyring: Keyring
    offered: frozenset[str]
    used: set[str] = field(default_factory=set)

    def of(self, owner: str, purpose: str) -> tuple[TrustedKey, ...]:
        """Return the keys of an organisation for a purpose."""
        return self.keyring.of(owner, purpose)


def read_claims(bundle: Bundle) -> Claims:
    """Read statement and receipt.

    Raises:
        InputError: they cannot be read.
        VerificationError: a time in them is none.
    """
    envelope = unpack_envelope(bundle.envelope)
    batch = parse_batch_statement(envelope.statement)
    created_at = _time(batch.created_at_ms)
    if bundle.receipt is None:
        return Claims(bundle, envelope, batch, created_at, None, None, None)
    receipt_envelope = unpack_envelope(bundle.receipt)
    said = read_receipt(receipt_envelope)
    if isinstance(said, envelope_pb2.WebhookReceipt):
        return Claims(bundle, envelope, batch, created_at, receipt_envelope, None, None, said)
    at = _time(said.received_at_ms)
    return Claims(bundle, envelope, batch, created_at, receipt_envelope, said, at)


def make_ring(claims: Claims, anchors: Anchors, now: datetime) -> Ring:
    """Judge the certificates of a bundle by its own authorities; whether these are trusted is asked apart.

    Raises:
        VerificationError: a certificate is not what its purpose asks, or a revocation list is not its
            authority's.
    """
    keyring = make_keyring(claims, anchors, now)
    parts = claims.bundle.materials
    if {one.organisation for one in parts} - set(claims.ends):
        raise VerificationError("a certificate belongs to neither side")
    pems = [pem for one in parts for offered in one.certificates.values() for pem in offered]
    return Ring(keyring, frozenset(archive.key_of(pem) for pem in pems))


def make_keyring(claims: Claims, anchors: Anchors, now: datetime, *, more: bool = False) -> Keyring:
    """Return the keys of a bundle; with `more`, those of the anchors' partner bundles of both sides as well.

    Raises:
        VerificationError: a certificate or revocation list does not hold.
    """
    materials = [_with_newer_lists(material_of(part), anchors) for part in claims.bundle.materials]
    if more:
        held = {
            archive.key_of(pem) for one in materials for pems in one.certificates.values() for pem in pems
        }
        materials += [
            rest
            for one in anchors.materials
            if one.organisation in claims.ends
            for rest in archive.needed([one], archive.keys_of(one) - held)
        ]
    keyring = archive.judged(materials, now)
    if keyring.findings:
        raise VerificationError("a certificate does not hold", keyring.findings)
    return keyring


def check_anchors(claims: Claims, anchors: Anchors) -> str:
    """Check that the authorities of a bundle are those that the verifier trusts.

    Raises:
        VerificationError: the verifier knows other authorities of an organisation.
        CouldNotCheck: it knows none.
    """
    held = {part.organisation for part in claims.bundle.materials}
    unknown = [one for one in claims.ends if one not in held]
    for part in claims.bundle.materials:
        known = anchors.of(part.organisation)
        if known and not archive.authority_digests(material_of(part)) <= known:
            raise VerificationError(f"not the authority that is trusted for {part.organisation}")
        if not known:
            unknown.append(part.organisation)
    if unknown:
        raise CouldNotCheck(
            f"no trust anchor was given for {', '.join(sorted(set(unknown)))}",
            (finding("TRUST-OWNER-UNKNOWN", actual=unknown[0]),),
        )
    return f"authorities of {' and '.join(sorted({one.organisation for one in claims.bundle.materials}))}"


def check_certificates(ring: Ring, made: Sequence[str]) -> str:
    """Check that every certificate of the bundle belongs to a key that has signed.

    Raises:
        VerificationError: one does not.
    """
    idle = ring.offered - ring.used
    if idle:
        raise VerificationError("a certificate belongs to no signature", tuple(_idle(one) for one in idle))
    return f"{len(ring.used)} keys, {', '.join(made)}"


def _idle(key_id: str) -> Finding:
    """Return the finding of a key that has signed nothing."""
    return finding("TRUST-KEY-UNKNOWN", actual=key_id)


def _with_newer_lists(material: Material, anchors: Anchors) -> Material:
    """Add the revocation lists that the verifier holds of the same authorities."""
    mine = archive.authority_digests(material)
    lists = [
        one
        for other in anchors.materials
        if other.organisation == material.organisation and archive.authority_digests(other) == mine
        for one in other.revocation_lists
    ]
    return Material(
        organisation=material.organisation,
        certificates=material.certificates,
        authorities=material.authorities,
        intermediates=material.intermediates,
        revocation_lists=(*material.revocation_lists, *lists),
    )


def _time(milliseconds: int) -> datetime:
    """Return a moment.

    Raises:
        VerificationError: no statement can have been made then.
    """
    low, high = _EARLIEST.timestamp() * 1000, _LATEST.timestamp() * 1000
    if not low < milliseconds < high:
        raise VerificationError("a statement has no time")
    return moment(milliseconds)
