# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What partners send becomes records of our own, and goes on as far as its agreement allows."""

import pytest

from gateway.errors import InputError
from gateway.model import Opening, unpack_item
from gateway.model import Party as Person
from tests.partner_messages import tracking
from tests.restating import Party, answer, asked, assess, carry, declared, event, parcel, parties


@pytest.fixture(name="way")
async def _way(keys, tmp_path):
    """Gamma is the post of origin, beta that of destination, alpha its customs."""
    async for one in parties(keys, tmp_path):
        yield one


async def test_items_are_restated_at_a_post_alone(way):
    """A post makes a received item its own, with the words that left; customs keeps it as received."""
    await declared(way, note="cloth")
    (row,) = way.beta.rows(1)
    assert unpack_item(row.body).note == "cloth"
    assert row.secret != way.gamma.rows(1)[0].secret
    assert way.alpha.rows(1) == []
    assert len(await way.alpha.query.received(tracking(1))) == 1


async def test_referral_goes_its_whole_way(way):
    """A question reaches the post of origin, its answer customs, and the release everybody."""
    await declared(way)
    await asked(way, assess(1, "rfi", "R-1"))
    everybody = (way.alpha, way.beta, way.gamma)
    assert [one.referrals(1) for one in everybody] == [[("rfi", "R-1", "open")]] * 3
    await way.gamma.submit(answer(1, "R-1"), number="w1")
    assert await carry(way.gamma, way.beta, "answer") == 1
    assert await carry(way.beta, way.alpha, "answer") == 1
    assert [one.referrals(1) for one in everybody] == [[("rfi", "R-1", "answered")]] * 3
    await asked(way, assess(1, "complete", "C-1"), number="a2")
    assert [one.referrals(1) for one in everybody] == [[("rfi", "R-1", "released")]] * 3


async def test_withdrawn_do_not_load_is_withdrawn_everywhere(way):
    """A cancellation carries identification only, and still it alone clears the DNL at each party."""
    await declared(way)
    await asked(way, assess(1, "rfi", "R-1"), assess(1, "dnl", "D-1"))
    await asked(way, assess(1, "complete", "C-1"), number="a2")
    blocked = [("rfi", "R-1", "blocked"), ("dnl", "D-1", "blocked")]
    assert way.gamma.referrals(1) == blocked
    await asked(way, assess(1, "dnl", "D-1", "delete"), number="a3")
    for one in (way.alpha, way.beta, way.gamma):
        assert one.referrals(1) == [("rfi", "R-1", "open"), ("dnl", "D-1", "released")]


async def test_each_batch_is_restated_once(way):
    """Restating again, or after a restart from the same store, makes nothing new."""
    await declared(way)
    await way.alpha.submit(assess(1, "rfi", "R-1"))
    await carry(way.alpha, way.beta, "assessment", restate=False)
    assert way.beta.rows(1, "assessment") == []
    await way.beta.store.close()
    again = Party("beta", way.keys, way.agreements, way.urls["beta"], post=True)
    again.ids.next = 50_000
    assert await again.restater.restate() == 1
    assert await again.restater.restate() == 0
    (row,) = again.rows(1, "assessment")
    assert row.version == 1
    assert again.referrals(1) == [("rfi", "R-1", "open")]
    assert again.woken == {"beta/gamma/assessment"}
    await again.store.close()


async def test_failed_restating_leaves_nothing_behind(way, monkeypatch):
    """Records, referrals, shares and the mark on the batch are one transaction."""
    await declared(way)
    await way.alpha.submit(assess(1, "rfi", "R-1"))
    await carry(way.alpha, way.beta, "assessment", restate=False)

    def fail(*_, **__):
        """Fail after the records were written."""
        raise RuntimeError("power cut")

    with monkeypatch.context() as broken:
        broken.setattr("gateway.exchange.restate.apply", fail)
        with pytest.raises(RuntimeError):
            await way.beta.restater.restate()
    assert way.beta.rows(1, "assessment") == []
    assert await way.beta.restater.restate() == 1
    assert way.beta.referrals(1) == [("rfi", "R-1", "open")]


