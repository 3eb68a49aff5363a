# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""POST /v1/messages on a real port."""

import asyncio
import contextlib
import gzip
import json
import socket
from pathlib import Path

import aiohttp
import pytest
import zstandard

from gateway.web.serve import IDLE_SECONDS

SOMAXCONN = Path("/proc/sys/net/core/somaxconn")


async def _post(face, body, path="/v1/messages", **headers):
    """Post a body; return status, headers and body."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    async with face.session.post(face.url(path), data=body, headers=sent) as reply:
        return reply.status, reply.headers, await reply.read()


def _codes(body):
    return [one["code"] for one in json.loads(body)["findings"]]


@pytest.mark.parametrize(
    ("body", "status", "outcome"),
    [(b"ok\nok", 200, "accepted"), (b"ok\nno", 200, "partial"), (b"no", 422, "refused")],
)
async def test_answer_is_the_acknowledgement(face, body, status, outcome):
    """The body is the format's own acknowledgement, also when the message is refused."""
    got, headers, answer = await _post(face, body)
    assert (got, headers["X-Gateway-Outcome"]) == (status, outcome)
    assert headers["X-Gateway-Message"] == "1"
    assert headers["X-Gateway-Documents"] == str(len(body.split()))
    assert headers["X-Gateway-Accepted"] == str(body.count(b"ok"))
    assert headers["Content-Type"] == "application/xml"
    assert answer.startswith(b"<receipt")
    again, headers, second = await _post(face, body)
    assert (again, headers["X-Gateway-Outcome"], second) == (status, "repeated", answer)


@pytest.mark.parametrize(("encoding", "pack"), [("gzip", gzip.compress), ("ZSTD", zstandard.compress)])
async def test_compressed_bodies_are_the_same_message(face, encoding, pack):
    """Compression is of the way, not of the message: plain and packed bytes are one message."""
    await _post(face, b"ok")
    status, headers, _ = await _post(face, pack(b"ok"), Content_Encoding=encoding)
    assert (status, headers["X-Gateway-Outcome"]) == (200, "repeated")


@pytest.mark.parametrize(
    ("body", "encoding", "status", "code"),
    [
        (b"x" * 2001, "", 413, "INTAKE-TOO-LARGE"),
        (b"x" * 1001, "gzip", 413, "INTAKE-TOO-LARGE"),
        (gzip.compress(b"ok", mtime=0)[:-4], "gzip", 422, "INTAKE-COMPRESSION"),
        (b"x", "gzip", 422, "INTAKE-COMPRESSION"),
        (b"x", "br", 415, "INTAKE-ENCODING"),
        (b"x", "gzip, gzip", 415, "INTAKE-ENCODING"),
        (b"", "", 422, "INTAKE-EMPTY"),
    ],
)
async def test_what_cannot_be_taken_is_a_problem(face, body, encoding, status, code):
    """A body that cannot be taken at all gets a problem with a finding, and nothing is kept."""
    got, headers, answer = await _post(face, body, **({"Content_Encoding": encoding} if encoding else {}))
    assert (got, _codes(answer)) == (status, [code])
    assert headers["Content-Type"].startswith("application/problem+json")
    assert face.intake.known == {}


async def test_an_unknown_adapter_is_a_problem(face):
    """An adapter that is not enabled cannot be named."""
    status, _, answer = await _post(face, b"ok", "/v1/messages?adapter=none")
    assert (status, _codes(answer)) == (422, ["INTAKE-ADAPTER"])


