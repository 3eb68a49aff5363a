# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The partner bundle: all that another organisation must know to work with this one, in one signed file.

A DSSE JSON file whose statement holds endpoint, certificates, authorities and revocation lists. Every key in
it signs it, so nobody can enrol a key that he does not hold. That proves nothing about who sent the file:
people compare the fingerprint through another road before they import it.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import msgspec

from gateway.clock import milliseconds
from gateway.envelope import certificates, dsse, keys
from gateway.envelope.dsse import Envelope
from gateway.envelope.identity import KeySet, OwnKey
from gateway.envelope.keys import Purpose
from gateway.envelope.material import Judgement, Material, judge
from gateway.envelope.signer import sign_envelope
from gateway.errors import ConfigError, VerificationError
from gateway.finding import Finding, finding

PAYLOAD_TYPE = "application/vnd.customs-ead.partner-bundle.v1+json"
MAX_BYTES = 4 * 1024 * 1024
MAX_CERTIFICATES = 9  # three keys, each present, next and old
MAX_AUTHORITIES = 4
REQUIRED = (Purpose.TLS, Purpose.SEAL, Purpose.RECEIPT, Purpose.LOG)
_ORGANISATION = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]|\.(?!\.)){0,63}")
_ENDPOINT = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+):([0-9]{1,5})")
_HTTP = re.compile(r"https?://[!-~]+")
_MAX_PORT = 65535