async def test_rejected_and_erased_records_are_left_out(way):
    """Of a batch with a rejected and an erased record only the others become records here."""
    await way.gamma.submit(*(parcel(number) for number in (1, 2, 3)))
    await carry(way.gamma, way.beta, "item", restate=False)
    (row,) = way.beta.store.run_read(lambda tx: tx.inbound_to_restate(9))
    documents = await way.beta.workers.restate(row.payload, "item", [0])
    assert [one.position for one in documents] == [2, 3]
    await way.gamma.care.erasing.items([tracking(2)], reason="asked for")
    assert await way.gamma.care.notifier(way.beta).notify() == (1, 0)
    await way.beta.restater.restate()
    assert [len(way.beta.rows(number)) for number in (1, 2, 3)] == [1, 0, 1]


async def test_erased_while_it_was_read_is_not_restated(way):
    """A record that is erased between reading its batch and restating it leaves nothing here."""
    await way.gamma.submit(parcel(1), parcel(2))
    await carry(way.gamma, way.beta, "item", restate=False)
    await way.gamma.care.erasing.items([tracking(1)], reason="asked for")
    decode = way.beta.workers.restate

    async def slow(*arguments):
        """Erase what was just read."""
        way.beta.workers.restate = decode
        documents = await decode(*arguments)
        await way.gamma.care.notifier(way.beta).notify()
        return documents

    way.beta.workers.restate = slow
    await way.beta.restater.restate()
    assert way.beta.rows(1) == way.beta.rows(2) == []
    await way.beta.restater.restate()
    assert (len(way.beta.rows(1)), len(way.beta.rows(2))) == (0, 1)


async def test_submitted_envelope_does_not_stand_in_the_way(way):
    """A received envelope that is submitted here as a message does not keep its batch from being restated."""
    await way.gamma.submit(parcel(1))
    await carry(way.gamma, way.beta, "item", restate=False)
    (row,) = way.beta.store.run_read(lambda tx: tx.inbound_to_restate(9))

    def unreadable(*_):
        """Know no such format."""
        raise InputError("no adapter recognises the message")

    way.beta.workers._decode = unreadable
    kept = await way.beta.intake.submit(row.envelope, source="test", submitter="tester")
    assert kept.outcome == "refused"
    assert await way.beta.restater.restate() == 1
    assert len(way.beta.rows(1)) == 1


async def test_item_that_lives_again_is_restated_again(way):
    """An item that was cancelled and comes back under its reference is open again at every party."""
    await declared(way, note="first")
    await way.gamma.submit(parcel(1, "delete"), number="d")
    await carry(way.gamma, way.beta, "item")
    await carry(way.beta, way.alpha, "item")
    assert [row.state for row in way.beta.rows(1)] == ["deleted"]
    await way.gamma.submit(parcel(1, "change", note="again"), number="c")
    await carry(way.gamma, way.beta, "item")
    await carry(way.beta, way.alpha, "item")
    (row,) = way.beta.rows(1)
    assert (row.state, unpack_item(row.body).note) == ("open", "again")
    assert [one.release.function for one in await way.alpha.query.received(tracking(1))] == [
        "original",
        "cancellation",
        "original",
    ]


async def test_withheld_fields_stay_withheld(way):
    """What was committed to us is in no record of ours, and its commitment is not passed on."""
    await declared(way, sender=Person(name="Secret Sender"))
    assert unpack_item(way.beta.rows(1)[0].body).sender is None
    (at_beta,) = await way.beta.query.received(tracking(1))
    (at_alpha,) = await way.alpha.query.received(tracking(1))
    assert [one.path for one in at_beta.release.commitments] == ["sender.name"]
    assert at_alpha.release.commitments == ()


