# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Keys, certificates, revocation and agreements, as a node would read them at its next start."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from gateway.agreement import AgreementSet, load_folder
from gateway.config import Config
from gateway.doctor.diagnosis import Diagnosis, State
from gateway.envelope.bundle import PartnerBundle
from gateway.envelope.identity import KeySet
from gateway.envelope.material import Material, judge, require_usable
from gateway.envelope.partners import load_bundles
from gateway.envelope.trust import Keyring
from gateway.errors import CouldNotCheck, GatewayError, VerificationError
from gateway.finding import Finding, catalogue

ALERT_DAYS = (60, 30, 7)
_ROTATE = "gateway pki rotate, then send partners the new bundle"
_LAYERS = {
    "TRUST-KEY-REVOKED": "revocation",
    "TRUST-CRL-MISSING": "revocation",
    "TRUST-CRL-STALE": "revocation",
    "TRUST-CRL-INVALID": "revocation",
    "TRUST-CERTIFICATE-PATH": "chain",
    "TRUST-CHAIN-LENGTH": "chain",
    "TRUST-CERTIFICATE-USAGE": "key usage",
}


def own_keys(config: Config) -> tuple[KeySet | None, list[Diagnosis]]:
    """Read the keys folder; return the keys, or nothing and why."""
    try:
        keys = KeySet.load(Path(config.keys))
    except GatewayError as error:
        return None, [
            Diagnosis(
                "keys",
                config.keys,
                State.FAIL,
                str(error),
                _fix(error.findings, "gateway pki show; certs/README.md says what a keys folder holds"),
            )
        ]
    if keys.organisation != config.node.organisation:
        detail = f"the keys are those of {keys.organisation}, the node is {config.node.organisation}"
        fix = "mend node.organisation or `keys` in gateway.toml"
        return None, [Diagnosis("keys", config.keys, State.FAIL, detail, fix)]
    return keys, [Diagnosis("keys", config.keys, State.OK, f"{len(keys.keys)} certificates")]


def certificates(owner: str, material: Material, now: datetime) -> Iterator[Diagnosis]:
    """Judge every certificate of an organisation: whose, for what, until when, and whether it was revoked."""
    judgement = judge(material, now=now)
    for found in judgement.findings:
        yield Diagnosis(_layer(found.code), owner, State.FAIL, _said(found), catalogue()[found.code].remedy)
    left: dict[str, timedelta] = {}
    for key in judgement.keys:
        try:
            require_usable(key, owner=key.owner, purpose=key.purpose, at=now)
        except (VerificationError, CouldNotCheck) as error:
            for found in error.findings:
                subject = f"{owner}: {key.purpose} {key.algorithm}"
                remedy = catalogue()[found.code].remedy
                yield Diagnosis(_layer(found.code), subject, State.FAIL, _said(found), remedy)
            continue
        purpose = f"{key.purpose} {key.algorithm}"
        left[purpose] = max(left.get(purpose, timedelta.min), key.not_after - now)
    for purpose, rest in sorted(left.items()):
        if rest.days <= ALERT_DAYS[0]:
            grade = next(days for days in reversed(ALERT_DAYS) if rest.days <= days)
            detail = f"{rest.days} days left ({grade}-day alert)"
            yield Diagnosis("certificates", f"{owner}: {purpose}", State.WARN, detail, _ROTATE)
    if left:
        detail = f"{len(judgement.keys)} judged, the first ends in {min(left.values()).days} days"
        yield Diagnosis("certificates", owner, State.OK, detail)


def partners(config: Config, now: datetime) -> tuple[dict[str, PartnerBundle], list[Diagnosis]]:
    """Read the bundles of partners."""
    try:
        found = load_bundles(Path(config.partners), now)
    except GatewayError as error:
        fix = _fix(error.findings, "import the partner's bundle anew")
        return {}, [Diagnosis("bundles", config.partners, State.FAIL, _told(error), fix)]
    if not found:
        fix = "gateway partner import FILE"
        return {}, [Diagnosis("bundles", config.partners, State.WARN, "no partner is known", fix)]
    return found, [Diagnosis("bundles", ", ".join(sorted(found)), State.OK, "signed, unaltered")]


def agreements(
    config: Config, keys: KeySet, bundles: dict[str, PartnerBundle], now: datetime
) -> Iterator[Diagnosis]:
    """Read the agreements, and say which are in force, which end soon, and which have no partner."""
    try:
        ring = Keyring.from_folder(Path(config.partners), keys, now)
        found = load_folder(Path(config.agreements), ring, now)
    except GatewayError as error:
        fix = _fix(error.findings, "take the file away, or ask for one that both have signed")
        yield Diagnosis("agreements", config.agreements, State.FAIL, _told(error), fix)
        return
    yield from _in_force(found, keys.organisation, bundles, now)


def _in_force(
    found: AgreementSet, own: str, bundles: dict[str, PartnerBundle], now: datetime
) -> Iterator[Diagnosis]:
    """Judge agreements that are signed well."""
    current = {one.id: one for one in found.in_force(now)}
    for one in sorted({one.id: one for one in found}.values(), key=lambda one: one.id):
        other = one.recipient if one.sender == own else one.sender
        if one.id not in current:
            span = f"{one.effective_from:%Y-%m-%d} until {one.effective_until:%Y-%m-%d}"
            detail = f"not in force today, but from {span}"
            fix = "sign a version for today; until then nothing goes under it"
            yield Diagnosis("agreements", one.id, State.WARN, detail, fix)
        elif other not in bundles:
            yield Diagnosis(
                "agreements",
                one.id,
                State.FAIL,
                f"no bundle of {other}",
                "gateway partner import FILE: nothing can be sent or received under it before",
            )
    if current:
        said = ", ".join(f"{one.id} v{one.version}" for one in current.values())
        yield Diagnosis("agreements", f"{len(current)} in force", State.OK, said)
    else:
        yield Diagnosis(
            "agreements",
            "none in force",
            State.WARN,
            "nothing will be shared",
            "docs/writing-an-agreement.md",
        )


def _layer(code: str) -> str:
    """Return the layer of a finding about a certificate."""
    return _LAYERS.get(code, "certificates")


def _said(found: Finding) -> str:
    """Return a finding for people."""
    parts = [found.code, catalogue()[found.code].meaning, found.path, found.actual]
    return ": ".join(part for part in parts if part)


def _told(error: GatewayError) -> str:
    """Return an error with what it found."""
    return "; ".join([str(error), *(_said(one) for one in error.findings)])


def _fix(findings: tuple[Finding, ...], otherwise: str) -> str:
    """Return the remedy of the first finding."""
    return next((catalogue()[one.code].remedy for one in findings), otherwise)
