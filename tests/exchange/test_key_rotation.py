# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The rotation of our own keys: who is told, when signing switches, and when the old keys may end."""

import msgspec
import pytest

from gateway.envelope import issue
from gateway.envelope.bundle import read_bundle
from gateway.envelope.keys import Purpose
from gateway.errors import ConfigError, DeliveryError, NotOffered
from gateway.exchange.rotation import PURPOSES, SETTLE_MS, abandoned, uses
from gateway.wire.announcements import parse_announcement
from gateway.wire.convert import unpack_envelope
from tests.key_stage import FACE, KeyStage
from tests.partner_messages import agreement, contribution
from tests.partner_simulator import sealed

SECONDS = {"seconds": SETTLE_MS / 1000}


@pytest.fixture(name="stage", params=["sqlite", "postgresql"])
async def _stage(request, keys, tmp_path):
    """Alpha on either database, and beta."""
    url = "" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    one = KeyStage(keys, tmp_path, [agreement()], url)
    yield one
    await one.close()


def failing(error):
    """Return a partner that cannot be told."""

    async def announce(_envelope):
        raise error

    return announce


async def state(rotation):
    """Return the state of the newest rotation, and those of what was told."""
    found = await rotation.standing()
    return found.row.state, [(one.partner, one.state, one.reason) for one in found.told]


async def test_switch_waits_for_the_confirmation_and_a_moment(stage):
    """After beta has confirmed, and its other nodes had time to learn, the new keys are used."""
    rotation = stage.rotation()
    row = await rotation.start(PURPOSES, 60_000, FACE)
    assert await state(rotation) == ("announced", [("beta", "pending", "")])
    await rotation.advance()
    assert await state(rotation) == ("announced", [("beta", "confirmed", "")])
    stage.clock.advance(**SECONDS)
    await rotation.advance()
    assert (await state(rotation))[0] == "switched"
    assert not uses(stage.own(), row)
    for purpose in PURPOSES:
        issue.activate(stage.keys_folder, purpose)
    assert uses(stage.own(), row)
    log = await stage.alpha.store.read(lambda tx: tx.log_entries("alpha/beta", 0, 9))
    assert [one.event for one in log] == ["key-change", "key-change"]


async def test_second_start_goes_on_with_the_first(stage):
    """The command given twice makes one rotation and one announcement."""
    rotation = stage.rotation()
    first = await rotation.start((Purpose.SEAL,), 60_000, FACE)
    assert await rotation.start((Purpose.SEAL,), 60_000, FACE) == first
    assert len(await stage.alpha.store.read(lambda tx: tx.unconfirmed_announcements())) == 1


async def test_keys_made_before_a_crash_are_announced(stage):
    """Next keys without a rotation are those of a start that was cut off, and are used."""
    issue.rotate(stage.keys_folder, Purpose.SEAL, stage.clock())
    made = {path.name: path.read_bytes() for path in stage.keys_folder.glob("*.next.pem")}
    await stage.rotation().start((Purpose.SEAL,), 60_000, FACE)
    assert {path.name: path.read_bytes() for path in stage.keys_folder.glob("*.next.pem")} == made


async def test_partner_without_the_call_is_told_by_hand(stage):
    """A gateway of before does not hold up the others, but the switch waits for the operator's word."""
    rotation = stage.rotation(stage.announcer(beta=failing(NotOffered("beta: UNIMPLEMENTED"))))
    await rotation.start((Purpose.SEAL,), 60_000, FACE)
    await rotation.advance()
    stage.clock.advance(hours=1)
    await rotation.advance()
    assert await state(rotation) == ("announced", [("beta", "by-hand", "does not know the call")])
    await rotation.switch()
    assert (await state(rotation))[0] == "switched"
    with pytest.raises(ConfigError):
        await rotation.switch()


async def test_partner_that_takes_no_calls_is_told_by_hand(stage):
    """Who only collects cannot be called, and the row says so at once."""
    rotation = stage.rotation(partners=("beta", "gamma"))
    await rotation.start((Purpose.SEAL,), 60_000, FACE)
    await rotation.advance()
    stage.clock.advance(**SECONDS)
    await rotation.advance()
    told = [("beta", "confirmed", ""), ("gamma", "by-hand", "takes no calls")]
    assert await state(rotation) == ("announced", told)


