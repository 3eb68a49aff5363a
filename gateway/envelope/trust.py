# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The key ring: which keys are trusted, for whom, for what, and when.

Nothing is changed in a ring; a new bundle or revocation list makes a new one, whose `version` differs, and
`become` puts it in the place of the old one whole. So every answer about a certificate is kept per
(certificate, trust-set version) by being part of the ring, and looking a key up costs one dictionary access.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from gateway.envelope import certificates, keys, partners
from gateway.envelope.identity import KeySet
from gateway.envelope.keys import Purpose
from gateway.envelope.material import Material, TrustedKey, judge, require_usable
from gateway.errors import CouldNotCheck, VerificationError
from gateway.finding import Finding, finding

__all__ = ["Keyring", "TrustedKey"]


class Keyring:
    """The trusted keys of this organisation and its partners."""

    def __init__(
        self, materials: Iterable[Material], *, now: datetime, grace: timedelta | None = None
    ) -> None:
        """Judge every organisation's material; what cannot be trusted is left out and listed in `findings`.

        Raises:
            VerificationError: two organisations offer the same key, or material cannot be read at all.
        """
        self._keys: dict[str, TrustedKey] = {}
        self._by_use: dict[tuple[str, str], tuple[TrustedKey, ...]] = {}
        self._authorities: dict[str, bytes] = {}
        findings: list[Finding] = []
        version = hashlib.sha256()
        for material in materials:
            judgement = judge(material, now=now, grace=grace)
            findings += judgement.findings
            version.update(bytes.fromhex(material.digest()))
            if material.until is None:
                self._authorities[material.organisation] = "".join(material.authorities).encode()
            for key in judgement.keys:
                self._add(key, material.until)
        self.findings = tuple(findings)
        self.version = version.hexdigest()

    @classmethod
    def from_folder(
        cls,
        partners_folder: Path | str,
        own: KeySet | None,
        now: datetime,
        *,
        grace: timedelta | None = None,
    ) -> "Keyring":
        """Read the imported bundles of a folder, and the own keys if there are any.

        Keys that a newer bundle no longer holds stay good for signatures from before it was issued.

        Raises:
            VerificationError: a bundle was altered since it was imported, or two offer the same key.
        """
        materials = [] if own is None else [own.material()]
        materials += partners.materials(Path(partners_folder), now)
        return cls(materials, now=now, grace=grace)

    def become(self, other: "Keyring") -> None:
        """Take the place of another ring; a look-up in any thread sees the one or the other.

        The ring of a running node is held by everything that verifies, so it stays the same object.
        """
        self._authorities, self._keys = other._authorities, other._keys  # noqa: SLF001 - of the same class
        self._by_use = other._by_use  # noqa: SLF001 - the same
        self.findings, self.version = other.findings, other.version

    def organisations(self) -> tuple[str, ...]:
        """Return every organisation of the ring, sorted."""
        return tuple(sorted(self._authorities))

    def authorities(self, organisation: str | None = None) -> bytes:
        """Return the authority certificates of one organisation, or of all, as PEM for a TLS stack."""
        if organisation is not None:
            self.require_owner(organisation)
            return self._authorities[organisation]
        return b"".join(self._authorities[one] for one in self.organisations())

    def get(self, key_id: str) -> TrustedKey | None:
        """Return a key by id, or None."""
        return self._keys.get(key_id)

    def find(self, key_id: str) -> TrustedKey:
        """Return a key by id.

        Raises:
            VerificationError: it is not in the ring.
        """
        key = self._keys.get(key_id)
        if key is None:
            raise VerificationError("the key is unknown", (finding("TRUST-KEY-UNKNOWN", actual=key_id),))
        return key

    def of(self, owner: str, purpose: str) -> tuple[TrustedKey, ...]:
        """Return the keys of an organisation for a purpose, whatever their dates; empty if there are none."""
        return self._by_use.get((owner, purpose), ())

    def require_owner(self, owner: str) -> None:
        """Check that the organisation is known here.

        Raises:
            CouldNotCheck: it is not; nothing can be said about its signatures.
        """
        if owner not in self._authorities:
            problem = finding("TRUST-OWNER-UNKNOWN", actual=owner)
            raise CouldNotCheck("the organisation is not known here", (problem,))

    def verify(
        self, key_id: str, message: bytes, signature: bytes, *, owner: str, purpose: str, at: datetime
    ) -> TrustedKey:
        """Check one signature outside an envelope, such as that of a checkpoint, and return its key.

        Raises:
            VerificationError: the key is unknown or may not be used here, or the signature does not hold.
            CouldNotCheck: the owner is unknown, or its revocation list is missing or stale.
        """
        self.require_owner(owner)
        key = self.find(key_id)
        require_usable(key, owner=owner, purpose=purpose, at=at)
        keys.verify(key.public_key, message, signature)
        return key

    def identify(self, certificate: bytes | str, at: datetime) -> str:
        """Return the organisation of a TLS certificate; only those pinned by a bundle are known.

        Raises:
            VerificationError: it is not pinned, or not good at this time.
            CouldNotCheck: the revocation list is missing or stale.
        """
        leaf = certificates.load(certificate)
        _, public_key = keys.checked(leaf.public_key())
        key = self._keys.get(keys.key_id(public_key))
        if key is None or key.certificate != certificates.digest(leaf):
            raise VerificationError(
                "the TLS certificate is unknown", (finding("TRUST-CERTIFICATE-UNPINNED"),)
            )
        require_usable(key, owner=key.owner, purpose=Purpose.TLS, at=at)
        return key.owner

    def _add(self, key: TrustedKey, until: datetime | None) -> None:
        """Take a key, unless somebody else has it; one of older material only if newer has it no more."""
        other = self._keys.get(key.key_id)
        if until is not None:
            if other is not None and other.owner == key.owner:
                return
            key = replace(key, not_after=min(key.not_after, until))
        if other is not None:
            problem = finding("TRUST-KEY-REUSED", expected=other.owner, actual=f"{key.key_id} {key.owner}")
            raise VerificationError("two organisations offer the same key", (problem,))
        self._keys[key.key_id] = key
        use = (key.owner, str(key.purpose))
        self._by_use[use] = (*self._by_use.get(use, ()), key)
