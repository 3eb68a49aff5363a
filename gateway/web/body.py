# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Read the body of a request within limits of size and time, before anything of it is accepted."""

import asyncio

from aiohttp import web

from gateway.finding import finding
from gateway.web.problems import problem


async def read_body(
    request: web.Request, limit: int, *, body_seconds: float, pause_seconds: float
) -> bytes | web.Response:
    """Return the whole body, or the problem with it."""
    too_large = finding("INTAKE-TOO-LARGE", expected=f"at most {limit} bytes")
    if (request.content_length or 0) > limit:
        return problem(413, (too_large,), close=True)
    body = bytearray()
    try:
        async with asyncio.timeout(body_seconds):
            while chunk := await asyncio.wait_for(request.content.readany(), pause_seconds):
                body += chunk
                if len(body) > limit:
                    return problem(413, (too_large,), close=True)
    except TimeoutError:
        return problem(408, (finding("WEB-SLOW"),), close=True)
    except (web.RequestPayloadError, ConnectionError):
        return problem(400, (finding("WEB-SLOW"),), close=True)
    return bytes(body)
