# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Organisations with real keys at a fixed time, and certificates that are wrong in one thing."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from gateway.envelope import issue
from gateway.envelope.bundle import export_bundle
from gateway.envelope.certificates import profiles
from gateway.envelope.identity import KeySet
from gateway.envelope.issue import Authority
from gateway.envelope.keys import Purpose
from gateway.envelope.trust import Keyring

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
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


@pytest.fixture(name="now", scope="session")
def _now() -> datetime:
    """The present of these tests."""
    return NOW


@pytest.fixture(name="made", scope="session")
def _made(tmp_path_factory) -> Path:
    """Keys folders of alpha, beta and gamma, not to be changed."""
    folder = tmp_path_factory.mktemp("organisations")
    for organisation in ("alpha", "beta", "gamma"):
        issue.write_keys(folder / organisation, organisation, NOW)
    return folder


@pytest.fixture(name="alpha", scope="session")
def _alpha(made) -> KeySet:
    """The keys of alpha."""
    return KeySet.load(made / "alpha")


@pytest.fixture(name="beta", scope="session")
def _beta(made) -> KeySet:
    """The keys of beta."""
    return KeySet.load(made / "beta")


@pytest.fixture(name="keyring", scope="session")
def _keyring(alpha, beta) -> Keyring:
    """A ring that trusts alpha and beta, and has never heard of gamma."""
    return Keyring([alpha.material(), beta.material()], now=NOW)


@pytest.fixture(name="folder")
def _folder(made, tmp_path) -> Path:
    """A copy of alpha's keys folder that a test may change."""
    return Path(shutil.copytree(made / "alpha", tmp_path / "alpha"))


@pytest.fixture(name="imported")
def _imported(tmp_path) -> Path:
    """An empty folder for imported bundles."""
    return tmp_path / "partners"


@pytest.fixture(name="export", scope="session")
def _export() -> Callable[..., bytes]:
    """Export a bundle of a key set."""

    def export(keyset: KeySet, now: datetime = NOW, **changes: Any) -> bytes:
        values = {"name": "Alpha Customs", "endpoint": "localhost:7443"} | changes
        return export_bundle(keyset, now=now, **values)

    return export


@dataclass
class Workshop:
    """Makes certificates that are right but for what a test changes."""

    authority: Authority

    def leaf(
        self,
        public_key: Any,
        purpose: Purpose = Purpose.SEAL,
        *,
        uris: Sequence[str] = ("urn:ead:organisation:alpha",),
        usage: Sequence[str] | None = None,
        extended: Sequence[str] | None = None,
        ca: bool = False,
        window: tuple[timedelta, timedelta] = (timedelta(minutes=-10), timedelta(days=30)),
        issuer: Authority | None = None,
        extra: Sequence[x509.ExtensionType] = (),
    ) -> str:
        """Issue a certificate and return it as PEM."""
        profile = profiles().purposes[purpose]
        issuer = issuer or self.authority
        asked = dict.fromkeys(profile.key_usage if usage is None else usage, True)
        oids = sorted(profile.extended_key_usage if extended is None else extended)
        builder = (
            _begin("leaf", public_key, issuer, window)
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(x509.KeyUsage(**_NO_USAGE | asked), critical=True)
            .add_extension(
                x509.ExtendedKeyUsage([x509.ObjectIdentifier(one) for one in oids]), critical=False
            )
            .add_extension(
                x509.SubjectAlternativeName([x509.UniformResourceIdentifier(uri) for uri in uris]),
                critical=False,
            )
        )
        for extension in extra:
            builder = builder.add_extension(extension, critical=True)
        signed = builder.sign(issuer.private_key, SHA256())
        return signed.public_bytes(Encoding.PEM).decode()

    def intermediate(self, issuer: Authority, number: int, *, name: str = "", key: Any = None) -> Authority:
        """Make an authority below another."""
        key = key or generate_private_key(SECP256R1())
        window = (timedelta(minutes=-10), timedelta(days=60))
        usage = _NO_USAGE | {"key_cert_sign": True, "crl_sign": True}
        certificate = (
            _begin(name or f"between {number}", key.public_key(), issuer, window)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(x509.KeyUsage(**usage), critical=True)
            .sign(issuer.private_key, SHA256())
        )
        return Authority(issuer.organisation, certificate, key)

    def root(self) -> Authority:
        """Make an authority that lets others stand below it."""
        key = generate_private_key(SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "root")])
        seed = Authority("alpha", _Named(name), key)
        usage = _NO_USAGE | {"key_cert_sign": True, "crl_sign": True}
        certificate = (
            _begin("root", key.public_key(), seed, (timedelta(days=-1), timedelta(days=365)))
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(x509.KeyUsage(**usage), critical=True)
            .sign(key, SHA256())
        )
        return Authority("alpha", certificate, key)


@dataclass
class _Named:
    """Stands for a certificate that does not exist yet: a root is its own issuer."""

    subject: x509.Name


@pytest.fixture(name="workshop")
def _workshop(folder) -> Workshop:
    """A workshop with alpha's authority."""
    return Workshop(issue.load_authority(folder))


def _begin(name: str, public_key: Any, issuer: Authority, window: tuple[timedelta, timedelta]) -> Any:
    """Begin a certificate."""
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(issuer.certificate.subject)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW + window[0])
        .not_valid_after(NOW + window[1])
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.private_key.public_key()),
            critical=False,
        )
    )
