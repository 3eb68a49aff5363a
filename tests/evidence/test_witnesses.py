# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Cosignatures, revocation and forged authorities: what others have said, and when it was true."""

import asyncio
from datetime import timedelta

import msgspec
import pytest

from gateway.audit import KeyType, add_signatures
from gateway.audit.cosign import cosign
from gateway.audit.note import read_note
from gateway.envelope import archive
from gateway.envelope.identity import KeySet
from gateway.envelope.revoke import revoke
from gateway.errors import ConfigError
from gateway.evidence import State, log, verify_bundle, write_bundle
from gateway.evidence.bundle import material_part
from gateway.exchange.cosigners import witness_cosigners
from gateway.exchange.log_rows import CosignedRow, WitnessedRow
from tests.evidence.conftest import bundles_of, exchange
from tests.partner_messages import make_keys, tracking

SECONDS = 1_795_000_000  # in November 2026


def cosigned(world, who="beta", note="", time=SECONDS, kinds=(KeyType.COSIGNATURE,)):
    """Return a checkpoint with the cosignatures of a witness."""
    raw = (note or world.sent.log.checkpoint).encode()
    lines = [
        cosign(read_note(raw).text, one.key, one.signer, time)
        for one in witness_cosigners(world.keys[who])
        if one.key.kind in kinds
    ]
    return add_signatures(raw, lines)


def signers_of(note, own):
    """Return the ids of the witness keys that have a line in a note."""
    hashes = {one.key_hash for one in read_note(note).signatures}
    ids = {one.signer.key_id for one in witness_cosigners(own) if one.key.hash in hashes}
    return ids or {own.witness.key_id}


def with_witness(world, note):
    """Return the sender's bundle under another checkpoint, with the witness certificates."""
    materials = []
    for part in world.sent.materials:
        more = world.keys[part.organisation].material()
        witness = archive.needed([more], signers_of(note, world.keys["beta"]))
        certificates = dict(part.certificates)
        for one in witness:
            certificates |= {str(name): tuple(pems) for name, pems in one.certificates.items()}
        materials.append(msgspec.structs.replace(part, certificates=certificates))
    log = msgspec.structs.replace(world.sent.log, checkpoint=note.decode())
    return write_bundle(msgspec.structs.replace(world.sent, log=log, materials=tuple(materials)))


def codes(verdict):
    """Return the codes of what is bad."""
    return {one.findings[0].code for one in verdict.checks if one.state is State.BAD}


KINDS = {
    "Ed25519": [KeyType.COSIGNATURE],
    "ML-DSA-44": [KeyType.ML_DSA_44],
    "both": [KeyType.COSIGNATURE, KeyType.ML_DSA_44],
}


@pytest.mark.parametrize("kinds", KINDS)
def test_cosignature_of_the_partner_counts(world, kinds) -> None:
    """A checkpoint that the partner's witness has cosigned, with either key or both, is shown as such."""
    raw = with_witness(world, cosigned(world, kinds=KINDS[kinds]))
    verdict = verify_bundle(raw, world.anchors, world.now)
    assert verdict.state is State.GOOD
    assert verdict.facts["logs"][0]["witnesses"] == ["beta"]


@pytest.mark.parametrize("kind", [KeyType.COSIGNATURE, KeyType.ML_DSA_44])
def test_forged_cosignature_beside_a_good_one_is_refused(world, kind) -> None:
    """One wrong line of a witness with two keys spoils the checkpoint."""
    (good,) = set(KINDS["both"]) - {kind}
    note = cosigned(world, kinds=[good])
    line = cosigned(world, note=world.received.log.checkpoint, kinds=[kind]).splitlines(keepends=True)[-1]
    verdict = verify_bundle(with_witness(world, note + line), world.anchors, world.now)
    assert codes(verdict) >= {"AUDIT-BUNDLE-LOG"}


def test_verifier_without_its_check_of_ml_dsa_44_is_caught(world, monkeypatch) -> None:
    """Taking the check out of the verifier of checkpoints lets a forged line through."""

    def attack():
        for kinds in ([KeyType.ML_DSA_44], [KeyType.COSIGNATURE, KeyType.ML_DSA_44]):
            test_cosignature_of_the_partner_counts(world, next(n for n, one in KINDS.items() if one == kinds))
        test_forged_cosignature_beside_a_good_one_is_refused(world, KeyType.ML_DSA_44)

    attack()
    for broken in (None, lambda *_: None):
        monkeypatch.setattr(log, "verify_ml_dsa_44", broken)
        with pytest.raises(AssertionError):
            attack()


def test_cosignature_on_another_state_is_refused(world) -> None:
    """A cosignature moved to another checkpoint is bad."""
    line = cosigned(world, note=world.received.log.checkpoint).splitlines(keepends=True)[-1]
    raw = with_witness(world, world.sent.log.checkpoint.encode() + line)
    assert codes(verify_bundle(raw, world.anchors, world.now)) >= {"AUDIT-BUNDLE-LOG"}


