# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Certificate profiles and path validation.

Paths are built and checked by `cryptography.x509.verification` alone (RFC 5280). What that leaves open for
organisation certificates is checked here: chain and depth limits first, then key usage, extended key usage,
the organisation, and the key type of the leaf. The profiles are data: `certs/profiles.toml`.
"""

import functools
import hashlib
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import verification

from gateway.envelope import keys
from gateway.envelope.keys import Algorithm, Purpose
from gateway.errors import VerificationError
from gateway.finding import Finding, finding

PROFILES = Path(__file__).parents[2] / "certs" / "profiles.toml"
_USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
)


@dataclass(frozen=True, slots=True)
class Profile:
    """What the certificates of one purpose look like."""

    purpose: Purpose
    algorithms: tuple[Algorithm, ...]
    key_usage: frozenset[str]
    extended_key_usage: frozenset[str]
    lifetime: timedelta


@dataclass(frozen=True, slots=True)
class Profiles:
    """All profiles and the limits that hold for every path."""

    organisation_uri: str
    max_chain: int
    max_depth: int
    authority_lifetime: timedelta
    revocation_list_lifetime: timedelta
    revocation_list_grace: timedelta
    backdating: timedelta
    purposes: Mapping[Purpose, Profile]


@dataclass(frozen=True, slots=True)
class CheckedPath:
    """A valid path, leaf first and authority last, and the time during which all of it is valid."""

    chain: tuple[x509.Certificate, ...]
    not_before: datetime
    not_after: datetime


@functools.cache
def profiles() -> Profiles:
    """Return the profiles, read once."""
    raw = tomllib.loads(PROFILES.read_text("utf-8"))
    purposes = {
        Purpose(name): Profile(
            Purpose(name),
            tuple(Algorithm(one) for one in row["algorithms"]),
            frozenset(row["key_usage"]),
            frozenset(row["extended_key_usage"]),
            timedelta(days=row["days"]),
        )
        for name, row in raw["purpose"].items()
    }
    return Profiles(
        organisation_uri=raw["organisation"]["uri"],
        max_chain=raw["path"]["chain"],
        max_depth=raw["path"]["depth"],
        authority_lifetime=timedelta(days=raw["authority"]["days"]),
        revocation_list_lifetime=timedelta(days=raw["revocation_list"]["days"]),
        revocation_list_grace=timedelta(hours=raw["revocation_list"]["grace_hours"]),
        backdating=timedelta(minutes=raw["authority"]["backdating_minutes"]),
        purposes=purposes,
    )


def load(pem: bytes | str) -> x509.Certificate:
    """Read one PEM certificate.

    Raises:
        VerificationError: it is not exactly one.
    """
    try:
        found = x509.load_pem_x509_certificates(pem.encode() if isinstance(pem, str) else pem)
    except ValueError as error:
        raise _wrong("TRUST-CERTIFICATE", actual=str(error)) from error
    if len(found) != 1:
        raise _wrong("TRUST-CERTIFICATE", expected="one certificate", actual=f"{len(found)} certificates")
    return found[0]


def split(pem: bytes) -> tuple[str, ...]:
    """Return the PEM blocks of a file, one text each."""
    return tuple(
        re.findall(
            r"-----BEGIN [A-Z0-9 ]+-----[^-]+-----END [A-Z0-9 ]+-----\n?", pem.decode("ascii", "replace")
        )
    )


def digest(certificate: x509.Certificate) -> str:
    """Return the hex SHA-256 of the DER form."""
    return hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest()


def organisation_of(certificate: x509.Certificate) -> str:
    """Return the one organisation that a certificate names.

    Raises:
        VerificationError: it names none, or more than one.
    """
    prefix = profiles().organisation_uri
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        uris = names.get_values_for_type(x509.UniformResourceIdentifier)
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError) as error:
        raise _wrong("TRUST-CERTIFICATE-ORGANISATION", actual=str(error)) from error
    found = [uri.removeprefix(prefix) for uri in uris if uri.startswith(prefix)]
    if len(found) != 1 or not found[0]:
        raise _wrong("TRUST-CERTIFICATE-ORGANISATION", actual=", ".join(uris))
    return found[0]


def check_path(
    leaf: x509.Certificate,
    intermediates: Sequence[x509.Certificate],
    authorities: Sequence[x509.Certificate],
    *,
    purpose: str,
    organisation: str,
    now: datetime,
) -> CheckedPath:
    """Check that a certificate is what its purpose asks and that an authority stands behind it.

    An expired certificate passes, for a moment at which it was valid: the caller compares the window of the
    path with the time that matters to it.

    Raises:
        VerificationError: the findings say what is wrong, all of it.
    """
    limits = profiles()
    if len(intermediates) + 1 > limits.max_chain:
        raise _wrong(
            "TRUST-CHAIN-LENGTH", expected=f"at most {limits.max_chain}", actual=str(len(intermediates) + 1)
        )
    problems = _leaf_problems(leaf, limits.purposes[Purpose(purpose)], organisation)
    if problems:
        raise VerificationError(f"the {purpose} certificate does not fit its profile", tuple(problems))
    start, end = leaf.not_valid_before_utc, leaf.not_valid_after_utc
    chain = _build(leaf, intermediates, authorities, (min(max(now, start), end), start))
    return CheckedPath(
        chain,
        max(one.not_valid_before_utc for one in chain),
        min(one.not_valid_after_utc for one in chain),
    )


def _build(
    leaf: x509.Certificate,
    intermediates: Sequence[x509.Certificate],
    authorities: Sequence[x509.Certificate],
    moments: tuple[datetime, datetime],
) -> tuple[x509.Certificate, ...]:
    """Build a path valid at the first moment, else at the second (an authority may have expired since)."""
    reason = "there is no authority"
    for moment in dict.fromkeys(moments) if authorities else ():
        policy = (
            verification.PolicyBuilder()
            .store(verification.Store(list(authorities)))
            .time(moment)
            .max_chain_depth(profiles().max_depth)
            .extension_policies(
                ca_policy=verification.ExtensionPolicy.webpki_defaults_ca(),
                # Organisation certificates are not web certificates; `_leaf_problems` says what they are.
                ee_policy=verification.ExtensionPolicy.permit_all(),
            )
        )
        try:
            return tuple(policy.build_client_verifier().verify(leaf, list(intermediates)).chain)
        except verification.VerificationError as error:
            reason = str(error)
    raise _wrong("TRUST-CERTIFICATE-PATH", actual=reason)


def _leaf_problems(leaf: x509.Certificate, profile: Profile, organisation: str) -> list[Finding]:
    """Return everything in which a certificate differs from its profile."""
    problems: list[Finding] = []
    try:
        algorithm, _ = keys.checked(leaf.public_key())
        if algorithm not in profile.algorithms:
            problems.append(
                finding("TRUST-KEY-TYPE", expected=", ".join(profile.algorithms), actual=algorithm)
            )
    except VerificationError as error:
        problems += error.findings
    except (ValueError, x509.UnsupportedGeneralNameType) as error:
        problems.append(finding("TRUST-KEY-TYPE", actual=str(error)))
    try:
        actual = organisation_of(leaf)
        if actual != organisation:
            problems.append(finding("TRUST-CERTIFICATE-ORGANISATION", expected=organisation, actual=actual))
    except VerificationError as error:
        problems += error.findings
    return problems + _usage_problems(leaf, profile)


def _usage_problems(leaf: x509.Certificate, profile: Profile) -> list[Finding]:
    """Return what is wrong with key usage, extended key usage and basic constraints; all must be exact."""
    try:
        extensions = leaf.extensions
        usage = extensions.get_extension_for_class(x509.KeyUsage).value
        extended = extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        constraints = extensions.get_extension_for_class(x509.BasicConstraints).value
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError) as error:
        return [finding("TRUST-CERTIFICATE-USAGE", actual=str(error))]
    actual_usage = {name for name in _USAGES if getattr(usage, name)}
    actual_extended = {one.dotted_string for one in extended}
    checks = (
        ("keyUsage", profile.key_usage, actual_usage),
        ("extendedKeyUsage", profile.extended_key_usage, actual_extended),
        ("basicConstraints", {"end entity"}, {"authority" if constraints.ca else "end entity"}),
    )
    return [
        finding(
            "TRUST-CERTIFICATE-USAGE",
            path=name,
            expected=", ".join(sorted(expected)),
            actual=", ".join(sorted(actual)),
        )
        for name, expected, actual in checks
        if expected != actual
    ]


def _wrong(code: str, *, expected: str = "", actual: str = "") -> VerificationError:
    """Make the error of one finding."""
    problem = finding(code, expected=expected, actual=actual)
    return VerificationError(problem.remedy, (problem,))
