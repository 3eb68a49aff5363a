# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Certificate profiles and path validation."""

import time
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, rsa
from cryptography.hazmat.primitives.serialization import Encoding, load_der_public_key

from gateway.envelope import certificates, issue
from gateway.envelope.certificates import check_path, load
from gateway.envelope.keys import Purpose
from gateway.errors import VerificationError


@pytest.fixture(name="public")
def _public():
    """A fresh P-256 public key."""
    return ec.generate_private_key(ec.SECP256R1()).public_key()


@pytest.fixture(name="check")
def _check(workshop, now):
    """Check a leaf as alpha's seal certificate; each argument can be replaced."""

    def check(pem, between=(), **changes):
        arguments = {"purpose": "seal", "organisation": "alpha", "now": now}
        authorities = changes.pop("authorities", [workshop.authority.certificate])
        return check_path(load(pem), list(between), authorities, **arguments | changes)

    return check


def codes(caught) -> list[str]:
    """Return the finding codes of a caught error."""
    return [one.code for one in caught.value.findings]


def test_profile_certificate_passes(workshop, public, check) -> None:
    """A certificate made from its profile has a path, and its window is the narrowest on it."""
    leaf = workshop.leaf(public)
    path = check(leaf)
    assert len(path.chain) == 2
    assert path.not_after == load(leaf).not_valid_after_utc


@pytest.mark.parametrize("purpose", list(Purpose))
def test_every_purpose_is_refused_as_every_other(made, check, purpose) -> None:
    """A certificate of one purpose passes as no other, in both directions."""
    name = next(iter(issue.LAYOUT[purpose]))
    pem = (made / "alpha" / f"{name}.pem").read_text()
    authority = load((made / "alpha" / "ca.pem").read_bytes())
    check(pem, purpose=purpose, authorities=[authority])
    for other in set(Purpose) - {purpose}:
        with pytest.raises(VerificationError) as caught:
            check(pem, purpose=other, authorities=[authority])
        assert "TRUST-CERTIFICATE-USAGE" in codes(caught)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"extended": ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"]}, "TRUST-CERTIFICATE-USAGE"),
        ({"extended": ["2.5.29.37.0"]}, "TRUST-CERTIFICATE-USAGE"),
        ({"usage": ["digital_signature"]}, "TRUST-CERTIFICATE-USAGE"),
        ({"usage": ["digital_signature", "content_commitment", "key_cert_sign"]}, "TRUST-CERTIFICATE-USAGE"),
        ({"ca": True}, "TRUST-CERTIFICATE-USAGE"),
        ({"uris": []}, "TRUST-CERTIFICATE-ORGANISATION"),
        ({"uris": ["urn:ead:organisation:"]}, "TRUST-CERTIFICATE-ORGANISATION"),
        ({"uris": ["urn:ead:organisation:beta"]}, "TRUST-CERTIFICATE-ORGANISATION"),
        ({"uris": ["https://alpha.example"]}, "TRUST-CERTIFICATE-ORGANISATION"),
        (
            {"uris": ["urn:ead:organisation:alpha", "urn:ead:organisation:beta"]},
            "TRUST-CERTIFICATE-ORGANISATION",
        ),
    ],
    ids=[
        "tls_usage",
        "any_usage",
        "no_commitment",
        "may_issue",
        "authority_as_leaf",
        "no_organisation",
        "empty_organisation",
        "other_organisation",
        "foreign_uri",
        "two_organisations",
    ],
)
def test_certificate_off_profile_is_refused(workshop, public, check, changes, code) -> None:
    """A certificate that differs from its profile in one thing is refused for that thing."""
    with pytest.raises(VerificationError) as caught:
        check(workshop.leaf(public, **changes))
    assert codes(caught) == [code]


@pytest.mark.parametrize(
    "private",
    [
        ec.generate_private_key(ec.SECP192R1()),
        ec.generate_private_key(ec.SECP384R1()),
        rsa.generate_private_key(65537, 1024),
        mldsa.MLDSA44PrivateKey.generate(),
        ed25519.Ed25519PrivateKey.generate(),
    ],
    ids=["p192", "p384", "rsa1024", "mldsa44", "ed25519_for_seal"],
)
def test_leaf_key_type_is_checked(workshop, check, private) -> None:
    """Path validation lets weak leaf keys through, so the profile's list decides."""
    with pytest.raises(VerificationError) as caught:
        check(workshop.leaf(private.public_key()))
    assert codes(caught) == ["TRUST-KEY-TYPE"]


def test_low_order_leaf_is_refused(workshop, check) -> None:
    """A certificate over a low-order Ed25519 key is refused although its path is good."""
    weak = load_der_public_key(bytes.fromhex("302a300506032b6570032100") + b"\x01" + bytes(31))
    with pytest.raises(VerificationError) as caught:
        check(workshop.leaf(weak, Purpose.LOG), purpose="log")
    assert codes(caught) == ["TRUST-KEY-LOW-ORDER"]


def test_unknown_authority_is_refused(workshop, public, check, made) -> None:
    """A right certificate under an authority of somebody else has no path."""
    beta = load((made / "beta" / "ca.pem").read_bytes())
    for authorities in ([beta], []):
        with pytest.raises(VerificationError) as caught:
            check(workshop.leaf(public), authorities=authorities)
        assert codes(caught) == ["TRUST-CERTIFICATE-PATH"]


