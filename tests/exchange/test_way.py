# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The whole way of a record between two gateways, in memory and on the real store, through faults."""

import asyncio
import contextlib
from types import SimpleNamespace

import msgspec
import pytest

from gateway.errors import GatewayError
from gateway.exchange.deliver import CourierState
from gateway.exchange.rows import ChannelRow
from gateway.store import open_store
from gateway.wire.convert import unpack_payload, unpack_release
from tests.fakes import FakeIds
from tests.partner_messages import agreement, contribution, message, tracking
from tests.partner_simulator import Gateway, Link, Running, sealed, until


@contextlib.asynccontextmanager
async def running(pair):
    """Run batching and delivery from alpha to beta; gives the courier."""
    courier = pair.alpha.courier(pair.channel, pair.link)
    async with Running(pair.alpha.batcher(pair.channel), courier):
        yield courier


def states(gateway, **wanted):
    """Return the condition that the shares of a gateway have these counts by state."""

    async def check():
        return (await gateway.query.ledger()).counts.shares == wanted

    return check


async def received(gateway, count):
    """Return the numbers of records that a gateway holds of the first parcels."""
    return [len(await gateway.query.received(tracking(one))) for one in range(1, count + 1)]


async def test_record_reaches_partner(pair):
    """A declaration becomes a record at the partner, with receipt and entries in both logs."""
    await pair.alpha.submit(contribution(1), contribution(2))
    async with running(pair):
        await until(states(pair.alpha, accepted=2))
    (found,) = await pair.beta.query.received(tracking(1))
    assert found.release.item.addressee.name == "A. Example"
    assert found.release.item.sender is None
    assert [one.path for one in found.release.commitments] == ["sender.name"]
    assert [one.event for one in pair.alpha.store.tables.entries.values()] == ["sent", "receipt-received"]
    assert [one.event for one in pair.beta.store.tables.entries.values()] == ["received", "receipt-sent"]
    assert (await pair.alpha.query.ledger()).faults == ()


async def test_checkpoints_travel_with_ordinary_traffic(pair):
    """Each side ends up knowing a state that the other's log really had."""
    for number in (1, 2):
        await pair.alpha.submit(contribution(number), number=f"m{number}")
        async with running(pair):
            await until(states(pair.alpha, accepted=number))
    seen = pair.alpha.store.tables.seen["beta"]
    assert (seen.origin, seen.size) == ("beta/alpha", 3)
    statements = [one.batch_id for one in pair.alpha.store.tables.batches.values()]
    assert len(set(statements)) == 2
    assert not pair.beta.store.tables.refusals


async def test_batches_have_at_most_the_size(pair):
    """Many records go out in batches of at most the size, all of them, in order."""
    await pair.alpha.submit(*(contribution(one) for one in range(1, 26)))
    courier = pair.alpha.courier(pair.channel, pair.link)
    async with Running(pair.alpha.batcher(pair.channel, size=10), courier):
        await until(states(pair.alpha, accepted=25))
    assert sorted(row.count for row in pair.alpha.store.tables.batches.values()) == [5, 10, 10]
    assert await received(pair.beta, 25) == [1] * 25


async def test_amendment_and_cancellation_follow(pair):
    """The partner sees one reference with growing versions; a cancellation carries identification only."""
    async with running(pair):
        await pair.alpha.submit(contribution(1))
        await until(states(pair.alpha, accepted=1))
        await pair.alpha.submit(contribution(1, "change", package_count=3), number="m2")
        await until(states(pair.alpha, accepted=2))
        await pair.alpha.submit(contribution(1, "delete"), number="m3")
        await until(states(pair.alpha, accepted=3))
    releases = [one.release for one in await pair.beta.query.received(tracking(1))]
    assert [(one.function.value, one.version) for one in releases] == [
        ("original", 1),
        ("amendment", 2),
        ("cancellation", 3),
    ]
    assert len({one.reference for one in releases}) == 1
    last = releases[-1]
    assert (last.item.addressee, last.item.destination_country, last.commitments) == (None, None, ())


