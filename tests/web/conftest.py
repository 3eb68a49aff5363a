# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""An HTTP face on a real port with in-memory steps behind it."""

from dataclasses import dataclass, field

import aiohttp
import pytest

from gateway.config import Http, IntakeLimits
from gateway.exchange.query import ReceivedRecord, Trace
from gateway.model import Item, Release, ReleaseFunction
from gateway.web.serve import HttpServer
from tests.peering import MemoryIntake

KNOWN = "LX000000009CN"


def trace_of(tracking):
    """Return the trace of an item of which nothing is known but its number."""
    return Trace(1, tracking, "open", 1, Item(tracking_number=tracking), (), (), {}, ())


def received_of(tracking):
    """Return what a partner sent about it, the same."""
    item = Item(tracking_number=tracking)
    release = Release(reference="r", version=1, function=ReleaseFunction.ORIGINAL, item=item)
    return ReceivedRecord("customs-nl", "customs-nl/customs-cn/item", 1, "b", 0, 1, "accepted", 1, release)


class MemoryQuery:
    """Knows one item."""

    async def trace(self, tracking):
        return trace_of(tracking) if tracking == KNOWN else None

    async def trace_for(self, tracking, submitter):
        return await self.trace(tracking) if submitter == "platform-a" else None

    async def received(self, tracking):
        return [received_of(tracking)] if tracking == KNOWN else []

    async def status(self):
        return {"channels": []}

    async def ledger(self):
        return {"items": 0}


@dataclass
class Face:
    """A running HTTP face; without a token file unless it was started with one."""

    server: HttpServer
    intake: MemoryIntake
    ready: bool = True
    port: int = 0
    session: aiohttp.ClientSession | None = None
    opened: list = field(default_factory=list)

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"


@pytest.fixture(name="start")
async def _start():
    """Start faces; all are stopped after the test."""
    faces = []

    async def start(settings=None, limits=None, prepare=None, **times):
        intake = MemoryIntake()
        face = Face(None, intake)
        face.server = HttpServer(
            settings or Http(listen="127.0.0.1:0"),
            limits or IntakeLimits(max_bytes=2000, max_compressed_bytes=1000, max_in_flight=2),
            intake=intake,
            query=MemoryQuery(),
            ready=lambda: face.ready,
            **times,
        )
        if prepare:
            prepare(face.server)
        face.port = await face.server.start()
        face.session = aiohttp.ClientSession(auto_decompress=False)
        faces.append(face)
        return face

    yield start
    for face in faces:
        await face.session.close()
        await face.server.stop()


@pytest.fixture(name="face")
async def _face(start):
    """Return a face with the usual settings."""
    return await start()
