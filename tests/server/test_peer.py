# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Streams of the Peer service, against its five rules."""

import asyncio
import os
import signal

import grpc
import pytest
from grpc_status import rpc_status

from gateway.config import Grpc
from gateway.server.serve import CallLimits
from gateway.wire.v1 import envelope_pb2, peer_pb2
from tests.peering import FOREIGN, INWARD, OUTWARD, OWN, PARTNER, eventually, hello, start_node, transfer

DELIVER, COLLECT = "/customs.ead.v1.Peer/Deliver", "/customs.ead.v1.Peer/Collect"
GARBAGE = b"\xff\xff\xff\xff"


class Raw:
    """One raw stream to a node."""

    def __init__(self, node, method=DELIVER):
        self.channel = node.channel()
        self.call = self.channel.stream_stream(method)()

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        self.call.cancel()
        await self.channel.close()

    async def say(self, *frames):
        for frame in frames:
            await self.call.write(frame)

    async def hear(self):
        return peer_pb2.Frame.FromString(await asyncio.wait_for(self.call.read(), 5))

    async def to_the_end(self):
        while await asyncio.wait_for(self.call.read(), 5) is not grpc.aio.EOF:
            pass

    async def refusal(self):
        """Read until the stream fails; return its status and the finding codes."""
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await self.to_the_end()
        codes = []
        for detail in rpc_status.from_call(raised.value).details:
            one = envelope_pb2.WireFinding()
            if detail.Unpack(one):
                codes.append(one.code)
        return raised.value.code(), codes


async def test_transfers_are_answered_in_order(node):
    """Hello tells where to resume; every transfer gets its receipt, in order, on untouched bytes."""
    node.receiver.confirmed = 41
    odd = bytes(range(256)) * 40
    async with Raw(node) as stream:
        await stream.say(hello())
        answer = (await stream.hear()).hello
        assert (answer.organisation, answer.channel, answer.confirmed_sequence) == (OWN, INWARD, 41)
        await stream.say(*(transfer(b"%d" % number, odd) for number in range(50)))
        receipts = [(await stream.hear()).receipt for _ in range(50)]
        await stream.call.done_writing()
        assert await stream.call.read() is grpc.aio.EOF
    assert receipts == [b"receipt of %d" % number for number in range(50)]
    assert [(who, payload) for who, _, payload in node.receiver.taken] == [(PARTNER, odd)] * 50


@pytest.mark.parametrize(
    ("frames", "status", "code"),
    [
        ([GARBAGE], grpc.StatusCode.INVALID_ARGUMENT, "SERVER-FRAME"),
        ([b""], grpc.StatusCode.INVALID_ARGUMENT, "SERVER-HELLO-MISSING"),
        ([transfer(b"e")], grpc.StatusCode.INVALID_ARGUMENT, "SERVER-HELLO-MISSING"),
        ([hello(), hello()], grpc.StatusCode.INVALID_ARGUMENT, "SERVER-HELLO-REPEATED"),
        ([hello(), GARBAGE], grpc.StatusCode.INVALID_ARGUMENT, "SERVER-FRAME"),
        (
            [hello(), peer_pb2.Frame(receipt=b"r").SerializeToString()],
            grpc.StatusCode.INVALID_ARGUMENT,
            "SERVER-FRAME",
        ),
        ([hello(organisation=FOREIGN)], grpc.StatusCode.UNAUTHENTICATED, "SERVER-ORGANISATION"),
        ([hello(f"{FOREIGN}/{OWN}/item")], grpc.StatusCode.PERMISSION_DENIED, "SERVER-CHANNEL"),
        ([hello(f"{PARTNER}/{FOREIGN}/item")], grpc.StatusCode.PERMISSION_DENIED, "SERVER-CHANNEL"),
        ([hello(OUTWARD)], grpc.StatusCode.PERMISSION_DENIED, "SERVER-CHANNEL"),
        ([hello(f"{INWARD}/more")], grpc.StatusCode.PERMISSION_DENIED, "SERVER-CHANNEL"),
        ([hello(f"{PARTNER}/{OWN}/nothing")], grpc.StatusCode.PERMISSION_DENIED, "SERVER-CHANNEL"),
    ],
)
async def test_wrong_frames_are_refused(node, frames, status, code):
    """Frames out of order, of others, or no frames end the stream with a finding and have no effect."""
    async with Raw(node) as stream:
        await stream.say(*frames)
        assert await stream.refusal() == (status, [code])
    assert node.receiver.taken == []


