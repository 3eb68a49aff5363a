# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Erasure on the real store: what was erased is nowhere, and everything else is proved as before."""

from datetime import timedelta

import pytest

from gateway.audit import batch_root, commit, leaf_hash, verify_inclusion
from gateway.audit.checkpoint import parse as parse_checkpoint
from gateway.audit.entry import parse as parse_entry
from gateway.audit.note import read_note
from gateway.envelope import policy
from gateway.envelope.seal import unseal
from gateway.errors import PolicyRefusal
from gateway.exchange.evidence import Evidence
from gateway.model import Address, Party
from gateway.store import scrub
from gateway.wire.convert import (
    parse_batch_statement,
    parse_receipt_statement,
    unpack_envelope,
)
from gateway.wire.payload import commitment_of, unpack_entries
from gateway.wire.statement import BATCH_TYPE
from gateway.wire.v1 import records_pb2
from tests.erasure import CHANNEL, NAME, OTHER, about, everything, make, secrets_of, sent
from tests.partner_messages import agreement, contribution, message, said, tracking
from tests.partner_simulator import Gateway


@pytest.fixture(name="world")
async def _world(keys, tmp_path):
    """Alpha and beta on real stores."""
    async for one in make(keys, tmp_path, [agreement()]):
        yield one


async def test_erased_values_are_nowhere_in_the_database_files(world):
    """Name, numbers, secret, salt and record are in no page, log or value of either database."""
    await sent(world, about(1), *(about(one, OTHER) for one in range(2, 9)))
    wanted = secrets_of(world, 1)
    raw, values = everything(world.folder)
    assert all(one in values for one in wanted)
    done = await world.alpha.care.erasing.items([tracking(1)], reason="asked for by the addressee")
    assert (done.items, done.sent, len(done.notices)) == (1, 1, 1)
    assert await world.alpha.care.notifier(world.beta).notify() == (1, 0)
    for url in world.urls.values():
        scrub(url)
    raw, values = everything(world.folder)
    for one in wanted:
        assert one not in raw
        assert one not in values
    assert OTHER.encode() in values


async def test_other_items_are_proved_as_before_on_both_sides(world):
    """After an erasure the root, statement, signatures and log prove every other record of the batch."""
    await sent(world, *(about(one) for one in range(1, 6)))
    before = await Evidence("alpha", world.alpha.store).sent_record(tracking(2))
    await world.alpha.care.erasing.items([tracking(1), tracking(4)], reason="test")
    await world.alpha.care.notifier(world.beta).notify()
    for gateway, of in ((world.alpha, "sent_record"), (world.beta, "received_record")):
        evidence = Evidence(gateway.name, gateway.store)
        for number in (2, 3, 5):
            (proof,) = await getattr(evidence, of)(tracking(number))
            assert NAME.encode() in proof.record
            _holds(proof)
        for number in (1, 4):
            assert await getattr(evidence, of)(tracking(number)) == []
    (after,) = await Evidence("alpha", world.alpha.store).sent_record(tracking(2))
    assert (after.salt, after.record, after.batch_path) == (
        before[0].salt,
        before[0].record,
        before[0].batch_path,
    )
    (batch,) = await world.alpha.store.read(lambda tx: tx.batches_after(CHANNEL, 0, 9))
    statement = parse_batch_statement(
        unseal(
            unpack_envelope(batch.envelope),
            payload_type=BATCH_TYPE,
            keyring=world.beta.keyring,
            owner="alpha",
            purpose="seal",
            policy=policy.HYBRID,
            at=world.beta.clock(),
        ).statement
    )
    assert batch_root([commitment_of(one) for one in unpack_entries(batch.payload)]) == (
        statement.commitment_root
    )
    assert (await world.alpha.query.ledger()).faults == ()


def _holds(proof):
    """Check both paths of a proof."""
    assert commit(proof.salt, proof.record) == proof.commitment
    entry = parse_entry(proof.entry)
    verify_inclusion(
        leaf_hash(proof.commitment), proof.position, proof.count, proof.batch_path, entry.batch_root
    )
    checkpoint = parse_checkpoint(read_note(proof.checkpoint).text)
    verify_inclusion(
        leaf_hash(proof.entry), proof.log_index, checkpoint.size, proof.log_path, checkpoint.root
    )


async def test_batch_is_taken_again_after_erasure_with_the_same_receipt(world):
    """A partner that lost its state takes the batch without the erased record; the receipts agree."""
    await sent(world, about(1), about(2, OTHER))
    await world.alpha.care.erasing.items([tracking(1)], reason="test")
    (batch,) = await world.alpha.store.read(lambda tx: tx.batches_after(CHANNEL, 0, 9))
    empty = Gateway("beta", world.keys, [agreement()])
    receipt = await empty.receiver.receive("alpha", batch.envelope, batch.payload)
    known = await world.beta.receiver.receive("alpha", batch.envelope, batch.payload)
    stored = await world.alpha.store.read(lambda tx: tx.batch(batch.id))
    assert known == stored.receipt
    before, after = (
        parse_receipt_statement(unpack_envelope(one).statement) for one in (stored.receipt, receipt)
    )
    assert (after.outcome, after.payload_digest) == (before.outcome, before.payload_digest)
    assert all(one.accepted for one in after.records)


