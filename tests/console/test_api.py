# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Pages ask the interface of the node they came from, and take its answers whole."""

import asyncio

import pytest
from aiohttp import web

from gateway.console import api as module
from gateway.console.api import Api


@pytest.fixture(name="asking")
async def _asking(aiohttp_client):
    """Give a client of a page that shows an answer which comes in two pieces."""
    api = Api()

    async def pieces(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        await response.write(b'{"told": "one')
        await asyncio.sleep(0.05)
        await response.write(b' and two"}')
        return response

    async def page(request: web.Request) -> web.Response:
        return web.Response(text=(await api.get(request, "/pieces")).body["told"])

    application = web.Application()
    application.add_routes([web.get("/pieces", pieces), web.get("/page", page)])
    yield await aiohttp_client(application)
    await api.close()


async def test_an_answer_that_comes_in_pieces_is_taken_whole(asking) -> None:
    """A long answer is written in several pieces; the page has all of it."""
    async with asking.get("/page") as answer:
        assert (answer.status, await answer.text()) == (200, "one and two")


async def test_an_answer_that_is_too_long_is_none(asking, monkeypatch) -> None:
    """Beyond the limit nothing is shown, rather than a part of it."""
    monkeypatch.setattr(module, "MOST_BYTES", 15)
    async with asking.get("/page") as answer:
        assert answer.status == 502
