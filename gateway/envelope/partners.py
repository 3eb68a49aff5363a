# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The folder of imported partner bundles.

`<organisation>.bundle.json` is the bundle in force, kept verbatim. `superseded/` keeps those before it: their
keys stay good for signatures from before the newer bundle was issued, so old evidence can still be checked.

An import is refused when the bundle is older than the present one, when it brings other authorities without
leave, or when it could not be used now.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from gateway.envelope import certificates
from gateway.envelope.bundle import (
    REQUIRED,
    PartnerBundle,
    fingerprint,
    is_organisation,
    read_bundle,
    same_fingerprint,
)
from gateway.envelope.material import Material, TrustedKey, judge
from gateway.envelope.whole_file import write_file
from gateway.errors import ConfigError, VerificationError
from gateway.finding import Finding, finding

SUFFIX = ".bundle.json"
SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did; `changed` is False if the same bundle was there already."""

    bundle: PartnerBundle
    path: Path
    changed: bool


def import_bundle(
    raw: bytes,
    folder: Path,
    *,
    now: datetime,
    own_organisation: str = "",
    expected_fingerprint: str | None = None,
    replace_trust: bool = False,
) -> Imported:
    """Check a bundle and store it verbatim.

    `expected_fingerprint` None means that the operator has compared it already.

    Raises:
        VerificationError: it is not good in itself, not good now, not newer, or brings other authorities.
    """
    if expected_fingerprint is not None and not same_fingerprint(expected_fingerprint, fingerprint(raw)):
        raise _refused(finding("TRUST-BUNDLE-FINGERPRINT", actual=fingerprint(raw)))
    bundle, before = vet_bundle(
        raw, folder, now=now, own_organisation=own_organisation, replace_trust=replace_trust
    )
    path = folder / f"{bundle.organisation}{SUFFIX}"
    folder.mkdir(parents=True, exist_ok=True)
    if before is not None:
        present = _read(path)
        if present == raw:
            return Imported(bundle, path, changed=False)
        (folder / SUPERSEDED).mkdir(exist_ok=True)
        write_file(folder / SUPERSEDED / f"{bundle.organisation}~{before.serial}{SUFFIX}", present)
    write_file(path, raw)
    return Imported(bundle, path, changed=True)


def vet_bundle(
    raw: bytes, folder: Path, *, now: datetime, own_organisation: str = "", replace_trust: bool = False
) -> tuple[PartnerBundle, PartnerBundle | None]:
    """Check all that an import asks, and change nothing; return the bundle and the one in force before it.

    Raises:
        VerificationError: it is not good in itself, not good now, not newer, or brings other authorities.
    """
    bundle = read_bundle(raw, now)
    if bundle.organisation == own_organisation:
        raise _refused(
            finding("TRUST-BUNDLE", path="organisation", expected="another organisation than this")
        )
    problems = _present_problems(bundle, now)
    if problems:
        raise _refused(*problems)
    bundles = {one.organisation: one for one in _bundles(folder, now)}
    before = bundles.pop(bundle.organisation, None)
    for other in bundles.values():
        _refuse_foreign_keys(other, bundle, now)
    if before is not None and _read(folder / f"{bundle.organisation}{SUFFIX}") != raw:
        _check_succession(before, bundle, replace_trust=replace_trust)
    return bundle, before


def load_bundles(folder: Path, now: datetime) -> dict[str, PartnerBundle]:
    """Return the bundles in force by organisation.

    Raises:
        VerificationError: a bundle was altered since it was imported.
    """
    return {bundle.organisation: bundle for bundle in _bundles(folder, now)}


def load_bundle(folder: Path, organisation: str, now: datetime) -> PartnerBundle:
    """Return the bundle in force of one organisation.

    Raises:
        ConfigError: none was imported.
        VerificationError: it was altered since it was imported.
    """
    path = folder / f"{organisation}{SUFFIX}"
    if not is_organisation(organisation) or not path.exists():
        raise ConfigError(f"no bundle of {organisation} was imported; see `gateway partner list`")
    return read_bundle(_read(path), now)


def materials(folder: Path, now: datetime) -> Iterator[Material]:
    """Return what every bundle brings: for each organisation the one in force first, then older ones.

    An older one ends when the next newer one was issued; it is judged with the newest revocation lists.

    Raises:
        VerificationError: a bundle was altered since it was imported.
    """
    for bundle in _bundles(folder, now):
        yield bundle.material()
        until = bundle.issued_at
        paths = (folder / SUPERSEDED).glob(f"{bundle.organisation}~*{SUFFIX}")
        older = sorted((read_bundle(_read(path), now) for path in paths), key=lambda one: one.serial)
        for old in reversed(older):
            lists = old.revocation_lists
            if old.authority_texts == bundle.authority_texts:
                lists = (*lists, *bundle.revocation_lists)
            yield replace(old.material(), revocation_lists=lists, until=until)
            until = old.issued_at


def _bundles(folder: Path, now: datetime) -> list[PartnerBundle]:
    """Return the bundles in force, by organisation; a file under another name than its own is refused."""
    found: list[PartnerBundle] = []
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        bundle = read_bundle(_read(path), now)
        if path.name != f"{bundle.organisation}{SUFFIX}":
            raise _refused(finding("TRUST-BUNDLE", path=path.name, actual=bundle.organisation))
        found.append(bundle)
    return found


def _present_problems(bundle: PartnerBundle, now: datetime) -> list[Finding]:
    """Return why a bundle could not be used now, though it is good in itself."""
    if bundle.issued_at > now + certificates.profiles().backdating:
        return [finding("TRUST-BUNDLE", path="issued_at", expected="not in the future; check both clocks")]
    held = judge(bundle.material(), now=now).keys
    problems = [
        finding("TRUST-KEY-EXPIRED", path=purpose, expected="at least one key that is valid now")
        for purpose in REQUIRED
        if not any(key.purpose is purpose and _valid(key, now) for key in held)
    ]
    stale = {
        key.revocation_known_until
        for key in held
        if key.revocation_known_until and key.revocation_known_until < now
    }
    return problems + [
        finding("TRUST-CRL-STALE", expected=f"until {one.isoformat()}") for one in sorted(stale)
    ]


def _valid(key: TrustedKey, now: datetime) -> bool:
    """Say whether a key is within its dates and not revoked."""
    return key.not_before <= now <= key.not_after and (key.revoked_at is None or now < key.revoked_at)


def _check_succession(present: PartnerBundle, new: PartnerBundle, *, replace_trust: bool) -> None:
    """Refuse a bundle that is not newer, or that brings other authorities without leave."""
    if new.serial <= present.serial:
        raise _refused(
            finding("TRUST-BUNDLE-ROLLBACK", expected=f"above {present.serial}", actual=str(new.serial))
        )
    before, after = (
        {certificates.digest(certificates.load(pem)) for pem in one.authority_texts} for one in (present, new)
    )
    if before != after and not replace_trust:
        actual = ", ".join(sorted(after - before)) or "fewer authorities"
        raise _refused(finding("TRUST-BUNDLE-AUTHORITY", actual=actual))


def _refuse_foreign_keys(other: PartnerBundle, new: PartnerBundle, now: datetime) -> None:
    """Refuse keys that another partner has enrolled already."""
    theirs = {key.key_id for key in judge(other.material(), now=now).keys}
    shared = theirs & {key.key_id for key in judge(new.material(), now=now).keys}
    if shared:
        raise _refused(*(finding("TRUST-KEY-REUSED", actual=one) for one in sorted(shared)))


def _read(path: Path) -> bytes:
    """Read a bundle file."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from error


def _refused(*problems: Finding) -> VerificationError:
    """Make the error of a refused import."""
    return VerificationError("the partner bundle is not imported", problems)
