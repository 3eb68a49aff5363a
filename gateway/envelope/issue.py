# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The development PKI: an authority per organisation with all its keys in one folder.

Enough to run gateways for real, but the authority's key lies beside the others. In production an authority of
the organisation issues the same certificates (`certs/profiles.toml`) and its key is never on a gateway.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA65PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from gateway.envelope import certificates, key_moves, keys
from gateway.envelope.bundle import is_organisation
from gateway.envelope.identity import LAYOUT
from gateway.envelope.key_moves import CURRENT, NEXT, OLD
from gateway.envelope.keys import Algorithm, PrivateKey, PublicKey, Purpose
from gateway.envelope.whole_file import write_file
from gateway.errors import ConfigError

DEFAULT_HOSTS = ("localhost", "127.0.0.1")
_NO_USAGE = dict.fromkeys(
    (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    ),
    False,
)


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate authority that can issue."""

    organisation: str
    certificate: x509.Certificate
    private_key: EllipticCurvePrivateKey


def create_authority(organisation: str, now: datetime) -> Authority:
    """Make a P-256 root authority of an organisation.

    Raises:
        ConfigError: the organisation id has characters that file and channel names cannot carry.
    """
    if not is_organisation(organisation):
        raise ConfigError(
            f"{organisation!r} is no organisation id: use letters, digits, dot, dash, underscore"
        )
    limits = certificates.profiles()
    private_key = generate_private_key(SECP256R1())
    # The key id makes the name unique (RFC 5280 4.1.2.4), so lists of two authorities are never mixed up.
    name = _name(organisation, f"authority {keys.key_id(private_key.public_key())[:8]}")
    usage = x509.KeyUsage(**_NO_USAGE | {"key_cert_sign": True, "crl_sign": True})
    certificate = (
        _builder(private_key.public_key(), private_key, name, name)
        .not_valid_before(now - limits.backdating)
        .not_valid_after(now + limits.authority_lifetime)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .sign(private_key, SHA256())
    )
    return Authority(organisation, certificate, private_key)


def issue(
    authority: Authority, purpose: Purpose, public_key: PublicKey, now: datetime, hosts: Sequence[str] = ()
) -> x509.Certificate:
    """Issue a certificate as the profile of its purpose has it; `hosts` (names or addresses) are for TLS."""
    limits = certificates.profiles()
    profile = limits.purposes[purpose]
    names: list[x509.GeneralName] = [
        x509.UniformResourceIdentifier(limits.organisation_uri + authority.organisation)
    ]
    names += [_host(host) for host in hosts]
    usage = x509.KeyUsage(**_NO_USAGE | dict.fromkeys(profile.key_usage, True))
    purposes = [x509.ObjectIdentifier(one) for one in sorted(profile.extended_key_usage)]
    end = min(now + profile.lifetime, authority.certificate.not_valid_after_utc)
    subject = _name(authority.organisation, purpose)
    return (
        _builder(public_key, authority.private_key, subject, authority.certificate.subject)
        .not_valid_before(now - limits.backdating)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage(purposes), critical=purpose is not Purpose.TLS)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(authority.private_key, SHA256())
    )


def new_key(algorithm: Algorithm) -> PrivateKey:
    """Make a private key from the system's random source."""
    if algorithm is Algorithm.ECDSA_P256:
        return generate_private_key(SECP256R1())
    if algorithm is Algorithm.ML_DSA_65:
        return MLDSA65PrivateKey.generate()
    if algorithm is Algorithm.ML_DSA_44:
        return MLDSA44PrivateKey.generate()
    return Ed25519PrivateKey.generate()


def write_keys(
    folder: Path,
    organisation: str,
    now: datetime,
    hosts: Sequence[str] = DEFAULT_HOSTS,
    *,
    since: datetime | None = None,
) -> Authority:
    """Make a whole keys folder: authority, every key of every purpose, and an empty revocation list.

    The authority is one of `since`, if that is given.

    Raises:
        ConfigError: the folder already holds an authority, or the organisation id is not one.
    """
    if (folder / "ca.pem").exists() or (folder / "ca.key").exists():
        raise ConfigError(f"{folder} already holds an authority; rotate its keys or choose another folder")
    authority = create_authority(organisation, since or now)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_private(folder / "ca.key", authority.private_key)
    write_file(folder / "ca.pem", authority.certificate.public_bytes(Encoding.PEM))
    for purpose in LAYOUT:
        _write_pairs(folder, authority, purpose, slot=CURRENT, now=now, hosts=hosts)
    write_revocation_list(folder, authority, (), now)
    return authority


def load_authority(folder: Path) -> Authority:
    """Read the development authority of a keys folder.

    Raises:
        ConfigError: it is not there, or its key is open to others.
    """
    private_key = keys.load_private_key(folder / "ca.key")
    certificate = certificates.load((folder / "ca.pem").read_bytes())
    if not isinstance(private_key, EllipticCurvePrivateKey):
        raise ConfigError(f"the authority key in {folder} is not a P-256 key")
    tls = certificates.load((folder / "tls.pem").read_bytes())
    return Authority(certificates.organisation_of(tls), certificate, private_key)


