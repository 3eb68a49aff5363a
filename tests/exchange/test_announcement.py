# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Announcements of keys on real stores: taken once, and refused with evidence when they cannot be true."""

import shutil

import pytest

from gateway.envelope import issue, revoke
from gateway.envelope.identity import KeySet
from gateway.envelope.keys import Purpose
from gateway.envelope.partners import import_bundle, load_bundle
from gateway.errors import GatewayError, PolicyRefusal
from gateway.exchange.rotation import Face
from gateway.exchange.sealing import Sealer
from gateway.wire.announcements import parse_confirmation
from gateway.wire.convert import unpack_envelope
from tests.key_stage import FACE, KeyStage
from tests.partner_messages import agreement


@pytest.fixture(name="stage")
async def _stage(keys, tmp_path):
    """Alpha and beta on real stores."""
    one = KeyStage(keys, tmp_path, [agreement()])
    yield one
    await one.close()


async def refused(stage, envelope, partner="alpha"):
    """Let beta take an announcement that it must refuse; return the codes of the findings."""
    before = load_bundle(stage.bundles, "alpha", stage.clock())
    ring = stage.beta.keyring.version
    with pytest.raises(GatewayError) as raised:
        await stage.taker.announce(partner, envelope)
    assert load_bundle(stage.bundles, "alpha", stage.clock()) == before
    assert stage.beta.keyring.version == ring
    codes = {one.code for one in raised.value.findings}
    (latest, *_) = await stage.beta.store.read(lambda tx: tx.refusals(9))
    assert (latest.partner, set(latest.codes), latest.envelope) == (partner, codes, envelope)
    entries = await stage.beta.store.read(lambda tx: tx.log_entries(f"beta/{partner}", 0, 99))
    assert (entries[-1].event, entries[-1].subject) == ("refused", f"refusal:{latest.id}")
    return codes


async def test_new_keys_are_trusted_beside_the_old_and_both_entries_stand(stage):
    """The confirmation is signed, the ring knows old and new keys, and the log has two entries."""
    old = {one.key_id for one in stage.own().seal}
    answer = await stage.taker.announce("alpha", stage.announcement(stage.next_bundle()))
    said = parse_confirmation(unpack_envelope(answer).statement)
    assert (said.issuer, said.recipient, said.announcement_id) == ("beta", "alpha", "a1")
    known = {one.key_id for one in stage.beta.keyring.of("alpha", "seal")}
    assert old < known
    assert len(known) == 4
    entries = await stage.beta.store.read(lambda tx: tx.log_entries("beta/alpha", 0, 9))
    assert [one.event for one in entries] == ["key-change", "key-change"]
    assert said.log_index == entries[0].index


async def test_same_announcement_gets_the_same_answer(stage):
    """A lost answer is given again, and nothing is logged twice."""
    envelope = stage.announcement(stage.next_bundle())
    answer = await stage.taker.announce("alpha", envelope)
    assert await stage.taker.announce("alpha", envelope) == answer
    assert len(await stage.beta.store.read(lambda tx: tx.log_entries("beta/alpha", 0, 9))) == 2


async def test_bundle_imported_by_hand_before_is_confirmed(stage):
    """Who imported the announced bundle already confirms it all the same."""
    bundle = stage.next_bundle()
    import_bundle(bundle, stage.bundles, now=stage.clock())
    answer = await stage.taker.announce("alpha", stage.announcement(bundle))
    assert parse_confirmation(unpack_envelope(answer).statement).announcement_id == "a1"


async def test_roll_back_is_refused(stage):
    """An older bundle in a new announcement does not bring ended keys back."""
    await stage.taker.announce("alpha", stage.announcement(stage.next_bundle()))
    assert await refused(stage, stage.announcement(stage.first, number="a2")) == {"KEYS-ROLLBACK"}


async def test_replay_is_refused(stage):
    """An announcement that was confirmed once has no effect when a newer bundle is in force."""
    first = stage.announcement(stage.next_bundle())
    await stage.taker.announce("alpha", first)
    await stage.taker.announce("alpha", stage.announcement(stage.export(minutes=1), number="a2"))
    assert await refused(stage, first) == {"KEYS-REPLAY"}


