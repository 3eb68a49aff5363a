# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""HTTP, gRPC and folder are one intake: the same bytes lead to the same answer and the same effect."""

import gzip
import json
from dataclasses import dataclass

import aiohttp
import grpc
import pytest

from gateway.config import Folder, Grpc, Http, IntakeLimits
from gateway.finding import finding
from gateway.server.folder import WatchedFolder
from gateway.web.serve import HttpServer
from gateway.wire.v1 import intake_pb2
from tests import partner_messages
from tests.partner_messages import contribution, message
from tests.partner_simulator import Gateway
from tests.peering import start_node

FACES = ("http", "grpc", "grpc-stream", "folder")


@dataclass
class Answer:
    """What a submitter sees, whatever the way: the acknowledgement, and whether anything counts."""

    body: bytes
    refused: bool


@pytest.fixture(scope="session", name="alpha_keys")
def _alpha_keys(tmp_path_factory):
    """Real keys for the gateway behind the faces."""
    return partner_messages.make_keys(tmp_path_factory.mktemp("alpha"), ("alpha", "beta"))


class Faces:
    """One gateway behind all ways in."""

    def __init__(self, gateway, node, http, folder, root):
        self.gateway = gateway
        self._node = node
        self._http = http
        self._folder = folder
        self._root = root
        self._count = 0

    async def submit(self, face, raw, encoding=""):
        """Submit over one of the ways; None if the bytes could not be taken at all."""
        way = {"http": self._over_http, "folder": self._over_folder}.get(face, self._over_grpc)
        return await (way(raw, encoding) if way != self._over_grpc else way(raw, encoding, face))

    async def _over_http(self, raw, encoding):
        headers = {"Content-Encoding": encoding} if encoding else {}
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"http://127.0.0.1:{self._http}/v1/messages", data=raw, headers=headers) as reply,
        ):
            if "X-Gateway-Outcome" not in reply.headers:
                return None
            return Answer(await reply.read(), reply.status == 422)

    async def _over_grpc(self, raw, encoding, face):
        request = intake_pb2.SubmitRequest(message=raw, encoding=encoding).SerializeToString()
        async with self._node.channel(self._node.keys.own) as channel:
            try:
                if face == "grpc":
                    raw_reply = await channel.unary_unary("/customs.ead.v1.Intake/Submit")(request, timeout=5)
                else:
                    call = channel.stream_stream("/customs.ead.v1.Intake/SubmitStream")()
                    await call.write(request)
                    raw_reply = await call.read()
                    await call.done_writing()
            except grpc.aio.AioRpcError as error:
                if error.code() is grpc.StatusCode.INVALID_ARGUMENT:
                    return None
                raise
        reply = intake_pb2.SubmitReply.FromString(raw_reply)
        refused = reply.outcome == "refused" or (reply.outcome == "repeated" and not reply.accepted)
        return Answer(reply.acknowledgement, refused)

    async def _over_folder(self, raw, encoding):
        self._count += 1
        name = f"{self._count}.xml" + {"": "", "gzip": ".gz"}[encoding]
        (self._root / name).write_bytes(raw)
        await self._folder.look()
        await self._folder.look()
        for place in ("done", "refused"):
            if (self._root / place / name).exists():
                receipt = next((self._root / place).glob(f"{name}.receipt.*"))
                return Answer(receipt.read_bytes(), place == "refused")
        assert (self._root / "failed" / name).exists()
        return None


@pytest.fixture(name="faces")
async def _faces(keys, alpha_keys, tmp_path):
    """Start all ways in over the real intake step."""
    gateway = Gateway("alpha", alpha_keys, [partner_messages.agreement()])
    node = await start_node(keys, Grpc(listen="127.0.0.1:0", drain_seconds=1), intake=gateway.intake)
    limits = IntakeLimits()
    http = HttpServer(
        Http(listen="127.0.0.1:0"),
        limits,
        intake=gateway.intake,
        query=gateway.query,
        ready=lambda: True,
    )
    folder = WatchedFolder(Folder(path=str(tmp_path)), limits, gateway.intake)
    yield Faces(gateway, node, await http.start(), folder, tmp_path)
    await http.stop()
    await node.server.drain()


GOOD = message(contribution(9), number="good")
PART = message(contribution(12), contribution(12, destination_country="NZ"), number="part")
BAD = message(contribution(30), number="bad", findings=[finding("SCHEMA-MISSING")])


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("raw", [GOOD, PART, BAD], ids=["good", "part", "bad"])
async def test_every_way_gives_the_same_answer(faces, face, raw):
    """What one way answered, every other way answers to the same bytes, plain or packed; it counts once."""
    first = await faces.submit(face, raw)
    assert first is not None
    assert first.refused is (raw is BAD)
    before = await faces.gateway.query.ledger()
    for other in FACES:
        assert await faces.submit(other, raw) == first
        assert await faces.submit(other, gzip.compress(raw), "gzip") == first
    assert await faces.gateway.query.ledger() == before


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize(("raw", "encoding"), [(b"", ""), (b"no gzip", "gzip"), (GOOD, "gzip")])
async def test_no_way_takes_what_cannot_be_read(faces, face, raw, encoding):
    """Bytes that are no message at all are kept by none of the ways."""
    before = await faces.gateway.query.ledger()
    assert await faces.submit(face, raw, encoding) is None
    assert await faces.gateway.query.ledger() == before


async def test_real_views_are_json(faces):
    """What the query step returns goes out as JSON."""
    await faces.submit("grpc", GOOD)
    async with aiohttp.ClientSession() as session:
        for path in ("items/RX000000009CN", "status", "ledger"):
            async with session.get(f"http://127.0.0.1:{faces._http}/v1/{path}") as reply:
                assert reply.status == 200
                assert json.loads(await reply.read())


async def test_samples_are_what_they_are_called(faces):
    """The samples of these tests are taken whole, in part, and not at all."""
    outcomes = [
        (await faces.gateway.intake.submit(raw, source="test", submitter="tester")).outcome
        for raw in (GOOD, PART, BAD)
    ]
    assert outcomes == ["accepted", "partial", "refused"]
