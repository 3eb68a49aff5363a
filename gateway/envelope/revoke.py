# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Revoke certificates of the development authority: each list is the last one and one entry more."""

import enum
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature

from gateway.envelope import certificates, revocation
from gateway.envelope.issue import load_authority, write_revocation_list
from gateway.errors import ConfigError


class Reason(enum.StrEnum):
    """Why, in the words of RFC 5280 5.3.1."""

    UNSPECIFIED = "unspecified"
    KEY_COMPROMISE = "keyCompromise"
    AFFILIATION_CHANGED = "affiliationChanged"
    SUPERSEDED = "superseded"
    CESSATION = "cessationOfOperation"


def revoke(
    folder: Path,
    certificate: Path,
    now: datetime,
    *,
    reason: Reason = Reason.UNSPECIFIED,
    invalid_since: datetime | None = None,
) -> None:
    """Put a certificate on the authority's revocation list.

    `invalid_since` is when the key is known or feared to have been lost, if that was earlier.

    Raises:
        ConfigError: another authority issued it, or it is revoked already.
    """
    authority = load_authority(folder)
    try:
        leaf = certificates.load(certificate.read_bytes())
        leaf.verify_directly_issued_by(authority.certificate)
    except OSError as error:
        raise ConfigError(f"cannot read {certificate}: {error.strerror}") from error
    except (InvalidSignature, ValueError, TypeError) as error:
        raise ConfigError(f"{certificate} was not issued by the authority of {folder}") from error
    last = revocation.load_list((folder / "crl.pem").read_bytes())
    if last.get_revoked_certificate_by_serial_number(leaf.serial_number) is not None:
        raise ConfigError(f"{certificate.name} is revoked already")
    entry = (
        x509.RevokedCertificateBuilder()
        .serial_number(leaf.serial_number)
        .revocation_date(now)
        .add_extension(x509.CRLReason(x509.ReasonFlags(reason)), critical=False)
    )
    if invalid_since is not None:
        entry = entry.add_extension(x509.InvalidityDate(invalid_since), critical=False)
    write_revocation_list(folder, authority, (*last, entry.build()), now)


def renew(folder: Path, now: datetime) -> None:
    """Issue the same revocation list again with new dates.

    Raises:
        ConfigError: there is no authority in the folder.
    """
    last = revocation.load_list((folder / "crl.pem").read_bytes())
    write_revocation_list(folder, load_authority(folder), tuple(last), now)
