# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The key ring: whose keys, for what, and when."""

import os
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.envelope import certificates, issue, keys, partners, policy, revoke
from gateway.envelope.dsse import pae
from gateway.envelope.identity import KeySet
from gateway.envelope.keys import Purpose
from gateway.envelope.material import Material
from gateway.envelope.seal import seal, unseal
from gateway.envelope.trust import Keyring
from gateway.errors import CouldNotCheck, VerificationError

HOUR = timedelta(hours=1)


def _unseal(envelope, keyring, at, owner="alpha"):
    """Unseal a hybrid seal of alpha."""
    return unseal(
        envelope,
        payload_type="t",
        keyring=keyring,
        owner=owner,
        purpose="seal",
        policy=policy.HYBRID,
        at=at,
    )


def codes(caught) -> set[str]:
    """Return the finding codes of a caught error."""
    return {one.code for one in caught.value.findings}


def test_ring_knows_its_organisations(keyring, alpha) -> None:
    """A ring lists organisations, their authorities, and their keys by id and by use."""
    assert keyring.organisations() == ("alpha", "beta")
    assert keyring.authorities("alpha") == alpha.ca
    assert keyring.authorities().count(b"BEGIN CERTIFICATE") == 2
    key = keyring.find(alpha.log.key_id)
    assert (key.owner, key.purpose) == ("alpha", "log")
    assert {one.key_id for one in keyring.of("alpha", "seal")} == {one.key_id for one in alpha.seal}
    assert keyring.of("alpha", "none") == ()
    assert keyring.findings == ()


def test_unknown_key_is_not_found(keyring) -> None:
    """A key id that no bundle holds finds nothing."""
    assert keyring.get("00") is None
    with pytest.raises(VerificationError) as caught:
        keyring.find("00")
    assert codes(caught) == {"TRUST-KEY-UNKNOWN"}


def test_wrong_signer_of_the_same_authority_is_refused(folder, keyring, now) -> None:
    """A key that alpha's authority certified but no bundle names does not sign for alpha."""
    issue.rotate(folder, Purpose.SEAL, now)
    issue.activate(folder, Purpose.SEAL)
    with pytest.raises(VerificationError) as caught:
        _unseal(seal("t", b"s", KeySet.load(folder).seal), keyring, now)
    assert "TRUST-KEY-UNKNOWN" in codes(caught)


def test_revocation_counts_from_its_time(folder, now) -> None:
    """What was sealed before the revocation still opens at its time, nothing from then on does."""
    sealed = seal("t", b"s", KeySet.load(folder).seal)
    revoke.revoke(folder, folder / "seal-mldsa65.pem", now + HOUR)
    ring = Keyring([KeySet.load(folder).material()], now=now + 2 * HOUR)
    assert _unseal(sealed, ring, now + HOUR - timedelta(seconds=1))
    for at in (now + HOUR, now + 2 * HOUR):
        with pytest.raises(VerificationError) as caught:
            _unseal(sealed, ring, at)
        assert "TRUST-KEY-REVOKED" in codes(caught)


def test_key_lost_earlier_counts_to_the_loss(folder, now) -> None:
    """A revocation that names the time of the loss reaches back to it."""
    sealed = seal("t", b"s", KeySet.load(folder).seal)
    revoke.revoke(folder, folder / "seal-p256.pem", now + 3 * HOUR, invalid_since=now + HOUR)
    ring = Keyring([KeySet.load(folder).material()], now=now + 4 * HOUR)
    with pytest.raises(VerificationError):
        _unseal(sealed, ring, now + 2 * HOUR)
    assert _unseal(sealed, ring, now)


def test_missing_revocation_list_leaves_it_unchecked(alpha, now) -> None:
    """Without a revocation list a seal is neither good nor bad."""
    ring = Keyring([replace(alpha.material(), revocation_lists=())], now=now)
    with pytest.raises(CouldNotCheck) as caught:
        _unseal(seal("t", b"s", alpha.seal), ring, now)
    assert codes(caught) == {"TRUST-CRL-MISSING"}


def test_stale_revocation_list_leaves_it_unchecked(alpha, now) -> None:
    """A list is used for the configured grace after its next update, and no longer."""
    sealed = seal("t", b"s", alpha.seal)
    end = now + timedelta(days=90)
    ring = Keyring([alpha.material()], now=now, grace=HOUR)
    assert _unseal(sealed, ring, end + HOUR)
    with pytest.raises(CouldNotCheck) as caught:
        _unseal(sealed, ring, end + HOUR + timedelta(seconds=1))
    assert codes(caught) == {"TRUST-CRL-STALE"}


def test_every_step_of_the_path_needs_its_list(folder, workshop, now) -> None:
    """The issuer's list is not enough when nobody says whether the issuer itself was revoked."""
    root = workshop.root()
    between = workshop.intermediate(root, 1)
    own = KeySet.load(folder).seal[0]
    material = Material(
        organisation="alpha",
        certificates={Purpose.SEAL: (workshop.leaf(own.public_key, issuer=between),)},
        authorities=(_pem(root),),
        intermediates=(_pem(between),),
        revocation_lists=(_list_of(folder, between, now),),
    )
    lists = (*material.revocation_lists, _list_of(folder, root, now))
    for offered, known in ((material, False), (replace(material, revocation_lists=lists), True)):
        (key,) = Keyring([offered], now=now).of("alpha", "seal")
        assert (key.revocation_known_until is not None) is known


