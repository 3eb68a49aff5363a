# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Limits, deadlines, health and reflection of the running server."""

import asyncio

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from grpc_status import rpc_status

from gateway.config import Grpc
from gateway.errors import ConfigError
from gateway.server.serve import CallLimits
from gateway.wire.v1 import envelope_pb2, peer_pb2
from tests.peering import OWN, eventually, hello, start_node, transfer

ECHO = "/customs.ead.v1.Peer/Echo"
DELIVER = "/customs.ead.v1.Peer/Deliver"


def _codes(error):
    found = []
    for detail in rpc_status.from_call(error).details:
        one = envelope_pb2.WireFinding()
        if detail.Unpack(one):
            found.append(one.code)
    return found


async def _greet(channel):
    """Open a stream; return the answer to the hello."""
    call = channel.stream_stream(DELIVER)()
    await call.write(hello())
    return await call.read()


async def _size(node, size):
    """Deliver one frame of exactly this size; return the receipt."""
    short = transfer(b"e", b"x" * (size - 20))
    frame = transfer(b"e", b"x" * (size - 20 + size - len(short)))
    assert len(frame) == size
    async with node.channel() as channel:
        call = channel.stream_stream(DELIVER)()
        await call.write(hello())
        await call.read()
        await call.write(frame)
        return peer_pb2.Frame.FromString(await asyncio.wait_for(call.read(), 10)).receipt


@pytest.mark.parametrize("limit", [64 * 1024, 1024 * 1024])
async def test_a_message_at_the_limit_passes_and_one_byte_more_does_not(keys, limit):
    """The size limit is exact."""
    node = await start_node(keys, Grpc(listen="127.0.0.1:0", max_message_bytes=limit, drain_seconds=1))
    assert await _size(node, limit) == b"receipt of e"
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await _size(node, limit + 1)
    assert raised.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert len(node.receiver.taken) == 1
    await node.server.drain()


async def test_compressed_messages_are_refused(node):
    """Compression by gRPC is off, so that nothing expands beyond the limit unseen."""
    async with node.channel() as channel:
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await channel.unary_unary(ECHO)(
                peer_pb2.EchoRequest(nonce=b"n" * 60).SerializeToString(),
                timeout=5,
                compression=grpc.Compression.Gzip,
            )
    assert raised.value.code() is grpc.StatusCode.UNIMPLEMENTED


@pytest.mark.parametrize("seconds", [None, 3600])
async def test_deadlines_are_demanded(node, seconds):
    """A unary call without a deadline, or with one too far away, is refused."""
    async with node.channel() as channel:
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await channel.unary_unary(ECHO)(b"", timeout=seconds)
    assert raised.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert _codes(raised.value) == ["SERVER-DEADLINE"]


@pytest.mark.parametrize("method", ["Echo", "Checkpoint", "Inclusion", "Consistency"])
async def test_garbage_requests_are_refused(node, method):
    """Bytes that are not the request get a finding, not a stack trace."""
    async with node.channel() as channel:
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await channel.unary_unary(f"/customs.ead.v1.Peer/{method}")(b"\xff\xff", timeout=5)
    assert raised.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert _codes(raised.value) == ["SERVER-FRAME"]


async def test_one_organisation_cannot_take_all_calls(keys):
    """Calls above the limit of an organisation are refused with a retry hint; ended ones make room."""
    limits = CallLimits(per_organisation=2)
    node = await start_node(keys, Grpc(listen="127.0.0.1:0", drain_seconds=1), limits)
    node.receiver.gate.clear()
    async with node.channel() as first, node.channel() as second:
        calls = [first.stream_stream(DELIVER)() for _ in range(2)]
        for call in calls:
            await call.write(hello())
            await call.read()
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await second.unary_unary(ECHO)(b"", timeout=5)
        assert raised.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert _codes(raised.value) == ["SERVER-BUSY"]
        await calls[0].done_writing()
        assert await calls[0].read() is grpc.aio.EOF
        await second.unary_unary(ECHO)(b"", timeout=5)
        calls[1].cancel()
    await node.server.drain()