def test_same_name_authority_is_refused(workshop, public, check) -> None:
    """An authority with the right name and another key stands behind nothing."""
    twin = issue.Authority("alpha", workshop.authority.certificate, ec.generate_private_key(ec.SECP256R1()))
    with pytest.raises(VerificationError) as caught:
        check(workshop.leaf(public, issuer=twin))
    assert codes(caught) == ["TRUST-CERTIFICATE-PATH"]


def test_unknown_critical_extension_is_refused(workshop, public, check) -> None:
    """A critical extension that nobody here understands is not skipped."""
    strange = x509.UnrecognizedExtension(x509.ObjectIdentifier("2.25.1"), b"\x05\x00")
    with pytest.raises(VerificationError) as caught:
        check(workshop.leaf(public, extra=[strange]))
    assert codes(caught) == ["TRUST-CERTIFICATE-PATH"]


def test_expired_certificate_keeps_its_window(workshop, public, check, now) -> None:
    """An expired certificate has a path and a window, so that old signatures can be judged."""
    leaf = workshop.leaf(public, window=(timedelta(minutes=-5), timedelta(days=1)))
    path = check(leaf, now=now + timedelta(days=5000))
    assert path.not_after == now + timedelta(days=1)
    assert check(leaf, now=now - timedelta(days=1)).not_before == now - timedelta(minutes=5)


def test_window_is_that_of_the_whole_path(workshop, public, check, now) -> None:
    """A leaf that outlives the authority above it ends with that authority."""
    root = workshop.root()
    between = workshop.intermediate(root, 1)
    leaf = workshop.leaf(public, issuer=between, window=(timedelta(minutes=-5), timedelta(days=90)))
    path = check(leaf, [between.certificate], authorities=[root.certificate])
    assert path.not_after == now + timedelta(days=60)


def test_window_starts_with_the_youngest(workshop, public, check, now) -> None:
    """A leaf older than the certificate above it counts only from when that one began."""
    root = workshop.root()
    between = workshop.intermediate(root, 1)
    leaf = workshop.leaf(public, issuer=between, window=(timedelta(hours=-5), timedelta(days=9)))
    path = check(leaf, [between.certificate], authorities=[root.certificate])
    assert path.not_before == now - timedelta(minutes=10)


def test_empty_organisation_is_none(workshop, public) -> None:
    """A certificate whose organisation id is empty names no organisation."""
    with pytest.raises(VerificationError):
        certificates.organisation_of(load(workshop.leaf(public, uris=["urn:ead:organisation:"])))


def _chain(workshop, count):
    """Return a root and `count` authorities in a row below it."""
    chain = [workshop.root()]
    for number in range(count):
        chain.append(workshop.intermediate(chain[-1], number))
    return chain


def test_three_between_pass_and_four_do_not(workshop, public, check) -> None:
    """Three certificates may stand between leaf and authority, not four."""
    for count, good in ((3, True), (4, False)):
        root, *between = _chain(workshop, count)
        leaf = workshop.leaf(public, issuer=between[-1])
        certificates_between = [one.certificate for one in between]
        if good:
            assert len(check(leaf, certificates_between, authorities=[root.certificate]).chain) == 5
            continue
        with pytest.raises(VerificationError) as caught:
            check(leaf, certificates_between, authorities=[root.certificate])
        assert codes(caught) == ["TRUST-CHAIN-LENGTH"]


def test_depth_is_limited_by_the_path_builder_too(workshop, public, check, monkeypatch) -> None:
    """If more certificates were offered, the depth limit would still hold."""
    root, *between = _chain(workshop, 4)
    leaf = workshop.leaf(public, issuer=between[-1])
    wide = certificates.Profiles(
        **{name: getattr(certificates.profiles(), name) for name in certificates.Profiles.__slots__}
        | {"max_chain": 100}
    )
    monkeypatch.setattr(certificates, "profiles", lambda: wide)
    with pytest.raises(VerificationError) as caught:
        check(leaf, [one.certificate for one in between], authorities=[root.certificate])
    assert codes(caught) == ["TRUST-CERTIFICATE-PATH"]


@pytest.mark.parametrize("count", [3, 100])
def test_path_bomb_is_bounded_in_time(workshop, public, check, count) -> None:
    """Certificates of one name and key, each issuing each, cannot keep the path builder busy."""
    key = ec.generate_private_key(ec.SECP256R1())
    knot = workshop.intermediate(workshop.root(), 0, name="knot", key=key)
    bomb = [workshop.intermediate(knot, n, name="knot", key=key).certificate for n in range(count)]
    leaf = workshop.leaf(public, issuer=knot)
    start = time.thread_time()
    with pytest.raises(VerificationError) as caught:
        check(leaf, bomb)
    assert time.thread_time() - start < 1
    assert codes(caught) == ["TRUST-CERTIFICATE-PATH" if count == 3 else "TRUST-CHAIN-LENGTH"]


@pytest.mark.parametrize(
    "pem", ["", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
)
def test_other_bytes_are_no_certificate(pem) -> None:
    """Bytes that are no certificate are named as such."""
    with pytest.raises(VerificationError) as caught:
        load(pem)
    assert codes(caught) == ["TRUST-CERTIFICATE"]


def test_two_certificates_are_not_one(workshop, public) -> None:
    """A text with two certificates is refused where one belongs, so none can hide behind the first."""
    with pytest.raises(VerificationError):
        load(workshop.leaf(public) * 2)


def test_split_returns_every_block(workshop) -> None:
    """A file of several PEM blocks comes apart into texts that load."""
    pem = workshop.authority.certificate.public_bytes(Encoding.PEM)
    assert certificates.split(pem + b"\n# a remark\n" + pem) == (pem.decode(), pem.decode())
    assert certificates.split(b"") == ()
