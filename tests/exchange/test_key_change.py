# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""A change of keys is an entry in every log, sealed with the old keys while they are there."""

import shutil
from datetime import timedelta

import msgspec
import pytest

from gateway.audit.entry import Event, parse, salted_digest
from gateway.envelope import dsse, issue, policy
from gateway.envelope.identity import KeySet
from gateway.envelope.keys import Purpose
from gateway.envelope.seal import unseal
from gateway.envelope.trust import Keyring
from gateway.exchange.key_change import KEY_SET_TYPE, KeyChange, key_set
from tests.partner_messages import agreement
from tests.partner_simulator import Gateway


@pytest.fixture(name="gateway")
def _gateway(keys):
    """A gateway without logs."""
    return Gateway("alpha", keys, [agreement()])


async def _begin(gateway):
    """Begin two logs."""
    for partner in ("beta", "gamma"):
        await gateway.store.transact(
            lambda tx, name=partner: gateway.journal.record_event(
                tx, name, Event.SENT, statement=b"s", subject="batch:1", now=1
            )
        )


async def test_first_and_repeated_starts_say_nothing(gateway, keys, tmp_path):
    """The first start notes the keys; the next with the same keys changes nothing."""
    await _begin(gateway)
    change = KeyChange(
        lambda: keys["alpha"],
        store=gateway.store,
        journal=gateway.journal,
        clock=gateway.clock,
        folder=tmp_path,
    )
    assert [await change.record(), await change.record()] == [0, 0]
    assert "key-change" not in [one.event for one in gateway.store.tables.entries.values()]


async def test_rotation_is_told_in_every_log_by_the_old_keys(gateway, keys, tmp_path):
    """Each log gets the digest of a statement of the new set that the old seal keys have signed."""
    await _begin(gateway)
    folder = shutil.copytree(keys["alpha"].folder, tmp_path / "alpha")
    doors = {
        "store": gateway.store,
        "journal": gateway.journal,
        "clock": gateway.clock,
        "folder": tmp_path / "sets",
    }
    await KeyChange(lambda: KeySet.load(folder), **doors).record()
    old = {one.key_id for one in KeySet.load(folder).seal}
    now = gateway.clock() - timedelta(hours=1)
    for purpose in (Purpose.SEAL, Purpose.LOG):
        issue.rotate(folder, purpose, now)
        issue.activate(folder, purpose)
    own = KeySet.load(folder)
    assert await KeyChange(lambda: own, **doors).record() == 2
    entries = [one for one in gateway.store.tables.entries.values() if one.event == "key-change"]
    assert sorted(one.log for one in entries) == ["alpha/beta", "alpha/gamma"]
    (file,) = [one for one in (tmp_path / "sets").iterdir() if one.name != "present.json"]
    raw = file.read_bytes()
    for one in entries:
        assert one.subject == f"keys:{file.stem}"
        assert parse(one.leaf).digest == salted_digest(one.salt, raw)
    found = unseal(
        dsse.from_json(raw),
        payload_type=KEY_SET_TYPE,
        keyring=Keyring([own.material()], now=gateway.clock()),
        owner="alpha",
        purpose="seal",
        policy=policy.HYBRID,
        at=gateway.clock(),
    )
    assert set(found.key_ids) == old
    assert msgspec.json.decode(found.statement)["keys"] == key_set(own)
    assert await KeyChange(lambda: own, **doors).record() == 0


async def test_change_without_the_old_keys_is_told_by_the_new_ones(gateway, keys, tmp_path):
    """After a loss the old keys are gone; the change is logged all the same."""
    await _begin(gateway)
    folder = shutil.copytree(keys["alpha"].folder, tmp_path / "alpha")
    doors = {
        "store": gateway.store,
        "journal": gateway.journal,
        "clock": gateway.clock,
        "folder": tmp_path / "sets",
    }
    await KeyChange(lambda: KeySet.load(folder), **doors).record()
    issue.rotate(folder, Purpose.SEAL, gateway.clock())
    issue.activate(folder, Purpose.SEAL)
    issue.retire(folder, Purpose.SEAL)
    own = KeySet.load(folder)
    assert await KeyChange(lambda: own, **doors).record() == 2
    (file,) = [one for one in (tmp_path / "sets").iterdir() if one.name != "present.json"]
    signed = {one.key_id for one in dsse.from_json(file.read_bytes()).signatures}
    assert signed == {one.key_id for one in own.seal}
