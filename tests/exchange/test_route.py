# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Which shares an item has under its agreements."""

import pytest

from gateway.model import Party
from tests.partner_messages import agreement, contribution
from tests.partner_simulator import Gateway, sealed


def shares(gateway):
    """Return state, function and version of every share, in id order."""
    return [
        (one.state.value, one.function.value, one.version)
        for _, one in sorted(gateway.store.tables.shares.items())
    ]


def incomplete(number=1, **fields):
    """Return a list without the addressee that the agreement requires."""
    return contribution(number, addressee=None, **fields)


async def test_complete_item_is_ready(pair):
    """An item with everything that the agreement requires may leave at once."""
    await pair.alpha.submit(contribution(1))
    assert shares(pair.alpha) == [("ready", "original", 1)]


async def test_other_items_make_no_share(pair):
    """What no agreement matches is not shared, nor what only another organisation may send."""
    await pair.alpha.submit(contribution(1, destination_country="NZ"))
    await pair.beta.submit(contribution(2))
    assert shares(pair.alpha) == shares(pair.beta) == []


async def test_incomplete_item_waits_visibly(pair):
    """An item that lacks something waits, says what for, and leaves when it comes."""
    await pair.alpha.submit(incomplete())
    (share,) = pair.alpha.store.tables.shares.values()
    assert (share.state, share.missing) == ("waiting", ("addressee.name",))
    change = contribution(1, "change")
    await pair.alpha.submit(change, number="m2")
    assert shares(pair.alpha) == [("ready", "original", 1)]


@pytest.mark.parametrize(("then", "state"), [("send", "ready"), ("drop", "dropped")])
async def test_waiting_ends_as_the_agreement_says(keys, then, state):
    """When the time is up, the share is sent as it is or dropped; what was missing stays on record."""
    alpha = Gateway("alpha", keys, [agreement(then=then)])
    await alpha.submit(incomplete())
    alpha.clock.advance(seconds=3599)
    await alpha.deadlines().expire()
    assert shares(alpha)[0][0] == "waiting"
    alpha.clock.advance(seconds=2)
    await alpha.deadlines().expire()
    assert shares(alpha)[0][0] == state
    (share,) = alpha.store.tables.shares.values()
    assert share.missing == ("addressee.name",)


async def test_dropped_item_that_becomes_complete_is_shared(pair):
    """What was dropped for lack of data leaves after all when the data come."""
    await pair.alpha.submit(incomplete())
    pair.alpha.clock.advance(hours=2)
    await pair.alpha.deadlines().expire()
    await pair.alpha.submit(contribution(1, "change"), number="m2")
    assert shares(pair.alpha) == [("dropped", "original", 1), ("ready", "original", 1)]


async def test_change_before_batching_replaces(pair):
    """A share that has not left stands for the newest words; there is no second one."""
    await pair.alpha.submit(contribution(1))
    await pair.alpha.submit(contribution(1, "change", package_count=3), number="m2")
    assert shares(pair.alpha) == [("ready", "original", 1)]
    (share,) = pair.alpha.store.tables.shares.values()
    assert share.item_version == 2


async def test_change_after_batching_amends(pair):
    """What left is amended with the next version."""
    await pair.alpha.submit(contribution(1))
    await sealed(pair.alpha, pair.channel, 1)
    await pair.alpha.submit(contribution(1, "change", package_count=3), number="m2")
    assert shares(pair.alpha) == [("batched", "original", 1), ("ready", "amendment", 2)]


async def test_repeated_words_amend_nothing(pair):
    """Words that change nothing make no amendment."""
    await pair.alpha.submit(contribution(1))
    await sealed(pair.alpha, pair.channel, 1)
    await pair.alpha.submit(contribution(1), number="m2")
    assert shares(pair.alpha) == [("batched", "original", 1)]


async def test_deletion_before_batching_supersedes(pair):
    """What never left is superseded, and the partner hears nothing."""
    await pair.alpha.submit(contribution(1))
    await pair.alpha.submit(contribution(1, "delete"), number="m2")
    assert shares(pair.alpha) == [("superseded", "original", 1)]


async def test_deletion_after_batching_cancels_once(pair):
    """What left is cancelled, once; a pending amendment is superseded."""
    await pair.alpha.submit(contribution(1))
    await sealed(pair.alpha, pair.channel, 1)
    await pair.alpha.submit(contribution(1, "change", package_count=3), number="m2")
    await pair.alpha.submit(contribution(1, "delete"), number="m3")
    expected = [("batched", "original", 1), ("superseded", "amendment", 2), ("ready", "cancellation", 2)]
    assert shares(pair.alpha) == expected
    await sealed(pair.alpha, pair.channel, 2)
    await pair.alpha.submit(contribution(1, "delete", package_count=1), number="m4")
    assert shares(pair.alpha) == [*expected[:2], ("batched", "cancellation", 2)]


async def test_item_that_comes_back_is_an_original_again(pair):
    """After a cancellation the next release starts anew, under a higher version."""
    await pair.alpha.submit(contribution(1))
    await sealed(pair.alpha, pair.channel, 1)
    await pair.alpha.submit(contribution(1, "delete"), number="m2")
    await sealed(pair.alpha, pair.channel, 2)
    await pair.alpha.submit(contribution(1, "change"), number="m3")
    assert shares(pair.alpha)[-1] == ("ready", "original", 3)


async def test_cancellation_that_has_not_left_is_taken_back(pair):
    """An item that comes back before its cancellation left is amended instead."""
    await pair.alpha.submit(contribution(1))
    await sealed(pair.alpha, pair.channel, 1)
    await pair.alpha.submit(contribution(1, "delete"), number="m2")
    await pair.alpha.submit(contribution(1, "change"), number="m3")
    assert shares(pair.alpha) == [("batched", "original", 1), ("ready", "amendment", 2)]


async def test_item_that_no_longer_matches_is_cancelled(pair):
    """A destination that turns out to be another one cancels what left."""
    await pair.alpha.submit(contribution(1))
    await sealed(pair.alpha, pair.channel, 1)
    await pair.alpha.submit(contribution(1, "change", destination_country="NZ"), number="m2")
    assert shares(pair.alpha) == [("batched", "original", 1), ("ready", "cancellation", 2)]


async def test_agreement_that_ended_sends_nothing(pair):
    """After the end of the agreement not even a cancellation leaves."""
    await pair.alpha.submit(contribution(1))
    await sealed(pair.alpha, pair.channel, 1)
    pair.alpha.clock.advance(days=60)
    await pair.alpha.submit(contribution(1, "delete"), number="m2")
    assert shares(pair.alpha) == [("batched", "original", 1)]


async def test_each_agreement_has_its_own_share(keys):
    """Two partners with matching agreements get one share each."""
    alpha = Gateway("alpha", keys, [agreement(), agreement(recipient="gamma")])
    await alpha.submit(contribution(1, addressee=Party(name="A. Example")))
    assert sorted(one.channel for one in alpha.store.tables.shares.values()) == [
        "alpha/beta/item",
        "alpha/gamma/item",
    ]
