# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Erasure on the real store: what was erased is nowhere, and everything else is proved as before."""

import sqlite3
from datetime import timedelta
from types import SimpleNamespace

import pytest
import zstandard

from gateway.agreement import parse
from gateway.audit import batch_root, commit, leaf_hash, verify_inclusion
from gateway.audit.checkpoint import parse as parse_checkpoint
from gateway.audit.entry import parse as parse_entry
from gateway.audit.note import read_note
from gateway.envelope import policy
from gateway.envelope.seal import unseal
from gateway.errors import GatewayError, PolicyRefusal, VerificationError
from gateway.exchange.evidence import Evidence
from gateway.exchange.forward import Forwarder, erase_forwarded
from gateway.model import Address, Party
from gateway.store import open_store, scrub
from gateway.wire.convert import (
    parse_batch_statement,
    parse_erasure_confirmation,
    parse_receipt_statement,
    unpack_envelope,
)
from gateway.wire.payload import commitment_of, unpack_entries
from gateway.wire.statement import BATCH_TYPE
from gateway.wire.v1 import envelope_pb2, records_pb2
from tests.fakes import FakeIds
from tests.partner_simulator import (
    AGREEMENT,
    Gateway,
    Link,
    Running,
    agreement,
    contribution,
    message,
    said,
    tracking,
    until,
)

CHANNEL = "alpha/beta/item"
NAME = "Erasmus Vanishing-Person"
OTHER = "Stays Behind"
Outcome = envelope_pb2.ErasureConfirmation


@pytest.fixture(name="world")
async def _world(keys, tmp_path):
    """Alpha and beta on real stores."""
    async for one in _make(keys, tmp_path, [agreement()]):
        yield one


async def _make(keys, folder, agreements):
    urls = {name: f"sqlite:///{folder / name}.sqlite" for name in ("alpha", "beta")}
    stores = {name: open_store(url) for name, url in urls.items()}
    alpha, beta = (
        Gateway(name, keys, agreements, store=store, ids=FakeIds(first=1000), seed=seed)
        for seed, (name, store) in enumerate(stores.items())
    )
    yield SimpleNamespace(alpha=alpha, beta=beta, link=Link(alpha, beta), urls=urls, folder=folder, keys=keys)
    for store in stores.values():
        await store.close()


def _about(number, name=NAME, **fields):
    """Return a list about a parcel to a person."""
    person = Party(name=name, telephone=f"+61 400 {number:06d}" if name is OTHER else "+61 411 555 010")
    return contribution(number, addressee=person, **fields)


async def _sent(world, *documents, number="m1"):
    """Take a message in and bring it to beta."""
    before = (await world.alpha.query.ledger()).counts.shares.get("accepted", 0)
    await world.alpha.submit(*documents, number=number)

    async def settled():
        counts = (await world.alpha.query.ledger()).counts.shares
        return counts.get("accepted", 0) == before + len(documents)

    courier = world.alpha.courier(CHANNEL, world.link)
    async with Running(world.alpha.batcher(CHANNEL), courier):
        await until(settled)