@pytest.mark.parametrize("fault", ["commitment", "salt-beside", "short", "all-there"])
async def test_payload_that_only_pretends_to_be_erased_is_refused(world, fault):
    """Commitments that do not lead to the root, or stand beside data, or a changed salt, are refused."""
    await sent(world, about(1), about(2, OTHER))
    await world.alpha.care.erasing.items([tracking(1)], reason="test")
    (batch,) = await world.alpha.store.read(lambda tx: tx.batches_after(CHANNEL, 0, 9))
    payload = records_pb2.Payload.FromString(batch.payload)
    erased, whole = payload.entries
    if fault == "commitment":
        erased.commitment = bytes(32)
    elif fault == "salt-beside":
        erased.salt = bytes(32)
    elif fault == "short":
        erased.commitment = erased.commitment[:31]
    else:
        erased.ClearField("commitment")
        whole.salt = bytes(32)
    empty = Gateway("beta", world.keys, [agreement()])
    await empty.receiver.receive("alpha", batch.envelope, payload.SerializeToString())
    (refusal,) = empty.store.tables.refusals.values()
    assert refusal.codes[0] in {"RECEIVE-COMMITMENT", "RECEIVE-PAYLOAD"}


async def test_retention_erases_batches_and_the_items_that_were_only_in_them(world):
    """What is past its agreement's retention goes, item and messages too; nothing younger does."""
    await sent(world, about(1), number="m1")
    world.alpha.clock.advance(days=20)
    world.beta.clock.advance(days=20)
    await sent(world, about(2), number="m2")
    done = await world.alpha.care.erasing.expired(
        world.alpha.clock() + timedelta(days=11), reason="retention"
    )
    assert (done.items, done.sent, done.notices) == (1, 1, [])
    assert await world.alpha.query.trace(tracking(1)) is None
    assert (await world.alpha.query.trace(tracking(2))).item.addressee.name == NAME
    again = await world.alpha.care.erasing.expired(
        world.alpha.clock() + timedelta(days=11), reason="retention"
    )
    assert (again.items, again.sent) == (0, 0)
    assert (await world.alpha.query.ledger()).faults == ()
    with pytest.raises(PolicyRefusal):
        await world.alpha.care.erasing.expired(world.alpha.clock(), "no-such", reason="end")


async def test_party_is_erased_from_every_item_and_nobody_else(world):
    """All items to the same person go by one of them; those to others stay."""
    where = Address(lines="1 Example Road", city="Sydney")
    spelled = Party(name=NAME.upper(), telephone="+61 411 555 010", address=where)
    await sent(world, about(1), about(2, OTHER), contribution(3, addressee=spelled))
    done = await world.alpha.care.erasing.party(tracking(1), "addressee", reason="test")
    assert done.items == 2
    assert await world.alpha.query.trace(tracking(3)) is None
    assert (await world.alpha.query.trace(tracking(2))).item.addressee.name == OTHER
    with pytest.raises(PolicyRefusal):
        await world.alpha.care.erasing.party(tracking(2), "payer", reason="test")
    with pytest.raises(PolicyRefusal):
        await world.alpha.care.erasing.party(tracking(9), "addressee", reason="test")


async def test_order_of_two_parcels_stays_for_the_other_one(world):
    """What a second item is merged from as well is kept until that one is erased too."""
    order = said("order", reference="O-1", keys=("ord:shop|77",), order_number="77")
    lists = [
        contribution(one, keys=(f"trk:{tracking(one)}", "ord:shop|77"), order_number="77") for one in (1, 2)
    ]
    await world.alpha.submit(order, *lists)
    await world.alpha.care.erasing.items([tracking(1)], reason="test")
    found = await world.alpha.store.read(lambda tx: tx.contributions(["ord:shop|77"]))
    assert [one.body != b"" for one in found] == [True]
    assert (await world.alpha.query.trace(tracking(2))).item.order_number == "77"
    await world.alpha.care.erasing.items([tracking(2)], reason="test")
    assert await world.alpha.store.read(lambda tx: tx.contributions(["ord:shop|77"])) == []


async def test_messages_that_were_refused_are_emptied_too(world):
    """A repeated or refused document left no contribution, but its message named the item."""
    await world.alpha.submit(about(1), number="m1")
    await world.alpha.submit(about(1, gross_mass=None), about(2, OTHER), number="m2")
    await world.alpha.submit(contribution(1, addressee=Party(name=NAME + " II")), number="m3")
    await world.alpha.care.erasing.items([tracking(1)], reason="test")
    await world.alpha.store.close()
    scrub(world.urls["alpha"])
    raw, values = everything(world.folder)
    assert NAME.encode() not in raw + values


async def test_erased_item_comes_back_only_as_a_new_one(world):
    """The same message again after erasure makes a new item with a new secret and another reference."""
    raw = message(about(1))
    first = await world.alpha.intake.submit(raw, source="test", submitter="tester")
    (old,) = await world.alpha.store.read(lambda tx: tx.items_by_tracking([tracking(1)]))
    await world.alpha.care.erasing.items([tracking(1)], reason="test")
    second = await world.alpha.intake.submit(raw, source="test", submitter="tester")
    (new,) = await world.alpha.store.read(lambda tx: tx.items_by_tracking([tracking(1)]))
    assert (first.outcome, second.outcome) == ("accepted", "accepted")
    assert new.id != old.id
    assert new.secret != old.secret


async def test_what_only_partners_sent_is_erased_by_its_number_too(world):
    """The recipient erases its own copy of what it was sent, and logs it."""
    await sent(world, about(1), about(2, OTHER))
    done = await world.beta.care.erasing.items([tracking(1)], reason="test")
    assert (done.items, done.received) == (0, 1)
    assert await world.beta.query.received(tracking(1)) == []
    entries = await world.beta.store.read(lambda tx: tx.log_entries("beta/alpha", 0, 99))
    assert entries[-1].event == "erasure"
    nothing = await world.beta.care.erasing.items([tracking(1)], reason="test")
    assert (nothing.items, nothing.received) == (0, 0)
