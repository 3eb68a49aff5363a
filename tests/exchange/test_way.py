# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The whole way of a record between two gateways in memory."""

from tests.partner_simulator import Running, contribution, tracking, until


def running(pair):
    """Run batching and delivery from alpha to beta."""
    return Running(pair.alpha.batcher(pair.channel), pair.alpha.courier(pair.channel, pair.link))


def delivered(pair, count):
    """Return the condition that so many records were accepted."""

    async def check():
        counts = (await pair.alpha.query.ledger()).counts
        return counts.shares.get("accepted", 0) == count

    return check


async def test_record_reaches_partner(pair):
    """A declaration becomes a record at the partner, with receipt and entries in both logs."""
    await pair.alpha.submit(contribution(1), contribution(2))
    async with running(pair):
        await until(delivered(pair, 2))
    found = await pair.beta.query.received(tracking(1))
    assert [one.release.item.addressee.name for one in found] == ["A. Example"]
    assert found[0].release.item.sender is None
    assert [one.path for one in found[0].release.commitments] == ["sender.name"]
    assert (await pair.alpha.query.ledger()).faults == ()
    events = [one.event for one in pair.alpha.store.tables.entries.values()]
    assert events == ["sent", "receipt-received"]
    assert [one.event for one in pair.beta.store.tables.entries.values()] == ["received", "receipt-sent"]