def rotate(folder: Path, purpose: Purpose, now: datetime) -> list[Path]:
    """Make the next keys of a purpose beside the present ones; return the new certificate files.

    A folder from before an optional key gets its first one in this way. Next keys that are not all there are
    those of a call that was cut off; nobody was told of them, and they are made anew.

    Raises:
        ConfigError: next keys are there already, or there is no authority in the folder.
    """
    if all((folder / f"{name}{NEXT}.pem").exists() for name in LAYOUT[purpose]):
        raise ConfigError(f"the next {purpose} keys are there already; bring them into use with --activate")
    authority = load_authority(folder)
    hosts = _hosts_of(certificates.load((folder / "tls.pem").read_bytes())) if purpose is Purpose.TLS else ()
    return _write_pairs(folder, authority, purpose, slot=NEXT, now=now, hosts=hosts)


def activate(folder: Path, purpose: Purpose) -> None:
    """Bring the next keys of a purpose into use; the present ones become the old ones and stay valid.

    Whoever calls holds the folder (`key_moves.moved_alone`).

    Raises:
        ConfigError: there are no next keys, or the old ones of the last rotation were not retired.
    """
    names = LAYOUT[purpose]
    if not all((folder / f"{name}{NEXT}{suffix}").exists() for name in names for suffix in (".key", ".pem")):
        raise ConfigError(f"there are no next {purpose} keys; make them with `gateway pki rotate {purpose}`")
    if any((folder / f"{name}{OLD}.pem").exists() for name in names):
        raise ConfigError(f"old {purpose} keys are still there; end them with --retire first")
    key_moves.activate(folder, tuple(names))


def retire(folder: Path, purpose: Purpose) -> None:
    """Destroy the old private keys of a purpose; their certificates stay, to check old signatures.

    Whoever calls holds the folder (`key_moves.moved_alone`).

    Raises:
        ConfigError: there are no old keys.
    """
    names = [name for name in LAYOUT[purpose] if (folder / f"{name}{OLD}.pem").exists()]
    if not names:
        raise ConfigError(f"there are no old {purpose} keys")
    key_moves.retire(folder, names)


def write_private(path: Path, private_key: PrivateKey) -> None:
    """Write a private key as PKCS #8, for its owner alone from the first byte on."""
    raw = private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    write_file(path, raw, 0o600)


def write_revocation_list(
    folder: Path, authority: Authority, entries: Sequence[x509.RevokedCertificate], now: datetime
) -> None:
    """Issue a full revocation list and put it in the place of the last one."""
    limits = certificates.profiles()
    authority_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.private_key.public_key())
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority.certificate.subject)
        .last_update(now - limits.backdating)
        .next_update(now + limits.revocation_list_lifetime)
        # Milliseconds grow like the sequence that RFC 5280 5.2.3 asks for, without a counter to keep.
        .add_extension(x509.CRLNumber(int(now.timestamp() * 1000)), critical=False)
        .add_extension(authority_key, critical=False)
    )
    for entry in entries:
        builder = builder.add_revoked_certificate(entry)
    signed = builder.sign(authority.private_key, SHA256())
    write_file(folder / "crl.pem", signed.public_bytes(Encoding.PEM))


def _write_pairs(
    folder: Path, authority: Authority, purpose: Purpose, *, slot: str, now: datetime, hosts: Sequence[str]
) -> list[Path]:
    """Make and write every key of a purpose with its certificate, key first."""
    written: list[Path] = []
    for name, algorithm in LAYOUT[purpose].items():
        private_key = new_key(algorithm)
        _, public_key = keys.checked(private_key.public_key())
        certificate = issue(authority, purpose, public_key, now, hosts if purpose is Purpose.TLS else ())
        write_private(folder / f"{name}{slot}.key", private_key)
        written.append(folder / f"{name}{slot}.pem")
        write_file(written[-1], certificate.public_bytes(Encoding.PEM))
    return written


def _builder(
    public_key: PublicKey, issuer_key: EllipticCurvePrivateKey, subject: x509.Name, issuer: x509.Name
) -> x509.CertificateBuilder:
    """Begin a certificate with what all have."""
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False
        )
    )


def _name(organisation: str, what: str) -> x509.Name:
    """Return a distinguished name; the organisation that counts is the URI, this one is for people."""
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.COMMON_NAME, what),
        ]
    )


def _host(host: str) -> x509.GeneralName:
    """Return a host as certificates name it, address or DNS name."""
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _hosts_of(certificate: x509.Certificate) -> tuple[str, ...]:
    """Return the hosts that a TLS certificate names."""
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    addresses = names.get_values_for_type(x509.IPAddress)
    return (*names.get_values_for_type(x509.DNSName), *(str(one) for one in addresses))
