# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Keys that nobody should accept, for testing whether others do: expired, not yet valid, revoked, not pinned.

Each has a good certificate of the development authority of its folder but for its one fault. They lie in
`FOLDER` of the keys folder, where no `KeySet` takes them from.
"""

import enum
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.envelope import certificates, keys
from gateway.envelope.identity import OwnKey
from gateway.envelope.issue import Authority, issue, load_authority, new_key, write_private
from gateway.envelope.keys import Algorithm, Purpose
from gateway.envelope.revoke import Reason, revoke
from gateway.envelope.signer import FileSigner
from gateway.envelope.whole_file import write_file

FOLDER = "faulty"
HOSTS = ("localhost", "127.0.0.1")
# So far ahead that the key stays not yet valid for as long as anybody tests with it.
LATER = timedelta(days=365)
ENDED = timedelta(days=30)
REVOKED_FOR = timedelta(hours=1)


class Fault(enum.StrEnum):
    """What is wrong with a key, and with it the name of its files."""

    EXPIRED = "seal-expired"
    NOT_YET_VALID = "seal-not-yet-valid"
    REVOKED = "seal-revoked"
    TLS_REVOKED = "tls-revoked"
    TLS_UNPINNED = "tls-unpinned"


# Those that a bundle holds, so that they are known and refused for their fault alone.
PINNED = (Fault.EXPIRED, Fault.NOT_YET_VALID, Fault.REVOKED, Fault.TLS_REVOKED)
_REVOKED = frozenset({Fault.REVOKED, Fault.TLS_REVOKED})


@dataclass(frozen=True, slots=True)
class TlsIdentity:
    """What a caller shows in the handshake."""

    tls_certificate: bytes
    tls_key: bytes


def oldest(now: datetime) -> datetime:
    """Return since when the authority must be there for its seal certificate to have expired by now."""
    return now - 2 * certificates.profiles().purposes[Purpose.SEAL].lifetime


def write_faulty(folder: Path, now: datetime) -> None:
    """Make every faulty key in a keys folder whose authority is `oldest`, and revoke those to be revoked.

    Raises:
        ConfigError: the folder holds no development authority.
    """
    authority = load_authority(folder)
    (folder / FOLDER).mkdir(mode=0o700)
    for fault in Fault:
        _write(folder, authority, fault, now)
    for fault in sorted(_REVOKED):
        reason = Reason.KEY_COMPROMISE
        path = folder / FOLDER / f"{fault}.pem"
        revoke(folder, path, now, reason=reason, invalid_since=now - REVOKED_FOR)


def faulty_key(folder: Path, fault: Fault) -> OwnKey:
    """Return one of the faulty keys of a keys folder, as an own key is held."""
    path = folder / FOLDER / f"{fault}.pem"
    signer = FileSigner.load(path.with_suffix(".key"))
    return OwnKey(fault, _purpose(fault), "", path.read_text("ascii"), signer)


def faulty_tls(folder: Path, fault: Fault) -> TlsIdentity:
    """Return one of the faulty TLS keys of a keys folder."""
    path = folder / FOLDER / f"{fault}.pem"
    return TlsIdentity(path.read_bytes(), keys.read_private_file(path.with_suffix(".key")))


def strangers_key() -> FileSigner:
    """Return a seal key that no bundle has ever held."""
    return FileSigner(new_key(Algorithm.ECDSA_P256))


def _purpose(fault: Fault) -> Purpose:
    """Return what a faulty key is for."""
    return Purpose(fault.split("-", maxsplit=1)[0])


def _write(folder: Path, authority: Authority, fault: Fault, now: datetime) -> None:
    """Make one key with its certificate."""
    purpose, private_key = _purpose(fault), new_key(Algorithm.ECDSA_P256)
    made = {
        Fault.EXPIRED: now - certificates.profiles().purposes[purpose].lifetime - ENDED,
        Fault.NOT_YET_VALID: now + LATER,
    }.get(fault, now)
    _, public_key = keys.checked(private_key.public_key())
    certificate: x509.Certificate = issue(
        authority, purpose, public_key, made, HOSTS if purpose is Purpose.TLS else ()
    )
    write_private(folder / FOLDER / f"{fault}.key", private_key)
    write_file(folder / FOLDER / f"{fault}.pem", certificate.public_bytes(Encoding.PEM))