async def test_a_body_at_the_limit_passes(face):
    """The limit is exact, with and without Content-Length."""
    assert (await _post(face, b"x" * 2000))[0] == 422
    assert face.intake.known

    async def pieces(size):
        for _ in range(size // 100):
            yield b"y" * 100
        yield b"y" * (size % 100)

    async with face.session.post(face.url("/v1/messages"), data=pieces(2000)) as reply:
        assert reply.headers["X-Gateway-Outcome"] == "refused"
    async with face.session.post(face.url("/v1/messages"), data=pieces(2001)) as reply:
        assert reply.status == 413


async def test_an_expanding_body_is_stopped(start):
    """A small body that expands beyond the limit is refused by what it would become."""
    face = await start()
    face.intake.sizes = type(face.intake.sizes)(max_compressed_bytes=1000, max_bytes=2000)
    status, _, answer = await _post(face, gzip.compress(bytes(100_000)), Content_Encoding="gzip")
    assert (status, _codes(answer)) == (413, ["INTAKE-TOO-LARGE"])


async def test_busy_says_when_to_come_again(face):
    """A full gateway answers 503 with Retry-After."""
    face.intake.busy = True
    status, headers, answer = await _post(face, b"ok")
    assert (status, _codes(answer)) == (503, ["WEB-BUSY"])
    assert headers["Retry-After"] == "7"


async def test_errors_show_nothing_of_the_inside(face):
    """An unexpected error is a problem without its text."""

    async def broken(*_args, **_more):
        raise RuntimeError("secret table name")

    face.intake.submit = broken
    status, _, answer = await _post(face, b"ok")
    assert (status, _codes(answer)) == (500, ["WEB-INTERNAL"])
    assert b"secret" not in answer


async def _raw(face, *pieces, pause=0.0):
    """Send raw bytes with pauses; return what comes back until the connection ends."""
    reader, writer = await asyncio.open_connection("127.0.0.1", face.port)
    for piece in pieces:
        writer.write(piece)
        await writer.drain()
        await asyncio.sleep(pause)
    try:
        return await asyncio.wait_for(reader.read(), 20)
    finally:
        writer.close()
        await writer.wait_closed()


HEAD = b"POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n"


async def test_a_slow_body_is_cut_off(start):
    """A body that stops in the middle ends in 408, and its connection with it."""
    face = await start(pause_seconds=0.2)
    answer = await _raw(face, HEAD + b"\r\n", b"ok")
    assert answer.startswith(b"HTTP/1.1 408")
    assert b"WEB-SLOW" in answer
    assert face.intake.known == {}


async def test_a_dripping_body_is_cut_off(start):
    """A body that drips is bounded as a whole, not only between its drops."""
    face = await start(pause_seconds=5, body_seconds=0.3)
    answer = await _raw(face, HEAD + b"\r\n", *(b"o" for _ in range(8)), pause=0.1)
    assert answer.startswith(b"HTTP/1.1 408")


async def test_slow_headers_are_cut_off(start):
    """A connection that never finishes its header is closed."""
    face = await start(idle_seconds=0.3)
    assert await _raw(face, HEAD) == b""


async def test_a_silent_connection_is_cut_off(start):
    """A connection that says nothing is closed."""
    face = await start(idle_seconds=0.3)
    assert await _raw(face) == b""


async def test_connections_are_kept_longer_than_clients_keep_them():
    """The client lets an idle connection go before the server does, so no message meets a closed one."""
    connector = aiohttp.TCPConnector()
    try:
        assert connector._keepalive_timeout < IDLE_SECONDS
    finally:
        await connector.close()


@pytest.mark.skipif(
    not SOMAXCONN.exists() or int(SOMAXCONN.read_text()) < 512,
    reason="the kernel lets fewer wait than the test brings",
)
async def test_a_crowd_that_comes_at_once_is_let_in(face):
    """Hundreds connect while the loop is busy, and none is turned away or kept waiting by the kernel."""
    with contextlib.ExitStack() as stack:
        for _ in range(400):  # the loop of the server is this one, and accepts nothing meanwhile
            stack.enter_context(socket.create_connection(("127.0.0.1", face.port), timeout=0.5))
    assert (await _post(face, b"ok"))[0] == 200


async def test_an_aborted_body_is_not_taken(face):
    """A client that goes away in the middle of its body has submitted nothing."""
    _reader, writer = await asyncio.open_connection("127.0.0.1", face.port)
    writer.write(HEAD + b"\r\nok")
    await writer.drain()
    await asyncio.sleep(0.1)
    writer.close()
    await writer.wait_closed()
    await asyncio.sleep(0.1)
    assert face.intake.known == {}
    assert (await _post(face, b"ok"))[0] == 200


async def test_too_many_bodies_at_once(start):
    """Bodies in transit are bounded too, since each takes memory."""
    face = await start(pause_seconds=1)
    open_bodies = [asyncio.create_task(_raw(face, HEAD + b"\r\n", b"ok")) for _ in range(2)]
    await asyncio.sleep(0.1)
    status, headers, _ = await _post(face, b"ok")
    assert (status, "Retry-After" in headers) == (503, True)
    await asyncio.gather(*open_bodies)
    assert (await _post(face, b"ok"))[0] == 200
