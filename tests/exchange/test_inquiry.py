# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Questions between two gateways on real stores: allowed, answered once, released, logged, limited."""

import functools

import pytest

from gateway.agreement import parse
from gateway.errors import GatewayError, PolicyRefusal, VerificationError
from gateway.exchange.fsck import SelfAudit
from gateway.exchange.inquiry import MAX_KEYS, Inquiry
from gateway.wire.convert import parse_query_statement, unpack_envelope
from gateway.wire.v1 import envelope_pb2
from tests.erasure import CHANNEL, make
from tests.partner_messages import AGREEMENT, contribution, tracking
from tests.partner_simulator import Running, until

Outcome = envelope_pb2.QueryAnswer
QUERY = '\n[query]\nby = ["tracking_number", "ucr"]\nper_hour = 5\n'
REASON = "risk analysis of a parcel on hand"


def on_request(text=QUERY):
    """Return the agreement under which alpha answers beta's questions."""
    terms = {
        "id": "alpha-beta",
        "version": 1,
        "sender": "alpha",
        "recipient": "beta",
        "until": "2027-01-01T00:00:00Z",
        "destination": "AU",
        "required": "addressee.name",
        "then": "drop",
    }
    return parse((AGREEMENT.format(**terms).replace('"push"', '"query"') + text).encode())


def inquiry(gateway, **peers):
    """Return the questions of a gateway; `peers` bring its questions to others."""
    return Inquiry(
        organisation=gateway.name,
        store=gateway.store,
        ids=gateway.ids,
        clock=gateway.clock,
        keyring=gateway.keyring,
        agreements=gateway.agreements,
        sealer=gateway.sealer,
        gate=gateway.publisher,
        wake=gateway.lanes.wake,
        peers=peers,
    )


@pytest.fixture(name="world")
async def _world(keys, tmp_path):
    """Alpha, which holds three parcels, and beta, which may ask for them."""
    async for one in make(keys, tmp_path, [on_request()]):
        one.asked = inquiry(one.alpha)
        one.asker = inquiry(one.beta, alpha=functools.partial(one.asked.inquire, "beta"))
        parcels = [
            contribution(1),
            contribution(2, ucr="6CN-REF-2"),
            contribution(3, destination_country="BR"),
        ]
        await one.alpha.submit(*parcels, number="m1")
        yield one


async def ask(world, *keys):
    """Ask as beta; return outcomes and codes."""
    answer = await world.asker.ask("alpha-beta", keys, REASON)
    return list(answer.outcomes), [one.code for one in answer.findings]


def item(number):
    """Return the key of a parcel."""
    return ("tracking_number", tracking(number))


async def deliver(world):
    """Bring to beta what is ready."""

    async def settled():
        counts = (await world.alpha.query.ledger()).counts.shares
        return not counts.get("ready") and not counts.get("batched")

    async with Running(world.alpha.batcher(CHANNEL), world.alpha.courier(CHANNEL, world.link)):
        await until(settled)


async def test_nothing_leaves_unasked(world):
    """Under an agreement with trigger query an item makes no share by itself."""
    counts = (await world.alpha.query.ledger()).counts
    assert counts.items == {"open": 3}
    assert sum(counts.shares.values()) == 0


async def test_what_is_asked_for_is_released_like_any_other(world):
    """The record follows in a batch, treated, receipted; asking again says that it is held."""
    assert await ask(world, item(1), ("ucr", "6CN-REF-2")) == ([Outcome.OUTCOME_FOLLOWS] * 2, [])
    await deliver(world)
    (one,) = await world.beta.query.received(tracking(1))
    assert one.release.item.addressee.name == "A. Example"
    assert one.release.item.sender is None
    assert await ask(world, item(1)) == ([Outcome.OUTCOME_HELD], [])


async def test_absence_and_denial_look_alike(world):
    """An item that is not here and one that the agreement does not cover give the same outcome."""
    nothing = [Outcome.OUTCOME_NOTHING]
    assert await ask(world, item(3)) == (nothing, [])
    assert await ask(world, item(99)) == (nothing, [])


async def test_change_after_an_answer_is_not_pushed(world):
    """A change waits for the next question, which then brings an amendment."""
    await ask(world, item(1))
    await deliver(world)
    await world.alpha.submit(contribution(1, "change", package_count=2), number="m2")
    assert (await world.alpha.query.ledger()).counts.shares == {"accepted": 1}
    assert await ask(world, item(1)) == ([Outcome.OUTCOME_FOLLOWS], [])
    await deliver(world)
    received = await world.beta.query.received(tracking(1))
    assert [one.release.function.value for one in received] == ["original", "amendment"]


