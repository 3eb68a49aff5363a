# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Versions, effective dates, and agreements loaded from a folder."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.agreement import AgreementSet, countersign, load_folder, parse, sign
from gateway.envelope.identity import KeySet
from gateway.envelope.issue import write_keys
from gateway.envelope.revoke import revoke
from gateway.envelope.trust import Keyring
from gateway.errors import ConfigError
from gateway.model import Item
from tests.agreement.samples import HEAD, field, small

PASS = field(["tracking_number"], "pass")
ITEM = Item(destination_country="NL")
TICK = timedelta(microseconds=1)


def version(number, start, until, **changes):
    """Return a version of the small agreement."""
    head = HEAD.replace("version = 1", f"version = {number}").replace("2026-01-01", start)
    for old, new in changes.items():
        head = head.replace(old, new)
    return parse(small(PASS, head=head.replace("2027-01-01", until)))


def test_narrower_version_replaces_at_its_date():
    """The newer version is in force from its own first moment on, the older one until then."""
    one, two = version(1, "2026-01-01", "2027-01-01"), version(2, "2026-06-01", "2027-01-01")
    agreements = AgreementSet([two, one])
    turn = datetime(2026, 6, 1, tzinfo=UTC)
    assert agreements.matching(ITEM, turn - TICK) == [one]
    assert agreements.matching(ITEM, turn) == [two]
    assert agreements.matching(ITEM, turn - TICK) == [one]
    assert agreements.current("small", turn) == two


def test_both_ends_of_the_dates():
    """An agreement is in force at its first moment and no more at its last."""
    agreements = AgreementSet([version(1, "2026-01-01", "2027-01-01")])
    assert agreements.in_force(datetime(2026, 1, 1, tzinfo=UTC) - TICK) == ()
    assert len(agreements.in_force(datetime(2026, 1, 1, tzinfo=UTC))) == 1
    assert len(agreements.in_force(datetime(2027, 1, 1, tzinfo=UTC) - TICK)) == 1
    assert agreements.matching(ITEM, datetime(2027, 1, 1, tzinfo=UTC)) == []
    assert agreements.current("small", datetime(2027, 1, 1, tzinfo=UTC)) is None


def test_questions_to_a_set(export, returns):
    """Versions are found by id, by parties and by sender."""
    one, two = version(1, "2026-01-01", "2027-01-01"), version(2, "2026-06-01", "2027-01-01")
    agreements = AgreementSet([two, one, export, returns])
    assert len(agreements) == 4
    assert [one.id for one in agreements] == ["cn-nl-export", "nl-cn-returns", "small", "small"]
    assert agreements.get("small") == two
    assert agreements.get("small", 1) == one
    assert agreements.get("small", 3) is None
    assert agreements.get("none") is None
    assert agreements.between("customs-nl", "customs-cn") == [returns]
    assert list(agreements.sent_by("customs-cn")) == [export, one, two]


def test_empty_set_matches_nothing(now):
    """Without an agreement nothing leaves."""
    assert AgreementSet([]).matching(ITEM, now) == []


@pytest.mark.parametrize("changes", [{}, {"customs-nl": "customs-de", "version = 1": "version = 2"}])
def test_contradicting_versions_are_refused(changes):
    """A version stands once, and the parties of an id never change."""
    with pytest.raises(ConfigError) as raised:
        AgreementSet(
            [version(1, "2026-01-01", "2027-01-01"), version(1, "2026-02-01", "2027-01-01", **changes)]
        )
    assert raised.value.findings[0].code == "AGREEMENT-VERSIONS"


def test_load_folder(tmp_path, parties, now):
    """Files signed by both parties are loaded; without a folder there is no agreement."""
    sets, keyring = parties
    signed = countersign(sign(small(PASS), sets["customs-cn"].seal), sets["customs-nl"].seal)
    (tmp_path / "small-v1.agreement.json").write_bytes(signed)
    loaded = load_folder(tmp_path, keyring, now)
    assert [one.id for one in loaded] == ["small"]
    assert loaded.signed("small", 1).raw == small(PASS)
    assert loaded.signed("small", 2) is None
    assert loaded.sent_by("customs-cn").signed("small", 1) is not None
    assert len(load_folder(tmp_path / "absent", keyring, now)) == 0


