# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Two real stores compare their batches of a channel and find what one side removed or edited."""

from types import SimpleNamespace

import pytest
import sqlalchemy

from gateway.envelope.dsse import Envelope
from gateway.errors import InputError, PolicyRefusal, VerificationError
from gateway.exchange.reconcile import Books, Question
from gateway.exchange.rows import BatchRow, ChannelRow, InboundRow
from gateway.store import open_store
from gateway.wire.convert import pack_envelope, pack_payload
from gateway.wire.payload import redact
from gateway.wire.v1 import envelope_pb2

CHANNEL = "alpha/beta/item"
COUNT = 300
DAY = (1_000_000, 2_000_000)


def _time(number):
    """Return when a batch is made: the first hundred before the day, the last hundred after it."""
    return DAY[0] + (number - 101) * 10_000


def _batch(number):
    statement = envelope_pb2.BatchStatement(
        batch_id=f"b{number}", sequence=number, created_at_ms=_time(number)
    ).SerializeToString()
    payload = pack_payload([(bytes([number % 256]) * 32, b"record %d %d" % (number, one)) for one in (1, 2)])
    return pack_envelope(Envelope("t", statement, ())), payload


@pytest.fixture(name="world")
async def _world(databases):
    """Alpha has sent 300 batches to beta, a hundred of them on the day; on databases of either kind."""
    urls = {name: databases(name) for name in ("alpha", "beta")}
    stores = {name: open_store(url) for name, url in urls.items()}

    def send(tx):
        tx.put_channel(ChannelRow(name=CHANNEL, partner="beta", direction="out", sequence=COUNT))
        for number in range(1, COUNT + 1):
            envelope, payload = _batch(number)
            tx.add_batch(
                BatchRow(
                    id=number,
                    batch_id=f"b{number}",
                    channel=CHANNEL,
                    sequence=number,
                    statement_digest=b"",
                    count=2,
                    agreement="a",
                    created_at=_time(number),
                    envelope=envelope,
                    payload=payload,
                    salts=b"",
                    log_index=number,
                )
            )

    def take(tx):
        tx.put_channel(ChannelRow(name=CHANNEL, partner="alpha", direction="in", sequence=COUNT))
        for number in range(1, COUNT + 1):
            envelope, payload = _batch(number)
            tx.add_inbound(
                InboundRow(
                    id=number,
                    batch_id=f"b{number}",
                    channel=CHANNEL,
                    sequence=number,
                    partner="alpha",
                    agreement="a",
                    statement_digest=b"",
                    count=2,
                    accepted=2,
                    received_at=_time(number) + 5_000_000,
                    envelope=envelope,
                    payload=payload,
                    receipt=b"",
                    log_index=number,
                ),
                [],
            )

    await stores["alpha"].transact(send)
    await stores["beta"].transact(take)
    alpha, beta = (Books(name, store) for name, store in stores.items())
    asked = []

    def asking(books, partner):
        async def ask(question):
            asked.append(question)
            return await books.reconcile(partner, question)

        return ask

    yield SimpleNamespace(
        alpha=alpha,
        beta=beta,
        urls=urls,
        stores=stores,
        asked=asked,
        ask_beta=asking(beta, "alpha"),
        ask_alpha=asking(alpha, "beta"),
    )
    for store in stores.values():
        await store.close()


def _change(url, text, **values):
    """Change a database behind the gateway's back."""
    engine = sqlalchemy.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text(text), values)
    engine.dispose()


async def test_equal_books_agree_after_two_questions(world):
    """Both sides of the day hold the same hundred batches."""
    found = await world.alpha.compare(CHANNEL, DAY, world.ask_beta)
    assert found.equal
    assert (found.places, found.our_count, found.their_count) == (range(101, 201), 100, 100)
    assert not any(one.nodes for one in world.asked)


