# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The life of each kind of key: what it signed stays good as of then, through rotation, loss and end."""

from datetime import timedelta

import pytest

from gateway.envelope import issue, revoke
from gateway.envelope.identity import LAYOUT, KeySet
from gateway.envelope.keys import Purpose
from gateway.envelope.trust import Keyring
from gateway.errors import CouldNotCheck, VerificationError

HOUR = timedelta(hours=1)
SIGNING = [one for one in Purpose if one is not Purpose.TLS]


def _signers(folder, purpose):
    """Return the present signers of a purpose."""
    found = [one for one in KeySet.load(folder).keys if one.purpose is purpose and not one.slot]
    return [one.signer for one in found if one.signer is not None]


def _signed(folder, purpose, message):
    return [(one.key_id, one.sign(message)) for one in _signers(folder, purpose)]


def _check(folder, purpose, message, signatures, *, at, now):
    """Verify signatures as of a time, with what is known now."""
    ring = Keyring([KeySet.load(folder).material()], now=now)
    for key_id, value in signatures:
        ring.verify(key_id, message, value, owner="alpha", purpose=purpose, at=at)


def _refused(folder, purpose, message, signatures, *, at, now):
    with pytest.raises(VerificationError) as caught:
        _check(folder, purpose, message, signatures, at=at, now=now)
    return caught.value.findings[0].code


@pytest.mark.parametrize("purpose", SIGNING)
def test_rotation_keeps_old_signatures_good(folder, now, purpose):
    """Before, during and after a rotation, each signature verifies as of its own time."""
    before = _signed(folder, purpose, b"m")
    issue.rotate(folder, purpose, now + HOUR)
    _check(folder, purpose, b"m", before, at=now, now=now + HOUR)
    issue.activate(folder, purpose)
    after = _signed(folder, purpose, b"m")
    assert {key for key, _ in before}.isdisjoint(key for key, _ in after)
    for signatures in (before, after):
        _check(folder, purpose, b"m", signatures, at=now + 2 * HOUR, now=now + 2 * HOUR)
    issue.retire(folder, purpose)
    _check(folder, purpose, b"m", before, at=now, now=now + 3 * HOUR)
    assert _refused(folder, purpose, b"m", after, at=now, now=now + 3 * HOUR) == "TRUST-KEY-NOT-YET-VALID"


@pytest.mark.parametrize("purpose", SIGNING)
def test_revocation_counts_from_its_time(folder, now, purpose):
    """What a key signed before it was revoked stays good; what it signs afterwards is refused."""
    signatures = _signed(folder, purpose, b"m")
    for name in LAYOUT[purpose]:
        revoke.revoke(folder, folder / f"{name}.pem", now + HOUR)
    _check(folder, purpose, b"m", signatures, at=now, now=now + 2 * HOUR)
    code = _refused(folder, purpose, b"m", signatures, at=now + 2 * HOUR, now=now + 2 * HOUR)
    assert code == "TRUST-KEY-REVOKED"


@pytest.mark.parametrize("purpose", SIGNING)
def test_compromise_reaches_back_to_the_loss(folder, now, purpose):
    """Signatures since the loss are refused though the key was revoked later; those before stay good."""
    signatures = _signed(folder, purpose, b"m")
    for name in LAYOUT[purpose]:
        revoke.revoke(
            folder,
            folder / f"{name}.pem",
            now + 5 * HOUR,
            reason=revoke.Reason.KEY_COMPROMISE,
            invalid_since=now + 2 * HOUR,
        )
    _check(folder, purpose, b"m", signatures, at=now + HOUR, now=now + 6 * HOUR)
    code = _refused(folder, purpose, b"m", signatures, at=now + 3 * HOUR, now=now + 6 * HOUR)
    assert code == "TRUST-KEY-REVOKED"


@pytest.mark.parametrize("purpose", SIGNING)
def test_expired_key_still_proves_what_it_signed_in_time(folder, now, purpose):
    """Years after the certificate ended, its signature verifies as of its time and no later."""
    signatures = _signed(folder, purpose, b"m")
    years = now + timedelta(days=3650)
    _check(folder, purpose, b"m", signatures, at=now, now=years)
    with pytest.raises((VerificationError, CouldNotCheck)):
        _check(folder, purpose, b"m", signatures, at=years, now=years)


def test_tls_certificate_after_rotation_and_revocation(folder, now):
    """Both TLS certificates are known during the overlap; a revoked one opens no connection."""
    old = KeySet.load(folder).tls_certificate
    issue.rotate(folder, Purpose.TLS, now)
    issue.activate(folder, Purpose.TLS)
    new = KeySet.load(folder).tls_certificate
    ring = Keyring([KeySet.load(folder).material()], now=now + HOUR)
    assert [ring.identify(one, now + HOUR) for one in (old, new)] == ["alpha", "alpha"]
    revoke.revoke(folder, folder / "tls.old.pem", now + HOUR, reason=revoke.Reason.KEY_COMPROMISE)
    ring = Keyring([KeySet.load(folder).material()], now=now + 2 * HOUR)
    assert ring.identify(new, now + 2 * HOUR) == "alpha"
    with pytest.raises(VerificationError):
        ring.identify(old, now + 2 * HOUR)