def _everything(folder):
    """Return all bytes of all files of the databases, and of every value in them, decompressed too."""
    raw = b"".join(one.read_bytes() for one in sorted(folder.glob("*.sqlite*")))
    values = bytearray()
    for file in sorted(folder.glob("*.sqlite")):
        database = sqlite3.connect(file)
        tables = [one for (one,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            for row in database.execute(f"SELECT * FROM {table}"):
                for value in row:
                    values += _plain(value) + b"\n"
        database.close()
    return raw, bytes(values)


def _plain(value):
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, bytes):
        try:
            return value + zstandard.ZstdDecompressor().decompress(value)
        except zstandard.ZstdError:
            return value
    return b""


def _secrets(world, number):
    """Return the bytes that must be gone: name, number, telephone, secret of the item, salt and record."""
    (item,) = world.alpha.store.run_read(lambda tx: tx.items_by_tracking([tracking(number)]))
    (share,) = world.alpha.store.run_read(lambda tx: tx.shares_of([item.id]))
    batch = world.alpha.store.run_read(lambda tx: tx.batch(share.batch))
    entry = unpack_entries(batch.payload)[share.position]
    words = [NAME.encode(), tracking(number).encode(), b"411 555 010", f"L-{number}".encode()]
    return [*words, item.secret, entry.salt, entry.record]


async def test_erased_values_are_nowhere_in_the_database_files(world):
    """Name, numbers, secret, salt and record are in no page, log or value of either database."""
    await _sent(world, _about(1), *(_about(one, OTHER) for one in range(2, 9)))
    wanted = _secrets(world, 1)
    raw, values = _everything(world.folder)
    assert all(one in values for one in wanted)
    done = await world.alpha.erasing.items([tracking(1)], reason="asked for by the addressee")
    assert (done.items, done.sent, len(done.notices)) == (1, 1, 1)
    assert await world.alpha.notifier(world.beta).notify() == (1, 0)
    for url in world.urls.values():
        scrub(url)
    raw, values = _everything(world.folder)
    for one in wanted:
        assert one not in raw
        assert one not in values
    assert OTHER.encode() in values


async def test_other_items_are_proved_as_before_on_both_sides(world):
    """After an erasure the root, statement, signatures and log prove every other record of the batch."""
    await _sent(world, *(_about(one) for one in range(1, 6)))
    before = await Evidence("alpha", world.alpha.store).sent_record(tracking(2))
    await world.alpha.erasing.items([tracking(1), tracking(4)], reason="test")
    await world.alpha.notifier(world.beta).notify()
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


async def test_partner_confirms_once_and_both_logs_say_so(world):
    """The confirmation is signed, names each outcome, is stored, and both logs hold notice and answer."""
    await _sent(world, _about(1))
    await world.alpha.erasing.items([tracking(1)], reason="test")
    (pending,) = await world.alpha.store.read(lambda tx: tx.pending_erasures(0, 9))
    notifier = world.alpha.notifier(world.beta)
    assert await notifier.notify() == (1, 0)
    assert await notifier.notify() == (0, 0)
    row = await world.alpha.store.read(lambda tx: tx.erasure_by_notice("beta", pending.notice_id))
    answer = parse_erasure_confirmation(unpack_envelope(row.answer).statement)
    assert row.state == "confirmed"
    assert list(answer.outcomes) == [Outcome.OUTCOME_ERASED]
    for gateway, name in ((world.alpha, "alpha/beta"), (world.beta, "beta/alpha")):
        entries = await gateway.store.read(lambda tx, log=name: tx.log_entries(log, 0, 99))
        assert [one.event for one in entries].count("erasure") == 2
    again = await world.beta.taker.notify("alpha", row.notice)
    assert again == row.answer
    assert len(await world.beta.store.read(lambda tx: tx.erasures(0, 9))) == 1


async def test_notice_says_nothing_personal_and_nothing_guessable(world):
    """The notice holds ids and the opaque reference, whose key is destroyed."""
    await _sent(world, _about(1))
    await world.alpha.erasing.items([tracking(1)], reason="test")
    (pending,) = await world.alpha.store.read(lambda tx: tx.pending_erasures(0, 9))
    for word in (NAME, tracking(1), "L-1", "411 555 010"):
        assert word.encode() not in pending.notice
    assert pending.reason.encode() not in unpack_envelope(pending.notice).statement


async def test_altered_or_foreign_notices_are_refused(world):
    """A notice with a broken seal, from another, or for another changes nothing."""
    await _sent(world, _about(1))
    await world.alpha.erasing.items([tracking(1)], reason="test")
    (pending,) = await world.alpha.store.read(lambda tx: tx.pending_erasures(0, 9))
    altered = pending.notice.replace(CHANNEL.encode(), b"alpha/beta/itxm")
    with pytest.raises(VerificationError):
        await world.beta.taker.notify("alpha", altered)
    with pytest.raises(GatewayError):
        await world.beta.taker.notify("gamma", pending.notice)
    with pytest.raises(PolicyRefusal):
        await world.beta.taker.notify("nobody", pending.notice)
    with pytest.raises(GatewayError):
        await world.alpha.taker.notify("beta", pending.notice)
    assert len(await world.beta.query.received(tracking(1))) == 1
    assert await world.beta.store.read(lambda tx: tx.erasures(0, 9)) == []


async def test_same_notice_id_with_other_words_is_a_conflict(world):
    """An id that was confirmed cannot be used for another erasure."""
    await _sent(world, _about(1), _about(2))
    await world.alpha.erasing.items([tracking(1)], reason="test")
    (pending,) = await world.alpha.store.read(lambda tx: tx.pending_erasures(0, 9))
    await world.beta.taker.notify("alpha", pending.notice)
    other = envelope_pb2.ErasureStatement()
    other.ParseFromString(unpack_envelope(pending.notice).statement)
    other.records[0].index = 1
    del other.key_ids[:]
    _, forged = world.alpha.sealer.seal_notice(other)
    with pytest.raises(VerificationError) as raised:
        await world.beta.taker.notify("alpha", forged)
    assert raised.value.findings[0].code == "ERASE-NOTICE-CONFLICT"
    assert len(await world.beta.query.received(tracking(2))) == 1


async def test_confirmation_of_another_notice_is_not_stored(world):
    """An answer that does not name the notice leaves it pending, and it is sent again."""
    await _sent(world, _about(1), _about(2))
    await world.alpha.erasing.items([tracking(1)], reason="test")
    (first,) = await world.alpha.store.read(lambda tx: tx.pending_erasures(0, 9))
    answer = await world.beta.taker.notify("alpha", first.notice)
    await world.alpha.erasing.items([tracking(2)], reason="test")
    notifier = world.alpha.notifier(world.beta)
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
    await world.alpha.submit(_about(1), _about(2, OTHER))

    async def one_batch():
        return bool(await world.alpha.store.read(lambda tx: tx.batches_after(CHANNEL, 0, 9)))

    async with Running(world.alpha.batcher(CHANNEL)):
        await until(one_batch)
    await world.alpha.erasing.items([tracking(1)], reason="test")
    notifier = world.alpha.notifier(world.beta)
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


async def test_batch_is_taken_again_after_erasure_with_the_same_receipt(world):
    """A partner that lost its state takes the batch without the erased record; the receipts agree."""
    await _sent(world, _about(1), _about(2, OTHER))
    await world.alpha.erasing.items([tracking(1)], reason="test")
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
    await _sent(world, _about(1), _about(2, OTHER))
    await world.alpha.erasing.items([tracking(1)], reason="test")
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
    async for world in _make(keys, tmp_path, [parse(text.encode())]):
        await _sent(world, _about(1))
        await world.alpha.erasing.items([tracking(1)], reason="test")
        await world.alpha.notifier(world.beta).notify()
        (row,) = await world.alpha.store.read(lambda tx: tx.erasures(0, 9))
        answer = parse_erasure_confirmation(unpack_envelope(row.answer).statement)
        assert list(answer.outcomes) == [Outcome.OUTCOME_KEPT]
        (held,) = await world.beta.query.received(tracking(1))
        assert answer.kept_until_ms == held.received_at + 30 * 86_400_000
        early = await world.beta.erasing.expired(world.beta.clock() + timedelta(days=29), reason="retention")
        assert early.received == 0
        late = await world.beta.erasing.expired(world.beta.clock() + timedelta(days=31), reason="retention")
        assert late.received == 1
        assert await world.beta.query.received(tracking(1)) == []


async def test_retention_erases_batches_and_the_items_that_were_only_in_them(world):
    """What is past its agreement's retention goes, item and messages too; nothing younger does."""
    await _sent(world, _about(1), number="m1")
    world.alpha.clock.advance(days=20)
    world.beta.clock.advance(days=20)
    await _sent(world, _about(2), number="m2")
    done = await world.alpha.erasing.expired(world.alpha.clock() + timedelta(days=11), reason="retention")
    assert (done.items, done.sent, done.notices) == (1, 1, [])
    assert await world.alpha.query.trace(tracking(1)) is None
    assert (await world.alpha.query.trace(tracking(2))).item.addressee.name == NAME
    again = await world.alpha.erasing.expired(world.alpha.clock() + timedelta(days=11), reason="retention")
    assert (again.items, again.sent) == (0, 0)
    assert (await world.alpha.query.ledger()).faults == ()
    with pytest.raises(PolicyRefusal):
        await world.alpha.erasing.expired(world.alpha.clock(), "no-such", reason="retention")


async def test_party_is_erased_from_every_item_and_nobody_else(world):
    """All items to the same person go by one of them; those to others stay."""
    where = Address(lines="1 Example Road", city="Sydney")
    spelled = Party(name=NAME.upper(), telephone="+61 411 555 010", address=where)
    await _sent(world, _about(1), _about(2, OTHER), contribution(3, addressee=spelled))
    done = await world.alpha.erasing.party(tracking(1), "addressee", reason="test")
    assert done.items == 2
    assert await world.alpha.query.trace(tracking(3)) is None
    assert (await world.alpha.query.trace(tracking(2))).item.addressee.name == OTHER
    with pytest.raises(PolicyRefusal):
        await world.alpha.erasing.party(tracking(2), "payer", reason="test")
    with pytest.raises(PolicyRefusal):
        await world.alpha.erasing.party(tracking(9), "addressee", reason="test")


async def test_order_of_two_parcels_stays_for_the_other_one(world):
    """What a second item is merged from as well is kept until that one is erased too."""
    order = said("order", reference="O-1", keys=("ord:shop|77",), order_number="77")
    lists = [
        contribution(one, keys=(f"trk:{tracking(one)}", "ord:shop|77"), order_number="77") for one in (1, 2)
    ]
    await world.alpha.submit(order, *lists)
    await world.alpha.erasing.items([tracking(1)], reason="test")
    found = await world.alpha.store.read(lambda tx: tx.contributions(["ord:shop|77"]))
    assert [one.body != b"" for one in found] == [True]
    assert (await world.alpha.query.trace(tracking(2))).item.order_number == "77"
    await world.alpha.erasing.items([tracking(2)], reason="test")
    assert await world.alpha.store.read(lambda tx: tx.contributions(["ord:shop|77"])) == []


async def test_messages_that_were_refused_are_emptied_too(world):
    """A repeated or refused document left no contribution, but its message named the item."""
    await world.alpha.submit(_about(1), number="m1")
    await world.alpha.submit(_about(1, gross_mass=None), _about(2, OTHER), number="m2")
    await world.alpha.submit(contribution(1, addressee=Party(name=NAME + " II")), number="m3")
    await world.alpha.erasing.items([tracking(1)], reason="test")
    await world.alpha.store.close()
    scrub(world.urls["alpha"])
    raw, values = _everything(world.folder)
    assert NAME.encode() not in raw + values


async def test_erased_item_comes_back_only_as_a_new_one(world):
    """The same message again after erasure makes a new item with a new secret and another reference."""
    raw = message(_about(1))
    first = await world.alpha.intake.submit(raw, source="test", submitter="tester")
    (old,) = await world.alpha.store.read(lambda tx: tx.items_by_tracking([tracking(1)]))
    await world.alpha.erasing.items([tracking(1)], reason="test")
    second = await world.alpha.intake.submit(raw, source="test", submitter="tester")
    (new,) = await world.alpha.store.read(lambda tx: tx.items_by_tracking([tracking(1)]))
    assert (first.outcome, second.outcome) == ("accepted", "accepted")
    assert new.id != old.id
    assert new.secret != old.secret


async def test_forwarded_file_loses_the_record_and_the_domestic_side_is_told(world, tmp_path):
    """A file still in the folder is written anew; a note names the references that are to be deleted."""
    await _sent(world, _about(1), _about(2, OTHER))
    folder = tmp_path / "out"
    await Forwarder(store=world.beta.store, folder=folder).forward()
    (file,) = folder.glob("*.json")
    assert NAME in file.read_text()
    world.beta.taker._folder = folder
    await world.alpha.erasing.items([tracking(1)], reason="test")
    await world.alpha.notifier(world.beta).notify()
    assert NAME not in file.read_text()
    assert OTHER in file.read_text()
    (told,) = folder.glob("*.erased.json")
    assert NAME not in told.read_text()
    file.unlink()
    row = await world.beta.store.read(lambda tx: tx.inbound_by_sequence(CHANNEL, 1))
    erase_forwarded(folder, row, ["R2"])
    assert not file.exists()
    assert '"R2"' in told.read_text()


async def test_what_only_partners_sent_is_erased_by_its_number_too(world):
    """The recipient erases its own copy of what it was sent, and logs it."""
    await _sent(world, _about(1), _about(2, OTHER))
    done = await world.beta.erasing.items([tracking(1)], reason="test")
    assert (done.items, done.received) == (0, 1)
    assert await world.beta.query.received(tracking(1)) == []
    entries = await world.beta.store.read(lambda tx: tx.log_entries("beta/alpha", 0, 99))
    assert entries[-1].event == "erasure"
    nothing = await world.beta.erasing.items([tracking(1)], reason="test")
    assert (nothing.items, nothing.received) == (0, 0)
