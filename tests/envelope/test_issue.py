# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The development PKI."""

from datetime import timedelta

import pytest
from cryptography import x509

from gateway.envelope import certificates, issue, revocation, revoke
from gateway.envelope.identity import LAYOUT, KeySet
from gateway.envelope.keys import Purpose
from gateway.envelope.material import judge
from gateway.errors import ConfigError


def test_made_folder_passes_its_own_checks(alpha, now) -> None:
    """Everything that is issued fits its profile, with revocation known."""
    judgement = judge(alpha.material(), now=now)
    assert judgement.findings == ()
    assert len(judgement.keys) == 10
    assert all(key.revocation_known_until for key in judgement.keys)


def test_private_keys_are_private(made) -> None:
    """Every private key file is for its owner alone, and so is the folder of a new authority."""
    files = list((made / "alpha").glob("*.key"))
    assert len(files) == 11
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    assert (made / "alpha").stat().st_mode & 0o077 == 0


def test_tls_certificate_names_hosts(made, folder, now) -> None:
    """The TLS certificate names localhost and the loopback address, and keeps its hosts when rotated."""
    issue.rotate(folder, Purpose.TLS, now)
    for path in (made / "alpha" / "tls.pem", folder / "tls.next.pem"):
        names = certificates.load(path.read_bytes()).extensions.get_extension_for_class(
            x509.SubjectAlternativeName
        )
        assert names.value.get_values_for_type(x509.DNSName) == ["localhost"]
        assert [str(one) for one in names.value.get_values_for_type(x509.IPAddress)] == ["127.0.0.1"]


def test_folder_is_never_overwritten(folder, now) -> None:
    """Making keys where there are some is refused, so none is lost by mistake."""
    before = (folder / "ca.key").read_bytes()
    with pytest.raises(ConfigError):
        issue.write_keys(folder, "alpha", now)
    assert (folder / "ca.key").read_bytes() == before


@pytest.mark.parametrize("organisation", ["", "a/b", "../x", "a b", "é", "-a"])
def test_odd_organisation_ids_are_refused(tmp_path, now, organisation) -> None:
    """An organisation id must be fit for file and channel names."""
    with pytest.raises(ConfigError):
        issue.write_keys(tmp_path / "keys", organisation, now)
    assert not (tmp_path / "keys").exists()


def test_rotation_steps_come_in_order(folder, now) -> None:
    """Each step of a rotation is refused out of its turn."""
    for step in (issue.activate, issue.retire):
        with pytest.raises(ConfigError):
            step(folder, Purpose.LOG)
    issue.rotate(folder, Purpose.LOG, now)
    with pytest.raises(ConfigError):
        issue.rotate(folder, Purpose.LOG, now)
    issue.activate(folder, Purpose.LOG)
    issue.rotate(folder, Purpose.LOG, now)
    with pytest.raises(ConfigError):
        issue.activate(folder, Purpose.LOG)
    issue.retire(folder, Purpose.LOG)
    issue.activate(folder, Purpose.LOG)


@pytest.mark.parametrize("purpose", list(LAYOUT))
def test_every_purpose_rotates(folder, now, purpose) -> None:
    """Keys of each purpose can be rotated, and the folder stays sound."""
    issue.rotate(folder, purpose, now)
    issue.activate(folder, purpose)
    assert judge(KeySet.load(folder).material(), now=now).findings == ()


def test_revocation_lists_grow(folder, now) -> None:
    """Each revocation keeps those before it; the number of the list grows."""
    numbers = []
    for hours, name in enumerate(("tls", "seal-p256"), start=1):
        revoke.revoke(folder, folder / f"{name}.pem", now + timedelta(hours=hours))
        made = revocation.load_list((folder / "crl.pem").read_bytes())
        numbers.append(made.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number)
    assert len(made) == 2
    assert numbers == sorted(set(numbers))


def test_renewed_list_says_the_same(folder, now) -> None:
    """Renewal changes the dates of the list and nothing else."""
    revoke.revoke(folder, folder / "tls.pem", now, reason=revoke.Reason.KEY_COMPROMISE)
    before = revocation.load_list((folder / "crl.pem").read_bytes())
    revoke.renew(folder, now + timedelta(days=60))
    after = revocation.load_list((folder / "crl.pem").read_bytes())
    assert [one.serial_number for one in after] == [one.serial_number for one in before]
    assert after.next_update_utc == before.next_update_utc + timedelta(days=60)


def test_revoking_twice_is_refused(folder, now) -> None:
    """A certificate is revoked once; its date is not moved."""
    revoke.revoke(folder, folder / "tls.pem", now)
    with pytest.raises(ConfigError, match="already"):
        revoke.revoke(folder, folder / "tls.pem", now)


def test_foreign_certificate_is_not_revoked(folder, made, now) -> None:
    """An authority revokes only what it issued."""
    for path in (made / "beta" / "tls.pem", folder / "absent.pem"):
        with pytest.raises(ConfigError):
            revoke.revoke(folder, path, now)
