# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Time stamps (RFC 3161): ask about bytes, and check what an authority has answered.

ASN.1, CMS signature and certificate path are the work of `rfc3161_client`, which validates the path at the
time of the stamp, so a stamp outlives the certificate of its authority. What it leaves in one error is asked
apart here, so that each fault has its own finding; its whole check runs last and alone decides what is good.

Kept is the reply as it came (`TimeStampResp`): other programs read it too (`openssl ts -verify -in`).

Not checked: revocation of the authority's certificate, and the attribute ESSCertID; the signer is found by
issuer and serial number under the signature.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import rfc3161_client
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from gateway.envelope import certificates
from gateway.errors import ConfigError, VerificationError
from gateway.finding import Finding, finding

SHA256 = x509.ObjectIdentifier(rfc3161_client.verify.SHA256_OID)
TOLERANCE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Query:
    """A request in DER, and the nonce that the reply must repeat."""

    der: bytes
    nonce: int


@dataclass(frozen=True, slots=True)
class Rules:
    """Whose stamps count: authorities at the end of a path, and a policy; an empty one lets any count.

    `tolerance` is how far the authority's clock and ours may be apart.
    """

    authorities: tuple[x509.Certificate, ...]
    policy: str = ""
    tolerance: timedelta = TOLERANCE


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a good stamp says: the bytes existed at `at`, by the word of `authority` under `policy`."""

    at: datetime
    authority: str
    policy: str
    serial: int


def read_rules(sources: Iterable[Path], *, policy: str = "", tolerance: timedelta = TOLERANCE) -> Rules:
    """Read trust anchors, PEM certificates.

    Raises:
        ConfigError: a file cannot be read or holds no certificate, or the policy is no object identifier.
    """
    found: list[x509.Certificate] = []
    for path in sources:
        try:
            pems = certificates.split(path.read_bytes())
            found += [certificates.load(pem) for pem in pems]
        except (OSError, ValueError, VerificationError) as error:
            raise ConfigError(f"cannot read the time-stamp authorities in {path}") from error
        if not pems:
            raise ConfigError(f"{path} holds no certificate of a time-stamp authority")
    if policy:
        try:
            x509.ObjectIdentifier(policy)
        except ValueError as error:
            raise ConfigError(f"the time-stamp policy {policy} is no object identifier") from error
    return Rules(tuple(found), policy, tolerance)


def make_query(message: bytes) -> Query:
    """Ask for a stamp over the SHA-256 of exact bytes, with the authority's certificate in the reply.

    The nonce comes from the library, which takes none; nothing durable depends on its value.
    """
    builder = rfc3161_client.TimestampRequestBuilder(
        message, rfc3161_client.HashAlgorithm.SHA256, nonce=True, cert_req=True
    )
    request = builder.build()
    if request.nonce is None:
        raise VerificationError("the request has no nonce")
    return Query(request.as_bytes(), request.nonce)


def verify_reply(reply: bytes, query: Query, message: bytes, rules: Rules, now: datetime) -> Stamp:
    """Check an answer that has just come: all of `verify_stamp`, our nonce, and the clock both ways.

    Raises:
        VerificationError: it is not a good stamp of these bytes, made now; the finding says why.
    """
    stamp = _verify(reply, message, rules, nonce=query.nonce)
    if not -rules.tolerance <= stamp.at - now <= rules.tolerance:
        raise _refused("the clocks are too far apart", _clock(stamp, f"{now.isoformat()} by our clock"))
    return stamp


def verify_stamp(reply: bytes, message: bytes, rules: Rules, now: datetime) -> Stamp:
    """Check a stamp of any age offline.

    Raises:
        VerificationError: it is not a good stamp of these bytes, or is from the future; the finding says why.
    """
    stamp = _verify(reply, message, rules, nonce=None)
    if stamp.at - now > rules.tolerance:
        raise _refused("the stamp is from the future", _clock(stamp, f"at most {now.isoformat()}"))
    return stamp


def _verify(reply: bytes, message: bytes, rules: Rules, *, nonce: int | None) -> Stamp:
    """Check everything but the clock."""
    response = _decode(reply)
    try:
        said = response.tst_info
        leaf = _signer(response.signed_data)
    except (ValueError, TypeError, x509.InvalidVersion) as error:
        raise _refused("the reply holds no stamp", finding("STAMP-FORM", actual=str(error)[:200])) from error
    digest = hashlib.sha256(message).digest()
    imprint = said.message_imprint
    if imprint.hash_algorithm != SHA256 or imprint.message != digest:
        found = finding("STAMP-IMPRINT", expected=digest.hex(), actual=imprint.message.hex())
        raise _refused("the stamp is about other bytes", found)
    if nonce is not None and said.nonce != nonce:
        raise _refused("the stamp answers another request", finding("STAMP-NONCE"))
    policy = said.policy.dotted_string
    if rules.policy and policy != rules.policy:
        raise _refused("another policy", finding("STAMP-POLICY", expected=rules.policy, actual=policy))
    at = said.gen_time.astimezone(UTC)
    _check_leaf(leaf, at)
    _check_path(response, digest, rules, nonce)
    return Stamp(at, leaf.subject.rfc4514_string(), policy, said.serial_number)


def _decode(reply: bytes) -> rfc3161_client.TimeStampResponse:
    """Read a reply that grants what was asked."""
    try:
        response = rfc3161_client.decode_timestamp_response(reply)
    except ValueError as error:
        raise _refused("the reply cannot be read", finding("STAMP-FORM", actual=str(error)[:200])) from error
    if response.status != rfc3161_client.PKIStatus.GRANTED:
        words = "; ".join(response.status_string)[:200]
        found = finding("STAMP-REJECTED", expected="status 0", actual=f"status {response.status} {words}")
        raise _refused("the authority has granted nothing", found)
    return response


def _signer(data: rfc3161_client.SignedData) -> x509.Certificate:
    """Return the certificate that the one signature names."""
    signers = list(data.signer_infos)
    embedded = [x509.load_der_x509_certificate(one) for one in data.certificates]
    if len(signers) == 1:
        name = signers[0].issuer, signers[0].serial_number
        for one in embedded:
            if (one.issuer, one.serial_number) == name:
                return one
    raise _refused("not one signer with its certificate", finding("STAMP-FORM", expected="one signer"))


def _check_leaf(leaf: x509.Certificate, at: datetime) -> None:
    """Check the use (RFC 3161 2.3: critical, time stamping alone) and the lifetime of a certificate."""
    try:
        usage = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError) as error:
        found = finding("STAMP-CERTIFICATE-USE", expected="extended key usage timeStamping")
        raise _refused("the certificate does not say what it is for", found) from error
    if not usage.critical or list(usage.value) != [ExtendedKeyUsageOID.TIME_STAMPING]:
        names = ", ".join(one.dotted_string for one in usage.value)
        found = finding("STAMP-CERTIFICATE-USE", expected="timeStamping alone, critical", actual=names)
        raise _refused("the certificate is not for time stamping", found)
    if not leaf.not_valid_before_utc <= at <= leaf.not_valid_after_utc:
        span = f"{leaf.not_valid_before_utc.isoformat()} to {leaf.not_valid_after_utc.isoformat()}"
        found = finding("STAMP-CERTIFICATE-TIME", expected=span, actual=at.isoformat())
        raise _refused("the certificate was not valid at the time of the stamp", found)


def _check_path(
    response: rfc3161_client.TimeStampResponse, digest: bytes, rules: Rules, nonce: int | None
) -> None:
    """Let the library check all of it again, with signature and path."""
    policy = x509.ObjectIdentifier(rules.policy) if rules.policy else None
    if not rules.authorities:
        raise _refused("no authority is trusted", finding("STAMP-UNTRUSTED"))
    verifier = rfc3161_client.VerifierBuilder(
        policy_id=policy, roots=list(rules.authorities), nonce=nonce
    ).build()
    try:
        verifier.verify(response, digest)
    except (rfc3161_client.VerificationError, ValueError) as error:
        # The library tells path and signature apart in words only; both are refused either way.
        path = "certificate verify error" in str(error)
        found = finding("STAMP-UNTRUSTED") if path else finding("STAMP-SIGNATURE")
        raise _refused("the path or the signature of the stamp does not hold", found) from error


def _clock(stamp: Stamp, expected: str) -> Finding:
    """Return the finding of a time that cannot be."""
    return finding("STAMP-CLOCK", expected=expected, actual=stamp.at.isoformat())


def _refused(text: str, found: Finding) -> VerificationError:
    """Make the error of a stamp that does not count."""
    return VerificationError(text, (found,))