async def test_partner_that_is_down_gets_everything_later(pair):
    """Nothing is lost while a partner is down; the courier shows it and delivers when it is back."""
    pair.link.down = True
    await pair.alpha.submit(contribution(1))
    async with running(pair) as courier:

        async def circuit_open():
            return courier.state is CourierState.OPEN_CIRCUIT

        await until(circuit_open)
        await pair.alpha.submit(contribution(2), number="m2")
        pair.link.down = False
        await until(states(pair.alpha, accepted=2))
    assert await received(pair.beta, 2) == [1, 1]


async def test_down_partner_slows_no_other(keys):
    """While one partner is down, another gets its records."""
    terms = [agreement(), agreement(recipient="gamma")]
    alpha, beta, gamma = (Gateway(name, keys, terms) for name in ("alpha", "beta", "gamma"))
    down, up = Link(alpha, beta), Link(alpha, gamma)
    down.down = True
    await alpha.submit(contribution(1))
    steps = [
        step
        for channel, link in (("alpha/beta/item", down), ("alpha/gamma/item", up))
        for step in (alpha.batcher(channel), alpha.courier(channel, link))
    ]
    async with Running(*steps):
        await until(states(alpha, accepted=1, batched=1))
    assert await received(gamma, 1) == [1]


async def test_lost_receipts_are_given_again(pair):
    """A receipt that was lost on the way is given again, the same bytes, with one effect."""
    pair.link.lose_receipts = True
    await pair.alpha.submit(contribution(1))
    async with running(pair):

        async def twice():
            return len(pair.link.receipts) >= 2

        await until(twice)
        pair.link.lose_receipts = False
        await until(states(pair.alpha, accepted=1))
    assert len(set(pair.link.receipts)) == 1
    assert await received(pair.beta, 1) == [1]


async def test_sender_that_restarts_goes_on(pair):
    """After a restart between sealing and delivery the same bytes are delivered, once."""
    await pair.alpha.submit(contribution(1))
    (row,) = await sealed(pair.alpha, pair.channel, 1)
    again = Gateway("alpha", pair.keys, [agreement()], store=pair.alpha.store, ids=FakeIds(10**6), seed=9)
    pair.alpha, pair.link.sender = again, again
    async with running(pair):
        await until(states(again, accepted=1))
    assert pair.link.sent == [(row.envelope, row.payload)]


def restored(pair):
    """Return beta after its batches were lost, with its log intact."""
    fresh = Gateway("beta", pair.keys, [agreement()], seed=11)
    for name in ("logs", "entries", "hashes", "seen"):
        setattr(fresh.store.tables, name, getattr(pair.beta.store.tables, name))
    pair.link.receiver = fresh
    return fresh


async def test_recipient_that_lost_batches_gets_them_again(pair):
    """A partner that lost what it had stored is sent everything again, in order."""
    async with running(pair):
        for number in (1, 2, 3):
            await pair.alpha.submit(contribution(number), number=f"m{number}")
            await until(states(pair.alpha, accepted=number))
    fresh = restored(pair)
    await pair.alpha.submit(contribution(4), number="m4")
    async with running(pair):
        await until(states(pair.alpha, accepted=4))
    assert await received(fresh, 4) == [1, 1, 1, 1]
    assert (await pair.alpha.query.ledger()).faults == ()


async def test_gap_within_a_session_is_healed(pair):
    """A recipient that names a gap in the middle of a stream is sent the missing batches."""
    async with running(pair):
        for number in (1, 2):
            await pair.alpha.submit(contribution(number), number=f"m{number}")
            await until(states(pair.alpha, accepted=number))
        fresh = restored(pair)
        await pair.alpha.submit(contribution(3), number="m3")
        await until(states(pair.alpha, accepted=3))
    assert await received(fresh, 3) == [1, 1, 1]


