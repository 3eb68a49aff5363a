# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""All agreements of a node, and which of them are in force.

Of one id, the highest version with effective_from <= now < effective_until is in force; so a narrower version
that arrives early replaces the older one at its own date, not before.
"""

import hashlib
import itertools
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from gateway.agreement.agreement import Agreement
from gateway.agreement.match import Predicate, compile_match
from gateway.agreement.sign import SUFFIX, SignedAgreement, file_name, verify
from gateway.envelope.trust import Keyring
from gateway.envelope.whole_file import write_file
from gateway.errors import ConfigError, CouldNotCheck, VerificationError
from gateway.finding import Finding, finding
from gateway.model import Item

ACCEPTED = ".accepted.json"
_START = datetime.min.replace(tzinfo=UTC)
_END = datetime.max.replace(tzinfo=UTC)


class _Acceptance(msgspec.Struct, frozen=True):
    """When a signed file, named by the digest of its bytes, was first found good."""

    digest: str
    accepted_at: datetime


class AgreementSet:
    """An unchanging set of agreements; ask it with the time, load another one after a change."""

    def __init__(self, agreements: Iterable[Agreement], signed: Iterable[SignedAgreement] = ()) -> None:
        """Take agreements, each id and version once.

        Raises:
            ConfigError: a version stands twice, or versions of one id differ in parties or record.
        """
        self._signed = {(one.agreement.id, one.agreement.version): one for one in signed}
        everything = [*agreements, *(one.agreement for one in self._signed.values())]
        self._agreements = tuple(sorted(everything, key=lambda one: (one.id, one.version)))
        self._versions = {(one.id, one.version): one for one in self._agreements}
        _check_versions(self._agreements)
        self._since, self._until = _END, _START
        self._current: dict[str, Agreement] = {}
        self._predicates: dict[str, list[tuple[Predicate, Agreement]]] = {}

    def __iter__(self) -> Iterator[Agreement]:
        return iter(self._agreements)

    def __len__(self) -> int:
        return len(self._agreements)

    def get(self, agreement_id: str, version: int | None = None) -> Agreement | None:
        """Return one version, or the highest one there is, in force or not."""
        if version is not None:
            return self._versions.get((agreement_id, version))
        found = [one for one in self._agreements if one.id == agreement_id]
        return found[-1] if found else None

    def signed(self, agreement_id: str, version: int) -> SignedAgreement | None:
        """Return one version with its signatures, if it was loaded with them."""
        return self._signed.get((agreement_id, version))

    def current(self, agreement_id: str, now: datetime) -> Agreement | None:
        """Return the version that is in force."""
        if not self._since <= now < self._until:
            self._turn(now)
        return self._current.get(agreement_id)

    def between(self, sender: str, recipient: str) -> list[Agreement]:
        """Return all versions of all agreements from one organisation to the other."""
        return [one for one in self._agreements if (one.sender, one.recipient) == (sender, recipient)]

    def sent_by(self, organisation: str) -> "AgreementSet":
        """Return the agreements under which an organisation sends."""
        mine = [one for one in self._agreements if one.sender == organisation]
        keys = {(one.id, one.version) for one in mine}
        signed = [one for key, one in self._signed.items() if key in keys]
        return AgreementSet([one for one in mine if (one.id, one.version) not in self._signed], signed)

    def in_force(self, now: datetime) -> tuple[Agreement, ...]:
        """Return the agreements in force, one version of each, by id."""
        if not self._since <= now < self._until:
            self._turn(now)
        return tuple(self._current.values())

    def matching(self, item: Item, now: datetime, record: str = "item") -> list[Agreement]:
        """Return the agreements in force that a record falls under, whoever sends under them.

        What `about` asks is not answered here: it needs to know what was exchanged before.
        """
        if not self._since <= now < self._until:
            self._turn(now)
        predicates = self._predicates.get(record, ())
        return [agreement for predicate, agreement in predicates if predicate(item)]

    def _turn(self, now: datetime) -> None:
        """Find what is in force now, and how long that stays so."""
        current: dict[str, Agreement] = {}
        for one in self._agreements:
            if one.effective_from <= now < one.effective_until:
                current[one.id] = one
        edges = [edge for one in self._agreements for edge in (one.effective_from, one.effective_until)]
        self._current = current
        self._predicates = {}
        for one in current.values():
            self._predicates.setdefault(one.record, []).append((compile_match(one), one))
        self._since = max((edge for edge in edges if edge <= now), default=_START)
        self._until = min((edge for edge in edges if edge > now), default=_END)


def load_folder(folder: Path, keyring: Keyring, now: datetime) -> AgreementSet:
    """Read and verify every `<id>-v<version>.agreement.json` of a folder; an absent folder is an empty set.

    A file that is seen for the first time is verified as of now, and the moment is noted beside it. From then
    on it is verified as of that moment: an agreement outlives the certificates that signed it, and a key that
    was lost later, but not one that was lost before. Another file under the name is a first time again.

    Raises:
        ConfigError: a file cannot be used; the findings name every such file and why.
    """
    findings: list[Finding] = []
    signed: list[SignedAgreement] = []
    for file in sorted(folder.glob(f"*{SUFFIX}")):
        try:
            one = _verify_as_accepted(file, keyring, now)
        except (VerificationError, CouldNotCheck, ConfigError) as error:
            findings.append(finding("AGREEMENT-FILE", path=file.name, actual=str(error)))
            findings.extend(error.findings)
            continue
        expected = file_name(one.agreement)
        if file.name != expected:
            findings.append(finding("AGREEMENT-FILE", path=file.name, expected=expected))
        signed.append(one)
    if findings:
        raise ConfigError(f"agreements in {folder} cannot be used", tuple(findings))
    return AgreementSet((), signed)


def accepted_file(file: Path) -> Path:
    """Return where the acceptance of a signed agreement is noted."""
    return file.with_name(f"{file.name.removesuffix(SUFFIX)}{ACCEPTED}")


def _verify_as_accepted(file: Path, keyring: Keyring, now: datetime) -> SignedAgreement:
    """Verify a file as of its first acceptance, which is now if it has none."""
    raw = file.read_bytes()
    digest = hashlib.sha256(raw).hexdigest()
    note = _acceptance(accepted_file(file))
    if note is not None and note.digest == digest and note.accepted_at <= now:
        return verify(raw, keyring, note.accepted_at)
    signed = verify(raw, keyring, now)
    try:
        write_file(accepted_file(file), msgspec.json.encode(_Acceptance(digest=digest, accepted_at=now)))
    except OSError as error:
        raise ConfigError(f"the acceptance of {file.name} cannot be noted: {error.strerror}") from error
    return signed


def _acceptance(file: Path) -> "_Acceptance | None":
    """Read a note of acceptance; none if there is none, or it cannot be read."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=_Acceptance)
    except (FileNotFoundError, msgspec.MsgspecError):
        return None


def _check_versions(agreements: tuple[Agreement, ...]) -> None:
    """Refuse a version that stands twice, and versions between different parties."""
    findings = []
    for before, after in itertools.pairwise(agreements):
        if before.id == after.id and (before.version == after.version or before.channel != after.channel):
            findings.append(finding("AGREEMENT-VERSIONS", path=f"{after.id} version {after.version}"))
    if findings:
        raise ConfigError("agreements contradict each other", tuple(findings))