def test_bad_files_are_all_named(tmp_path, parties, now):
    """Every file that cannot be used is reported: half signed, wrong name, no envelope."""
    sets, keyring = parties
    half = sign(small(PASS), sets["customs-cn"].seal)
    (tmp_path / "half-v1.agreement.json").write_bytes(half)
    (tmp_path / "name-v1.agreement.json").write_bytes(countersign(half, sets["customs-nl"].seal))
    (tmp_path / "none-v1.agreement.json").write_bytes(b"{}")
    with pytest.raises(ConfigError) as raised:
        load_folder(tmp_path, keyring, now)
    named = [one.path for one in raised.value.findings if one.code == "AGREEMENT-FILE"]
    assert named == ["half-v1.agreement.json", "name-v1.agreement.json", "none-v1.agreement.json"]


def test_agreement_outlives_the_certificates_that_signed_it(tmp_path, parties, now):
    """A file that was good when it was first seen stays good after its keys expired, and is noted once."""
    sets, keyring = parties
    signed = countersign(sign(small(PASS), sets["customs-cn"].seal), sets["customs-nl"].seal)
    file = tmp_path / "small-v1.agreement.json"
    file.write_bytes(signed)
    load_folder(tmp_path, keyring, now)
    note = (tmp_path / "small-v1.accepted.json").read_bytes()
    later = now + timedelta(days=3650)
    assert [one.id for one in load_folder(tmp_path, keyring, later)] == ["small"]
    assert (tmp_path / "small-v1.accepted.json").read_bytes() == note


def test_expired_signatures_are_no_acceptance(tmp_path, parties, now):
    """A file first seen after its keys expired is refused, and so is another file under a noted name."""
    sets, keyring = parties
    signed = countersign(sign(small(PASS), sets["customs-cn"].seal), sets["customs-nl"].seal)
    file = tmp_path / "small-v1.agreement.json"
    file.write_bytes(signed)
    later = now + timedelta(days=3650)
    with pytest.raises(ConfigError):
        load_folder(tmp_path, keyring, later)
    assert not (tmp_path / "small-v1.accepted.json").exists()
    load_folder(tmp_path, keyring, now)
    file.write_bytes(signed + b"\n")
    with pytest.raises(ConfigError):
        load_folder(tmp_path, keyring, later)


def test_key_lost_before_acceptance_undoes_it(tmp_path, now):
    """A revocation that reaches back before the acceptance counts; one from after it does not."""
    sets = {}
    for name in ("customs-cn", "customs-nl"):
        write_keys(tmp_path / name, name, now)
        sets[name] = KeySet.load(tmp_path / name)
    folder = tmp_path / "agreements"
    folder.mkdir()
    signed = countersign(sign(small(PASS), sets["customs-cn"].seal), sets["customs-nl"].seal)
    (folder / "small-v1.agreement.json").write_bytes(signed)
    accepted = now + timedelta(hours=2)
    load_folder(folder, Keyring([one.material() for one in sets.values()], now=now), accepted)
    for hours, good in ((3, True), (1, False)):
        keys = Path(shutil.copytree(tmp_path / "customs-cn", tmp_path / f"lost-{hours}"))
        since = now + timedelta(hours=hours)
        revoke(keys, keys / "seal-p256.pem", now + timedelta(hours=4), invalid_since=since)
        ring = Keyring(
            [KeySet.load(keys).material(), sets["customs-nl"].material()], now=now + timedelta(hours=5)
        )
        if good:
            assert len(load_folder(folder, ring, now + timedelta(hours=5))) == 1
        else:
            with pytest.raises(ConfigError) as raised:
                load_folder(folder, ring, now + timedelta(hours=5))
            assert "TRUST-KEY-REVOKED" in [one.code for one in raised.value.findings]
