# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""XML signatures of domestic messages: the combinations in use, re-indented messages, forged ones."""

import base64
import hashlib
import shutil
import subprocess
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.x509.oid import NameOID
from lxml import etree

from gateway.envelope import xml_signature
from gateway.envelope.xml_signature import CHINA, DS, PROFILES, SM2_USER, Outcome, verify

NOW = datetime(2026, 11, 20, tzinfo=UTC)
CEB = "http://www.chinaport.gov.cn/ceb"
BODY = (
    f'<ceb:CEB303Message xmlns:ceb="{CEB}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" guid="G-1">'
    "<ceb:Order><ceb:OrderHead><ceb:orderNo>O-1</ceb:orderNo></ceb:OrderHead></ceb:Order>"
    "</ceb:CEB303Message>"
)
METHODS = {name: (method, digest, algorithm) for (method, digest), (name, algorithm) in PROFILES.items()}
RSA_HASHES = {"rsa-sha1": hashes.SHA1(), "rsa-sha256": hashes.SHA256()}
openssl = shutil.which("openssl")
needs_openssl = pytest.mark.skipif(openssl is None, reason="the system has no openssl program")


def signed(profile, sign, certificate, body=BODY):
    """Return a message with an enveloped signature, made as the standard says, by our own hands."""
    method, digest, algorithm = METHODS[profile]
    root = etree.fromstring(body)
    value = hashlib.new(algorithm, etree.tostring(root, method="c14n")).digest()
    info = (
        f'<ds:SignedInfo xmlns:ds="{DS}">'
        '<ds:CanonicalizationMethod Algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315"/>'
        f'<ds:SignatureMethod Algorithm="{method}"/><ds:Reference URI=""><ds:Transforms>'
        f'<ds:Transform Algorithm="{DS}enveloped-signature"/></ds:Transforms>'
        f'<ds:DigestMethod Algorithm="{digest}"/>'
        f"<ds:DigestValue>{base64.b64encode(value).decode()}</ds:DigestValue></ds:Reference></ds:SignedInfo>"
    )
    shell = (
        f'<ds:Signature xmlns:ds="{DS}">{info}<ds:SignatureValue/><ds:KeyInfo><ds:KeyName>0a1b</ds:KeyName>'
        "<ds:X509Data><ds:X509Certificate/></ds:X509Data></ds:KeyInfo></ds:Signature>"
    )
    root.append(etree.fromstring(shell))
    root = etree.fromstring(etree.tostring(root))
    (info_node,) = root.iter(f"{{{DS}}}SignedInfo")
    proof = sign(etree.tostring(info_node, method="c14n"))
    next(root.iter(f"{{{DS}}}SignatureValue")).text = base64.b64encode(proof).decode()
    next(root.iter(f"{{{DS}}}X509Certificate")).text = base64.b64encode(certificate).decode()
    return etree.tostring(root)


@pytest.fixture(scope="module", name="card")
def _card():
    """An RSA card: its key, its certificate, and the authority that issued it."""
    authority, key = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))
    names = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]) for name in ("Authority", "Card")]

    def issue(subject, public, issuer, signer):
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW - timedelta(days=1))
            .not_valid_after(NOW + timedelta(days=1))
            .sign(signer, hashes.SHA256())
        )

    anchor = issue(names[0], authority.public_key(), names[0], authority)
    return key, issue(names[1], key.public_key(), names[0], authority), anchor


def rsa_signed(card, profile="rsa-sha256", body=BODY):
    """Return a message signed with the RSA card."""
    key, certificate, _ = card
    chosen = RSA_HASHES[profile]
    der = certificate.public_bytes(serialization.Encoding.DER)
    return signed(profile, lambda data: key.sign(data, padding.PKCS1v15(), chosen), der, body)


def checked(raw, anchors=(), at=NOW):
    """Return the report about a message."""
    return verify(etree.fromstring(raw), anchors=anchors, at=at)


@pytest.fixture(scope="module", name="sm2")
def _sm2(tmp_path_factory):
    """An SM2 card made by the system's OpenSSL: a function that signs, and the certificate."""
    folder = tmp_path_factory.mktemp("sm2")

    def run(*arguments):
        return subprocess.run([openssl, *arguments], cwd=folder, capture_output=True, check=True).stdout

    run("ecparam", "-name", "SM2", "-genkey", "-noout", "-out", "k.pem")
    identity = ("-sigopt", f"distid:{SM2_USER}")
    run("req", "-new", "-x509", "-sm3", *identity, "-key", "k.pem", "-subj", "/CN=SM2 card", "-out", "c.pem")
    der = run("x509", "-in", "c.pem", "-outform", "DER")

    def sign(data):
        (folder / "m").write_bytes(data)
        r, s = decode_dss_signature(run("dgst", "-sm3", "-sign", "k.pem", *identity, "m"))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    return sign, der