async def test_partner_that_is_down_is_told_later(stage):
    """The reason is kept, the row waits, and the next try brings it."""
    down = stage.announcer(beta=failing(DeliveryError("beta: UNAVAILABLE")))
    rotation = stage.rotation(down)
    await rotation.start((Purpose.SEAL,), 60_000, FACE)
    await rotation.advance()
    assert await state(rotation) == ("announced", [("beta", "pending", "beta: UNAVAILABLE")])
    again = stage.rotation()
    await again.advance()
    assert await state(again) == ("announced", [("beta", "confirmed", "")])


async def test_answer_to_another_announcement_is_not_stored(stage):
    """A good signature over other words confirms nothing."""
    wrong = await stage.taker.announce("alpha", stage.announcement(stage.next_bundle()))

    async def announce(_envelope):
        return wrong

    rotation = stage.rotation(stage.announcer(beta=announce))
    stage.clock.advance(minutes=1)
    await rotation.start((Purpose.SEAL,), 60_000, FACE)
    await rotation.advance()
    assert await state(rotation) == ("announced", [("beta", "pending", "KEYS-CONFIRMATION")])


async def test_old_keys_end_after_the_overlap_and_the_last_receipt(stage):
    """While a batch that they sealed has no receipt they stay; then partners are told of a bundle without."""
    await stage.alpha.submit(contribution(1))
    await sealed(stage.alpha, "alpha/beta/item", 1)
    rotation = stage.rotation()
    await rotation.start((Purpose.SEAL,), 60_000, FACE)
    await rotation.switch()
    issue.activate(stage.keys_folder, Purpose.SEAL)
    stage.clock.advance(hours=1)
    await rotation.advance()
    assert (await state(rotation))[0] == "switched"
    with pytest.raises(ConfigError) as raised:
        await rotation.retire()
    assert [one.code for one in raised.value.findings] == ["KEYS-IN-USE"]
    await stage.alpha.store.transact(_confirm_all)
    own = stage.own()
    stage.alpha.sealer.renew(own.seal, own.receipt)
    await rotation.advance()
    assert (await state(rotation))[0] == "retired"
    (row,) = [
        one
        for one in await stage.alpha.store.read(lambda tx: tx.unconfirmed_announcements())
        if one.partner == "beta"
    ]
    said = parse_announcement(unpack_envelope(row.announcement).statement)
    assert len(read_bundle(said.bundle, stage.clock()).certificates["seal"]) == 2


def _confirm_all(tx):
    """Note that the partner has confirmed everything."""
    for one in tx.channels():
        tx.put_channel(msgspec.structs.replace(one, confirmed=one.sequence))


async def test_rotation_that_people_went_on_with_by_hand_is_left_behind(stage):
    """Keys that are gone from the folder do not bar a new rotation, and nothing is moved for them."""
    rotation = stage.rotation()
    row = await rotation.start((Purpose.SEAL,), 60_000, FACE)
    for path in stage.keys_folder.glob("seal-*.next.*"):
        path.unlink()
    assert abandoned(stage.own(), row)
    stage.clock.advance(minutes=1)
    again = await rotation.start((Purpose.SEAL,), 60_000)
    assert again.id != row.id
    assert again.targets != row.targets


async def test_keys_in_an_overlap_are_not_rotated_again(stage):
    """Old keys that still count must end first."""
    stage.next_bundle()
    issue.activate(stage.keys_folder, Purpose.SEAL)
    with pytest.raises(ConfigError, match="old seal keys"):
        await stage.rotation().start((Purpose.SEAL,), 60_000, FACE)


async def test_first_rotation_must_know_what_the_bundle_says(stage):
    """Without a bundle of before, name and endpoint must be given."""
    with pytest.raises(ConfigError, match="--endpoint"):
        await stage.rotation().start((Purpose.SEAL,), 60_000)