async def test_revoked_key_announces_nothing(stage):
    """Whoever holds a revoked seal key cannot enrol another."""
    bundle = stage.next_bundle()
    envelope = stage.announcement(bundle)
    thief = shutil.copytree(stage.keys_folder, stage.keys_folder.with_name("thief"))
    revoke.revoke(stage.keys_folder, stage.keys_folder / "seal-p256.pem", stage.clock())
    stage.clock.advance(minutes=1)
    import_bundle(stage.export(), stage.bundles, now=stage.clock())
    await stage.follow()
    assert "TRUST-KEY-REVOKED" in await refused(stage, envelope)
    newer = stage.export(own=KeySet.load(thief), minutes=5)
    assert "TRUST-KEY-REVOKED" in await refused(stage, stage.announcement(newer, number="a2"))


async def test_announcement_for_another_is_refused(stage):
    """What was sealed for gamma says nothing to beta."""
    envelope = stage.announcement(stage.next_bundle(), recipient="gamma")
    assert await refused(stage, envelope) == {"KEYS-ANNOUNCEMENT"}


async def test_announcement_over_the_connection_of_another_is_refused(stage, keys):
    """Beta takes alpha's announcement from alpha alone, and from no stranger."""
    envelope = stage.announcement(stage.next_bundle())
    with pytest.raises(PolicyRefusal):
        await stage.taker.announce("gamma", envelope)
    with pytest.raises(PolicyRefusal):
        await stage.taker.announce("beta", envelope)


async def test_altered_announcement_is_refused(stage):
    """A changed byte breaks the seal."""
    envelope = stage.announcement(stage.next_bundle(), number="untouched")
    codes = await refused(stage, envelope.replace(b"untouched", b"meddled_w"))
    assert "TRUST-SIGNATURE-INVALID" in codes


async def test_keys_that_were_not_known_cannot_announce_themselves(stage):
    """The next keys seal nothing that counts before the present ones have spoken for them."""
    bundle = stage.next_bundle()
    issue.activate(stage.keys_folder, Purpose.SEAL)
    own = stage.own()
    early = Sealer("alpha", seal_signers=own.seal, receipt_signers=own.receipt, journal=stage.alpha.journal)
    codes = await refused(stage, stage.announcement(bundle, signer=early))
    assert "TRUST-KEY-UNKNOWN" in codes


async def test_same_id_with_other_words_is_a_conflict(stage):
    """An id that was confirmed cannot be used for another bundle."""
    await stage.taker.announce("alpha", stage.announcement(stage.next_bundle()))
    other = stage.announcement(stage.export(minutes=1))
    assert await refused(stage, other) == {"KEYS-CONFLICT"}


@pytest.mark.parametrize(
    "face", [Face("Alpha Customs", "elsewhere.example:7443"), Face("Beta Customs", FACE.endpoint)]
)
async def test_only_keys_change_in_band(stage, face):
    """Another endpoint or name is for people to compare."""
    stage.next_bundle()
    assert await refused(stage, stage.announcement(stage.export(face=face))) == {"KEYS-SCOPE"}


async def test_another_authority_is_refused_in_band(stage, tmp_path):
    """A new authority needs an import by hand."""
    issue.write_keys(tmp_path / "other", "alpha", stage.clock())
    bundle = stage.export(own=KeySet.load(tmp_path / "other"), minutes=1)
    assert await refused(stage, stage.announcement(bundle)) == {"TRUST-BUNDLE-AUTHORITY"}


async def test_serial_must_be_that_of_the_bundle(stage):
    """A number that lies about the bundle would let an older one pass later."""
    envelope = stage.announcement(stage.next_bundle(), serial=2**53)
    assert await refused(stage, envelope) == {"KEYS-SCOPE"}


async def test_old_keys_stop_when_they_are_left_out(stage):
    """After the bundle without them, what old keys seal is refused."""
    await stage.taker.announce("alpha", stage.announcement(stage.next_bundle()))
    old = stage.alpha.sealer
    issue.activate(stage.keys_folder, Purpose.SEAL)
    issue.retire(stage.keys_folder, Purpose.SEAL)
    own = stage.own()
    new = Sealer("alpha", seal_signers=own.seal, receipt_signers=own.receipt, journal=stage.alpha.journal)
    stage.clock.advance(minutes=1)
    await stage.taker.announce("alpha", stage.announcement(stage.export(), number="a2", signer=new))
    stage.clock.advance(minutes=1)
    late = stage.announcement(stage.export(), number="a3", signer=old)
    assert "TRUST-KEY-EXPIRED" in await refused(stage, late)