async def test_rate_and_scope_are_limits_of_the_agreement(world):
    """More numbers than an hour allows, or another kind of number, are refused whole and counted."""
    assert (await ask(world, ("mrn", "26NL1")))[1] == ["QUERY-SCOPE"]
    assert await ask(world, *(item(number) for number in range(10, 15))) == ([], ["QUERY-RATE"])
    world.alpha.clock.advance(hours=2)
    world.beta.clock.advance(hours=2)
    assert (await ask(world, item(1)))[1] == []


async def test_question_for_an_erased_item_is_emptied_on_both_sides(world):
    """After an erasure neither side keeps the question; others stay and the self-audit agrees."""
    await ask(world, item(2))
    await ask(world, item(1), item(2))
    await deliver(world)
    for one in (world.alpha, world.beta):
        await one.care.erasing.items([tracking(1)], reason="asked for")
        kept = one.store.run_read(lambda tx: tx.inquiries_after(0, 9))
        assert [(row.state, bool(row.query), bool(row.answer)) for row in kept] == [
            ("answered", True, True),
            ("erased", False, False),
        ]
        report = await one.store.read(lambda tx, of=one: SelfAudit(of.name, of.keyring).run(tx))
        assert report.found.findings == []


@pytest.mark.parametrize("count", [0, MAX_KEYS + 1])
async def test_a_question_asks_for_something_and_not_for_everything(world, count):
    """A question for nothing, or for more than a message may ask for, is refused."""
    assert "QUERY-FORM" in (await ask(world, *(item(number) for number in range(count))))[1]


async def test_question_and_answer_are_in_both_logs(world):
    """Each side logs the question and the answer, and the store holds both envelopes."""
    await ask(world, item(1))
    for gateway, name in ((world.alpha, "alpha/beta"), (world.beta, "beta/alpha")):
        entries = await gateway.store.read(lambda tx, log=name: tx.log_entries(log, 0, 99))
        assert [one.event for one in entries].count("query") == 2


async def test_same_question_gets_the_stored_answer(world):
    """A repeated question changes nothing; another question under its id is refused."""
    kept = []

    async def remember(envelope):
        kept.append(envelope)
        return await world.asked.inquire("beta", envelope)

    world.asker = inquiry(world.beta, alpha=remember)
    await ask(world, item(1))
    first = await world.asked.inquire("beta", kept[0])
    assert await world.asked.inquire("beta", kept[0]) == first
    statement = parse_query_statement(unpack_envelope(kept[0]).statement)
    statement.reason = "another"
    del statement.key_ids[:]
    _, altered = world.beta.sealer.seal_query(statement)
    with pytest.raises(VerificationError) as caught:
        await world.asked.inquire("beta", altered)
    assert [one.code for one in caught.value.findings] == ["QUERY-CONFLICT"]


async def test_strangers_and_altered_questions_change_nothing(world):
    """Who is no partner, whose seal does not hold, or who speaks for another is refused before the store."""
    statement = envelope_pb2.QueryStatement(
        query_id="q", recipient="alpha", agreement_id="alpha-beta", reason=REASON
    )
    _, envelope = world.beta.sealer.seal_query(statement)
    with pytest.raises(PolicyRefusal):
        await world.asked.inquire("zeta", envelope)
    with pytest.raises(GatewayError):
        await world.asked.inquire("gamma", envelope)
    with pytest.raises(GatewayError):
        await world.asked.inquire("beta", envelope[:-9] + b"\x00" * 9)
    assert not await world.alpha.store.read(lambda tx: tx.log_entries("alpha/beta", 0, 9))


async def test_stale_question_is_refused(world):
    """A question that was made more than an hour ago is refused."""
    world.alpha.clock.advance(hours=3)
    assert (await ask(world, item(1)))[1] == ["QUERY-CLOCK"]


async def test_asking_needs_an_agreement_and_a_way(world):
    """Without an agreement to ask under, or a way to the partner, nothing is stored and nothing leaves."""
    with pytest.raises(PolicyRefusal) as caught:
        await world.asker.ask("other", [item(1)], REASON)
    assert [one.code for one in caught.value.findings] == ["QUERY-AGREEMENT"]
    with pytest.raises(PolicyRefusal) as caught:
        await inquiry(world.beta).ask("alpha-beta", [item(1)], REASON)
    assert [one.code for one in caught.value.findings] == ["QUERY-NO-WAY"]
    assert not await world.beta.store.read(lambda tx: tx.log_entries("beta/alpha", 0, 9))


async def test_answer_to_another_question_is_refused(world):
    """An answer that does not belong to the question is not taken for it."""
    other = []

    async def swap(envelope):
        answer = await world.asked.inquire("beta", envelope)
        other.append(answer)
        return other[0]

    world.asker = inquiry(world.beta, alpha=swap)
    await ask(world, item(1))
    with pytest.raises(VerificationError) as caught:
        await ask(world, item(2))
    assert [one.code for one in caught.value.findings] == ["QUERY-ANSWER"]
