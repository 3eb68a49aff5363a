# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Notices of erasure between two gateways on real stores: trusted, kept, repeated, confirmed."""

from datetime import timedelta

import pytest

from gateway.agreement import parse
from gateway.errors import GatewayError, PolicyRefusal, VerificationError
from gateway.exchange.forward import Forwarder, erase_forwarded
from gateway.wire.convert import (
    parse_erasure_confirmation,
    unpack_envelope,
)
from gateway.wire.v1 import envelope_pb2
from tests.erasure import CHANNEL, NAME, OTHER, about, make, sent
from tests.partner_messages import AGREEMENT, agreement, tracking
from tests.partner_simulator import Running, until

Outcome = envelope_pb2.ErasureConfirmation


@pytest.fixture(name="world")
async def _world(keys, tmp_path):
    """Alpha and beta on real stores."""
    async for one in make(keys, tmp_path, [agreement()]):
        yield one


async def test_partner_confirms_once_and_both_logs_say_so(world):
    """The confirmation is signed, names each outcome, is stored, and both logs hold notice and answer."""
    await sent(world, about(1))
    await world.alpha.care.erasing.items([tracking(1)], reason="test")
    (pending,) = await world.alpha.store.read(lambda tx: tx.pending_erasures(0, 9))
    notifier = world.alpha.care.notifier(world.beta)
    assert await notifier.notify() == (1, 0)
    assert await notifier.notify() == (0, 0)
    row = await world.alpha.store.read(lambda tx: tx.erasure_by_notice("beta", pending.notice_id))
    answer = parse_erasure_confirmation(unpack_envelope(row.answer).statement)
    assert row.state == "confirmed"
    assert list(answer.outcomes) == [Outcome.OUTCOME_ERASED]
    for gateway, name in ((world.alpha, "alpha/beta"), (world.beta, "beta/alpha")):
        entries = await gateway.store.read(lambda tx, log=name: tx.log_entries(log, 0, 99))
        assert [one.event for one in entries].count("erasure") == 2
    again = await world.beta.care.taker.notify("alpha", row.notice)
    assert again == row.answer
    assert len(await world.beta.store.read(lambda tx: tx.erasures(0, 9))) == 1


async def test_notice_says_nothing_personal_and_nothing_guessable(world):
    """The notice holds ids and the opaque reference, whose key is destroyed."""
    await sent(world, about(1))
    await world.alpha.care.erasing.items([tracking(1)], reason="test")
    (pending,) = await world.alpha.store.read(lambda tx: tx.pending_erasures(0, 9))
    for word in (NAME, tracking(1), "L-1", "411 555 010"):
        assert word.encode() not in pending.notice
    assert pending.reason.encode() not in unpack_envelope(pending.notice).statement


async def test_altered_or_foreign_notices_are_refused(world):
    """A notice with a broken seal, from another, or for another changes nothing."""
    await sent(world, about(1))
    await world.alpha.care.erasing.items([tracking(1)], reason="test")
    (pending,) = await world.alpha.store.read(lambda tx: tx.pending_erasures(0, 9))
    altered = pending.notice.replace(CHANNEL.encode(), b"alpha/beta/itxm")
    with pytest.raises(VerificationError):
        await world.beta.care.taker.notify("alpha", altered)
    with pytest.raises(GatewayError):
        await world.beta.care.taker.notify("gamma", pending.notice)
    with pytest.raises(PolicyRefusal):
        await world.beta.care.taker.notify("nobody", pending.notice)
    with pytest.raises(GatewayError):
        await world.alpha.care.taker.notify("beta", pending.notice)
    assert len(await world.beta.query.received(tracking(1))) == 1
    assert await world.beta.store.read(lambda tx: tx.erasures(0, 9)) == []


async def test_same_notice_id_with_other_words_is_a_conflict(world):
    """An id that was confirmed cannot be used for another erasure."""
    await sent(world, about(1), about(2))
    await world.alpha.care.erasing.items([tracking(1)], reason="test")
    (pending,) = await world.alpha.store.read(lambda tx: tx.pending_erasures(0, 9))
    await world.beta.care.taker.notify("alpha", pending.notice)
    other = envelope_pb2.ErasureStatement()
    other.ParseFromString(unpack_envelope(pending.notice).statement)
    other.records[0].index = 1
    del other.key_ids[:]
    _, forged = world.alpha.sealer.seal_notice(other)
    with pytest.raises(VerificationError) as raised:
        await world.beta.care.taker.notify("alpha", forged)
    assert raised.value.findings[0].code == "ERASE-NOTICE-CONFLICT"
    assert len(await world.beta.query.received(tracking(2))) == 1


