# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Check the enveloped XML signature of a domestic message (XMLDSig 1.1, C14N 1.0, whole message).

Three combinations of algorithms are in use for CEB messages, and RSA with SHA-256 elsewhere; the report names
the one that applied. RSA is checked by signxml. SM2 (GM/T 0003, user id 1234567812345678, value r || s) is
checked by the system's OpenSSL where it is installed; without it the report says "unchecked".

Messages are re-indented in transit. What verifies only after whitespace between elements was taken away is
reported as its own outcome, never as valid. That a certificate is trusted is said apart from that it fits.
"""

import base64
import binascii
import copy
import enum
import hashlib
import hmac
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from lxml import etree
from signxml.algorithms import DigestAlgorithm, SignatureMethod
from signxml.exceptions import InvalidInput
from signxml.exceptions import InvalidSignature as InvalidXmlSignature
from signxml.verifier import SignatureConfiguration, XMLVerifier

DS = "http://www.w3.org/2000/09/xmldsig#"
CHINA = "http://www.chinaport.gov.cn/2022/04/xmldsig#"
SM2_USER = "1234567812345678"
OPENSSL_SECONDS = 10
MAX_CERTIFICATES = 4
_C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
_ENVELOPED = f"{DS}enveloped-signature"
_HALF = 32

# (signature method, digest method) -> name of the combination, digest of the reference.
PROFILES = {
    (f"{CHINA}sm2-sm3", f"{CHINA}sm3"): ("sm2-sm3", "sm3"),
    (f"{DS}sm2-sm3", f"{DS}sha1"): ("sm2-sm3-with-sha1", "sha1"),
    (f"{DS}rsa-sha1", f"{DS}sha1"): ("rsa-sha1", "sha1"),
    (
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
        "http://www.w3.org/2001/04/xmlenc#sha256",
    ): ("rsa-sha256", "sha256"),
}
_RSA = SignatureConfiguration(
    require_x509=True,
    location="./",
    expect_references=1,
    signature_methods=frozenset({SignatureMethod.RSA_SHA1, SignatureMethod.RSA_SHA256}),
    digest_algorithms=frozenset({DigestAlgorithm.SHA1, DigestAlgorithm.SHA256}),
)


Anchor: TypeAlias = x509.Certificate


class Outcome(enum.StrEnum):
    """What the check of a signature says."""

    VALID = "valid"
    REPAIRED = "valid without whitespace"
    INVALID = "invalid"
    MISSING = "missing"
    UNCHECKED = "unchecked"


@dataclass(frozen=True, slots=True)
class XmlSignature:
    """The report; `serial` is the certificate's, in hexadecimal, `detail` says why not valid.

    `trusted` is true if the certificate leads to one of the anchors and was in force at the time asked for.
    """

    outcome: Outcome
    profile: str = ""
    serial: str = ""
    key_name: str = ""
    trusted: bool = False
    detail: str = ""


def verify(root: Any, *, anchors: Sequence[x509.Certificate] = (), at: datetime) -> XmlSignature:
    """Check the one signature below the root element of a message, which is left as it is.

    Precondition: the tree comes from the hardened reader.
    """
    found = [one for one in root if one.tag == f"{{{DS}}}Signature"]
    if not found:
        return XmlSignature(Outcome.MISSING)
    if len(found) > 1:
        return XmlSignature(Outcome.INVALID, detail="more than one signature")
    signature = found[0]
    try:
        said = _Said(signature)
    except ValueError as error:
        return XmlSignature(Outcome.INVALID, detail=str(error))
    outcome, detail = _outcome(root, said)
    trusted = outcome in (Outcome.VALID, Outcome.REPAIRED) and _trusted(said.certificate, anchors, at)
    return XmlSignature(outcome, said.profile, said.serial, said.key_name, trusted, detail)


def load_anchors(file: Path) -> tuple[x509.Certificate, ...]:
    """Return the certificates of a PEM file.

    Raises:
        OSError: the file cannot be read.
        ValueError: it holds no certificate.
    """
    return tuple(x509.load_pem_x509_certificates(file.read_bytes()))


class _Said:
    """What a signature says of itself."""

    def __init__(self, signature: Any) -> None:
        """Read it.

        Raises:
            ValueError: it is not of the form that is checked here.
        """
        info = _one(signature, "SignedInfo")
        reference = _one(info, "Reference")
        if reference.get("URI") != "":
            raise ValueError("the reference is not to the whole message")
        transforms = [one.get("Algorithm") for one in reference.iterfind(f"./{{{DS}}}Transforms/*")]
        if _one(info, "CanonicalizationMethod").get("Algorithm") != _C14N:
            raise ValueError("not inclusive C14N 1.0")
        if transforms not in ([_ENVELOPED], [_ENVELOPED, _C14N]):
            raise ValueError("other transforms than enveloped-signature")
        method = _one(info, "SignatureMethod").get("Algorithm", "")
        digest = _one(reference, "DigestMethod").get("Algorithm", "")
        if (method, digest) not in PROFILES:
            raise ValueError("a combination of algorithms that is not in use")
        self.profile, self.digest = PROFILES[method, digest]
        self.digest_value = _base64(_one(reference, "DigestValue"))
        self.value = _base64(_one(signature, "SignatureValue"))
        certificates = signature.findall(f".//{{{DS}}}X509Certificate")
        if not 0 < len(certificates) <= MAX_CERTIFICATES:
            raise ValueError("no certificate")
        self.der = _base64(certificates[0])
        try:
            self.certificate = x509.load_der_x509_certificate(self.der)
        except ValueError as error:
            raise ValueError("the certificate cannot be read") from error
        self.serial = f"{self.certificate.serial_number:x}"
        name = signature.find(f".//{{{DS}}}KeyName")
        self.key_name = (name.text or "").strip()[:100] if name is not None else ""


def _outcome(root: Any, said: _Said) -> tuple[Outcome, str]:
    """Return the outcome of the check, as it stands or without whitespace, and why it is not valid."""
    detail = ""
    for attempt, candidate in enumerate(_candidates(root)):
        try:
            if said.profile.startswith("rsa"):
                _check_rsa(candidate, said)
            else:
                _check_sm2(candidate, said)
        except _NotInstalled as error:
            return Outcome.UNCHECKED, str(error)
        except ValueError as error:
            detail = detail or str(error)
        else:
            return (Outcome.REPAIRED, "") if attempt else (Outcome.VALID, "")
    return Outcome.INVALID, detail


def _candidates(root: Any) -> Iterator[Any]:
    """Yield the message as it is, then copies without the whitespace that transit may have added."""
    yield root
    tidy = copy.deepcopy(root)
    signature = tidy.find(f"./{{{DS}}}Signature")
    _strip(signature)
    yield tidy
    beside = copy.deepcopy(tidy)
    signature = beside.find(f"./{{{DS}}}Signature")
    signature.tail = None
    before = signature.getprevious()
    if before is not None and _is_blank(before.tail):
        before.tail = None
    yield beside
    everywhere = copy.deepcopy(root)
    _strip(everywhere)
    yield everywhere


def _strip(element: Any) -> None:
    """Take away text that is nothing but whitespace, below an element."""
    for one in element.iter():
        if len(one) and _is_blank(one.text):
            one.text = None
        if one is not element and _is_blank(one.tail):
            one.tail = None


def _is_blank(text: str | None) -> bool:
    """Say whether a text is nothing but whitespace."""
    return text is not None and not text.strip()


class _NotInstalled(Exception):
    """The library or program for an algorithm is not there."""


def _check_rsa(root: Any, said: _Said) -> None:
    """Let signxml check an RSA signature against the certificate inside it.

    Raises:
        ValueError: it does not hold.
    """
    if not isinstance(said.certificate.public_key(), rsa.RSAPublicKey):
        raise ValueError("the certificate has no RSA key")  # noqa: TRY004 - one way out for all that does not hold
    # Whether the certificate was in force is judged by `_trusted`; here only whether the signature fits it.
    then = replace(_RSA, verification_time=said.certificate.not_valid_before_utc)
    try:
        XMLVerifier().verify(
            copy.deepcopy(root), x509_cert=said.certificate, expect_config=then, validate_schema=False
        )
    except (InvalidXmlSignature, InvalidInput, ValueError, etree.LxmlError) as error:
        raise ValueError(type(error).__name__) from error


def _check_sm2(root: Any, said: _Said) -> None:
    """Check digest and SM2 signature.

    Raises:
        ValueError: one of them does not hold.
        _NotInstalled: there is no OpenSSL with SM2.
    """
    bare = copy.deepcopy(root)
    signature = bare.find(f"./{{{DS}}}Signature")
    signed_info = etree.tostring(_one(signature, "SignedInfo"), method="c14n")
    _remove(signature)
    digest = hashlib.new(said.digest, etree.tostring(bare, method="c14n"), usedforsecurity=False).digest()
    if not hmac.compare_digest(digest, said.digest_value):
        raise ValueError("the digest is of other words")
    if len(said.value) != 2 * _HALF:
        raise ValueError("an SM2 signature has 64 bytes")
    r, s = (int.from_bytes(said.value[start : start + _HALF], "big") for start in (0, _HALF))
    _openssl_sm2(said.der, encode_dss_signature(r, s), signed_info)


def _remove(element: Any) -> None:
    """Take an element out and leave the text behind it."""
    parent, before = element.getparent(), element.getprevious()
    if element.tail:
        if before is not None:
            before.tail = (before.tail or "") + element.tail
        else:
            parent.text = (parent.text or "") + element.tail
    parent.remove(element)


def _openssl_sm2(certificate: bytes, signature: bytes, signed: bytes) -> None:
    """Let the system's OpenSSL check an SM2 signature.

    Raises:
        ValueError: it does not hold.
        _NotInstalled: there is no OpenSSL with SM2.
    """
    program = shutil.which("openssl")
    if program is None:
        raise _NotInstalled("SM2 needs the system's OpenSSL")
    with tempfile.TemporaryDirectory(prefix="sm2-") as name:
        folder = Path(name)
        for file, content in (("c.der", certificate), ("s.der", signature), ("m", signed)):
            (folder / file).write_bytes(content)
        key = _run(folder, program, "x509", "-inform", "DER", "-in", "c.der", "-noout", "-pubkey")
        if key.returncode:
            raise _NotInstalled("this OpenSSL does not read the SM2 certificate")
        (folder / "k.pem").write_bytes(key.stdout)
        identity = ["-sigopt", f"distid:{SM2_USER}"]
        done = _run(
            folder, program, "dgst", "-sm3", "-verify", "k.pem", *identity, "-signature", "s.der", "m"
        )
        if done.returncode:
            raise ValueError("the SM2 signature does not hold")


def _run(folder: Path, program: str, *arguments: str) -> "subprocess.CompletedProcess[bytes]":
    """Run OpenSSL in a folder."""
    try:
        return subprocess.run(  # noqa: S603 - the system's own program on files written here
            [program, *arguments], cwd=folder, capture_output=True, timeout=OPENSSL_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise _NotInstalled("OpenSSL did not answer in time") from error


def _trusted(certificate: x509.Certificate, anchors: Sequence[x509.Certificate], at: datetime) -> bool:
    """Say whether one of the anchors issued a certificate, directly, and both were in force."""
    if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
        return False
    for anchor in anchors:
        if not anchor.not_valid_before_utc <= at <= anchor.not_valid_after_utc:
            continue
        try:
            certificate.verify_directly_issued_by(anchor)
        except (ValueError, TypeError, InvalidSignature):
            continue
        return True
    return False


def _one(parent: Any, name: str) -> Any:
    """Return the only child with a name.

    Raises:
        ValueError: there is none, or more than one.
    """
    found = parent.findall(f"./{{{DS}}}{name}")
    if len(found) != 1:
        raise ValueError(f"not exactly one {name}")
    return found[0]


def _base64(element: Any) -> bytes:
    """Return the bytes of an element.

    Raises:
        ValueError: it is not Base64.
    """
    try:
        return base64.b64decode("".join((element.text or "").split()), validate=True)
    except binascii.Error as error:
        raise ValueError("not Base64") from error
