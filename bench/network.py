# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What the bytes of an item cost on the wire: HTTP in, gRPC over mutual TLS between, on loopback.

Client and server live in this process, so the figures hold both; nothing is done with the bytes.
"""

import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import grpc
import grpc.aio
from aiohttp import web

from bench.stages import Samples
from gateway.clock import system_clock
from gateway.envelope.identity import KeySet
from gateway.envelope.issue import DEFAULT_HOSTS, write_keys

ENVELOPE_BYTES = 5_000  # a statement with both signatures
RECEIPT_BYTES = 5_000
TRANSFERS = 60
MESSAGES = 60
METHOD = "/bench.Wire/Deliver"


async def measure(samples: Samples, documents: int) -> dict[str, float]:
    """Return CPU microseconds per item of both."""
    return {"http_in": await _http(samples.message, documents), "grpc_mtls": await _grpc(samples)}


async def _http(message: bytes, documents: int) -> float:
    """Post list messages; the answer is as long as a hundred outcomes."""

    async def take(request: web.Request) -> web.Response:
        body = await request.read()
        return web.Response(body=body[: len(body) // 8])

    application = web.Application(client_max_size=1 << 26)
    application.router.add_post("/", take)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    async with aiohttp.ClientSession() as session:

        async def post() -> None:
            async with session.post(f"http://127.0.0.1:{port}/", data=message) as answer:
                await answer.read()

        await post()
        begun = time.process_time()
        for _ in range(MESSAGES):
            await post()
        figure = (time.process_time() - begun) / (MESSAGES * documents) * 1e6
    await runner.cleanup()
    return figure


async def _grpc(samples: Samples) -> float:
    """Stream transfers one way and receipts the other."""
    with tempfile.TemporaryDirectory() as folder:
        write_keys(Path(folder), "bench", system_clock(), DEFAULT_HOSTS)
        keys = KeySet.load(Path(folder))
    key, chain, authority = keys.tls_key, keys.tls_certificate, keys.ca

    async def deliver(requests: AsyncIterator[bytes], _: Any) -> AsyncIterator[bytes]:
        async for _frame in requests:
            yield bytes(RECEIPT_BYTES)

    handler: Any = grpc.stream_stream_rpc_method_handler(deliver)
    server = grpc.aio.server()
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler("bench.Wire", {"Deliver": handler}),)
    )
    credentials = grpc.ssl_server_credentials([(key, chain)], authority, require_client_auth=True)
    port = server.add_secure_port("127.0.0.1:0", credentials)
    await server.start()
    frame = bytes(ENVELOPE_BYTES) + samples.payload
    own = grpc.ssl_channel_credentials(authority, key, chain)
    async with grpc.aio.secure_channel(f"127.0.0.1:{port}", own) as channel:
        call: Any = channel.stream_stream(METHOD)()
        await call.write(frame)
        await call.read()
        begun = time.process_time()
        for _ in range(TRANSFERS):
            await call.write(frame)
            await call.read()
        figure = (time.process_time() - begun) / (TRANSFERS * samples.records) * 1e6
        await call.done_writing()
        await call.read()
    await server.stop(1.0)
    return figure