async def test_confirmation_of_another_notice_is_not_stored(world):
    """An answer that does not name the notice leaves it pending, and it is sent again."""
    await sent(world, about(1), about(2))
    await world.alpha.care.erasing.items([tracking(1)], reason="test")
    (first,) = await world.alpha.store.read(lambda tx: tx.pending_erasures(0, 9))
    answer = await world.beta.care.taker.notify("alpha", first.notice)
    await world.alpha.care.erasing.items([tracking(2)], reason="test")
    notifier = world.alpha.care.notifier(world.beta)
    good = notifier._peers

    async def wrong(_notice):
        return answer

    notifier._peers = {"beta": wrong}
    assert await notifier.notify() == (1, 1)
    (left,) = await world.alpha.store.read(lambda tx: tx.pending_erasures(0, 9))
    assert left.notice_id != first.notice_id
    notifier._peers = good
    assert await notifier.notify() == (1, 0)


async def test_notice_waits_for_the_receipt_and_the_record_never_leaves(world):
    """An item erased before delivery goes out as a commitment; the notice follows its receipt."""
    await world.alpha.submit(about(1), about(2, OTHER))

    async def one_batch():
        return bool(await world.alpha.store.read(lambda tx: tx.batches_after(CHANNEL, 0, 9)))

    async with Running(world.alpha.batcher(CHANNEL)):
        await until(one_batch)
    await world.alpha.care.erasing.items([tracking(1)], reason="test")
    notifier = world.alpha.care.notifier(world.beta)
    assert await notifier.notify() == (0, 0)

    async def settled():
        return (await world.alpha.query.ledger()).counts.shares == {"accepted": 2}

    async with Running(world.alpha.courier(CHANNEL, world.link)):
        await until(settled)
    assert all(NAME.encode() not in payload for _, payload in world.link.sent)
    assert (await world.beta.query.ledger()).counts.inbound_records == {"accepted": 1, "erased": 1}
    assert await notifier.notify() == (1, 0)
    (found,) = await world.beta.query.received(tracking(2))
    assert found.release.item.addressee.name == OTHER


async def test_recipient_that_must_keep_says_until_when(keys, tmp_path):
    """Under an agreement that lets it keep records, the partner answers kept and erases at its retention."""
    text = AGREEMENT.format(
        id="alpha-beta",
        version=1,
        sender="alpha",
        recipient="beta",
        until="2027-01-01T00:00:00Z",
        destination="AU",
        required="addressee.name",
        then="drop",
    ).replace("retention_days = 30", 'retention_days = 30\non_erasure = "keep"')
    async for world in make(keys, tmp_path, [parse(text.encode())]):
        await sent(world, about(1))
        await world.alpha.care.erasing.items([tracking(1)], reason="test")
        await world.alpha.care.notifier(world.beta).notify()
        (row,) = await world.alpha.store.read(lambda tx: tx.erasures(0, 9))
        answer = parse_erasure_confirmation(unpack_envelope(row.answer).statement)
        assert list(answer.outcomes) == [Outcome.OUTCOME_KEPT]
        (held,) = await world.beta.query.received(tracking(1))
        assert answer.kept_until_ms == held.received_at + 30 * 86_400_000
        early = await world.beta.care.erasing.expired(
            world.beta.clock() + timedelta(days=29), reason="retention"
        )
        assert early.received == 0
        late = await world.beta.care.erasing.expired(
            world.beta.clock() + timedelta(days=31), reason="retention"
        )
        assert late.received == 1
        assert await world.beta.query.received(tracking(1)) == []


async def test_forwarded_file_loses_the_record_and_the_domestic_side_is_told(world, tmp_path):
    """A file still in the folder is written anew; a note names the references that are to be deleted."""
    await sent(world, about(1), about(2, OTHER))
    folder = tmp_path / "out"
    await Forwarder(store=world.beta.store, folder=folder).forward()
    (file,) = folder.glob("*.json")
    assert NAME in file.read_text()
    world.beta.care.taker._folder = folder
    await world.alpha.care.erasing.items([tracking(1)], reason="test")
    await world.alpha.care.notifier(world.beta).notify()
    assert NAME not in file.read_text()
    assert OTHER in file.read_text()
    (told,) = folder.glob("*.erased.json")
    assert NAME not in told.read_text()
    file.unlink()
    row = await world.beta.store.read(lambda tx: tx.inbound_by_sequence(CHANNEL, 1))
    erase_forwarded(folder, row, ["R2"])
    assert not file.exists()
    assert '"R2"' in told.read_text()