def _pem(authority) -> str:
    """Return the certificate of an authority."""
    return authority.certificate.public_bytes(Encoding.PEM).decode()


def _list_of(folder, authority, now) -> str:
    """Return an empty revocation list of an authority."""
    issue.write_revocation_list(folder, authority, (), now)
    return (folder / "crl.pem").read_text()


def test_list_of_the_wrong_signer_takes_all_keys_away(alpha, beta, now) -> None:
    """Beta's list does not answer for alpha: nothing of alpha can be checked."""
    lists = beta.material().revocation_lists
    ring = Keyring([replace(alpha.material(), revocation_lists=lists)], now=now)
    with pytest.raises(CouldNotCheck):
        _unseal(seal("t", b"s", alpha.seal), ring, now)


def test_authority_speaks_for_its_own_organisation_only(alpha, beta, now) -> None:
    """Certificates of beta offered by alpha are left out, even under beta's authority."""
    stolen = replace(
        alpha.material(),
        certificates={Purpose.SEAL: beta.material().certificates[Purpose.SEAL]},
        authorities=beta.material().authorities,
    )
    ring = Keyring([stolen], now=now)
    assert ring.of("alpha", "seal") == ()
    assert {one.code for one in ring.findings} == {"TRUST-CERTIFICATE-ORGANISATION"}


def test_one_key_of_two_organisations_is_refused(alpha, now) -> None:
    """A ring in which two organisations offer one key is not made."""
    with pytest.raises(VerificationError) as caught:
        Keyring([alpha.material(), alpha.material()], now=now)
    assert codes(caught) == {"TRUST-KEY-REUSED"}


def test_one_key_for_two_purposes_is_refused(folder, workshop, now) -> None:
    """A key that stands in two certificates counts once, and the second is reported."""
    own = KeySet.load(folder)
    again = workshop.leaf(own.seal[0].public_key, Purpose.RECEIPT)
    material = own.material()
    both = dict(material.certificates) | {Purpose.RECEIPT: (again,)}
    ring = Keyring([replace(material, certificates=both)], now=now)
    assert {one.code for one in ring.findings} == {"TRUST-KEY-REUSED"}


def test_tls_certificate_names_its_organisation(keyring, alpha, beta, now) -> None:
    """The TLS certificate of a bundle says who calls."""
    assert keyring.identify(alpha.tls_certificate, now) == "alpha"
    assert keyring.identify(beta.tls_certificate, now) == "beta"


def test_unpinned_tls_certificate_is_refused(keyring, workshop, alpha, made, now) -> None:
    """A certificate of the right authority that no bundle names is nobody's; so is a reissued one."""
    own = next(one for one in alpha.keys if one.purpose is Purpose.TLS)
    for pem in (
        workshop.leaf(keys.checked(alpha.seal[0].public_key)[1], Purpose.TLS),
        workshop.leaf(own.signer.public_key, Purpose.TLS),
        (made / "gamma" / "tls.pem").read_text(),
    ):
        with pytest.raises(VerificationError) as caught:
            keyring.identify(pem, now)
        assert codes(caught) == {"TRUST-CERTIFICATE-UNPINNED"}


def test_seal_certificate_makes_no_tls(keyring, made, now) -> None:
    """A seal certificate does not say who calls."""
    with pytest.raises(VerificationError) as caught:
        keyring.identify((made / "alpha" / "seal-p256.pem").read_bytes(), now)
    assert codes(caught) == {"TRUST-KEY-PURPOSE"}


def test_revoked_or_expired_tls_is_refused(folder, now) -> None:
    """Revocation and expiry bite at the door too."""
    revoke.revoke(folder, folder / "tls.pem", now)
    own = KeySet.load(folder)
    ring = Keyring([own.material()], now=now)
    with pytest.raises(VerificationError) as caught:
        ring.identify(own.tls_certificate, now)
    assert codes(caught) == {"TRUST-KEY-REVOKED"}
    with pytest.raises(VerificationError) as caught:
        ring.identify(own.tls_certificate, now + timedelta(days=398))
    assert codes(caught) == {"TRUST-KEY-EXPIRED"}


def test_single_signature_is_checked_like_a_seal(keyring, alpha, now) -> None:
    """A signature outside an envelope, as on a checkpoint, needs the right owner, purpose and time."""
    signature = alpha.log.sign(b"note")
    good = {"owner": "alpha", "purpose": "log", "at": now}
    assert keyring.verify(alpha.log.key_id, b"note", signature, **good).owner == "alpha"
    for changes in ({"owner": "beta"}, {"purpose": "seal"}, {"at": now - HOUR}):
        with pytest.raises(VerificationError):
            keyring.verify(alpha.log.key_id, b"note", signature, **good | changes)
    with pytest.raises(VerificationError):
        keyring.verify(alpha.log.key_id, b"other", signature, **good)
    with pytest.raises(CouldNotCheck):
        keyring.verify(alpha.log.key_id, b"note", signature, **good | {"owner": "gamma"})


