# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""A closed intake: every way in says so by the same finding, says when to come again, and keeps nothing."""

import json

import aiohttp
import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from gateway.config import Folder, Grpc, Http, IntakeLimits
from gateway.exchange.intake import Closed
from gateway.finding import finding
from gateway.server.folder import WatchedFolder
from gateway.web.serve import HttpServer
from gateway.wire.v1 import envelope_pb2, intake_pb2
from tests import partner_messages
from tests.partner_messages import contribution, message
from tests.partner_simulator import Gateway
from tests.peering import start_node

GOOD = message(contribution(9), number="good")


@pytest.fixture(scope="session", name="alpha_keys")
def _alpha_keys(tmp_path_factory):
    """Real keys for the gateway behind the faces."""
    return partner_messages.make_keys(tmp_path_factory.mktemp("alpha"), ("alpha", "beta"))


class Door:
    """What intake asks before it takes anything."""

    def __init__(self):
        self.closed = True

    async def admit(self):
        """Refuse while closed."""
        if self.closed:
            raise Closed("a time stamp is overdue", finding("STAMP-OVERDUE"), 30)


@pytest.fixture(name="gateway")
def _gateway(alpha_keys):
    """A gateway whose intake is closed, and its door."""
    gateway, door = Gateway("alpha", alpha_keys, [partner_messages.agreement()]), Door()
    gateway.intake._admit = door.admit
    return gateway, door


async def kept(gateway):
    """Return how many messages are kept."""
    return (await gateway.query.ledger()).counts.messages


async def test_http_says_503_and_when(gateway) -> None:
    """Over HTTP a closed intake is 503 with Retry-After and the finding, and opens by itself."""
    gateway, door = gateway
    server = HttpServer(
        Http(listen="127.0.0.1:0"),
        IntakeLimits(),
        intake=gateway.intake,
        query=gateway.query,
        ready=lambda: True,
    )
    url = f"http://127.0.0.1:{await server.start()}/v1/messages"
    async with aiohttp.ClientSession() as session:
        async with session.post(url, data=GOOD) as reply:
            assert (reply.status, reply.headers["Retry-After"]) == (503, "30")
            body = json.loads(await reply.read())
            assert [one["code"] for one in body["findings"]] == ["STAMP-OVERDUE"]
        assert await kept(gateway) == 0
        door.closed = False
        async with session.post(url, data=GOOD) as reply:
            assert (reply.status, reply.headers["X-Gateway-Outcome"]) == (200, "accepted")
    await server.stop()


async def test_grpc_says_unavailable_and_when(keys, gateway) -> None:
    """Over gRPC a closed intake is UNAVAILABLE with a retry hint and the finding, and opens by itself."""
    gateway, door = gateway
    node = await start_node(keys, Grpc(listen="127.0.0.1:0", drain_seconds=1), intake=gateway.intake)
    request = intake_pb2.SubmitRequest(message=GOOD).SerializeToString()
    async with node.channel(keys.own) as channel:
        submit = channel.unary_unary("/customs.ead.v1.Intake/Submit")
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await submit(request, timeout=5)
        assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
        hint, found = rpc_status.from_call(caught.value).details
        retry, wire = error_details_pb2.RetryInfo(), envelope_pb2.WireFinding()
        assert hint.Unpack(retry)
        assert found.Unpack(wire)
        assert (retry.retry_delay.seconds, wire.code) == (30, "STAMP-OVERDUE")
        assert await kept(gateway) == 0
        door.closed = False
        assert intake_pb2.SubmitReply.FromString(await submit(request, timeout=5)).outcome == "accepted"
    await node.server.drain()


async def test_folder_leaves_the_file(gateway, tmp_path) -> None:
    """A file stays where it is while intake is closed, and is taken at the next look after."""
    gateway, door = gateway
    folder = WatchedFolder(Folder(path=str(tmp_path)), IntakeLimits(), gateway.intake)
    (tmp_path / "one.xml").write_bytes(GOOD)
    for _ in range(3):
        await folder.look()
    assert (tmp_path / "one.xml").exists()
    assert await kept(gateway) == 0
    door.closed = False
    await folder.look()
    assert (tmp_path / "done" / "one.xml").exists()
