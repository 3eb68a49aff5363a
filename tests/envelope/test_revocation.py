# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Revocation lists: which are taken, what they say, and until when."""

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256

from gateway.envelope import revocation
from gateway.envelope.certificates import load
from gateway.errors import VerificationError

GRACE = timedelta(hours=1)


@pytest.fixture(name="leaf")
def _leaf(workshop):
    """A seal certificate of alpha."""
    return load(workshop.leaf(generate_private_key(SECP256R1()).public_key()))


@pytest.fixture(name="make")
def _make(workshop, now):
    """Make a revocation list; each part can be replaced."""

    def make(
        *serials, start=-1, end=48, key=None, name=None, extensions=(), revoked=-1, invalid=None
    ) -> x509.CertificateRevocationList:
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(name or workshop.authority.certificate.subject)
            .last_update(now + timedelta(hours=start))
            .next_update(now + timedelta(hours=end))
        )
        for serial in serials:
            entry = (
                x509.RevokedCertificateBuilder()
                .serial_number(serial)
                .revocation_date(now + timedelta(hours=revoked))
            )
            if invalid is not None:
                since = x509.InvalidityDate(now + timedelta(hours=invalid))
                entry = entry.add_extension(since, critical=False)
            builder = builder.add_revoked_certificate(entry.build())
        for extension in extensions:
            builder = builder.add_extension(extension, critical=True)
        return builder.sign(key or workshop.authority.private_key, SHA256())

    return make


@pytest.fixture(name="ask")
def _ask(workshop, leaf, now):
    """Ask about the leaf."""

    def ask(*lists):
        return revocation.status(leaf, workshop.authority.certificate, lists, now=now, grace=GRACE)

    return ask


def test_unlisted_certificate_is_good_until_the_list_ends(make, ask, now) -> None:
    """A list that does not name the certificate clears it until next update plus grace."""
    status = ask(make(1, 2))
    assert status.revoked_at is None
    assert status.known_until == now + timedelta(hours=48) + GRACE


def test_listed_certificate_is_revoked_at_the_date(make, ask, leaf, now) -> None:
    """The revocation date is when signatures stop counting."""
    assert ask(make(leaf.serial_number)).revoked_at == now - timedelta(hours=1)


def test_invalidity_date_counts_if_earlier(make, ask, leaf, now) -> None:
    """A key lost before it was revoked proves nothing from the time of the loss."""
    assert ask(make(leaf.serial_number, invalid=-5)).revoked_at == now - timedelta(hours=5)
    assert ask(make(leaf.serial_number, invalid=5)).revoked_at == now - timedelta(hours=1)


def test_newest_list_decides(make, ask, leaf) -> None:
    """Of several lists the newest counts, in whatever order they come."""
    old, new = make(start=-9), make(leaf.serial_number)
    assert ask(old, new).revoked_at is not None
    assert ask(new, old).revoked_at is not None


def test_no_list_is_no_answer(make, ask) -> None:
    """Without a list of the issuer nothing is known."""
    other = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "other")])
    for lists in ((), (make(name=other),)):
        assert ask(*lists).known_until is None


def test_list_of_another_signer_is_refused(make, ask, leaf) -> None:
    """A list under the issuer's name that another key signed is an attack, not a list."""
    with pytest.raises(VerificationError) as caught:
        ask(make(key=generate_private_key(SECP256R1())))
    assert "did not sign" in caught.value.findings[0].actual


def test_list_from_the_future_is_refused(make, ask) -> None:
    """A list that was not issued yet is not used."""
    with pytest.raises(VerificationError) as caught:
        ask(make(start=1))
    assert "future" in caught.value.findings[0].actual


@pytest.mark.parametrize(
    "extension",
    [
        x509.IssuingDistributionPoint(None, None, True, False, None, False, False),
        x509.IssuingDistributionPoint(None, None, False, True, None, False, False),
        x509.IssuingDistributionPoint(None, None, False, False, None, True, False),
        x509.IssuingDistributionPoint(None, None, False, False, None, False, True),
        x509.IssuingDistributionPoint(
            None, None, False, False, frozenset({x509.ReasonFlags.key_compromise}), False, False
        ),
        x509.DeltaCRLIndicator(1),
        x509.UnrecognizedExtension(x509.ObjectIdentifier("2.25.1"), b"\x05\x00"),
    ],
    ids=["users_only", "authorities_only", "indirect", "attributes_only", "some_reasons", "delta", "unknown"],
)
def test_list_of_limited_scope_is_refused(make, ask, extension) -> None:
    """A list that says less than everything about all certificates of its issuer is not used."""
    with pytest.raises(VerificationError) as caught:
        ask(make(extensions=[extension]))
    assert caught.value.findings[0].code == "TRUST-CRL-INVALID"


def test_issuer_without_crl_sign_is_refused(make, leaf, workshop, now) -> None:
    """A certificate whose key usage does not allow lists signs none, though its key would verify."""
    weak = load(workshop.leaf(workshop.authority.private_key.public_key(), usage=["key_cert_sign"]))
    signed = make(name=weak.subject)
    with pytest.raises(VerificationError) as caught:
        revocation.status(leaf, weak, [signed], now=now, grace=GRACE)
    assert [one.actual for one in caught.value.findings] == ["its issuer may not sign lists"]


def test_other_bytes_are_no_list() -> None:
    """Bytes that are no list are named as such."""
    with pytest.raises(VerificationError) as caught:
        revocation.load_list("nothing")
    assert caught.value.findings[0].code == "TRUST-CRL-INVALID"
