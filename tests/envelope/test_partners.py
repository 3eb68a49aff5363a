# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The folder of imported bundles: succession, rollback and tampering."""

import shutil
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.envelope import dsse, issue, partners, revoke
from gateway.envelope.bundle import fingerprint
from gateway.envelope.dsse import Envelope
from gateway.envelope.identity import KeySet
from gateway.envelope.keys import Purpose
from gateway.envelope.partners import import_bundle, load_bundle, load_bundles
from gateway.envelope.trust import Keyring
from gateway.errors import ConfigError, VerificationError

HOUR = timedelta(hours=1)


def codes(caught) -> set[str]:
    """Return the finding codes of a caught error."""
    return {one.code for one in caught.value.findings}


def test_import_keeps_the_bytes(alpha, export, imported, now) -> None:
    """A bundle is stored verbatim under the name of its organisation."""
    raw = export(alpha)
    done = import_bundle(raw, imported, now=now, own_organisation="beta")
    assert done.changed
    assert (imported / "alpha.bundle.json").read_bytes() == raw
    assert load_bundle(imported, "alpha", now) == done.bundle
    assert list(load_bundles(imported, now)) == ["alpha"]


def test_same_bundle_again_changes_nothing(alpha, export, imported, now) -> None:
    """Importing the same file twice is no rollback and no change."""
    raw = export(alpha)
    import_bundle(raw, imported, now=now)
    assert not import_bundle(raw, imported, now=now).changed


def test_fingerprint_must_match(alpha, export, imported, now) -> None:
    """A bundle whose fingerprint is not the one read out is not stored."""
    raw = export(alpha)
    with pytest.raises(VerificationError) as caught:
        import_bundle(raw, imported, now=now, expected_fingerprint="0" * 64)
    assert codes(caught) == {"TRUST-BUNDLE-FINGERPRINT"}
    assert not imported.exists()
    assert import_bundle(raw, imported, now=now, expected_fingerprint=fingerprint(raw)).changed


def test_older_bundle_is_refused(alpha, export, imported, now) -> None:
    """Rolling back to an older bundle, or to another of the same serial, is refused."""
    old, new, twin = export(alpha), export(alpha, now + HOUR), export(alpha, now + HOUR, name="Twin")
    import_bundle(new, imported, now=now + HOUR)
    for raw in (old, twin):
        with pytest.raises(VerificationError) as caught:
            import_bundle(raw, imported, now=now + HOUR)
        assert codes(caught) == {"TRUST-BUNDLE-ROLLBACK"}
    assert (imported / "alpha.bundle.json").read_bytes() == new


def test_other_authority_needs_leave(alpha, export, imported, now, tmp_path) -> None:
    """A bundle under another authority replaces the present one only when told so."""
    import_bundle(export(alpha), imported, now=now)
    issue.write_keys(tmp_path / "impostor", "alpha", now)
    raw = export(KeySet.load(tmp_path / "impostor"), now + HOUR)
    with pytest.raises(VerificationError) as caught:
        import_bundle(raw, imported, now=now + HOUR)
    assert codes(caught) == {"TRUST-BUNDLE-AUTHORITY"}
    assert import_bundle(raw, imported, now=now + HOUR, replace_trust=True).changed
    ring = Keyring.from_folder(imported, None, now + HOUR)
    assert ring.get(alpha.seal[0].key_id).not_after == now + HOUR


def test_own_bundle_is_refused(alpha, export, imported, now) -> None:
    """A gateway is no partner of itself."""
    with pytest.raises(VerificationError) as caught:
        import_bundle(export(alpha), imported, now=now, own_organisation="alpha")
    assert codes(caught) == {"TRUST-BUNDLE"}


def test_bundle_from_the_future_is_refused(alpha, export, imported, now) -> None:
    """A serial far ahead would lock out every later bundle, so clocks must agree."""
    with pytest.raises(VerificationError) as caught:
        import_bundle(export(alpha, now + HOUR), imported, now=now)
    assert codes(caught) == {"TRUST-BUNDLE"}