async def test_recipient_that_lost_its_log_stops_the_channel(pair):
    """A partner whose log shows another root at a size seen before is not trusted any more."""
    async with running(pair) as courier:
        await pair.alpha.submit(contribution(1))
        await until(states(pair.alpha, accepted=1))
        pair.link.receiver = Gateway("beta", pair.keys, [agreement()], seed=11)
        await pair.alpha.submit(contribution(2), number="m2")

        async def stopped():
            return courier.state is CourierState.STOPPED

        await until(stopped)
    (channel,) = (await pair.alpha.query.status()).channels
    assert channel.stopped == "RECEIPT-SPLIT-VIEW"


async def test_sender_that_lost_its_state_stops(pair):
    """A sender whose partner has confirmed more than it sealed stops the channel and says so."""
    async with running(pair):
        await pair.alpha.submit(contribution(1))
        await pair.alpha.submit(contribution(2), number="m2")
        await until(states(pair.alpha, accepted=2))
        await pair.alpha.submit(contribution(3), number="m3")
        await until(states(pair.alpha, accepted=3))
    fresh = Gateway("alpha", pair.keys, [agreement()], seed=12)
    pair.alpha = pair.link.sender = fresh
    await fresh.submit(contribution(4))
    async with running(pair) as courier:

        async def stopped():
            return courier.state is CourierState.STOPPED

        await until(stopped)
    (channel,) = (await fresh.query.status()).channels
    assert channel.stopped == "DELIVER-AHEAD"


async def test_refusal_stops_the_channel_visibly(pair):
    """A batch that the partner refuses stops the channel with the code; nothing more is sealed."""
    pair.link.alter = lambda envelope, payload: (envelope, payload + b"x")
    await pair.alpha.submit(contribution(1))
    async with running(pair) as courier:

        async def stopped():
            return courier.state is CourierState.STOPPED

        await until(stopped)
        await pair.alpha.submit(contribution(2), number="m2")
        await asyncio.sleep(0.05)
    (channel,) = (await pair.alpha.query.status()).channels
    assert (channel.stopped, channel.sequence, channel.pending) == ("RECEIVE-PAYLOAD", 1, 1)
    assert (await pair.alpha.query.ledger()).counts.shares == {"batched": 1, "ready": 1}


async def test_stopped_channel_prepares_nothing(pair):
    """While a channel is stopped no payload is made; once it is cleared everything leaves."""
    calls = 0
    prepare = pair.alpha.workers.prepare

    async def counting(name, shares, now):
        nonlocal calls
        calls += 1
        return await prepare(name, shares, now)

    pair.alpha.workers.prepare = counting
    row = ChannelRow(name=pair.channel, partner="beta", direction="out", stopped="X")
    await pair.alpha.store.transact(lambda tx: tx.put_channel(row))
    await pair.alpha.submit(contribution(1))
    async with running(pair):
        await asyncio.sleep(0.05)
        assert calls == 0
        cleared = msgspec.structs.replace(row, stopped="")
        await pair.alpha.store.transact(lambda tx: tx.put_channel(cleared))
        await until(states(pair.alpha, accepted=1))
    assert calls == 1


async def test_only_the_lease_holder_sends(pair):
    """A second process on the same store sends nothing while the first one holds the channel."""
    other = Gateway("alpha", pair.keys, [agreement()], store=pair.alpha.store, ids=FakeIds(10**6))
    lane = other.lanes.by_name[pair.channel]
    lane._holder = "other"
    assert await pair.alpha.lanes.by_name[pair.channel].held()
    assert not await lane.held()
    pair.alpha.clock.advance(seconds=60)
    other.clock.advance(seconds=60)
    assert await lane.held()
    assert not await pair.alpha.lanes.by_name[pair.channel].held()
    await lane.release()
    assert await pair.alpha.lanes.by_name[pair.channel].held()


