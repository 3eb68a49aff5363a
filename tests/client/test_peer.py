# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Delivering to and collecting from a real server."""

import asyncio
import socket
from dataclasses import replace

import pytest

from gateway.client.connection import ClientLimits
from gateway.client.peer import GrpcPeer
from gateway.config import Grpc
from gateway.errors import DeliveryError, VerificationError
from tests.peering import FOREIGN, INWARD, OUTWARD, OWN, PARTNER, eventually, start_node

QUICK = ClientLimits(connect_seconds=3, close_seconds=2)


def _peer(node, **changes):
    """Return the partner's client of a node."""
    keys = changes.pop("keys", node.keys.partner)
    limits = changes.pop("limits", QUICK)
    return GrpcPeer(replace(node.address(), **changes), keys, organisation=PARTNER, limits=limits)


async def test_deliver_sends_and_takes_receipts(node):
    """Bytes arrive as they were given and the receipts come back in order."""
    node.receiver.confirmed = 7
    stream = await _peer(node).deliver(INWARD)
    assert stream.confirmed == 7
    odd = bytes(range(256)) * 300
    for number in range(40):
        await stream.send(b"%d" % number, odd)
    receipts = [await stream.receipt() for _ in range(40)]
    await stream.close()
    assert receipts == [b"receipt of %d" % number for number in range(40)]
    assert node.receiver.taken == [(PARTNER, b"%d" % number, odd) for number in range(40)]


async def test_one_peer_opens_many_streams(node):
    """Streams of one peer are independent; closing one leaves the other open."""
    peer = _peer(node)
    first, second = await peer.deliver(INWARD), await peer.deliver(INWARD)
    await first.close()
    await second.send(b"e", b"p")
    assert await second.receipt() == b"receipt of e"
    await second.close()


@pytest.mark.parametrize(
    ("channel", "retryable"),
    [(f"{FOREIGN}/{OWN}/item", False), (f"{PARTNER}/{OWN}/nothing", False)],
)
async def test_refused_channels_are_final(node, channel, retryable):
    """A channel that no agreement opens is refused for good, with the partner's finding code."""
    with pytest.raises(DeliveryError, match="SERVER-CHANNEL") as raised:
        await _peer(node).deliver(channel)
    assert raised.value.retryable is retryable


async def test_unreachable_partner_can_be_tried_again(node):
    """Nobody listening is worth another try, and fails within the time limit."""
    with pytest.raises(DeliveryError) as raised:
        await _peer(node, endpoint="localhost:1").deliver(INWARD)
    assert raised.value.retryable


async def test_silent_server_times_out(keys):
    """Something that accepts connections and says nothing does not hold the lane."""
    silent = socket.create_server(("127.0.0.1", 0))
    port = silent.getsockname()[1]
    node = await start_node(keys)
    with pytest.raises(DeliveryError) as raised:
        await _peer(node, endpoint=f"localhost:{port}", limits=ClientLimits(connect_seconds=0.5)).deliver(
            INWARD
        )
    assert raised.value.retryable
    silent.close()
    await node.server.drain()


async def test_host_name_must_be_in_the_certificate(node):
    """A server under a name that its certificate does not carry is not talked to."""
    with pytest.raises(DeliveryError):
        await _peer(node, endpoint=f"127.0.0.2:{node.port}").deliver(INWARD)
    assert node.receiver.begun == 0


async def test_only_the_authority_of_the_bundle_is_trusted(node):
    """A server whose certificate another authority issued is not talked to."""
    with pytest.raises(DeliveryError):
        await _peer(node, authorities=(node.keys.foreign.ca,)).deliver(INWARD)


async def test_answer_of_another_organisation_is_refused(node):
    """An endpoint that answers as somebody else than the bundle says is not trusted."""
    with pytest.raises(VerificationError) as raised:
        await _peer(node, organisation="dd-customs").deliver(INWARD)
    assert raised.value.findings[0].code == "CLIENT-IDENTITY"


async def test_draining_partner_answers_what_is_open(node):
    """After the partner drains, open receipts still come, sending stops, and the end can be retried."""
    stream = await _peer(node).deliver(INWARD)
    node.receiver.gate.clear()
    await stream.send(b"1", b"p")
    await stream.send(b"2", b"p")
    await eventually(lambda: node.receiver.begun)
    draining = asyncio.create_task(node.server.drain())
    await asyncio.sleep(0.1)
    node.receiver.gate.set()
    assert [await stream.receipt(), await stream.receipt()] == [b"receipt of 1", b"receipt of 2"]
    for _ in range(2):
        with pytest.raises(DeliveryError) as raised:
            await stream.receipt()
        assert raised.value.retryable
    with pytest.raises(DeliveryError):
        await stream.send(b"3", b"p")
    await stream.close()
    await asyncio.wait_for(draining, 5)


async def test_server_failure_ends_the_stream(node):
    """An error at the partner ends receipts and sends with a retryable error."""
    stream = await _peer(node).deliver(INWARD)
    node.receiver.fault = RuntimeError("broken")
    await stream.send(b"1", b"p")
    with pytest.raises(DeliveryError, match="INTERNAL") as raised:
        await stream.receipt()
    assert raised.value.retryable
    with pytest.raises(DeliveryError):
        await stream.send(b"2", b"p")
    await stream.close()


async def test_too_large_is_refused_before_sending(node):
    """A transfer above the message limit never leaves and is not tried again."""
    stream = await _peer(node, limits=ClientLimits(max_message_bytes=4096)).deliver(INWARD)
    with pytest.raises(DeliveryError) as raised:
        await stream.send(b"e", b"x" * 4096)
    assert not raised.value.retryable
    await stream.send(b"e", b"x")
    assert await stream.receipt() == b"receipt of e"
    await stream.close()


async def test_collect_takes_and_answers(node):
    """Pull hands out transfers in order and takes the receipts."""
    node.outbox.add(5)
    stream = await _peer(node).collect(OUTWARD, 2)
    assert stream.confirmed == 0
    for number in range(1, 6):
        assert await stream.transfer() == (b"envelope %d" % number, b"payload")
        await stream.answer(b"r%d" % number)
    await eventually(lambda: len(node.outbox.receipts) == 5)
    await stream.close()
    assert node.outbox.receipts == [b"r%d" % number for number in range(1, 6)]


async def test_collect_answers_a_draining_partner(node):
    """A collector may still send the receipts of what it took when the partner drains."""
    node.outbox.add(1)
    stream = await _peer(node).collect(OUTWARD, 0)
    await stream.transfer()
    draining = asyncio.create_task(node.server.drain())
    await asyncio.sleep(0.1)
    await stream.answer(b"r1")
    with pytest.raises(DeliveryError):
        await stream.transfer()
    await stream.close()
    await draining
    assert node.outbox.receipts == [b"r1"]


async def test_closing_early_leaves_no_task(keys):
    """Closing with receipts open ends the reader and the connection."""
    node = await start_node(keys, Grpc(listen="127.0.0.1:0", drain_seconds=1))
    before = len(asyncio.all_tasks())
    stream = await _peer(node, limits=ClientLimits(close_seconds=0.2)).deliver(INWARD)
    node.receiver.gate.clear()
    await stream.send(b"1", b"p")
    await stream.close()
    node.receiver.gate.set()
    await node.server.drain()
    await asyncio.sleep(0.05)
    assert len(asyncio.all_tasks()) <= before
