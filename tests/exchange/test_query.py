# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What operators can ask."""

from gateway.exchange.query import Query
from gateway.model import Party
from tests.partner_messages import contribution, said, tracking
from tests.partner_simulator import sealed


async def test_trace_follows_an_item(pair):
    """A trace names sources, who said each leaf, the shares and their batches."""
    await pair.alpha.submit(contribution(1))
    await pair.alpha.submit(
        said("waybill", reference="W", tracking_number=tracking(1), carrier=Party(name="Post")), number="m2"
    )
    (row,) = await sealed(pair.alpha, pair.channel, 1)
    receipt = await pair.beta.receiver.receive("alpha", row.envelope, row.payload)
    await pair.alpha.acknowledger.acknowledge("beta", receipt)
    trace = await pair.alpha.query.trace(tracking(1))
    assert [(one.kind, one.reference, one.message_id) for one in trace.sources] == [
        ("list", "L-1", "m1"),
        ("waybill", "W", "m2"),
    ]
    assert trace.provenance["carrier.name"] == ("waybill", trace.sources[1].contribution)
    (share,) = trace.shares
    assert (share.state, share.sequence, share.log_index, share.receipt_log_index) == ("accepted", 1, 0, 1)


async def test_a_submitter_is_told_of_its_own_messages_alone(pair):
    """Who sent something about an item is told its state, not what others said or where it went."""
    await pair.alpha.submit(contribution(1))
    full = await pair.alpha.query.trace(tracking(1))
    (row,) = await pair.alpha.store.read(lambda tx: tx.messages([full.sources[0].message]))
    own = await pair.alpha.query.trace_for(tracking(1), row.submitter)
    assert (own.sources, own.state, own.version) == (full.sources, full.state, full.version)
    assert full.item is not None
    assert (own.item, own.provenance, own.shares, own.records) == (None, {}, (), ())
    assert await pair.alpha.query.trace_for(tracking(1), "another") is None
    assert await pair.alpha.query.trace_for("X", row.submitter) is None


async def test_unknown_item_has_no_trace(pair):
    """A number that no message has named has no trace and no records."""
    assert await pair.alpha.query.trace("X") is None
    assert await pair.alpha.query.received("X") == []


async def test_status_shows_channels_and_couriers(pair):
    """The status names what is pending and what the courier is doing."""
    await pair.alpha.submit(contribution(1))
    await sealed(pair.alpha, pair.channel, 1)
    status = await Query(pair.alpha.store, {pair.channel: "pausing"}).status()
    (channel,) = status.channels
    assert (channel.pending, channel.courier, channel.direction) == (1, "pausing", "out")
    assert status.ledger.shares == {"batched": 1}


async def test_ledger_notices_what_does_not_add_up(pair):
    """A share that lost its batch makes an equation fail."""
    await pair.alpha.submit(contribution(1))
    await sealed(pair.alpha, pair.channel, 1)
    assert (await pair.alpha.query.ledger()).faults == ()
    pair.alpha.store.tables.batches.clear()
    assert (await pair.alpha.query.ledger()).faults == (
        "records of batches without receipt = shares batched",
    )