async def test_unreleasable_share_is_rejected_alone(pair):
    """A share that cannot be treated is rejected by itself; the others of its batch leave."""
    await pair.alpha.submit(contribution(1), contribution(2))
    broken = pair.alpha.workers.prepare

    async def breaks_on_first(name, shares, now):
        if any(one.tracking_number == tracking(1) for one in shares):
            raise RuntimeErrorOfWorker("worker lost")
        return await broken(name, shares, now)

    pair.alpha.workers.prepare = breaks_on_first
    async with running(pair):
        await until(states(pair.alpha, accepted=1, rejected=1))
    assert await received(pair.beta, 2) == [0, 1]


async def test_share_that_changes_during_preparation_leaves_in_its_new_form(pair):
    """What changes while its payload is made is made again; the old form never leaves."""
    prepare = pair.alpha.workers.prepare
    changed = False

    async def changing(name, shares, now):
        nonlocal changed
        prepared = await prepare(name, shares, now)
        if not changed:
            changed = True
            await pair.alpha.submit(contribution(1, "change", package_count=3), number="m2")
        return prepared

    pair.alpha.workers.prepare = changing
    await pair.alpha.submit(contribution(1))
    async with running(pair):
        await until(states(pair.alpha, accepted=1))
    (row,) = pair.alpha.store.tables.batches.values()
    assert [unpack_release(one).item.package_count for _, one in unpack_payload(row.payload)] == [3]


async def test_outbox_serves_who_collects(pair):
    """A partner that takes no inbound fetches what is pending and answers with its receipts."""
    await pair.alpha.submit(contribution(1))
    await sealed(pair.alpha, pair.channel, 1)
    after = await pair.alpha.outbox.confirmed("beta", pair.channel)
    (row,) = await pair.alpha.outbox.pending(pair.channel, after, 10)
    receipt = await pair.beta.receiver.receive("alpha", row.envelope, row.payload)
    await pair.alpha.outbox.acknowledge("beta", receipt)
    assert await pair.alpha.outbox.confirmed("beta", pair.channel) == 1
    assert (await pair.alpha.query.ledger()).counts.shares == {"accepted": 1}


@pytest.fixture(name="stored")
async def _stored(keys, databases):
    """Alpha and beta on real stores of either kind."""
    stores = {name: open_store(databases(name)) for name in ("alpha", "beta")}
    alpha, beta = (Gateway(name, keys, [agreement()], store=store) for name, store in stores.items())
    yield SimpleNamespace(alpha=alpha, beta=beta, link=Link(alpha, beta), channel="alpha/beta/item")
    for store in stores.values():
        await store.close()


async def test_way_on_the_real_store(stored):
    """On the real store the same way gives the same: records, receipts, replays and a balanced ledger."""
    pair = stored
    raw = message(*(contribution(one) for one in range(1, 31)))
    done = await asyncio.gather(
        *(pair.alpha.intake.submit(raw, source="test", submitter="tester") for _ in range(5))
    )
    assert sorted(one.outcome for one in done) == ["accepted"] + ["repeated"] * 4
    courier = pair.alpha.courier(pair.channel, pair.link)
    async with Running(pair.alpha.batcher(pair.channel, size=8), courier):
        await until(states(pair.alpha, accepted=30))
        await pair.alpha.submit(contribution(1, "change", package_count=3), number="m2")
        await until(states(pair.alpha, accepted=31))
        await pair.alpha.submit(contribution(1, "delete"), number="m3")
        await until(states(pair.alpha, accepted=32))
    assert await received(pair.beta, 30) == [3] + [1] * 29
    balance = await pair.alpha.query.ledger()
    assert balance.faults == ()
    assert balance.counts.items == {"open": 29, "deleted": 1}
    copies = await asyncio.gather(
        *(pair.beta.receiver.receive("alpha", *pair.link.sent[0]) for _ in range(10))
    )
    assert set(copies) == {pair.link.receipts[0]}
    trace = await pair.alpha.query.trace(tracking(1))
    assert [(one.function, one.state) for one in trace.shares] == [
        ("original", "accepted"),
        ("amendment", "accepted"),
        ("cancellation", "accepted"),
    ]


class RuntimeErrorOfWorker(GatewayError):
    """A worker that broke."""