async def test_the_server_bounds_all_calls(keys):
    """Calls above the limit of the server are refused."""
    node = await start_node(keys, Grpc(listen="127.0.0.1:0", max_concurrent_rpcs=3, drain_seconds=1))
    async with node.channel() as channel, node.channel() as other:
        calls = [channel.stream_stream(DELIVER)() for _ in range(3)]
        for call in calls:
            await call.write(hello())
            await call.read()
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await other.unary_unary(ECHO)(b"", timeout=5)
        assert raised.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        for call in calls:
            call.cancel()
    await node.server.drain()


async def test_health_follows_the_drain(node):
    """Health says serving until the drain begins, then not serving to those who watch."""
    async with node.channel() as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        request = health_pb2.HealthCheckRequest(service="customs.ead.v1.Peer")
        assert (await stub.Check(request, timeout=5)).status == health_pb2.HealthCheckResponse.SERVING
        watch = stub.Watch(request)
        assert (await watch.read()).status == health_pb2.HealthCheckResponse.SERVING
        draining = asyncio.create_task(node.server.drain())
        assert (await watch.read()).status == health_pb2.HealthCheckResponse.NOT_SERVING
        watch.cancel()
        await draining


async def test_draining_server_takes_no_new_stream(node):
    """A stream opened during the drain is told to try again."""
    async with node.channel() as channel:
        held = channel.stream_stream(DELIVER)()
        await held.write(hello())
        await held.read()
        draining = asyncio.create_task(node.server.drain())
        assert peer_pb2.Frame.FromString(await held.read()).draining
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await _greet(channel)
        assert raised.value.code() is grpc.StatusCode.UNAVAILABLE
        await held.done_writing()
        await draining


async def _reflected(node):
    """Ask for the list of services."""
    async with node.channel() as channel:
        call = reflection_pb2_grpc.ServerReflectionStub(channel).ServerReflectionInfo()
        await call.write(reflection_pb2.ServerReflectionRequest(list_services=""))
        reply = await call.read()
        await call.done_writing()
        return {one.name for one in reply.list_services_response.service}


async def test_reflection_lists_the_services(keys):
    """With reflection switched on a development tool can see every service."""
    node = await start_node(keys, Grpc(listen="127.0.0.1:0", reflection=True, drain_seconds=1))
    expected = {"customs.ead.v1.Peer", "customs.ead.v1.Intake", "grpc.health.v1.Health"}
    assert expected <= await _reflected(node)
    await node.server.drain()


async def test_reflection_is_off_by_default(node):
    """Without the switch there is no reflection service."""
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await _reflected(node)
    assert raised.value.code() is grpc.StatusCode.UNIMPLEMENTED


async def test_ended_streams_leave_nothing(node):
    """However streams end, no reader task stays behind."""
    before = len(asyncio.all_tasks())
    for ending in ("close", "cancel", "garbage", "no hello") * 3:
        async with node.channel() as channel:
            call = channel.stream_stream(DELIVER)()
            if ending != "no hello":
                await call.write(hello())
                await call.read()
            if ending == "garbage":
                await call.write(b"\xff")
            if ending == "cancel":
                call.cancel()
            else:
                await call.done_writing()
                await asyncio.wait([asyncio.ensure_future(call.code())])
    await eventually(lambda: len(asyncio.all_tasks()) <= before)


async def test_calls_are_counted(node):
    """Every call ends up in the metrics with its method and status, and no organisation."""
    async with node.channel() as channel:
        await channel.unary_unary(ECHO)(b"", timeout=5)
        with pytest.raises(grpc.aio.AioRpcError):
            await channel.unary_unary(ECHO)(b"\xff", timeout=5)
    text = node.server.metrics.render().decode()
    assert f'gateway_grpc_calls_total{{method="{ECHO}",status="OK"}} 1' in text
    assert f'gateway_grpc_calls_total{{method="{ECHO}",status="INVALID_ARGUMENT"}} 1' in text
    assert OWN not in text


async def test_a_taken_port_is_a_configuration_error(node, keys):
    """A port that is in use is reported as configuration, not as a crash."""
    with pytest.raises(ConfigError):
        await start_node(keys, Grpc(listen=f"127.0.0.1:{node.port}"))
