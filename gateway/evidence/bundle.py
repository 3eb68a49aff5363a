# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The form of an evidence bundle: one JSON file about one record, passive, nothing in it checked.

Version 1. Bytes are base64, texts are texts; a part that is not held is null. There is one form of each
bundle, so a changed byte is either a changed fact or no bundle.

    format             "customs-ead/evidence-bundle"
    version            1
    envelope           the envelope of the batch statement, exact bytes of the wire (customs.ead.v1.Envelope)
    record             position in the batch, salt, exact bytes, and path to the commitment root
    log                the entry in the log of whoever made the bundle: LogPart
    partner_log        the same from the log of the other side, or null
    partner_checkpoint the newest checkpoint that was proved of the other side's log, or null
    receipt            the envelope of the recipient's receipt, exact bytes, or null; of a partner that cannot
                       sign the envelope of what the sender attests of its answers
    agreement          the signed agreement file, exact bytes (DSSE JSON)
    treatments         the treatment of every field, canonical bytes (gateway.audit.withheld)
    materials          certificates of every signing key, authorities and revocation lists, by organisation
    anchor             the log entry under a time-stamped checkpoint of the anchor log: AnchorPart; left out,
                       not null, if there is none, as in the bundles from before there were stamps

No other record's data is in it: the paths are hashes.
"""

import msgspec

from gateway.envelope.keys import Purpose
from gateway.envelope.material import Material
from gateway.errors import VerificationError
from gateway.finding import Finding, finding

FORMAT = "customs-ead/evidence-bundle"
VERSION = 1
MAX_BYTES = 8 * 1024 * 1024
MAX_PATH = 63
MAX_MATERIALS = 8
MAX_CERTIFICATES = 16


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What all parts share."""


class RecordPart(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One record of the batch; `path` leads from its commitment to the commitment root."""

    position: int
    salt: bytes
    record: bytes
    path: tuple[bytes, ...]


class LogPart(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One entry of a log and its path to a signed checkpoint.

    `salt` opens the digest in the entry. `consistency` leads from the state of this log that the receipt
    names to `checkpoint`; null if the receipt names none, or one that is newer.
    """

    index: int
    entry: bytes
    salt: bytes
    path: tuple[bytes, ...]
    checkpoint: str
    consistency: tuple[bytes, ...] | None


class AnchorPart(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What leads from the entry of `log` to a time stamp.

    `entry_path` leads from the entry to the root in `body`, the checkpoint of its log that was anchored;
    `path` leads from `body`, leaf `index` of the anchor log, to `checkpoint`, whose exact bytes `stamp` is
    about (a TimeStampResp of RFC 3161).
    """

    body: str
    entry_path: tuple[bytes, ...]
    index: int
    path: tuple[bytes, ...]
    checkpoint: str
    stamp: bytes


class MaterialPart(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is needed to check signatures of one organisation; PEM texts, certificates by purpose."""

    organisation: str
    certificates: dict[str, tuple[str, ...]]
    authorities: tuple[str, ...]
    intermediates: tuple[str, ...]
    revocation_lists: tuple[str, ...]


class Bundle(Part, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One record with everything that proves it; see the head of this module."""

    format: str
    version: int
    envelope: bytes
    record: RecordPart
    log: LogPart
    partner_log: LogPart | None
    partner_checkpoint: str | None
    receipt: bytes | None
    agreement: bytes
    treatments: bytes
    materials: tuple[MaterialPart, ...]
    anchor: AnchorPart | None = None


_decoder = msgspec.json.Decoder(Bundle)


def write_bundle(bundle: Bundle) -> bytes:
    """Return the file of a bundle, indented for people."""
    return msgspec.json.format(msgspec.json.encode(bundle), indent=1) + b"\n"


def read_bundle(raw: bytes) -> Bundle:
    """Read the file of a bundle, which must be exactly what `write_bundle` writes.

    Raises:
        VerificationError: it is not; the finding says whether it is cut short, of another version, too large,
            or malformed.
    """
    if len(raw) > MAX_BYTES:
        raise _refused(finding("AUDIT-BUNDLE-SIZE", expected=f"at most {MAX_BYTES} bytes"))
    try:
        bundle = _decoder.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        if "truncated" in str(error):
            raise _refused(finding("AUDIT-BUNDLE-CUT")) from error
        raise _refused(finding("AUDIT-BUNDLE-FORM", actual=str(error))) from error
    if bundle.format != FORMAT or bundle.version != VERSION:
        raise _refused(finding("AUDIT-BUNDLE-VERSION", expected=f"{FORMAT} version {VERSION}"))
    if fault := _fault(bundle):
        raise _refused(finding("AUDIT-BUNDLE-FORM", expected=fault))
    if write_bundle(bundle) != raw:
        raise _refused(finding("AUDIT-BUNDLE-FORM", expected="the one form of a bundle"))
    return bundle


def is_bundle(raw: bytes) -> bool:
    """Say whether a file looks like a bundle, so that the right reader tells what is wrong with it."""
    return raw.lstrip()[:1] == b"{"


def material_part(material: Material) -> MaterialPart:
    """Return the material of an organisation as a bundle holds it."""
    return MaterialPart(
        organisation=material.organisation,
        certificates={str(purpose): tuple(pems) for purpose, pems in sorted(material.certificates.items())},
        authorities=tuple(material.authorities),
        intermediates=tuple(material.intermediates),
        revocation_lists=tuple(material.revocation_lists),
    )


def material_of(part: MaterialPart) -> Material:
    """Return the material that a bundle holds of an organisation."""
    return Material(
        organisation=part.organisation,
        certificates={Purpose(name): pems for name, pems in part.certificates.items()},
        authorities=part.authorities,
        intermediates=part.intermediates,
        revocation_lists=part.revocation_lists,
    )


def _fault(bundle: Bundle) -> str:
    """Return what a bundle should have been, empty if its form is right."""
    paths = [bundle.record.path]
    for part in (bundle.log, bundle.partner_log):
        if part is not None:
            paths += [part.path, part.consistency or ()]
    if bundle.anchor is not None:
        paths += [bundle.anchor.entry_path, bundle.anchor.path]
    if any(len(path) > MAX_PATH for path in paths):
        return f"paths of at most {MAX_PATH} hashes"
    if len(bundle.materials) > MAX_MATERIALS:
        return f"at most {MAX_MATERIALS} materials"
    for one in bundle.materials:
        if any(name not in set(Purpose) for name in one.certificates):
            return f"certificates for {', '.join(Purpose)}"
        texts = (one.authorities, one.intermediates, one.revocation_lists, *one.certificates.values())
        if any(len(each) > MAX_CERTIFICATES for each in texts):
            return f"at most {MAX_CERTIFICATES} certificates of a kind"
    return ""


def _refused(problem: Finding) -> VerificationError:
    """Make the error of a file that is no bundle."""
    return VerificationError("this is not an evidence bundle", (problem,))