async def test_removed_and_edited_batches_are_named_on_either_side(world):
    """What one side lacks or has edited is found from both ends, with few hashes."""
    _change(world.urls["beta"], "DELETE FROM inbound WHERE sequence IN (101, 150, 151)")
    _change(world.urls["alpha"], "DELETE FROM batch WHERE sequence = 200")
    compressed = redact(_batch(120)[1], [])  # the same bytes; what is edited is a record
    edited = compressed.replace(b"record 120 2", b"record 999 2")
    await world.stores["beta"].transact(lambda tx: tx.put_inbound_payload(120, edited, []))
    from_alpha = (await world.alpha.compare(CHANNEL, DAY, world.ask_beta)).missing
    assert (from_alpha.differing, from_alpha.we_lack, from_alpha.they_lack) == (
        (120,),
        (200,),
        (101, 150, 151),
    )
    hashes = sum(len(one.nodes) for one in world.asked)
    assert hashes < 100
    from_beta = (await world.beta.compare(CHANNEL, DAY, world.ask_alpha)).missing
    assert (from_beta.differing, from_beta.we_lack, from_beta.they_lack) == ((120,), (101, 150, 151), (200,))


async def test_erasure_on_one_side_is_no_difference(world):
    """A batch with an erased record has the same root, so the books agree."""
    await world.stores["beta"].transact(
        lambda tx: tx.put_inbound_payload(130, redact(_batch(130)[1], [0]), [])
    )
    assert (await world.alpha.compare(CHANNEL, DAY, world.ask_beta)).equal


async def test_swapped_statement_and_unreadable_rows_are_differences(world):
    """The statement counts as it is stored, not as its digest was noted; broken bytes do not stop it."""
    other = _batch(141)[0]
    _change(world.urls["alpha"], "UPDATE batch SET envelope = :other WHERE sequence = 140", other=other)
    for number in (150, 160):  # the first of these is among those that the search for the day looks at
        text = "UPDATE inbound SET envelope = :other WHERE sequence = :number"
        _change(world.urls["beta"], text, other=b"\xff\xff", number=number)
    found = await world.beta.compare(CHANNEL, DAY, world.ask_alpha)
    assert found.missing.differing == (140, 150, 160)


async def test_day_without_batches_and_unknown_channels_are_equal(world):
    """Where neither has anything there is nothing to compare."""
    assert (await world.alpha.compare(CHANNEL, (5_000_000, 6_000_000), world.ask_beta)).our_count == 0
    assert (await world.alpha.compare("alpha/beta/other", DAY, world.ask_beta)).equal


async def test_whole_side_lost_is_named_batch_by_batch(world):
    """A side that has nothing of the day learns all that it lacks."""
    _change(world.urls["beta"], "DELETE FROM inbound WHERE sequence BETWEEN 101 AND 200")
    found = await world.beta.compare(CHANNEL, DAY, world.ask_alpha)
    assert found.missing.we_lack == tuple(range(101, 201))


async def test_foreign_channels_and_large_questions_are_refused(world):
    """A partner may ask about its own channels only, and not for everything at once."""
    with pytest.raises(PolicyRefusal):
        await world.alpha.reconcile("gamma", Question(CHANNEL, DAY))
    with pytest.raises(InputError):
        await world.alpha.reconcile("beta", Question(CHANNEL, DAY, range(1, 1 << 40)))
    with pytest.raises(InputError):
        await world.alpha.reconcile("beta", Question(CHANNEL, DAY, range(1, 9), ((60, 0),)))


async def test_answers_that_contradict_themselves_are_refused(world):
    """A partner whose hashes do not lead to its root is told from one with other books."""
    _change(world.urls["beta"], "DELETE FROM inbound WHERE sequence = 150")

    async def lying(question):
        told = await world.ask_beta(question)
        hashes = tuple(bytes(32) for _ in told.hashes)
        return type(told)(told.places, told.count, told.root, hashes)

    with pytest.raises(VerificationError):
        await world.alpha.compare(CHANNEL, DAY, lying)
