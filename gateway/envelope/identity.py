# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The keys of this organisation itself, as they lie in its keys folder.

For each key the folder holds `<name>.pem` and `<name>.key`, or `<name>.pkcs11` where the key is in a token.
During a rotation the next pair stands beside it as `<name>.next.*`, afterwards the old pair as
`<name>.old.*`; `retired/` keeps certificates without keys, so that old signatures can still be checked.
`ca.pem` is the authority, `crl.pem` its revocation list; `chain.pem`, if there is one, holds the certificates
between. The keys that are `OPTIONAL` may be absent: folders from before them go on as they are.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

from gateway.envelope import certificates, keys, pkcs11
from gateway.envelope.key_moves import CURRENT, NEXT, OLD, RETIRED, seen_whole
from gateway.envelope.keys import Algorithm, Purpose
from gateway.envelope.material import Material
from gateway.envelope.pkcs11 import Pkcs11Signer
from gateway.envelope.signer import FileSigner, Signer
from gateway.errors import ConfigError, VerificationError

# The file names of a keys folder, in the order in which keys are listed and sign.
LAYOUT: Mapping[Purpose, Mapping[str, Algorithm]] = MappingProxyType(
    {
        Purpose.TLS: MappingProxyType({"tls": Algorithm.ECDSA_P256}),
        Purpose.SEAL: MappingProxyType(
            {"seal-p256": Algorithm.ECDSA_P256, "seal-mldsa65": Algorithm.ML_DSA_65}
        ),
        Purpose.RECEIPT: MappingProxyType(
            {"receipt-p256": Algorithm.ECDSA_P256, "receipt-mldsa65": Algorithm.ML_DSA_65}
        ),
        Purpose.LOG: MappingProxyType(
            {
                "log-p256": Algorithm.ECDSA_P256,
                "log-ed25519": Algorithm.ED25519,
                "log-mldsa44": Algorithm.ML_DSA_44,
            }
        ),
        Purpose.WITNESS: MappingProxyType(
            {"witness-ed25519": Algorithm.ED25519, "witness-mldsa44": Algorithm.ML_DSA_44}
        ),
    }
)
OPTIONAL = frozenset({"log-mldsa44", "witness-mldsa44"})


@dataclass(frozen=True, slots=True)
class OwnKey:
    """One certificate of the folder; `signer` is None for a retired one, `slot` is "", ".next" or ".old"."""

    name: str
    purpose: Purpose
    slot: str
    certificate: str
    signer: Signer | None

    @property
    def not_after(self) -> datetime:
        """The end of the certificate itself."""
        return certificates.load(self.certificate).not_valid_after_utc


@dataclass(frozen=True, slots=True)
class KeySet:
    """All keys of the organisation; the named ones are current, `keys` holds the others as well."""

    folder: Path
    organisation: str
    ca: bytes
    intermediates: bytes
    revocation_list: bytes
    tls_certificate: bytes
    tls_key: bytes
    seal: tuple[Signer, Signer]
    receipt: tuple[Signer, Signer]
    log: Signer
    log_ed25519: Signer
    log_mldsa44: Signer | None
    witness: Signer
    witness_mldsa44: Signer | None
    keys: tuple[OwnKey, ...]

    @classmethod
    def load(cls, folder: Path | str) -> "KeySet":
        """Read a keys folder, never in the middle of a change.

        Raises:
            ConfigError: a file is absent or wrong, a private key is open to others or belongs to another
                certificate, or the certificates name different organisations.
        """
        with seen_whole(Path(folder)):
            return cls.read(Path(folder))

    @classmethod
    def read(cls, folder: Path) -> "KeySet":
        """Read a keys folder that the caller holds (`key_moves`); raises what `load` raises."""
        found = [
            own
            for purpose, names in LAYOUT.items()
            for name in names
            for own in _pairs(folder, purpose, name)
        ]
        current = {own.name: own.signer for own in found if own.slot == CURRENT and own.signer}
        required = [name for names in LAYOUT.values() for name in names if name not in OPTIONAL]
        missing = [name for name in required if name not in current]
        if missing:
            raise ConfigError(
                f"keys folder {folder} lacks {', '.join(missing)}; make it with `gateway pki create`"
            )
        _refuse_shared(found)
        chain = folder / "chain.pem"
        between = _read(chain) if chain.exists() else b""
        return cls(
            folder=folder,
            organisation=_one_organisation(found),
            ca=_read(folder / "ca.pem"),
            revocation_list=_read(folder / "crl.pem"),
            intermediates=between,
            tls_certificate=_read(folder / "tls.pem") + between,
            tls_key=keys.read_private_file(folder / "tls.key"),
            seal=(current["seal-p256"], current["seal-mldsa65"]),
            receipt=(current["receipt-p256"], current["receipt-mldsa65"]),
            log=current["log-p256"],
            log_ed25519=current["log-ed25519"],
            log_mldsa44=current.get("log-mldsa44"),
            witness=current["witness-ed25519"],
            witness_mldsa44=current.get("witness-mldsa44"),
            keys=(*found, *_retired(folder)),
        )

    def material(self) -> Material:
        """Return the public side, retired certificates included."""
        return Material(
            organisation=self.organisation,
            certificates={
                purpose: tuple(own.certificate for own in self.keys if own.purpose is purpose)
                for purpose in LAYOUT
            },
            authorities=certificates.split(self.ca),
            intermediates=certificates.split(self.intermediates),
            revocation_lists=certificates.split(self.revocation_list),
        )