async def test_collect_refuses_the_inward_channel(node):
    """What runs towards this node cannot be collected from it."""
    async with Raw(node, COLLECT) as stream:
        await stream.say(hello(INWARD))
        assert (await stream.refusal())[1] == ["SERVER-CHANNEL"]


async def test_hello_must_come_in_time(keys):
    """A stream that stays silent is ended, so idle streams cannot pile up."""
    node = await start_node(keys, limits=CallLimits(hello_seconds=0.1))
    async with Raw(node) as stream:
        assert (await stream.refusal())[1] == ["SERVER-HELLO-MISSING"]
    await node.server.drain()


async def test_errors_do_not_leave_the_node(node):
    """An unexpected error becomes INTERNAL without its text."""
    node.receiver.fault = RuntimeError(f"{FOREIGN} table broken")
    async with Raw(node) as stream:
        await stream.say(hello(), transfer(b"e"))
        await stream.hear()
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await stream.call.read()
    assert raised.value.code() is grpc.StatusCode.INTERNAL
    assert raised.value.details() == "internal error"


async def test_a_window_of_frames_is_read_ahead(node):
    """While the first transfer is held up the node takes no more than a window; nothing is lost."""
    node.receiver.gate.clear()
    async with Raw(node) as stream:
        await stream.say(hello(), *(transfer(b"%d" % number) for number in range(40)))
        await stream.hear()
        await asyncio.sleep(0.1)
        assert node.receiver.begun == 1
        node.receiver.gate.set()
        receipts = [(await stream.hear()).receipt for _ in range(40)]
    assert receipts[-1] == b"receipt of 39"


async def test_work_outlives_its_caller(node):
    """A transfer that is being stored when the peer goes away is stored to the end."""
    node.receiver.gate.clear()
    async with Raw(node) as stream:
        await stream.say(hello(), transfer(b"e"))
        await stream.hear()
        await eventually(lambda: node.receiver.begun)
    await asyncio.sleep(0.1)
    node.receiver.gate.set()
    await asyncio.sleep(0.05)
    assert len(node.receiver.taken) == 1


async def test_drain_on_sigterm_keeps_the_receipt_in_flight(node):
    """After SIGTERM the peer is told, what is on its way is answered, and the stream ends in order."""
    loop = asyncio.get_running_loop()
    drained = loop.create_future()

    def stop():
        drained.set_result(loop.create_task(node.server.drain()))

    loop.add_signal_handler(signal.SIGTERM, stop)
    node.receiver.gate.clear()
    async with Raw(node) as stream:
        await stream.say(hello(), transfer(b"1"), transfer(b"2"))
        await stream.hear()
        await eventually(lambda: node.receiver.begun)
        os.kill(os.getpid(), signal.SIGTERM)
        draining = await drained
        await asyncio.sleep(0.1)
        node.receiver.gate.set()
        frames = [await stream.hear() for _ in range(3)]
        assert [one.WhichOneof("body") for one in frames].count("draining") == 1
        assert [one.receipt for one in frames if one.receipt] == [b"receipt of 1", b"receipt of 2"]
        await stream.call.done_writing()
        assert await asyncio.wait_for(stream.call.read(), 5) is grpc.aio.EOF
        assert await stream.call.code() is grpc.StatusCode.OK
        await asyncio.wait_for(draining, 5)
    loop.remove_signal_handler(signal.SIGTERM)


async def test_drain_ends_a_peer_that_does_not_listen(keys):
    """A peer that ignores the draining frame is ended when the grace is over."""
    node = await start_node(keys, Grpc(listen="127.0.0.1:0", drain_seconds=1))
    async with Raw(node) as stream:
        await stream.say(hello())
        await stream.hear()
        await asyncio.wait_for(node.server.drain(), 5)
        assert (await stream.hear()).draining


async def test_streams_are_bounded_in_age(keys):
    """An old stream is asked to come again, so that revocation and balance reach everybody."""
    node = await start_node(keys, Grpc(listen="127.0.0.1:0", max_stream_age_seconds=1, drain_seconds=1))
    async with Raw(node) as stream:
        await stream.say(hello())
        await stream.hear()
        assert (await stream.hear()).draining
        await stream.say(transfer(b"late"))
        assert (await stream.hear()).receipt == b"receipt of late"
        await stream.call.done_writing()
        assert await asyncio.wait_for(stream.call.read(), 5) is grpc.aio.EOF
    await node.server.drain()