class PartnerBundle(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The statement of a bundle. Certificates are PEM, by purpose; `serial` only ever grows."""

    version: int
    organisation: str
    name: str
    endpoint: str
    collect_only: bool
    http: str
    serial: int
    issued_at: datetime
    certificates: Mapping[str, tuple[str, ...]]
    authority_texts: tuple[str, ...] = msgspec.field(name="authorities")
    intermediates: tuple[str, ...]
    revocation_lists: tuple[str, ...]

    @property
    def authorities(self) -> tuple[bytes, ...]:
        """The authorities as PEM bytes, as a TLS stack takes them."""
        return tuple(text.encode() for text in self.authority_texts)

    def material(self) -> Material:
        """Return what trust is made of."""
        return Material(
            organisation=self.organisation,
            certificates={Purpose(name): pems for name, pems in self.certificates.items()},
            authorities=self.authority_texts,
            intermediates=self.intermediates,
            revocation_lists=self.revocation_lists,
        )


_decoder = msgspec.json.Decoder(PartnerBundle)


def export_bundle(
    keyset: KeySet,
    *,
    name: str,
    endpoint: str,
    now: datetime,
    collect_only: bool = False,
    http: str = "",
    more: Sequence[OwnKey] = (),
) -> bytes:
    """Write this organisation's bundle, signed by every key of its folder and by `more`.

    Expired certificates and retired ones, whose keys are gone, stay out; those of `more` do not.

    Raises:
        ConfigError: the bundle would not be accepted by a partner; the findings say why.
    """
    good = [own for own in keyset.keys if own.not_after > now]
    held = [(own, own.signer) for own in (*good, *more) if own.signer is not None]
    bundle = PartnerBundle(
        version=1,
        organisation=keyset.organisation,
        name=name,
        endpoint=endpoint,
        collect_only=collect_only,
        http=http,
        serial=milliseconds(now),
        issued_at=now.astimezone(UTC),
        certificates={
            purpose: tuple(own.certificate for own, _ in held if own.purpose is purpose)
            for purpose in Purpose
        },
        authority_texts=certificates.split(keyset.ca),
        intermediates=certificates.split(keyset.intermediates),
        revocation_lists=certificates.split(keyset.revocation_list),
    )
    statement = msgspec.json.encode(bundle)
    raw = dsse.to_json(sign_envelope(PAYLOAD_TYPE, statement, [signer for _, signer in held]))
    try:
        read_bundle(raw, now)
    except VerificationError as error:
        raise ConfigError(f"no valid bundle can be made: {error}", error.findings) from error
    return raw


def read_bundle(raw: bytes, now: datetime) -> PartnerBundle:
    """Read a bundle and check everything in it against itself.

    That is: form, limits, the path of every certificate to the bundle's own authorities, the revocation
    lists, and one signature by every key and by no other. Whether certificates have expired is not asked.

    Raises:
        VerificationError: the findings say what is wrong.
    """
    if len(raw) > MAX_BYTES:
        raise _wrong(finding("TRUST-BUNDLE", expected=f"at most {MAX_BYTES} bytes", actual=str(len(raw))))
    envelope = dsse.from_json(raw)
    if envelope.payload_type != PAYLOAD_TYPE:
        raise _wrong(finding("TRUST-PAYLOAD-TYPE", expected=PAYLOAD_TYPE, actual=envelope.payload_type))
    try:
        bundle = _decoder.decode(envelope.statement)
    except msgspec.MsgspecError as error:
        raise _wrong(finding("TRUST-BUNDLE", actual=str(error))) from error
    problems = _form_problems(bundle)
    if problems:
        raise _wrong(*problems)
    judgement = judge(bundle.material(), now=now)
    problems = [*judgement.findings, *_possession_problems(envelope, judgement)]
    if problems:
        raise _wrong(*problems)
    return bundle


def fingerprint(raw: bytes) -> str:
    """Return what people read out to each other: the SHA-256 of the statement in groups of four digits."""
    text = hashlib.sha256(dsse.from_json(raw).statement).hexdigest()
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def same_fingerprint(one: str, other: str) -> bool:
    """Say whether two fingerprints are the same, whatever stands between their digits."""
    return _digits(one) == _digits(other) != ""


def _digits(text: str) -> str:
    """Return the hex digits of a fingerprint; empty if it holds anything but digits and separators."""
    bare = re.sub(r"[\s:.-]", "", text).lower()
    return bare if re.fullmatch("[0-9a-f]{64}", bare) else ""


def _form_problems(bundle: PartnerBundle) -> list[Finding]:
    """Return what is wrong with a bundle before any certificate is read."""
    port = _ENDPOINT.fullmatch(bundle.endpoint)
    reachable = port is not None and 0 < int(port[1]) <= _MAX_PORT
    offered = bundle.certificates
    checks = (
        ("version", bundle.version == 1, "1"),
        ("organisation", is_organisation(bundle.organisation), "letters, digits, dot, dash, underscore"),
        ("endpoint", reachable or (bundle.collect_only and not bundle.endpoint), "host:port"),
        ("http", not bundle.http or _HTTP.fullmatch(bundle.http) is not None, "a URL or nothing"),
        ("serial", bundle.serial > 0, "a positive number"),
        ("issued_at", bundle.issued_at.tzinfo is not None, "a time with its zone"),
        ("authorities", 0 < len(bundle.authority_texts) <= MAX_AUTHORITIES, f"1 to {MAX_AUTHORITIES}"),
        ("intermediates", len(bundle.intermediates) <= MAX_AUTHORITIES, f"at most {MAX_AUTHORITIES}"),
        (
            "revocation_lists",
            len(bundle.revocation_lists) <= 2 * MAX_AUTHORITIES,
            f"at most {2 * MAX_AUTHORITIES}",
        ),
        ("certificates", set(offered) <= set(Purpose), f"purposes {', '.join(Purpose)}"),
        *(
            (f"certificates.{purpose}", bool(offered.get(purpose)), "at least one certificate")
            for purpose in REQUIRED
        ),
        *(
            (f"certificates.{purpose}", len(pems) <= MAX_CERTIFICATES, f"at most {MAX_CERTIFICATES}")
            for purpose, pems in offered.items()
        ),
    )
    return [
        finding("TRUST-BUNDLE", path=path, expected=expected) for path, good, expected in checks if not good
    ]


def is_organisation(text: str) -> bool:
    """Say whether a text is an organisation id; it becomes part of file names and channel names."""
    return _ORGANISATION.fullmatch(text) is not None


def _possession_problems(envelope: Envelope, judgement: Judgement) -> list[Finding]:
    """Return every key that did not sign, and every signature that should not be there."""
    message = dsse.pae(envelope.payload_type, envelope.statement)
    trusted = {key.key_id: key for key in judgement.keys}
    problems = [
        finding("TRUST-CRL-MISSING", path=key.purpose)
        for key in judgement.keys
        if key.revocation_known_until is None
    ]
    proved: set[str] = set()
    for signature in envelope.signatures:
        key = trusted.get(signature.key_id)
        if key is None or key.key_id in proved:
            problems.append(finding("TRUST-KEY-UNKNOWN", actual=signature.key_id))
            continue
        try:
            keys.verify(key.public_key, message, signature.value)
        except VerificationError as error:
            problems += error.findings
        proved.add(key.key_id)
    return problems + [
        finding("TRUST-BUNDLE-POSSESSION", path=trusted[one].purpose, actual=one)
        for one in trusted.keys() - proved
    ]


def _wrong(*problems: Finding) -> VerificationError:
    """Make the error of a refused bundle."""
    return VerificationError("the partner bundle is refused", problems)