@pytest.mark.parametrize("profile", RSA_HASHES)
def test_rsa_message_is_valid_and_its_card_trusted(card, profile):
    """Both RSA combinations verify, are named, and lead to the anchor; without anchors nothing is trusted."""
    raw = rsa_signed(card, profile)
    found = checked(raw, [card[2]])
    assert (found.outcome, found.profile, found.key_name) == (Outcome.VALID, profile, "0a1b")
    assert found.trusted
    assert not checked(raw).trusted
    assert not checked(raw, [card[2]], NOW + timedelta(days=3)).trusted


@needs_openssl
@pytest.mark.parametrize("profile", ["sm2-sm3", "sm2-sm3-with-sha1"])
def test_sm2_message_is_valid(sm2, profile):
    """Both SM2 combinations verify with the system's OpenSSL, and are told apart."""
    found = checked(signed(profile, *sm2))
    assert (found.outcome, found.profile) == (Outcome.VALID, profile), found.detail


@needs_openssl
def test_sm2_signature_of_other_words_is_invalid(sm2):
    """An SM2 message whose content or signature was altered does not verify."""
    raw = signed("sm2-sm3", *sm2)
    assert checked(raw.replace(b">O-1<", b">O-2<")).outcome is Outcome.INVALID
    sign, der = sm2
    wrong = signed("sm2-sm3", lambda data: sign(data + b" "), der)
    assert checked(wrong).detail == "the SM2 signature does not hold"


def test_sm2_without_openssl_is_unchecked(sm2, monkeypatch):
    """Where there is no OpenSSL the report says so, and not that the signature is valid or invalid."""
    raw = signed("sm2-sm3", *sm2)
    monkeypatch.setattr(xml_signature.shutil, "which", lambda _: None)
    assert checked(raw).outcome is Outcome.UNCHECKED


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b">O-1<", b">O-2<"),
        (b' guid="G-1"', b' guid="G-2"'),
        (b"<ceb:Order>", b"<ceb:Order><ceb:orderType>I</ceb:orderType>"),
        (b'URI=""', b'URI="#x"'),
        (b"enveloped-signature", b"base64"),
        (b"rsa-sha256", b"rsa-sha512"),
    ],
    ids=["content", "attribute", "addition", "reference", "transform", "method"],
)
def test_altered_message_is_invalid(card, before, after):
    """A changed value, attribute, element, reference, transform or method is found."""
    raw = rsa_signed(card)
    assert before in raw
    found = checked(raw.replace(before, after, 1), [card[2]])
    assert (found.outcome, found.trusted) == (Outcome.INVALID, False)
    assert found.detail


@pytest.mark.parametrize("kind", ["rsa-sha1", pytest.param("sm2-sm3", marks=needs_openssl)])
@pytest.mark.parametrize("place", ["inside", "beside", "everywhere"])
def test_reindented_message_is_not_plainly_valid(card, sm2, kind, place):
    """Whitespace that transit added within or beside the signature, or everywhere, is its own outcome."""
    raw = rsa_signed(card, kind) if kind.startswith("rsa") else signed(kind, *sm2)
    root = etree.fromstring(raw)
    if place == "inside":
        for one in root.iter(f"{{{DS}}}SignedInfo"):
            one.text = "\n  "
    elif place == "beside":
        root.find(f"./{{{DS}}}Signature").tail = "\n"
    else:
        etree.indent(root)
    assert checked(etree.tostring(root)).outcome is Outcome.REPAIRED


def test_message_without_or_with_two_signatures(card):
    """No signature is missing, two are invalid."""
    assert checked(BODY.encode()).outcome is Outcome.MISSING
    root = etree.fromstring(rsa_signed(card))
    root.append(etree.fromstring(etree.tostring(root.find(f"./{{{DS}}}Signature"))))
    assert checked(etree.tostring(root)).outcome is Outcome.INVALID


def test_certificate_must_be_there_and_readable(card):
    """Without a certificate, or with bytes that are none, nothing is verified."""
    raw = rsa_signed(card)
    root = etree.fromstring(raw)
    next(root.iter(f"{{{DS}}}X509Certificate")).text = "AAAA"
    assert checked(etree.tostring(root)).detail == "the certificate cannot be read"
    data = next(root.iter(f"{{{DS}}}X509Data"))
    data.getparent().remove(data)
    assert checked(etree.tostring(root)).detail == "no certificate"


def test_names_of_the_combinations_are_those_of_the_field():
    """The three combinations of CEB messages and RSA with SHA-256 are known, and no other."""
    assert set(METHODS) == {"sm2-sm3", "sm2-sm3-with-sha1", "rsa-sha1", "rsa-sha256"}
    assert METHODS["sm2-sm3"][0].startswith(CHINA)