def test_bundle_without_present_keys_is_refused(alpha, export, imported, now) -> None:
    """A bundle whose keys are all over for some purpose is of no use."""
    with pytest.raises(VerificationError) as caught:
        import_bundle(export(alpha), imported, now=now + timedelta(days=800))
    assert codes(caught) == {"TRUST-KEY-EXPIRED", "TRUST-CRL-STALE"}


def test_bundle_with_revoked_keys_only_is_refused(folder, export, imported, now) -> None:
    """A purpose whose only key is revoked counts as missing."""
    revoke.revoke(folder, folder / "tls.pem", now)
    with pytest.raises(VerificationError) as caught:
        import_bundle(export(KeySet.load(folder)), imported, now=now)
    assert [one.path for one in caught.value.findings] == ["tls"]


def test_altered_bundle_on_disk_stops_the_ring(alpha, export, imported, now) -> None:
    """A stored bundle that somebody changed is found when the ring is made."""
    import_bundle(export(alpha), imported, now=now)
    path = imported / "alpha.bundle.json"
    good = dsse.from_json(path.read_bytes())
    altered = good.statement.replace(b"localhost:7443", b"attacker.x:743")
    path.write_bytes(dsse.to_json(Envelope(good.payload_type, altered, good.signatures)))
    with pytest.raises(VerificationError):
        Keyring.from_folder(imported, None, now)


def test_renamed_bundle_is_refused(alpha, export, imported, now) -> None:
    """A bundle under the file name of another organisation is refused."""
    import_bundle(export(alpha), imported, now=now)
    shutil.move(imported / "alpha.bundle.json", imported / "beta.bundle.json")
    with pytest.raises(VerificationError) as caught:
        load_bundles(imported, now)
    assert codes(caught) == {"TRUST-BUNDLE"}


def test_expired_bundle_still_loads(alpha, export, imported, now) -> None:
    """A bundle whose certificates have expired since keeps old evidence checkable."""
    import_bundle(export(alpha), imported, now=now)
    ring = Keyring.from_folder(imported, None, now + timedelta(days=4000))
    assert ring.findings == ()
    assert len(ring.of("alpha", "seal")) == 2


@pytest.mark.parametrize("name", ["nobody", "../alpha", ""])
def test_unknown_partner_is_named(imported, now, name) -> None:
    """Asking for a partner that was never imported is the operator's error, and opens no other file."""
    with pytest.raises(ConfigError):
        load_bundle(imported, name, now)


def test_no_bundle_outside_the_folder_is_read(alpha, export, imported, now) -> None:
    """A name that leads out of the folder opens nothing, even if a good bundle lies there."""
    imported.mkdir()
    (imported.parent / "alpha.bundle.json").write_bytes(export(alpha))
    with pytest.raises(ConfigError):
        load_bundle(imported, "../alpha", now)


def test_key_of_another_partner_is_refused(alpha, export, imported, now, tmp_path) -> None:
    """A key that one partner has enrolled is not taken from a second one, even if he holds it too."""
    import_bundle(export(alpha), imported, now=now)
    authority = issue.write_keys(tmp_path / "delta", "delta", now)
    shutil.copy(alpha.folder / "log-p256.key", tmp_path / "delta" / "log-p256.key")
    certificate = issue.issue(authority, Purpose.LOG, alpha.log.public_key, now)
    (tmp_path / "delta" / "log-p256.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    with pytest.raises(VerificationError) as caught:
        import_bundle(export(KeySet.load(tmp_path / "delta")), imported, now=now)
    assert codes(caught) == {"TRUST-KEY-REUSED"}


def test_superseded_bundles_are_kept(folder, export, imported, now) -> None:
    """The bundle before the present one stays, under its serial."""
    first = export(KeySet.load(folder))
    import_bundle(first, imported, now=now)
    issue.rotate(folder, Purpose.SEAL, now)
    import_bundle(export(KeySet.load(folder), now + HOUR), imported, now=now + HOUR)
    kept = list((imported / partners.SUPERSEDED).iterdir())
    assert [path.read_bytes() for path in kept] == [first]