def test_version_follows_the_material(alpha, beta, folder, now) -> None:
    """The version of a ring changes with any certificate or revocation list in it, and with nothing else."""
    first = Keyring([alpha.material()], now=now).version
    assert Keyring([alpha.material()], now=now + HOUR).version == first
    assert Keyring([alpha.material(), beta.material()], now=now).version != first
    revoke.renew(folder, now + HOUR)
    assert Keyring([KeySet.load(folder).material()], now=now + HOUR).version != first


def test_rotation_overlaps(folder, imported, export, now) -> None:
    """Old and next keys both count during the overlap, and afterwards the old one at its own time."""
    _import(export(KeySet.load(folder)), imported, now)
    before = seal("t", b"before", KeySet.load(folder).seal)

    issue.rotate(folder, Purpose.SEAL, now + HOUR)
    _import(export(KeySet.load(folder), now + HOUR), imported, now + HOUR)
    issue.activate(folder, Purpose.SEAL)
    after = seal("t", b"after", KeySet.load(folder).seal)
    ring = Keyring.from_folder(imported, None, now + 2 * HOUR)
    assert _unseal(before, ring, now + 2 * HOUR).statement == b"before"
    assert _unseal(after, ring, now + 2 * HOUR).statement == b"after"

    issue.retire(folder, Purpose.SEAL)
    _import(export(KeySet.load(folder), now + 3 * HOUR), imported, now + 3 * HOUR)
    ring = Keyring.from_folder(imported, None, now + 4 * HOUR)
    assert _unseal(after, ring, now + 4 * HOUR).statement == b"after"
    assert _unseal(before, ring, now + 2 * HOUR).statement == b"before"
    with pytest.raises(VerificationError) as caught:
        _unseal(before, ring, now + 4 * HOUR)
    assert "TRUST-KEY-EXPIRED" in codes(caught)


def test_later_revocation_reaches_superseded_keys(folder, imported, export, now) -> None:
    """A key that left the bundle can still be revoked by the newest list."""
    _import(export(KeySet.load(folder)), imported, now)
    before = seal("t", b"before", KeySet.load(folder).seal)
    issue.rotate(folder, Purpose.SEAL, now + HOUR)
    issue.activate(folder, Purpose.SEAL)
    issue.retire(folder, Purpose.SEAL)
    retired = next((folder / "retired").glob("seal-p256*"))
    revoke.revoke(folder, retired, now + 2 * HOUR, invalid_since=now)
    _import(export(KeySet.load(folder), now + 3 * HOUR), imported, now + 3 * HOUR)
    ring = Keyring.from_folder(imported, None, now + 4 * HOUR)
    with pytest.raises(VerificationError) as caught:
        _unseal(before, ring, now + timedelta(minutes=1))
    assert "TRUST-KEY-REVOKED" in codes(caught)


def test_own_keys_are_trusted_retired_ones_included(folder, imported, now) -> None:
    """The gateway can check its own old receipts after a rotation."""
    before = seal("t", b"before", KeySet.load(folder).seal)
    issue.rotate(folder, Purpose.SEAL, now)
    issue.activate(folder, Purpose.SEAL)
    issue.retire(folder, Purpose.SEAL)
    ring = Keyring.from_folder(imported, KeySet.load(folder), now)
    assert _unseal(before, ring, now).statement == b"before"


def test_paths_are_not_validated_again_per_envelope(alpha, keyring, now, monkeypatch) -> None:
    """Opening an envelope reads no certificate and no list: that was settled when the ring was made."""

    def never(*_args, **_kwargs):
        raise AssertionError("a path was validated on the way of an envelope")

    monkeypatch.setattr(certificates, "check_path", never)
    monkeypatch.setattr("gateway.envelope.revocation.status", never)
    assert _unseal(seal("t", b"s", alpha.seal), keyring, now)


def test_opening_costs_the_two_checks_alone(alpha, keyring, now) -> None:
    """Looking up keys and dates adds little to the two signature checks."""
    sealed = seal("t", os.urandom(700), alpha.seal)
    message = pae("t", sealed.statement)
    checks = [(keyring.find(one.key_id).public_key, one.value) for one in sealed.signatures]

    def bare() -> None:
        for public_key, signature in checks:
            keys.verify(public_key, message, signature)

    assert _best(lambda: _unseal(sealed, keyring, now)) < 1.5 * _best(bare)


def _best(work) -> float:
    """Return the best time of some runs."""
    times = []
    for _ in range(100):
        start = time.thread_time()
        work()
        times.append(time.thread_time() - start)
    return min(times)


def _import(raw: bytes, folder: Path, now) -> None:
    """Import a bundle as a partner does."""
    partners.import_bundle(raw, folder, now=now)
