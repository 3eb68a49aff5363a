# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""An HTTP face on a real port with in-memory steps behind it."""

from dataclasses import dataclass, field

import aiohttp
import pytest

from gateway.config import Http, IntakeLimits
from gateway.web.serve import HttpServer
from tests.peering import MemoryIntake


class MemoryQuery:
    """Knows one item."""

    async def trace(self, tracking):
        return {"tracking_number": tracking, "shares": []} if tracking == "LX000000009CN" else None

    async def trace_for(self, tracking, submitter):
        return await self.trace(tracking) if submitter == "platform-a" else None

    async def received(self, tracking):
        return [{"tracking_number": tracking}] if tracking == "LX000000009CN" else []

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