def test_cosignature_of_a_stranger_is_refused(world) -> None:
    """A line of a key that is no witness of either side is bad."""
    raw = with_witness(world, cosigned(world, "gamma"))
    assert codes(verify_bundle(raw, world.anchors, world.now)) >= {"AUDIT-BUNDLE-LOG"}


async def test_stored_cosignatures_are_taken_along(keys) -> None:
    """A bundle is made under the checkpoint that the partner has cosigned, its own beside it."""
    alpha, beta = await exchange(keys)
    state = alpha.store.tables.logs["alpha/beta"]
    theirs = beta.store.tables.logs["beta/alpha"]
    raw = state.checkpoint
    lines = [
        cosign(read_note(raw).text, one.key, one.signer, SECONDS) for one in witness_cosigners(keys["beta"])
    ]
    note = add_signatures(raw, lines)
    now = 1_795_000_000_000

    def keep(tx):
        tx.put_cosigned(
            CosignedRow(log="alpha/beta", witness="beta", size=state.size, note=note, cosigned_at=now)
        )
        tx.put_witnessed(
            WitnessedRow(
                log="beta/alpha",
                partner="beta",
                size=theirs.size,
                root=b"",
                note=theirs.checkpoint,
                cosigned_at=now,
            )
        )

    await alpha.store.transact(keep)
    (bundle,) = await bundles_of(alpha, keys).of(tracking(4))
    anchors = archive.read_anchors(
        [str(keys[one].folder / "ca.pem") for one in ("alpha", "beta")], alpha.clock.now
    )
    verdict = verify_bundle(write_bundle(bundle), anchors, alpha.clock.now)
    assert verdict.state is State.GOOD
    assert [(one["origin"], one["witnesses"]) for one in verdict.facts["logs"]] == [
        ("alpha/beta", ["beta"]),
        ("beta/alpha", []),
    ]


def test_whole_forgery_fails_at_the_authority(world, tmp_path) -> None:
    """A perfect bundle from keys of the same names but another authority is refused."""
    forged = make_keys(tmp_path, ("alpha", "beta"))

    async def make():
        alpha, _ = await exchange(forged)
        return (await bundles_of(alpha, forged).of(tracking(4)))[0]

    verdict = verify_bundle(write_bundle(asyncio.run(make())), world.anchors, world.now)
    assert codes(verdict) == {"AUDIT-BUNDLE-TRUST"}


@pytest.mark.parametrize(
    ("days", "state"), [(-1, State.BAD), (1, State.GOOD)], ids=["revoked before", "revoked after"]
)
def test_revocation_counts_from_its_time(tmp_path, days, state) -> None:
    """A key that was lost before the signature spoils it, one that was lost later does not."""
    keys = make_keys(tmp_path, ("alpha", "beta"))

    async def make():
        alpha, _ = await exchange(keys)
        at = alpha.clock.now + timedelta(days=2)
        revoke(
            keys["alpha"].folder,
            keys["alpha"].folder / "seal-p256.pem",
            at,
            invalid_since=alpha.clock.now + timedelta(days=days),
        )
        later = {"alpha": KeySet.load(keys["alpha"].folder), "beta": keys["beta"]}
        alpha.clock.now = at
        (bundle,) = await bundles_of(alpha, later).of(tracking(4))
        anchors = archive.read_anchors([str(one.folder / "ca.pem") for one in keys.values()], at)
        return verify_bundle(write_bundle(bundle), anchors, at)

    verdict = asyncio.run(make())
    assert verdict.state is state
    if state is State.BAD:
        assert "AUDIT-BUNDLE-STATEMENT" in codes(verdict)
        assert "TRUST-KEY-REVOKED" in {one.code for one in verdict.findings}


def test_anchors_must_be_named(world, tmp_path) -> None:
    """An anchor that is no certificate, or is not there, is a wrong use and no verdict."""
    (tmp_path / "empty.pem").write_text("")
    for source in ("empty.pem", "absent.pem"):
        with pytest.raises(ConfigError):
            archive.read_anchors([str(tmp_path / source)], world.now)


def test_anchor_can_be_bound_to_an_organisation(world) -> None:
    """`organisation=file` says for whom an authority speaks, whatever its subject says."""
    file = world.keys["alpha"].folder / "ca.pem"
    assert set(archive.read_anchors([f"delta={file}"], world.now).authorities) == {"delta"}


def test_materials_of_bundles_are_minimal(world) -> None:
    """A bundle holds the certificates of signing keys and no others."""
    purposes = {purpose for part in world.sent.materials for purpose in part.certificates}
    assert purposes == {"seal", "receipt", "log"}
    whole = material_part(world.keys["alpha"].material())
    assert len(whole.certificates) > len(world.sent.materials[0].certificates)
