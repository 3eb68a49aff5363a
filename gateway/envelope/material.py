# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""From the certificates of one organisation to keys that may be trusted, and why others may not.

Path validation and revocation are settled here, once per set of material; a signature then costs no more than
its own check. The authorities of an organisation speak for that organisation alone.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509

from gateway.envelope import certificates, keys, revocation
from gateway.envelope.keys import Algorithm, PublicKey, Purpose
from gateway.errors import CouldNotCheck, VerificationError
from gateway.finding import Finding, finding


@dataclass(frozen=True, slots=True)
class TrustedKey:
    """A public key with all that decides whether a signature of it counts at some time.

    The window is that of the whole path, not of the leaf alone. `revocation_known_until` is None if there is
    no revocation list. `certificate` is the hex SHA-256 of the certificate.
    """

    key_id: str
    owner: str
    purpose: Purpose
    algorithm: Algorithm
    public_key: PublicKey
    not_before: datetime
    not_after: datetime
    revoked_at: datetime | None
    revocation_known_until: datetime | None
    certificate: str


@dataclass(frozen=True, slots=True)
class Material:
    """What one organisation offers: PEM certificates by purpose, those between, authorities and lists.

    With `until`, newer material has taken its place at that time.
    """

    organisation: str
    certificates: Mapping[Purpose, Sequence[str]]
    authorities: Sequence[str]
    intermediates: Sequence[str] = ()
    revocation_lists: Sequence[str] = ()
    until: datetime | None = None

    def digest(self) -> str:
        """Return a version of the material: it changes when any part does."""
        parts = [self.organisation]
        for purpose, pems in sorted(self.certificates.items()):
            parts += [purpose, *pems]
        parts += ["", *self.authorities, "", *self.intermediates, "", *self.revocation_lists]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Judgement:
    """The keys that may be trusted, and a finding for everything that may not."""

    keys: tuple[TrustedKey, ...]
    findings: tuple[Finding, ...]


def judge(material: Material, *, now: datetime, grace: timedelta | None = None) -> Judgement:
    """Validate every certificate of an organisation's material.

    Expired keys are among the result: they may have been good at the time of an old signature. `grace` is how
    long a revocation list is used after its next update; the profile says if it is not given.

    Raises:
        VerificationError: an authority, intermediate certificate or revocation list cannot be read.
    """
    allowed = certificates.profiles().revocation_list_grace if grace is None else grace
    authorities = [certificates.load(pem) for pem in material.authorities]
    between = [certificates.load(pem) for pem in material.intermediates]
    lists = [revocation.load_list(pem) for pem in material.revocation_lists]
    found: dict[str, TrustedKey] = {}
    problems: list[Finding] = []
    for purpose, pems in sorted(material.certificates.items()):
        for index, pem in enumerate(pems):
            try:
                leaf = certificates.load(pem)
                path = certificates.check_path(
                    leaf, between, authorities, purpose=purpose, organisation=material.organisation, now=now
                )
                key = _trusted(material.organisation, purpose, path, lists=lists, now=now, grace=allowed)
            except VerificationError as error:
                where = f"{purpose}[{index}]"
                problems += [_at(one, where) for one in error.findings]
                continue
            if key.key_id in found:
                problems.append(finding("TRUST-KEY-REUSED", path=f"{purpose}[{index}]", actual=key.key_id))
                continue
            found[key.key_id] = key
    return Judgement(tuple(found.values()), tuple(problems))


def require_usable(key: TrustedKey, *, owner: str, purpose: str, at: datetime) -> None:
    """Check that a key is the owner's, for the purpose, and good at a time.

    Raises:
        VerificationError: it is not.
        CouldNotCheck: its revocation list is missing, or was out of date at that time.
    """
    problem: Finding | None = None
    if key.owner != owner:
        problem = finding("TRUST-KEY-OWNER", expected=owner, actual=key.owner)
    elif key.purpose != purpose:
        problem = finding("TRUST-KEY-PURPOSE", expected=purpose, actual=key.purpose)
    elif at < key.not_before:
        problem = finding("TRUST-KEY-NOT-YET-VALID", expected=f"from {key.not_before.isoformat()}")
    elif at > key.not_after:
        problem = finding("TRUST-KEY-EXPIRED", expected=f"until {key.not_after.isoformat()}")
    elif key.revoked_at is not None and at >= key.revoked_at:
        problem = finding("TRUST-KEY-REVOKED", expected=f"before {key.revoked_at.isoformat()}")
    if problem is not None:
        raise VerificationError(f"key {key.key_id[:16]} may not be used here", (problem,))
    if key.revocation_known_until is None:
        raise CouldNotCheck(f"no revocation list of {owner}", (finding("TRUST-CRL-MISSING", path=owner),))
    if at > key.revocation_known_until:
        until = f"at most until {key.revocation_known_until.isoformat()}"
        problem = finding("TRUST-CRL-STALE", path=owner, expected=until)
        raise CouldNotCheck(f"the revocation list of {owner} is out of date", (problem,))


def _trusted(
    organisation: str,
    purpose: Purpose,
    path: certificates.CheckedPath,
    *,
    lists: Sequence[x509.CertificateRevocationList],
    now: datetime,
    grace: timedelta,
) -> TrustedKey:
    """Join a checked path with the revocation status of everything on it below the authority."""
    statuses = [
        revocation.status(one, issuer, lists, now=now, grace=grace)
        for one, issuer in zip(path.chain, path.chain[1:], strict=False)
    ]
    revoked = [one.revoked_at for one in statuses if one.revoked_at is not None]
    known = [one.known_until for one in statuses if one.known_until is not None]
    leaf = path.chain[0]
    algorithm, public_key = keys.checked(leaf.public_key())
    return TrustedKey(
        key_id=keys.key_id(public_key),
        owner=organisation,
        purpose=purpose,
        algorithm=algorithm,
        public_key=public_key,
        not_before=path.not_before,
        not_after=path.not_after,
        revoked_at=min(revoked, default=None),
        revocation_known_until=min(known) if len(known) == len(statuses) else None,
        certificate=certificates.digest(leaf),
    )


def _at(one: Finding, path: str) -> Finding:
    """Say of which certificate a finding speaks."""
    inner = f"{path}.{one.path}" if one.path else path
    return finding(
        one.code,
        path=inner,
        position=one.position,
        expected=one.expected,
        actual=one.actual,
        remedy=one.remedy,
        rule=one.rule,
    )