async def test_collect_keeps_a_window_open(keys):
    """Pull sends at most a window, then one more for each receipt, in sequence order."""
    node = await start_node(keys, limits=CallLimits(window=4, poll_seconds=0.05))
    node.outbox.add(10)
    async with Raw(node, COLLECT) as stream:
        await stream.say(hello(OUTWARD))
        assert (await stream.hear()).hello.confirmed_sequence == 0
        seen = [(await stream.hear()).transfer.envelope for _ in range(4)]
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.shield(reading := asyncio.ensure_future(stream.call.read())), 0.2)
        await stream.say(peer_pb2.Frame(receipt=b"r1").SerializeToString())
        seen.append(peer_pb2.Frame.FromString(await reading).transfer.envelope)
        for number in range(2, 11):
            await stream.say(peer_pb2.Frame(receipt=b"r%d" % number).SerializeToString())
            if len(seen) < 10:
                seen.append((await stream.hear()).transfer.envelope)
        await eventually(lambda: len(node.outbox.receipts) == 10)
        node.outbox.add(1)
        seen.append((await stream.hear()).transfer.envelope)
    assert seen == [b"envelope %d" % number for number in range(1, 12)]
    assert node.outbox.receipts == [b"r%d" % number for number in range(1, 11)]
    await node.server.drain()


@pytest.mark.parametrize(("ours", "theirs", "first"), [(3, 3, 4), (3, 9, 4), (9, 3, 4), (0, 0, 1)])
async def test_collect_resumes_after_the_lower_confirmation(node, ours, theirs, first):
    """A lost receipt or a partner restored from a backup leads to sending again, never to a gap."""
    node.outbox.add(12)
    node.outbox.base = ours
    async with Raw(node, COLLECT) as stream:
        await stream.say(hello(OUTWARD, confirmed=theirs))
        assert (await stream.hear()).hello.confirmed_sequence == ours
        assert (await stream.hear()).transfer.envelope == b"envelope %d" % first


async def test_collect_refuses_receipts_for_nothing(node):
    """A receipt without an open transfer ends the stream."""
    async with Raw(node, COLLECT) as stream:
        await stream.say(hello(OUTWARD), peer_pb2.Frame(receipt=b"r1").SerializeToString())
        assert (await stream.refusal())[1] == ["SERVER-FRAME"]
    assert node.outbox.receipts == []


async def test_collect_drains_after_the_open_receipts(node):
    """A draining node sends nothing new to a collector, and ends once the open receipts are in."""
    node.outbox.add(2)
    async with Raw(node, COLLECT) as stream:
        await stream.say(hello(OUTWARD))
        frames = [await stream.hear() for _ in range(3)]
        assert [one.WhichOneof("body") for one in frames] == ["hello", "transfer", "transfer"]
        draining = asyncio.create_task(node.server.drain())
        assert (await stream.hear()).draining
        node.outbox.add(1)
        await stream.say(*(peer_pb2.Frame(receipt=b"r%d" % one).SerializeToString() for one in (1, 2)))
        assert await asyncio.wait_for(stream.call.read(), 5) is grpc.aio.EOF
        await draining
    assert len(node.outbox.receipts) == 2


async def test_collect_goes_back_to_a_gap(keys):
    """A receipt that tells a gap makes the node send again from the number it names."""
    node = await start_node(keys, limits=CallLimits(window=3, poll_seconds=0.05))
    node.outbox.add(5)
    node.outbox.base = 2
    async with Raw(node, COLLECT) as stream:
        await stream.say(hello(OUTWARD, confirmed=2))
        await stream.hear()
        seen = [(await stream.hear()).transfer.envelope for _ in range(3)]
        await stream.say(peer_pb2.Frame(receipt=b"gap 1 at 3").SerializeToString())
        seen += [(await stream.hear()).transfer.envelope for _ in range(3)]
    assert seen == [b"envelope %d" % number for number in (3, 4, 5, 1, 2, 3)]
    await node.server.drain()


async def test_collect_ends_when_the_channel_stops(node):
    """A receipt that stops the channel ends the stream; nothing more goes out."""
    node.outbox.add(1)
    async with Raw(node, COLLECT) as stream:
        await stream.say(hello(OUTWARD))
        await stream.hear()
        await stream.hear()
        node.outbox.add(1)
        await stream.say(peer_pb2.Frame(receipt=b"stop 1").SerializeToString())
        while (raw := await asyncio.wait_for(stream.call.read(), 5)) is not grpc.aio.EOF:
            assert peer_pb2.Frame.FromString(raw).WhichOneof("body") == "transfer"