async def test_partner_speaks_for_itself_alone(way):
    """A restated record belongs to its partner: the same reference said here is another record."""
    await declared(way)
    await way.alpha.submit(assess(1, "rfi", "R-1"))
    await carry(way.alpha, way.beta, "assessment")
    (row,) = way.beta.rows(1, "assessment")
    (said,) = way.beta.store.run_read(lambda tx: tx.contributions_of_item(row))
    assert said.reference.startswith("partner:alpha|alpha-beta-assessment|")
    await way.beta.submit(assess(1, "rfi", "R-1", "delete"), number="own")
    assert [one.state for one in way.beta.rows(1, "assessment")] == ["open", "deleted"]
    assert way.beta.referrals(1) == [("rfi", "R-1", "open")]


async def test_erasure_follows_what_was_restated(way):
    """When its origin erases an item, it is gone at the post that restated it and at customs behind that."""
    await declared(way, note="cloth")
    await way.gamma.submit(event(1), number="e")
    await carry(way.gamma, way.beta, "event")
    await carry(way.beta, way.alpha, "event")
    await asked(way, assess(1, "rfi", "R-1"))
    await way.gamma.care.erasing.items([tracking(1)], reason="asked for")
    assert (await way.gamma.care.notifier(way.beta, way.alpha).notify())[1] == 0
    assert way.beta.rows(1) == way.beta.rows(1, "event") == []
    assert way.beta.referrals(1) == []
    assert (await way.beta.care.notifier(way.alpha, way.gamma).notify())[1] == 0
    assert [one.release.item.assessment for one in await way.alpha.query.received(tracking(1))] == []
    states = way.beta.store.run_read(lambda tx: tx.referrals_in_state("erased", 0, 9))
    assert [(one.kind, one.referral, one.posting_date) for one in states] == [("rfi", "", "")]
    assert all(not one.tracking_number.startswith("RX") for one in states)


async def test_erasing_one_version_keeps_what_the_next_says(way):
    """When only the first version of a record is past its retention, what the next one made stays."""
    await declared(way, note="first")
    way.gamma.clock.advance(days=20)
    way.beta.clock.advance(days=20)
    await way.gamma.submit(parcel(1, "change", note="second"), number="c")
    await carry(way.gamma, way.beta, "item")
    way.beta.clock.advance(days=11)
    done = await way.beta.care.erasing.expired(way.beta.clock.now, "gamma-beta-item", reason="retention")
    assert (done.received, done.items) == (1, 0)
    assert unpack_item(way.beta.rows(1)[0].body).note == "second"
    way.beta.clock.advance(days=20)
    done = await way.beta.care.erasing.expired(way.beta.clock.now, "gamma-beta-item", reason="retention")
    assert (done.received, done.items, done.notices) == (1, 1, [])
    assert way.beta.rows(1) == []


async def test_refused_document_leaves_the_others(way, monkeypatch):
    """A document that is refused leaves no record, the others of its batch do, and the message says why."""
    await declared(way, sender=Person(name="Secret Sender"))
    await asked(way, assess(1, "rfi", "R-1"))
    lie = Opening(path="sender.name", value="Other", salt="00" * 32)
    with monkeypatch.context() as hostile:
        hostile.setattr("gateway.exchange.disclosed.check", lambda *_: ())
        await way.gamma.submit(answer(1, "R-1", openings=(lie,)), answer(1, "R-1", "amendment"), number="w")
    await carry(way.gamma, way.beta, "answer")
    (row,) = way.beta.rows(1, "answer")
    assert unpack_item(row.body).answer.kind == "amendment"
    (message,) = way.beta.store.run_read(lambda tx: tx.messages_with_findings(0, 9))
    assert (message.source, message.submitter, message.outcome) == ("partner", "gamma", "partial")
    assert (message.documents, message.accepted) == (2, 1)
