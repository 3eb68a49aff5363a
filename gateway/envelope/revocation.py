# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Revocation lists (RFC 5280 clauses 5 and 6.3), which path validation does not look at.

Only full, direct lists are taken: signed by the issuer of the certificate itself, covering all reasons. The
time that counts is the earlier of revocation date and invalidity date. How long a list may be used is part of
the answer, so that nothing needs to be read again for each signature.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509

from gateway.errors import VerificationError
from gateway.finding import Finding, finding


@dataclass(frozen=True, slots=True)
class RevocationStatus:
    """When a certificate was revoked, if it was, and until when that is known; None: not known at all."""

    revoked_at: datetime | None
    known_until: datetime | None


def load_list(pem: bytes | str) -> x509.CertificateRevocationList:
    """Read one PEM revocation list.

    Raises:
        VerificationError: it is none.
    """
    try:
        return x509.load_pem_x509_crl(pem.encode() if isinstance(pem, str) else pem)
    except ValueError as error:
        problem = finding("TRUST-CRL-INVALID", actual=str(error))
        raise VerificationError("this is not a revocation list", (problem,)) from error


def status(
    certificate: x509.Certificate,
    issuer: x509.Certificate,
    lists: Sequence[x509.CertificateRevocationList],
    *,
    now: datetime,
    grace: timedelta,
) -> RevocationStatus:
    """Return what the newest list of a certificate's issuer says about it.

    Raises:
        VerificationError: a list that claims to be the issuer's is not, or is of a kind that is not taken.
    """
    own = [one for one in lists if one.issuer == issuer.subject]
    problems = [problem for one in own for problem in list_problems(one, issuer, now)]
    if problems:
        raise VerificationError("a revocation list cannot be used", tuple(problems))
    if not own:
        return RevocationStatus(None, None)
    newest = max(own, key=lambda one: one.last_update_utc)
    next_update = newest.next_update_utc
    known_until = None if next_update is None else next_update + grace
    entry = newest.get_revoked_certificate_by_serial_number(certificate.serial_number)
    return RevocationStatus(None if entry is None else _effective(entry), known_until)


def list_problems(
    one: x509.CertificateRevocationList, issuer: x509.Certificate, now: datetime
) -> list[Finding]:
    """Return why a list of this issuer must not be used."""
    reasons = [
        reason
        for wrong, reason in (
            (not _may_sign(issuer), "its issuer may not sign lists"),
            (not _signed_by(one, issuer), "its issuer did not sign it"),
            (one.last_update_utc > now, "it is from the future"),
            (
                one.next_update_utc is not None and one.next_update_utc < one.last_update_utc,
                "its dates cross",
            ),
        )
        if wrong
    ]
    reasons += _scope_problems(one)
    return [finding("TRUST-CRL-INVALID", actual=reason) for reason in reasons]


def _effective(entry: x509.RevokedCertificate) -> datetime:
    """Return the time from which a revoked certificate proves nothing."""
    try:
        invalidity = entry.extensions.get_extension_for_class(x509.InvalidityDate).value
    except x509.ExtensionNotFound:
        return entry.revocation_date_utc
    return min(entry.revocation_date_utc, invalidity.invalidity_date_utc)


def _may_sign(issuer: x509.Certificate) -> bool:
    """Say whether the key usage of an authority allows revocation lists."""
    try:
        return issuer.extensions.get_extension_for_class(x509.KeyUsage).value.crl_sign
    except x509.ExtensionNotFound:
        return False


def _signed_by(one: x509.CertificateRevocationList, issuer: x509.Certificate) -> bool:
    """Say whether the issuer's key signed the list; a key of another type did not."""
    try:
        return one.is_signature_valid(issuer.public_key())  # type: ignore[arg-type]  # other types raise
    except (TypeError, ValueError):
        return False


def _scope_problems(one: x509.CertificateRevocationList) -> list[str]:
    """Return in what the list covers less, or more indirectly, than all certificates of its issuer."""
    problems: list[str] = []
    for extension in one.extensions:
        match extension.value:
            case x509.IssuingDistributionPoint() as point:
                limited = (
                    point.indirect_crl
                    or point.only_contains_ca_certs
                    or point.only_contains_user_certs
                    or point.only_contains_attribute_certs
                    or point.only_some_reasons
                )
                if limited:
                    problems.append("its issuing distribution point limits it")
            case x509.DeltaCRLIndicator():
                problems.append("it is a delta list")
            case x509.UnrecognizedExtension() if extension.critical:
                problems.append("it has an unknown critical extension")
            case _:
                continue
    return problems