def _pairs(folder: Path, purpose: Purpose, name: str) -> list[OwnKey]:
    """Return the pairs of one name that the folder holds."""
    found: list[OwnKey] = []
    for slot in (CURRENT, NEXT, OLD):
        path = folder / f"{name}{slot}.pem"
        if not path.exists():
            continue
        certificate = _read(path).decode()
        signer = _signer(path, certificate)
        own = OwnKey(name, purpose, slot, certificate, signer)
        if keys.spki(signer.public_key) != _spki(own):
            raise ConfigError(f"{name}{slot}.key does not belong to {path.name}")
        if signer.algorithm is not LAYOUT[purpose][name]:
            raise ConfigError(f"{path.name} holds a key of {signer.algorithm}, not {LAYOUT[purpose][name]}")
        found.append(own)
    return found


def _signer(path: Path, certificate: str) -> Signer:
    """Return the private key of a certificate, from its file or from the token that a file names."""
    token = path.with_suffix(pkcs11.SUFFIX)
    if not token.exists():
        return FileSigner.load(path.with_suffix(".key"))
    try:
        return Pkcs11Signer.load(token, keys.checked(certificates.load(certificate).public_key())[1])
    except VerificationError as error:
        raise ConfigError(f"{path.name} holds no certificate of an allowed type") from error


def _retired(folder: Path) -> list[OwnKey]:
    """Return the certificates whose private keys are gone."""
    return [
        OwnKey(path.stem, Purpose(path.stem.split("-")[0]), OLD, _read(path).decode(), None)
        for path in sorted((folder / RETIRED).glob("*.pem"))
    ]


def _spki(own: OwnKey) -> bytes:
    """Return the SubjectPublicKeyInfo of the certificate beside a key."""
    try:
        return keys.spki(keys.checked(certificates.load(own.certificate).public_key())[1])
    except VerificationError as error:
        raise ConfigError(f"{own.name}{own.slot}.pem holds no certificate of an allowed type") from error


def _one_organisation(found: list[OwnKey]) -> str:
    """Return the organisation that all certificates name."""
    try:
        named = {certificates.organisation_of(certificates.load(own.certificate)) for own in found}
    except VerificationError as error:
        raise ConfigError(f"a certificate of the keys folder is wrong: {error}", error.findings) from error
    if len(named) != 1:
        raise ConfigError(f"the keys folder holds certificates of {', '.join(sorted(named))}")
    return named.pop()


def _refuse_shared(found: list[OwnKey]) -> None:
    """Refuse one key under two names."""
    seen: dict[str, str] = {}
    for own in found:
        if own.signer is None:
            continue
        other = seen.setdefault(own.signer.key_id, f"{own.name}{own.slot}")
        if other != f"{own.name}{own.slot}":
            raise ConfigError(f"{other} and {own.name}{own.slot} hold the same key; every use needs its own")


def _read(path: Path) -> bytes:
    """Read a public file of the folder."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from error
