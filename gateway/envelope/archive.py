# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Certificates as evidence: take along those that are needed, and say later which authorities stand behind.

Trust anchors are whole certificates, compared by digest. An anchor speaks for one organisation only: the one
it is given for, or the one that its own subject names (RFC 4519 organizationName).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.x509.oid import NameOID

from gateway.envelope import certificates, keys
from gateway.envelope.bundle import read_bundle
from gateway.envelope.identity import KeySet
from gateway.envelope.material import Material
from gateway.envelope.partners import SUFFIX, materials
from gateway.envelope.trust import Keyring
from gateway.errors import ConfigError, VerificationError
from gateway.finding import finding


@dataclass(frozen=True, slots=True)
class Anchors:
    """Whom the verifier trusts: digests of authority certificates, and newer revocation lists, by owner."""

    authorities: dict[str, set[str]] = field(default_factory=dict)
    materials: tuple[Material, ...] = ()

    def of(self, organisation: str) -> frozenset[str]:
        """Return the digests of the authorities of an organisation; empty if nothing is known of it."""
        return frozenset(self.authorities.get(organisation, ()))


def read_anchors(sources: Iterable[str], now: datetime) -> Anchors:
    """Read trust anchors: PEM files, `organisation=file`, partner bundles, or folders of either.

    Raises:
        ConfigError: a source cannot be read or holds neither.
        VerificationError: a partner bundle does not hold.
    """
    authorities: dict[str, set[str]] = {}
    found: list[Material] = []
    for source in sources:
        owner, _, name = source.rpartition("=")
        for path in _files(Path(name)):
            if path.name.endswith(SUFFIX):
                bundle = read_bundle(path.read_bytes(), now)
                found.append(bundle.material())
                pems, owner_of = bundle.authority_texts, bundle.organisation
            else:
                pems, owner_of = certificates.split(path.read_bytes()), owner
            if not pems:
                raise ConfigError(f"{path} holds no certificate")
            for pem in pems:
                one = owner_of or _subject(pem)
                authorities.setdefault(one, set()).add(certificates.digest(certificates.load(pem)))
    return Anchors(authorities, tuple(found))


def authority_digests(material: Material) -> frozenset[str]:
    """Return the digests of the authorities of a material.

    Raises:
        VerificationError: one cannot be read.
    """
    return frozenset(certificates.digest(certificates.load(pem)) for pem in material.authorities)


def every_material(own: KeySet, partners: Path, now: datetime) -> Iterator[Material]:
    """Yield all that a node holds of keys: its own, its partners', and what newer bundles have replaced."""
    yield own.material()
    yield from materials(partners, now)


def needed(offered: Iterable[Material], key_ids: Iterable[str]) -> list[Material]:
    """Return what is needed to check signatures of these keys: their certificates and all behind them.

    Each key is taken where it stands first; a material without any of the keys is left out.
    """
    wanted = set(key_ids)
    chosen: list[Material] = []
    for material in offered:
        kept = {}
        for purpose, pems in material.certificates.items():
            mine = []
            for pem in pems:
                if (held := key_of(pem)) in wanted:
                    wanted.discard(held)
                    mine.append(pem)
            if mine:
                kept[purpose] = tuple(mine)
        if kept:
            chosen.append(replace(material, certificates=kept, until=None))
    return chosen


def key_of(pem: str) -> str:
    """Return the id of the key in a certificate; empty if it is of a type that is not known here."""
    try:
        return keys.key_id(keys.checked(certificates.load(pem).public_key())[1])
    except (VerificationError, ValueError, UnsupportedAlgorithm):
        return ""


def keys_of(material: Material) -> frozenset[str]:
    """Return the ids of all keys of a material."""
    return frozenset(key_of(pem) for pems in material.certificates.values() for pem in pems)


def judged(offered: Iterable[Material], now: datetime) -> Keyring:
    """Return the keys of materials that came from outside.

    Raises:
        VerificationError: one cannot be read at all, at whatever depth.
    """
    try:
        return Keyring(offered, now=now)
    except (ValueError, TypeError, x509.InvalidVersion, UnsupportedAlgorithm) as error:
        # Certificates are read lazily, so a damaged one can fail at any question put to it.
        problem = finding("TRUST-CERTIFICATE", actual=str(error))
        raise VerificationError("a certificate cannot be read", (problem,)) from error


def _files(path: Path) -> list[Path]:
    """Return the files of a source.

    Raises:
        ConfigError: there are none.
    """
    if path.is_dir():
        found = sorted([*path.glob(f"*{SUFFIX}"), *path.glob("*.pem")])
    else:
        found = [path] if path.is_file() else []
    if not found:
        raise ConfigError(f"{path} is no certificate, no partner bundle, and no folder of them")
    return found


def _subject(pem: str) -> str:
    """Return the organisation in the subject of an authority.

    Raises:
        ConfigError: it names none, or several.
    """
    names = certificates.load(pem).subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    if len(names) != 1:
        raise ConfigError("the certificate names no organisation; write organisation=file")
    return str(names[0].value)
